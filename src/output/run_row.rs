//! A run that was: a line of `history --runs`, and in words.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use serde::Serialize;

use super::rows::{Layout, Line, instant, shown};
use super::summary::{Counts, Exit};
use super::table::{Detail, TableCells, cut, right};
use super::text::told;
use crate::lead::State;

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
            None if self.killed => {
                "killed: what it was sending is in doubt, what it had not sent yet is unsent".into()
            }
            None => "at work now".into(),
            _ if is(Exit::Interrupted) => format!("interrupted; {leads}"),
            _ if is(Exit::Unfinished) => format!("could not finish; {leads}"),
            _ if is(Exit::Usage) => format!("stopped by what is wrong for all; {leads}"),
            _ => leads,
        }
    }

    /// On one line.
    pub fn in_words(&self, now: &ZonedDateTime) -> String {
        let started = shown(self.started_at.map(|at| told(at, now)));
        let exit = self.exit.map(|exit| format!("exit {exit}"));
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
        let now = Timestamp::now().to_zoned_datetime(zone.clone());
        let started = shown(self.started_at.map(|at| told(at, &now)));
        TableCells {
            cells: vec![
                (right("run", 6), self.run.to_string()),
                (cut("started", 16, 16), started),
                (cut("command", 8, 8), self.command.clone()),
                (cut("destination", 14, 24), self.destination.clone()),
            ],
            detail: Some(Detail {
                titles: ["exit", "what came of it"],
                reference: self.exit.map(|exit| exit.to_string()),
                message: self.outcome().into(),
                brief: false,
                message_first: false,
                // Each tells of itself.
                place: String::new(),
            }),
            ..TableCells::default()
        }
    }
}
