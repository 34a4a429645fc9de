//! Attempts that were cut short: their process is gone and nobody knows what
//! the partner did. A start finds them and declares them.

use rusqlite::{Connection, params};

use super::clock::{clock, now};
use super::{KeyKind, Ledger, LedgerError, lock};

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

/// Leads that a run had stored when it was stopped, and never sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutShort {
    pub destination: String,
    pub unsent: u64,
}

impl Ledger {
    /// What runs left that were cut short. Each is told once, by whoever asks
    /// first.
    pub fn cut_short(&self) -> Result<Vec<CutShort>, LedgerError> {
        let found = self.end_dead();
        self.named(found)
    }

    fn end_dead(&self) -> Result<Vec<CutShort>, LedgerError> {
        if open_runs(&self.conn)?.is_empty() {
            return Ok(Vec::new());
        }
        let _gate = lock::gate(self.path())?;
        let tx = self.writing()?;
        let mut cut: Vec<CutShort> = Vec::new();
        for (run, id, destination) in open_runs(&tx)? {
            if lock::alive(self.path(), run)? {
                continue;
            }
            let unsent = unsent_of(&tx, id, run)?;
            tx.execute(
                "UPDATE runs SET ended_at = ?2 WHERE id = ?1",
                params![run, now()],
            )?;
            match cut.iter_mut().find(|cut| cut.destination == destination) {
                Some(cut) => cut.unsent += unsent,
                None => cut.push(CutShort {
                    destination,
                    unsent,
                }),
            }
        }
        tx.commit()?;
        cut.retain(|cut| cut.unsent > 0);
        Ok(cut)
    }

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

/// Runs that did not end: their ids, and the destination of each.
fn open_runs(conn: &Connection) -> rusqlite::Result<Vec<(i64, i64, String)>> {
    conn.prepare(
        "SELECT runs.id, destination, name FROM runs CROSS JOIN destinations
         ON destinations.id = destination WHERE ended_at IS NULL ORDER BY runs.id",
    )?
    .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
    .collect()
}

fn unsent_of(conn: &Connection, destination: i64, run: i64) -> rusqlite::Result<u64> {
    conn.query_row(
        "SELECT count(*) FROM leads WHERE destination = ?1 AND state = 'unsent' AND run = ?2
           AND key_kind <> ?3",
        params![destination, run, KeyKind::Amendment.as_str()],
        |row| Ok(row.get::<_, i64>(0)?.unsigned_abs()),
    )
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
