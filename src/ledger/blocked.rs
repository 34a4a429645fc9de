//! Persons who are never sent to anybody, as hashes: of what was typed, and of the
//! addresses and numbers that their leads gave beside it.

use rusqlite::{Connection, params};

use super::{Hash16, Ledger, LedgerError, StoredLead, now};

/// One who was blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// Milliseconds UTC.
    pub at: i64,
    /// What was typed; `None` once it was purged.
    pub typed: Option<String>,
    /// Addresses and numbers, what was typed among them.
    pub contacts: u64,
    /// Leads that have one of these.
    pub leads: u64,
}

impl Ledger {
    /// Blocks whoever has this address or number, with all that their leads gave
    /// beside it; how many addresses and numbers are blocked by that. `typed`: to
    /// be shown, unless it is to be kept as hashes alone.
    /// `others`: further ones, such as a row's second address.
    pub fn block(
        &self,
        given: Hash16,
        typed: Option<&str>,
        others: &[Hash16],
    ) -> Result<u64, LedgerError> {
        self.write(|conn| {
            conn.execute(
                "INSERT INTO blocked (person, at, given, typed) VALUES (?1, ?2, ?1, ?3)
                 ON CONFLICT (person) DO UPDATE SET typed = excluded.typed",
                params![given, now(), typed],
            )?;
            conn.execute(
                "INSERT OR IGNORE INTO blocked (person, at, given)
                 SELECT contact, ?2, ?1 FROM
                   (SELECT email AS contact FROM leads WHERE email = ?1 OR phone = ?1
                    UNION SELECT phone FROM leads WHERE email = ?1 OR phone = ?1)
                 WHERE contact IS NOT NULL",
                params![given, now()],
            )?;
            let add = "INSERT OR IGNORE INTO blocked (person, at, given) VALUES (?2, ?3, ?1)";
            for other in others {
                conn.execute(add, params![given, other, now()])?;
            }
            count(conn, given)
        })
    }

    /// Lifts the block of whoever has this address or number, and of what was
    /// blocked with it; how many addresses and numbers that is.
    pub fn unblock(&self, given: Hash16) -> Result<u64, LedgerError> {
        let lift =
            "DELETE FROM blocked WHERE given IN (SELECT given FROM blocked WHERE person = ?1)";
        self.write(|conn| Ok(conn.execute(lift, [given])? as u64))
    }

    /// Since when a stored lead's person is never to be sent again, in milliseconds UTC.
    pub fn blocked_since(&self, lead: &StoredLead) -> Result<Option<i64>, LedgerError> {
        self.read(|conn| blocked_since(conn, lead.email, lead.phone))
    }

    /// Everybody who is blocked, the latest first.
    pub fn blocked(&self) -> Result<Vec<Blocked>, LedgerError> {
        self.read(|conn| {
            conn.prepare(
                "SELECT min(at), max(typed), count(*),
                   (SELECT count(*) FROM leads WHERE EXISTS (SELECT 1 FROM blocked AS one
                      WHERE one.given = blocked.given AND one.person IN (email, phone)))
                 FROM blocked GROUP BY given ORDER BY min(at) DESC",
            )?
            .query_map([], |row| {
                Ok(Blocked {
                    at: row.get(0)?,
                    typed: row.get(1)?,
                    contacts: row.get::<_, i64>(2)?.unsigned_abs(),
                    leads: row.get::<_, i64>(3)?.unsigned_abs(),
                })
            })?
            .collect()
        })
    }
}

fn count(conn: &Connection, given: Hash16) -> rusqlite::Result<u64> {
    let query = "SELECT count(*) FROM blocked WHERE given = ?1";
    let count: i64 = conn.query_row(query, [given], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// Since when this person is never to be sent again.
pub fn blocked_since(
    conn: &Connection,
    email: Option<Hash16>,
    phone: Option<Hash16>,
) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT min(at) FROM blocked WHERE person IN (?1, ?2)")?
        .query_row([email, phone], |row| row.get(0))
}
