//! Who a prepared lead is at a destination, as the ledger knows it: hashes of
//! its key's values, else of the whole request, else of the row.

use super::amending;
use super::sendable::{Ready, fingerprint};
use crate::lead::{Lead, OURS};
use crate::ledger::{Hash16, Hasher, KeyKind};
use crate::mapping::{Identity, Plan};

/// A lead's key, what kind it is, and what would be sent, if anything would.
pub type Key = (Hash16, KeyKind, Option<Hash16>);

/// The key of a lead that is sent.
pub fn of_lead(hasher: &Hasher, plan: &Plan<'_>, judged: &Ready, lead: &Lead) -> Key {
    let (hash, kind) = key(hasher, plan, judged, lead);
    let request = match (judged, kind) {
        (_, KeyKind::Request) => Some(hash),
        (Ready::Valid(sendable), _) => Some(fingerprint(hasher, &sendable.request)),
        (Ready::Invalid(_), _) => None,
    };
    (hash, kind, request)
}

fn key(hasher: &Hasher, plan: &Plan<'_>, judged: &Ready, lead: &Lead) -> (Hash16, KeyKind) {
    match (plan.identity(lead), judged) {
        // One row to correct must not take the place of somebody else's.
        (Identity::Fields(_), Ready::Invalid(_)) if !plan.key_is_sound(lead) => {
            (of_row(hasher, lead), KeyKind::Row)
        }
        (Identity::Fields(values), _) => (
            hasher.key_of(values.iter().map(String::as_str)),
            KeyKind::Fields,
        ),
        (Identity::Request, Ready::Valid(sendable)) => {
            (fingerprint(hasher, &sendable.request), KeyKind::Request)
        }
        (Identity::Request, Ready::Invalid(_)) => (of_row(hasher, lead), KeyKind::Row),
    }
}

/// The same row out of a rejects file is the same row.
fn of_row(hasher: &Hasher, lead: &Lead) -> Hash16 {
    let names = &lead.record.header.names;
    let own = |index: usize| {
        names
            .get(index)
            .is_none_or(|name| !OURS.contains(&name.trim()))
    };
    let cells = lead.record.cells.iter().enumerate();
    let own = cells.filter(|(index, _)| own(*index)).map(|(_, cell)| cell);
    hasher.key_of(std::iter::once("row").chain(own))
}

/// The key of a change that `amend` makes.
pub fn of_change(hasher: &Hasher, judged: &Ready, lead: &Lead) -> Key {
    let (change, request) = match judged {
        Ready::Valid(sendable) => {
            let request = fingerprint(hasher, &sendable.request);
            (sendable.change.as_ref(), Some(request))
        }
        Ready::Invalid(_) => (None, None),
    };
    let cells: Vec<&str> = lead.record.cells.iter().collect();
    let key = amending::key(hasher, change, &cells);
    (key, KeyKind::Amendment, request)
}
