//! Locks between processes. The system drops a file's lock with its process, so
//! a dead holder never blocks: a liveness lock shows which runs are alive, a run
//! lock keeps a destination to one run at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::error::LedgerError;
use super::{file, now};

/// How often a waiting run looks again.
const POLL: Duration = Duration::from_millis(250);

/// Shows that a run's process is alive; gone with it.
#[derive(Debug)]
pub struct LivenessLock {
    path: PathBuf,
    _file: File,
}

impl LivenessLock {
    /// Must be taken before the run's first attempt, inside the [`gate`].
    pub fn start(ledger: &Path, run: i64) -> Result<Self, LedgerError> {
        let path = liveness_file(ledger, run)?;
        let file = open(&path)?;
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
    let path = liveness_file(ledger, run)?;
    let file = match File::options().read(true).write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(LedgerError::file("open", &path, error)),
    };
    let dead = try_lock(&file, &path)?;
    if dead {
        let _ = fs::remove_file(&path);
    }
    Ok(!dead)
}

/// The runs that have a liveness lock, or had one when they were killed, and
/// its file.
pub fn liveness_locks(ledger: &Path) -> Result<Vec<(i64, PathBuf)>, LedgerError> {
    let folder = file::beside(ledger, ".locks");
    let names = match fs::read_dir(&folder) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LedgerError::file("read", &folder, error)),
    };
    let paths = names.flatten().map(|name| name.path());
    let run = |path: &Path| -> Option<i64> {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix("run.")?.parse().ok()
    };
    Ok(paths.filter_map(|path| Some((run(&path)?, path))).collect())
}

/// One process at a time creates a ledger, starts a run or looks for dead ones.
/// Held for an instant only.
pub fn gate(ledger: &Path) -> Result<File, LedgerError> {
    let path = folder(ledger)?.join("gate");
    let file = open(&path)?;
    file.lock()
        .map_err(|error| LedgerError::file("lock", &path, error))?;
    Ok(file)
}

/// Takes the lock of an open file; `false`: somebody else has it.
pub fn try_lock(file: &File, path: &Path) -> Result<bool, LedgerError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(LedgerError::file("lock", path, error)),
    }
}

/// The folder of the locks.
pub fn folder(ledger: &Path) -> Result<PathBuf, LedgerError> {
    let folder = file::beside(ledger, ".locks");
    file::private_folder(&folder)?;
    Ok(folder)
}

fn open(path: &Path) -> Result<File, LedgerError> {
    file::create(path).map_err(|error| LedgerError::file("open", path, error))
}

fn liveness_file(ledger: &Path, run: i64) -> Result<PathBuf, LedgerError> {
    Ok(folder(ledger)?.join(format!("run.{run}")))
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
    /// Takes the destination for a run. If another run has it: waits up to `wait`
    /// (asking `go_on` at each look, so that an interrupt or a message is
    /// possible), then says who holds it. `ledger`: the file's path.
    pub fn acquire(
        ledger: &Path,
        destination: &str,
        wait: Option<Duration>,
        go_on: &mut dyn FnMut(&Holder) -> bool,
    ) -> Result<Result<Self, Holder>, LedgerError> {
        let path = destination_file(ledger, destination)?;
        let mut file = open(&path)?;
        let until = wait.map(|wait| Instant::now() + wait);
        loop {
            if try_lock(&file, &path)? {
                let _ = sign(&mut file); // only for the words of others
                return Ok(Ok(Self { _file: file }));
            }
            let holder = Holder::read(&mut file);
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            match left {
                Some(left) if !left.is_zero() && go_on(&holder) => thread::sleep(POLL.min(left)),
                _ => return Ok(Err(holder)),
            }
        }
    }
}

impl Holder {
    /// Who has the destination now, if anybody.
    pub fn of(ledger: &Path, destination: &str) -> Result<Option<Self>, LedgerError> {
        let path = destination_file(ledger, destination)?;
        if !path.exists() {
            return Ok(None);
        }
        let mut file = open(&path)?;
        match try_lock(&file, &path)? {
            true => Ok(None),
            false => Ok(Some(Self::read(&mut file))),
        }
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
fn destination_file(ledger: &Path, destination: &str) -> Result<PathBuf, LedgerError> {
    let mut name = String::from("to.");
    for byte in destination.bytes() {
        match byte {
            b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02x}")),
        }
    }
    Ok(folder(ledger)?.join(name))
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {}", std::process::id(), now())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acquire(
        ledger: &Path,
        destination: &str,
        wait: Option<Duration>,
        go_on: &mut dyn FnMut(&Holder) -> bool,
    ) -> Result<RunLock, Holder> {
        RunLock::acquire(ledger, destination, wait, go_on).unwrap()
    }

    #[test]
    fn one_run_a_destination_and_the_second_knows_who() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let no = &mut |_: &_| false;
        let first = acquire(&ledger, "north/a b", None, no).unwrap();
        let holder = acquire(&ledger, "north/a b", None, no).unwrap_err();
        assert_eq!(holder.pid, Some(std::process::id()));
        assert!(holder.since.is_some());
        assert_eq!(Holder::of(&ledger, "north/a b").unwrap(), Some(holder));
        assert!(acquire(&ledger, "south", None, no).is_ok());
        drop(first);
        assert_eq!(Holder::of(&ledger, "north/a b").unwrap(), None);
        assert!(acquire(&ledger, "north/a b", None, no).is_ok());
    }

    #[test]
    fn waiting_ends_when_the_holder_leaves_or_the_caller_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let wait = Some(Duration::from_secs(60));
        let mut first = acquire(&ledger, "north", None, &mut |_| false).ok();
        assert!(acquire(&ledger, "north", wait, &mut |_| false).is_err());
        let second = acquire(&ledger, "north", wait, &mut |_| {
            first.take();
            true
        });
        assert!(second.is_ok());
    }
}
