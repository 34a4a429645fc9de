//! What the ledger knows of a destination as a whole: how its keys are made and
//! the name it goes by. Where a key or a name changes, several leads may turn out
//! to be one: what was sent, or may have been, decides; the others are passed
//! over for good.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::dedup::{destination_id, millis, restore_current};
use super::lead::{self, Duplicate, Note};
use super::{Hash16, KeyKind, Ledger, LedgerError, StoredLead, now};
use crate::lead::State;

/// What a change of keys did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rekeyed {
    pub changed: u64,
    /// Leads that keep the old key, since their data was purged or gives none:
    /// they can no longer be recognised.
    pub kept: u64,
    /// Leads that are passed over from now on, for another has the same key.
    pub passed_over: u64,
}

/// What a change of name did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Renamed {
    pub moved: u64,
    /// As in [`Rekeyed`].
    pub passed_over: u64,
}

/// The destination's number, given at its first use.
pub fn make_known(conn: &Connection, name: &str) -> rusqlite::Result<i64> {
    let insert = "INSERT OR IGNORE INTO destinations (name) VALUES (?1)";
    conn.execute(insert, [name])?;
    let query = "SELECT id FROM destinations WHERE name = ?1";
    conn.query_row(query, [name], |row| row.get(0))
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
        key_of: &mut dyn FnMut(&StoredLead) -> Option<(Hash16, KeyKind)>,
    ) -> Result<Rekeyed, LedgerError> {
        self.write(|conn| {
            let destination = make_known(conn, destination)?;
            let mut done = Rekeyed::default();
            forget_current(conn, destination)?;
            let mut last = 0;
            while let Some(id) = next_lead(conn, destination, last)? {
                last = id;
                let lead = lead::by_id(conn, id)?.filter(|lead| lead.fields.is_some());
                match lead.and_then(|lead| key_of(&lead)) {
                    Some((key, kind)) => {
                        let update = "UPDATE leads SET key = ?2, key_kind = ?3 WHERE id = ?1";
                        conn.prepare_cached(update)?
                            .execute(params![id, key, kind.as_str()])?;
                        done.changed += 1;
                    }
                    None => done.kept += 1,
                }
            }
            set_key_spec(conn, destination, spec)?;
            done.passed_over = reconcile(conn, destination, lapsed(again_after))?;
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
    ) -> Result<Renamed, LedgerError> {
        self.write(|conn| {
            let Some(old) = destination_id(conn, from)? else {
                return Ok(Renamed::default());
            };
            let new = make_known(conn, to)?;
            forget_current(conn, old)?;
            forget_current(conn, new)?;
            let mut moved = 0;
            for table in ["replaced", "runs", "leads"] {
                let update = format!("UPDATE {table} SET destination = ?2 WHERE destination = ?1");
                moved = conn.execute(&update, [old, new])?;
            }
            // What the new name has not made up itself yet, it takes over. Keys made
            // in two ways agree with no table until they are made anew.
            conn.execute(
                "UPDATE destinations SET key_spec = (SELECT CASE
                       WHEN old.key_spec <> destinations.key_spec
                         THEN old.key_spec || ' or ' || destinations.key_spec
                       ELSE coalesce(destinations.key_spec, old.key_spec) END
                     FROM destinations AS old WHERE old.id = ?1),
                   doubts = max(doubts, (SELECT doubts FROM destinations WHERE id = ?1)),
                   last_success = coalesce(last_success,
                     (SELECT last_success FROM destinations WHERE id = ?1))
                 WHERE id = ?2",
                [old, new],
            )?;
            conn.execute("DELETE FROM destinations WHERE id = ?1", [old])?;
            Ok(Renamed {
                moved: moved as u64,
                passed_over: reconcile(conn, new, lapsed(again_after))?,
            })
        })
    }

    /// Approvals of the destination whose time has passed become `expired`;
    /// their ids.
    pub fn expire(&self, destination: &str, now: i64) -> Result<Vec<i64>, LedgerError> {
        self.write(|conn| {
            conn.prepare(
                "UPDATE leads SET state = ?1, message = NULL, note = ?2
                 WHERE destination = (SELECT id FROM destinations WHERE name = ?3)
                   AND state = ?4 AND expires_at <= ?5 RETURNING id",
            )?
            .query_map(
                params![
                    State::Expired,
                    Note::ApprovalExpired,
                    destination,
                    State::Approved,
                    now
                ],
                |row| row.get(0),
            )?
            .collect()
        })
    }

    /// The lead that is the same as this one in doubt, and that the partner has or
    /// may have; and its state.
    pub fn duplicate_of(&self, lead: i64) -> Result<Option<(i64, State)>, LedgerError> {
        let found = self.read(|conn| other_that_decides(conn, lead))?;
        Ok(found.map(|other| (other.lead, other.state)))
    }
}

fn set_key_spec(conn: &Connection, destination: i64, spec: &str) -> rusqlite::Result<()> {
    let update = "UPDATE destinations SET key_spec = ?2 WHERE id = ?1";
    conn.execute(update, params![destination, spec]).map(drop)
}

/// What came before it no longer keeps its key, milliseconds UTC.
fn lapsed(again_after: Option<Duration>) -> Option<i64> {
    again_after.map(|after| now().saturating_sub(millis(after)))
}

fn next_lead(conn: &Connection, destination: i64, last: i64) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached(
        "SELECT id FROM leads WHERE id > ?2 AND +destination = ?1 AND +state <> 'skipped'
         ORDER BY id LIMIT 1",
    )?
    .query_row([destination, last], |row| row.get(0))
    .optional()
}

/// Before keys change: none is anybody's until [`reconcile`] says whose.
fn forget_current(conn: &Connection, destination: i64) -> rusqlite::Result<()> {
    let update = "UPDATE leads SET past = id, same_as = NULL WHERE destination = ?1";
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
        | State::InDoubt => true,
        State::Rejected | State::Invalid | State::Failed | State::Unsent | State::Skipped => false,
    }
}

/// One of the leads with the same key.
#[derive(Debug, Clone, Copy)]
struct Same {
    key: Hash16,
    id: i64,
    state: State,
    /// It was decided on or is asked about, whatever its state.
    closed: bool,
    came_at: i64,
}

impl Same {
    /// The partner has it, or may have it.
    fn decides(&self) -> bool {
        decides(self.state) || self.closed
    }

    /// A doubt waits for its settlement, whatever its age.
    fn has_lapsed(&self, lapsed: Option<i64>) -> bool {
        self.state != State::InDoubt && lapsed.is_some_and(|lapsed| self.came_at < lapsed)
    }

    /// Which of several stays: what is settled before what is in doubt, what can
    /// be sent before what was refused, then the latest.
    fn rank(&self) -> (u8, i64) {
        let rank = match self.state {
            State::Invalid | State::Skipped => 0,
            State::Rejected => 1,
            State::Failed | State::Unsent | State::InDoubt => 2,
            _ => 3,
        };
        (rank, self.id)
    }
}

/// Leaves at most one lead to send for each key of a destination, and makes the
/// latest one the key's current lead; returns how many are passed over from now
/// on. `lapsed`: what came before it no longer keeps the same person from coming
/// again.
fn reconcile(conn: &Connection, destination: i64, lapsed: Option<i64>) -> rusqlite::Result<u64> {
    let same: Vec<Same> = conn
        .prepare(
            "SELECT key, id, state, state = 'rejected' AND was_pending OR EXISTS
                 (SELECT 1 FROM attempts WHERE lead = leads.id AND ended_at IS NULL),
               coalesce(sent_at, decided_at, read_at)
             FROM leads WHERE destination = ?1 AND key_kind <> ?2 AND state <> 'skipped' AND key IN
               (SELECT key FROM leads WHERE destination = ?1 AND key_kind <> ?2
                  AND state <> 'skipped' GROUP BY key HAVING count(*) > 1)
             ORDER BY key, id",
        )?
        .query_map(params![destination, KeyKind::Amendment.as_str()], |row| {
            Ok(Same {
                key: row.get(0)?,
                id: row.get(1)?,
                state: row.get(2)?,
                closed: row.get(3)?,
                came_at: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let mut passed_over = 0;
    for group in same.chunk_by(|one, next| one.key == next.key) {
        passed_over += mark(conn, group, lapsed)?;
    }
    conn.execute(
        "UPDATE leads SET past = 0 WHERE id IN
           (SELECT max(id) FROM leads WHERE destination = ?1 AND state <> 'skipped' GROUP BY key)",
        [destination],
    )?;
    Ok(passed_over)
}

/// Marks the leads with one key, in the order of their ids: which are passed
/// over, and which were sent though they are the same.
fn mark(conn: &Connection, group: &[Same], lapsed: Option<i64>) -> rusqlite::Result<u64> {
    let (sent, open): (Vec<&Same>, Vec<&Same>) = group.iter().partition(|one| one.decides());
    let (old, deciding): (Vec<&Same>, Vec<&Same>) =
        sent.into_iter().partition(|one| one.has_lapsed(lapsed));
    // The latest lead with a key is the one that is known: one that is older than
    // what was sent would be sent beside who comes again.
    let old = old.into_iter().max_by_key(|one| one.id);
    let (older, open): (Vec<&Same>, Vec<&Same>) = open
        .into_iter()
        .partition(|one| old.is_some_and(|old| one.id < old.id));
    let mut passed_over: Vec<(i64, &Same)> = Vec::new();
    passed_over.extend(older.iter().filter_map(|one| Some((one.id, old?))));
    let stays = deciding.iter().max_by_key(|one| one.rank());
    // Where nobody sent it, the one that can be sent stays.
    let stays = stays.or(open.iter().max_by_key(|one| one.rank()));
    if let Some(&stays) = stays {
        let others = open.iter().filter(|one| one.id != stays.id);
        passed_over.extend(others.map(|one| (one.id, stays)));
    }
    for (id, stays) in &passed_over {
        pass_over(conn, *id, stays)?;
    }
    if deciding.len() > 1 {
        for one in &deciding {
            conn.prepare_cached("UPDATE leads SET same_as = ?2 WHERE id = ?1")?
                .execute([one.id, deciding[0].id])?;
        }
    }
    Ok(passed_over.len() as u64)
}

fn pass_over(conn: &Connection, id: i64, stays: &Same) -> rusqlite::Result<()> {
    let Some(lead) = lead::by_id(conn, id)? else {
        return Ok(());
    };
    let note = Note::PassedOver {
        duplicate: Duplicate {
            lead: stays.id,
            state: stays.state,
        },
        was: lead.state,
        message: lead.message,
    };
    conn.prepare_cached(
        "UPDATE leads SET state = 'skipped', notified = NULL, message = NULL, note = ?2
         WHERE id = ?1",
    )?
    .execute(params![id, note])?;
    Ok(())
}

fn other_that_decides(conn: &Connection, lead: i64) -> rusqlite::Result<Option<Duplicate>> {
    let others: Vec<Duplicate> = conn
        .prepare_cached(
            "SELECT id, state FROM leads WHERE id <> ?1 AND same_as =
               (SELECT same_as FROM leads WHERE id = ?1 AND state = 'in_doubt') ORDER BY id",
        )?
        .query_map([lead], |row| {
            Ok(Duplicate {
                lead: row.get(0)?,
                state: row.get(1)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let others = others.into_iter().filter(|other| decides(other.state));
    // What is settled says more than another doubt.
    Ok(others.max_by_key(|other| (other.state != State::InDoubt, other.lead)))
}

/// A lead in doubt was not received. Is there another one that is the same, and
/// that the partner has or may have? Then this one stands back, instead of being
/// sent again, and the other is returned. Inside a transaction.
pub fn stand_back(conn: &Connection, lead: i64) -> rusqlite::Result<Option<Duplicate>> {
    let Some(other) = other_that_decides(conn, lead)? else {
        return Ok(None);
    };
    let (destination, key): (i64, Hash16) = conn.query_row(
        "UPDATE leads SET state = 'skipped', past = id, same_as = NULL WHERE id = ?1
         RETURNING destination, key",
        [lead],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    restore_current(conn, destination, &key)?;
    Ok(Some(other))
}
