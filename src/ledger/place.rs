//! The places of a destination: where it has a lead, or may have it, one is taken.
//! Asked in the very transaction that claims a lead, so that two processes never pass a
//! cap.

use rusqlite::{Connection, params};

use super::destination::number_of;
use super::{Ledger, LedgerError};
use crate::lead::{Hold, Limit};

/// The leads of a destination that take a place, in the words of the index over them.
macro_rules! placed {
    ($rest:literal) => {
        concat!(
            "SELECT count(*) FROM leads WHERE destination = ?1 AND NOT is_change AND state IN \
             ('delivered', 'pending', 'approved', 'expired', 'duplicate', 'in_doubt') ",
            $rest
        )
    };
}

/// Why no more leads are sent: of several caps the one that lasts longest. `lead`: its
/// own place, if it has one, is none that another takes.
pub fn beyond(
    conn: &Connection,
    destination: i64,
    limits: &[Limit],
    lead: i64,
) -> rusqlite::Result<Option<Hold>> {
    let mut holds = Vec::new();
    for limit in limits {
        if taken(conn, destination, limit.since, lead)? >= i64::from(limit.count) {
            holds.push(limit.hold);
        }
    }
    let longest = holds.into_iter();
    Ok(longest.max_by_key(|hold| (hold.until.is_none(), hold.until)))
}

/// Leads that were sent since then and take a place. Of those that a purge forgot, no
/// moment is known: they count in all.
fn taken(
    conn: &Connection,
    destination: i64,
    since: Option<i64>,
    lead: i64,
) -> rusqlite::Result<i64> {
    let since_then = placed!("AND sent_at >= ?2 AND id <> ?3");
    let in_all = placed!(
        "AND sent_at >= ?2 AND id <> ?3 UNION ALL SELECT count(*) FROM forgotten
         WHERE destination = ?1 AND state IN
           ('delivered', 'pending', 'approved', 'expired', 'duplicate', 'in_doubt')"
    );
    let query = since.map_or(in_all, |_| since_then);
    let mut statement = conn.prepare_cached(query)?;
    let counts = statement.query_map(
        params![destination, since.unwrap_or(i64::MIN), lead],
        |row| row.get::<_, i64>(0),
    )?;
    counts.sum()
}

/// Is this run sending another lead at this moment? Its place may be free again soon.
pub fn is_sending(conn: &Connection, run: i64, lead: i64) -> rusqlite::Result<bool> {
    let open = "SELECT EXISTS (SELECT 1 FROM attempts
      WHERE ended_at IS NULL AND run = ?1 AND lead <> ?2)";
    conn.prepare_cached(open)?
        .query_row([run, lead], |row| row.get(0))
}

impl Ledger {
    /// Why a destination is sent no more leads for now.
    pub fn beyond_cap(
        &self,
        destination: &str,
        limits: &[Limit],
    ) -> Result<Option<Hold>, LedgerError> {
        self.read(|conn| match number_of(conn, destination)? {
            Some(number) => beyond(conn, number, limits, 0),
            None => Ok(None),
        })
    }

    /// How many more leads a destination may be sent under each of these.
    pub fn room(&self, destination: &str, limits: &[Limit]) -> Result<Vec<u64>, LedgerError> {
        self.read(|conn| {
            let number = number_of(conn, destination)?;
            let free = limits.iter().map(|limit| {
                let taken = number.map(|number| taken(conn, number, limit.since, 0));
                let taken = taken.transpose()?.unwrap_or_default().unsigned_abs();
                Ok(u64::from(limit.count).saturating_sub(taken))
            });
            free.collect()
        })
    }
}

#[cfg(test)]
impl Ledger {
    /// How SQLite counts places.
    pub fn plan_of_places(&self) -> Result<String, LedgerError> {
        let query = placed!("AND sent_at >= ?2 AND id <> ?3");
        self.read(|conn| {
            conn.query_row(
                &format!("EXPLAIN QUERY PLAN {query}"),
                params![1, 2, 3],
                |row| row.get(3),
            )
        })
    }
}
