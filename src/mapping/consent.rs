//! What a row says of its person's consent: their word and its date, the wording, where
//! it was given and to whom. Only the row's own cells count, never a default.

use super::complaint::{Complaint, Problem};
use crate::config::{ConsentRule, Destination, Moment, Stated};
use crate::lead::text::fold;
use crate::lead::{Columns, Lead};

/// Where a row's consent stands.
#[derive(Debug)]
pub struct ConsentPlan<'d> {
    rule: &'d ConsentRule,
    destination: &'d Destination,
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
    pub fn new(destination: &'d Destination, columns: &Columns) -> Option<Self> {
        let rule = destination.consent.as_ref()?;
        let columns = |from: &[String]| -> Vec<usize> {
            from.iter()
                .filter_map(|name| columns.index_of(name))
                .collect()
        };
        let stated = |stated: &Option<Stated>| match stated {
            Some(stated) => columns(&stated.from),
            None => Vec::new(),
        };
        Some(Self {
            rule,
            destination,
            given: columns(&rule.given.from),
            at: columns(&rule.at.from),
            wording: stated(&rule.wording),
            place: stated(&rule.place),
            names: stated(&rule.names),
        })
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
        if yes == Some(false) {
            // A refusal counts at once, however its date was meant.
            return (
                at.map(|at| Word::No(at.min(now.millis()))),
                reading.complaints,
            );
        }
        if let Some(at) = at {
            self.check_age(&mut reading, at, now);
        }
        let wording = reading.stated(rule.wording.as_ref(), &self.wording);
        let place = reading.stated(rule.place.as_ref(), &self.place);
        let names = reading.stated(rule.names.as_ref(), &self.names);
        if let Some(value) = names.as_ref().filter(|names| !self.is_named(names)) {
            let problem = Problem::NotNamed {
                value: value.clone(),
                partner: self.destination.names().cloned().collect(),
            };
            let from = rule.names.as_ref().map_or(&[][..], |stated| &stated.from);
            reading.complain(from, &self.names, problem);
        }
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

    fn moment(&self, reading: &mut Reading<'_>, now: &Moment) -> Option<i64> {
        let Stated { from, reads, .. } = &self.rule.at;
        let cell = reading.cell(from, &self.at)?;
        match now.read(cell, reads) {
            Ok(at) => Some(at.millis()),
            Err(fault) => {
                reading.complain(from, &self.at, Problem::of_date(cell, fault, reads));
                None
            }
        }
    }

    fn check_age(&self, reading: &mut Reading<'_>, at: i64, now: &Moment) {
        let (from, now) = (&self.rule.at.from, now.millis());
        let value = reading.own(&self.at).unwrap_or_default().to_owned();
        let within = self.rule.within.as_ref();
        let within = within.filter(|within| within.end(at) < now);
        let problem = match within {
            _ if at > now => Problem::InFuture(value),
            Some(within) => Problem::RunOut {
                value,
                within: within.to_string(),
            },
            None => return,
        };
        reading.complain(from, &self.at, problem);
    }

    /// Is this partner among those that a cell lists?
    fn is_named(&self, listed: &str) -> bool {
        let own: Vec<String> = self.destination.names().map(|name| fold(name)).collect();
        let mut listed = listed
            .split(BETWEEN)
            .map(fold)
            .filter(|name| !name.is_empty());
        listed.any(|name| own.contains(&name))
    }
}

/// The cells of one row, and what is wrong with them.
struct Reading<'l> {
    lead: &'l Lead,
    complaints: Vec<Complaint>,
}

impl<'l> Reading<'l> {
    /// The cell that says it, as the row has it.
    fn own(&self, columns: &[usize]) -> Option<&'l str> {
        let own = |index: &&usize| !self.lead.is_set(**index);
        let mut columns = columns.iter().filter(own);
        columns.find_map(|index| Some(self.lead.filled(*index)?.trim()))
    }

    /// The same; where there is none, that is wrong.
    fn cell(&mut self, from: &[String], columns: &[usize]) -> Option<&'l str> {
        let own = self.own(columns);
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
