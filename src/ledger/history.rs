//! One lead's every attempt. (The leads themselves: [`super::Leads`].)

use super::{Hash16, Ledger, LedgerError};
use crate::lead::State;

/// One attempt, or one ruling by hand, as it was recorded. Times are
/// milliseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAttempt {
    pub id: i64,
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

impl Ledger {
    /// The attempts of a lead, the oldest first.
    pub fn attempts(&self, lead: i64) -> Result<Vec<PastAttempt>, LedgerError> {
        let attempts = self
            .conn
            .prepare_cached(
                "SELECT id, lead, trigger, started_at, ended_at, transport, status, state, payload,
                   reason, message, excerpt FROM attempts WHERE lead = ?1 ORDER BY id",
            )
            .and_then(|mut found| {
                found
                    .query_map([lead], |row| {
                        let state: Option<String> = row.get(7)?;
                        Ok(PastAttempt {
                            id: row.get(0)?,
                            lead: row.get(1)?,
                            trigger: row.get(2)?,
                            started_at: row.get(3)?,
                            ended_at: row.get(4)?,
                            transport: row.get(5)?,
                            status: row.get(6)?,
                            state: state.as_deref().and_then(State::parse),
                            payload: row.get(8)?,
                            reason: row.get(9)?,
                            message: row.get(10)?,
                            excerpt: row.get(11)?,
                        })
                    })?
                    .collect()
            });
        self.named(attempts)
    }
}
