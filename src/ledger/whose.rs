//! Whose lead a row of a partner's file is about: found by what the row says of it, and
//! left alone where anything in the row contradicts.

use super::destination::number_of;
use super::lead::{self, StoredLead};
use super::{Hash16, Ledger, LedgerError};

/// Which lead a row of a partner's file means, in one way or several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whose {
    pub id: Option<i64>,
    pub reference: Option<String>,
    pub email: Option<Hash16>,
    pub phone: Option<Hash16>,
}

impl Whose {
    /// Does nothing that it says contradict the lead?
    fn agrees(&self, lead: &StoredLead) -> bool {
        let differs = |said: Option<Hash16>, known: Option<Hash16>| {
            said.is_some() && known.is_some() && said != known
        };
        let reference = self.reference.as_ref().zip(lead.reference.as_ref());
        reference.is_none_or(|(said, known)| said == known)
            && !differs(self.email, lead.email)
            && !differs(self.phone, lead.phone)
    }
}

impl Ledger {
    /// The leads that a row may mean, at the destination with these names (none: at any);
    /// and those that it names in one way, and contradicts in another.
    pub fn leads_meant(
        &self,
        names: &[&str],
        whose: &Whose,
    ) -> Result<(Vec<StoredLead>, Vec<StoredLead>), LedgerError> {
        let found = self.read(|conn| {
            if let Some(id) = whose.id {
                return Ok(Vec::from_iter(lead::by_id(conn, id)?));
            }
            let named = |reference: Option<&str>| {
                let mut found = Vec::new();
                for name in names {
                    if let Some(destination) = number_of(conn, name)? {
                        let contacts = [whose.email, whose.phone];
                        found.extend(lead::named_so(conn, destination, reference, contacts)?);
                    }
                }
                Ok::<_, rusqlite::Error>(found)
            };
            let found = match &whose.reference {
                Some(reference) => named(Some(reference))?,
                None => Vec::new(),
            };
            // A partner that told us no reference may have one in its own books.
            if found.is_empty() {
                return named(None);
            }
            Ok(found)
        })?;
        let is_theirs = |lead: &StoredLead| names.is_empty() || names.contains(&&*lead.destination);
        let fits = |lead: &StoredLead| is_theirs(lead) && whose.agrees(lead);
        Ok(found.into_iter().partition(fits))
    }
}
