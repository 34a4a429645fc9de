//! What the ledger stored with the lead that a row of a rejects file names: the
//! row comes back as it was read then, with what a person corrected in it.

use std::sync::Arc;

use crate::error::Failure;
use crate::lead::{Columns, Headers, Lead, OURS, Record, State, Stored, from_stored};
use crate::ledger::{Hasher, LedgerReader, Person, StoredLead};
use crate::mapping::Plan;
use crate::session::opening;

/// Said behind the message of a damage that nobody mended.
const AGAIN: &str = " (not corrected yet)";

/// Finds what was stored.
pub struct Recall {
    reader: LedgerReader,
    hasher: Hasher,
    destination: String,
    headers: Headers,
}

/// A lead as the ledger has it.
pub struct Recalled {
    pub source: Option<String>,
    stored: Stored,
    state: State,
}

impl Recall {
    pub fn new(reader: LedgerReader, hasher: Hasher, destination: &str) -> Self {
        Self {
            reader,
            hasher,
            destination: destination.to_owned(),
            headers: Headers::new(),
        }
    }

    /// The lead that a row names, if it is this person's.
    pub fn named(
        &mut self,
        id: i64,
        lead: &Lead,
        plan: &Plan<'_>,
    ) -> Result<Option<Recalled>, Failure> {
        let found = self.reader.lead(id).map_err(opening::failure)?;
        let Some(found) = found.filter(|found| found.destination == self.destination) else {
            return Ok(None);
        };
        let Some(fields) = &found.fields else {
            return Ok(None);
        };
        let file: Arc<str> = found.file.as_str().into();
        let stored = from_stored(fields, &file, found.line, &mut self.headers)
            .map_err(Failure::unfinished)?;
        if !is_same(&lead.record, &stored.record) && !self.is_kin(&found, &stored, lead, plan) {
            return Ok(None);
        }
        Ok(Some(Recalled {
            source: found.source,
            state: found.state,
            stored,
        }))
    }

    /// A row of which the very thing was corrected that its lead was known by
    /// shows by its columns where it comes from.
    fn is_kin(&self, found: &StoredLead, stored: &Stored, lead: &Lead, plan: &Plan<'_>) -> bool {
        let (email, phone) = plan.person(lead);
        let email = email.map(|email| self.hasher.person("email", &email));
        let phone = phone.map(|phone| self.hasher.person("phone", &phone));
        let label = lead.label();
        let theirs = Person {
            email,
            phone,
            label: Some(&label),
        };
        let refused = matches!(found.state, State::Invalid | State::Rejected);
        let told = said(&lead.record).filter(|told| !told.is_empty());
        let ours = told.is_some() && told == found.message.as_deref().map(str::trim);
        found.person().is(&theirs)
            || refused && (ours || has_same_columns(&lead.record, &stored.record))
    }
}

impl Recalled {
    /// The row as it was read.
    pub fn record(&self) -> &Record {
        &self.stored.record
    }

    /// Why a row that was damaged, and says what it said then, is refused again.
    pub fn fault(&self, record: &Record) -> Option<String> {
        let fault = self.stored.record.fault.as_ref()?;
        let untouched = self.state == State::Invalid
            && record.fault.is_none()
            && is_same(record, &self.stored.record);
        untouched.then(|| match fault.ends_with(AGAIN) {
            true => fault.clone(),
            false => format!("{fault}{AGAIN}"),
        })
    }

    /// What fills the blanks of a row under these columns: what this run sets,
    /// what was set then, and the cells of columns that the file has no more.
    /// `then`: what the columns were.
    pub fn set(
        &self,
        now: &[(String, String)],
        columns: &Columns,
        then: &Columns,
    ) -> Vec<(String, String)> {
        let mut set: Vec<(String, String)> = Vec::new();
        let mut add = |name: &str, value: &str| {
            if set.iter().all(|(known, _)| known != name) {
                set.push((name.to_owned(), value.to_owned()));
            }
        };
        // What is set fills blanks only, so a cell goes before it. The cells of a
        // damaged row may stand under the wrong columns.
        let cells = self.stored.record.cells.iter().enumerate();
        for (index, cell) in cells.filter(|_| self.stored.record.fault.is_none()) {
            let name = then.field_at(index).unwrap_or(then.header_of(index));
            let gone = columns.index_of(name).is_none() && !OURS.contains(&name.trim());
            if gone && !cell.trim().is_empty() {
                add(name, cell);
            }
        }
        for (name, value) in now.iter().chain(&self.stored.set) {
            add(name, value);
        }
        set
    }
}

/// What a row of a rejects file says of its refusal: our own words.
fn said(row: &Record) -> Option<&str> {
    let mut names = row.header.names.iter();
    let at = names.position(|name| name.trim() == OURS[2])?;
    row.cells.get(at).map(str::trim)
}

/// Whether two rows have the same columns, ours aside.
fn has_same_columns(row: &Record, stored: &Record) -> bool {
    let names = |record: &Record| -> Vec<String> {
        let names = record.header.names.iter().map(|name| name.trim());
        let own = names.filter(|name| !name.is_empty() && !OURS.contains(name));
        own.map(str::to_owned).collect()
    };
    names(row) == names(stored)
}

/// Whether two rows say the same under the same names, ours aside; a cell that
/// is not there is as good as blank.
fn is_same(row: &Record, stored: &Record) -> bool {
    let cells = |record: &Record| -> Vec<(String, String)> {
        let cell = |(index, cell): (usize, &str)| {
            let name = record.header.names.get(index).map(|name| name.trim());
            let name = name.filter(|name| !name.is_empty());
            let name = name.map_or_else(|| format!("column {}", index + 1), str::to_owned);
            (name, cell.trim().to_owned())
        };
        let mut cells: Vec<_> = record.cells.iter().enumerate().map(cell).collect();
        cells.retain(|(name, cell)| !cell.is_empty() && !OURS.contains(&name.as_str()));
        cells.sort_unstable();
        cells
    };
    cells(row) == cells(stored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::{Cells, Header};

    fn row(names: &[&str], cells: &[&str]) -> Record {
        Record {
            header: Arc::new(Header {
                names: names.iter().map(|&name| name.to_owned()).collect(),
            }),
            cells: Cells::from_iter(cells),
            ..Record::default()
        }
    }

    #[test]
    fn a_row_says_the_same_however_it_is_padded() {
        let stored = row(&["Nom", "column 2"], &["A", "x"]);
        let names = ["Nom", "", "E-mail", "leadctl_id"];
        assert!(is_same(&row(&names, &["A ", "x", "", "7"]), &stored));
        assert!(!is_same(&row(&names, &["A", "x", "a@b.fr", "7"]), &stored));
        assert!(!is_same(&row(&names, &["A", "", "", "7"]), &stored));
    }

    #[test]
    fn our_own_columns_make_no_other_file() {
        let stored = row(&["Nom", "E-mail"], &["A", "x"]);
        let names = ["Nom", "E-mail", "leadctl_id", ""];
        assert!(has_same_columns(&row(&names, &["B", "y", "7"]), &stored));
        assert!(!has_same_columns(
            &row(&["Nom", "Tel"], &["B", "y"]),
            &stored
        ));
    }
}
