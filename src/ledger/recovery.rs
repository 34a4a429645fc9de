//! Attempts that were cut short: their process is gone and nobody knows what
//! the partner did. A start finds them and declares them.

use rusqlite::{Connection, params};

use super::attempt::Trigger;
use super::open::{clock, now};
use super::{Ledger, LedgerError, lock};

/// An attempt whose process was stopped before its outcome was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    pub lead: i64,
    pub destination: String,
    pub label: Option<String>,
    /// Milliseconds UTC.
    pub started_at: i64,
    /// It was a send, so the lead is in doubt now. A question that was cut
    /// short changes nothing.
    pub in_doubt: bool,
}

impl Ledger {
    /// Closes the attempts whose process is gone, at every destination, and
    /// returns them. Runs that are alive, in this process too, are left alone.
    pub fn recover(&self) -> Result<Vec<Interrupted>, LedgerError> {
        let found = self.close_dead();
        self.named(found)
    }

    fn close_dead(&self) -> Result<Vec<Interrupted>, LedgerError> {
        if open_attempts(&self.conn)?.is_empty() {
            return Ok(Vec::new());
        }
        let path = self.path().to_owned();
        let _gate = lock::gate(&path)?;
        let tx = self.writing()?;
        let mut closed = Vec::new();
        let mut asked: Vec<(i64, bool)> = Vec::new();
        for open in open_attempts(&tx)? {
            let alive = match asked.iter().find(|(run, _)| *run == open.run) {
                Some((_, alive)) => *alive,
                None => {
                    let alive = lock::alive(&path, open.run)?;
                    asked.push((open.run, alive));
                    alive
                }
            };
            if !alive {
                close(&tx, &open)?;
                closed.push(open.found);
            }
        }
        tx.commit()?;
        Ok(closed)
    }
}

struct Open {
    attempt: i64,
    run: i64,
    found: Interrupted,
}

fn open_attempts(conn: &Connection) -> rusqlite::Result<Vec<Open>> {
    conn.prepare_cached(
        "SELECT flight, attempts.run, leads.id, destinations.name, label, started_at, trigger
         FROM leads INDEXED BY leads_flight
         JOIN destinations ON destinations.id = leads.destination
         JOIN attempts ON attempts.id = flight
         WHERE flight IS NOT NULL ORDER BY leads.id",
    )?
    .query_map([], |row| {
        let trigger: String = row.get(6)?;
        Ok(Open {
            attempt: row.get(0)?,
            run: row.get(1)?,
            found: Interrupted {
                lead: row.get(2)?,
                destination: row.get(3)?,
                label: row.get(4)?,
                started_at: row.get(5)?,
                in_doubt: Trigger::parse(&trigger).is_none_or(Trigger::sends),
            },
        })
    })?
    .collect()
}

fn close(conn: &Connection, open: &Open) -> rusqlite::Result<()> {
    let message = open.found.in_doubt.then(|| {
        format!(
            "leadctl was stopped while it was being sent ({}): the partner may have it",
            clock(open.found.started_at)
        )
    });
    conn.prepare_cached(
        "UPDATE attempts SET ended_at = ?2, transport = 'silent', message = ?3,
           state = CASE WHEN ?3 IS NULL THEN NULL ELSE 'in_doubt' END WHERE id = ?1",
    )?
    .execute(params![open.attempt, now(), message])?;
    conn.prepare_cached(
        "UPDATE leads SET flight = NULL, message = coalesce(?2, message),
           told_state = CASE WHEN ?2 IS NULL THEN told_state END WHERE id = ?1",
    )?
    .execute(params![open.found.lead, message])?;
    Ok(())
}
