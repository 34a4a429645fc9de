//! The rows of stored leads.

use crate::ledger::StoredLead;
use crate::output::Row;

/// A stored lead, as it stands.
pub fn standing(stored: &StoredLead) -> Row {
    Row {
        file: stored.file.clone(),
        line: Some(stored.line),
        id: Some(stored.id),
        lead: stored
            .label
            .clone()
            .unwrap_or_else(|| "(purged)".to_owned()),
        destination: stored.destination.clone(),
        source: stored.source.clone(),
        reference: stored.reference.clone(),
        message: stored.message.clone().unwrap_or_default(),
        status: stored.status,
        attempts: stored.attempts,
        ..Row::new(stored.state)
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
