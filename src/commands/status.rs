//! `leadctl status`: what a morning starts with.

use super::{rows, spooling};
use crate::cli;
use crate::lead::State;
use crate::ledger::{DestinationStatus, SharedReference};
use crate::output::text::counted;
use crate::output::{Exit, Layout, StatusRow};
use crate::pipeline::ending::{self, LeftOpen};
use crate::pipeline::ordered::OrderedOutput;
use crate::session::{Session, opening};

pub fn run(session: &Session, _: &cli::Status) -> anyhow::Result<Exit> {
    let Some(mut ledger) = rows::ledger(session)? else {
        return Ok(Exit::Done);
    };
    if let Err(older) = ledger.refuse_older() {
        session.warnings.warn(&older.to_string());
    }
    let mut unseen = OrderedOutput::new(session, None);
    // On a disk that takes nothing, what can be read is told all the same.
    if let Err(failure) = spooling::import_orphans(session, &mut ledger, &mut unseen) {
        session.warnings.warn(&failure.what);
    }
    let mut output = session.output(Layout::Status);
    let mut worst = Exit::Done;
    for status in ledger.status()? {
        let row = row(session, &status);
        worst = worst.min(exit(&row));
        output.line(&row);
    }
    ending::finish(output)?;
    Ok(worst)
}

/// A doubt is told until it is settled, and so is what was not sent.
fn exit(row: &StatusRow) -> Exit {
    match (row.in_doubt, row.failed + row.unsent) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Again,
        _ => Exit::InDoubt,
    }
}

fn row(session: &Session, status: &DestinationStatus) -> StatusRow {
    let open = (status.counts.iter()).filter(|count| count.state.is_open());
    StatusRow {
        destination: status.destination.clone(),
        pending: status.count(State::Pending),
        in_doubt: status.count(State::InDoubt),
        failed: status.count(State::Failed),
        unsent: status.count(State::Unsent),
        oldest: open.map(|count| count.oldest).min(),
        last_success: status.last_success,
        next: next(session, status),
    }
}

fn next(session: &Session, status: &DestinationStatus) -> Vec<String> {
    let to = status.destination.as_str();
    let mut next: Vec<String> = at_work(status).into_iter().collect();
    let Some(destination) = session.settings.catalogue.get(to) else {
        next.push(format!(
            "\"{to}\" is no destination any more: a table that took its place says formerly = [\"{to}\"]"
        ));
        return next;
    };
    let open = [State::InDoubt, State::Unsent, State::Failed];
    let open = LeftOpen {
        doubts: status.leads(State::InDoubt) > status.being_sent,
        pending: status.count(State::Pending) > 0,
        unsent: status.leads(State::Unsent) > 0,
        failed: status.leads(State::Failed) > 0,
        held: status.count(State::Held) > 0,
        changes: open.into_iter().any(|state| status.changes(state) > 0),
        asked: false,
    };
    next.extend(open.advice(destination));
    next.extend(status.shared.as_ref().map(one_number));
    next
}

/// One answer may have been given to several leads.
fn one_number(shared: &SharedReference) -> String {
    let (leads, reference) = (shared.leads, &shared.reference);
    match shared.others {
        0 => format!(
            "{leads} leads of several persons have the same reference {reference}: ask the partner \
             whether it has them all"
        ),
        others => format!(
            "{leads} leads of several persons have the same reference {reference}, and so it is with \
             {}: ask the partner whether it has them all",
            counted(others as u64, "more reference", "more references")
        ),
    }
}

/// Another run that has the destination.
fn at_work(status: &DestinationStatus) -> Option<String> {
    let who = opening::held_by(status.held.as_ref()?);
    Some(match status.being_sent {
        0 => format!("{who} is at work"),
        sent => format!(
            "{who} is at work: {} now, and in doubt until it has the answer",
            counted(sent, "lead is being sent", "leads are being sent")
        ),
    })
}
