//! Drops personal data and keeps what stops a second send: the keyed hash, the
//! state, the reference, the source and the times. What is dropped leaves the
//! file's bytes too.

use rusqlite::Connection;

use super::note::LedgerNote;
use super::{Filter, Hash16, Ledger, LedgerError, StoredLead, consent, lead};
use crate::lead::State;

/// What is purged.
#[derive(Debug, Default)]
pub struct Purge {
    /// Which leads; `None`: there are none.
    pub filter: Option<Filter>,
    /// Addresses and numbers, of which a block keeps no more than the hash.
    pub contacts: Vec<Hash16>,
    /// The same of all who were blocked before this moment, milliseconds UTC.
    pub blocked_before: i64,
    /// Leads that are still open (pending, in doubt, held, failed, unsent) too; of those
    /// that were never received nothing is kept.
    pub open: bool,
    /// Proofs of consent go with leads that were sent last before this moment,
    /// milliseconds UTC, and purged.
    pub proofs_before: i64,
    /// The hashes too, of those purged before as well: such a lead is a new one
    /// where it comes again.
    pub forget: bool,
}

/// What a purge did.
#[derive(Debug, Default)]
pub struct Purged {
    pub purged: u64,
    /// Leads that are left as they are: those that are being sent at this moment,
    /// and those that are still open.
    pub left: u64,
    /// Blocks of which no more than hashes is kept since.
    pub blocks: u64,
    /// Leads among these whose proof of consent is kept, and any whose is not any more.
    pub proofs_kept: u64,
    pub proofs_dropped: u64,
    /// Every lead that was found, as it was: whom to notify, when it was sent, under
    /// which reference.
    pub leads: Vec<StoredLead>,
}

impl Ledger {
    /// Drops the data, rewrites the file without it, and empties the log. Doing it
    /// again finds the same leads.
    pub fn purge(&self, what: &Purge) -> Result<Purged, LedgerError> {
        self.read(|conn| conn.execute_batch("PRAGMA secure_delete = ON"))?;
        let done = self.write(|conn| {
            let mut done = Purged::default();
            let typed = "UPDATE blocks SET typed = NULL, note = NULL
               WHERE file IS NULL AND (typed NOT NULL OR note NOT NULL) AND";
            let theirs = format!("{typed} id IN (SELECT block FROM blocked WHERE person = ?1)");
            for contact in &what.contacts {
                conn.prepare_cached(&theirs)?.execute([contact])?;
            }
            let old = conn.execute(&format!("{typed} at < ?1"), [what.blocked_before])?;
            done.blocks = old as u64;
            let ids = what.filter.as_ref().map(|filter| filter.ids(conn));
            for id in ids.transpose()?.unwrap_or_default() {
                if let Some(lead) = lead::by_id(conn, id)? {
                    match purge_lead(conn, what, &lead)? {
                        Some(true) => done.purged += 1,
                        Some(false) => done.left += 1,
                        None => {}
                    }
                    done.leads.push(lead);
                }
            }
            done.proofs_dropped = consent::drop_proofs(conn, what.proofs_before)?;
            for id in done.leads.iter().map(|lead| lead.id) {
                let kept = lead::by_id(conn, id)?.and_then(|lead| lead.proof);
                done.proofs_kept += u64::from(kept.is_some());
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

/// `None`: it was purged before.
fn purge_lead(
    conn: &Connection,
    what: &Purge,
    lead: &StoredLead,
) -> rusqlite::Result<Option<bool>> {
    if lead.fields.is_none() && !what.forget {
        return Ok(None);
    }
    let never_received = lead.state.is_unreceived() || lead.state == State::Skipped;
    if lead.in_flight() || lead.state.is_open() && !what.open {
        return Ok(Some(false));
    }
    if what.forget || never_received && what.open {
        delete(conn, lead)?;
    } else {
        wipe(conn, lead)?;
    }
    Ok(Some(true))
}

/// Nothing of it is kept but what the figures need.
fn delete(conn: &Connection, lead: &StoredLead) -> rusqlite::Result<()> {
    lead.give_up_key(conn)?;
    if lead.is_change {
        conn.execute("DELETE FROM attempts WHERE lead = ?1", [lead.id])?;
    } else {
        wipe(conn, lead)?;
        conn.prepare_cached(
            "INSERT INTO forgotten (id, destination, state, first_read_at, cost, price,
               billable_on, source, facts, route, recorded_at)
             SELECT id, destination, state, first_read_at, cost, price, billable_on, source,
               facts, route, recorded_at FROM leads WHERE id = ?1",
        )?
        .execute([lead.id])?;
    }
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
        note: match lead.note {
            Some(LedgerNote::Objected(_)) => lead.note.clone(),
            _ => lead.filtered().map(|reason| LedgerNote::Filtered {
                reason,
                why: String::new(),
            }),
        },
        faults: None,
        facts: lead.facts.clone().nobodys(),
        // Of one that nobody was sent there is nothing to prove.
        proof: (lead.proof.clone()).filter(|_| lead.state.was_sent() || lead.sent_at.is_some()),
        address: lead
            .address
            .clone()
            .filter(|_| lead.state == State::Pending),
        ..lead.clone()
    }
    .save(conn)?;
    // A file may be named after who is in it.
    conn.prepare_cached(
        "UPDATE leads SET file = '', email_text = NULL, phone_text = NULL WHERE id = ?1",
    )?
    .execute([lead.id])?;
    conn.prepare_cached(
        "UPDATE attempts SET message = NULL, excerpt = NULL, reason = NULL, request = NULL,
           note = iif(trigger = 'resolve', json_remove(note, '$.said.reason',
             '$.said.before.message', '$.said.before.note'), NULL)
         WHERE lead = ?1",
    )?
    .execute([lead.id])?;
    Ok(())
}
