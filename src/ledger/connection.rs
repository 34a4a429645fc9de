//! A connection with this ledger's habits.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{Kind, LedgerError};

/// How long a write waits for another process's.
const BUSY: Duration = Duration::from_secs(30);

/// Opens it; the file must be there.
pub fn connect(path: &Path) -> Result<Connection, LedgerError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    // Otherwise SQLite plans a statement anew for each lead's values.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(LedgerError::new(
            Kind::Io,
            "the ledger cannot be kept on this kind of disk: it needs one that several programs can share",
        )
        .hint("choose a local disk with --ledger"));
    }
    // 8 MB of cache whatever the ledger's size; the log is folded back every 16 MB.
    conn.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000;
         PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432;
         PRAGMA trusted_schema = OFF;",
    )?;
    Ok(conn)
}
