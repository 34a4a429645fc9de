//! Opens a ledger: checks whose it is and that it is whole, has it made or brought
//! up to date.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::connection::connect;
use super::creation::{create, end_creation, is_written, missing, refuse_if_gone};
use super::hints::Recent;
use super::schema::{self, Found};
use super::{Hasher, Kind, LedgerError, file, lock};

/// What the caller wants of a ledger that is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Make it.
    Create,
    /// [`Kind::Missing`]: there is nothing to read.
    Existing,
}

/// An open ledger. One a thread; [`super::Journal`] is what workers share.
pub struct Ledger {
    pub(super) conn: Connection,
    path: PathBuf,
    hasher: Hasher,
    created: bool,
    pub(super) recent: RefCell<Recent>,
}

impl Ledger {
    /// Is there anything at `path` that [`Ledger::open`] should look at: a
    /// ledger, or the key of one that is gone?
    pub fn is_there(path: &Path) -> bool {
        path.exists() || file::beside(path, ".key").exists()
    }

    /// Opens the ledger at `path`. Its folder, its key file and itself are
    /// created as `mode` says; errors name the file and what to do.
    pub fn open(path: &Path, mode: Mode) -> Result<Self, LedgerError> {
        Self::open_with(path, mode, schema::STEPS).map_err(|error| error.at(path))
    }

    fn open_with(path: &Path, mode: Mode, steps: &[&str]) -> Result<Self, LedgerError> {
        let path = &settle_path(path, mode)?;
        let mut created = false;
        if !is_written(path)? {
            let has_key = file::check(&file::beside(path, ".key"))?;
            if mode == Mode::Existing && !has_key {
                return Err(missing(path));
            }
            let _gate = lock::gate(path)?;
            let absent = !is_written(path)?;
            if absent {
                refuse_if_gone(path, "is gone")?;
            }
            if absent && mode == Mode::Existing {
                return Err(missing(path));
            }
            created = absent;
            if created {
                create(path, steps)?;
            }
        }
        check_beside(path)?;
        check_whole(path)?;
        let mut conn = connect(path)?;
        if schema::inspect(&conn, steps)? != Found::Current {
            let _gate = lock::gate(path)?;
            match schema::inspect(&conn, steps)? {
                Found::Older => refuse_while_at_work(&conn, path)?,
                Found::Empty => refuse_if_gone(path, "has been emptied")?,
                Found::Current => {}
            }
            schema::bring_up(&mut conn, steps)?;
        }
        let hasher = Hasher::load(&file::beside(path, ".key"))?;
        check_key(&conn, &hasher)?;
        check_runs(&conn, path)?;
        end_creation(path)?;
        Ok(Self {
            created: created || is_empty(&conn)?,
            conn,
            path: path.clone(),
            hasher,
            recent: RefCell::default(),
        })
    }

    /// The same ledger once more, for another thread to read. Nothing is looked
    /// at anew: to open its file and close it, other than by SQLite, would drop
    /// this process's locks on it.
    pub fn again(&self) -> Result<Self, LedgerError> {
        Ok(Self {
            conn: self.named(connect(&self.path))?,
            path: self.path.clone(),
            hasher: self.hasher.clone(),
            created: false,
            recent: RefCell::default(),
        })
    }

    /// Was it made by this opening, or by one that stored nothing? Leads sent
    /// elsewhere are unknown to it.
    pub fn created(&self) -> bool {
        self.created
    }

    /// The file, its folder spelt out in full.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn hasher(&self) -> Hasher {
        self.hasher.clone()
    }

    /// A transaction that may write: it takes its turn at once, for a deferred
    /// one fails where it should wait. Never inside another one.
    pub(super) fn writing(&self) -> rusqlite::Result<Transaction<'_>> {
        Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)
    }

    /// Names this ledger in an error.
    pub(super) fn named<T, E: Into<LedgerError>>(
        &self,
        result: Result<T, E>,
    ) -> Result<T, LedgerError> {
        result.map_err(|error| error.into().at(&self.path))
    }
}

/// The folder without links, so that SQLite may refuse any link in the path.
fn settle_path(path: &Path, mode: Mode) -> Result<PathBuf, LedgerError> {
    let folder = file::folder_of(path);
    if mode == Mode::Create {
        file::private_folder(folder)?;
    }
    let Some(name) = path.file_name() else {
        return Err(LedgerError::new(
            Kind::NotOurs,
            format!("{} names no file", path.display()),
        ));
    };
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(name)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        Err(error) => Err(LedgerError::io("look at", folder, &error)),
    }
}

fn check_beside(path: &Path) -> Result<(), LedgerError> {
    for suffix in ["-wal", "-shm", "-journal"] {
        file::check(&file::beside(path, suffix))?;
    }
    Ok(())
}

/// Refuses a file that is no database, or that lost its end. SQLite finds the
/// rest of the damage when it comes upon it.
fn check_whole(path: &Path) -> Result<(), LedgerError> {
    let mut head = Vec::with_capacity(100);
    let file = fs::File::open(path).map_err(|error| LedgerError::io("open", path, &error))?;
    let size = file.metadata().map_or(0, |found| found.len());
    file.take(100)
        .read_to_end(&mut head)
        .map_err(|error| LedgerError::io("read", path, &error))?;
    if !head.starts_with(b"SQLite format 3\0") || head.len() < 100 {
        if file::check(&file::beside(path, ".key"))? {
            return Err(LedgerError::damaged("its first bytes are not a ledger's"));
        }
        return Err(LedgerError::new(
            Kind::NotOurs,
            format!("{} is not a ledger of leadctl", path.display()),
        )
        .hint("name another file with --ledger; this one was not touched"));
    }
    let page = match u64::from(u16::from_be_bytes([head[16], head[17]])) {
        1 => 65_536,
        size => size,
    };
    let pages = u64::from(u32::from_be_bytes([head[28], head[29], head[30], head[31]]));
    let log = fs::metadata(file::beside(path, "-wal")).map_or(0, |found| found.len());
    if log == 0 && size < page * pages {
        return Err(LedgerError::damaged("its end is missing"));
    }
    Ok(())
}

/// A run of an older leadctl could no longer record what it sends.
fn refuse_while_at_work(conn: &Connection, path: &Path) -> Result<(), LedgerError> {
    let runs: Vec<i64> = conn
        .prepare("SELECT id FROM runs WHERE ended_at IS NULL")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for run in runs {
        if lock::alive(path, run)? {
            return Err(LedgerError::new(
                Kind::Busy,
                "an older leadctl is at work on this ledger, which has to be brought up to date first",
            )
            .hint("wait until it is done, then run the same command again"));
        }
    }
    Ok(())
}

/// A run that was killed leaves its pulse. If the ledger never heard of it, the
/// ledger is not what it was.
fn check_runs(conn: &Connection, path: &Path) -> Result<(), LedgerError> {
    let pulses = lock::pulses(path)?;
    if pulses.is_empty() {
        return Ok(());
    }
    let last: i64 = conn.query_row(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'runs'), 0)",
        [],
        |row| row.get(0),
    )?;
    let unknown = pulses.into_iter().filter(|(run, _)| *run > last);
    let unknown: Vec<PathBuf> = unknown.map(|(_, pulse)| pulse).collect();
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(LedgerError::outdated(path, &unknown)),
    }
}

fn is_empty(conn: &Connection) -> rusqlite::Result<bool> {
    conn.query_row("SELECT NOT EXISTS (SELECT 1 FROM leads)", [], |row| {
        row.get(0)
    })
}

fn check_key(conn: &Connection, hasher: &Hasher) -> Result<(), LedgerError> {
    let expected: Option<super::Hash16> = conn
        .query_row("SELECT value FROM meta WHERE name = 'key'", [], |row| {
            row.get(0)
        })
        .optional()?;
    match expected {
        Some(expected) if expected == hasher.fingerprint() => Ok(()),
        Some(_) => Err(LedgerError::new(
            Kind::NoKey,
            "the key file beside this ledger belongs to another ledger",
        )
        .hint(
            "put back the LEDGER.key that belongs to it (a `leadctl backup` holds it as FILE.key)",
        )),
        // The creation was cut short between the tables and this line.
        None => {
            conn.execute(
                "INSERT OR IGNORE INTO meta (name, value) VALUES ('key', ?1)",
                [hasher.fingerprint()],
            )?;
            Ok(())
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A new ledger in a folder that goes with the test.
    pub fn temporary() -> (tempfile::TempDir, Ledger) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("in/ledger.db"), Mode::Create).unwrap();
        (folder, ledger)
    }
}
