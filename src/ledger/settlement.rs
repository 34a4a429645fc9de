//! The end of an attempt: the outcome comes into the lead's row, the attempt
//! into a row of its own.

use rusqlite::{Connection, params};

use super::LedgerError;
use super::attempt::{Settlement, Trigger};
use super::flight::{Flight, not_open};
use super::lead::now_of;
use super::sql::Sql;
use super::twins;
use crate::lead::State;

/// What a recorded settlement says about the partner.
pub struct Recorded {
    pub notified: bool,
    pub state: State,
    /// It was an attempt to send, not a question.
    pub sends: bool,
    /// What is said where it may be our own doing was added.
    pub ours: bool,
}

/// Records how an attempt ended, inside a transaction.
pub fn settle(
    sql: &mut Sql<'_>,
    now: i64,
    flight: &Flight,
    end: &Settlement,
) -> rusqlite::Result<Result<Recorded, LedgerError>> {
    let sends = flight.trigger.sends();
    let state = match (sends, end.state) {
        // That this attempt failed proves nothing of an earlier one in doubt.
        (true, Some(State::Failed)) if flight.was == State::InDoubt => Some(State::InDoubt),
        (true, None) => Some(State::InDoubt),
        (_, state) => state,
    };
    if !land(sql, flight)? && !was_declared(sql.conn, flight)? {
        return Ok(Err(not_open(end)));
    }
    let added = match end.if_ours {
        Some(words) if may_be_ours(sql, flight)? => Some(words),
        _ => None,
    };
    let said = added.map(|words| end.message.clone().unwrap_or_default() + words);
    let said = said.as_ref().or(end.message.as_ref());
    // Only here: a doubt is rare, and one of a renamed destination rarer.
    let open = !sends && flight.was == State::InDoubt && !state.is_none_or(twins::decides);
    let twin = match open {
        true => twins::not_received(sql.conn, flight.lead)?,
        false => None,
    };
    let state = match &twin {
        Some(_) => Some(State::Skipped),
        None => state,
    };
    put(sql, flight, state, end, twin.as_ref().or(said))?;
    note(sql, now, flight, end, said)?;
    let state = match state {
        Some(state) => state,
        None => now_of(sql, end.lead)?,
    };
    let notified = flight.notified == Some(state)
        || flight.notified == Some(State::Unsent) && state == State::Failed;
    Ok(Ok(Recorded {
        notified,
        state,
        sends,
        ours: added.is_some(),
    }))
}

/// Prepares what every settlement writes, for whoever is about to send: a new
/// statement that [`settle`] always runs belongs in this list.
pub fn make_ready(sql: &mut Sql<'_>) -> rusqlite::Result<()> {
    for text in [LAND, PUT, NOTE] {
        sql.held.get(text)?;
    }
    Ok(())
}

const LAND: &str = "DELETE FROM flights WHERE lead = ?1 AND run = ?2 AND number = ?3";

/// Ends the flight; `false` if it is none any more.
fn land(sql: &mut Sql<'_>, flight: &Flight) -> rusqlite::Result<bool> {
    let landed = sql
        .held
        .get(LAND)?
        .execute(params![flight.lead, flight.run, flight.number])?;
    Ok(landed > 0)
}

/// Another start declared it in doubt meanwhile: an outcome that is known is
/// never dropped, and takes the place of the declaration.
fn was_declared(conn: &Connection, flight: &Flight) -> rusqlite::Result<bool> {
    let undone = conn.execute(
        "DELETE FROM attempts WHERE lead = ?1 AND run = ?2 AND started_at = ?3 AND transport = 'silent'
           AND EXISTS (SELECT 1 FROM leads WHERE id = ?1 AND state = 'in_doubt')
           AND NOT EXISTS (SELECT 1 FROM flights WHERE lead = ?1)",
        params![flight.lead, flight.run, flight.started_at],
    )?;
    if undone > 0 && flight.trigger.sends() {
        // It will be counted once more.
        conn.execute(
            "UPDATE leads SET attempts = attempts - 1 WHERE id = ?1",
            [flight.lead],
        )?;
    }
    Ok(undone > 0)
}

/// Did an earlier attempt to send this lead end in doubt? What a search found
/// is one of them: only a second one could be in its way.
fn may_be_ours(sql: &mut Sql<'_>, flight: &Flight) -> rusqlite::Result<bool> {
    let lost: u32 = sql
        .held
        .get(
            "SELECT count(*) FROM attempts WHERE lead = ?1 AND state = 'in_doubt'
               AND trigger IN ('send', 'retry', 'resend', 'repeat')",
        )?
        .query_row([flight.lead], |row| row.get(0))?;
    Ok(lost > u32::from(flight.trigger == Trigger::Find))
}

// (RETURNING would cost a table of its own each time.)
const PUT: &str =
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
    message: Option<&String>,
) -> rusqlite::Result<()> {
    sql.held.get(PUT)?.execute(params![
        end.lead,
        state.map(State::as_str),
        end.reference,
        message,
        end.status,
        end.decided_at,
        end.expires_at,
        flight.trigger.sends(),
        flight.started_at,
        flight.payload
    ])?;
    Ok(())
}

const NOTE: &str =
    "INSERT INTO attempts (lead, run, trigger, was, started_at, ended_at, transport, status,
    state, payload, reason, message, excerpt)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

/// The attempt's own row, now that it is over.
fn note(
    sql: &mut Sql<'_>,
    now: i64,
    flight: &Flight,
    end: &Settlement,
    message: Option<&String>,
) -> rusqlite::Result<()> {
    sql.held.get(NOTE)?.execute(params![
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
        message,
        end.excerpt
    ])?;
    Ok(())
}
