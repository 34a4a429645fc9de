//! What the ledger knows of a destination as a whole: how its keys are made,
//! its doubts in a row, and the name it goes by.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::statements::Prepared;
use super::{Hash16, KeyKind, Ledger, LedgerError, StoredLead, lead};
use crate::lead::State;

/// What a change of keys did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rekeyed {
    pub changed: u64,
    /// Leads that keep the old key, since their data was purged or gives none:
    /// they can no longer be recognised.
    pub kept: u64,
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
    /// the old one. The caller holds the destination.
    pub fn rekey(
        &self,
        destination: &str,
        spec: &str,
        key_of: &mut dyn FnMut(&StoredLead) -> Option<(Hash16, KeyKind)>,
    ) -> Result<Rekeyed, LedgerError> {
        let done = rekey(&self.conn, destination, spec, key_of);
        self.named(done)
    }

    /// A table was renamed: what is stored under `from` belongs to `to` from now
    /// on. Returns the number of leads. The caller holds both.
    pub fn rename(&self, from: &str, to: &str) -> Result<u64, LedgerError> {
        let moved = rename(&self.conn, from, to);
        self.named(moved)
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

fn rekey(
    conn: &Connection,
    destination: &str,
    spec: &str,
    key_of: &mut dyn FnMut(&StoredLead) -> Option<(Hash16, KeyKind)>,
) -> rusqlite::Result<Rekeyed> {
    let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    let home = known(&tx, destination)?;
    let mut done = Rekeyed::default();
    let mut next = Prepared::new(
        conn,
        "SELECT id FROM leads WHERE id > ?2 AND +destination = ?1 ORDER BY id LIMIT 1",
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
    tx.commit()?;
    Ok(done)
}

fn rename(conn: &Connection, from: &str, to: &str) -> rusqlite::Result<u64> {
    let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    let old: Option<i64> = tx
        .query_row(
            "SELECT id FROM destinations WHERE name = ?1",
            [from],
            |row| row.get(0),
        )
        .optional()?;
    let Some(old) = old else { return Ok(0) };
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
    // What the new name has not made up itself yet, it takes over.
    tx.execute(
        "UPDATE destinations SET key_spec = coalesce(key_spec, (SELECT key_spec FROM destinations WHERE id = ?1)),
           doubts = max(doubts, (SELECT doubts FROM destinations WHERE id = ?1)),
           last_success = coalesce(last_success, (SELECT last_success FROM destinations WHERE id = ?1))
         WHERE id = ?2",
        params![old, new],
    )?;
    tx.execute("DELETE FROM destinations WHERE id = ?1", [old])?;
    tx.commit()?;
    Ok(u64::try_from(moved).unwrap_or(0))
}
