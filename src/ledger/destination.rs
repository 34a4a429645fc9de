//! What the ledger knows of a destination as a whole: how its keys are made,
//! its doubts in a row, and the name it goes by.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::clock::now;
use super::statements::Prepared;
use super::{Hash16, KeyKind, Ledger, LedgerError, StoredLead, lead, twins};
use crate::lead::State;

/// What a change of keys did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rekeyed {
    pub changed: u64,
    /// Leads that keep the old key, since their data was purged or gives none:
    /// they can no longer be recognised.
    pub kept: u64,
    /// Leads that are passed over from now on, for another has the same key.
    pub passed_over: u64,
}

/// What a change of name did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Renamed {
    pub moved: u64,
    /// As in [`Rekeyed`].
    pub passed_over: u64,
}

/// The destination's number, given at its first use.
pub fn known(conn: &Connection, name: &str) -> rusqlite::Result<i64> {
    conn.execute(
        "INSERT OR IGNORE INTO destinations (name) VALUES (?1)",
        [name],
    )?;
    conn.query_row(
        "SELECT id FROM destinations WHERE name = ?1",
        [name],
        |row| row.get(0),
    )
}

impl Ledger {
    /// How the stored keys were made, as [`Ledger::set_key_spec`] was told.
    pub fn key_spec(&self, destination: &str) -> Result<Option<String>, LedgerError> {
        let spec = self
            .conn
            .query_row(
                "SELECT key_spec FROM destinations WHERE name = ?1",
                [destination],
                |row| row.get(0),
            )
            .optional();
        Ok(self.named(spec)?.flatten())
    }

    pub fn set_key_spec(&self, destination: &str, spec: &str) -> Result<(), LedgerError> {
        let set = known(&self.conn, destination).and_then(|id| {
            self.conn.execute(
                "UPDATE destinations SET key_spec = ?2 WHERE id = ?1",
                params![id, spec],
            )
        });
        self.named(set).map(drop)
    }

    /// The names of the destinations that something is stored for.
    pub fn destinations(&self) -> Result<Vec<String>, LedgerError> {
        let names = self
            .conn
            .prepare(
                "SELECT name FROM destinations
                 WHERE EXISTS (SELECT 1 FROM leads WHERE destination = destinations.id)",
            )
            .and_then(|mut names| names.query_map([], |row| row.get(0))?.collect());
        self.named(names)
    }

    /// Is anything stored for the destination?
    pub fn has_leads(&self, destination: &str) -> Result<bool, LedgerError> {
        let any = self.conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM leads WHERE destination = (SELECT id FROM destinations WHERE name = ?1))",
            [destination],
            |row| row.get(0),
        );
        self.named(any)
    }

    /// Gives every stored lead of the destination its key under a new `spec`,
    /// all or nothing. `key_of` makes it from the stored fields; `None` keeps
    /// the old one. The caller holds the destination. `again_after`: how long the
    /// same key keeps a lead from coming again.
    pub fn rekey(
        &self,
        destination: &str,
        spec: &str,
        again_after: Option<Duration>,
        key_of: &mut dyn FnMut(&StoredLead) -> Option<(Hash16, KeyKind)>,
    ) -> Result<Rekeyed, LedgerError> {
        let done = rekey(&self.conn, destination, spec, lapsed(again_after), key_of);
        self.named(done)
    }

    /// A table was renamed: what is stored under `from` belongs to `to` from now
    /// on. The caller holds both. `again_after`: as in [`Ledger::rekey`].
    pub fn rename(
        &self,
        from: &str,
        to: &str,
        again_after: Option<Duration>,
    ) -> Result<Renamed, LedgerError> {
        let renamed = rename(&self.conn, from, to, lapsed(again_after));
        self.named(renamed)
    }

    /// Approvals of the destination whose time has passed become `expired`;
    /// their ids.
    pub fn expire(&self, destination: &str, now: i64) -> Result<Vec<i64>, LedgerError> {
        let expired = (|| {
            let tx = self.writing()?;
            let ids: Vec<i64> = tx
                .prepare(
                    "UPDATE leads SET state = ?1, message = 'the approval has run out'
                     WHERE destination = (SELECT id FROM destinations WHERE name = ?2)
                       AND state = ?3 AND expires_at <= ?4 RETURNING id",
                )?
                .query_map(
                    params![
                        State::Expired.as_str(),
                        destination,
                        State::Approved.as_str(),
                        now
                    ],
                    |row| row.get(0),
                )?
                .collect::<Result<_, _>>()?;
            tx.commit()?;
            Ok::<_, rusqlite::Error>(ids)
        })();
        self.named(expired)
    }
}

/// What came before it no longer keeps its key, milliseconds UTC.
fn lapsed(again_after: Option<Duration>) -> Option<i64> {
    let after = i64::try_from(again_after?.as_millis()).unwrap_or(i64::MAX);
    Some(now().saturating_sub(after))
}

fn rekey(
    conn: &Connection,
    destination: &str,
    spec: &str,
    lapsed: Option<i64>,
    key_of: &mut dyn FnMut(&StoredLead) -> Option<(Hash16, KeyKind)>,
) -> rusqlite::Result<Rekeyed> {
    let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    let home = known(&tx, destination)?;
    let mut done = Rekeyed::default();
    let mut next = Prepared::new(
        conn,
        "SELECT id FROM leads WHERE id > ?2 AND +destination = ?1 AND +state <> 'skipped' ORDER BY id LIMIT 1",
    );
    let mut by_id = lead::ById::new(conn);
    let mut update = Prepared::new(
        conn,
        "UPDATE leads SET key = ?2, key_kind = ?3 WHERE id = ?1",
    );
    let mut last = 0;
    loop {
        let next: Option<i64> = next
            .get()?
            .query_row(params![home, last], |row| row.get(0))
            .optional()?;
        let Some(id) = next else { break };
        last = id;
        let key = match by_id.lead(id)? {
            Some(lead) if lead.fields.is_some() => key_of(&lead),
            _ => None,
        };
        match key {
            Some((key, kind)) => {
                update.get()?.execute(params![id, key, kind.as_str()])?;
                done.changed += 1;
            }
            None => done.kept += 1,
        }
    }
    tx.execute(
        "UPDATE destinations SET key_spec = ?2 WHERE id = ?1",
        params![home, spec],
    )?;
    done.passed_over = twins::reconcile(&tx, home, lapsed)?;
    tx.commit()?;
    Ok(done)
}

fn rename(
    conn: &Connection,
    from: &str,
    to: &str,
    lapsed: Option<i64>,
) -> rusqlite::Result<Renamed> {
    let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    let old: Option<i64> = tx
        .query_row(
            "SELECT id FROM destinations WHERE name = ?1",
            [from],
            |row| row.get(0),
        )
        .optional()?;
    let Some(old) = old else {
        return Ok(Renamed::default());
    };
    let new = known(&tx, to)?;
    let moved = tx.execute(
        "UPDATE leads SET destination = ?2 WHERE destination = ?1",
        params![old, new],
    )?;
    tx.execute(
        "UPDATE replaced SET destination = ?2 WHERE destination = ?1",
        params![old, new],
    )?;
    tx.execute(
        "UPDATE runs SET destination = ?2 WHERE destination = ?1",
        params![old, new],
    )?;
    // What the new name has not made up itself yet, it takes over. Keys made in
    // two ways agree with no table until they are made anew.
    tx.execute(
        "UPDATE destinations SET key_spec = (SELECT CASE WHEN old.key_spec <> destinations.key_spec
               THEN old.key_spec || ' or ' || destinations.key_spec
               ELSE coalesce(destinations.key_spec, old.key_spec) END
             FROM destinations AS old WHERE old.id = ?1),
           doubts = max(doubts, (SELECT doubts FROM destinations WHERE id = ?1)),
           last_success = coalesce(last_success, (SELECT last_success FROM destinations WHERE id = ?1))
         WHERE id = ?2",
        params![old, new],
    )?;
    tx.execute("DELETE FROM destinations WHERE id = ?1", [old])?;
    let passed_over = twins::reconcile(&tx, new, lapsed)?;
    tx.commit()?;
    Ok(Renamed {
        moved: u64::try_from(moved).unwrap_or(0),
        passed_over,
    })
}
