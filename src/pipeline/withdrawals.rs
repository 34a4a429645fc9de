//! Who takes a consent back in the inputs of a run, wherever in them that stands.

use std::collections::HashMap;

use super::dry_run::judge;
use super::preparer::{Prepared, Preparer};
use super::remarks::Remarks;
use super::rules::Rules;
use super::surveyed::SurveyedRows;
use crate::error::Failure;
use crate::ledger::{Consent, Hash16, Hasher, Intake, Journal};
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
