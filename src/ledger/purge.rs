//! Drops personal data and keeps what stops a second send: the keyed hash, the
//! state, the reference, the source and the times. What is dropped leaves the
//! file's bytes too.

use rusqlite::{Connection, params};

use super::{Filter, Hash16, Ledger, LedgerError, StoredLead, lead, now};
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
        let filter = Filter {
            until: Some(before),
            ..Filter::default()
        };
        let mut done = Purged::default();
        self.drop_data(&filter, |conn, lead| {
            let open = matches!(
                lead.state,
                State::Pending | State::InDoubt | State::Failed | State::Unsent
            );
            match lead.purged_at {
                Some(_) => {}
                None if open || lead.in_flight() => done.open += 1,
                None => {
                    done.purged += 1;
                    wipe(conn, lead)?;
                }
            }
            Ok(())
        })?;
        Ok(done)
    }

    /// Purges everything about the person whose hashes these are, open leads
    /// too; `block`: nothing of theirs is ever sent again. Doing it again gives
    /// the same list.
    pub fn purge_person(&self, person: &[Hash16], block: bool) -> Result<Erased, LedgerError> {
        let filter = Filter {
            persons: person.to_vec(),
            ..Filter::default()
        };
        let mut erased = Erased::default();
        if person.is_empty() {
            return Ok(erased);
        }
        if block {
            self.write(|conn| {
                let insert = "INSERT OR IGNORE INTO blocked (person, at) VALUES (?1, ?2)";
                let mut insert = conn.prepare(insert)?;
                let mut block = |hash| insert.execute(params![hash, now()]).map(drop);
                person.iter().try_for_each(&mut block)
            })?;
        }
        self.drop_data(&filter, |conn, lead| {
            match lead.state {
                _ if lead.in_flight() => {
                    erased.in_flight += 1;
                    return Ok(());
                }
                // Of one that was never received there is nothing to keep.
                State::Unsent | State::Failed | State::Invalid | State::Skipped => {
                    lead.give_up_key(conn)?;
                    conn.execute("DELETE FROM attempts WHERE lead = ?1", [lead.id])?;
                    conn.execute("DELETE FROM leads WHERE id = ?1", [lead.id])?;
                }
                _ => wipe(conn, lead)?,
            }
            erased.leads.push(lead.clone());
            Ok(())
        })?;
        Ok(erased)
    }

    /// Does this to the leads that pass, rewrites the file without what is
    /// dropped, and empties the log.
    fn drop_data(
        &self,
        filter: &Filter,
        mut each: impl FnMut(&Connection, &StoredLead) -> rusqlite::Result<()>,
    ) -> Result<(), LedgerError> {
        self.read(|conn| conn.execute_batch("PRAGMA secure_delete = ON"))?;
        self.write(|conn| {
            for id in filter.ids(conn)? {
                if let Some(lead) = lead::by_id(conn, id)? {
                    each(conn, &lead)?;
                }
            }
            Ok(())
        })?;
        let rewritten = self.read(|conn| conn.execute_batch("VACUUM"));
        let busy: i64 = self
            .read(|conn| conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)))?;
        if busy != 0 {
            return Err(LedgerError::TracesLeft(self.path().to_owned()));
        }
        rewritten
    }
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
        purged_at: Some(now()),
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
