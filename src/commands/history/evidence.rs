//! `leadctl history --person … --output FILE.html`: the page to show when somebody asks.

use std::path::Path;

use super::super::person::{self, Person};
use super::super::saved::save;
use crate::calendar;
use crate::error::Failure;
use crate::ledger::{FileKind, Ledger, ProvenConsent, Recipient, StoredLead};
use crate::output::html::{Agreement, Evidence, HeldBy, evidence};
use crate::output::{Command, Exit};
use crate::session::Session;
use crate::words::say;

pub fn write(session: &Session, ledger: &Ledger, text: &str, path: &Path) -> Result<Exit, Failure> {
    person::tell_doubt(text, &session.warnings);
    let person = Person::named(text, ledger)?;
    let leads = person.leads(ledger)?;
    let shown = path.display().to_string();
    person.alone(text, &leads, |id| {
        Command::new(["history", "--person", id, "--output", &shown])
    })?;
    if leads.is_empty() {
        let what = say!("history-no-page", person = text);
        return Err(Failure::usage(what).hint(say!("history-no-page-hint")));
    }
    let catalogue = &session.settings.catalogue;
    let (now, kept_for) = (calendar::now(), &catalogue.keep_proof.0);
    let since = kept_for.before(now.timestamp().as_millisecond());
    let record = ledger.consent_record(&leads, &person.hashes, since)?;
    let purged = |is_kept: bool| {
        let purged = leads.iter().filter(|lead| lead.fields.is_none());
        let of_time = purged.filter(|lead| (lead.came_at() >= since) == is_kept);
        of_time.count() as u64
    };
    let recipients = record.recipients.into_iter();
    let page = evidence(&Evidence {
        name: latest(&leads, |lead| lead.label.as_ref()),
        contacts: contacts(&leads, text),
        agreed: record.given.into_iter().map(agreement).collect(),
        recipients: recipients.map(|it| held_by(session, it)).collect(),
        withdrawn: record.withdrawn.map(|no| (no.at, no.read_at)),
        noes_before: record
            .noes_before
            .iter()
            .map(|no| (no.at, no.read_at))
            .collect(),
        blocked_since: record.blocked_since,
        purged: purged(true),
        over: purged(false),
        kept_for: kept_for.to_string(),
        made: now,
    });
    save(session, (ledger, FileKind::Persons), path, page.as_bytes())?;
    Ok(Exit::Done)
}

fn latest(leads: &[StoredLead], text: impl Fn(&StoredLead) -> Option<&String>) -> String {
    let mut found = leads.iter().rev().filter_map(text);
    found.next().cloned().unwrap_or_default()
}

/// Their addresses and numbers; of whom all was purged, what they were asked for by.
fn contacts(leads: &[StoredLead], text: &str) -> Vec<String> {
    let told = leads
        .iter()
        .flat_map(|lead| [&lead.email_text, &lead.phone_text]);
    let mut contacts: Vec<String> = Vec::new();
    for contact in told.flatten() {
        if !contacts.contains(contact) {
            contacts.push(contact.clone());
        }
    }
    if contacts.is_empty() {
        contacts.push(text.trim().to_owned());
    }
    contacts
}

fn agreement(
    ProvenConsent {
        proof,
        wording,
        leads,
    }: ProvenConsent,
) -> Agreement {
    Agreement {
        at: proof.at,
        given: proof.given,
        place: proof.place,
        names: proof.names,
        wording,
        wording_hash: proof.wording,
        row_hash: proof.row,
        row: say!("rows-place", file = proof.file, line = proof.line),
        leads,
    }
}

fn held_by(session: &Session, recipient: Recipient) -> HeldBy {
    let destination = session.settings.catalogue.get(&recipient.destination);
    HeldBy {
        lead: recipient.lead,
        about: destination.and_then(|it| Some(it.about.as_ref()?.to_string())),
        ask: destination.and_then(|it| Some(it.ask.as_ref()?.to_string())),
        destination: recipient.destination,
        sent_at: recipient.sent_at,
        decided_at: recipient.decided_at,
        reference: recipient.reference,
        state: recipient.state,
    }
}
