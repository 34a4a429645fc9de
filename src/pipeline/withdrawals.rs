//! Who takes a consent back in the inputs of a run, wherever in them that stands.

use std::collections::HashMap;

use super::dry_run::judge;
use super::preparer::{Prepared, Preparer};
use super::remarks::Remarks;
use super::rules::Rules;
use super::surveyed::SurveyedRows;
use crate::error::Failure;
use crate::ledger::{Consent, Hash16, Hasher, Intake, Journal, Objection};
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
    /// Reads the inputs once for that, for each destination that asks for a consent.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn read<'r>(
        all: impl IntoIterator<Item = &'r Rules<'r>>,
        hasher: &Hasher,
    ) -> Result<Self, Failure> {
        let mut read = Self::default();
        let asks =
            |rules: &&Rules<'_>| rules.destination.consent.is_some() && rules.command().is_none();
        let all = all.into_iter().filter(asks);
        let inputs = all.flat_map(|rules| rules.inputs.files.iter().map(move |it| (rules, it)));
        for (rules, input) in inputs {
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

    /// Why a lead that could be sent is not: its person says no in these inputs, and did
    /// not agree later.
    pub fn objection(&self, lead: &Intake) -> Option<Objection> {
        let said = lead.contacts();
        let said = said.filter_map(|contact| self.latest.get(&contact).copied());
        let at = said.max()?;
        let given_at = lead.consent.as_ref().and_then(Consent::given_at);
        let is_over = given_at.is_none_or(|given| at >= given);
        is_over.then_some(Objection::Withdrawn { at })
    }
}
