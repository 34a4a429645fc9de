//! Locks between processes: one process at a time passes the gate, and a lock
//! shows which runs are still alive. The system drops it with its process.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::{LedgerError, file};

/// Shows that a run's process is alive; gone with it.
#[derive(Debug)]
pub struct LivenessLock {
    path: PathBuf,
    _file: File,
}

impl LivenessLock {
    /// Must be taken before the run's first attempt, inside the [`gate`].
    pub fn start(ledger: &Path, run: i64) -> Result<Self, LedgerError> {
        let path = pulse_file(ledger, run)?;
        let file = file::create(&path).map_err(|e| LedgerError::io("open", &path, &e))?;
        try_lock(&file, &path)?;
        Ok(Self { path, _file: file })
    }
}

impl Drop for LivenessLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Is the process of that run still there? Removes what a dead one left. Must
/// be asked inside the [`gate`], where no run is just starting.
pub fn alive(ledger: &Path, run: i64) -> Result<bool, LedgerError> {
    let path = pulse_file(ledger, run)?;
    let file = match File::options().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(LedgerError::io("open", &path, &error)),
    };
    let dead = try_lock(&file, &path)?;
    if dead {
        let _ = fs::remove_file(&path);
    }
    Ok(!dead)
}

/// The runs that have a pulse, or had one when they were killed, and its file.
pub fn pulses(ledger: &Path) -> Result<Vec<(i64, PathBuf)>, LedgerError> {
    let folder = file::beside(ledger, ".locks");
    let names = match fs::read_dir(&folder) {
        Ok(names) => names,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LedgerError::io("read", &folder, &error)),
    };
    let run = |path: &PathBuf| {
        path.file_name()?
            .to_str()?
            .strip_prefix("run.")?
            .parse()
            .ok()
    };
    let paths = names.flatten().map(|name| name.path());
    Ok(paths.filter_map(|path| Some((run(&path)?, path))).collect())
}

/// One process at a time creates, migrates, starts a run or looks for dead
/// ones. Held for an instant only.
pub fn gate(ledger: &Path) -> Result<File, LedgerError> {
    let path = locks(ledger)?.join("gate");
    let file = file::create(&path).map_err(|e| LedgerError::io("open", &path, &e))?;
    file.lock()
        .map_err(|e| LedgerError::io("lock", &path, &e))?;
    Ok(file)
}

/// Takes the lock of an open file; `false`: somebody else has it.
pub fn try_lock(file: &File, path: &Path) -> Result<bool, LedgerError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(LedgerError::io("lock", path, &error)),
    }
}

/// The folder of the locks.
pub fn locks(ledger: &Path) -> Result<PathBuf, LedgerError> {
    let folder = file::beside(ledger, ".locks");
    file::private_folder(&folder)?;
    Ok(folder)
}

fn pulse_file(ledger: &Path, run: i64) -> Result<PathBuf, LedgerError> {
    Ok(locks(ledger)?.join(format!("run.{run}")))
}
