//! What the ledger says of a destination's table that `send` would refuse or
//! warn of. Looks, and writes nothing: a check settles no lead.

use super::proof::{Finding, Proof};
use crate::commands::identity;
use crate::error::Failure;
use crate::ledger::{Ledger, Mode};
use crate::session::Session;

/// The ledger, if there is one that can be read; why not is told.
pub fn ledger(session: &Session) -> Option<Ledger> {
    match Ledger::open(&session.settings.ledger, Mode::Existing) {
        Ok(ledger) => Some(ledger),
        Err(error) => {
            if !error.is_missing() {
                session.warnings.warn(&error.to_string());
            }
            None
        }
    }
}

/// Adds what the ledger makes wrong; what it only warns of is returned.
pub fn add(
    proof: &mut Proof<'_>,
    ledger: &Ledger,
    session: &Session,
) -> Result<Vec<String>, Failure> {
    let destination = proof.destination;
    if let Some(failure) = identity::changed_key(ledger, destination)? {
        proof.wrong.push(Finding::of(failure));
    }
    let catalogue = &session.settings.catalogue;
    identity::unknown_names(ledger, destination, catalogue)
}
