//! The high-water mark beside a ledger: how many attempts were begun from it. A
//! ledger that knows fewer is older than what was sent from it, and would send
//! leads a second time: a backup that was put back, a copy without its log, the
//! version that a file-sync service kept.
//!
//! The mark stands in the folder of the locks, so it does not travel with a copy of
//! the ledger's file. A copy is known by its own time, or by a run in it that never
//! ended.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use super::error::{Act, Doing};
use super::{LedgerError, file, locks};

/// An open mark.
pub struct Mark {
    file: File,
    highest: i64,
}

/// Where it stands.
pub fn place(ledger: &Path) -> PathBuf {
    file::beside(ledger, ".locks").join("mark")
}

impl Mark {
    /// Opens the mark, made if it is missing.
    pub fn open(ledger: &Path) -> Result<Self, LedgerError> {
        locks::folder(ledger)?;
        let path = place(ledger);
        if !file::check(&path)? {
            file::write_whole(&path, written(0).as_bytes())?;
        }
        Ok(Self {
            file: file::create(&path).doing(Act::Open, &path)?,
            highest: read(ledger)?.unwrap_or(0),
        })
    }

    /// Raises it, after a commit and before anything of it is sent. A kill keeps
    /// what is written here; after a power cut the mark may be a lower one, which
    /// accuses nobody wrongly, and so does a disk that takes no more.
    pub fn raise(&mut self, attempts: i64) {
        if attempts <= self.highest {
            return;
        }
        self.highest = attempts;
        let put = |file: &mut File| -> io::Result<()> {
            file.rewind()?;
            file.write_all(written(attempts).as_bytes())
        };
        let _ = put(&mut self.file);
    }
}

/// Always as long, so that it is never cut.
fn written(attempts: i64) -> String {
    format!("{attempts:020}\n")
}

/// How many attempts were begun; `None`: there is no mark.
pub fn read(ledger: &Path) -> Result<Option<i64>, LedgerError> {
    let path = place(ledger);
    file::check_folder(file::folder_of(&path))?;
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        text => Ok(text.doing(Act::Read, &path)?.trim().parse().ok()),
    }
}

/// Does the mark beside it say that leads were sent from it?
pub fn was_used(path: &Path) -> bool {
    let mark = read(path).ok().flatten();
    mark.is_some_and(|attempts| attempts > 0)
}

/// The attempts that a ledger knows to have been begun.
pub fn known(conn: &Connection) -> rusqlite::Result<i64> {
    let query = "SELECT seq FROM sqlite_sequence WHERE name = 'attempts'";
    let mut statement = conn.prepare_cached(query)?;
    let known = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(known.unwrap_or(0))
}
