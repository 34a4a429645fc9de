//! What a row says of its person's consent: their word and its date, the wording, where
//! it was given and to whom. Only the row's own cells count, never a default.

use super::complaint::{Complaint, Problem};
use crate::config::{ConsentRule, Moment, Stated};
use crate::lead::text::squeeze;
use crate::lead::{Columns, Lead};

/// Where a row's consent stands.
#[derive(Debug)]
pub struct ConsentPlan<'d> {
    rule: &'d ConsentRule,
    /// What this partner may be called.
    partner: Vec<String>,
    given: Vec<usize>,
    at: Vec<usize>,
    wording: Vec<usize>,
    place: Vec<usize>,
    names: Vec<usize>,
}

/// What a row's person said.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    Yes(Agreed),
    /// At this moment, milliseconds UTC.
    No(i64),
    /// Perhaps a no, and nobody can tell.
    Unclear(Unclear),
}

/// What may be a no: its word is known as neither yes nor no, or its date as none.
#[derive(Debug, PartialEq, Eq)]
pub struct Unclear {
    /// The word means no.
    pub is_no: bool,
    /// Its date, where that is known: milliseconds UTC.
    pub at: Option<i64>,
    pub why: Vec<Complaint>,
}

/// What they agreed to, and when: milliseconds UTC.
#[derive(Debug, PartialEq, Eq)]
pub struct Agreed {
    pub given: String,
    pub at: i64,
    pub wording: Option<String>,
    pub place: Option<String>,
    pub names: Option<String>,
}

/// Signs between the partners that a cell lists.
const BETWEEN: [char; 8] = [',', ';', '|', '/', '\n', '\t', '•', '·'];

impl<'d> ConsentPlan<'d> {
    /// `partner`: what it may be called.
    pub fn new(
        rule: &'d ConsentRule,
        partner: impl Iterator<Item = &'d String>,
        columns: &Columns,
    ) -> Self {
        let columns = |from: &[String]| -> Vec<usize> {
            from.iter()
                .filter_map(|name| columns.index_of(name))
                .collect()
        };
        let stated = |stated: &Option<Stated>| match stated {
            Some(stated) => columns(&stated.from),
            None => Vec::new(),
        };
        Self {
            rule,
            partner: partner.cloned().collect(),
            given: columns(&rule.given.from),
            at: columns(&rule.at.from),
            wording: stated(&rule.wording),
            place: stated(&rule.place),
            names: stated(&rule.names),
        }
    }

    /// A row may say a no: the word and its date have columns.
    pub fn may_say_no(&self) -> bool {
        !self.given.is_empty() && !self.at.is_empty()
    }

    /// The row's word means yes, whatever else is wrong.
    pub fn says_yes(&self, lead: &Lead) -> bool {
        let given = own(lead, &self.given);
        given.and_then(|cell| self.rule.given.means(cell)) == Some(true)
    }

    /// The person's word, where the row says it with its date, and every reason why it
    /// does not allow to send them.
    pub fn judge(&self, lead: &Lead, now: &Moment) -> (Option<Word>, Vec<Complaint>) {
        let mut reading = Reading {
            lead,
            complaints: Vec::new(),
        };
        let rule = self.rule;
        let given = reading.cell(&rule.given.from, &self.given);
        let yes = given.and_then(|cell| rule.given.means(cell));
        if let Some(cell) = given.filter(|_| yes != Some(true)) {
            let value = cell.to_owned();
            let problem = match yes {
                Some(_) => Problem::NoConsent(value),
                None => Problem::NotListed {
                    value,
                    accepted: rule.given.is.clone(),
                },
            };
            reading.complain(&rule.given.from, &self.given, problem);
        }
        let at = self.moment(&mut reading, now);
        if given.is_some() && yes != Some(true) {
            let word = match (yes, at) {
                // A refusal counts at once, however its date was meant.
                (Some(_), Some(at)) => Word::No(at.min(now.millis())),
                _ => Word::Unclear(Unclear {
                    is_no: yes.is_some(),
                    at,
                    why: reading.complaints.clone(),
                }),
            };
            // What else a no lacks is nothing to correct.
            if yes.is_some() {
                return (Some(word), reading.complaints);
            }
            self.check(&mut reading, at, now);
            return (Some(word), reading.complaints);
        }
        let [wording, place, names] = self.check(&mut reading, at, now);
        let agreed = given.zip(at).filter(|_| reading.complaints.is_empty());
        let word = agreed.map(|(given, at)| {
            Word::Yes(Agreed {
                given: given.to_owned(),
                at,
                wording,
                place,
                names,
            })
        });
        (word, reading.complaints)
    }

    /// What else a consent needs; the wording, where it was given, and to whom.
    fn check(
        &self,
        reading: &mut Reading<'_>,
        at: Option<i64>,
        now: &Moment,
    ) -> [Option<String>; 3] {
        let rule = self.rule;
        if let Some(at) = at {
            self.check_age(reading, at, now);
        }
        let wording = reading.stated(rule.wording.as_ref(), &self.wording);
        let place = reading.stated(rule.place.as_ref(), &self.place);
        let names = reading.stated(rule.names.as_ref(), &self.names);
        if let Some(value) = names.as_ref().filter(|names| !self.is_named(names)) {
            let problem = Problem::NotNamed {
                value: value.clone(),
                partner: self.partner.clone(),
            };
            let from = rule.names.as_ref().map_or(&[][..], |stated| &stated.from);
            reading.complain(from, &self.names, problem);
        }
        [wording, place, names]
    }

    fn moment(&self, reading: &mut Reading<'_>, now: &Moment) -> Option<i64> {
        let Stated { from, reads, .. } = &self.rule.at;
        let cell = reading.cell(from, &self.at)?;
        match now.read(cell, reads) {
            Ok(at) => Some(at.millis()),
            Err(fault) => {
                reading.complain(from, &self.at, Problem::of_date(cell, fault, reads, "at"));
                None
            }
        }
    }

    fn check_age(&self, reading: &mut Reading<'_>, at: i64, now: &Moment) {
        let (from, now) = (&self.rule.at.from, now.millis());
        let value = own(reading.lead, &self.at).unwrap_or_default().to_owned();
        let within = self.rule.within.as_ref();
        let within = within.filter(|within| within.end(at) < now);
        let problem = match within {
            _ if at > now => Problem::InFuture(value),
            Some(within) => Problem::RunOut {
                value,
                within: within.clone(),
            },
            None => return,
        };
        reading.complain(from, &self.at, problem);
    }

    /// Is this partner among those that a cell lists?
    fn is_named(&self, listed: &str) -> bool {
        let own: Vec<String> = self.partner.iter().map(|name| squeeze(name)).collect();
        let mut listed = listed
            .split(BETWEEN)
            .map(squeeze)
            .filter(|name| !name.is_empty());
        listed.any(|name| own.contains(&name))
    }
}

/// The cells of one row, and what is wrong with them.
struct Reading<'l> {
    lead: &'l Lead,
    complaints: Vec<Complaint>,
}

/// The cell that says it, as the row has it.
fn own<'l>(lead: &'l Lead, columns: &[usize]) -> Option<&'l str> {
    let own = |index: &&usize| !lead.is_set(**index);
    let mut columns = columns.iter().filter(own);
    columns.find_map(|index| Some(lead.filled(*index)?.trim()))
}

impl<'l> Reading<'l> {
    /// The cell that says it; where there is none, that is wrong.
    fn cell(&mut self, from: &[String], columns: &[usize]) -> Option<&'l str> {
        let own = own(self.lead, columns);
        if own.is_none() {
            let is_set = columns.iter().any(|index| self.lead.is_set(*index));
            let problem = match columns.is_empty() {
                true => Problem::NoColumn(None),
                false if is_set => Problem::OnlyDefault,
                false => Problem::Empty,
            };
            self.complain(from, columns, problem);
        }
        own
    }

    /// What the row states, or the table for every row.
    fn stated(&mut self, stated: Option<&Stated>, columns: &[usize]) -> Option<String> {
        let stated = stated?;
        match &stated.value {
            Some(value) => Some(value.clone()),
            None => self.cell(&stated.from, columns).map(str::to_owned),
        }
    }

    /// `from`: what it is called where no column has it.
    fn complain(&mut self, from: &[String], columns: &[usize], problem: Problem) {
        let filled = columns
            .iter()
            .find(|index| self.lead.filled(**index).is_some());
        let column = match filled.or(columns.first()) {
            Some(index) => self.lead.columns.header_of(*index),
            None => from.first().map_or("names", String::as_str),
        };
        self.complaints.push(Complaint::new(column, problem));
    }
}
