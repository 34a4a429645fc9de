//! A run as it is recorded: what it was, when, and how it ended. One row of
//! `runs`, read and ended here alone.

use std::collections::BTreeMap;

use rusqlite::{Connection, Params, params};

use super::lead::next;
use super::queries::Filter;
use super::{Ledger, LedgerError, locks, now};
use crate::lead::State;

/// One run at one destination. Times are milliseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    pub id: i64,
    pub destination: String,
    /// The verb.
    pub command: String,
    pub started_at: i64,
    /// `None`: it is at work now, or was killed.
    pub ended_at: Option<i64>,
    /// The exit code of its process.
    pub exit: Option<u8>,
    /// What became of its leads.
    pub states: BTreeMap<State, u64>,
    /// Its process is gone, and never said how it ended.
    pub was_killed: bool,
}

/// Records how a run ended, unless it said so itself.
pub fn end(conn: &Connection, run: i64, exit: u8, states: Option<&str>) -> rusqlite::Result<()> {
    let end = "UPDATE runs SET ended_at = ?2, exit = ?3, states = ?4
      WHERE id = ?1 AND ended_at IS NULL";
    conn.execute(end, params![run, now(), exit, states])
        .map(drop)
}

impl Ledger {
    /// The runs that pass the filter, which looks at their destination and at when
    /// they began; the latest first.
    pub fn runs(&self, filter: &Filter) -> Result<Vec<PastRun>, LedgerError> {
        let which = "WHERE (?1 IS NULL OR name = ?1) AND (?2 IS NULL OR started_at >= ?2)
           AND (?3 IS NULL OR started_at < ?3) ORDER BY runs.id DESC";
        self.past_runs(which, (&filter.destination, filter.since, filter.until))
    }

    /// The last run at a destination that dealt with leads.
    pub fn last_run(&self, destination: &str) -> Result<Option<PastRun>, LedgerError> {
        let which = "WHERE name = ?1 AND command <> 'list' ORDER BY runs.id DESC LIMIT 1";
        let found = self.past_runs(which, [destination])?;
        Ok(found.into_iter().next())
    }

    fn past_runs(&self, which: &str, values: impl Params) -> Result<Vec<PastRun>, LedgerError> {
        let query = format!(
            "SELECT runs.id, name, command, started_at, ended_at, exit, states
             FROM runs JOIN destinations ON destinations.id = destination {which}"
        );
        self.read(|conn| {
            conn.prepare(&query)?
                .query_map(values, |row| {
                    let at = &mut 0;
                    let mut run = PastRun {
                        id: next(row, at)?,
                        destination: next(row, at)?,
                        command: next(row, at)?,
                        started_at: next(row, at)?,
                        ended_at: next(row, at)?,
                        exit: next(row, at)?,
                        states: BTreeMap::new(),
                        was_killed: false,
                    };
                    let states: Option<String> = next(row, at)?;
                    let states = states.and_then(|states| serde_json::from_str(&states).ok());
                    run.states = states.unwrap_or_default();
                    // When a later run found it dead is not when it ended.
                    run.ended_at = run.ended_at.filter(|_| run.exit.is_some());
                    run.was_killed = run.exit.is_none() && !locks::is_at_work(self.path(), run.id);
                    Ok(run)
                })?
                .collect()
        })
    }
}
