//! Makes durable what the writer committed, then answers those who wait for
//! it. SQLite would do that inside of each commit (`synchronous = FULL`); here
//! the writer goes on meanwhile. The promise is the same: an answer means "it
//! is on disk".

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::op::{Event, Reply};
use super::{Kind, LedgerError, file};

/// Batches at most that a slow disk is given at the same time: then a batch
/// need not wait for the end of what began before it was committed. A fast
/// disk is given one, for what comes meanwhile makes one batch.
const SYNCERS: usize = 2;
const SLOW: Duration = Duration::from_millis(1);

/// The threads that synchronise the log of a ledger.
pub struct Syncers {
    committed: Option<Sender<Vec<Reply>>>,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    busy: usize,
    slow: bool,
}

/// What the syncers share.
struct Shared {
    committed: Mutex<Receiver<Vec<Reply>>>,
    log: PathBuf,
    /// The disk failed once. That a later attempt succeeds would prove nothing:
    /// the system may have dropped what could not be written.
    failed: OnceLock<LedgerError>,
}

impl Syncers {
    /// `events` hears of the end of each batch. The log must be there: the
    /// run's beginning was written through it.
    pub fn start(ledger: &Path, events: Sender<Event>) -> Result<Self, LedgerError> {
        Self::over(file::beside(ledger, "-wal"), events)
    }

    fn over(log: PathBuf, events: Sender<Event>) -> Result<Self, LedgerError> {
        let (sender, committed) = mpsc::channel();
        let shared = Arc::new(Shared {
            committed: Mutex::new(committed),
            log,
            failed: OnceLock::new(),
        });
        let mut syncers = Self {
            committed: Some(sender),
            shared: Arc::clone(&shared),
            threads: Vec::with_capacity(SYNCERS),
            busy: 0,
            slow: false,
        };
        for _ in 0..SYNCERS {
            // Each its own: the system tells of a failure once for each opened file.
            let file = File::open(&shared.log)
                .map_err(|error| LedgerError::io("open", &shared.log, &error))?;
            let (shared, events) = (Arc::clone(&shared), events.clone());
            let thread = thread::Builder::new()
                .name("ledger sync".to_owned())
                .spawn(move || shared.work(&file, &events))
                .map_err(|_| LedgerError::new(Kind::Io, "this system allows no more threads"))?;
            syncers.threads.push(thread);
        }
        Ok(syncers)
    }

    /// Why nothing that is committed from now on counts.
    pub fn failure(&self) -> Option<&LedgerError> {
        self.shared.failed.get()
    }

    /// Is all that was committed on disk?
    pub fn are_idle(&self) -> bool {
        self.busy == 0
    }

    /// Would a batch begin to be written at once?
    pub fn is_free(&self) -> bool {
        match self.slow {
            true => self.busy < SYNCERS,
            false => self.busy == 0,
        }
    }

    /// Sends the answers to a committed batch as soon as it is on disk.
    pub fn answer(&mut self, replies: Vec<Reply>) {
        if let Some(committed) = &self.committed {
            self.busy += 1;
            let _ = committed.send(replies);
        }
    }

    /// A batch is on disk; it took this long.
    pub fn synced(&mut self, took: Duration) {
        self.busy = self.busy.saturating_sub(1);
        self.slow = took > SLOW;
    }
}

/// Whatever is committed is answered first.
impl Drop for Syncers {
    fn drop(&mut self) {
        self.committed = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn work(&self, log: &File, events: &Sender<Event>) {
        while let Some(replies) = self.next() {
            let started = Instant::now();
            let synced = self.sync(log);
            let _ = events.send(Event::Synced(started.elapsed()));
            match synced {
                Ok(()) => replies.into_iter().for_each(Reply::send),
                Err(error) => replies.into_iter().for_each(|reply| reply.fail(&error)),
            }
        }
    }

    /// The next batch; waits for one.
    fn next(&self) -> Option<Vec<Reply>> {
        let committed = self.committed.lock();
        let committed = committed.unwrap_or_else(PoisonError::into_inner);
        committed.recv().ok()
    }

    fn sync(&self, log: &File) -> Result<(), LedgerError> {
        let synced = log.sync_data().and_then(|()| still_there(log));
        match self.failed.get() {
            Some(error) => Err(error.clone()),
            None => synced.map_err(|error| {
                let error = LedgerError::io("write", &self.log, &error).hint(AFTERWARDS);
                self.failed.get_or_init(|| error).clone()
            }),
        }
    }
}

const AFTERWARDS: &str = "look at the disk, then run the same command again: it tells what is in doubt, and sends the rest";

/// A log that somebody deleted keeps nothing, however well it is synchronised.
fn still_there(log: &File) -> io::Result<()> {
    match log.metadata()?.nlink() {
        0 => Err(io::Error::other("another program deleted it")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    /// What the disk says of a batch in which somebody waits for one answer.
    fn answer_of(syncers: &mut Syncers) -> Result<(), LedgerError> {
        let (answer, answered) = sync_channel(1);
        syncers.answer(vec![Reply::Done(answer, Ok(()))]);
        answered.recv().unwrap()
    }

    #[test]
    fn an_answer_comes_once_it_is_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        File::create(&log).unwrap();
        let (events, _heard) = mpsc::channel();
        let mut syncers = Syncers::over(log, events).unwrap();
        assert_eq!(answer_of(&mut syncers), Ok(()));
        assert_eq!(syncers.failure(), None);
    }

    #[test]
    fn a_log_that_is_deleted_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        File::create(&log).unwrap();
        let (events, _heard) = mpsc::channel();
        let mut syncers = Syncers::over(log.clone(), events).unwrap();
        std::fs::remove_file(log).unwrap();
        let error = answer_of(&mut syncers).unwrap_err();
        assert!(
            error.message.contains("another program deleted it"),
            "{error}"
        );
        assert!(answer_of(&mut syncers).is_err());
    }

    #[test]
    fn after_a_failure_of_the_disk_no_answer_is_good() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("pipe");
        // No pipe can be synchronised.
        mknodat(CWD, &log, FileType::Fifo, Mode::RWXU, 0).unwrap();
        let _writer = File::options().read(true).write(true).open(&log).unwrap();
        let (events, _heard) = mpsc::channel();
        let mut syncers = Syncers::over(log, events).unwrap();
        assert_eq!(answer_of(&mut syncers).unwrap_err().kind, Kind::Io);
        assert_eq!(answer_of(&mut syncers).unwrap_err().kind, Kind::Io);
        assert!(syncers.failure().is_some());
    }
}
