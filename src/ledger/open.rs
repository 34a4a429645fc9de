//! Opens a ledger: makes it where there is none, and refuses one that is not
//! ours, not whole, or not the one that was here. A new ledger would send every
//! lead again, so a first start is told from a ledger that is gone.

use std::cell::{Cell, OnceCell};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior,
};

use tempfile::TempDir;

use super::error::{Act, Doing, Foreign, KeyFault};
use super::schema::{self, APPLICATION, VERSION};
use super::{Hash16, Hasher, LedgerError, file, locks, mark};
use crate::words::say;

/// How long a write waits for another process's.
const BUSY: Duration = Duration::from_secs(30);

/// What the caller wants of a ledger that is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Make it.
    Create,
    /// [`LedgerError::Missing`]: there is nothing to read.
    Existing,
    /// The same, for who only looks: read also where nothing can be written, such as
    /// on a full disk.
    Look,
}

/// What connections are opened to.
#[derive(Clone)]
enum Opened {
    Shared,
    /// Nothing can be written there, and nothing waits in its log.
    Still,
    /// A copy of a file whose log can't be folded back where it lies.
    Copy(Arc<TempDir>),
}

/// An open ledger. One a thread; [`super::Journal`] is what workers share.
pub struct Ledger {
    /// Opened when it is first asked.
    conn: OnceCell<Connection>,
    path: PathBuf,
    opened: Opened,
    hasher: Hasher,
    created: bool,
    /// Its runs send nothing: how old it is harms nobody.
    pub(super) records_only: Cell<bool>,
}

impl Ledger {
    /// Is there anything at `path` that [`Ledger::open`] should look at: a
    /// ledger, or the key of one that is gone?
    pub fn is_there(path: &Path) -> bool {
        path.exists() || key_of(path).exists() || mark::was_used(path)
    }

    /// Opens the ledger at `path`. Its folder, its key file and itself are
    /// created as `mode` says; errors name the file and what to do.
    pub fn open(path: &Path, mode: Mode) -> Result<Self, LedgerError> {
        let path = full_path(path, mode)?;
        if !is_written(&path)? {
            if mode != Mode::Create && !file::check(&key_of(&path))? && !mark::was_used(&path) {
                return Err(LedgerError::Missing(path));
            }
            let _gate = locks::gate(&path)?;
            // Not if another process was making it meanwhile.
            if !is_written(&path)? {
                refuse_if_gone(&path)?;
                if mode != Mode::Create {
                    return Err(LedgerError::Missing(path));
                }
                create(&path)?;
            }
        }
        for suffix in BESIDE {
            file::check(&file::beside(&path, suffix))?;
        }
        check_end(&path)?;
        let (conn, opened) = match mode {
            Mode::Look => look(&path)?,
            Mode::Create | Mode::Existing => (connect(&path)?, Opened::Shared),
        };
        check_version(&conn, &path)?;
        let ledger = Self {
            conn: OnceCell::from(conn),
            opened,
            hasher: Hasher::load(&key_of(&path))?,
            path,
            created: false,
            records_only: Cell::new(false),
        };
        check_key(ledger.conn()?, &ledger.hasher, &ledger.path)?;
        let empty = ledger.read(|conn| {
            let none = "SELECT NOT EXISTS (SELECT 1 FROM leads)";
            conn.query_row(none, [], |row| row.get(0))
        })?;
        Ok(Self {
            created: empty,
            ..ledger
        })
    }

    /// The same ledger once more, for another thread to read. Nothing is looked
    /// at anew: to open its file and close it, other than by SQLite, would drop
    /// this process's locks on it.
    pub fn again(&self) -> Self {
        Self {
            opened: self.opened.clone(),
            ..Self::of_open(&self.path, &self.hasher)
        }
    }

    /// One that this process has open.
    pub fn of_open(path: &Path, hasher: &Hasher) -> Self {
        Self {
            conn: OnceCell::new(),
            opened: Opened::Shared,
            path: path.to_owned(),
            hasher: hasher.clone(),
            created: false,
            records_only: Cell::new(false),
        }
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

    pub(super) fn conn(&self) -> Result<&Connection, LedgerError> {
        if let Some(conn) = self.conn.get() {
            return Ok(conn);
        }
        let conn = match &self.opened {
            Opened::Shared => connect(&self.path)?,
            Opened::Still => connect_still(&self.path)?,
            Opened::Copy(folder) => connect(&folder.path().join(COPY))?,
        };
        Ok(self.conn.get_or_init(|| conn))
    }

    /// Reads. An error names this ledger.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        work(self.conn()?).map_err(|error| LedgerError::sql(&self.path, error))
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
}

/// Does the key belong to the ledger?
pub fn check_key(conn: &Connection, hasher: &Hasher, path: &Path) -> Result<(), LedgerError> {
    let query = "SELECT value FROM meta WHERE name = 'key'";
    let expected = conn.query_row(query, [], |row| row.get(0)).optional();
    let expected: Option<Hash16> = expected.map_err(|error| LedgerError::sql(path, error))?;
    match expected == Some(hasher.fingerprint()) {
        true => Ok(()),
        false => Err(LedgerError::NoKey {
            key: key_of(path),
            how: KeyFault::Foreign,
        }),
    }
}

/// What SQLite keeps beside a ledger.
pub const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

pub fn key_of(ledger: &Path) -> PathBuf {
    file::beside(ledger, ".key")
}

/// Opens a connection with this ledger's habits; the file must be there. SQLite
/// finds what is damaged when it comes upon it.
pub fn connect(path: &Path) -> Result<Connection, LedgerError> {
    match open_connection(path) {
        Ok(Some(conn)) => Ok(conn),
        Ok(None) => Err(LedgerError::NotShared(path.to_owned())),
        Err(error) => Err(match error.sqlite_error_code() {
            // Beside a key, it was one.
            Some(ErrorCode::NotADatabase) if !key_of(path).exists() => {
                LedgerError::not_ours(path, Foreign::NoLedger)
            }
            _ => LedgerError::sql(path, error),
        }),
    }
}

/// Opens a ledger that may not be writable. What waits in its log is read from a
/// copy, since reading it where it lies would write.
fn look(path: &Path) -> Result<(Connection, Opened), LedgerError> {
    let error = match connect(path) {
        Ok(conn) => return Ok((conn, Opened::Shared)),
        Err(error) => error,
    };
    if !error.is_of_the_disk() {
        return Err(error);
    }
    let log = file::beside(path, "-wal");
    if fs::metadata(&log).map_or(0, |log| log.len()) == 0 {
        return Ok((connect_still(path)?, Opened::Still));
    }
    let folder = TempDir::new().doing(Act::CreateFolderIn, &std::env::temp_dir())?;
    let copy = folder.path().join(COPY);
    fs::copy(path, &copy)
        .and_then(|_| fs::copy(&log, file::beside(&copy, "-wal")))
        .doing(Act::Copy, path)?;
    Ok((connect(&copy)?, Opened::Copy(Arc::new(folder))))
}

/// What a copy is called in its folder.
const COPY: &str = "ledger.db";

/// Opens what nobody writes, without a file beside it.
fn connect_still(path: &Path) -> Result<Connection, LedgerError> {
    let name = utf8_percent_encode(&path.to_string_lossy(), NON_ALPHANUMERIC).to_string();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(format!("file:{name}?immutable=1"), flags);
    conn.map_err(|error| LedgerError::sql(path, error))
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
pub fn full_path(path: &Path, mode: Mode) -> Result<PathBuf, LedgerError> {
    let folder = file::folder_of(path);
    if mode == Mode::Create {
        file::private_folder(folder)?;
    }
    let Some(name) = path.file_name() else {
        return Err(LedgerError::not_ours(path, Foreign::Nameless));
    };
    match dunce::canonicalize(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        full => Ok(full.doing(Act::LookAt, folder)?.join(name)),
    }
}

/// Is there a ledger, and not just an empty file?
fn is_written(path: &Path) -> Result<bool, LedgerError> {
    if !file::check(path)? {
        return Ok(false);
    }
    Ok(fs::metadata(path).doing(Act::LookAt, path)?.len() > 0)
}

/// Refuses a file that lost its end, be it a byte, which SQLite would not miss. What
/// is not folded back yet may hold the end.
fn check_end(path: &Path) -> Result<(), LedgerError> {
    let mut head = Vec::new();
    let size = fs::File::open(path)
        .and_then(|file| {
            (&file).take(32).read_to_end(&mut head)?;
            Ok(file.metadata()?.len())
        })
        .doing(Act::Read, path)?;
    if !head.starts_with(b"SQLite format 3\0") || head.len() < 32 {
        return Ok(());
    }
    let page = match u64::from(u16::from_be_bytes([head[16], head[17]])) {
        1 => 65_536,
        size => size,
    };
    let pages = u64::from(u32::from_be_bytes([head[28], head[29], head[30], head[31]]));
    let log = fs::metadata(file::beside(path, "-wal")).map_or(0, |found| found.len());
    match log == 0 && size < page * pages {
        true => Err(LedgerError::Damaged {
            ledger: path.to_owned(),
            told: say!("ledger-damaged-end"),
        }),
        false => Ok(()),
    }
}

/// A ledger that is being made: it takes its name when it is whole, so where it
/// stands beside a key, the creation was cut short in between.
fn unfinished(path: &Path) -> PathBuf {
    file::beside(path, ".new")
}

/// A key without its ledger: a new one would know none of the leads that were
/// sent. Inside the gate.
fn refuse_if_gone(path: &Path) -> Result<(), LedgerError> {
    let (ledger, key) = (path.to_owned(), key_of(path));
    match file::check(&key)? && !unfinished(path).exists() {
        true => Err(LedgerError::Gone { ledger, key }),
        // Its key is gone too; what was sent from it is not.
        false if mark::was_used(path) => Err(LedgerError::Older {
            ledger,
            since: None,
        }),
        false => Ok(()),
    }
}

/// Makes the ledger, its key, and gives it its name, in this order. Inside the
/// gate.
fn create(path: &Path) -> Result<(), LedgerError> {
    let (new, key) = (unfinished(path), key_of(path));
    let folder = file::folder_of(path);
    // What an earlier ledger left, or a creation that was cut short. The new one
    // goes last: it shows that the key is nobody's.
    for suffix in BESIDE {
        file::remove(&file::beside(path, suffix))?;
        file::remove(&file::beside(&new, suffix))?;
    }
    for (_, lock) in locks::liveness_locks(path)? {
        file::remove(&lock)?;
    }
    file::remove(&key)?;
    file::sync_folder(folder).doing(Act::Create, path)?;
    file::remove(&new)?;
    file::create_new(&new).doing(Act::Create, path)?;
    let hasher = Hasher::random()?;
    let conn = connect(&new)?;
    schema::make_tables(&conn, hasher.fingerprint())
        .map_err(|error| LedgerError::sql(path, error))?;
    // The last connection that closes folds the log back into the file.
    conn.close()
        .map_err(|(_, error)| LedgerError::sql(path, error))?;
    file::sync_folder(folder).doing(Act::Create, path)?;
    hasher.write(&key)?;
    file::rename(&new, path)
}

/// Refuses another version, what is no ledger, and one that lost its content.
pub fn check_version(conn: &Connection, path: &Path) -> Result<(), LedgerError> {
    let number = |query: &str| -> Result<i64, LedgerError> {
        conn.query_row(query, [], |row| row.get(0))
            .map_err(|error| LedgerError::sql(path, error))
    };
    let version = number("PRAGMA user_version")?;
    match number("PRAGMA application_id")? {
        APPLICATION if version == VERSION => Ok(()),
        APPLICATION => Err(LedgerError::Newer {
            ledger: path.to_owned(),
            version,
            known: VERSION,
        }),
        _ => {
            if number("SELECT count(*) FROM sqlite_master")? == 0 {
                refuse_if_gone(path)?;
            }
            Err(LedgerError::not_ours(path, Foreign::OtherDatabase))
        }
    }
}
