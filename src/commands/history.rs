//! `leadctl history`: what happened to each lead; with an ID, each attempt.

use super::person::{self, Person};
use super::rows;
use crate::cli;
use crate::error::Failure;
use crate::ledger::{Filter, Hash16, Ledger, PastAttempt, StoredLead};
use crate::output::{AttemptRow, Exit, Layout};
use crate::pipeline::corrections::{self, Corrections};
use crate::pipeline::ending;
use crate::session::Session;

pub fn run(session: &Session, args: &cli::History) -> anyhow::Result<Exit> {
    let Some(ledger) = rows::ledger(session)? else {
        return Ok(Exit::Done);
    };
    Ok(match args.id {
        Some(id) => one(session, &ledger, id)?,
        None => many(session, &ledger, args)?,
    })
}

fn many(session: &Session, ledger: &Ledger, args: &cli::History) -> Result<Exit, Failure> {
    let filter = Filter {
        destination: args.to.clone(),
        states: args.state.clone(),
        since: args.since,
        until: args.until,
        ..Filter::default()
    };
    if let Some(name) = &args.to
        && !ledger.destinations()?.contains(name)
    {
        session.settings.destination(name)?;
    }
    let person = args.person.as_deref();
    let person = person.map(|text| Person::named(text, ledger)).transpose()?;
    // Of those purged nothing is told.
    let is_theirs = |lead: &StoredLead| {
        let person = person.as_ref();
        person.is_none_or(|person| lead.fields.is_some() && person.is(lead))
    };
    let rejects = corrections::create(args.rejects.as_deref(), false)?;
    let mut rejects = rejects.map(|file| Corrections::new(file, Some(ledger), true));
    let mut output = session.output(Layout::History);
    let mut any = false;
    for lead in ledger.leads(filter)? {
        let lead = lead?;
        if !is_theirs(&lead) {
            continue;
        }
        any = true;
        let row = rows::timed(&lead);
        output.row(&row);
        if let Some(rejects) = &mut rejects {
            rejects.settled(&row, None);
        }
    }
    ending::finish(output)?;
    if let (Some(text), false) = (&args.person, any) {
        person::tell_doubt(text, &session.warnings);
    }
    if let Some(rejects) = rejects
        && rejects.finish(session)?.is_empty()
        && any
    {
        session.warnings.note(
            "no file was written: none of these leads is invalid or rejected with its row still stored",
        );
    }
    if !any {
        session.warnings.note("no lead matches");
    }
    Ok(Exit::Done)
}

fn one(session: &Session, ledger: &Ledger, id: i64) -> Result<Exit, Failure> {
    let lead = rows::stored(ledger, id)?;
    let mut output = session.output(Layout::Attempts);
    for (attempt, number) in ledger.attempts(id)?.into_iter().zip(1..) {
        output.line(&attempt_row(attempt, number, &lead));
    }
    ending::finish(output)?;
    let message = lead.message();
    session.warnings.note(&format!(
        "lead {id} ({}, {} line {}): {}{}",
        lead.label.as_deref().unwrap_or("purged"),
        lead.file,
        lead.line,
        lead.state,
        message.map_or_else(String::new, |message| format!(", {message}"))
    ));
    Ok(Exit::Done)
}

fn hex(hash: Hash16) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attempt_row(attempt: PastAttempt, number: u32, lead: &StoredLead) -> AttemptRow {
    let message = attempt.message().unwrap_or_default();
    AttemptRow {
        id: lead.id,
        attempt: number,
        destination: lead.destination.clone(),
        started_at: Some(attempt.started_at),
        ended_at: attempt.ended_at,
        trigger: attempt.trigger.as_str().to_owned(),
        reason: attempt.reason,
        transport: attempt.transport,
        status: attempt.status,
        state: attempt.state,
        message,
        excerpt: attempt.excerpt,
        payload: attempt.payload.map(hex),
    }
}
