//! `leadctl status`: what a morning starts with.

use super::spooling;
use crate::cli;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::DestinationStatus;
use crate::output::text::counted;
use crate::output::{Exit, Kind, Output, StatusRow, quoted};
use crate::pipeline::ending;
use crate::session::Session;
use crate::session::opening;

pub fn run(session: &Session, _: &cli::Status) -> Result<Exit, Failure> {
    let Some(mut ledger) = opening::look(session)? else {
        session.warnings.note(&format!(
            "nothing was sent yet: there is no ledger at {}",
            session.settings.ledger.display()
        ));
        return Ok(Exit::Done);
    };
    spooling::import_orphans(session, &mut ledger)?;
    let mut output = Output::new(session.format(), Kind::Status, false, &session.progress);
    let mut worst: Option<Exit> = None;
    for status in ledger.status().map_err(opening::failure)? {
        let row = row(session, &status);
        worst = [worst, exit(&row)].into_iter().flatten().min();
        output.line(&row);
    }
    crate::pipeline::ending::finish(output)?;
    Ok(worst.unwrap_or(Exit::Done))
}

/// A doubt is told until it is settled, and so is what was not sent.
fn exit(row: &StatusRow) -> Option<Exit> {
    let doubts = (row.in_doubt > 0).then_some(Exit::InDoubt);
    let again = (row.failed + row.unsent > 0).then_some(Exit::Again);
    doubts.or(again)
}

fn row(session: &Session, status: &DestinationStatus) -> StatusRow {
    let open = [State::Pending, State::InDoubt, State::Failed, State::Unsent];
    let oldest = status
        .counts
        .iter()
        .filter(|count| open.contains(&count.state))
        .map(|count| count.oldest)
        .min();
    StatusRow {
        destination: status.destination.clone(),
        pending: status.count(State::Pending),
        in_doubt: status.count(State::InDoubt),
        failed: status.count(State::Failed),
        unsent: status.count(State::Unsent),
        oldest,
        last_success: status.last_success,
        next: next(session, status)
            .iter()
            .map(|text| session.spelling.spell(text))
            .collect(),
    }
}

fn next(session: &Session, status: &DestinationStatus) -> Vec<String> {
    let to = &status.destination;
    let mut next = Vec::new();
    if let Some(held) = &status.held {
        let who = opening::held_by(held);
        next.push(match status.being_sent {
            0 => format!("{who} is at work"),
            sent => format!(
                "{who} is at work: {} now, and in doubt until it has the answer",
                counted(sent, "lead is being sent", "leads are being sent")
            ),
        });
    }
    let doubts = status.leads(State::InDoubt) > status.being_sent;
    let Some(destination) = session.settings.catalogue.get(to) else {
        next.push(format!(
            "\"{to}\" is no destination any more: a table that took its place says formerly = [\"{to}\"]"
        ));
        return next;
    };
    let to = quoted(to);
    if doubts {
        next.push(ending::doubt_advice(destination));
    }
    let looked_for = doubts && destination.find.is_some();
    if status.count(State::Pending) > 0 && destination.follow.is_some() && !looked_for {
        next.push(format!("leadctl follow --to {to}"));
    }
    for state in [State::Unsent, State::Failed] {
        if status.leads(state) > 0 {
            next.push(format!("leadctl resend --to {to} --state {state}"));
        }
    }
    let open = [State::InDoubt, State::Unsent, State::Failed];
    if open.into_iter().any(|state| status.changes(state) > 0) {
        next.push(ending::change_advice(destination));
    }
    next
}
