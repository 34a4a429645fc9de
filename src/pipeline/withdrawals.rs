//! Who takes a consent back in the inputs of a run, wherever in them that stands.

use std::collections::HashMap;

use super::dry_run::judge;
use super::preparer::{Prepared, Preparer};
use super::remarks::Remarks;
use super::rules::Rules;
use super::surveyed::SurveyedRows;
use crate::error::Failure;
use crate::lead::text::{said_of, said_together};
use crate::ledger::{Consent, Hash16, Hasher, Intake, Journal, Ledger, Objection};
use crate::mapping::{Unclear, Word};
use crate::output::text::some_of;
use crate::output::{Command, Exit, Warnings};
use crate::words::{placeholder, say};

/// Those who say no in the inputs of a run: it holds back what is read before it.
#[derive(Default)]
pub struct Withdrawals {
    /// When each last said no, milliseconds UTC.
    latest: HashMap<Hash16, i64>,
    /// The rows that say so, and whose they are.
    rows: Vec<(String, Vec<Hash16>)>,
    /// Those that may say so.
    unclear: Vec<MaybeNo>,
}

/// A row that may be a no, which can't be taken as one.
struct MaybeNo {
    place: String,
    whose: Vec<Hash16>,
    word: Unclear,
}

impl Withdrawals {
    /// Reads the inputs once for that, where any of the user's tables asks for a consent.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn read<'r>(
        all: impl IntoIterator<Item = &'r Rules<'r>>,
        hasher: &Hasher,
    ) -> Result<Self, Failure> {
        let mut read = Self::default();
        let asks = |rules: &&Rules<'_>| rules.asks_consent() && rules.command().is_none();
        let all = all.into_iter().filter(asks);
        let inputs = all.flat_map(|rules| rules.inputs.files.iter().map(move |it| (rules, it)));
        for (rules, input) in inputs {
            // What can't be read is told when its turn comes.
            let Ok(rows) = SurveyedRows::open(&rules.inputs, &rules.accepted, input) else {
                continue;
            };
            let rows = rows.map_while(|row| row.ok().map(Ok));
            let preparer = || Preparer::new(rules);
            let no = |mut lead: Prepared<'_>| match lead.word.take()? {
                Word::Yes(_) => None,
                word => {
                    let row = lead.intake(hasher, None);
                    Some((row, word))
                }
            };
            judge(rows, preparer, no, &mut Remarks::default(), |no| {
                no.into_iter().for_each(|(row, word)| read.add(&row, word));
                Ok(())
            })?;
        }
        Ok(read)
    }

    fn add(&mut self, row: &Intake, word: Word) {
        let place = say!("withdrawn-place", file = &row.file, line = row.line);
        let whose: Vec<Hash16> = row.contacts().collect();
        match word {
            Word::Yes(_) => {}
            Word::No(at) => {
                for contact in &whose {
                    let known = self.latest.entry(*contact).or_insert(at);
                    *known = at.max(*known);
                }
                self.rows.push((place, whose));
            }
            // Along a route each destination reads the same row.
            Word::Unclear(_) if self.unclear.iter().any(|it| it.place == place) => {}
            Word::Unclear(word) => self.unclear.push(MaybeNo { place, whose, word }),
        }
    }

    /// Puts them on disk, and tells of whom some partner has. What a run of which a
    /// person must look at some row ends with.
    ///
    /// # Errors
    /// The ledger can't be written.
    pub fn keep(mut self, journal: &Journal, warnings: &Warnings) -> Result<Exit, Failure> {
        if !self.latest.is_empty() {
            let sent = journal.withdraw(std::mem::take(&mut self.latest))?;
            let rows = self.rows.iter();
            let rows = rows.filter(|(_, whose)| whose.iter().any(|one| sent.contains(one)));
            let rows: Vec<&str> = rows.map(|(place, _)| place.as_str()).collect();
            if !rows.is_empty() {
                warnings.warn(&say!("withdrawn-recipients", rows = some_of(rows)));
                let history = Command::new(["history", "--person", &placeholder("PERSON")]);
                let history = history.and(["--output", &placeholder("FILE.html")]);
                warnings.note(&history.to_string());
            }
        }
        self.tell_unclear(&journal.ledger(), warnings)
    }

    /// Tells which rows may take back the consent of somebody whom some partner has.
    ///
    /// # Errors
    /// The ledger can't be read.
    pub fn tell_unclear(&self, ledger: &Ledger, warnings: &Warnings) -> Result<Exit, Failure> {
        let mut told = Vec::new();
        for it in &self.unclear {
            if ledger.has_agreed_recipient(&it.whose, it.word.at)? {
                let why = it.word.why.iter().map(ToString::to_string);
                let why = said_together(&why.collect::<Vec<_>>());
                told.push(said_of(&it.place, &why));
            }
        }
        if told.is_empty() {
            return Ok(Exit::Done);
        }
        let more = told.len().saturating_sub(SHOWN);
        warnings.warn(&say!("withdrawn-unclear", count = told.len()));
        told.iter().take(SHOWN).for_each(|row| warnings.note(row));
        if more > 0 {
            warnings.note(&say!("withdrawn-others", count = more));
        }
        warnings.note(&say!("withdrawn-unclear-hint"));
        warnings.note(&Command::new(["block", "EMAIL"]).to_string());
        Ok(Exit::Refused)
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

/// Rows that are told one by one.
const SHOWN: usize = 40;
