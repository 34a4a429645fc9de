//! One lead's line of the results: the one that `send`, `resend`, `follow`,
//! `amend` and `history` print.

use std::path::Path;

use jiff::tz::TimeZone;

use super::kind::Kind;
use super::line::{Cells, Line, Put, Value};
use super::time;
use crate::lead::State;

/// What became of one lead.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub earlier: Option<State>,
    /// Printed by `history` only.
    pub times: Option<Times>,
}

/// Why a lead is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It was sent, and is settled or waits for the partner's decision.
    Settled,
    /// It may have arrived.
    InDoubt,
    /// The partner refused it.
    Rejected,
    /// Another run is sending it.
    HeldByRun,
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

    /// The word used in JSON and CSV.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::InDoubt => "in_doubt",
            Self::Rejected => "rejected",
            Self::HeldByRun => "held_by_run",
        }
    }
}

/// A lead's instants, in milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    pub sent_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub expires_at: Option<i64>,
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
    fn place(&self, kind: Kind) -> String {
        let number = self.line.map(|line| line.to_string()).unwrap_or_default();
        match kind {
            Kind::Files => {
                let path = Path::new(&self.file);
                let name = path.file_name().and_then(|name| name.to_str());
                format!("{}:{number}", name.unwrap_or(&self.file))
            }
            Kind::Ids | Kind::History => self.id.map(|id| id.to_string()).unwrap_or_default(),
            _ => number,
        }
    }
}

impl Line for Row {
    fn fields<'a>(&'a self, kind: Kind, put: Put<'_, 'a>) {
        put("file", Value::Text(&self.file));
        put("line", self.line.map_or(Value::Nothing, Value::count));
        put("id", Value::number(self.id));
        put("lead", Value::Text(&self.lead));
        put("destination", Value::Text(&self.destination));
        put("source", Value::text(&self.source));
        put("state", Value::Text(self.state.as_str()));
        let reason = self.reason.map(Reason::as_str);
        put("reason", reason.map_or(Value::Nothing, Value::Text));
        put("reference", Value::text(&self.reference));
        put("message", Value::Text(&self.message));
        put("status", Value::number(self.status));
        put("attempts", Value::Number(i64::from(self.attempts)));
        if kind == Kind::History {
            let times = self.times.unwrap_or_default();
            put("sent_at", Value::time(times.sent_at));
            put("decided_at", Value::time(times.decided_at));
            put("expires_at", Value::time(times.expires_at));
        }
    }

    fn cells(&self, kind: Kind, zone: &TimeZone) -> Cells {
        let reference = self.reference.clone().unwrap_or_default();
        let state = self.state.to_string();
        if kind != Kind::History {
            return Cells {
                cells: vec![
                    self.place(kind),
                    self.lead.clone(),
                    state,
                    reference,
                    self.message.clone(),
                ],
                state: Some(self.state),
                notes: Vec::new(),
            };
        }
        let sent = self.times.and_then(|times| times.sent_at);
        Cells {
            cells: vec![
                self.place(kind),
                sent.map(|at| time::minute(at, zone)).unwrap_or_default(),
                self.destination.clone(),
                self.lead.clone(),
                state,
                reference,
            ],
            state: Some(self.state),
            notes: vec![self.message.clone()],
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
        assert_eq!(row.place(Kind::Files), "leads.csv:12");
        assert_eq!(row.place(Kind::Lines), "12");
        assert_eq!(row.place(Kind::Ids), "7");
        let piped = Row {
            file: "-".into(),
            ..row
        };
        assert_eq!(piped.place(Kind::Files), "-:12");
    }
}
