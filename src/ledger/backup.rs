//! A copy of the ledger and of its key, taken while others go on working.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::error::Damage;
use super::{Ledger, LedgerError, file};

impl Ledger {
    /// Copies the ledger to `to` and its key to `to`.key, both 0600. Refuses to
    /// overwrite either. The copy is whole and checked, or it is not there.
    pub fn backup(&self, to: &Path) -> Result<(), LedgerError> {
        let key = file::beside(to, ".key");
        for there in [to, &key] {
            if fs::symlink_metadata(there).is_ok() {
                return Err(LedgerError::BackupThere(there.to_owned()));
            }
        }
        let partial = file::beside(to, ".partial");
        let copied = self.copy_to(&partial);
        if copied.is_err() {
            let _ = fs::remove_file(&partial);
        }
        copied?;
        let own_key = file::beside(self.path(), ".key");
        let bytes =
            fs::read(&own_key).map_err(|error| LedgerError::file("read", &own_key, error))?;
        // The key first: a ledger without its key is worth nothing.
        file::write_whole(&key, &bytes).map_err(|error| LedgerError::file("write", &key, error))?;
        fs::rename(&partial, to)
            .and_then(|()| file::sync_folder(file::folder_of(to)))
            .map_err(|error| LedgerError::file("write", to, error))
    }

    /// Reads the whole ledger and says whether it is sound.
    #[cfg(test)]
    pub fn verify(&self) -> Result<(), LedgerError> {
        self.read(check).and_then(|told| self.sound(told))
    }

    fn copy_to(&self, partial: &Path) -> Result<(), LedgerError> {
        file::remove(partial)?; // left by a backup that was killed
        let file = file::create_new(partial)
            .map_err(|error| LedgerError::file("create", partial, error))?;
        let told = self.read(|conn| {
            let mut copy = Connection::open(partial)?;
            // All pages in one step: a busy writer cannot make it start over.
            Backup::new(conn, &mut copy)?.step(-1)?;
            copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
            let told = check(&copy)?;
            copy.close().map_err(|(_, error)| error)?;
            Ok(told)
        })?;
        self.sound(told)?;
        file.sync_all()
            .map_err(|error| LedgerError::file("write", partial, error))
    }

    fn sound(&self, told: String) -> Result<(), LedgerError> {
        match told == "ok" {
            true => Ok(()),
            false => Err(LedgerError::Damaged {
                ledger: self.path().to_owned(),
                how: Damage::Check(told),
            }),
        }
    }
}

/// What SQLite says of the whole file: "ok", or what is wrong.
fn check(conn: &Connection) -> rusqlite::Result<String> {
    conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
}
