//! An attempt as it is recorded: one row of `attempts`, read and ended here alone.

use rusqlite::{Connection, Row, params};

use super::lead::next;
use super::note::{LedgerNote, PersonsWord};
use super::{Hash16, Ledger, LedgerError, Trigger, now};
use crate::lead::State;

/// One attempt, or one ruling by hand, as it is recorded. Times are milliseconds
/// UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAttempt {
    pub(super) id: i64,
    pub lead: i64,
    pub trigger: Trigger,
    /// The lead's state before it.
    pub(super) was: State,
    pub started_at: i64,
    /// `None`: it is being made now, or its process was killed.
    pub ended_at: Option<i64>,
    /// "replied", "unsent" or "silent".
    pub transport: Option<String>,
    pub status: Option<u16>,
    /// What it made of the lead, if it changed it.
    pub state: Option<State>,
    /// The state that the lead had after it, where it said anything of it.
    pub(super) became: Option<State>,
    /// When that was decided, where it was not just then.
    pub(super) decided_at: Option<i64>,
    /// A refusal's words, without anybody's data.
    pub(super) refusal: Option<String>,
    /// A person's reason.
    pub reason: Option<String>,
    pub(super) message: Option<String>,
    pub(super) note: Option<LedgerNote>,
    pub excerpt: Option<String>,
    /// What was sent (JSON), but for the secrets; gone after a purge.
    pub request: Option<String>,
}

impl PastAttempt {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let at = &mut 0;
        Ok(Self {
            id: next(row, at)?,
            lead: next(row, at)?,
            trigger: next(row, at)?,
            was: next(row, at)?,
            started_at: next(row, at)?,
            ended_at: next(row, at)?,
            transport: next(row, at)?,
            status: next(row, at)?,
            state: next(row, at)?,
            became: next(row, at)?,
            decided_at: next(row, at)?,
            refusal: next(row, at)?,
            reason: next(row, at)?,
            message: next(row, at)?,
            note: next(row, at)?,
            excerpt: next(row, at)?,
            request: next(row, at)?,
        })
    }

    /// Those that `which` of one number chooses, the oldest first.
    pub(super) fn all(conn: &Connection, which: &str, of: i64) -> rusqlite::Result<Vec<Self>> {
        conn.prepare_cached(&format!(
            "SELECT id, lead, trigger, was, started_at, ended_at, transport, status, state,
               became, decided_at, refusal, reason, message, note, excerpt, request
             FROM attempts WHERE {which} ORDER BY id"
        ))?
        .query_map([of], Self::read)?
        .collect()
    }

    /// Records how it ended.
    pub(super) fn save(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.prepare_cached(
            "UPDATE attempts SET ended_at = ?2, transport = ?3, status = ?4, state = ?5,
               became = ?6, decided_at = ?7, refusal = ?8, message = ?9, note = ?10,
               excerpt = ?11, request = ?12 WHERE id = ?1",
        )?
        .execute(params![
            self.id,
            self.ended_at,
            self.transport,
            self.status,
            self.state,
            self.became,
            self.decided_at,
            self.refusal,
            self.message,
            self.note,
            self.excerpt,
            self.request,
        ])?;
        Ok(())
    }

    /// The person's word that it is.
    pub(super) fn word(&self) -> Option<PersonsWord> {
        match self.note {
            Some(LedgerNote::Said { word, .. }) => Some(word),
            _ => None,
        }
    }

    /// What is to be said of it.
    pub fn message(&self) -> Option<String> {
        self.note
            .as_ref()
            .map(LedgerNote::words)
            .or(self.message.clone())
    }
}

/// Records what became of a lead without a call: a person's word, the end of an approval.
/// `states`: the lead's before it and after. `decided_at`: if it was not just now.
pub fn word(
    conn: &Connection,
    (lead, trigger): (i64, Trigger),
    [was, became]: [State; 2],
    decided_at: Option<i64>,
    reason: Option<&str>,
    note: Option<&LedgerNote>,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO attempts (lead, trigger, was, started_at, ended_at, state, became,
           decided_at, reason, note) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        lead,
        trigger,
        was,
        now(),
        became,
        decided_at,
        reason,
        note
    ])
    .map(drop)
}

impl Ledger {
    /// The UUID under which a lead is sent, at each try the same. It is another one
    /// where its sending begins anew: on a person's word (`anew`: now once more), or
    /// once it was refused, which a partner that knows the UUID would only say again.
    pub fn lead_uuid(&self, key: &Hash16, lead: i64, anew: bool) -> Result<String, LedgerError> {
        let series: u32 = self.read(|conn| {
            conn.prepare_cached(
                "SELECT count(*) FROM attempts WHERE lead = ?1 AND
                   (state = 'rejected' OR trigger = 'resend' AND reason IS NOT NULL)",
            )?
            .query_row([lead], |row| row.get(0))
        })?;
        Ok(self.hasher().lead_uuid(key, lead, series + u32::from(anew)))
    }

    /// The attempts of a lead, the oldest first.
    pub fn attempts(&self, lead: i64) -> Result<Vec<PastAttempt>, LedgerError> {
        self.read(|conn| PastAttempt::all(conn, "lead = ?1", lead))
    }
}
