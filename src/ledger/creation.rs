//! Makes a ledger and its key, and tells a first start from a ledger that is
//! gone: a new one would send everything again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::connection::connect;
use super::{Hasher, Kind, LedgerError, file, lock, schema};

/// Is there a ledger, and not just the empty file of a creation cut short?
pub fn is_written(path: &Path) -> Result<bool, LedgerError> {
    Ok(file::check(path)?
        && fs::metadata(path)
            .map_err(|error| LedgerError::io("look at", path, &error))?
            .len()
            > 0)
}

/// The error of who looks for a ledger where none was made yet.
pub fn missing(path: &Path) -> LedgerError {
    LedgerError::new(
        Kind::Missing,
        format!("there is no ledger yet at {}", path.display()),
    )
    .hint("the first `leadctl send` makes it; --ledger names another place")
}

/// A key without its ledger: a new one would know none of the leads that were
/// sent. Not so where the ledger's creation was cut short. Inside the gate.
pub fn refuse_if_gone(path: &Path, how: &str) -> Result<(), LedgerError> {
    let key = file::beside(path, ".key");
    if !file::check(&key)? || being_created(path)?.exists() {
        return Ok(());
    }
    Err(LedgerError::gone(path, &key, how))
}

/// Stands from before the key is made until the ledger is.
fn being_created(path: &Path) -> Result<PathBuf, LedgerError> {
    Ok(lock::locks(path)?.join("being-created"))
}

/// The ledger is written: from now on it can't be missed for a new one.
pub fn end_creation(path: &Path) -> Result<(), LedgerError> {
    let mark = file::beside(path, ".locks").join("being-created");
    match fs::remove_file(&mark) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(LedgerError::io("remove", &mark, &error))
        }
        _ => Ok(()),
    }
}

/// Makes the key, unless its making was cut short behind it, and the tables.
pub fn create(path: &Path, steps: &[&str]) -> Result<(), LedgerError> {
    let key = file::beside(path, ".key");
    let hasher = if file::check(&key)? {
        Hasher::load(&key)?
    } else {
        let mark = being_created(path)?;
        file::create(&mark)
            .and_then(|_| file::sync_folder(file::folder_of(&mark)))
            .map_err(|error| LedgerError::io("create", &mark, &error))?;
        Hasher::create(&key)?
    };
    // Of a ledger that was here before.
    for (_, pulse) in lock::pulses(path)? {
        fs::remove_file(&pulse).map_err(|error| LedgerError::io("remove", &pulse, &error))?;
    }
    file::create(path).map_err(|error| LedgerError::io("create", path, &error))?;
    let mut conn = connect(path)?;
    schema::bring_up(&mut conn, steps)?;
    conn.execute(
        "INSERT OR REPLACE INTO meta (name, value) VALUES ('key', ?1)",
        [hasher.fingerprint()],
    )?;
    file::sync_folder(file::folder_of(path))
        .map_err(|error| LedgerError::io("create", path, &error))
}
