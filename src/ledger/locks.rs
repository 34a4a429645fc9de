//! Locks between processes. The system drops a file's lock with its process, so
//! a dead holder never blocks: a liveness lock shows which runs are alive, a run
//! lock keeps a destination to one run at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::error::{Act, Doing, LedgerError};
use super::{file, now};

/// Shows that a run's process is alive; gone with it.
#[derive(Debug)]
pub struct LivenessLock {
    path: PathBuf,
    _file: File,
}

impl LivenessLock {
    /// Must be taken before the run's first attempt, inside the [`gate`].
    pub fn start(ledger: &Path, run: i64) -> Result<Self, LedgerError> {
        let (path, file) = open(ledger, &format!("{RUN}{run}"))?;
        try_lock(&file, &path)?;
        Ok(Self { path, _file: file })
    }
}

impl Drop for LivenessLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// What the name of a liveness lock begins with, before its run's number.
const RUN: &str = "run.";

/// Is the process of that run still there? Removes what a dead one left. Must
/// be asked inside the [`gate`], where no run is just starting.
pub fn alive(ledger: &Path, run: i64) -> Result<bool, LedgerError> {
    let (path, file) = open(ledger, &format!("{RUN}{run}"))?;
    let dead = try_lock(&file, &path)?;
    if dead {
        let _ = fs::remove_file(&path);
    }
    Ok(!dead)
}

/// Is the process of that run there at this moment? Of a run that began before.
pub fn is_at_work(ledger: &Path, run: i64) -> bool {
    let path = file::beside(ledger, ".locks").join(format!("{RUN}{run}"));
    let file = File::open(&path);
    file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The runs that have a liveness lock, or had one when they were killed, and
/// its file.
pub fn liveness_locks(ledger: &Path) -> Result<Vec<(i64, PathBuf)>, LedgerError> {
    let paths = file::list(&file::beside(ledger, ".locks"))?.into_iter();
    let run = |path: &Path| -> Option<i64> {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix(RUN)?.parse().ok()
    };
    Ok(paths.filter_map(|path| Some((run(&path)?, path))).collect())
}

/// One process at a time creates a ledger, starts a run or looks for dead ones.
/// Held for an instant only.
pub fn gate(ledger: &Path) -> Result<File, LedgerError> {
    let (path, file) = open(ledger, "gate")?;
    file.lock().doing(Act::Lock, &path)?;
    Ok(file)
}

/// Takes the lock of an open file; `false`: somebody else has it.
pub fn try_lock(file: &File, path: &Path) -> Result<bool, LedgerError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).doing(Act::Lock, path),
    }
}

/// The folder of the locks.
pub fn folder(ledger: &Path) -> Result<PathBuf, LedgerError> {
    let folder = file::beside(ledger, ".locks");
    file::own_folder(&folder)?;
    Ok(folder)
}

fn open(ledger: &Path, name: &str) -> Result<(PathBuf, File), LedgerError> {
    let path = folder(ledger)?.join(name);
    file::check(&path)?;
    let file = file::create(&path).doing(Act::Open, &path)?;
    Ok((path, file))
}

/// The run that has the destination. Either may be unknown for an instant,
/// while the holder is writing it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    pub pid: Option<u32>,
    /// Milliseconds UTC.
    pub since: Option<i64>,
}

/// The destination is this process's until this is dropped.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the destination for a run, or says which one has it. `ledger`: the
    /// file's path.
    pub fn acquire(ledger: &Path, destination: &str) -> Result<Result<Self, Holder>, LedgerError> {
        let (path, mut file) = open(ledger, &name_of(destination))?;
        if !try_lock(&file, &path)? {
            return Ok(Err(Holder::read(&mut file)));
        }
        let _ = sign(&mut file); // only for the words of others
        Ok(Ok(Self { _file: file }))
    }
}

impl Holder {
    /// Who has the destination now, if anybody.
    pub fn of(ledger: &Path, destination: &str) -> Result<Option<Self>, LedgerError> {
        let path = file::beside(ledger, ".locks").join(name_of(destination));
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.doing(Act::Open, &path)?,
        };
        let is_free = try_lock(&file, &path)?;
        Ok((!is_free).then(|| Self::read(&mut file)))
    }

    fn read(file: &mut File) -> Self {
        let mut text = String::new();
        if file.rewind().is_err() || file.read_to_string(&mut text).is_err() {
            return Self::default();
        }
        let mut words = text.split_whitespace();
        Self {
            pid: words.next().and_then(|word| word.parse().ok()),
            since: words.next().and_then(|word| word.parse().ok()),
        }
    }
}

/// A destination's name may hold anything; a file name may not.
fn name_of(destination: &str) -> String {
    let escaped = destination.bytes().map(|byte| match byte {
        b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    });
    format!("to.{}", escaped.collect::<String>())
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {}", std::process::id(), now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_a_destination_and_the_second_knows_who() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let acquire = |destination| RunLock::acquire(&ledger, destination).unwrap();
        let first = acquire("north/a b").unwrap();
        let holder = acquire("north/a b").unwrap_err();
        assert_eq!(holder.pid, Some(std::process::id()));
        assert!(holder.since.is_some());
        assert_eq!(Holder::of(&ledger, "north/a b").unwrap(), Some(holder));
        assert!(acquire("south").is_ok());
        drop(first);
        assert_eq!(Holder::of(&ledger, "north/a b").unwrap(), None);
        assert!(acquire("north/a b").is_ok());
    }
}
