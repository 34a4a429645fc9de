//! Whose numbers and postcodes a lead's are.

use crate::config::{Destination, countries};
use crate::lead::{Columns, Lead};

/// The country by whose rules a lead's phones and postcodes are read, and where
/// it is found in one input: the lead's own, else the destination's.
#[derive(Debug, Clone, Copy)]
pub struct Locale<'d> {
    /// The destination's country: of leads that don't say theirs.
    pub home: &'d str,
    column: Option<usize>,
    /// Of rows that leave that column blank.
    default: Option<&'d str>,
}

impl<'d> Locale<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns) -> Self {
        Self {
            home: &destination.country,
            column: columns.index_of_field("country"),
            default: destination.default_of("country"),
        }
    }

    /// The country of this lead's numbers: its own where that is known.
    pub fn country(&self, lead: &Lead) -> &'d str {
        let named = self.column.and_then(|column| lead.filled(column));
        match named.or(self.default) {
            Some(named) if !named.eq_ignore_ascii_case(self.home) => {
                countries::code(named).unwrap_or(self.home)
            }
            _ => self.home,
        }
    }
}
