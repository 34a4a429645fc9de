//! What the workers of a run share: they ask, one thread writes. What is asked
//! while the disk is busy goes into the next transaction, and everybody in it is
//! answered after its commit: durability costs a batch, not a lead.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::dedup::{self, Scope, millis};
use super::locks::{self, LivenessLock};
use super::open::connect;
use super::{
    Attempt, Begun, Bucket, DedupOutcome, Intake, Ledger, LedgerError, Settled, Settlement,
    StoredLead, attempt, file, lead, now, pace,
};

/// A run about to begin.
#[derive(Debug, Clone, Copy)]
pub struct RunSpec<'a> {
    pub destination: &'a str,
    /// The verb, for `history`.
    pub command: &'a str,
    /// After how long the same key is a new lead.
    pub again_after: Option<Duration>,
}

/// A run's handle to its writer. Cheap to clone; when the last one is dropped
/// the writer finishes and the run is over.
#[derive(Clone)]
pub struct Journal {
    run: Arc<Run>,
}

struct Run {
    path: PathBuf,
    scope: Scope,
    /// Dropped first: then the writer ends.
    tasks: Option<Sender<Box<dyn Task>>>,
    writer: Option<JoinHandle<()>>,
    _alive: LivenessLock,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Ledger {
    /// Begins a run at a destination, which becomes known to the ledger. Take
    /// the destination with [`Ledger::acquire`] before sending to it.
    pub fn journal(&self, spec: &RunSpec<'_>) -> Result<Journal, LedgerError> {
        let path = self.path().to_owned();
        let _gate = locks::gate(&path)?;
        let (run, destination) = self.write(|conn| {
            let destination = super::destination::make_known(conn, spec.destination)?;
            conn.execute(
                "INSERT INTO runs (destination, command, pid, started_at) VALUES (?1, ?2, ?3, ?4)",
                params![destination, spec.command, std::process::id(), now()],
            )?;
            Ok((conn.last_insert_rowid(), destination))
        })?;
        // Not before: a lock without its run tells of a ledger that lost it.
        let alive = LivenessLock::start(&path, run)?;
        let (tasks, asked) = mpsc::channel();
        let writer = Writer {
            conn: connect(&path)?,
            files: Files::of(&path),
            path: path.clone(),
            failed: None,
        };
        let writer = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer.work(&asked, run))
            .map_err(|_| LedgerError::NoThread)?;
        let scope = Scope {
            run,
            destination,
            again_after: spec.again_after.map(millis),
        };
        Ok(Journal {
            run: Arc::new(Run {
                path,
                scope,
                tasks: Some(tasks),
                writer: Some(writer),
                _alive: alive,
            }),
        })
    }
}

impl Journal {
    /// Takes in what was read, in order; the answers are in the same order.
    /// Hundreds of leads at a time cost little more than one. Who has more to
    /// read goes on and asks for the answers later.
    pub fn intake(&self, leads: Vec<Intake>) -> Result<Awaited<Vec<DedupOutcome>>, LedgerError> {
        let scope = self.run.scope;
        self.ask(move |conn| {
            let now = now();
            let take_in = |lead| dedup::take_in(conn, &scope, now, lead);
            leads.iter().map(take_in).collect()
        })
    }

    /// To look leads up without waiting for the writer.
    pub fn reader(&self) -> LedgerReader {
        LedgerReader::of(&self.run.path)
    }

    /// Claims a lead and records the attempt. Only [`Begun::Granted`] allows
    /// the first byte to leave; an error means that nothing may be sent.
    pub fn begin(&self, attempt: Attempt) -> Result<Begun, LedgerError> {
        let run = self.run.scope.run;
        self.ask(move |conn| attempt::begin(conn, run, now(), &attempt))?
            .wait()
    }

    /// Records an outcome. On an error the lead will be in doubt at the next
    /// start: stop.
    pub fn settle(&self, end: Settlement) -> Result<Settled, LedgerError> {
        let destination = self.run.scope.destination;
        self.ask(move |conn| attempt::settle(conn, destination, now(), &end))?
            .wait()
            .flatten()
    }

    /// [`Journal::settle`] and the [`Journal::begin`] of the next lead in one
    /// write: half the waits of a worker that has more to do.
    pub fn settle_and_begin(
        &self,
        end: Settlement,
        next: Attempt,
    ) -> Result<(Settled, Result<Begun, LedgerError>), LedgerError> {
        let Scope {
            run, destination, ..
        } = self.run.scope;
        let asked = self.ask(move |conn| {
            let settled = attempt::settle(conn, destination, now(), &end)?;
            Ok((settled, attempt::begin(conn, run, now(), &next)?))
        })?;
        let (settled, begun) = asked.wait()?;
        Ok((settled?, Ok(begun)))
    }

    /// Counts a call that is about no lead, or says how long to wait first.
    pub fn pace(&self, bucket: &Bucket) -> Result<Result<(), Duration>, LedgerError> {
        let bucket = bucket.clone();
        self.ask(move |conn| pace::spend(conn, &bucket, now()))?
            .wait()
    }

    /// The user has now been told the present states of these leads.
    pub fn mark_notified(&self, ids: Vec<i64>) -> Result<(), LedgerError> {
        let mark = move |conn: &Connection| {
            // One that another run has in flight was told as it was before.
            let mut mark = conn.prepare_cached(
                "UPDATE leads SET notified = coalesce((SELECT was FROM attempts
                   WHERE lead = leads.id AND ended_at IS NULL), state) WHERE id = ?1",
            )?;
            ids.iter().try_for_each(|id| mark.execute([id]).map(drop))
        };
        self.ask(mark)?.wait()
    }

    /// A stored lead (`unsent`, `failed` or `invalid`) breaks today's rules.
    pub fn invalidate(&self, lead: i64, why: &str) -> Result<(), LedgerError> {
        let why = why.to_owned();
        let invalidate = move |conn: &Connection| {
            let changed = conn
                .prepare_cached(
                    "UPDATE leads SET state = 'invalid', message = ?2, note = NULL,
                       notified = iif(state = 'invalid' AND message IS ?2, notified, NULL)
                     WHERE id = ?1 AND state IN ('unsent', 'failed', 'invalid')
                       AND NOT EXISTS (SELECT 1 FROM attempts WHERE lead = ?1 AND ended_at IS NULL)",
                )?
                .execute(params![lead, why])?;
            // One that was purged meanwhile is no matter.
            let there: bool = conn
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM leads WHERE id = ?1)")?
                .query_row([lead], |row| row.get(0))?;
            Ok(match changed == 0 && there {
                true => Err(LedgerError::NotToJudge(lead)),
                false => Ok(()),
            })
        };
        self.ask(invalidate)?.wait().flatten()
    }

    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Awaited<T>, LedgerError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let asked = Asked {
            work: Some(work),
            done: None,
            answer,
        };
        let tasks = self.run.tasks.as_ref().ok_or(LedgerError::Stopped)?;
        let sent = tasks.send(Box::new(asked));
        sent.map_err(|_| LedgerError::Stopped)?;
        Ok(Awaited { answered })
    }
}

/// An answer of the ledger that is still to come.
pub struct Awaited<T> {
    answered: Receiver<Result<T, LedgerError>>,
}

impl<T> Awaited<T> {
    /// The answer: what was asked is on disk.
    pub fn wait(self) -> Result<T, LedgerError> {
        self.answered.recv().unwrap_or(Err(LedgerError::Stopped))
    }
}

/// A second look into a ledger that is open already, for another thread. It
/// opens its own connection when it is first asked.
pub struct LedgerReader {
    path: PathBuf,
    conn: Option<Connection>,
}

impl LedgerReader {
    /// Of the ledger at `path`, which is open: nothing is looked at anew.
    pub fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            conn: None,
        }
    }

    /// A stored lead.
    pub fn lead(&mut self, id: i64) -> Result<Option<StoredLead>, LedgerError> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            none => none.insert(connect(&self.path)?),
        };
        lead::by_id(conn, id).map_err(|error| LedgerError::sql(&self.path, error))
    }
}

/// What is asked of the writer: done in a transaction, answered after it.
trait Task: Send {
    fn run(&mut self, conn: &Connection) -> rusqlite::Result<()>;

    /// `committed`: an error means that nothing of it counts.
    fn answer(self: Box<Self>, committed: Result<(), LedgerError>);
}

struct Asked<T, W> {
    work: Option<W>,
    done: Option<T>,
    answer: SyncSender<Result<T, LedgerError>>,
}

impl<T, W> Task for Asked<T, W>
where
    T: Send,
    W: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
{
    fn run(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.done = Some(work(conn)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), LedgerError>) {
        let Self { done, answer, .. } = *self;
        // Nobody waiting any more is no failure: the record stands.
        let _ = answer.send(committed.and_then(|()| done.ok_or(LedgerError::Stopped)));
    }
}

/// Tasks in one transaction at most.
const BATCH: usize = 512;

/// The one thread of a run that writes.
struct Writer {
    conn: Connection,
    path: PathBuf,
    files: Files,
    /// Why nothing counts any more. That a later write succeeds would prove
    /// nothing: the system may have dropped what could not be written before.
    failed: Option<LedgerError>,
}

impl Writer {
    /// Works until the last handle is gone.
    fn work(mut self, asked: &Receiver<Box<dyn Task>>, run: i64) {
        while let Ok(first) = asked.recv() {
            let mut batch = vec![first];
            let committed = self.commit(&mut batch, asked);
            for task in batch {
                task.answer(committed.clone());
            }
        }
        // The run's end is a courtesy to a reader; nothing depends on it.
        let end = "UPDATE runs SET ended_at = ?2 WHERE id = ?1";
        let _ = self.conn.execute(end, params![run, now()]);
    }

    /// Does what is asked, and what else comes meanwhile, in one transaction.
    fn commit(
        &mut self,
        batch: &mut Vec<Box<dyn Task>>,
        asked: &Receiver<Box<dyn Task>>,
    ) -> Result<(), LedgerError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let named = |error| LedgerError::sql(&self.path, error);
        let tx = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)
            .map_err(named)?;
        let mut done = 0;
        while done < batch.len() {
            batch[done].run(&tx).map_err(named)?;
            done += 1;
            if done < BATCH {
                batch.extend(asked.try_recv());
            }
        }
        let committed = tx.commit().map_err(named);
        let durable = committed.and_then(|()| self.files.still_there(&self.path));
        self.failed = durable.clone().err();
        durable
    }
}

/// The files that a run writes: in one that somebody deleted, nothing is kept,
/// however well it is synchronised.
struct Files {
    ledger: Option<(u64, u64)>,
    log: Option<(u64, u64)>,
}

impl Files {
    /// The log is there: the run's beginning was written through it.
    fn of(path: &Path) -> Self {
        Self {
            ledger: file::identity(path),
            log: file::identity(&file::beside(path, "-wal")),
        }
    }

    fn still_there(&self, path: &Path) -> Result<(), LedgerError> {
        let log = file::beside(path, "-wal");
        for (path, known) in [(path, self.ledger), (&log, self.log)] {
            if file::identity(path) != known {
                return Err(LedgerError::Deleted(path.to_owned()));
            }
        }
        Ok(())
    }
}
