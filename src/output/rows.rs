//! The rows of results: their fields for scripts, in the order of the contract,
//! and their cells for people.

use std::fmt::Display;
use std::path::Path;

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use super::text::{day, minute, rfc3339, second};
use crate::lead::State;

/// Which columns a table has, and so which rows it is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Leads of one file: the first column is the line.
    Lines,
    /// Leads of several files: the first column is `file:line`.
    Files,
    /// Leads of the ledger: the first column is the id.
    Ids,
    /// Leads of the ledger with their instants.
    History,
    /// One lead's attempts.
    Attempts,
    /// One row a destination.
    Status,
    /// Entries of a partner's own list.
    Listed,
    /// No rows: pages and records written by the caller.
    Pages,
}

/// A row's cells as text not yet cleaned or cut.
pub struct Cells {
    /// One for each of the layout's columns.
    pub cells: Vec<String>,
    /// Colours the state's cell.
    pub state: Option<State>,
    /// Told under the row, over the whole width.
    pub notes: Vec<String>,
}

/// A row of results.
pub trait Line: Serialize {
    /// The cells of the columns that `layout` has, instants in `zone`.
    fn cells(&self, layout: Layout, zone: &TimeZone) -> Cells;
}

/// What became of one lead: what `send`, `resend`, `follow`, `amend` and
/// `history` print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The file as the user named it, or `-`.
    pub file: String,
    /// 1-based line in that file.
    pub line: Option<u64>,
    /// The lead's number in the ledger; an earlier lead's when skipped.
    pub id: Option<i64>,
    /// A short label that a person recognises the lead by.
    pub lead: String,
    pub destination: String,
    pub source: Option<String>,
    #[serde(serialize_with = "word")]
    pub state: State,
    /// Of a skipped lead: why.
    pub reason: Option<Reason>,
    /// What the partner calls this lead.
    pub reference: Option<String>,
    /// Why it is in this state, for a non-programmer.
    pub message: String,
    /// The HTTP status, if the partner replied.
    pub status: Option<u16>,
    pub attempts: u32,
    /// Of a skipped lead: the state it keeps. Never printed as such.
    #[serde(skip)]
    pub earlier: Option<State>,
    /// Of the ledger's rows in [`Layout::History`] alone.
    #[serde(flatten)]
    pub times: Option<Times>,
}

/// Why a lead is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It was sent, and is settled or waits for the partner's decision.
    Settled,
    /// It may have arrived.
    InDoubt,
    /// The partner refused it.
    Rejected,
    /// Another run is sending it, or has its destination.
    HeldByRun,
}

/// A lead's instants, in milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    #[serde(serialize_with = "instant")]
    pub sent_at: Option<i64>,
    #[serde(serialize_with = "instant")]
    pub decided_at: Option<i64>,
    #[serde(serialize_with = "instant")]
    pub expires_at: Option<i64>,
}

/// What was tried for a lead, and what came back: a line of `history ID`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AttemptRow {
    /// The lead's number in the ledger.
    pub id: i64,
    /// 1 for the lead's first attempt.
    pub attempt: u32,
    pub destination: String,
    /// Milliseconds since 1970, UTC.
    #[serde(serialize_with = "instant")]
    pub started_at: Option<i64>,
    /// `None` while no outcome is known.
    #[serde(serialize_with = "instant")]
    pub ended_at: Option<i64>,
    /// What made it happen: `send`, `resend`, `follow`…
    pub trigger: String,
    /// The user's word for it, where one was asked for.
    pub reason: Option<String>,
    /// `replied`, `unsent` or `silent`.
    pub transport: Option<String>,
    /// The HTTP status, if the partner replied.
    pub status: Option<u16>,
    /// The state that the attempt left the lead in.
    #[serde(serialize_with = "optional_word")]
    pub state: Option<State>,
    pub message: String,
    /// The beginning of the partner's answer.
    pub excerpt: Option<String>,
    /// A hash of what was sent: equal ones are the same request.
    pub payload: Option<String>,
}

/// What is open at one destination, and what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StatusRow {
    pub destination: String,
    /// Leads in each open state.
    pub pending: u64,
    pub in_doubt: u64,
    pub failed: u64,
    pub unsent: u64,
    /// When the oldest open lead was read; milliseconds since 1970, UTC.
    #[serde(serialize_with = "instant")]
    pub oldest: Option<i64>,
    /// When the partner last took a lead; milliseconds since 1970, UTC.
    #[serde(serialize_with = "instant")]
    pub last_success: Option<i64>,
    /// What to do, the very commands; empty when there is nothing to do.
    pub next: Vec<String>,
}

/// An entry of a partner's list, for people; scripts get the partner's JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The partner's number.
    pub reference: Option<String>,
    /// Milliseconds since 1970, UTC.
    #[serde(rename = "created_at", serialize_with = "instant")]
    pub created: Option<i64>,
    /// The partner's word.
    pub state: Option<String>,
    /// The ledger's id, where the lead is ours.
    pub ours: Option<i64>,
    /// What else of it is shown.
    #[serde(rename = "about")]
    pub besides: String,
}

fn word<S: Serializer>(word: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(word)
}

fn optional_word<S: Serializer>(word: &Option<State>, to: S) -> Result<S::Ok, S::Error> {
    word.map(State::as_str).serialize(to)
}

fn instant<S: Serializer>(ms: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
    ms.and_then(rfc3339).serialize(to)
}

impl Row {
    /// A lead in `state` of which nothing else is known yet.
    pub fn new(state: State) -> Self {
        Self {
            file: String::new(),
            line: None,
            id: None,
            lead: String::new(),
            destination: String::new(),
            source: None,
            state,
            reason: None,
            reference: None,
            message: String::new(),
            status: None,
            attempts: 0,
            earlier: None,
            times: None,
        }
    }

    /// The first column: where in the input the lead is, or its number.
    fn place(&self, layout: Layout) -> String {
        match layout {
            Layout::Files => {
                let name = Path::new(&self.file).file_name();
                let name = name.and_then(|name| name.to_str()).unwrap_or(&self.file);
                format!("{name}:{}", shown(self.line))
            }
            Layout::Ids | Layout::History => shown(self.id),
            _ => shown(self.line),
        }
    }
}

impl Reason {
    /// The word used in JSON and CSV.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::InDoubt => "in_doubt",
            Self::Rejected => "rejected",
            Self::HeldByRun => "held_by_run",
        }
    }

    /// Why a lead is skipped whose earlier one stands in `state`.
    pub fn of(state: State) -> Self {
        match state {
            State::InDoubt => Self::InDoubt,
            State::Rejected => Self::Rejected,
            _ => Self::Settled,
        }
    }
}

/// A value in its cell; nothing where there is none.
fn shown(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

impl Line for Row {
    fn cells(&self, layout: Layout, zone: &TimeZone) -> Cells {
        let place = self.place(layout);
        let lead = self.lead.clone();
        let (state, reference) = (self.state.to_string(), shown(self.reference.as_ref()));
        let message = self.message.clone();
        let (cells, notes) = match layout {
            Layout::History => {
                let sent = self.times.and_then(|times| times.sent_at);
                let sent = shown(sent.map(|at| minute(at, zone)));
                let destination = self.destination.clone();
                let cells = vec![place, sent, destination, lead, state, reference];
                (cells, vec![message])
            }
            _ => (vec![place, lead, state, reference, message], Vec::new()),
        };
        Cells {
            cells,
            state: Some(self.state),
            notes,
        }
    }
}

impl Line for AttemptRow {
    fn cells(&self, _: Layout, zone: &TimeZone) -> Cells {
        let labelled = |label: &str, text: &Option<String>| {
            let text = text.as_deref().filter(|text| !text.is_empty())?;
            Some(format!("{label}: {text}"))
        };
        let notes = [
            Some(self.message.clone()),
            labelled("reason", &self.reason),
            labelled("answer", &self.excerpt),
            labelled("payload", &self.payload),
        ];
        Cells {
            cells: vec![
                self.attempt.to_string(),
                shown(self.started_at.map(|at| second(at, zone))),
                self.trigger.clone(),
                shown(self.transport.as_ref()),
                shown(self.status),
                shown(self.state),
            ],
            state: self.state,
            notes: notes.into_iter().flatten().collect(),
        }
    }
}

impl Line for StatusRow {
    fn cells(&self, _: Layout, zone: &TimeZone) -> Cells {
        let success = self.last_success.map(|at| minute(at, zone));
        Cells {
            cells: vec![
                self.destination.clone(),
                self.pending.to_string(),
                self.in_doubt.to_string(),
                self.failed.to_string(),
                self.unsent.to_string(),
                self.oldest.map_or("-".into(), |at| day(at, zone)),
                success.unwrap_or_else(|| "never".into()),
            ],
            state: None,
            notes: self.next.clone(),
        }
    }
}

impl Line for Listed {
    fn cells(&self, _: Layout, zone: &TimeZone) -> Cells {
        Cells {
            cells: vec![
                shown(self.reference.as_ref()),
                shown(self.created.map(|at| minute(at, zone))),
                shown(self.state.as_ref()),
                shown(self.ours),
                self.besides.clone(),
            ],
            state: None,
            notes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_several_files_names_its_file_without_its_folders() {
        let row = Row {
            file: "exports/november/leads.csv".into(),
            line: Some(12),
            id: Some(7),
            ..Row::new(State::Pending)
        };
        assert_eq!(row.place(Layout::Files), "leads.csv:12");
        assert_eq!(row.place(Layout::Lines), "12");
        assert_eq!(row.place(Layout::Ids), "7");
        let piped = Row {
            file: "-".into(),
            ..row
        };
        assert_eq!(piped.place(Layout::Files), "-:12");
    }
}
