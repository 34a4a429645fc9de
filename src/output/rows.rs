//! The rows of results: their fields for scripts, in the order of the contract,
//! and their cells for people.

use std::fmt::Display;
use std::path::Path;

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use super::message::Message;
use super::table::{Detail, Place, STATE, TableCells, Title, cut, cut_start, right, wrap};
use super::text::{minute_in_cell, rfc3339, told_in_cell};
use crate::lead::{FilterReason, HoldReason, Kept, State};
use crate::words::say;

/// Which columns a table has, and so which rows it is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Leads of one file: the first column is the line.
    Lines,
    /// Leads of several files: the first column is `file:line`.
    Files,
    /// Leads along a route: with the destination; `files`: of several.
    Offers { files: bool },
    /// Leads of the ledger: the first column is the id.
    Ids,
    /// Leads of the ledger with their instants.
    History,
    /// One row a run.
    Runs,
    /// Entries of a partner's own list.
    Listed,
    /// One lead's attempts: a page for people.
    Attempts,
    /// One record a destination: a page for people.
    Status,
    /// No rows: pages and records written by the caller.
    Pages,
}

/// A row of results.
pub trait Line: Serialize {
    /// The cells with their columns, which a layout always has alike; instants in
    /// `zone`.
    fn cells(&self, layout: Layout, zone: &TimeZone) -> TableCells;
}

/// What became of one lead: what `send`, `resend`, `follow`, `amend` and
/// `history` print.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    pub state: State,
    /// Of a skipped, filtered or held lead: why.
    pub reason: Option<Reason>,
    /// The route by which it was offered there.
    pub route: Option<String>,
    /// What the partner calls this lead.
    pub reference: Option<String>,
    /// Why it is in this state, for a non-programmer.
    pub message: Message,
    /// The HTTP status, if the partner replied.
    pub status: Option<u16>,
    pub attempts: u32,
    /// Of a skipped lead: the state it keeps. Never printed as such.
    #[serde(skip)]
    pub earlier: Option<State>,
    /// Of the ledger's rows in [`Layout::History`] alone.
    #[serde(flatten)]
    pub contact: Option<Contact>,
    #[serde(flatten)]
    pub times: Option<Times>,
}

/// Why a lead is skipped, filtered or held.
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
    /// Of a row in which a partner says what became of a lead: it fits none,
    Unknown,
    /// or several;
    Ambiguous,
    /// it was returned later than the partner may;
    TooLate,
    /// that can't be said of it.
    Impossible,
    #[serde(untagged)]
    Filtered(FilterReason),
    #[serde(untagged)]
    Held(HoldReason),
}

/// How a lead's person is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Contact {
    pub email: Option<String>,
    pub phone: Option<String>,
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

pub(super) fn instant<S: Serializer>(ms: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
    ms.and_then(rfc3339).serialize(to)
}

impl Row {
    /// A lead in `state` of which nothing else is known yet.
    pub fn new(state: State) -> Self {
        Self {
            state,
            ..Self::default()
        }
    }
}

impl From<Kept> for Reason {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Filtered(reason) => Self::Filtered(reason),
            Kept::Held(reason) => Self::Held(reason),
        }
    }
}

impl Reason {
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
pub(super) fn shown(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

impl Row {
    /// Who settles a doubt has to find its person at the partner's.
    fn reach(&self, layout: Layout) -> Vec<(Title, String)> {
        let contact = self.contact.iter().filter(|_| self.state == State::InDoubt);
        let contact = contact.flat_map(|contact| [&contact.email, &contact.phone]);
        let contact: Vec<&str> = contact.flatten().map(String::as_str).collect();
        match layout {
            Layout::History => vec![(|| say!("column-contact"), contact.join(" · "))],
            _ => Vec::new(),
        }
    }
}

impl Line for Row {
    fn cells(&self, layout: Layout, zone: &TimeZone) -> TableCells {
        let (column, place) = match layout {
            Layout::Files | Layout::Offers { files: true } => {
                let name = Path::new(&self.file).file_name();
                let name = name.and_then(|name| name.to_str()).unwrap_or(&self.file);
                let place = format!("{name}:{}", shown(self.line));
                (cut_start(|| say!("column-file-line"), 15, 30), place)
            }
            Layout::Ids | Layout::History => (right(|| say!("column-id"), 6), shown(self.id)),
            _ => (right(|| say!("column-line"), 6), shown(self.line)),
        };
        let called = match layout {
            Layout::Files | Layout::Offers { files: true } => Place::File(place.clone()),
            Layout::Ids | Layout::History => Place::Id(place.clone()),
            _ => Place::Line(place.clone()),
        };
        let lead = |narrow, wide| {
            let lead = cut(|| say!("column-lead"), narrow, wide);
            (lead, self.lead.clone())
        };
        let destination = || {
            let destination = wrap(|| say!("column-destination"), 12, 24);
            (destination, self.destination.clone())
        };
        let state = (STATE, self.state.in_words());
        let cells = match layout {
            Layout::History => {
                let sent = self.times.and_then(|times| times.sent_at);
                let sent = shown(sent.map(|at| told_in_cell(at, zone)));
                let sent = (cut(|| say!("column-sent"), 17, 17), sent);
                vec![(column, place), sent, destination(), lead(15, 28), state]
            }
            Layout::Offers { .. } => vec![(column, place), destination(), lead(12, 28), state],
            Layout::Files => vec![(column, place), lead(15, 28), state],
            _ => vec![(column, place), lead(18, 28), state],
        };
        TableCells {
            cells,
            state: Some(self.state),
            detail: Some(Detail {
                titles: [|| say!("column-reference"), || say!("column-message")],
                reference: self.reference.clone(),
                message: self.message.clone(),
                brief: !self.earlier.unwrap_or(self.state).needs_a_person(),
                message_first: self.state == State::Skipped,
                place: called,
            }),
            notes: self.reach(layout),
        }
    }
}

impl Line for Listed {
    fn cells(&self, _: Layout, zone: &TimeZone) -> TableCells {
        let created = shown(self.created.map(|at| minute_in_cell(at, zone)));
        let state = shown(self.state.as_ref());
        TableCells {
            cells: vec![
                (cut(|| say!("column-created"), 17, 17), created),
                (wrap(|| say!("column-state"), 10, 14), state),
                (right(|| say!("column-ours"), 6), shown(self.ours)),
            ],
            detail: Some(Detail {
                titles: [|| say!("column-reference"), || say!("column-about")],
                reference: self.reference.clone(),
                message: self.besides.as_str().into(),
                brief: false,
                message_first: false,
                place: Place::Nowhere,
            }),
            ..TableCells::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::Table;
    use super::*;

    fn cells(line: &impl Line, layout: Layout) -> TableCells {
        line.cells(layout, &TimeZone::UTC)
    }

    #[test]
    fn a_row_of_several_files_names_its_file_without_its_folders() {
        let row = Row {
            file: "exports/november/leads.csv".into(),
            line: Some(12),
            id: Some(7),
            ..Row::new(State::Pending)
        };
        let place = |row: &Row, layout| cells(row, layout).cells.remove(0).1;
        assert_eq!(place(&row, Layout::Files), "leads.csv:12");
        assert_eq!(place(&row, Layout::Lines), "12");
        assert_eq!(place(&row, Layout::Ids), "7");
        let file = "-".into();
        assert_eq!(place(&Row { file, ..row }, Layout::Files), "-:12");
    }

    #[test]
    fn every_table_fits_its_terminal() {
        let row = Row::new(State::Pending);
        let offers = |files| Layout::Offers { files };
        let of_leads = [Layout::Lines, Layout::Files, Layout::Ids, Layout::History];
        let of_leads = of_leads.into_iter().chain([offers(false), offers(true)]);
        let mut rows: Vec<TableCells> = of_leads.map(|layout| cells(&row, layout)).collect();
        rows.push(cells(&super::super::RunRow::default(), Layout::Runs));
        rows.push(cells(&Listed::default(), Layout::Listed));
        for row in rows {
            let title = (row.cells[0].0.title)();
            for total in [0, 80, 81, 100, 132, 250] {
                let sum = Table::new(Some(total), false).width_of(&row);
                assert!(sum <= total.max(80), "{title} at {total}: {sum}");
                assert!(sum >= 76, "{title}: {sum}");
            }
        }
    }
}
