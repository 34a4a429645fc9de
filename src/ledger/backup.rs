//! Copies of a ledger and of its key: taken while others go on working, and put
//! back in its place.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::backup::Backup;
use rusqlite::{Connection, ErrorCode, OpenFlags, params};

use super::error::{Act, Doing};
use super::open::{self, BESIDE, key_of};
use super::{Hasher, Ledger, LedgerError, Mode, file, locks, now};
use crate::outcome::moment;
use crate::words::say;

impl Ledger {
    /// Copies the ledger to `to` and its key to `to`.key, both 0600. Refuses to
    /// overwrite either. The copy is whole and checked, or it is not there; it
    /// bears its time, by which it is known to be older.
    pub fn backup(&self, to: &Path) -> Result<(), LedgerError> {
        let (own_key, key) = (key_of(self.path()), key_of(to));
        for there in [to, &key] {
            if fs::symlink_metadata(there).is_ok() {
                return Err(LedgerError::BackupThere(there.to_owned()));
            }
        }
        let partial = file::beside(to, ".partial");
        // Whoever purges is told of it; a ledger that can't be written has a copy too.
        if let Ok(full) = std::path::absolute(to) {
            let _ = self.remember(&full);
        }
        copy(self.conn()?, self.path(), &partial)?;
        // The key first: a ledger without its key is worth nothing.
        file::write_whole(&key, &fs::read(&own_key).doing(Act::Read, &own_key)?)?;
        file::rename(&partial, to)
    }

    /// Puts a copy and its key in the place of the ledger at `path`. What is there
    /// is moved aside, and returned. Runs that were begun since are unknown to the
    /// copy: the first one from it is refused, as from any older ledger.
    pub fn restore(path: &Path, from: &Path) -> Result<Vec<PathBuf>, LedgerError> {
        let path = open::full_path(path, Mode::Create)?;
        if dunce::canonicalize(from).is_ok_and(|from| from == path) {
            return Err(LedgerError::Itself(path));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        fs::File::open(from).doing(Act::Read, from)?;
        let conn = Connection::open_with_flags(from, flags);
        let conn = conn.map_err(|error| LedgerError::sql(from, error))?;
        open::check_version(&conn, from).map_err(|error| match error {
            LedgerError::NotOurs { .. } => LedgerError::NoBackup(from.to_owned()),
            LedgerError::Sql { source, .. } if is_no_database(&source) => {
                LedgerError::NoBackup(from.to_owned())
            }
            error => error,
        })?;
        let hasher = Hasher::load(&key_of(from))?;
        open::check_key(&conn, &hasher, from)?;
        let _gate = locks::gate(&path)?;
        for (run, _) in locks::liveness_locks(&path)? {
            if locks::alive(&path, run)? {
                return Err(LedgerError::AtWork(path));
            }
        }
        let new = file::beside(&path, ".restored");
        copy(&conn, from, &new)?;
        let mut aside = Vec::new();
        let stamp = moment::local(now(), &crate::calendar::zone(), ".before-%Y%m%d-%H%M%S");
        for suffix in ["", ".key"].iter().chain(&BESIDE) {
            let old = file::beside(&path, suffix);
            if fs::symlink_metadata(&old).is_ok() {
                let place = file::beside(&path, &format!("{stamp}{suffix}"));
                file::rename(&old, &place)?;
                aside.push(place);
            }
        }
        hasher.write(&key_of(&path))?;
        file::rename(&new, &path)?;
        Ok(aside)
    }
}

fn is_no_database(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::NotADatabase)
}

/// Copies the ledger of a connection, found at `path`, to a new file that must be
/// sound.
fn copy(conn: &Connection, path: &Path, to: &Path) -> Result<(), LedgerError> {
    file::remove(to)?; // left by a copy that was killed
    let file = file::create_new(to).doing(Act::Create, to)?;
    // Tells that it is still being written.
    file.lock().doing(Act::Lock, to)?;
    let copied = || -> rusqlite::Result<String> {
        let mut copy = Connection::open(to)?;
        // All pages in one step: a busy writer cannot make it start over.
        Backup::new(conn, &mut copy)?.step(-1)?;
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        let told = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        let mark = "INSERT OR IGNORE INTO meta (name, value) VALUES ('copied_at', ?1)";
        copy.execute(mark, params![now()])?;
        copy.close().map_err(|(_, error)| error)?;
        Ok(told)
    };
    let told = copied().map_err(|error| LedgerError::sql(path, error));
    let whole = told.and_then(|told| match told.as_str() {
        "ok" => file.sync_all().doing(Act::Write, to),
        _ => Err(LedgerError::Damaged {
            ledger: path.to_owned(),
            told: say!("ledger-damaged-sqlite", words = told.replace('\n', " ")),
        }),
    });
    if whole.is_err() {
        let _ = fs::remove_file(to);
    }
    whole
}
