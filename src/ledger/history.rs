//! One lead's every attempt. (The leads themselves: [`super::Leads`].)

use rusqlite::Row;

use super::{Hash16, Ledger, LedgerError};
use crate::lead::State;

/// One attempt, or one ruling by hand, as it was recorded. Times are
/// milliseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAttempt {
    pub lead: i64,
    /// The word of a [`super::Trigger`].
    pub trigger: String,
    pub started_at: i64,
    /// `None`: it is being made now, or its process was killed.
    pub ended_at: Option<i64>,
    /// "replied", "unsent" or "silent".
    pub transport: Option<String>,
    pub status: Option<u16>,
    /// What it made of the lead, if it changed it.
    pub state: Option<State>,
    pub payload: Option<Hash16>,
    /// A person's reason.
    pub reason: Option<String>,
    pub message: Option<String>,
    pub excerpt: Option<String>,
}

/// The attempt that is being made now, if there is one, comes last.
const STORY: &str = "SELECT 0 AS flying, id, lead, trigger, started_at, ended_at, transport, status, state,
    payload, reason, message, excerpt FROM attempts WHERE lead = ?1
  UNION ALL SELECT 1, number, lead, trigger, started_at, NULL, NULL, NULL, NULL, payload, reason, NULL, NULL
    FROM flights WHERE lead = ?1
  ORDER BY 1, 2";

impl Ledger {
    /// The attempts of a lead, the oldest first.
    pub fn attempts(&self, lead: i64) -> Result<Vec<PastAttempt>, LedgerError> {
        let attempts = self
            .conn
            .prepare(STORY)
            .and_then(|mut found| found.query_map([lead], read)?.collect());
        self.named(attempts)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<PastAttempt> {
    let state: Option<String> = row.get(8)?;
    Ok(PastAttempt {
        lead: row.get(2)?,
        trigger: row.get(3)?,
        started_at: row.get(4)?,
        ended_at: row.get(5)?,
        transport: row.get(6)?,
        status: row.get(7)?,
        state: state.as_deref().and_then(State::parse),
        payload: row.get(9)?,
        reason: row.get(10)?,
        message: row.get(11)?,
        excerpt: row.get(12)?,
    })
}
