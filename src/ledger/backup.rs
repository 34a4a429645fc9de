//! A copy of the ledger and of its key, taken while others go on working.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::error::Doing;
use super::open::key_of;
use super::{Ledger, LedgerError, file};

impl Ledger {
    /// Copies the ledger to `to` and its key to `to`.key, both 0600. Refuses to
    /// overwrite either. The copy is whole and checked, or it is not there.
    pub fn backup(&self, to: &Path) -> Result<(), LedgerError> {
        let (own_key, key) = (key_of(self.path()), key_of(to));
        for there in [to, &key] {
            if fs::symlink_metadata(there).is_ok() {
                return Err(LedgerError::BackupThere(there.to_owned()));
            }
        }
        let partial = file::beside(to, ".partial");
        if let Err(error) = self.copy_to(&partial) {
            let _ = fs::remove_file(&partial);
            return Err(error);
        }
        // The key first: a ledger without its key is worth nothing.
        file::write_whole(&key, &fs::read(&own_key).doing("read", &own_key)?)?;
        file::rename(&partial, to)
    }

    fn copy_to(&self, partial: &Path) -> Result<(), LedgerError> {
        file::remove(partial)?; // left by a backup that was killed
        let file = file::create_new(partial).doing("create", partial)?;
        let told: String = self.read(|conn| {
            let mut copy = Connection::open(partial)?;
            // All pages in one step: a busy writer cannot make it start over.
            Backup::new(conn, &mut copy)?.step(-1)?;
            copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
            let told = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            copy.close().map_err(|(_, error)| error)?;
            Ok(told)
        })?;
        match told.as_str() {
            "ok" => file.sync_all().doing("write", partial),
            _ => Err(LedgerError::Damaged {
                ledger: self.path().to_owned(),
                told: format!("{} says SQLite", told.replace('\n', " ")),
            }),
        }
    }
}
