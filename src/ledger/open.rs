//! Opens a ledger: makes it where there is none, and refuses one that is not
//! ours, not whole, or not the one that was here. A new ledger would send every
//! lead again, so a first start is told from a ledger that is gone.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use super::error::{Damage, Foreign, KeyFault, Loss};
use super::{Hash16, Hasher, LedgerError, file, locks};

/// Marks a SQLite file as ours ("lctl").
const APPLICATION: i32 = 0x6c63_746c;
/// The mark of what was made before version 1.
const PRE_RELEASE: i32 = 0x6c65_6164;
const VERSION: i64 = 1;

/// How long a write waits for another process's.
const BUSY: Duration = Duration::from_secs(30);

/// Times are milliseconds UTC. In `leads`, what is looked at stands before what
/// is only stored, since SQLite reads a row from its start.
///
/// - `leads.past` is 0 for the current lead of a key, else the lead's own id:
///   the unique index keeps a key to one current lead.
/// - `leads.same_as` is shared by leads in doubt, or sent, that turned out to be
///   the same; `leads.notified` is the state that a user was told last.
/// - An attempt without `ended_at` is in flight: one a lead at most.
/// - `replaced` holds what corrected rows took the place of.
pub(super) const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE destinations (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_spec TEXT,
  doubts INTEGER NOT NULL DEFAULT 0, last_success INTEGER);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL REFERENCES destinations (id),
  command TEXT NOT NULL, pid INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER);
CREATE INDEX runs_open ON runs (id) WHERE ended_at IS NULL;
CREATE TABLE leads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL REFERENCES destinations (id),
  key BLOB NOT NULL, key_kind TEXT NOT NULL, past INTEGER NOT NULL DEFAULT 0, same_as INTEGER,
  state TEXT NOT NULL, run INTEGER NOT NULL, was_pending INTEGER NOT NULL DEFAULT 0,
  notified TEXT, attempts INTEGER NOT NULL DEFAULT 0, status INTEGER,
  read_at INTEGER NOT NULL, sent_at INTEGER, decided_at INTEGER, expires_at INTEGER,
  purged_at INTEGER, request BLOB, email BLOB, phone BLOB,
  line INTEGER NOT NULL, file TEXT NOT NULL, source TEXT, reference TEXT,
  message TEXT, note TEXT, label TEXT, address TEXT, fields TEXT, sent TEXT);
CREATE UNIQUE INDEX leads_key ON leads (destination, key, past);
CREATE INDEX leads_state ON leads (destination, state, key_kind);
CREATE INDEX leads_email ON leads (email) WHERE email IS NOT NULL;
CREATE INDEX leads_phone ON leads (phone) WHERE phone IS NOT NULL;
CREATE INDEX leads_reference ON leads (destination, reference) WHERE reference IS NOT NULL;
CREATE INDEX leads_same ON leads (same_as) WHERE same_as IS NOT NULL;
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY, lead INTEGER NOT NULL, run INTEGER, trigger TEXT NOT NULL,
  was TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, transport TEXT,
  status INTEGER, state TEXT, payload BLOB, reason TEXT, message TEXT, note TEXT, excerpt TEXT);
CREATE INDEX attempts_lead ON attempts (lead);
CREATE UNIQUE INDEX attempts_in_flight ON attempts (lead) WHERE ended_at IS NULL;
CREATE TABLE replaced (
  destination INTEGER NOT NULL, key BLOB NOT NULL, request BLOB, lead INTEGER NOT NULL);
CREATE INDEX replaced_key ON replaced (destination, key);
CREATE TABLE calls (bucket BLOB NOT NULL, at INTEGER NOT NULL);
CREATE INDEX calls_bucket ON calls (bucket, at);
CREATE TABLE blocked (person BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
";

/// What the caller wants of a ledger that is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Make it.
    Create,
    /// [`LedgerError::Missing`]: there is nothing to read.
    Existing,
}

/// An open ledger. One a thread; [`super::Journal`] is what workers share.
pub struct Ledger {
    pub(super) conn: Connection,
    path: PathBuf,
    hasher: Hasher,
    created: bool,
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
        let path = full_path(path, mode)?;
        let mut created = false;
        if !is_written(&path)? {
            let has_key = file::check(&file::beside(&path, ".key"))?;
            if mode == Mode::Existing && !has_key {
                return Err(LedgerError::Missing(path));
            }
            let _gate = locks::gate(&path)?;
            if !is_written(&path)? {
                refuse_if_gone(&path, Loss::Gone)?;
                if mode == Mode::Existing {
                    return Err(LedgerError::Missing(path));
                }
                create(&path)?;
                created = true;
            }
        }
        for suffix in ["-wal", "-shm", "-journal"] {
            file::check(&file::beside(&path, suffix))?;
        }
        check_whole(&path)?;
        let conn = connect(&path)?;
        if !has_tables(&conn, &path)? {
            let _gate = locks::gate(&path)?;
            // Not if another process was making it meanwhile.
            if !has_tables(&conn, &path)? {
                refuse_if_gone(&path, Loss::Emptied)?;
                make_tables(&conn, &path)?;
            }
        }
        let hasher = Hasher::load(&file::beside(&path, ".key"))?;
        let ledger = Self {
            conn,
            path,
            hasher,
            created,
        };
        ledger.check_key()?;
        ledger.check_runs()?;
        file::remove(&file::beside(&ledger.path, ".locks").join(BEING_CREATED))?;
        let empty = ledger.read(|conn| {
            let none = "SELECT NOT EXISTS (SELECT 1 FROM leads)";
            conn.query_row(none, [], |row| row.get(0))
        })?;
        Ok(Self {
            created: created || empty,
            ..ledger
        })
    }

    /// The same ledger once more, for another thread to read. Nothing is looked
    /// at anew: to open its file and close it, other than by SQLite, would drop
    /// this process's locks on it.
    pub fn again(&self) -> Result<Self, LedgerError> {
        Ok(Self {
            conn: connect(&self.path)?,
            path: self.path.clone(),
            hasher: self.hasher.clone(),
            created: false,
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

    /// Reads. An error names this ledger.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        work(&self.conn).map_err(|error| LedgerError::sql(&self.path, error))
    }

    /// Writes all of it or nothing. The transaction takes its turn at once, for
    /// a deferred one fails where it should wait.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        self.read(|conn| {
            let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        })
    }

    fn check_key(&self) -> Result<(), LedgerError> {
        let expected: Option<Hash16> = self.read(|conn| {
            let query = "SELECT value FROM meta WHERE name = 'key'";
            conn.query_row(query, [], |row| row.get(0)).optional()
        })?;
        match expected == Some(self.hasher.fingerprint()) {
            true => Ok(()),
            false => Err(LedgerError::NoKey {
                key: file::beside(&self.path, ".key"),
                how: KeyFault::Foreign,
            }),
        }
    }

    /// A run that was killed leaves its liveness lock. If the ledger never heard
    /// of it, the ledger is not what it was.
    fn check_runs(&self) -> Result<(), LedgerError> {
        let locks = locks::liveness_locks(&self.path)?;
        if locks.is_empty() {
            return Ok(());
        }
        let last: Option<i64> = self.read(|conn| {
            let query = "SELECT seq FROM sqlite_sequence WHERE name = 'runs'";
            conn.query_row(query, [], |row| row.get(0)).optional()
        })?;
        let unknown = locks
            .into_iter()
            .filter(|(run, _)| *run > last.unwrap_or(0));
        let unknown: Vec<PathBuf> = unknown.map(|(_, lock)| lock).collect();
        match unknown.is_empty() {
            true => Ok(()),
            false => Err(LedgerError::Outdated {
                ledger: self.path.clone(),
                locks: unknown,
            }),
        }
    }
}

/// Opens a connection with this ledger's habits; the file must be there.
pub fn connect(path: &Path) -> Result<Connection, LedgerError> {
    let connected = open_connection(path).map_err(|error| LedgerError::sql(path, error))?;
    connected.ok_or_else(|| LedgerError::NotShared(path.to_owned()))
}

/// `None`: this disk can't keep a log that several programs share.
fn open_connection(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(64);
    // Otherwise SQLite plans a statement anew for each lead's values.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    // 8 MB of cache whatever the ledger's size; the log is folded back every 16 MB.
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000;
         PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432;
         PRAGMA trusted_schema = OFF;",
    )?;
    Ok((mode == "wal").then_some(conn))
}

/// The folder without links, so that SQLite may refuse any link in the path.
fn full_path(path: &Path, mode: Mode) -> Result<PathBuf, LedgerError> {
    let folder = file::folder_of(path);
    if mode == Mode::Create {
        file::private_folder(folder)?;
    }
    let Some(name) = path.file_name() else {
        return Err(LedgerError::NotOurs {
            path: path.to_owned(),
            why: Foreign::Nameless,
        });
    };
    match dunce::canonicalize(folder) {
        Ok(folder) => Ok(folder.join(name)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        Err(error) => Err(LedgerError::file("look at", folder, error)),
    }
}

/// Is there a ledger, and not just the empty file of a creation cut short?
fn is_written(path: &Path) -> Result<bool, LedgerError> {
    if !file::check(path)? {
        return Ok(false);
    }
    let found = fs::metadata(path).map_err(|error| LedgerError::file("look at", path, error))?;
    Ok(found.len() > 0)
}

/// Refuses a file that is no database, or that lost its end. SQLite finds the
/// rest of the damage when it comes upon it.
fn check_whole(path: &Path) -> Result<(), LedgerError> {
    let mut head = Vec::with_capacity(100);
    let file = fs::File::open(path).map_err(|error| LedgerError::file("open", path, error))?;
    let size = file.metadata().map_or(0, |found| found.len());
    file.take(100)
        .read_to_end(&mut head)
        .map_err(|error| LedgerError::file("read", path, error))?;
    let damaged = |how| LedgerError::Damaged {
        ledger: path.to_owned(),
        how,
    };
    if !head.starts_with(b"SQLite format 3\0") || head.len() < 100 {
        return Err(match file::check(&file::beside(path, ".key"))? {
            true => damaged(Damage::FirstBytes),
            false => LedgerError::NotOurs {
                path: path.to_owned(),
                why: Foreign::NoLedger,
            },
        });
    }
    let page = match u64::from(u16::from_be_bytes([head[16], head[17]])) {
        1 => 65_536,
        size => size,
    };
    let pages = u64::from(u32::from_be_bytes([head[28], head[29], head[30], head[31]]));
    let log = fs::metadata(file::beside(path, "-wal")).map_or(0, |found| found.len());
    match log == 0 && size < page * pages {
        true => Err(damaged(Damage::EndMissing)),
        false => Ok(()),
    }
}

/// Stands from before the key is made until the ledger is.
const BEING_CREATED: &str = "being-created";

/// A key without its ledger: a new one would know none of the leads that were
/// sent. Not so where the ledger's creation was cut short. Inside the gate.
fn refuse_if_gone(path: &Path, how: Loss) -> Result<(), LedgerError> {
    let key = file::beside(path, ".key");
    if !file::check(&key)? || locks::folder(path)?.join(BEING_CREATED).exists() {
        return Ok(());
    }
    Err(LedgerError::Gone {
        ledger: path.to_owned(),
        key,
        how,
    })
}

/// Makes the key, unless its making was cut short behind it, and the tables.
fn create(path: &Path) -> Result<(), LedgerError> {
    let key = file::beside(path, ".key");
    if !file::check(&key)? {
        let mark = locks::folder(path)?.join(BEING_CREATED);
        file::create(&mark)
            .and_then(|_| file::sync_folder(file::folder_of(&mark)))
            .map_err(|error| LedgerError::file("create", &mark, error))?;
        Hasher::create(&key)?;
    }
    // Of a ledger that was here before.
    for (_, lock) in locks::liveness_locks(path)? {
        file::remove(&lock)?;
    }
    file::create(path).map_err(|error| LedgerError::file("create", path, error))?;
    make_tables(&connect(path)?, path)?;
    file::sync_folder(file::folder_of(path))
        .map_err(|error| LedgerError::file("create", path, error))
}

/// Are its tables those of today? Refuses another version, and what is no ledger.
fn has_tables(conn: &Connection, path: &Path) -> Result<bool, LedgerError> {
    let number = |query: &str| -> Result<i64, LedgerError> {
        conn.query_row(query, [], |row| row.get(0))
            .map_err(|error| LedgerError::sql(path, error))
    };
    let version = number("PRAGMA user_version")?;
    let application = number("PRAGMA application_id")?;
    let path = path.to_owned();
    match (application, version) {
        (0, 0) if number("SELECT count(*) FROM sqlite_master")? == 0 => Ok(false),
        (application, _) if application == i64::from(PRE_RELEASE) => {
            Err(LedgerError::PreRelease(path))
        }
        (application, _) if application != i64::from(APPLICATION) => Err(LedgerError::NotOurs {
            path,
            why: Foreign::OtherDatabase,
        }),
        (_, VERSION) => Ok(true),
        (_, version) => Err(LedgerError::Newer {
            ledger: path,
            version,
            known: VERSION,
        }),
    }
}

/// All or nothing. Inside the gate.
fn make_tables(conn: &Connection, path: &Path) -> Result<(), LedgerError> {
    let hasher = Hasher::load(&file::beside(path, ".key"))?;
    let make = || -> rusqlite::Result<()> {
        let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
        tx.execute_batch(TABLES)?;
        tx.execute(
            "INSERT INTO meta (name, value) VALUES ('key', ?1)",
            [hasher.fingerprint()],
        )?;
        tx.pragma_update(None, "application_id", APPLICATION)?;
        tx.pragma_update(None, "user_version", VERSION)?;
        tx.commit()
    };
    make().map_err(|error| LedgerError::sql(path, error))
}
