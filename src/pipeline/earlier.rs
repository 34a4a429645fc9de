//! The rows of leads that are there already, or never to be sent: what they
//! say.

use crate::lead::State;
use crate::ledger::ExistingLead;
use crate::output::{Reason, Row};

/// A row about somebody who is never to be sent again.
pub fn blocked(row: Row, since: i64) -> Row {
    Row {
        state: State::Skipped,
        message: format!(
            "blocked since {}: this person is never to be sent",
            day(since)
        ),
        ..row
    }
}

/// A row whose lead is there already.
pub fn skipped(row: Row, earlier: ExistingLead) -> Row {
    let message = already(&row, &earlier);
    Row {
        id: Some(earlier.id),
        state: State::Skipped,
        reason: Some(match earlier.in_flight {
            true => Reason::HeldByRun,
            // This run settles it.
            false if earlier.same_run => Reason::Settled,
            false => Reason::of(earlier.state),
        }),
        // The run that sends it tells what became of it.
        earlier: Some(earlier.state).filter(|_| !earlier.same_run && !earlier.in_flight),
        reference: earlier.reference,
        message,
        ..row
    }
}

pub fn already(row: &Row, earlier: &ExistingLead) -> String {
    if earlier.same_run {
        return match earlier.file == row.file {
            true => format!("the same lead as line {}", earlier.line),
            false => format!("the same lead as {} line {}", earlier.file, earlier.line),
        };
    }
    if earlier.in_flight {
        return "another run is sending it at this moment".to_owned();
    }
    let mut said = String::with_capacity(64);
    said.push_str("already ");
    said.push_str(&earlier.state.as_str().replace('_', " "));
    if let Some(at) = earlier.sent_at {
        said.push_str(" since ");
        said.push_str(&day(at));
    }
    if let Some(reference) = &earlier.reference {
        said.push_str(", reference ");
        said.push_str(reference);
    }
    if let (Some(message), State::InDoubt | State::Rejected) = (&earlier.message, earlier.state) {
        said.push_str(" (");
        said.push_str(message);
        said.push(')');
    }
    said
}

/// A moment as the local day.
fn day(at: i64) -> String {
    crate::output::day(at, &jiff::tz::TimeZone::system())
}
