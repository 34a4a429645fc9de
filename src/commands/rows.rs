//! Stored leads, found by their id, and their rows.

use crate::error::Failure;
use crate::lead::FilterReason;
use crate::ledger::{Ledger, PastRun, StoredLead};
use crate::output::{Command, Contact, Reason, Row, RunRow, Times};
use crate::session::{Session, opening};
use crate::words::say;

/// A stored lead, as it stands.
pub fn standing(stored: &StoredLead) -> Row {
    let label = stored.label.clone();
    Row {
        file: stored.file.clone(),
        line: Some(stored.line),
        id: Some(stored.id),
        lead: label.unwrap_or_else(|| match stored.filtered() {
            Some(FilterReason::Blocked) => say!("rows-blocked"),
            _ => say!("rows-purged"),
        }),
        destination: stored.destination.clone(),
        source: stored.source.clone(),
        reason: (stored.filtered().map(Reason::Filtered)).or(stored.held().map(Reason::Held)),
        route: stored.route.clone(),
        reference: stored.reference.clone(),
        message: stored.message().unwrap_or_default().into(),
        status: stored.status,
        attempts: stored.attempts,
        ..Row::new(stored.state)
    }
}

/// A stored lead with its person and its instants.
pub fn timed(stored: &StoredLead) -> Row {
    Row {
        contact: Some(Contact {
            email: stored.email_text.clone(),
            phone: stored.phone_text.clone(),
        }),
        times: Some(Times {
            sent_at: stored.sent_at,
            decided_at: stored.decided_at,
            expires_at: stored.expires_at,
        }),
        ..standing(stored)
    }
}

/// A stored lead as the row of a run that asks begins: only its own attempts
/// are counted.
pub fn asked(stored: &StoredLead) -> Row {
    Row {
        attempts: 0,
        ..standing(stored)
    }
}

/// A run that was.
pub fn run(past: PastRun) -> RunRow {
    RunRow {
        run: past.id,
        command: past.command,
        destination: past.destination,
        started_at: Some(past.started_at),
        ended_at: past.ended_at,
        states: past.states,
        exit: past.exit,
        killed: past.was_killed,
    }
}

/// The ledger, or word that there is none.
pub fn ledger(session: &Session) -> Result<Option<Ledger>, Failure> {
    let ledger = opening::look(session)?;
    if ledger.is_none() {
        let path = session.settings.ledger.as_path();
        session.warnings.note(&say!("rows-nothing-sent", path));
    }
    Ok(ledger)
}

/// A stored lead by its id: a misspelt one must not pass for "nothing to do".
pub fn stored(ledger: &Ledger, id: i64) -> Result<StoredLead, Failure> {
    ledger.lead(id)?.ok_or_else(|| {
        let command = Command::new(["history"]).to_string();
        Failure::usage(say!("word-no-lead", lead = id))
            .hint(say!("rows-no-such-lead-hint", command))
    })
}
