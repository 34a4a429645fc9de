//! Who is at work at a destination: one run at a time. The system drops a lock
//! with its process, so a dead holder never blocks.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::clock::now;
use super::lock::{locks, try_lock};
use super::{Ledger, LedgerError, file};

/// How often a waiting run looks again.
const POLL: Duration = Duration::from_millis(250);

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

impl Ledger {
    /// Takes the destination for this run. If another run has it: waits up to
    /// `wait` (asking `go_on` at each look, so that an interrupt or a message
    /// is possible), then says who holds it.
    pub fn acquire(
        &self,
        destination: &str,
        wait: Option<Duration>,
        go_on: &mut dyn FnMut(&Holder) -> bool,
    ) -> Result<Result<RunLock, Holder>, LedgerError> {
        let path = destination_file(self.path(), destination)?;
        let mut file = file::create(&path).map_err(|e| LedgerError::io("open", &path, &e))?;
        let until = wait.map(|wait| Instant::now() + wait);
        loop {
            if try_lock(&file, &path)? {
                let _ = sign(&mut file); // only for the words of others
                return Ok(Ok(RunLock { _file: file }));
            }
            let held = holder(&mut file);
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            match left {
                Some(left) if !left.is_zero() && go_on(&held) => thread::sleep(POLL.min(left)),
                _ => return Ok(Err(held)),
            }
        }
    }

    /// Who has the destination now, if anybody.
    pub fn held(&self, destination: &str) -> Result<Option<Holder>, LedgerError> {
        let path = destination_file(self.path(), destination)?;
        if !path.exists() {
            return Ok(None);
        }
        let mut file = file::create(&path).map_err(|e| LedgerError::io("open", &path, &e))?;
        Ok(if try_lock(&file, &path)? {
            None
        } else {
            Some(holder(&mut file))
        })
    }
}

/// A destination's name may hold anything; a file name may not.
fn destination_file(ledger: &Path, destination: &str) -> Result<PathBuf, LedgerError> {
    let mut name = String::from("to.");
    for byte in destination.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02x}"));
        }
    }
    Ok(locks(ledger)?.join(name))
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {}", std::process::id(), now())
}

fn holder(file: &mut File) -> Holder {
    let mut text = String::new();
    if file.rewind().is_err() || file.read_to_string(&mut text).is_err() {
        return Holder::default();
    }
    let mut words = text.split_whitespace();
    Holder {
        pid: words.next().and_then(|word| word.parse().ok()),
        since: words.next().and_then(|word| word.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::open::tests::temporary;

    #[test]
    fn one_run_a_destination_and_the_second_knows_who() {
        let (_folder, ledger) = temporary();
        let none = &mut |_: &_| false;
        let first = ledger.acquire("north/a b", None, none).unwrap().unwrap();
        let held = ledger
            .acquire("north/a b", None, none)
            .unwrap()
            .unwrap_err();
        assert_eq!(held.pid, Some(std::process::id()));
        assert!(held.since.is_some());
        assert_eq!(ledger.held("north/a b").unwrap(), Some(held));
        assert!(ledger.acquire("south", None, none).unwrap().is_ok());
        drop(first);
        assert_eq!(ledger.held("north/a b").unwrap(), None);
        assert!(ledger.acquire("north/a b", None, none).unwrap().is_ok());
    }

    #[test]
    fn waiting_ends_when_the_holder_leaves_or_the_caller_says_so() {
        let (_folder, ledger) = temporary();
        let wait = Some(std::time::Duration::from_secs(60));
        let mut first = ledger.acquire("north", None, &mut |_| false).unwrap().ok();
        let stopped = ledger.acquire("north", wait, &mut |_| false).unwrap();
        assert!(stopped.is_err());
        let second = ledger.acquire("north", wait, &mut |_| {
            first.take();
            true
        });
        assert!(second.unwrap().is_ok());
    }
}
