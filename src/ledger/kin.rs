//! Whose a lead is, by what it is known by.

use super::Hash16;

/// What a lead's person is known by.
#[derive(Debug, Clone, Copy)]
pub struct Person<'l> {
    pub email: Option<Hash16>,
    pub phone: Option<Hash16>,
    pub label: Option<&'l str>,
}

impl Person<'_> {
    /// The same address, number or label. Not every lead that a file's
    /// `leadctl_id` names is its row's: the file may come from another ledger.
    pub fn is(&self, other: &Person<'_>) -> bool {
        self.email.is_some() && self.email == other.email
            || self.phone.is_some() && self.phone == other.phone
            || self.label.is_some() && self.label == other.label
    }
}
