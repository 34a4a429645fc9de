//! One call to a partner about one lead: its beginning is on disk before the
//! first byte leaves, its outcome before anybody is told. In between the lead is
//! in doubt by construction, if the partner is not only asked: whatever kills the
//! process, no later run sends it unasked.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::lead::Note;
use super::{Bucket, Hash16, LedgerError, destination, pace};
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
    /// On disk: the request may leave. The attempt's number.
    Granted(i64),
    /// The pace asks to wait, then to begin again; nothing is recorded.
    Wait(Duration),
    /// The lead is in this state, or in flight: it is not ours to send. `skipped`:
    /// it is there no more, or its person was blocked meanwhile.
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
    /// Added to the message where an earlier attempt of ours got no answer.
    pub if_ours: Option<&'static str>,
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
    pub notified: bool,
    /// [`Settlement::if_ours`] was added.
    pub ours: bool,
}

/// Claims the lead, so that nobody else sends it, and records what is about to
/// be done. Inside a transaction.
pub fn begin(conn: &Connection, run: i64, now: i64, attempt: &Attempt) -> rusqlite::Result<Begun> {
    let state = state_to_claim(conn, attempt)?;
    // An approval is never put at risk, whatever the caller expects.
    let sends = attempt.trigger.sends();
    let was = match state {
        Ok(state) if sends && state == State::Approved => return Ok(Begun::Taken(state)),
        Ok(state) if attempt.expect.contains(&state) => state,
        Ok(state) | Err(state) => return Ok(Begun::Taken(state)),
    };
    if let Some(bucket) = &attempt.pace
        && let Err(wait) = pace::spend(conn, bucket, now)?
    {
        return Ok(Begun::Wait(wait));
    }
    conn.prepare_cached(
        "INSERT INTO attempts (lead, run, trigger, was, started_at, payload, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        attempt.lead,
        run,
        attempt.trigger.as_str(),
        was,
        now,
        attempt.payload,
        attempt.reason
    ])?;
    let id = conn.last_insert_rowid();
    if sends {
        send_off(conn, now, attempt)?;
    }
    Ok(Begun::Granted(id))
}

/// The lead's state; an error is that of one that is in flight, or `skipped`
/// where it was purged or its person blocked since it was taken in: no reason to
/// stop for the others.
fn state_to_claim(conn: &Connection, attempt: &Attempt) -> rusqlite::Result<Result<State, State>> {
    let found = conn
        .prepare_cached(
            "SELECT state, EXISTS (SELECT 1 FROM attempts WHERE lead = ?1 AND ended_at IS NULL),
               EXISTS (SELECT 1 FROM blocked WHERE person IN (email, phone))
             FROM leads WHERE id = ?1",
        )?
        .query_row([attempt.lead], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(match found {
        None => Err(State::Skipped),
        Some((state, true, _)) => Err(state),
        Some((_, _, true)) if attempt.trigger.sends() => Err(State::Skipped),
        Some((state, ..)) => Ok(state),
    })
}

/// From here on the lead is in doubt, and has what is sent where that is not what
/// was taken in.
fn send_off(conn: &Connection, now: i64, attempt: &Attempt) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE leads SET state = 'in_doubt', sent_at = ?2, attempts = attempts + 1,
           request = coalesce(?3, request), address = coalesce(?4, address),
           fields = coalesce(?5, fields), sent = coalesce(?6, sent), message = NULL, note = NULL,
           status = NULL, decided_at = NULL
         WHERE id = ?1",
    )?
    .execute(params![
        attempt.lead,
        now,
        attempt.payload,
        attempt.address,
        attempt.fields,
        attempt.sent
    ])?;
    Ok(())
}

/// An attempt that is about to end.
struct Open {
    trigger: Trigger,
    /// The lead's state before it.
    was: State,
    notified: Option<State>,
}

/// The attempt that `end` is about. One that another start declared in doubt
/// meanwhile is open still: an outcome that is known is never dropped, and takes
/// the place of the declaration.
fn open(conn: &Connection, end: &Settlement) -> rusqlite::Result<Option<Open>> {
    let found = conn
        .prepare_cached(
            "SELECT trigger, was, notified FROM attempts JOIN leads ON leads.id = lead
             WHERE attempts.id = ?1 AND lead = ?2 AND (ended_at IS NULL
               OR attempts.note IS NOT NULL AND leads.state = 'in_doubt' AND NOT EXISTS
                 (SELECT 1 FROM attempts WHERE lead = ?2 AND ended_at IS NULL))",
        )?
        .query_row([end.attempt, end.lead], |row| {
            let trigger: String = row.get(0)?;
            Ok((trigger, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(found.and_then(|(trigger, was, notified)| {
        Some(Open {
            trigger: Trigger::parse(&trigger)?,
            was,
            notified,
        })
    }))
}

/// Records how an attempt ended: the outcome comes into the lead's row, the
/// answer into the attempt's. Inside a transaction.
pub fn settle(
    conn: &Connection,
    at: i64,
    now: i64,
    end: &Settlement,
) -> rusqlite::Result<Result<Settled, LedgerError>> {
    let Some(open) = open(conn, end)? else {
        return Ok(Err(LedgerError::NotOpen {
            attempt: end.attempt,
            lead: end.lead,
        }));
    };
    let sends = open.trigger.sends();
    let state = match (sends, end.state) {
        // That this attempt failed proves nothing of an earlier one in doubt.
        (true, Some(State::Failed)) if open.was == State::InDoubt => Some(State::InDoubt),
        (true, None) => Some(State::InDoubt),
        (_, state) => state,
    };
    let added = match end.if_ours {
        Some(words) if may_be_ours(conn, end.lead, open.trigger)? => Some(words),
        _ => None,
    };
    let said = added.map(|words| end.message.clone().unwrap_or_default() + words);
    let message = said.as_ref().or(end.message.as_ref());
    conn.prepare_cached(
        "UPDATE attempts SET ended_at = ?2, transport = ?3, status = ?4, state = ?5, message = ?6,
           note = NULL, excerpt = ?7 WHERE id = ?1",
    )?
    .execute(params![
        end.attempt,
        now,
        end.transport,
        end.status,
        end.state,
        message,
        end.excerpt
    ])?;
    // Only here: a doubt is rare, and one of a renamed destination rarer.
    let was_doubt = !sends && open.was == State::InDoubt;
    let duplicate = match was_doubt && state.is_some_and(|state| !destination::decides(state)) {
        true => destination::stand_back(conn, end.lead)?,
        false => None,
    };
    let note = duplicate.map(Note::NotReceived);
    let state = note.as_ref().map_or(state, |_| Some(State::Skipped));
    put(conn, end, sends, state, message, note)?;
    let doubts = match sends {
        true => learn(conn, at, now, end)?,
        false => doubts(conn, at)?,
    };
    let state = state.unwrap_or(open.was);
    Ok(Ok(Settled {
        state,
        doubts,
        notified: open.notified == Some(state)
            || open.notified == Some(State::Unsent) && state == State::Failed,
        ours: added.is_some(),
    }))
}

/// Did an earlier attempt to send this lead end in doubt? What a search found
/// is one of them: only a second one could be in its way.
fn may_be_ours(conn: &Connection, lead: i64, trigger: Trigger) -> rusqlite::Result<bool> {
    let lost: u32 = conn
        .prepare_cached(
            "SELECT count(*) FROM attempts WHERE lead = ?1 AND state = 'in_doubt'
               AND trigger IN ('send', 'retry', 'resend', 'repeat')",
        )?
        .query_row([lead], |row| row.get(0))?;
    Ok(lost > u32::from(trigger == Trigger::Find))
}

/// Puts the outcome into the lead's row. A question leaves what it did not learn.
fn put(
    conn: &Connection,
    end: &Settlement,
    sends: bool,
    state: Option<State>,
    message: Option<&String>,
    note: Option<Note>,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE leads SET state = coalesce(?2, state), reference = coalesce(?3, reference),
           message = iif(?2 IS NULL, coalesce(?4, message), ?4),
           note = iif(?2 IS NULL AND ?4 IS NULL, note, ?5),
           status = iif(?9, ?6, coalesce(?6, status)),
           decided_at = iif(?9, ?7, coalesce(?7, decided_at)),
           expires_at = coalesce(?8, expires_at), was_pending = was_pending OR ?2 IS 'pending'
         WHERE id = ?1",
    )?
    .execute(params![
        end.lead,
        state,
        end.reference,
        message,
        note,
        end.status,
        end.decided_at,
        end.expires_at,
        sends
    ])?;
    Ok(())
}

/// What the end of a sending attempt says about the partner; the doubts in a row.
fn learn(conn: &Connection, destination: i64, now: i64, end: &Settlement) -> rusqlite::Result<u32> {
    let taken = matches!(
        end.state,
        Some(State::Delivered | State::Pending | State::Approved)
    );
    let in_doubt = end.state == Some(State::InDoubt);
    // Being asked to wait says nothing about the doubts around it.
    let certain = end.transport == "replied" && end.state.is_some();
    if in_doubt && !end.to_be_repeated {
        conn.prepare_cached("UPDATE destinations SET doubts = doubts + 1 WHERE id = ?1")?
            .execute([destination])?;
    } else if certain && !in_doubt && !end.to_be_repeated {
        conn.prepare_cached(
            "UPDATE destinations SET doubts = 0, last_success = iif(?2, ?3, last_success)
             WHERE id = ?1 AND (?2 OR doubts > 0)",
        )?
        .execute(params![destination, taken, now])?;
    }
    doubts(conn, destination)
}

fn doubts(conn: &Connection, destination: i64) -> rusqlite::Result<u32> {
    conn.prepare_cached("SELECT doubts FROM destinations WHERE id = ?1")?
        .query_row([destination], |row| row.get(0))
}
