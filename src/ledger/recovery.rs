//! What a start finds: attempts that were cut short, since their process is gone
//! and nobody knows what the partner did, and runs that did not end. And a
//! person's word on a lead in doubt.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::{Connection, params};

use super::attempt::Trigger;
use super::destination::stand_back;
use super::lead::Note;
use super::{KeyKind, Ledger, LedgerError, locks, now};
use crate::lead::State;

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

/// What a person says about a lead in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    Delivered,
    NotReceived,
}

impl Ledger {
    /// Closes the attempts whose process is gone, at every destination, and
    /// returns them. Runs that are alive, in this process too, are left alone.
    pub fn recover(&self) -> Result<Vec<Interrupted>, LedgerError> {
        if self.read(open_attempts)?.is_empty() {
            return Ok(Vec::new());
        }
        let _gate = locks::gate(self.path())?;
        // No attempt of a dead run begins any more, so what is found here is all.
        let mut alive: HashMap<i64, bool> = HashMap::new();
        let mut dead = self.read(open_attempts)?;
        for open in &dead {
            if let Entry::Vacant(unknown) = alive.entry(open.run) {
                unknown.insert(locks::alive(self.path(), open.run)?);
            }
        }
        dead.retain(|open| alive.get(&open.run) == Some(&false));
        self.write(|conn| {
            let mut closed = Vec::new();
            for open in dead {
                if close(conn, &open)? {
                    closed.push(open.found);
                }
            }
            Ok(closed)
        })
    }

    /// What runs left that were cut short. Each is told once, by whoever asks
    /// first.
    pub fn cut_short(&self) -> Result<Vec<CutShort>, LedgerError> {
        if self.read(open_runs)?.is_empty() {
            return Ok(Vec::new());
        }
        let _gate = locks::gate(self.path())?;
        let mut dead = Vec::new();
        for (run, destination) in self.read(open_runs)? {
            if !locks::alive(self.path(), run)? {
                dead.push((run, destination));
            }
        }
        self.write(|conn| {
            let mut cut: Vec<CutShort> = Vec::new();
            for (run, destination) in dead {
                let unsent = end_run(conn, run)?;
                match cut.iter_mut().find(|cut| cut.destination == destination) {
                    Some(cut) => cut.unsent += unsent,
                    None => cut.push(CutShort {
                        destination,
                        unsent,
                    }),
                }
            }
            cut.retain(|cut| cut.unsent > 0);
            Ok(cut)
        })
    }

    /// Settles a lead in doubt: `delivered`, or `failed` so that it may be sent
    /// again. Any other lead is refused.
    pub fn resolve(
        &self,
        id: i64,
        ruling: Ruling,
        reason: Option<&str>,
    ) -> Result<State, LedgerError> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        // Nobody takes it up between the look and the word: a claim needs a run,
        // and the word is refused where the lead is not in doubt any more.
        let lead = self.lead(id)?.ok_or(LedgerError::NoSuchLead(id))?;
        if lead.in_flight {
            return Err(LedgerError::InFlight(id));
        }
        if lead.state != State::InDoubt {
            return Err(LedgerError::NotInDoubt(id, lead.state));
        }
        let change = lead.key_kind == Some(KeyKind::Amendment);
        let ruled = self.write(|conn| rule(conn, id, ruling, change, reason))?;
        ruled.ok_or(LedgerError::InFlight(id))
    }
}

/// `None`: it is not in doubt any more, or in flight.
fn rule(
    conn: &Connection,
    id: i64,
    ruling: Ruling,
    change: bool,
    reason: Option<&str>,
) -> rusqlite::Result<Option<State>> {
    let doubtful: bool = conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM leads WHERE id = ?1 AND state = 'in_doubt')
           AND NOT EXISTS (SELECT 1 FROM attempts WHERE lead = ?1 AND ended_at IS NULL)",
        [id],
        |row| row.get(0),
    )?;
    if !doubtful {
        return Ok(None);
    }
    let received = ruling == Ruling::Delivered;
    let duplicate = match received {
        true => None,
        false => stand_back(conn, id)?,
    };
    let state = match (received, &duplicate) {
        (true, _) => State::Delivered,
        (false, Some(_)) => State::Skipped,
        (false, None) => State::Failed,
    };
    let note = Note::SettledByHand {
        received,
        change,
        duplicate,
        reason: reason.map(str::to_owned),
    };
    conn.execute(
        "INSERT INTO attempts (lead, trigger, was, started_at, ended_at, state, reason, note)
         VALUES (?1, ?2, 'in_doubt', ?3, ?3, ?4, ?5, ?6)",
        params![id, Trigger::Resolve.as_str(), now(), state, reason, note],
    )?;
    conn.execute(
        "UPDATE leads SET state = ?2, message = NULL, note = ?3, decided_at = ?4 WHERE id = ?1",
        params![id, state, note, received.then(now)],
    )?;
    Ok(Some(state))
}

/// Runs that did not end, and the destination of each.
fn open_runs(conn: &Connection) -> rusqlite::Result<Vec<(i64, String)>> {
    conn.prepare(
        "SELECT runs.id, name FROM runs CROSS JOIN destinations ON destinations.id = destination
         WHERE ended_at IS NULL ORDER BY runs.id",
    )?
    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}

/// Ends a run that was cut short; the leads it left unsent.
fn end_run(conn: &Connection, run: i64) -> rusqlite::Result<u64> {
    let ended = conn.execute(
        "UPDATE runs SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL",
        params![run, now()],
    )?;
    if ended == 0 {
        return Ok(0);
    }
    let unsent: i64 = conn.query_row(
        "SELECT count(*) FROM leads
         WHERE destination = (SELECT destination FROM runs WHERE id = ?1)
           AND state = 'unsent' AND run = ?1 AND key_kind <> ?2",
        params![run, KeyKind::Amendment.as_str()],
        |row| row.get(0),
    )?;
    Ok(unsent.unsigned_abs())
}

struct Open {
    attempt: i64,
    run: i64,
    found: Interrupted,
}

fn open_attempts(conn: &Connection) -> rusqlite::Result<Vec<Open>> {
    conn.prepare(
        "SELECT attempts.id, attempts.run, lead, name, label, started_at, trigger
         FROM attempts CROSS JOIN leads ON leads.id = lead
         JOIN destinations ON destinations.id = destination
         WHERE ended_at IS NULL ORDER BY lead",
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

/// `false`: it is closed already.
fn close(conn: &Connection, open: &Open) -> rusqlite::Result<bool> {
    let Interrupted {
        lead,
        started_at: at,
        in_doubt,
        ..
    } = open.found;
    let note = in_doubt.then_some(Note::Interrupted { at });
    let closed = conn.execute(
        "UPDATE attempts SET ended_at = ?2, transport = 'silent', state = ?3, note = ?4
         WHERE id = ?1 AND ended_at IS NULL",
        params![
            open.attempt,
            now(),
            in_doubt.then_some(State::InDoubt),
            note
        ],
    )?;
    if closed > 0 && in_doubt {
        conn.execute(
            "UPDATE leads SET note = ?2, notified = NULL WHERE id = ?1",
            params![lead, note],
        )?;
    }
    Ok(closed > 0)
}
