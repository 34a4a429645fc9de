//! The beginning of an attempt: the lead is claimed, so that nobody else sends
//! it, and what is about to be done is recorded.

use rusqlite::{OptionalExtension, params};

use super::attempt::{Attempt, Begun};
use super::flight::{Flight, Flights};
use super::lead::{now_of, state_at};
use super::pace::spend;
use super::sql::Sql;
use super::{LedgerError, settlement};
use crate::lead::State;

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
        notified,
        flying,
    }) = before(sql, attempt.lead)?
    else {
        // Purged since it was taken in: no reason to stop for the others.
        return Ok(Ok(Claimed::Not(Begun::Taken(State::Skipped))));
    };
    // An approval is never put at risk, whatever the caller expects.
    let approved = attempt.trigger.sends() && state == State::Approved;
    if approved || flying || !attempt.expect.contains(&state) {
        let state = now_of(sql, attempt.lead)?;
        return Ok(Ok(Claimed::Not(Begun::Taken(state))));
    }
    if let Some(bucket) = &attempt.pace
        && let Err(wait) = spend(&mut sql.held, bucket, now)?
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
        notified,
    };
    // What records an outcome is prepared before anything is sent: a ledger that
    // can't take the outcome must not be found out by a lead.
    settlement::make_ready(sql)?;
    launch(sql, &flight)?;
    rewrite(sql, attempt)?;
    Ok(Ok(Claimed::Flight(flight)))
}

/// A lead before an attempt.
struct Before {
    /// In its own row.
    state: State,
    /// The one that was told last.
    notified: Option<State>,
    /// It is sent or asked about at this moment.
    flying: bool,
}

const BEFORE: &str = "SELECT state, told_state, EXISTS (SELECT 1 FROM flights WHERE lead = ?1)
  FROM leads WHERE id = ?1";

fn before(sql: &mut Sql<'_>, lead: i64) -> rusqlite::Result<Option<Before>> {
    sql.held
        .get(BEFORE)?
        .query_row([lead], |row| {
            let notified = row.get_ref(1)?.as_str_or_null()?;
            Ok(Before {
                state: state_at(row, 0)?,
                notified: notified.and_then(State::parse),
                flying: row.get(2)?,
            })
        })
        .optional()
}

const LAUNCH: &str =
    "INSERT INTO flights (lead, run, number, sends, trigger, started_at, payload, reason)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

fn launch(sql: &mut Sql<'_>, flight: &Flight) -> rusqlite::Result<()> {
    sql.held.get(LAUNCH)?.execute(params![
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

const REWRITE: &str =
    "UPDATE leads SET address = coalesce(?2, address), fields = coalesce(?3, fields),
    sent = coalesce(?4, sent) WHERE id = ?1";

/// What is sent, where it is not what was taken in.
fn rewrite(sql: &mut Sql<'_>, attempt: &Attempt) -> rusqlite::Result<()> {
    if attempt.sent.is_none() && attempt.address.is_none() && attempt.fields.is_none() {
        return Ok(());
    }
    sql.held.get(REWRITE)?.execute(params![
        attempt.lead,
        attempt.address,
        attempt.fields,
        attempt.sent
    ])?;
    Ok(())
}
