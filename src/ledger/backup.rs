//! A copy of the ledger and of its key, taken while others go on working.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::{Ledger, LedgerError, file};

impl Ledger {
    /// Copies the ledger to `to` and its key to `to`.key, both 0600. Refuses to
    /// overwrite either. The copy is whole and checked, or it is not there.
    pub fn backup(&self, to: &Path) -> Result<(), LedgerError> {
        let key = file::beside(to, ".key");
        for taken in [to, &key] {
            if fs::symlink_metadata(taken).is_ok() {
                return Err(
                    LedgerError::refused(format!("{} is there already", taken.display()))
                        .hint("name a new file: a backup overwrites nothing"),
                );
            }
        }
        let partial = file::beside(to, ".partial");
        let copied = self.copy_to(&partial);
        if copied.is_err() {
            let _ = fs::remove_file(&partial);
        }
        copied?;
        let bytes = fs::read(file::beside(self.path(), ".key"))
            .map_err(|error| LedgerError::io("read", &file::beside(self.path(), ".key"), &error))?;
        // The key first: a ledger without its key is worth nothing.
        file::write_whole(&key, &bytes).map_err(|error| LedgerError::io("write", &key, &error))?;
        fs::rename(&partial, to)
            .and_then(|()| file::sync_folder(file::folder_of(to)))
            .map_err(|error| LedgerError::io("write", to, &error))
    }

    /// Reads the whole ledger and says whether it is sound.
    #[cfg(test)]
    pub fn verify(&self) -> Result<(), LedgerError> {
        let checked = sound(&self.conn);
        self.named(checked)
    }

    fn copy_to(&self, partial: &PathBuf) -> Result<(), LedgerError> {
        let _ = fs::remove_file(partial); // left by a backup that was killed
        let file = file::create_new(partial)
            .map_err(|error| LedgerError::io("create", partial, &error))?;
        let mut copy = Connection::open(partial)?;
        // All pages in one step: a busy writer cannot make it start over.
        Backup::new(&self.conn, &mut copy)?.step(-1)?;
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        sound(&copy).map_err(|error| error.at(self.path()))?;
        copy.close().map_err(|(_, error)| error)?;
        file.sync_all()
            .map_err(|error| LedgerError::io("write", partial, &error))
    }
}

fn sound(conn: &Connection) -> Result<(), LedgerError> {
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(LedgerError::damaged(&format!(
        "{} says SQLite",
        verdict.replace('\n', " ")
    )))
}
