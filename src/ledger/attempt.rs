//! One call to a partner about one lead: its beginning is on disk before the
//! first byte leaves, its outcome before anybody is told. In between the lead is
//! in doubt by construction, if the partner is not only asked: whatever kills the
//! process, no later run sends it unasked.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, params};

use super::consent::objection;
use super::destination::{Scope, decides, stand_back};
use super::lead::{self, StoredLead};
use super::note::LedgerNote;
use super::past_attempt::PastAttempt;
use super::place::{self, KeptBack};
use super::route::{placed_elsewhere, release_others};
use super::shared::{self, Bearer};
use super::{Bucket, Hash16, LedgerError, Trigger, pace};
use crate::lead::{Hold, HoldReason, Limit, State};

/// An attempt about to be made. Text that is `None` leaves what is stored.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub lead: i64,
    pub trigger: Trigger,
    /// [`super::Hasher::request`] of what is sent.
    pub payload: Option<Hash16>,
    /// What is sent (JSON), but for the secrets; `None` where that is known only later.
    pub request: Option<String>,
    /// The body that is sent, where it is not the one taken in.
    pub sent: Option<String>,
    /// Where to ask about it later (JSON).
    pub address: Option<String>,
    /// A person's reason to send a lead in doubt.
    pub reason: Option<String>,
    /// The states in which the lead may be claimed.
    pub expect: &'static [State],
    /// The run that had taken it in when its request was made: what another one
    /// read since is not what would be sent.
    pub taken_in_by: Option<i64>,
    pub pace: Option<Arc<Bucket>>,
    /// Why its destination takes no lead now.
    pub hold: Option<Hold>,
    /// How many it takes.
    pub limits: Vec<Limit>,
}

/// What came of the wish to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// On disk: the request may leave. The attempt's number.
    Granted(i64),
    /// The pace asks to wait, then to begin again; nothing is recorded.
    Wait(Duration),
    /// This lead is in doubt and may be the same person: nothing is recorded.
    HeldBack(i64),
    /// It is not sent now, or not here: one that no partner has is held, or filtered.
    KeptBack(KeptBack),
    /// The lead is in this state, or in flight: it is not ours to send. `skipped`:
    /// it is there no more, or its person was blocked meanwhile.
    Taken(State),
}

/// How an attempt ended. What is `None` leaves the lead as it is.
#[derive(Debug, Clone, Default)]
pub struct Settlement {
    /// As [`Begun::Granted`] gave it.
    pub attempt: i64,
    pub lead: i64,
    pub state: Option<State>,
    pub reference: Option<String>,
    pub message: Option<String>,
    /// Added to the message, in brackets, where an earlier attempt of ours got no answer.
    pub if_ours: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// "replied", "unsent" or "silent".
    pub transport: &'static str,
    /// The start of the answer, for `history`.
    pub excerpt: Option<String>,
    /// What was sent, where [`Attempt::request`] did not say it.
    pub request: Option<String>,
    /// A refusal's words, without anybody's data.
    pub refusal: Option<String>,
    /// Milliseconds UTC: when the partner decided.
    pub decided_at: Option<i64>,
    /// Milliseconds UTC: when an approval ends.
    pub expires_at: Option<i64>,
    /// The same lead is tried again at once: a doubt is not counted yet.
    pub to_be_repeated: bool,
    /// The pace that it counted for, and when its request had left
    /// (milliseconds UTC).
    pub paced: Option<(Arc<Bucket>, i64)>,
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
    /// A lead of ours that has the same reference, which the message says too.
    pub bearer: Option<Bearer>,
}

/// Until an answer that is on its way is asked for again.
const SOON: Duration = Duration::from_millis(100);

/// Claims the lead, so that nobody else sends it, and records what is about to
/// be done. Inside a transaction.
pub fn begin(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    attempt: &Attempt,
) -> rusqlite::Result<Begun> {
    // Purged, or its person blocked, since it was taken in: no reason to stop for
    // the others.
    let Some(mut lead) = lead::by_id(conn, attempt.lead)? else {
        return Ok(Begun::Taken(State::Skipped));
    };
    if let Some(no) = refused(conn, scope, now, attempt, &lead)? {
        if let (Begun::KeptBack(why), true) = (&no, lead.state.is_unreceived()) {
            lead.set(why.state(), why.note());
            lead.save(conn)?;
        }
        return Ok(no);
    }
    let (sends, was) = (attempt.trigger.sends(), lead.state);
    conn.prepare_cached(
        "INSERT INTO attempts (lead, run, trigger, was, started_at, reason, request)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        attempt.lead,
        scope.run,
        attempt.trigger,
        was,
        now,
        attempt.reason,
        attempt.request,
    ])?;
    let id = conn.last_insert_rowid();
    if sends {
        // From here on it is in doubt, and has what is sent where that is not what
        // was taken in.
        lead.state = State::InDoubt;
        // A doubt of another time is no news of this one.
        let is_over = was != State::InDoubt;
        lead.posted = lead.posted.filter(|it| *it != State::InDoubt || !is_over);
        lead.passed_on = false;
        lead.sent_at = Some(now);
        lead.attempts += 1;
        lead.request = attempt.payload.or(lead.request);
        lead.address = attempt.address.clone().or(lead.address);
        lead.sent = attempt.sent.clone().or(lead.sent);
        (lead.message, lead.note) = (None, None);
        (lead.status, lead.decided_at) = (None, None);
        lead.save(conn)?;
    }
    Ok(Begun::Granted(id))
}

/// Why it may not begin. The pace is asked last: who may begin has spent it.
fn refused(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    attempt: &Attempt,
    lead: &StoredLead,
) -> rusqlite::Result<Option<Begun>> {
    let (sends, was) = (attempt.trigger.sends(), lead.state);
    if lead.in_flight() {
        return Ok(Some(Begun::Taken(was)));
    }
    if sends && objection(conn, lead.contacts(), lead.given_at())?.is_some() {
        return Ok(Some(Begun::Taken(State::Skipped)));
    }
    if attempt.taken_in_by.is_some_and(|run| run != lead.run) {
        return Ok(Some(Begun::Taken(was)));
    }
    // An approval is never put at risk unasked, whatever the caller expects.
    let at_risk = sends && was == State::Approved && attempt.reason.is_none();
    if at_risk || !attempt.expect.contains(&was) {
        return Ok(Some(Begun::Taken(was)));
    }
    if sends && attempt.reason.is_none() && placed_elsewhere(conn, lead)?.is_some() {
        return Ok(Some(Begun::Taken(State::Skipped)));
    }
    // Where a key is not whole, this may be who is in doubt; that is known soon where
    // the other one is on its way.
    let may_be_known = sends && !lead.is_change && attempt.reason.is_none();
    if may_be_known && let Some(doubt) = lead::doubt_about(conn, lead)? {
        return Ok(Some(match doubt.in_flight() {
            true => Begun::Wait(SOON),
            false => Begun::HeldBack(doubt.id),
        }));
    }
    if sends && !lead.is_change {
        if let Some(rival) = place::rival(conn, lead.contacts(), &scope.rivals)? {
            return Ok(Some(match place::is_on_its_way(conn, &rival)? {
                true => Begun::Wait(SOON),
                false => Begun::KeptBack(KeptBack::Out(rival.into())),
            }));
        }
        let beyond = || place::beyond(conn, scope.destination, &attempt.limits, lead.id);
        let hold = attempt.hold.map_or_else(beyond, |hold| Ok(Some(hold)))?;
        if let Some(hold) = hold {
            let may_end = hold.reason == HoldReason::Cap;
            return Ok(Some(
                match may_end && place::is_sending(conn, scope.run, lead.id)? {
                    true => Begun::Wait(SOON),
                    false => Begun::KeptBack(KeptBack::Held(hold)),
                },
            ));
        }
    }
    let paced = attempt
        .pace
        .as_ref()
        .map(|bucket| pace::spend(conn, bucket, now));
    Ok(paced.transpose()?.and_then(Result::err).map(Begun::Wait))
}

/// The attempt that is to end, and its lead. One that another start declared in
/// doubt meanwhile is open still: an outcome that is known is never dropped, and
/// takes the place of the declaration.
fn open(
    conn: &Connection,
    end: &Settlement,
) -> rusqlite::Result<Option<(PastAttempt, StoredLead)>> {
    let attempt = PastAttempt::all(conn, "id = ?1", end.attempt)?.pop();
    let both = attempt.zip(lead::by_id(conn, end.lead)?);
    Ok(both.filter(|(attempt, lead)| {
        let declared = attempt.note.is_some() && lead.state == State::InDoubt && !lead.in_flight();
        attempt.lead == lead.id && (attempt.ended_at.is_none() || declared)
    }))
}

/// Records how an attempt ended: the outcome comes into the lead's row, the
/// answer into the attempt's. Inside a transaction.
pub fn settle(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    end: &Settlement,
) -> rusqlite::Result<Result<Settled, LedgerError>> {
    let Some((mut attempt, mut lead)) = open(conn, end)? else {
        return Ok(Err(LedgerError::NotOpen {
            attempt: end.attempt,
            lead: end.lead,
        }));
    };
    if let Some((bucket, left_at)) = &end.paced {
        pace::left(conn, bucket, attempt.started_at, *left_at)?;
    }
    let sends = attempt.trigger.sends();
    let mut state = match (sends, end.state) {
        // That this attempt failed proves nothing of an earlier one in doubt, and takes
        // nothing from what a partner has.
        (true, Some(State::Failed)) if decides(attempt.was) => Some(attempt.was),
        (true, None) => Some(State::InDoubt),
        (_, state) => state,
    };
    let (ours, bearer);
    (attempt.message, ours, bearer) = told(conn, &lead, attempt.trigger, end)?;
    if let Some(Bearer::AnotherLead(_)) = bearer {
        state = None;
    }
    let mut note = None;
    let was_doubt = !sends && attempt.was == State::InDoubt;
    if was_doubt && state.is_some_and(|state| !decides(state)) {
        note = stand_back(conn, &lead, scope.again_after)?.map(LedgerNote::NotReceived);
        state = note.as_ref().map_or(state, |_| Some(State::Skipped));
    }
    attempt.became = state;
    close(&mut attempt, end, now);
    attempt.save(conn)?;
    if state.is_some() || attempt.message.is_some() {
        (lead.message, lead.note) = (attempt.message, note);
    }
    put(&mut lead, end, sends, state);
    if lead.state == State::InDoubt && makes_a_doubt(attempt.trigger, end) {
        (lead.told, lead.posted) = (None, None);
    }
    lead.freeze_price(&scope.pricing);
    lead.save(conn)?;
    release_others(conn, &lead)?;
    if sends {
        learn(conn, scope.destination, now, end)?;
    }
    let failed = lead.state == State::Failed;
    Ok(Ok(Settled {
        state: lead.state,
        doubts: doubts(conn, scope.destination)?,
        notified: lead.notified() || lead.told == Some(State::Unsent) && failed,
        ours,
        bearer,
    }))
}

/// What is known of an attempt now that it is over.
fn close(attempt: &mut PastAttempt, end: &Settlement, now: i64) {
    attempt.ended_at = Some(now);
    attempt.transport = Some(end.transport.to_owned());
    (attempt.status, attempt.state) = (end.status, end.state);
    (attempt.decided_at, attempt.refusal) = (end.decided_at, end.refusal.clone());
    (attempt.note, attempt.excerpt) = (None, end.excerpt.clone());
    attempt.request = attempt.request.take().or(end.request.clone());
}

/// Whether a doubt that it leaves is its own: the lead was sent once more, and may be
/// there by that. What is repeated where that harms nobody leaves the doubt that was told.
fn makes_a_doubt(trigger: Trigger, end: &Settlement) -> bool {
    trigger.sends() && trigger != Trigger::Repeat && end.state != Some(State::Failed)
}

/// The message, with what only the ledger knows.
fn told(
    conn: &Connection,
    lead: &StoredLead,
    trigger: Trigger,
    end: &Settlement,
) -> rusqlite::Result<(Option<String>, bool, Option<Bearer>)> {
    let ours = end.if_ours.is_some() && may_be_ours(conn, lead.id, trigger)?;
    let reference = end.reference.as_deref();
    let bearer = reference.map(|told| match trigger {
        Trigger::Find => shared::another_lead(conn, lead, told),
        _ if trigger.sends() => shared::another_person(conn, lead, told),
        _ => Ok(None),
    });
    let bearer = bearer.transpose()?.flatten();
    let mut message = end.message.clone().unwrap_or_default();
    if let Some(ours) = end.if_ours.as_ref().filter(|_| ours) {
        message = format!("{message} ({ours})");
    }
    shared::tell_bearer(&mut message, bearer);
    let is_said = end.message.is_some() || !message.is_empty();
    Ok((is_said.then_some(message), ours, bearer))
}

/// Puts an outcome into a lead. A question leaves what it did not learn.
fn put(lead: &mut StoredLead, end: &Settlement, sends: bool, state: Option<State>) {
    lead.state = state.unwrap_or(lead.state);
    lead.after_pending |= state == Some(State::Pending);
    lead.reference = end.reference.clone().or(lead.reference.take());
    lead.status = end.status.or(lead.status.filter(|_| !sends));
    lead.decided_at = end.decided_at.or(lead.decided_at.filter(|_| !sends));
    lead.expires_at = end.expires_at.or(lead.expires_at.filter(|_| !sends));
}

/// Did an earlier attempt to send this lead end in doubt? What a search found
/// is one of them: only a second one could be in its way.
fn may_be_ours(conn: &Connection, lead: i64, trigger: Trigger) -> rusqlite::Result<bool> {
    let attempts = PastAttempt::all(conn, "lead = ?1", lead)?;
    let makes = |trigger: Trigger| trigger.sends() && trigger != Trigger::Amend;
    let lost = attempts
        .iter()
        .filter(|past| past.state == Some(State::InDoubt) && makes(past.trigger));
    Ok(lost.count() > usize::from(trigger == Trigger::Find))
}

/// What the end of a sending attempt says about the partner.
fn learn(conn: &Connection, destination: i64, now: i64, end: &Settlement) -> rusqlite::Result<()> {
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
            "UPDATE destinations SET doubts = 0, last_success = iif(?2, ?3, last_success),
               stop_posted = iif(?2, NULL, stop_posted)
             WHERE id = ?1 AND (?2 OR doubts > 0)",
        )?
        .execute(params![destination, taken, now])?;
    }
    Ok(())
}

/// Leads in doubt in a row.
fn doubts(conn: &Connection, destination: i64) -> rusqlite::Result<u32> {
    conn.prepare_cached("SELECT doubts FROM destinations WHERE id = ?1")?
        .query_row([destination], |row| row.get(0))
}
