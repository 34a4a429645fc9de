//! One call to a partner about one lead: its beginning is on disk before the
//! first byte leaves, its outcome before anybody is told.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::flight::{Flight, Flights, not_open};
use super::pace::spend;
use super::sql::Sql;
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
    /// The body that is sent, where it is not the one taken in.
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
    /// On disk: the request may leave. The attempt's number in its run.
    Granted(i64),
    /// The pace asks to wait, then to begin again; nothing is recorded.
    Wait(Duration),
    /// The lead is in this state, or in flight: it is not ours to send.
    Taken(State),
}

/// How an attempt ended. What is `None` leaves the lead as it is.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// As [`Begun::Granted`] gave it.
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

/// What a claim came to: the flight that is remembered if it was granted.
pub enum Claimed {
    Flight(Flight),
    Not(Begun),
}

/// Claims the lead and records the attempt, inside a transaction. From here on
/// the lead is in doubt by construction, if the partner is not only asked:
/// whatever kills the process, no later run sends it unasked.
pub fn begin(
    sql: &mut Sql<'_>,
    flights: &mut Flights,
    now: i64,
    attempt: &Attempt,
) -> rusqlite::Result<Result<Claimed, LedgerError>> {
    let Some(Before {
        state,
        told,
        flying,
    }) = before(sql, attempt.lead)?
    else {
        return Ok(Err(LedgerError::refused(format!(
            "the ledger has no lead {}",
            attempt.lead
        ))));
    };
    // An approval is never put at risk, whatever the caller expects.
    let approved = attempt.trigger.sends() && state == State::Approved;
    if approved || flying || !attempt.expect.contains(&state) {
        let state = now_of(sql.conn, attempt.lead)?;
        return Ok(Ok(Claimed::Not(Begun::Taken(state))));
    }
    if let Some(bucket) = &attempt.pace
        && let Err(wait) = spend(sql.conn, bucket, now)?
    {
        return Ok(Ok(Claimed::Not(Begun::Wait(wait))));
    }
    let (run, number) = flights.next();
    let flight = Flight {
        lead: attempt.lead,
        run,
        number,
        trigger: attempt.trigger,
        was: state,
        started_at: now,
        payload: attempt.payload,
        reason: attempt.reason.clone(),
        told,
    };
    launch(sql, &flight)?;
    rewrite(sql.conn, attempt)?;
    Ok(Ok(Claimed::Flight(flight)))
}

/// A lead before an attempt.
struct Before {
    /// In its own row.
    state: State,
    /// The one that was told last.
    told: Option<State>,
    /// It is sent or asked about at this moment.
    flying: bool,
}

pub const BEFORE: &str = "SELECT state, told_state, EXISTS (SELECT 1 FROM flights WHERE lead = ?1)
  FROM leads WHERE id = ?1";

fn before(sql: &mut Sql<'_>, lead: i64) -> rusqlite::Result<Option<Before>> {
    sql.before
        .query_row([lead], |row| {
            let told = row.get_ref(1)?.as_str_or_null()?;
            Ok(Before {
                state: super::lead::state_at(row, 0)?,
                told: told.and_then(State::parse),
                flying: row.get(2)?,
            })
        })
        .optional()
}

/// The lead's state, what is on its way included.
fn now_of(conn: &Connection, lead: i64) -> rusqlite::Result<State> {
    conn.prepare_cached(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM flights WHERE lead = ?1 AND sends) THEN 'in_doubt' ELSE state END
         FROM leads WHERE id = ?1",
    )?
    .query_row([lead], |row| super::lead::state_at(row, 0))
}

pub const LAUNCH: &str =
    "INSERT INTO flights (lead, run, number, sends, trigger, started_at, payload, reason)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

fn launch(sql: &mut Sql<'_>, flight: &Flight) -> rusqlite::Result<()> {
    sql.launch.execute(params![
        flight.lead,
        flight.run,
        flight.number,
        flight.trigger.sends(),
        flight.trigger.as_str(),
        flight.started_at,
        flight.payload,
        flight.reason
    ])?;
    Ok(())
}

/// What is sent, where it is not what was taken in.
fn rewrite(conn: &Connection, attempt: &Attempt) -> rusqlite::Result<()> {
    if attempt.sent.is_none() && attempt.address.is_none() && attempt.fields.is_none() {
        return Ok(());
    }
    conn.prepare_cached(
        "UPDATE leads SET address = coalesce(?2, address), fields = coalesce(?3, fields),
           sent = coalesce(?4, sent) WHERE id = ?1",
    )?
    .execute(params![
        attempt.lead,
        attempt.address,
        attempt.fields,
        attempt.sent
    ])?;
    Ok(())
}

/// Records how an attempt ended, inside a transaction.
pub fn settle(
    sql: &mut Sql<'_>,
    now: i64,
    flight: &Flight,
    end: &Settlement,
) -> rusqlite::Result<Result<Recorded, LedgerError>> {
    let sends = flight.trigger.sends();
    // That this attempt failed proves nothing of an earlier one in doubt.
    let doubt_stays = sends && flight.was == State::InDoubt && end.state == Some(State::Failed);
    let state = match doubt_stays {
        true => Some(State::InDoubt),
        false => end.state,
    };
    if !land(sql, flight)? && !was_declared(sql.conn, flight)? {
        return Ok(Err(not_open(end)));
    }
    put(sql, flight, state, end)?;
    note(sql, now, flight, end)?;
    let state = match state {
        Some(state) => state,
        None => now_of(sql.conn, end.lead)?,
    };
    let told =
        flight.told == Some(state) || flight.told == Some(State::Unsent) && state == State::Failed;
    Ok(Ok(Recorded { told, state, sends }))
}

pub const LAND: &str = "DELETE FROM flights WHERE lead = ?1 AND run = ?2 AND number = ?3";

/// Ends the flight; `false` if it is none any more.
fn land(sql: &mut Sql<'_>, flight: &Flight) -> rusqlite::Result<bool> {
    let landed = sql
        .land
        .execute(params![flight.lead, flight.run, flight.number])?;
    Ok(landed > 0)
}

/// Another start declared it in doubt meanwhile: an outcome that is known is
/// never dropped, and takes the place of the declaration.
fn was_declared(conn: &Connection, flight: &Flight) -> rusqlite::Result<bool> {
    let undone = conn
        .prepare_cached(
            "DELETE FROM attempts WHERE lead = ?1 AND run = ?2 AND started_at = ?3 AND state = 'in_doubt'
               AND EXISTS (SELECT 1 FROM leads WHERE id = ?1 AND state = 'in_doubt')
               AND NOT EXISTS (SELECT 1 FROM flights WHERE lead = ?1)",
        )?
        .execute(params![flight.lead, flight.run, flight.started_at])?;
    if undone > 0 {
        conn.execute(
            "UPDATE leads SET attempts = attempts - 1 WHERE id = ?1",
            [flight.lead],
        )?;
    }
    Ok(undone > 0)
}

// (RETURNING would cost a table of its own each time.)
pub const PUT: &str =
    "UPDATE leads SET state = coalesce(?2, state), reference = coalesce(?3, reference),
    message = CASE WHEN ?2 IS NULL AND NOT ?8 THEN coalesce(?4, message) ELSE ?4 END,
    status = CASE WHEN ?8 THEN ?5 ELSE coalesce(?5, status) END,
    decided_at = CASE WHEN ?8 THEN ?6 ELSE coalesce(?6, decided_at) END,
    expires_at = coalesce(?7, expires_at), was_pending = was_pending OR ?2 IS 'pending',
    attempts = attempts + ?8, sent_at = CASE WHEN ?8 THEN ?9 ELSE sent_at END,
    request = CASE WHEN ?8 THEN coalesce(?10, request) ELSE request END
  WHERE id = ?1";

/// Puts the outcome into the lead's row. A question leaves what it did not learn.
fn put(
    sql: &mut Sql<'_>,
    flight: &Flight,
    state: Option<State>,
    end: &Settlement,
) -> rusqlite::Result<()> {
    sql.put.execute(params![
        end.lead,
        state.map(State::as_str),
        end.reference,
        end.message,
        end.status,
        end.decided_at,
        end.expires_at,
        flight.trigger.sends(),
        flight.started_at,
        flight.payload
    ])?;
    Ok(())
}

pub const NOTE: &str =
    "INSERT INTO attempts (lead, run, trigger, was, started_at, ended_at, transport, status,
    state, payload, reason, message, excerpt)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

/// The attempt's own row, now that it is over.
fn note(sql: &mut Sql<'_>, now: i64, flight: &Flight, end: &Settlement) -> rusqlite::Result<()> {
    sql.note.execute(params![
        flight.lead,
        flight.run,
        flight.trigger.as_str(),
        flight.was.as_str(),
        flight.started_at,
        now,
        end.transport,
        end.status,
        end.state.map(State::as_str),
        flight.payload,
        flight.reason,
        end.message,
        end.excerpt
    ])?;
    Ok(())
}
