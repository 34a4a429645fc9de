//! A run that was: a line of `history --runs`, and in words.

use std::collections::BTreeMap;

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::rows::{Layout, Line, instant, shown};
use super::summary::{Counts, Exit};
use super::table::{Detail, Place, TableCells, cut, right};
use super::text::{told, told_in_cell};
use crate::lead::State;
use crate::words::say;

/// One run at one destination.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RunRow {
    pub run: i64,
    /// The verb.
    pub command: String,
    pub destination: String,
    /// Milliseconds since 1970, UTC.
    #[serde(serialize_with = "instant")]
    pub started_at: Option<i64>,
    /// `None`: it is at work, or was killed.
    #[serde(serialize_with = "instant")]
    pub ended_at: Option<i64>,
    /// What became of its leads.
    pub states: BTreeMap<State, u64>,
    /// Its exit code.
    pub exit: Option<u8>,
    /// It never said how it ended, and is gone.
    pub killed: bool,
}

impl RunRow {
    /// What came of it.
    pub fn outcome(&self) -> String {
        let leads = Counts::of_states(&self.states).in_words();
        let is = |exit: Exit| self.exit == Some(exit.code());
        match self.exit {
            None if self.killed => say!("run-killed"),
            None => say!("run-at-work"),
            _ if is(Exit::Interrupted) => say!("run-interrupted", leads),
            _ if is(Exit::Unfinished) => say!("run-unfinished", leads),
            _ if is(Exit::Usage) => say!("run-stopped", leads),
            _ => leads,
        }
    }

    /// On one line.
    pub fn in_words(&self, now: &ZonedDateTime) -> String {
        let started = shown(self.started_at.map(|at| told(at, now)));
        let exit = self.exit.map(|exit| say!("run-exit", exit));
        let parts = [
            Some(started),
            Some(self.command.clone()),
            Some(self.outcome()),
            exit,
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

impl Line for RunRow {
    fn cells(&self, _: Layout, zone: &TimeZone) -> TableCells {
        let started = shown(self.started_at.map(|at| told_in_cell(at, zone)));
        let destination = cut(|| say!("column-destination"), 14, 24);
        TableCells {
            cells: vec![
                (right(|| say!("column-run"), 6), self.run.to_string()),
                (cut(|| say!("column-started"), 17, 17), started),
                (cut(|| say!("column-command"), 8, 8), self.command.clone()),
                (destination, self.destination.clone()),
            ],
            detail: Some(Detail {
                titles: [|| say!("column-exit"), || say!("column-outcome")],
                reference: self.exit.map(|exit| exit.to_string()),
                message: self.outcome().into(),
                brief: false,
                message_first: false,
                place: Place::Nowhere,
            }),
            ..TableCells::default()
        }
    }
}
