//! Drops personal data and keeps what stops a second send: the keyed hash, the
//! state, the reference, the source and the times. What is dropped leaves the
//! file's bytes too.

use rusqlite::{Connection, params, params_from_iter};

use super::clock::now;
use super::lead::ById;
use super::statements::Prepared;
use super::{Hash16, Kind, Ledger, LedgerError, StoredLead};
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Every lead of theirs, as it was: whom to notify, when it was sent,
    /// under which reference. Those never sent are gone from the ledger.
    pub leads: Vec<StoredLead>,
    /// Leads that are being sent at this moment: not erased.
    pub in_flight: u64,
}

const DROP_DATA: &str =
    "UPDATE leads SET label = NULL, fields = NULL, sent = NULL, message = NULL, purged_at = ?2,
    address = CASE WHEN state = 'pending' THEN address END WHERE id = ?1";
const DROP_WORDS: &str =
    "UPDATE attempts SET message = NULL, excerpt = NULL, reason = NULL WHERE lead = ?1";

impl Ledger {
    /// Purges the leads last sent (or read, if never sent) before a time,
    /// milliseconds UTC.
    pub fn purge_before(&self, before: i64) -> Result<Purged, LedgerError> {
        let purged = self.drop_before(before);
        self.named(purged)
    }

    /// Purges everything about the person whose hashes these are, open leads
    /// too; `block`: nothing of theirs is ever sent again. Doing it again gives
    /// the same list.
    pub fn purge_person(&self, person: &[Hash16], block: bool) -> Result<Erased, LedgerError> {
        let erased = self.erase(person, block);
        self.named(erased)
    }

    fn drop_before(&self, before: i64) -> Result<Purged, LedgerError> {
        self.conn.execute_batch("PRAGMA secure_delete = ON")?;
        let tx = self.writing()?;
        let mut done = Purged::default();
        let mut old = Prepared::new(&self.conn, OLD_LEADS);
        let mut wiper = Wiper::new(&self.conn);
        let mut last = 0;
        loop {
            let page = old_leads(&mut old, last, before)?;
            let Some(&(id, _)) = page.last() else { break };
            last = id;
            for (id, open) in page {
                if open {
                    done.open += 1;
                } else {
                    wiper.wipe(id)?;
                    done.purged += 1;
                }
            }
        }
        tx.commit()?;
        self.wipe()?;
        Ok(done)
    }

    fn erase(&self, person: &[Hash16], block: bool) -> Result<Erased, LedgerError> {
        self.conn.execute_batch("PRAGMA secure_delete = ON")?;
        let tx = self.writing()?;
        let mut erased = Erased {
            leads: Vec::new(),
            in_flight: 0,
        };
        let mut by_id = ById::new(&self.conn);
        let mut wiper = Wiper::new(&self.conn);
        for id in of_person(&tx, person)? {
            let Some(lead) = by_id.lead(id)? else {
                continue;
            };
            if lead.in_flight {
                erased.in_flight += 1;
                continue;
            }
            if matches!(
                lead.state,
                State::Unsent | State::Failed | State::Invalid | State::Skipped
            ) {
                tx.execute("DELETE FROM attempts WHERE lead = ?1", [id])?;
                tx.execute("DELETE FROM leads WHERE id = ?1", [id])?;
            } else {
                wiper.wipe(id)?;
            }
            erased.leads.push(lead);
        }
        if block {
            for hash in person {
                tx.execute(
                    "INSERT OR IGNORE INTO blocked (person, at) VALUES (?1, ?2)",
                    params![hash, now()],
                )?;
            }
        }
        tx.commit()?;
        self.wipe()?;
        Ok(erased)
    }

    /// Rewrites the file without what was dropped, and empties the log.
    fn wipe(&self) -> Result<(), LedgerError> {
        let rewritten = self.conn.execute_batch("VACUUM");
        let (busy, _, _): (i64, i64, i64) =
            self.conn
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?;
        if busy != 0 {
            return Err(LedgerError::new(
                Kind::Busy,
                "the data is dropped, but traces stay in the ledger's files while another program uses them",
            )
            .hint("run the same purge again once no other leadctl is at work"));
        }
        Ok(rewritten?)
    }
}

/// What is left of a lead is its key, its state and its times.
struct Wiper<'c> {
    data: Prepared<'c>,
    words: Prepared<'c>,
}

impl<'c> Wiper<'c> {
    fn new(conn: &'c Connection) -> Self {
        Self {
            data: Prepared::new(conn, DROP_DATA),
            words: Prepared::new(conn, DROP_WORDS),
        }
    }

    fn wipe(&mut self, id: i64) -> rusqlite::Result<()> {
        self.data.get()?.execute(params![id, now()])?;
        self.words.get()?.execute([id])?;
        Ok(())
    }
}

const OLD_LEADS: &str =
    "SELECT id, state IN ('pending', 'in_doubt', 'failed', 'unsent') OR id IN (SELECT lead FROM flights) FROM leads
  WHERE id > ?1 AND coalesce(sent_at, read_at) < ?2 AND purged_at IS NULL ORDER BY id LIMIT 1000";

/// A page of the leads to purge by date: id, and whether it is still open.
fn old_leads(old: &mut Prepared<'_>, last: i64, before: i64) -> rusqlite::Result<Vec<(i64, bool)>> {
    old.get()?
        .query_map([last, before], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
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
