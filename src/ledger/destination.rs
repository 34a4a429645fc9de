//! What the ledger knows of a destination as a whole: how its keys are made and
//! the name it goes by. Where a key or a name changes, several leads may turn out
//! to be one: what was sent, or may have been, decides; the others are passed
//! over for good.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::lead::{self, StoredLead};
use super::note::{Duplicate, LedgerNote};
use super::{Hash16, Ledger, LedgerError, Pricing, Trigger, millis, now, past_attempt};
use crate::lead::State;

/// For whom leads are looked up, taken in and settled.
#[derive(Clone)]
pub struct Scope {
    pub run: i64,
    pub destination: i64,
    /// After how long the same key is a new lead.
    pub again_after: Option<Duration>,
    pub pricing: Pricing,
    /// The other destinations of its group, of which one has a person.
    pub rivals: Arc<[String]>,
}

/// What a change of keys, or of a name, did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Regrouped {
    /// Leads that have a new key, or name.
    pub changed: u64,
    /// Leads that keep the old key, since their data was purged or gives none:
    /// they can no longer be recognised.
    pub kept: u64,
    /// Leads that are passed over from now on, for another has the same key.
    pub passed_over: u64,
}

/// The destination's number, given at its first use.
pub fn make_known(conn: &Connection, name: &str) -> rusqlite::Result<i64> {
    let insert = "INSERT OR IGNORE INTO destinations (name) VALUES (?1)";
    conn.execute(insert, [name])?;
    let query = "SELECT id FROM destinations WHERE name = ?1";
    conn.query_row(query, [name], |row| row.get(0))
}

pub fn number_of(conn: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT id FROM destinations WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

impl Ledger {
    /// How the stored keys were made, as [`Ledger::set_key_spec`] was told.
    pub fn key_spec(&self, destination: &str) -> Result<Option<String>, LedgerError> {
        let query = "SELECT key_spec FROM destinations WHERE name = ?1";
        let spec = self.read(|conn| {
            conn.query_row(query, [destination], |row| row.get(0))
                .optional()
        })?;
        Ok(spec.flatten())
    }

    pub fn set_key_spec(&self, destination: &str, spec: &str) -> Result<(), LedgerError> {
        self.write(|conn| set_key_spec(conn, make_known(conn, destination)?, spec))
    }

    /// The names of the destinations that something is stored for.
    pub fn destinations(&self) -> Result<Vec<String>, LedgerError> {
        self.read(|conn| {
            conn.prepare(
                "SELECT name FROM destinations
                 WHERE EXISTS (SELECT 1 FROM leads WHERE destination = destinations.id)",
            )?
            .query_map([], |row| row.get(0))?
            .collect()
        })
    }

    /// Gives every stored lead of the destination its key under a new `spec`,
    /// all or nothing. `key_of` makes it from the stored fields; `None` keeps
    /// the old one. The caller holds the destination. `again_after`: how long the
    /// same key keeps a lead from coming again.
    pub fn rekey(
        &self,
        destination: &str,
        spec: &str,
        again_after: Option<Duration>,
        key_of: &mut dyn FnMut(&StoredLead) -> Option<Hash16>,
    ) -> Result<Regrouped, LedgerError> {
        self.write(|conn| {
            let destination = make_known(conn, destination)?;
            let mut done = Regrouped::default();
            forget_current(conn, destination)?;
            for id in ids(conn, destination)? {
                let lead = lead::by_id(conn, id)?.filter(|lead| lead.fields.is_some());
                match lead.and_then(|lead| key_of(&lead)) {
                    Some(key) => {
                        conn.prepare_cached("UPDATE leads SET key = ?2 WHERE id = ?1")?
                            .execute(params![id, key])?;
                        done.changed += 1;
                    }
                    None => done.kept += 1,
                }
            }
            set_key_spec(conn, destination, spec)?;
            done.passed_over = regroup(conn, destination, lapsed(again_after))?;
            Ok(done)
        })
    }

    /// A table was renamed: what is stored under `from` belongs to `to` from now
    /// on. The caller holds both. `again_after`: as in [`Ledger::rekey`].
    pub fn rename(
        &self,
        from: &str,
        to: &str,
        again_after: Option<Duration>,
    ) -> Result<Regrouped, LedgerError> {
        self.write(|conn| {
            let mut done = Regrouped::default();
            let Some(old) = number_of(conn, from)? else {
                return Ok(done);
            };
            let new = make_known(conn, to)?;
            forget_current(conn, old)?;
            forget_current(conn, new)?;
            for table in ["replaced", "runs", "forgotten", "leads"] {
                let update = format!("UPDATE {table} SET destination = ?2 WHERE destination = ?1");
                done.changed = conn.execute(&update, [old, new])? as u64;
            }
            // What the new name has not made up itself yet, it takes over. Keys made
            // in two ways agree with no table until they are made anew.
            conn.execute(
                "UPDATE destinations SET
                   key_spec = CASE WHEN old.key_spec <> destinations.key_spec
                       THEN old.key_spec || ' or ' || destinations.key_spec
                     ELSE coalesce(destinations.key_spec, old.key_spec) END,
                   doubts = max(destinations.doubts, old.doubts),
                   last_success = coalesce(destinations.last_success, old.last_success)
                 FROM destinations AS old WHERE old.id = ?1 AND destinations.id = ?2",
                [old, new],
            )?;
            conn.execute("DELETE FROM destinations WHERE id = ?1", [old])?;
            done.passed_over = regroup(conn, new, lapsed(again_after))?;
            Ok(done)
        })
    }

    /// Approvals of the destination whose time has passed become `expired`;
    /// their ids.
    pub fn expire(&self, destination: &str, now: i64) -> Result<Vec<i64>, LedgerError> {
        self.write(|conn| {
            let over: Vec<(i64, i64)> = conn
                .prepare(
                    "UPDATE leads SET state = ?1, message = NULL, note = ?2
                     WHERE destination = (SELECT id FROM destinations WHERE name = ?3)
                       AND state = ?4 AND expires_at <= ?5 RETURNING id, expires_at",
                )?
                .query_map(
                    params![
                        State::Expired,
                        LedgerNote::ApprovalExpired,
                        destination,
                        State::Approved,
                        now
                    ],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?
                .collect::<Result<_, _>>()?;
            for (lead, at) in &over {
                past_attempt::word(
                    conn,
                    (*lead, Trigger::Expire),
                    [State::Approved, State::Expired],
                    Some(*at),
                    None,
                    Some(&LedgerNote::ApprovalExpired),
                )?;
            }
            Ok(over.into_iter().map(|(lead, _)| lead).collect())
        })
    }

    /// The lead that is the same as this one in doubt, and that the partner has or
    /// may have; and its state. `again_after`: as in [`Ledger::rekey`].
    pub fn duplicate_of(
        &self,
        lead: &StoredLead,
        again_after: Option<Duration>,
    ) -> Result<Option<(i64, State)>, LedgerError> {
        let found = self.read(|conn| other_that_decides(conn, lead, lapsed(again_after)))?;
        Ok(found.map(|other| (other.lead, other.state)))
    }
}

fn set_key_spec(conn: &Connection, destination: i64, spec: &str) -> rusqlite::Result<()> {
    let update = "UPDATE destinations SET key_spec = ?2 WHERE id = ?1";
    conn.execute(update, params![destination, spec]).map(drop)
}

/// What came before it no longer keeps its key, milliseconds UTC.
pub fn lapsed(again_after: Option<Duration>) -> Option<i64> {
    again_after.map(|after| now().saturating_sub(millis(after)))
}

/// The leads that stand, by key.
fn ids(conn: &Connection, destination: i64) -> rusqlite::Result<Vec<i64>> {
    conn.prepare(
        "SELECT id FROM leads WHERE destination = ?1 AND state <> 'skipped' ORDER BY key, id",
    )?
    .query_map([destination], |row| row.get(0))?
    .collect()
}

/// Before keys change: none is anybody's until [`regroup`] says whose.
fn forget_current(conn: &Connection, destination: i64) -> rusqlite::Result<()> {
    let update = "UPDATE leads SET past = id WHERE destination = ?1";
    conn.execute(update, [destination]).map(drop)
}

/// Does a lead in this state keep the same lead from being sent?
pub fn decides(state: State) -> bool {
    match state {
        State::Delivered
        | State::Pending
        | State::Approved
        | State::Expired
        | State::Duplicate
        | State::Returned
        | State::InDoubt => true,
        State::Rejected
        | State::Invalid
        | State::Filtered
        | State::Held
        | State::Failed
        | State::Unsent
        | State::Skipped => false,
    }
}

/// Enough time has passed for the same person to be a new lead. A doubt waits for
/// its settlement, whatever its age.
fn has_lapsed(lead: &StoredLead, lapsed: Option<i64>) -> bool {
    lead.state != State::InDoubt && lapsed.is_some_and(|lapsed| lead.came_at() < lapsed)
}

/// Leaves at most one lead to send for each key of a destination, and makes the
/// latest one the key's current lead; returns how many are passed over from now
/// on. `lapsed`: what came before it no longer keeps the same person from coming
/// again.
fn regroup(conn: &Connection, destination: i64, lapsed: Option<i64>) -> rusqlite::Result<u64> {
    let shared: Vec<i64> = conn
        .prepare(
            "SELECT max(id) FROM leads
             WHERE destination = ?1 AND NOT is_change AND state <> 'skipped'
             GROUP BY key HAVING count(*) > 1",
        )?
        .query_map([destination], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut passed_over = 0;
    for id in shared {
        if let Some(lead) = lead::by_id(conn, id)? {
            let group = lead::with_same_key(conn, &lead)?;
            passed_over += pass_over(conn, &group, lapsed)?;
        }
    }
    conn.execute(
        "UPDATE leads SET past = 0 WHERE id IN
           (SELECT max(id) FROM leads WHERE destination = ?1 AND state <> 'skipped' GROUP BY key)",
        [destination],
    )?;
    Ok(passed_over)
}

/// Which of several stays: what is settled before what is in doubt, what can be
/// sent before what was refused, then the latest.
fn rank(lead: &StoredLead) -> (u8, i64) {
    let rank = match lead.state {
        State::Invalid | State::Filtered | State::Skipped => 0,
        State::Rejected => 1,
        State::Held | State::Failed | State::Unsent | State::InDoubt => 2,
        _ => 3,
    };
    (rank, lead.id)
}

/// Of the leads with one key, the oldest first, passes over those that are not to
/// be sent beside another one.
fn pass_over(
    conn: &Connection,
    group: &[StoredLead],
    lapsed: Option<i64>,
) -> rusqlite::Result<u64> {
    // The partner has it or may have it: it was decided on or is asked about.
    let was_sent = |lead: &&StoredLead| {
        let refused_later = lead.state == State::Rejected && lead.after_pending;
        decides(lead.state) || refused_later || lead.in_flight()
    };
    let (sent, open): (Vec<&StoredLead>, Vec<&StoredLead>) = group.iter().partition(was_sent);
    let (old, deciding): (Vec<&StoredLead>, Vec<&StoredLead>) =
        sent.into_iter().partition(|one| has_lapsed(one, lapsed));
    // The latest lead with a key is the one that is known: one that is older than
    // what was sent would be sent beside who comes again.
    let old = old.last().copied();
    let is_older = |one: &StoredLead| old.is_some_and(|old| one.id < old.id);
    let stays = deciding.iter().max_by_key(|one| rank(one));
    // Where nobody sent it, the one that can be sent stays.
    let open_stays = || open.iter().filter(|one| !is_older(one));
    let stays = stays.or_else(|| open_stays().max_by_key(|one| rank(one)));
    let mut passed_over = 0;
    for one in &open {
        let other = match is_older(one) {
            true => old,
            false => stays.filter(|stays| stays.id != one.id).copied(),
        };
        let Some(other) = other else { continue };
        let mut lead = StoredLead::clone(one);
        let note = LedgerNote::PassedOver {
            duplicate: duplicate(other),
            was: lead.state,
            message: lead.message(),
        };
        lead.set(State::Skipped, note);
        lead.told = None;
        lead.save(conn)?;
        passed_over += 1;
    }
    Ok(passed_over)
}

fn duplicate(lead: &StoredLead) -> Duplicate {
    Duplicate {
        lead: lead.id,
        state: lead.state,
    }
}

fn other_that_decides(
    conn: &Connection,
    lead: &StoredLead,
    lapsed: Option<i64>,
) -> rusqlite::Result<Option<Duplicate>> {
    if lead.state != State::InDoubt || lead.is_change {
        return Ok(None);
    }
    let same = lead::with_same_key(conn, lead)?.into_iter();
    let others = same.filter(|one| one.id != lead.id && !one.is_change);
    let others = others.filter(|one| decides(one.state) && !has_lapsed(one, lapsed));
    // What is settled says more than another doubt.
    let other = others.max_by_key(|one| (one.state != State::InDoubt, one.id));
    Ok(other.as_ref().map(duplicate))
}

/// A lead in doubt was not received. Is there another one that is the same, and
/// that the partner has or may have? Then this one stands back, instead of being
/// sent again, and the other is returned. Inside a transaction.
pub fn stand_back(
    conn: &Connection,
    lead: &StoredLead,
    again_after: Option<Duration>,
) -> rusqlite::Result<Option<Duplicate>> {
    let other = other_that_decides(conn, lead, lapsed(again_after))?;
    if other.is_some() {
        lead.give_up_key(conn)?;
    }
    Ok(other)
}
