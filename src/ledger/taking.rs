//! Takes in what was read: every lead is stored, and the standing of its key
//! says whether it may be sent.

use rusqlite::params;

use super::blocked::{any_blocked, blocked_since};
use super::found::{
    Found, by_key, comes_again, corrected_since, may_change, named, refused_before, repeats,
};
use super::intake::{DedupOutcome, Intake, Intaker, Judgement, KeyKind};
use super::replaced;
use super::sql::Sql;
use crate::lead::State;

/// Takes in one lead, inside a transaction.
pub fn take_in(
    sql: &mut Sql<'_>,
    by: &Intaker,
    now: i64,
    rare: &mut Rare,
    lead: &Intake,
) -> rusqlite::Result<DedupOutcome> {
    if rare.blocked
        && let Some(since) = blocked_since(sql, lead)?
    {
        return Ok(DedupOutcome::Blocked { since });
    }
    let found = match by_key(sql, by, &lead.key)? {
        Some(found) if comes_again(by, now, &found) || repeats(by, &found, lead) => None,
        Some(found) => Some(found),
        None => match named(sql, by, lead)? {
            Some(found) => Some(found),
            None if !rare.replaced => None,
            None => match corrected_since(sql, by, now, lead)? {
                Some(found) => return Ok(DedupOutcome::Skip(found.into_earlier(by))),
                None => None,
            },
        },
    };
    let Some(found) = found else {
        return insert(sql, by, now, lead);
    };
    if !may_change(by, &found, lead) || refused_before(sql, by, &found, lead)? {
        return Ok(match &lead.judgement {
            // It stays rejected in the ledger, but the row's fault is worth telling.
            Judgement::Invalid(_) if found.state == State::Rejected && !found.same_run(by) => {
                DedupOutcome::Invalid {
                    id: found.id,
                    notified: false,
                }
            }
            _ => DedupOutcome::Skip(found.into_earlier(by)),
        });
    }
    rare.replaced = true;
    update(sql, by, now, &found, lead)
}

/// What is asked once a batch, since the answer is nearly always no.
#[derive(Debug, Clone, Copy)]
pub struct Rare {
    /// Somebody is never to be sent again.
    blocked: bool,
    /// A corrected row may have taken the place of another.
    replaced: bool,
}

impl Rare {
    pub fn of(sql: &mut Sql<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            blocked: any_blocked(sql)?,
            replaced: replaced::any(sql)?,
        })
    }
}

/// The state and the message that a judgement gives.
fn judged(judgement: &Judgement) -> (State, Option<&str>) {
    match judgement {
        Judgement::Ready => (State::Unsent, None),
        Judgement::Invalid(why) => (State::Invalid, Some(why)),
        Judgement::Elsewhere(note) => (State::Delivered, Some(note)),
    }
}

pub fn standing(judgement: &Judgement, id: i64, notified: bool) -> DedupOutcome {
    match judgement {
        Judgement::Ready => DedupOutcome::Send { id, notified },
        Judgement::Invalid(_) => DedupOutcome::Invalid { id, notified },
        Judgement::Elsewhere(_) => DedupOutcome::Recorded { id },
    }
}

const INSERT: &str =
    "INSERT INTO leads (destination, key, key_kind, state, run, read_at, decided_at, request,
    email, phone, line, file, source, message, label, fields, sent, address)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

fn insert(
    sql: &mut Sql<'_>,
    by: &Intaker,
    now: i64,
    lead: &Intake,
) -> rusqlite::Result<DedupOutcome> {
    let (state, message) = judged(&lead.judgement);
    sql.held.get(INSERT)?.execute(params![
        by.destination,
        lead.key,
        lead.key_kind.as_str(),
        state.as_str(),
        by.run,
        now,
        (state == State::Delivered).then_some(now),
        lead.request,
        lead.email,
        lead.phone,
        lead.line.cast_signed(),
        lead.file,
        lead.source,
        message,
        lead.label,
        lead.fields,
        lead.sent,
        lead.address,
    ])?;
    let id = sql.conn.last_insert_rowid();
    Ok(standing(&lead.judgement, id, false))
}

const UPDATE: &str =
    "UPDATE leads SET key = ?2, key_kind = ?3, state = ?4, run = ?5, read_at = ?6, decided_at = ?7,
    request = ?8, email = ?9, phone = ?10, line = ?11, file = ?12, source = ?13, message = ?14,
    label = ?15, fields = ?16, sent = ?18, address = ?19, status = NULL, reference = NULL, expires_at = NULL,
    purged_at = NULL, told_state = CASE WHEN ?17 THEN NULL ELSE told_state END
  WHERE id = ?1";

fn update(
    sql: &mut Sql<'_>,
    by: &Intaker,
    now: i64,
    found: &Found,
    lead: &Intake,
) -> rusqlite::Result<DedupOutcome> {
    let (state, message) = judged(&lead.judgement);
    let notified = match lead.judgement {
        Judgement::Invalid(_) => {
            found.notified && found.state == state && found.message.as_deref() == message
        }
        _ => found.notified && matches!(found.state, State::Unsent | State::Failed),
    };
    // A lead that was told to have failed, and fails again, was told. One that was
    // refused and is another now is news, whatever becomes of it.
    let forget = state == State::Invalid && !notified || found.state == State::Rejected;
    let refused = matches!(found.state, State::Invalid | State::Rejected);
    let other = found.key != lead.key || found.state == State::Rejected;
    if refused && other && lead.key_kind != KeyKind::Amendment {
        replaced::remember(sql, found.id)?;
    }
    sql.held.get(UPDATE)?.execute(params![
        found.id,
        lead.key,
        lead.key_kind.as_str(),
        state.as_str(),
        by.run,
        now,
        (state == State::Delivered).then_some(now),
        lead.request,
        lead.email,
        lead.phone,
        lead.line.cast_signed(),
        lead.file,
        lead.source,
        message,
        lead.label,
        lead.fields,
        forget,
        lead.sent,
        lead.address,
    ])?;
    Ok(standing(&lead.judgement, found.id, notified))
}
