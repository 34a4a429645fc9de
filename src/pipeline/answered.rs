//! The row of a lead as the ledger answered, for a run and for whoever looks ahead of one.

use crate::lead::{FilterReason, State};
use crate::ledger::{DedupOutcome, Holder, Objection, Rival, StoredLead};
use crate::output::{Command, Message, Reason, Row};
use crate::session::opening::held_by;
use crate::words::say;

/// The row, and whether a user was told that before. `elsewhere`: the note of
/// `--record-only`.
pub fn answered(row: Row, outcome: DedupOutcome, elsewhere: &str) -> (Row, bool) {
    let id = outcome.id();
    match outcome {
        DedupOutcome::Send { notified, .. }
        | DedupOutcome::Invalid { notified, .. }
        | DedupOutcome::Kept { notified, .. } => (Row { id, ..row }, notified),
        DedupOutcome::Recorded { .. } => {
            let message = say!("answered-recorded", note = elsewhere).into();
            let row = Row {
                id,
                message,
                state: State::Delivered,
                reason: None,
                ..row
            };
            (row, false)
        }
        DedupOutcome::Skip {
            earlier,
            same_run,
            held,
        } => {
            let notified = earlier.notified();
            (skipped(row, *earlier, same_run, held), notified)
        }
        DedupOutcome::KeptOut {
            rival, notified, ..
        } => {
            let row = kept_out(row, &rival);
            (Row { id, ..row }, notified)
        }
        DedupOutcome::Objected { objection, .. } => {
            let row = objected(row, objection);
            (Row { id, ..row }, true)
        }
    }
}

/// The row about somebody whom another destination of the group has.
pub fn kept_out(row: Row, rival: &Rival) -> Row {
    Row {
        state: State::Filtered,
        reason: Some(Reason::Filtered(FilterReason::Exclusive)),
        message: rival.words().into(),
        ..row
    }
}

/// The row about somebody who is never to be sent again.
pub fn objected(row: Row, objection: Objection) -> Row {
    Row {
        state: State::Filtered,
        reason: Some(Reason::Filtered(FilterReason::Blocked)),
        message: objection.words().into(),
        ..row
    }
}

/// The row of a lead that is there already.
fn skipped(row: Row, earlier: StoredLead, same_run: bool, held: Option<Holder>) -> Row {
    let message = match &held {
        Some(who) => say!("answered-by-holder", who = held_by(who)).into(),
        None => already(&row, &earlier, same_run),
    };
    let in_flight = earlier.in_flight() || held.is_some();
    Row {
        id: Some(earlier.id),
        state: State::Skipped,
        reason: Some(match same_run {
            // This run settles it.
            true => Reason::Settled,
            false if in_flight => Reason::HeldByRun,
            false => Reason::of(earlier.state),
        }),
        // The run that sends it tells what became of it.
        earlier: Some(earlier.state).filter(|_| !same_run && !in_flight),
        reference: earlier.reference,
        message,
        // By a route it may be elsewhere.
        destination: earlier.destination,
        ..row
    }
}

fn already(row: &Row, earlier: &StoredLead, same_run: bool) -> Message {
    if same_run {
        return match earlier.file == row.file {
            true if row.line == Some(earlier.line) => say!("answered-goes-first").into(),
            true => say!("answered-same-line", line = earlier.line).into(),
            false => {
                let (file, line) = (&earlier.file, earlier.line);
                say!("answered-same-line-of", file, line).into()
            }
        };
    }
    if earlier.in_flight() {
        return say!("answered-in-flight").into();
    }
    let state = earlier.state.in_words();
    let stands = match earlier.sent_at {
        Some(at) => say!("answered-already-since", state, day = day(at)),
        None => say!("answered-already", state),
    };
    let whole = match &earlier.reference {
        Some(reference) => say!("answered-with-reference", stands = &stands, reference),
        None => stands.clone(),
    };
    // The table has the reference beside this.
    let (whole, short) = match (earlier.message(), earlier.state) {
        (Some(why), State::InDoubt | State::Rejected) => {
            (format!("{whole} ({why})"), format!("{stands} ({why})"))
        }
        _ => (whole, stands),
    };
    if earlier.state != State::Rejected {
        return Message::from(whole).in_short(short);
    }
    let id = earlier.id.to_string();
    let resend = Command::new(["resend", "--to", &earlier.destination, &id]);
    let command = resend.to_string();
    let whole = Message::from(say!("answered-resend", stands = whole, command));
    whole.in_short(short).with_command(&resend)
}

/// The day of a moment.
fn day(at: i64) -> String {
    crate::outcome::moment::near_day(at, &crate::calendar::zone())
}
