//! Marks of files that leadctl wrote: by them it knows whether somebody changed
//! one since.

use std::path::Path;

use rusqlite::OptionalExtension as _;

use super::{Ledger, LedgerError};

fn name(file: &Path) -> String {
    format!("file {}", file.display())
}

impl Ledger {
    /// The mark that was kept of a file.
    pub fn mark_of(&self, file: &Path) -> Result<Option<Vec<u8>>, LedgerError> {
        let query = "SELECT value FROM meta WHERE name = ?1";
        let found = self
            .conn
            .query_row(query, [name(file)], |row| row.get(0))
            .optional();
        self.named(found)
    }

    /// Keeps a file's mark in place of an earlier one.
    pub fn keep_mark(&self, file: &Path, mark: &[u8]) -> Result<(), LedgerError> {
        let statement = "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)";
        let kept = self.conn.execute(statement, (name(file), mark));
        self.named(kept).map(drop)
    }
}
