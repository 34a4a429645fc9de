//! Drops personal data and keeps what stops a second send: the keyed hash, the
//! state, the reference, the source and the times. What is dropped leaves the
//! file's bytes too.

use rusqlite::{Connection, params};

use super::{Filter, Hash16, Ledger, LedgerError, StoredLead, lead, now};
use crate::lead::State;

/// What a purge did.
#[derive(Debug, Default)]
pub struct Purged {
    pub purged: u64,
    /// Leads that are left as they are: those that are being sent at this moment,
    /// and by date also those that are still open (pending, in doubt, failed,
    /// unsent).
    pub left: u64,
    /// Of a person, every lead of theirs, as it was: whom to notify, when it was
    /// sent, under which reference. Those never sent are gone from the ledger.
    pub leads: Vec<StoredLead>,
}

impl Ledger {
    /// Purges the leads last sent (or read, if never sent) before a time,
    /// milliseconds UTC.
    pub fn purge_before(&self, before: i64) -> Result<Purged, LedgerError> {
        let filter = Filter {
            until: Some(before),
            ..Filter::default()
        };
        self.purge(&filter, false)
    }

    /// Purges everything about the person whose hashes these are, open leads
    /// too; `block`: nothing of theirs is ever sent again. Doing it again gives
    /// the same list.
    pub fn purge_person(&self, person: &[Hash16], block: bool) -> Result<Purged, LedgerError> {
        for hash in person.iter().filter(|_| block) {
            let insert = "INSERT OR IGNORE INTO blocked (person, at) VALUES (?1, ?2)";
            self.write(|conn| conn.execute(insert, params![hash, now()]))?;
        }
        let filter = Filter {
            persons: person.to_vec(),
            ..Filter::default()
        };
        match person.is_empty() {
            true => Ok(Purged::default()),
            false => self.purge(&filter, true),
        }
    }

    /// Drops the data, rewrites the file without it, and empties the log.
    fn purge(&self, filter: &Filter, person: bool) -> Result<Purged, LedgerError> {
        self.read(|conn| conn.execute_batch("PRAGMA secure_delete = ON"))?;
        let done = self.write(|conn| {
            let mut done = Purged::default();
            for id in filter.ids(conn)? {
                let Some(lead) = lead::by_id(conn, id)? else {
                    continue;
                };
                use State::{Failed, InDoubt, Invalid, Pending, Skipped, Unsent};
                match lead.state {
                    _ if lead.fields.is_none() && !person => continue,
                    _ if lead.in_flight() => done.left += 1,
                    Pending | InDoubt | Failed | Unsent if !person => done.left += 1,
                    state => {
                        match state {
                            Unsent | Failed | Invalid | Skipped if person => delete(conn, &lead)?,
                            _ => wipe(conn, &lead)?,
                        }
                        done.purged += 1;
                        done.leads.extend(person.then_some(lead));
                    }
                }
            }
            Ok(done)
        })?;
        let rewritten = self.read(|conn| conn.execute_batch("VACUUM"));
        let busy: i64 = self
            .read(|conn| conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)))?;
        match busy {
            0 => rewritten.map(|()| done),
            _ => Err(LedgerError::TracesLeft(self.path().to_owned())),
        }
    }
}

/// Of one that was never received there is nothing to keep.
fn delete(conn: &Connection, lead: &StoredLead) -> rusqlite::Result<()> {
    lead.give_up_key(conn)?;
    conn.execute("DELETE FROM attempts WHERE lead = ?1", [lead.id])?;
    conn.execute("DELETE FROM leads WHERE id = ?1", [lead.id])?;
    Ok(())
}

/// What is left of a lead is its key, its state and its times.
fn wipe(conn: &Connection, lead: &StoredLead) -> rusqlite::Result<()> {
    StoredLead {
        label: None,
        fields: None,
        sent: None,
        message: None,
        note: None,
        faults: None,
        address: lead
            .address
            .clone()
            .filter(|_| lead.state == State::Pending),
        ..lead.clone()
    }
    .save(conn)?;
    conn.prepare_cached(
        "UPDATE attempts SET message = NULL, note = NULL, excerpt = NULL, reason = NULL
         WHERE lead = ?1",
    )?
    .execute([lead.id])?;
    Ok(())
}
