//! Drops personal data and keeps what stops a second send: the keyed hash, the
//! state, the reference, the source and the times. What is dropped leaves the
//! file's bytes too.

use rusqlite::{Connection, params, params_from_iter};

use super::dedup::restore_current;
use super::{Hash16, Ledger, LedgerError, StoredLead, lead, now};
use crate::lead::State;

/// What a purge by date did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    pub purged: u64,
    /// Leads of that time that are still open (pending, in doubt, failed,
    /// unsent): left as they are.
    pub open: u64,
}

/// What is known of a person who was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    /// Every lead of theirs, as it was: whom to notify, when it was sent,
    /// under which reference. Those never sent are gone from the ledger.
    pub leads: Vec<StoredLead>,
    /// Leads that are being sent at this moment: not erased.
    pub in_flight: u64,
}

impl Ledger {
    /// Purges the leads last sent (or read, if never sent) before a time,
    /// milliseconds UTC.
    pub fn purge_before(&self, before: i64) -> Result<Purged, LedgerError> {
        self.drop_data(|conn| {
            let old: Vec<(i64, bool)> = conn
                .prepare(
                    "SELECT id, state IN ('pending', 'in_doubt', 'failed', 'unsent') OR id IN
                       (SELECT lead FROM attempts WHERE ended_at IS NULL)
                     FROM leads WHERE coalesce(sent_at, read_at) < ?1 AND purged_at IS NULL",
                )?
                .query_map([before], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let mut done = Purged::default();
            for (id, open) in old {
                if open {
                    done.open += 1;
                } else {
                    wipe(conn, id)?;
                    done.purged += 1;
                }
            }
            Ok(done)
        })
    }

    /// Purges everything about the person whose hashes these are, open leads
    /// too; `block`: nothing of theirs is ever sent again. Doing it again gives
    /// the same list.
    pub fn purge_person(&self, person: &[Hash16], block: bool) -> Result<Erased, LedgerError> {
        self.drop_data(|conn| {
            let mut erased = Erased::default();
            for id in of_person(conn, person)? {
                let Some(lead) = lead::by_id(conn, id)? else {
                    continue;
                };
                if lead.in_flight {
                    erased.in_flight += 1;
                    continue;
                }
                match lead.state {
                    State::Unsent | State::Failed | State::Invalid | State::Skipped => {
                        delete(conn, id)?;
                    }
                    _ => wipe(conn, id)?,
                }
                erased.leads.push(lead);
            }
            for hash in person.iter().filter(|_| block) {
                let insert = "INSERT OR IGNORE INTO blocked (person, at) VALUES (?1, ?2)";
                conn.execute(insert, params![hash, now()])?;
            }
            Ok(erased)
        })
    }

    /// Rewrites the file without what is dropped, and empties the log.
    fn drop_data<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        self.read(|conn| conn.execute_batch("PRAGMA secure_delete = ON"))?;
        let done = self.write(work)?;
        let rewritten = self.read(|conn| conn.execute_batch("VACUUM"));
        let busy: i64 = self
            .read(|conn| conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)))?;
        if busy != 0 {
            return Err(LedgerError::TracesLeft(self.path().to_owned()));
        }
        rewritten.map(|()| done)
    }
}

/// What is left of a lead is its key, its state and its times.
fn wipe(conn: &Connection, id: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE leads SET label = NULL, fields = NULL, sent = NULL, message = NULL, note = NULL,
           purged_at = ?2, address = iif(state = 'pending', address, NULL) WHERE id = ?1",
    )?
    .execute(params![id, now()])?;
    conn.prepare_cached(
        "UPDATE attempts SET message = NULL, note = NULL, excerpt = NULL, reason = NULL
         WHERE lead = ?1",
    )?
    .execute([id])?;
    Ok(())
}

/// Of one that was never received there is nothing to keep.
fn delete(conn: &Connection, id: i64) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM attempts WHERE lead = ?1", [id])?;
    let (destination, key): (i64, Hash16) = conn.query_row(
        "DELETE FROM leads WHERE id = ?1 RETURNING destination, key",
        [id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    restore_current(conn, destination, &key)
}

fn of_person(conn: &Connection, person: &[Hash16]) -> rusqlite::Result<Vec<i64>> {
    if person.is_empty() {
        return Ok(Vec::new());
    }
    let marks = vec!["?"; person.len()].join(", ");
    conn.prepare(&format!(
        "SELECT id FROM leads WHERE email IN ({marks}) OR phone IN ({marks}) ORDER BY id"
    ))?
    .query_map(params_from_iter(person.iter().chain(person)), |row| {
        row.get(0)
    })?
    .collect()
}
