//! Whom lists name, for a run that changes nothing: they are not in the ledger yet.

use std::collections::HashSet;

use crate::lead::Lead;
use crate::ledger::{Hash16, Hasher};
use crate::mapping::Plan;

/// Persons, by hashes of their own.
pub struct Listed {
    pub hasher: Hasher,
    pub persons: HashSet<Hash16>,
}

impl Listed {
    /// Is one of the lead's addresses and numbers among them?
    pub fn names(&self, plan: &Plan<'_>, lead: &Lead) -> bool {
        let (email, phone) = plan.person(lead);
        let others = plan.further_contacts(lead, phone.as_deref());
        let mut contacts = email.into_iter().chain(phone).chain(others);
        contacts.any(|contact| self.persons.contains(&self.hasher.person(&contact)))
    }
}
