//! Stored leads, sent through today's table: those of `resend`, and those that a
//! paused destination held, which the next `send` sends before its own.

use super::rows;
use crate::calendar;
use crate::config::Destination;
use crate::delivery::Job;
use crate::error::Failure;
use crate::lead::{FilterReason, Hold, State};
use crate::ledger::{Judgement, Ledger, Objection, StoredLead, Trigger};
use crate::output::{Message, Reason, Row};
use crate::pipeline::answered::{kept_out, objected};
use crate::pipeline::remarks::Remarks;
use crate::pipeline::run::Feed;
use crate::pipeline::{Preparer, Rules, Sendable};
use crate::session::Session;
use crate::words::say;

/// What is sent, or the row of a lead that is not; and how it is judged by today's
/// rules, where these keep it from being sent.
pub type Fate = Result<Box<Sendable>, (Row, Option<Judgement>)>;

/// A lead whose person is not to be sent. What a partner has, or may have, stays as it is.
fn objected_to(stored: &StoredLead, objection: Objection) -> (Row, Option<Judgement>) {
    let judgement = stored.state.is_unreceived();
    let judgement = judgement.then_some(Judgement::Objected(objection));
    (objected(rows::standing(stored), objection), judgement)
}

/// What keeps a lead from being sent, whatever its row says: its person is blocked, or
/// another destination has it.
fn kept_back(
    ledger: &Ledger,
    destination: &Destination,
    stored: &StoredLead,
    anew: bool,
) -> Result<Option<(Row, Option<Judgement>)>, Failure> {
    if let Some(blocked @ Objection::Blocked { .. }) = ledger.objection(stored)? {
        return Ok(Some(objected_to(stored, blocked)));
    }
    if let Some(placed) = ledger.placed_elsewhere(stored)?.filter(|_| !anew) {
        let (to, id) = (&placed.destination, placed.id);
        let why = say!("note-placed", destination = to, lead = id);
        let row = Row {
            // It counts as it stands there.
            earlier: Some(placed.state).filter(|_| !placed.in_flight()),
            ..skipped(stored, why.into(), false)
        };
        return Ok(Some((row, None)));
    }
    let Some(rival) = ledger.rival(stored, &destination.rivals)? else {
        return Ok(None);
    };
    Ok(Some(match stored.state.is_unreceived() {
        true => {
            let row = kept_out(rows::standing(stored), &rival);
            (row, Some(Judgement::KeptOut(rival)))
        }
        false => {
            let why = say!("job-kept-back", why = rival.words());
            (skipped(stored, why.into(), false), None)
        }
    }))
}

/// What is sent of a stored lead by today's rules. `anew`: on a person's word.
///
/// # Errors
/// The ledger can't be read.
pub fn fate(
    ledger: &Ledger,
    preparer: &mut Preparer<'_>,
    stored: &StoredLead,
    anew: bool,
) -> Result<Fate, Failure> {
    let objection = ledger.objection(stored)?;
    if let Some(left) = kept_back(ledger, preparer.rules.destination, stored, anew)? {
        return Ok(Err(left));
    }
    let Some(prepared) = preparer.prepare_stored(stored)? else {
        let why = match stored.filtered() {
            Some(FilterReason::Blocked) => say!("stored-kept-nothing"),
            _ => say!("stored-purged"),
        };
        return Ok(Err((skipped(stored, why.into(), false), None)));
    };
    // A row that takes its consent back itself is invalid, and says so.
    if let Some(withdrawn) = objection.filter(|_| prepared.ready.is_ok()) {
        return Ok(Err(objected_to(stored, withdrawn)));
    }
    let judgement = prepared.judgement(&ledger.hasher());
    let Row {
        state,
        reason,
        message,
        ..
    } = prepared.row();
    let row = Row {
        state,
        reason,
        message,
        ..rows::standing(stored)
    };
    if let Some(hold) = prepared.hold() {
        // What a partner refused, or may have, stays that: it waits for nothing.
        return Ok(Err(match stored.state.is_unreceived() {
            true => (row, Some(judgement)),
            false => {
                let why = say!("job-kept-back", why = hold.why());
                (skipped(stored, why.into(), false), None)
            }
        }));
    }
    let prepared = prepared.taken_in(ledger, (stored.id, &stored.key), anew)?;
    Ok(prepared.ready.map_err(|_| (row, Some(judgement))))
}

/// The row of a lead that stays as it is.
pub fn skipped(stored: &StoredLead, why: Message, held: bool) -> Row {
    let in_flight = stored.in_flight();
    Row {
        state: State::Skipped,
        // The run that sends it tells what became of it.
        earlier: (!in_flight).then_some(stored.state),
        reason: Some(match held || in_flight {
            true => Reason::HeldByRun,
            false => Reason::of(stored.state),
        }),
        message: why,
        ..rows::standing(stored)
    }
}

/// Gives a stored lead its place in the results: with the workers, or settled.
/// `trigger`, `reason`: why it is sent.
///
/// # Errors
/// The ledger can't be written.
pub fn place(
    lead: &StoredLead,
    fate: Fate,
    (trigger, reason): (Trigger, Option<String>),
    feed: &mut Feed,
) -> Result<(), Failure> {
    let hasher = feed.journal.ledger().hasher();
    match fate {
        Ok(sendable) => feed.send(rows::standing(lead), None, |place| Job {
            trigger,
            // Only the state that was judged may be claimed.
            expect: lead.state.alone(),
            taken_in_by: Some(lead.run),
            reason,
            before: lead.state,
            told: lead.notified(),
            ..sendable.into_job(&hasher, place, lead.id)
        }),
        Err((row, None)) => feed.settled(row, None, lead.notified()),
        Err((row, Some(judgement))) => {
            // What the ledger can't change, the row tells.
            feed.journal.judge_anew(lead.id, judgement)?;
            feed.settled(row, None, false);
        }
    }
    Ok(())
}

/// Why a destination is sent nothing now, whatever lead it is.
///
/// # Errors
/// The ledger fails.
pub fn hold_now(ledger: &Ledger, destination: &Destination) -> Result<Option<Hold>, Failure> {
    let now = calendar::now();
    match destination.hold(&now) {
        None => Ok(ledger.beyond_cap(&destination.name, &destination.limits(&now))?),
        hold => Ok(hold),
    }
}

/// Sends the leads that this destination held, `most` of them at most, in the order
/// in which they came, unless none may be sent now; how many these are, and what was
/// noticed. A kill leaves those that were not sent yet held.
///
/// # Errors
/// The ledger fails.
pub fn send_held(
    session: &Session,
    destination: &Destination,
    most: Option<u64>,
    feed: &mut Feed,
) -> Result<(u64, Remarks), Failure> {
    let ledger = feed.journal.ledger();
    if feed.held.is_some() || hold_now(&ledger, destination)?.is_some() {
        return Ok(Default::default());
    }
    let rules = Rules::stored(session, destination);
    let mut preparer = Preparer::new(&rules);
    let ids = feed.journal.take_held(most.unwrap_or(u64::MAX))?;
    for id in &ids {
        // Purged since.
        let Some(stored) = ledger.lead(*id)? else {
            continue;
        };
        let fate = fate(&ledger, &mut preparer, &stored, false)?;
        place(&stored, fate, (Trigger::Send, None), feed)?;
    }
    Ok((ids.len() as u64, preparer.remarks))
}

/// How many leads the cap lets through, those that were held going first, and what
/// becomes of the others; `None`: all.
///
/// # Errors
/// The ledger can't be read.
pub fn room(to: &Destination, ledger: Option<&Ledger>) -> Result<Option<(u64, Hold)>, Failure> {
    let limits = to.limits(&calendar::now());
    let counts = limits.iter().map(|limit| u64::from(limit.count));
    let (free, held) = match ledger {
        Some(ledger) if !limits.is_empty() => (
            ledger.room(&to.name, &limits)?,
            ledger.count_held(&to.name)?,
        ),
        _ => (counts.collect(), 0),
    };
    let room = free.into_iter().zip(limits).min_by_key(|(room, _)| *room);
    Ok(room.map(|(room, limit)| (room.saturating_sub(held), limit.hold)))
}
