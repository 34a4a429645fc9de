//! What the workers of a run share: they ask, one thread writes. What is asked
//! while the disk is busy goes into the next transaction, and everybody in it is
//! answered after its commit: durability costs a batch, not a lead.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::destination::{Scope, make_known};
use super::error::{Act, Doing};
use super::locks::{self, LivenessLock};
use super::mark::{self, Mark};
use super::note::LedgerNote;
use super::open::connect;
use super::{
    Attempt, Begun, Bucket, Consent, DedupOutcome, Hash16, Hasher, Intake, Judgement, Ledger,
    LedgerError, Pricing, Settled, Settlement, attempt, consent, dedup, file, lead, now, pace,
    past_run,
};
use crate::lead::State;

/// A run about to begin.
#[derive(Clone)]
pub struct RunSpec<'a> {
    pub destination: &'a str,
    /// The verb, for `history`.
    pub command: &'a str,
    /// It has the destination: what it takes in, it sends.
    pub holds: bool,
    /// After how long the same key is a new lead.
    pub again_after: Option<Duration>,
    pub pricing: Pricing,
    /// The other destinations of its group, of which one has a person.
    pub rivals: &'a [String],
}

/// A run's handle to its writer. Cheap to clone; when the last one is dropped
/// the writer finishes and the run is over.
#[derive(Clone)]
pub struct Journal {
    run: Arc<OpenRun>,
}

struct OpenRun {
    path: PathBuf,
    hasher: Hasher,
    scope: Scope,
    /// Dropped first: then the writer ends.
    tasks: Option<Sender<Task>>,
    writer: Option<JoinHandle<()>>,
    _alive: LivenessLock,
}

impl Drop for OpenRun {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Ledger {
    /// Begins a run at a destination, which becomes known to the ledger. Take
    /// the destination with [`super::RunLock`] before sending to it.
    pub fn journal(&self, spec: &RunSpec<'_>) -> Result<Journal, LedgerError> {
        let path = self.path().to_owned();
        let _gate = locks::gate(&path)?;
        self.refuse_older()?;
        // What is only recorded counts too, and takes no sign of its age away: the mark of an
        // older one stays ahead of it.
        let is_older = self.older_since()?.is_some();
        let mut mark = match is_older && mark::read(&path)?.is_none() {
            true => None,
            false => Some(Mark::open(&path)?),
        };
        let ahead = i64::from(is_older);
        if let Some(mark) = &mut mark {
            mark.raise(self.read(mark::known)? + ahead);
        }
        let (run, destination) = self.write(|conn| {
            let destination = make_known(conn, spec.destination)?;
            conn.execute(
                "INSERT INTO runs (destination, command, pid, holds, started_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    destination,
                    spec.command,
                    std::process::id(),
                    spec.holds,
                    now()
                ],
            )?;
            Ok((conn.last_insert_rowid(), destination))
        })?;
        self.fold_back()?;
        // Not before: a lock without its run tells of a ledger that lost it.
        let alive = LivenessLock::start(&path, run)?;
        let (tasks, asked) = mpsc::channel();
        let writer = Writer {
            conn: connect(&path)?,
            files: files_of(&path),
            mark,
            ahead,
            path: path.clone(),
            failed: None,
        };
        let writer = thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer.work(&asked, run))
            .doing(Act::StartWriting, &path)?;
        Ok(Journal {
            run: Arc::new(OpenRun {
                path,
                hasher: self.hasher(),
                scope: Scope {
                    run,
                    destination,
                    again_after: spec.again_after,
                    pricing: spec.pricing.clone(),
                    rivals: spec.rivals.into(),
                },
                tasks: Some(tasks),
                writer: Some(writer),
                _alive: alive,
            }),
        })
    }
}

impl Ledger {
    /// Folds the log back into the file, so that a copy of the file alone shows
    /// that a run was begun.
    fn fold_back(&self) -> Result<(), LedgerError> {
        self.read(|conn| {
            let busy: bool = conn.query_row("PRAGMA wal_checkpoint(FULL)", [], |row| row.get(0))?;
            match busy {
                false => Ok(()),
                true => Err(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                    None,
                )),
            }
        })
    }
}

impl Journal {
    /// Takes in what was read, in order; what is answered is in the same order.
    /// Hundreds of leads at a time cost little more than one.
    pub fn intake(&self, leads: Vec<Intake>) -> Result<Answer<Vec<DedupOutcome>>, LedgerError> {
        let scope = self.run.scope.clone();
        self.ask_for(move |conn| {
            let now = now();
            let take_in = |lead| dedup::take_in(conn, &scope, now, lead);
            leads.iter().map(take_in).collect()
        })
    }

    /// The run's number.
    pub fn number(&self) -> i64 {
        self.run.scope.run
    }

    /// The ledger, to look leads up without waiting for the writer.
    pub fn ledger(&self) -> Ledger {
        Ledger::of_open(&self.run.path, &self.run.hasher)
    }

    /// Claims a lead and records the attempt. Only [`Begun::Granted`] allows
    /// the first byte to leave; an error means that nothing may be sent.
    pub fn begin(&self, attempt: Attempt) -> Result<Begun, LedgerError> {
        let scope = self.run.scope.clone();
        self.ask(move |conn| attempt::begin(conn, &scope, now(), &attempt))
    }

    /// Records an outcome. On an error the lead will be in doubt at the next
    /// start: stop.
    pub fn settle(&self, end: Settlement) -> Result<Settled, LedgerError> {
        let scope = self.run.scope.clone();
        self.ask(move |conn| attempt::settle(conn, &scope, now(), &end))?
    }

    /// [`Journal::settle`] and the [`Journal::begin`] of the next lead in one
    /// write: half the waits of a worker that has more to do.
    pub fn settle_and_begin(
        &self,
        end: Settlement,
        next: Attempt,
    ) -> Result<(Settled, Begun), LedgerError> {
        let scope = self.run.scope.clone();
        let (settled, begun) = self.ask(move |conn| {
            let settled = attempt::settle(conn, &scope, now(), &end)?;
            Ok((settled, attempt::begin(conn, &scope, now(), &next)?))
        })?;
        Ok((settled?, begun))
    }

    /// Counts a call that is about no lead, or says how long to wait first.
    pub fn pace(&self, bucket: &Bucket) -> Result<Result<(), Duration>, LedgerError> {
        let bucket = bucket.clone();
        self.ask(move |conn| pace::spend(conn, &bucket, now()))
    }

    /// The user has now been told the present states of these leads.
    pub fn mark_notified(&self, ids: Vec<i64>) -> Result<(), LedgerError> {
        self.ask(move |conn| lead::mark_told(conn, &ids))
    }

    /// Takes the leads that were held at this destination for this run, to be sent
    /// before all others: the first `most` of them, in the order in which they came.
    pub fn take_held(&self, most: u64) -> Result<Vec<i64>, LedgerError> {
        let scope = self.run.scope.clone();
        self.ask(move |conn| {
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let mut ids: Vec<i64> = conn
                .prepare_cached(
                    "UPDATE leads SET run = ?1 WHERE id IN (SELECT id FROM leads
                       WHERE destination = ?2 AND state = ?3 AND NOT is_change
                       ORDER BY id LIMIT ?4) RETURNING id",
                )?
                .query_map(
                    params![scope.run, scope.destination, State::Held, most],
                    |row| row.get(0),
                )?
                .collect::<Result<_, _>>()?;
            ids.sort_unstable();
            Ok(ids)
        })
    }

    /// These persons said no, at these moments (milliseconds UTC). Those of whom that is
    /// new, and whom a partner was sent, or may have been.
    pub fn withdraw(&self, people: HashMap<Hash16, i64>) -> Result<Vec<Hash16>, LedgerError> {
        self.ask(move |conn| {
            let mut sent = Vec::new();
            for (person, at) in &people {
                if consent::is_news(conn, *person, *at)? {
                    sent.push(*person);
                }
                Consent::Withdrawn(*at).keep(conn, std::iter::once(*person))?;
            }
            Ok(sent)
        })
    }

    /// The run's last words: the exit code of its process, and what became of its
    /// leads. A run that says none could not finish.
    pub fn end(&self, exit: u8, states: &BTreeMap<State, u64>) {
        let run = self.run.scope.run;
        let states = serde_json::to_string(states).unwrap_or_default();
        // A courtesy to a reader; nothing depends on it.
        let _ = self.ask(move |conn| past_run::end(conn, run, exit, Some(&states)));
    }

    /// A stored lead breaks today's rules, or is not for its destination any more, or not now. One
    /// that was sent, or purged, meanwhile stays as it is.
    pub fn judge_anew(&self, lead: i64, judgement: Judgement) -> Result<(), LedgerError> {
        self.ask(move |conn| {
            let Some(mut lead) = lead::by_id(conn, lead)? else {
                return Ok(());
            };
            use State::{Filtered, Held, Invalid};
            if !lead.state.is_unreceived() || lead.in_flight() {
                return Ok(());
            }
            match judgement {
                Judgement::Invalid { why, faults } => {
                    let known = lead.state == Invalid && lead.faults == Some(faults);
                    lead.told = lead.told.filter(|_| known);
                    lead.state = Invalid;
                    (lead.message, lead.note) = (Some(why), None);
                    lead.faults = Some(faults);
                }
                Judgement::Filtered { reason, why } => {
                    lead.set(Filtered, LedgerNote::Filtered { reason, why });
                }
                Judgement::Held(hold) => lead.set(Held, LedgerNote::Held(hold)),
                Judgement::KeptOut(rival) => lead.set(Filtered, LedgerNote::KeptOut(rival)),
                Judgement::Objected(objection) => {
                    lead.set(Filtered, LedgerNote::Objected(objection));
                }
                Judgement::Ready | Judgement::Elsewhere(_) => return Ok(()),
            }
            lead.save(conn)
        })
    }

    /// Has the writer do this, and waits until it is on disk.
    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.ask_for(work)?.wait()
    }

    fn ask_for<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Answer<T>, LedgerError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let (mut work, mut done) = (Some(work), None);
        let task = move |step: Step<'_>| {
            match step {
                Step::Work(conn) => done = work.take().map(|work| work(conn)).transpose()?,
                Step::Answer(committed) => {
                    let done = committed.and_then(|()| done.take().ok_or(LedgerError::Stopped));
                    // Nobody waiting any more is no failure: the record stands.
                    let _ = answer.send(done);
                }
            }
            Ok(())
        };
        let tasks = self.run.tasks.as_ref().ok_or(LedgerError::Stopped)?;
        let sent = tasks.send(Box::new(task));
        sent.map_err(|_| LedgerError::Stopped)?;
        Ok(Answer(answered))
    }
}

/// What the writer was asked for: others work meanwhile.
pub struct Answer<T>(Receiver<Result<T, LedgerError>>);

impl<T> Answer<T> {
    /// Waits until it is on disk.
    pub fn wait(self) -> Result<T, LedgerError> {
        self.0.recv().unwrap_or(Err(LedgerError::Stopped))
    }
}

/// What is asked of the writer: done in a transaction, answered after it.
type Task = Box<dyn FnMut(Step<'_>) -> rusqlite::Result<()> + Send>;

enum Step<'w> {
    Work(&'w Connection),
    /// An error means that nothing of the work counts.
    Answer(Result<(), LedgerError>),
}

/// The exit code of a run that could not finish.
const UNFINISHED: u8 = 1;

/// Tasks in one transaction at most.
const BATCH: usize = 512;

/// The one thread of a run that writes.
struct Writer {
    conn: Connection,
    path: PathBuf,
    files: [Known; 2],
    /// `None`: an older ledger that has none.
    mark: Option<Mark>,
    /// By how much it is kept ahead.
    ahead: i64,
    /// Why nothing counts any more. That a later write succeeds would prove
    /// nothing: the system may have dropped what could not be written before.
    failed: Option<LedgerError>,
}

impl Writer {
    /// Works until the last handle is gone.
    fn work(mut self, asked: &Receiver<Task>, run: i64) {
        while let Ok(first) = asked.recv() {
            let mut batch = vec![first];
            let committed = self.commit(&mut batch, asked);
            for mut task in batch {
                let _ = task(Step::Answer(committed.clone()));
            }
        }
        let _ = past_run::end(&self.conn, run, UNFINISHED, None);
    }

    /// Does what is asked, and what else comes meanwhile, in one transaction.
    fn commit(&mut self, batch: &mut Vec<Task>, asked: &Receiver<Task>) -> Result<(), LedgerError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let named = |error| LedgerError::sql(&self.path, error);
        let tx = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)
            .map_err(named)?;
        let mut done = 0;
        while done < batch.len() {
            batch[done](Step::Work(&tx)).map_err(named)?;
            done += 1;
            if done < BATCH {
                batch.extend(asked.try_recv());
            }
        }
        let committed = tx.commit().map_err(named);
        let durable = committed.and_then(|()| still_there(&self.files));
        if durable.is_ok()
            && let Some(mark) = &mut self.mark
            && let Ok(attempts) = mark::known(&self.conn)
        {
            mark.raise(attempts + self.ahead);
        }
        self.failed = durable.clone().err();
        durable
    }
}

/// A file, and which one its name stood for.
type Known = (PathBuf, Option<(u64, u64)>);

/// The files that a run writes: in one that somebody deleted, nothing is kept,
/// however well it is synchronised. The log is there, for the run's beginning was
/// written through it.
fn files_of(ledger: &Path) -> [Known; 2] {
    [ledger.to_owned(), file::beside(ledger, "-wal")].map(|path| {
        let known = file::identity(&path);
        (path, known)
    })
}

fn still_there(files: &[Known]) -> Result<(), LedgerError> {
    let gone = files
        .iter()
        .find(|(path, known)| file::identity(path) != *known);
    gone.map_or(Ok(()), |(path, _)| Err(LedgerError::Deleted(path.clone())))
}
