//! Finds the stored lead that a row of a rejects file names: the row comes back
//! as it was read then, with what a person corrected in it. By values alone:
//! who the lead is, its state, its cells and its columns.

use std::collections::BTreeMap;

use super::preparer::Preparer;
use crate::error::Failure;
use crate::lead::{Columns, Lead, OURS, Record, State, Stored};
use crate::ledger::{Ledger, StoredLead};
use crate::mapping::Plan;

/// A lead as the ledger has it.
pub(super) struct RejectedRow {
    pub source: Option<String>,
    /// The row as it was read.
    pub stored: Stored,
    state: State,
}

impl Preparer<'_> {
    /// The lead that a row names by its `id`, if it is this person's: the file
    /// may come from another ledger.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub(super) fn rejected(
        &mut self,
        id: i64,
        lead: &Lead,
        plan: &Plan<'_>,
    ) -> Result<Option<RejectedRow>, Failure> {
        let found = match &self.ledger {
            Some(ledger) => ledger.lead(id)?,
            None => None,
        };
        let to = &self.rules.destination.name;
        let Some(found) = found.filter(|found| found.destination == *to) else {
            return Ok(None);
        };
        let Some(stored) = self.read(&found)? else {
            return Ok(None);
        };
        let is_same_person = |ledger: &Ledger| {
            let ((email, phone), hasher) = (plan.person(lead), ledger.hasher());
            let email = email.map(|email| hasher.person("email", &email));
            let phone = phone.map(|phone| hasher.person("phone", &phone));
            found.is_of(email, phone, &lead.label())
        };
        let is_it = has_same_cells(&lead.record, &stored.record)
            || self.ledger.as_ref().is_some_and(is_same_person)
            || was_refused(&found, &lead.record, &stored.record);
        Ok(is_it.then_some(RejectedRow {
            source: found.source,
            state: found.state,
            stored,
        }))
    }
}

impl RejectedRow {
    /// Why a damaged row is refused again: it says what it said then, so nobody
    /// mended it.
    pub fn fault(&self, record: &Record) -> Option<String> {
        let fault = self.stored.record.fault.clone()?;
        let untouched = self.state == State::Invalid
            && record.fault.is_none()
            && has_same_cells(record, &self.stored.record);
        untouched.then_some(fault)
    }

    /// What fills the blanks of a row under these columns: the cells of columns
    /// that the file has no more, what this run sets, what was set then.
    /// `then`: what the columns were.
    pub fn set(
        &self,
        now: &[(String, String)],
        columns: &Columns,
        then: &Columns,
    ) -> Vec<(String, String)> {
        let record = &self.stored.record;
        // The cells of a damaged row may stand under the wrong columns.
        let cells = record.cells.iter().filter(|_| record.fault.is_none());
        let gone = cells.enumerate().filter_map(|(index, cell)| {
            let name = then.field_at(index).unwrap_or(then.header_of(index));
            let ours = OURS.contains(&name.trim());
            let gone = columns.index_of(name).is_none() && !ours && !cell.trim().is_empty();
            gone.then(|| (name.to_owned(), cell.to_owned()))
        });
        let mut set: Vec<(String, String)> = Vec::new();
        for (name, value) in gone.chain(now.iter().chain(&self.stored.set).cloned()) {
            if set.iter().all(|(known, _)| *known != name) {
                set.push((name, value));
            }
        }
        set
    }
}

/// Whether a row shows by its columns that its lead was refused, also when the
/// very thing was corrected that tells who it is: it has the columns of the
/// stored row, or says the lead's state and has no column besides.
fn was_refused(found: &StoredLead, row: &Record, stored: &Record) -> bool {
    let names = |record: &Record| record.header.own_names().map(str::to_owned).collect();
    let (own, theirs): (Vec<String>, Vec<String>) = (names(row), names(stored));
    let column = |name: &str| row.header.names.iter().position(|own| own.trim() == name);
    let said = column(OURS[1]).and_then(|column| row.cells.get(column));
    let says_so = said.is_some_and(|said| State::parse(said.trim()) == Some(found.state));
    found.state.is_refused()
        && (own == theirs || says_so && own.iter().all(|name| theirs.contains(name)))
}

/// Whether two rows say the same under the same names, ours aside; a cell that
/// is not there is as good as blank.
fn has_same_cells(row: &Record, stored: &Record) -> bool {
    cells(row) == cells(stored)
}

/// A row's filled cells by name, or by number where there is none.
fn cells(row: &Record) -> BTreeMap<String, &str> {
    let cells = row.cells.iter().map(str::trim).enumerate();
    let filled = cells.filter(|(_, cell)| !cell.is_empty());
    let named = filled.map(|(index, cell)| {
        let name = row.header.names.get(index).map_or("", |name| name.trim());
        match name.is_empty() {
            true => (format!("column {}", index + 1), cell),
            false => (name.to_owned(), cell),
        }
    });
    named.filter(|(name, _)| !OURS.contains(&&**name)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
        let same = |cells: &[&str]| has_same_cells(&row(&names, cells), &stored);
        assert!(same(&["A ", "x", "", "7"]));
        assert!(!same(&["A", "x", "a@b.fr", "7"]));
        assert!(!same(&["A", "", "", "7"]));
    }

    #[test]
    fn our_own_columns_make_no_other_file() {
        let padded = row(&["Nom", "E-mail", "leadctl_id", ""], &["B", "y", "7"]);
        assert!(padded.header.own_names().eq(["Nom", "E-mail"]));
    }
}
