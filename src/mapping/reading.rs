//! How a lead's own values are read: without the white space around them, and
//! its numbers as those of its own country.

use super::formats::country;
use super::formats::phone::same_plan;
use crate::config::Destination;
use crate::lead::text::bare;
use crate::lead::{Columns, Lead};

/// How the values of one input's leads are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'d> {
    /// The destination's country: of leads that don't say theirs.
    pub home: &'d str,
    /// Its name, which most rows that say anything say.
    name: &'static str,
    column: Option<usize>,
    /// Of rows that leave that column blank.
    default: Option<&'d str>,
    trims: bool,
}

impl<'d> Reading<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns) -> Self {
        let home = destination.country.as_str();
        Self {
            home,
            name: country::name_fr(home.trim()).unwrap_or_default(),
            column: columns.index_of_field("country"),
            default: destination.default_of("country"),
            trims: true,
        }
    }

    /// As it was done before leads had a country and values were trimmed: what
    /// was sent then is still known by it.
    pub fn formerly(self) -> Self {
        Self {
            column: None,
            default: None,
            trims: false,
            ..self
        }
    }

    /// The country of this lead's numbers: its own where that is known.
    pub fn country(&self, lead: &Lead) -> &'d str {
        self.own(lead).unwrap_or(self.home)
    }

    /// The lead's own country, where it is another than the destination's.
    fn own(&self, lead: &Lead) -> Option<&'static str> {
        let named = self.column.and_then(|column| lead.filled(column));
        let named = named.or(self.default)?;
        let is_home = [self.home, self.name]
            .iter()
            .any(|home| home.eq_ignore_ascii_case(named));
        match is_home {
            true => None,
            false => country::code(named).filter(|own| !own.eq_ignore_ascii_case(self.home)),
        }
    }

    /// A cell as it is taken.
    pub fn value<'l>(&self, cell: &'l str) -> &'l str {
        match self.trims {
            true => bare(cell),
            false => cell,
        }
    }

    /// Whether this lead may have been sent otherwise [before](Self::formerly).
    pub fn differs(&self, lead: &Lead) -> bool {
        let abroad = self.own(lead).is_some_and(|own| !same_plan(own, self.home));
        let mut cells = lead.record.cells.iter();
        abroad || cells.any(|cell| bare(cell).len() < cell.len())
    }
}
