//! Attempts that were cut short: their process is gone and nobody knows what
//! the partner did. A start finds them and declares them.

use rusqlite::{Connection, params};

use super::clock::{clock, now};
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
    run: i64,
    found: Interrupted,
}

fn open_attempts(conn: &Connection) -> rusqlite::Result<Vec<Open>> {
    conn.prepare(
        "SELECT flights.run, flights.lead, destinations.name, label, started_at, sends
         FROM flights CROSS JOIN leads ON leads.id = flights.lead
         JOIN destinations ON destinations.id = leads.destination
         ORDER BY flights.lead",
    )?
    .query_map([], |row| {
        Ok(Open {
            run: row.get(0)?,
            found: Interrupted {
                lead: row.get(1)?,
                destination: row.get(2)?,
                label: row.get(3)?,
                started_at: row.get(4)?,
                in_doubt: row.get(5)?,
            },
        })
    })?
    .collect()
}

fn close(conn: &Connection, open: &Open) -> rusqlite::Result<()> {
    let lead = open.found.lead;
    let message = open.found.in_doubt.then(|| {
        format!(
            "leadctl was stopped while it was being sent ({}): the partner may have it",
            clock(open.found.started_at)
        )
    });
    conn.execute(
        "INSERT INTO attempts (lead, run, trigger, was, started_at, ended_at, transport, state, payload,
           reason, message)
         SELECT lead, flights.run, trigger, leads.state, started_at, ?2, 'silent', iif(sends, 'in_doubt', NULL),
           payload, reason, ?3
         FROM flights JOIN leads ON leads.id = lead WHERE lead = ?1",
        params![lead, now(), message],
    )?;
    if open.found.in_doubt {
        conn.execute(
            "UPDATE leads SET state = 'in_doubt', message = ?2, sent_at = ?3, attempts = attempts + 1,
               request = coalesce((SELECT payload FROM flights WHERE lead = ?1), request),
               status = NULL, decided_at = NULL, told_state = NULL WHERE id = ?1",
            params![lead, message, open.found.started_at],
        )?;
    }
    conn.execute("DELETE FROM flights WHERE lead = ?1", [lead])?;
    Ok(())
}
