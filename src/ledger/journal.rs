//! What the workers of a run hold: they ask, the writer thread records, and
//! every answer means "it is on disk".

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::params;

use super::attempt::{Attempt, Begun, Settled, Settlement};
use super::clock::now;
use super::connection::connect;
use super::intake::{DedupOutcome, Intake, Intaker};
use super::lock::{self, LivenessLock};
use super::op::{Answer, Event, Op};
use super::reader::LedgerReader;
use super::sync::Syncers;
use super::wait::Waits;
use super::writer::Beginning;
use super::{Bucket, Kind, Ledger, LedgerError, destination};

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
    events: Sender<Event>,
    waits: Waits,
    path: PathBuf,
    by: Intaker,
    writer: Option<JoinHandle<()>>,
    _pulse: LivenessLock,
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.events.send(Event::Over);
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Ledger {
    /// Begins a run at a destination, which becomes known to the ledger. Take
    /// the destination with [`Ledger::acquire`] before sending to it.
    pub fn journal(&self, spec: &RunSpec<'_>) -> Result<Journal, LedgerError> {
        let begun = self.begin_run(spec);
        self.named(begun)
    }

    fn begin_run(&self, spec: &RunSpec<'_>) -> Result<Journal, LedgerError> {
        let path = self.path().to_owned();
        let _gate = lock::gate(&path)?;
        let tx = self.writing()?;
        let destination = destination::known(&tx, spec.destination)?;
        tx.execute(
            "INSERT INTO runs (destination, command, pid, started_at) VALUES (?1, ?2, ?3, ?4)",
            params![destination, spec.command, std::process::id(), now()],
        )?;
        let id = tx.last_insert_rowid();
        let doubts = tx.query_row(
            "SELECT doubts FROM destinations WHERE id = ?1",
            [destination],
            |row| row.get(0),
        )?;
        tx.commit()?;
        // Not before: a pulse without its run tells of a ledger that lost it.
        let pulse = LivenessLock::start(&path, id)?;
        let (events, heard) = mpsc::channel();
        let conn = connect(&path)?;
        // The syncers do what it leaves out.
        conn.pragma_update(None, "synchronous", "NORMAL")?;
        let again_after = spec.again_after.map(|after| after.as_millis());
        let by = Intaker {
            run: id,
            destination,
            again_after: again_after.map(|after| i64::try_from(after).unwrap_or(i64::MAX)),
        };
        let beginning = Beginning {
            syncers: Syncers::start(&path, events.clone())?,
            path: path.clone(),
            by,
            doubts,
        };
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || beginning.work(&conn, &heard))
            .map_err(|_| LedgerError::new(Kind::Io, "this system allows no more threads"))?;
        Ok(Journal {
            run: Arc::new(Run {
                events,
                waits: Waits::default(),
                path,
                by,
                writer: Some(thread),
                _pulse: pulse,
            }),
        })
    }
}

impl Journal {
    /// Takes in what was read, in order; the answers are in the same order.
    /// Hundreds of leads at a time cost little more than one. Who has more to
    /// read goes on and asks for the answers later.
    pub fn intake(&self, leads: Vec<Intake>) -> Result<Awaited<Vec<DedupOutcome>>, LedgerError> {
        self.begin_asking(|answer| Event::Read(leads, answer))
    }

    /// To look leads up without waiting for the writer.
    pub fn reader(&self) -> LedgerReader {
        LedgerReader::of_run(&self.run.path, self.run.by)
    }

    /// Claims a lead and records the attempt. Only [`Begun::Granted`] allows
    /// the first byte to leave; an error means that nothing may be sent.
    pub fn begin(&self, attempt: Attempt) -> Result<Begun, LedgerError> {
        let (_, begun) = self.ask(|answer| Op::Turn(None, Some(Box::new(attempt)), answer))?;
        begun.unwrap_or_else(|| Err(stopped()))
    }

    /// Records an outcome. On an error the lead will be in doubt at the next
    /// start: stop.
    pub fn settle(&self, end: Settlement) -> Result<Settled, LedgerError> {
        let (settled, _) = self.ask(|answer| Op::Turn(Some(Box::new(end)), None, answer))?;
        settled.unwrap_or_else(|| Err(stopped()))
    }

    /// [`Journal::settle`] and the [`Journal::begin`] of the next lead in one
    /// write: half the waits of a worker that has more to do.
    pub fn settle_and_begin(
        &self,
        end: Settlement,
        next: Attempt,
    ) -> Result<(Settled, Result<Begun, LedgerError>), LedgerError> {
        let (settled, begun) =
            self.ask(|answer| Op::Turn(Some(Box::new(end)), Some(Box::new(next)), answer))?;
        let settled = settled.unwrap_or_else(|| Err(stopped()))?;
        Ok((settled, begun.unwrap_or_else(|| Err(stopped()))))
    }

    /// Counts a call that is about no lead, or says how long to wait first.
    pub fn pace(&self, bucket: &Bucket) -> Result<Result<(), Duration>, LedgerError> {
        self.ask(|answer| Op::Pace(Box::new(bucket.clone()), answer))
    }

    /// The user has now been told the present states of these leads.
    pub fn mark_notified(&self, ids: Vec<i64>) -> Result<(), LedgerError> {
        self.ask(|answer| Op::Told(ids, answer))
    }

    /// A stored lead (`unsent`, `failed` or `invalid`) breaks today's rules.
    pub fn invalidate(&self, lead: i64, why: &str) -> Result<(), LedgerError> {
        self.ask(|answer| Op::Invalidate(lead, why.to_owned(), answer))
    }

    fn ask<T>(&self, op: impl FnOnce(Answer<T>) -> Op) -> Result<T, LedgerError> {
        self.begin_asking(|answer| Event::Asked(op(answer)))?.wait()
    }

    fn begin_asking<T>(
        &self,
        event: impl FnOnce(Answer<T>) -> Event,
    ) -> Result<Awaited<T>, LedgerError> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.run.events.send(event(answer)).map_err(|_| stopped())?;
        Ok(Awaited {
            answered,
            run: Arc::clone(&self.run),
        })
    }
}

/// An answer of the ledger that is still to come.
pub struct Awaited<T> {
    answered: Receiver<Result<T, LedgerError>>,
    run: Arc<Run>,
}

impl<T> Awaited<T> {
    /// The answer: what was asked is on disk.
    pub fn wait(self) -> Result<T, LedgerError> {
        self.run
            .waits
            .receive(&self.answered)
            .map_err(|_| stopped())?
    }
}

fn stopped() -> LedgerError {
    LedgerError::new(
        Kind::Io,
        "the part of leadctl that writes the ledger stopped",
    )
    .hint("run the same command again; nothing is sent twice")
}
