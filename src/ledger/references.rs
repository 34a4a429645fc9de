//! Which of a partner's references are ours. There is no index on them, since
//! every send would pay for it: who compares a whole list makes one here.

use rusqlite::OptionalExtension;

use super::statements::Prepared;
use super::{Ledger, LedgerError};

/// The references of some destinations, in a temporary table: flat memory.
pub struct References<'a> {
    ledger: &'a Ledger,
    find: Prepared<'a>,
}

impl Ledger {
    /// Collects the references of these destinations, once for many questions.
    pub fn references(&self, destinations: &[&str]) -> Result<References<'_>, LedgerError> {
        let made = self
            .conn
            .execute_batch(
                "DROP TABLE IF EXISTS temp.refs;
                 CREATE TEMP TABLE refs (reference TEXT NOT NULL, id INTEGER NOT NULL);",
            )
            .and_then(|()| {
                let mut collect = self.conn.prepare(
                    "INSERT INTO temp.refs SELECT reference, id FROM leads
                     WHERE destination = (SELECT id FROM destinations WHERE name = ?1)
                       AND reference IS NOT NULL ORDER BY reference",
                )?;
                destinations
                    .iter()
                    .try_for_each(|name| collect.execute([name]).map(drop))
            })
            .and_then(|()| {
                self.conn
                    .execute_batch("CREATE INDEX temp.refs_by ON refs (reference)")
            });
        self.named(made)?;
        Ok(References {
            ledger: self,
            find: Prepared::new(
                &self.conn,
                "SELECT id FROM temp.refs WHERE reference = ?1 ORDER BY id DESC LIMIT 1",
            ),
        })
    }
}

impl References<'_> {
    /// The lead that holds the reference (the latest, if several do).
    pub fn find(&mut self, reference: &str) -> Result<Option<i64>, LedgerError> {
        let found = self
            .find
            .get()
            .and_then(|find| find.query_row([reference], |row| row.get(0)).optional());
        self.ledger.named(found)
    }
}

impl Drop for References<'_> {
    fn drop(&mut self) {
        let _ = self
            .ledger
            .conn
            .execute_batch("DROP TABLE IF EXISTS temp.refs");
    }
}
