//! One call to a partner about one lead: its beginning is on disk before the
//! first byte leaves, its outcome before anybody is told.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::open::clock;
use super::pace::spend;
use super::{Bucket, Hash16, LedgerError};
use crate::lead::State;

/// Why a partner is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    Send,
    /// The same lead once more in the same run.
    Retry,
    Resend,
    Amend,
    /// A lead in doubt where repeating is declared safe.
    Repeat,
    /// Asks for a decision.
    Follow,
    /// Looks for a lead in doubt.
    Find,
    /// A person's word, no call at all.
    Resolve,
}

impl Trigger {
    const ALL: [Self; 8] = [
        Self::Send,
        Self::Retry,
        Self::Resend,
        Self::Amend,
        Self::Repeat,
        Self::Follow,
        Self::Find,
        Self::Resolve,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Retry => "retry",
            Self::Resend => "resend",
            Self::Amend => "amend",
            Self::Repeat => "repeat",
            Self::Follow => "follow",
            Self::Find => "find",
            Self::Resolve => "resolve",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|trigger| trigger.as_str() == word)
    }

    /// Might the partner have the lead because of it?
    pub fn sends(self) -> bool {
        matches!(
            self,
            Self::Send | Self::Retry | Self::Resend | Self::Amend | Self::Repeat
        )
    }
}

/// An attempt about to be made. Text that is `None` leaves what is stored.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub lead: i64,
    pub trigger: Trigger,
    /// [`super::Hasher::request`] of what is sent.
    pub payload: Option<Hash16>,
    /// The body that is sent.
    pub sent: Option<String>,
    /// Where to ask about it later (JSON).
    pub address: Option<String>,
    /// The lead's fields (JSON), where they were rewritten.
    pub fields: Option<String>,
    /// A person's reason to send a lead in doubt.
    pub reason: Option<String>,
    /// The states in which the lead may be claimed.
    pub expect: &'static [State],
    pub pace: Option<Arc<Bucket>>,
}

/// What came of the wish to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// On disk: the request may leave. The attempt's id.
    Granted(i64),
    /// The pace asks to wait, then to begin again; nothing is recorded.
    Wait(Duration),
    /// The lead is in this state, or in flight: it is not ours to send.
    Taken(State),
}

/// How an attempt ended. What is `None` leaves the lead as it is.
#[derive(Debug, Clone)]
pub struct Settlement {
    pub attempt: i64,
    pub lead: i64,
    pub state: Option<State>,
    pub reference: Option<String>,
    pub message: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// "replied", "unsent" or "silent".
    pub transport: &'static str,
    /// The start of the answer, for `history`.
    pub excerpt: Option<String>,
    /// Milliseconds UTC: when the partner decided.
    pub decided_at: Option<i64>,
    /// Milliseconds UTC: when an approval ends.
    pub expires_at: Option<i64>,
    /// The same lead is tried again at once: a doubt is not counted yet.
    pub to_be_repeated: bool,
}

/// What a settlement changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// What is stored now. Not always what was asked: a failed repeat of a lead
    /// in doubt leaves it in doubt.
    pub state: State,
    /// Leads in doubt in a row at this destination, this one included.
    pub doubts: u32,
    /// An earlier run told this state of this lead already, or that it was
    /// unsent where it failed: to a person these are one piece of news.
    pub told: bool,
}

/// What a recorded settlement says about the partner.
pub struct Recorded {
    pub told: bool,
    pub state: State,
    /// It was an attempt to send, not a question.
    pub sends: bool,
}

/// Claims the lead and records the attempt, inside a transaction.
pub fn begin(
    conn: &Connection,
    run: i64,
    now: i64,
    attempt: &Attempt,
) -> rusqlite::Result<Result<Begun, LedgerError>> {
    let found = conn
        .prepare_cached("SELECT state, flight FROM leads WHERE id = ?1")?
        .query_row([attempt.lead], |row| {
            Ok((
                super::lead::state_at(row, 0)?,
                row.get::<_, Option<i64>>(1)?,
            ))
        })
        .optional()?;
    let Some((state, flight)) = found else {
        return Ok(Err(LedgerError::refused(format!(
            "the ledger has no lead {}",
            attempt.lead
        ))));
    };
    let sends = attempt.trigger.sends();
    // An approval is never put at risk, whatever the caller expects.
    let approved = sends && state == State::Approved;
    if flight.is_some() || approved || !attempt.expect.contains(&state) {
        return Ok(Ok(Begun::Taken(state)));
    }
    if let Some(bucket) = &attempt.pace
        && let Err(wait) = spend(conn, bucket, now)?
    {
        return Ok(Ok(Begun::Wait(wait)));
    }
    conn.prepare_cached(
        "INSERT INTO attempts (lead, run, trigger, started_at, payload, reason, was)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        attempt.lead,
        run,
        attempt.trigger.as_str(),
        now,
        attempt.payload,
        attempt.reason,
        state.as_str()
    ])?;
    let id = conn.last_insert_rowid();
    if sends {
        launch(conn, id, now, attempt)?;
    } else {
        conn.prepare_cached("UPDATE leads SET flight = ?2 WHERE id = ?1")?
            .execute(params![attempt.lead, id])?;
    }
    Ok(Ok(Begun::Granted(id)))
}

/// From here on the lead is in doubt by construction: whatever kills the
/// process, no later run sends it unasked.
fn launch(conn: &Connection, id: i64, now: i64, attempt: &Attempt) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE leads SET flight = ?2, state = 'in_doubt', message = ?3, sent_at = ?4,
           attempts = attempts + 1, decided_at = NULL, status = NULL,
           request = coalesce(?5, request), address = coalesce(?6, address), fields = coalesce(?7, fields),
           sent = coalesce(?8, sent)
         WHERE id = ?1",
    )?
    .execute(params![
        attempt.lead,
        id,
        format!("being sent since {}; its answer is not recorded yet", clock(now)),
        now,
        attempt.payload,
        attempt.address,
        attempt.fields,
        attempt.sent
    ])?;
    Ok(())
}

/// Records how an attempt ended, inside a transaction.
pub fn settle(
    conn: &Connection,
    now: i64,
    end: &Settlement,
) -> rusqlite::Result<Result<Recorded, LedgerError>> {
    let Some((sends, was)) = close(conn, now, end)? else {
        return Ok(Err(not_open(end)));
    };
    // That this attempt failed proves nothing of an earlier one in doubt.
    let doubt_stays = sends && was == State::InDoubt && end.state == Some(State::Failed);
    let state = if doubt_stays {
        Some(State::InDoubt)
    } else {
        end.state
    };
    // Also a lead that another start declared in doubt meanwhile: an outcome
    // that is known is never dropped. (RETURNING would cost a table of its own
    // each time.)
    let changed = conn
        .prepare_cached(
            "UPDATE leads SET flight = NULL, state = coalesce(?3, state), reference = coalesce(?4, reference),
               message = CASE WHEN ?3 IS NULL THEN coalesce(?5, message) ELSE ?5 END,
               status = coalesce(?6, status), decided_at = coalesce(?7, decided_at),
               expires_at = coalesce(?8, expires_at), was_pending = was_pending OR ?3 IS 'pending'
             WHERE id = ?1 AND (flight = ?2 OR (flight IS NULL AND state = 'in_doubt'))",
        )?
        .execute(params![
            end.lead,
            end.attempt,
            state.map(State::as_str),
            end.reference,
            end.message,
            end.status,
            end.decided_at,
            end.expires_at
        ])?;
    if changed == 0 {
        return Ok(Err(not_open(end)));
    }
    let (told, state) = conn
        .prepare_cached(
            "SELECT told_state IS state OR (told_state IS 'unsent' AND state = 'failed'), state
             FROM leads WHERE id = ?1",
        )?
        .query_row([end.lead], |row| {
            Ok((row.get(0)?, super::lead::state_at(row, 1)?))
        })?;
    Ok(Ok(Recorded { told, state, sends }))
}

/// Ends the attempt's own row. Tells whether it was a sending one, and the
/// lead's state before it.
fn close(conn: &Connection, now: i64, end: &Settlement) -> rusqlite::Result<Option<(bool, State)>> {
    let found = conn
        .prepare_cached("SELECT trigger, was FROM attempts WHERE id = ?1 AND lead = ?2")?
        .query_row([end.attempt, end.lead], |row| {
            let trigger = Trigger::parse(row.get_ref(0)?.as_str()?);
            Ok((
                trigger.is_some_and(Trigger::sends),
                super::lead::state_at(row, 1)?,
            ))
        })
        .optional()?;
    if found.is_some() {
        conn.prepare_cached(
            "UPDATE attempts SET ended_at = ?2, transport = ?3, status = ?4, state = ?5, message = ?6,
               excerpt = ?7 WHERE id = ?1",
        )?
        .execute(params![
            end.attempt,
            now,
            end.transport,
            end.status,
            end.state.map(State::as_str),
            end.message,
            end.excerpt
        ])?;
    }
    Ok(found)
}

fn not_open(end: &Settlement) -> LedgerError {
    LedgerError::refused(format!(
        "attempt {} of lead {} is not open: its outcome could not be recorded",
        end.attempt, end.lead
    ))
}
