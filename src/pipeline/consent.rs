//! What a row says of its person's consent, as the ledger keeps it; and those who say no
//! further down in the inputs, who hold back what stands above.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::dry_run::judge;
use super::preparer::{Prepared, Preparer};
use super::remarks::Remarks;
use super::rules::Rules;
use super::surveyed::SurveyedRows;
use crate::error::Failure;
use crate::lead::Record;
use crate::ledger::{Consent, Hash16, Hasher, Intake, Journal, Proof};
use crate::mapping::{Agreed, Word};
use crate::output::text::some_of;
use crate::output::{Command, Warnings};

/// Those who say no in the inputs of a run: it holds back what is read before it.
#[derive(Default)]
pub struct Withdrawals {
    /// When each last said no, milliseconds UTC.
    latest: HashMap<Hash16, i64>,
    /// The rows that say so, and whose they are.
    rows: Vec<(String, Vec<Hash16>)>,
}

impl Withdrawals {
    /// Reads the inputs once for that, where the destination asks for a consent.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn read(rules: &Rules<'_>, hasher: &Hasher) -> Result<Self, Failure> {
        let mut read = Self::default();
        let is_asked = rules.destination.consent.is_some() && rules.command().is_none();
        for input in rules.inputs.files.iter().filter(|_| is_asked) {
            // What can't be read is told when its turn comes.
            let Ok(rows) = SurveyedRows::open(&rules.inputs, &rules.accepted, input) else {
                continue;
            };
            let rows = rows.map_while(|row| row.ok().map(Ok));
            let preparer = || Preparer::new(rules);
            let says_no = |lead: Prepared<'_>| lead.says_no().then(|| lead.intake(hasher, None));
            judge(rows, preparer, says_no, &mut Remarks::default(), |no| {
                no.iter().for_each(|no| read.add(no));
                Ok(())
            })?;
        }
        Ok(read)
    }

    fn add(&mut self, row: &Intake) {
        let Some(Consent::Withdrawn(at)) = row.consent else {
            return;
        };
        for contact in row.contacts() {
            let known = self.latest.entry(contact).or_insert(at);
            *known = at.max(*known);
        }
        let place = format!("{} line {}", row.file, row.line);
        self.rows.push((place, row.contacts().collect()));
    }

    /// Puts them on disk, and tells of whom some partner has.
    ///
    /// # Errors
    /// The ledger can't be written.
    pub fn keep(self, journal: &Journal, warnings: &Warnings) -> Result<(), Failure> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let sent = journal.withdraw(self.latest)?;
        let rows = self.rows.iter();
        let rows = rows.filter(|(_, whose)| whose.iter().any(|one| sent.contains(one)));
        let rows: Vec<&str> = rows.map(|(place, _)| place.as_str()).collect();
        if !rows.is_empty() {
            warnings.warn(&format!(
                "partners have somebody who took their consent back ({}), and must be told; which \
                 they are, by an address or a number:",
                some_of(rows)
            ));
            let history = Command::new(["history", "--person", "PERSON", "--output", "FILE.html"]);
            warnings.note(&history.to_string());
        }
        Ok(())
    }

    /// When one of these last said no, unless they agreed later.
    pub fn since(
        &self,
        contacts: impl Iterator<Item = Hash16>,
        given_at: Option<i64>,
    ) -> Option<i64> {
        let said = contacts.filter_map(|contact| self.latest.get(&contact).copied());
        let no = said.max()?;
        given_at.is_none_or(|given| no >= given).then_some(no)
    }
}

/// A row's word, with what proves it.
pub fn consent(word: &Word, record: &Record) -> Consent {
    let Agreed {
        given,
        at,
        wording,
        place,
        names,
    } = match word {
        Word::Yes(agreed) => agreed,
        Word::No(at) => return Consent::Withdrawn(*at),
    };
    Consent::Given {
        proof: Proof {
            given: given.clone(),
            at: *at,
            place: place.clone(),
            names: names.clone(),
            wording: wording.as_ref().map(|text| sha256(text.as_bytes())),
            row: sha256(&as_csv(record)),
            file: record.file.to_string(),
            line: record.line,
        },
        wording: wording.clone(),
    }
}

/// The row's cells as a line of CSV: commas between them, quotes where they are needed.
fn as_csv(record: &Record) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Into memory, which takes it.
    let _ = writer.write_record(&record.cells);
    let mut line = writer.into_inner().unwrap_or_default();
    line.pop_if(|byte| *byte == b'\n');
    line
}

fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::Cells;

    #[test]
    fn a_row_hashes_as_its_line_does() {
        let record = |cells: &[&str]| Record {
            cells: Cells::from_iter(cells),
            ..Record::default()
        };
        let line = |cells: &[&str]| String::from_utf8(as_csv(&record(cells))).unwrap();
        assert_eq!(
            line(&["Léa", "a,b", "x \"y\"", ""]),
            "Léa,\"a,b\",\"x \"\"y\"\"\","
        );
        // printf 'abc' | sha256sum
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&as_csv(&record(&["abc"]))), abc);
    }
}
