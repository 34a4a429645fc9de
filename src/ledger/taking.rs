//! Takes in what was read: every lead is stored, and the standing of its key
//! says whether it may be sent.

use rusqlite::params;

use super::blocked::{any_blocked, blocked_since};
use super::found::{
    Found, comes_again, corrected_since, known, may_change, named, refused_before, repeats,
};
use super::intake::{Intake, Intaker, KeyKind, Standing, Verdict};
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
) -> rusqlite::Result<Standing> {
    if rare.blocked
        && let Some(since) = blocked_since(sql, lead)?
    {
        return Ok(Standing::Blocked { since });
    }
    let found = match known(sql, by, lead)? {
        Some(found) if comes_again(by, now, &found) || repeats(by, &found, lead) => None,
        Some(found) => Some(found),
        None => match named(sql, by, lead)? {
            Some(found) => Some(found),
            None if !rare.replaced => None,
            None => match corrected_since(sql, by, now, lead)? {
                Some(found) => return Ok(Standing::Skip(found.into_earlier(by))),
                None => None,
            },
        },
    };
    let Some(found) = found else {
        return insert(sql, by, now, lead);
    };
    if !may_change(by, &found, lead) || refused_before(sql, by, &found, lead)? {
        return Ok(match &lead.verdict {
            // It stays rejected in the ledger, but the row's fault is worth telling.
            Verdict::Invalid(_) if found.state == State::Rejected && !found.same_run(by) => {
                Standing::Invalid {
                    id: found.id,
                    told: false,
                }
            }
            _ => Standing::Skip(found.into_earlier(by)),
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

/// The state and the message that a verdict gives.
fn judged(verdict: &Verdict) -> (State, Option<&str>) {
    match verdict {
        Verdict::Ready => (State::Unsent, None),
        Verdict::Invalid(why) => (State::Invalid, Some(why)),
        Verdict::Elsewhere(note) => (State::Delivered, Some(note)),
    }
}

pub fn standing(verdict: &Verdict, id: i64, told: bool) -> Standing {
    match verdict {
        Verdict::Ready => Standing::Send { id, told },
        Verdict::Invalid(_) => Standing::Invalid { id, told },
        Verdict::Elsewhere(_) => Standing::Recorded { id },
    }
}

const INSERT: &str =
    "INSERT INTO leads (destination, key, key_kind, state, run, read_at, decided_at, request,
    email, phone, line, file, source, message, label, fields, sent, address)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

fn insert(sql: &mut Sql<'_>, by: &Intaker, now: i64, lead: &Intake) -> rusqlite::Result<Standing> {
    let (state, message) = judged(&lead.verdict);
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
    Ok(standing(&lead.verdict, id, false))
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
) -> rusqlite::Result<Standing> {
    let (state, message) = judged(&lead.verdict);
    let told = match lead.verdict {
        Verdict::Invalid(_) => {
            found.told && found.state == state && found.message.as_deref() == message
        }
        _ => found.told && matches!(found.state, State::Unsent | State::Failed),
    };
    // A lead that was told to have failed, and fails again, was told. One that was
    // refused and is another now is news, whatever becomes of it.
    let forget = state == State::Invalid && !told || found.state == State::Rejected;
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
    Ok(standing(&lead.verdict, found.id, told))
}
