//! The rows of stored leads.

use crate::ledger::StoredLead;
use crate::output::{Row, Times};
use crate::session::Session;

/// A stored lead, as it stands.
pub fn standing(stored: &StoredLead) -> Row {
    let label = stored.label.clone();
    Row {
        file: stored.file.clone(),
        line: Some(stored.line),
        id: Some(stored.id),
        lead: label.unwrap_or_else(|| "(purged)".to_owned()),
        destination: stored.destination.clone(),
        source: stored.source.clone(),
        reference: stored.reference.clone(),
        message: stored.message().unwrap_or_default(),
        status: stored.status,
        attempts: stored.attempts,
        ..Row::new(stored.state)
    }
}

/// A stored lead with its instants.
pub fn timed(stored: &StoredLead) -> Row {
    Row {
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

/// What a command says that finds no ledger to read.
pub fn nothing_sent(session: &Session) -> String {
    format!(
        "nothing was sent yet: there is no ledger at {}",
        session.settings.ledger.display()
    )
}
