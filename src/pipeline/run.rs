//! A run that sends: the destination is taken, a producer feeds leads, workers
//! deliver them, and their rows leave in order. Memory stays flat: a slow lead
//! holds back the producer, not the workers.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Instant;

use super::corrections::Corrections;
use super::ending::{Next, RunEnd, exit_of};
use super::ordered::{OrderedOutput, Waiting};
use super::remarks::Remarks;
use crate::cli::Times;
use crate::config::Destination;
use crate::delivery::{Caller, Control, Done, Job, JobQueue, Stop, StopKind, Worker};
use crate::error::Failure;
use crate::http::Credentials;
use crate::input::Facts;
use crate::io_words::io_words;
use crate::lead::Record;
use crate::ledger::{Journal, Ledger, PriceOf, Pricing, RunLock, RunSpec};
use crate::mapping;
use crate::output::rejects::Rejects;
use crate::output::{Exit, Row, Warnings, code, progress};
use crate::session::{Session, interrupts, opening};
use crate::words::say;

/// Rows between the producer and the printed end, at most.
const WINDOW: usize = 4096;

/// A run that sends to one destination.
pub struct Run<'r> {
    pub leg: Leg<'r>,
    /// Where its rows go, after those of leads that were taken in first.
    pub rows: OrderedOutput<'r>,
    pub next: Next,
    /// `--rejects`: where the rows to correct are written.
    pub rejects: Option<Rejects>,
}

/// What is sent to one destination, in one run: all of it, or a leg of a route.
pub struct Leg<'r> {
    pub session: &'r Session,
    pub destination: &'r Destination,
    pub credentials: Credentials,
    pub ledger: &'r Ledger,
    /// It is kept, and not a rehearsal's.
    pub is_kept: bool,
    /// The destination, where it was taken already.
    pub lock: Option<RunLock>,
    /// The verb, for the record.
    pub command: &'r str,
    /// `--jobs`, else the destination's own.
    pub jobs: Option<u16>,
    pub times: &'r Times,
}

/// How a leg ended.
pub struct LegEnd {
    pub stops: Vec<Stop>,
    /// Who has the destination, if not this run.
    pub held: Option<String>,
    /// The gravest of what went wrong besides the leads' own.
    pub exit: Exit,
    journal: Journal,
}

/// What a producer found besides leads.
#[derive(Debug, Default)]
pub struct Produced {
    /// The gravest failure of an input; the others went on.
    pub exit: Exit,
    /// Inputs that could not be read, or not to their end.
    pub unread: Vec<String>,
    /// What was noticed about the leads that were not there already.
    pub remarks: Remarks,
}

impl Run<'_> {
    /// Delivers what `produce` feeds; it says what went wrong besides leads.
    ///
    /// # Errors
    /// The run could not begin, or the ledger failed it.
    pub fn conduct(
        self,
        produce: impl FnOnce(&mut Feed) -> Result<Produced, Failure> + Send,
    ) -> Result<Exit, Failure> {
        let started = Instant::now();
        let (session, destination) = (self.leg.session, self.leg.destination);
        let kept = self.leg.is_kept.then_some(self.leg.ledger);
        let mut rows = self.rows;
        rows.corrections = self
            .rejects
            .map(|file| Corrections::new(file, kept, kept.is_some()));
        let end = self.leg.deliver(&mut rows, produce)?;
        let found = kept.map_or(Exit::Done, |ledger| session.found(ledger));
        let ending = RunEnd {
            session,
            destination,
            stops: end.stops,
            exit: end.exit.min(found),
            elapsed: started.elapsed(),
            ledger: kept,
            held: end.held,
            next: self.next,
        };
        let states = rows.take_counts(&destination.name).all.states();
        let told = ending.tell(rows);
        let exit = told
            .as_ref()
            .map_or_else(|failure| failure.exit, |exit| *exit);
        end.journal.end(exit.code(), &states);
        told
    }
}

impl Leg<'_> {
    /// Delivers what `produce` feeds, and tells nothing but its rows.
    ///
    /// # Errors
    /// It could not begin, or the ledger failed it.
    pub fn deliver(
        self,
        rows: &mut OrderedOutput<'_>,
        produce: impl FnOnce(&mut Feed) -> Result<Produced, Failure> + Send,
    ) -> Result<LegEnd, Failure> {
        let (session, destination, ledger) = (self.session, self.destination, self.ledger);
        let shown = progress::start();
        progress::pace(destination.pace.iter().map(|rate| (rate.count, rate.per)));
        let lock = match self.lock {
            Some(lock) => Ok(lock),
            None => opening::take(session, ledger, destination, self.times.wait_lock)?,
        };
        let held = lock.as_ref().err().cloned();
        let journal = journal(ledger, destination, self.command, held.is_none())?;
        let control = Arc::new(Control::new(self.times.deadline));
        stop_when_interrupted(
            vec![Arc::clone(&control)],
            say!("run-stopping"),
            &session.warnings,
        )?;
        let workers = Workers {
            destination,
            journal: &journal,
            control: Arc::clone(&control),
            credentials: self.credentials,
            held: held.as_ref().map(|who| {
                let to = &destination.name;
                say!("run-held", who, to)
            }),
            jobs: self.jobs.map_or(destination.jobs, u32::from),
        };
        rows.answers = Some(journal.ledger());
        let mut produced = workers.run(rows, produce)?;
        drop(shown);
        produced.remarks.tell(&session.warnings);
        if held.is_none() && self.is_kept {
            let stop = control.stops().iter().find_map(|it| it.kind.for_news());
            // A failure is no reason to fail: at worst nobody is notified.
            _ = ledger.set_stop(&destination.name, stop);
        }
        // Another run has the destination: what is stored is sent by and by.
        let again = held.as_ref().map_or(Exit::Done, |_| Exit::Again);
        Ok(LegEnd {
            stops: control.stops(),
            exit: produced.exit.min(again),
            held,
            journal,
        })
    }
}

impl LegEnd {
    /// Records how it ended, with what became of its leads.
    pub fn record(&self, rows: &mut OrderedOutput<'_>, destination: &Destination) {
        let stops = self.stops.iter().map(|stop| exit_of(&stop.kind));
        let counts = rows.take_counts(&destination.name).all;
        let exit = code(&counts, stops.fold(self.exit, Exit::min));
        self.journal.end(exit.code(), &counts.states());
    }
}

/// The first interrupt stops these runs, the second ends the process. `note`
/// says what happens now.
///
/// # Errors
/// Interrupts can't be heard.
pub fn stop_when_interrupted(
    controls: Vec<Arc<Control>>,
    note: String,
    warnings: &Warnings,
) -> Result<(), Failure> {
    let warnings = warnings.clone();
    let mut stopping = false;
    interrupts::listen(move || {
        if std::mem::replace(&mut stopping, true) {
            std::process::exit(Exit::Interrupted.code().into());
        }
        for control in &controls {
            control.stop(Stop::all(StopKind::Interrupted));
        }
        warnings.note(&note);
    })
}

/// What leads are delivered with, by so many workers as jobs.
pub struct Workers<'r> {
    pub destination: &'r Destination,
    pub credentials: Credentials,
    pub journal: &'r Journal,
    pub control: Arc<Control>,
    /// Why nothing may be sent: another run has the destination.
    pub held: Option<String>,
    pub jobs: u32,
}

/// Where a producer puts its leads, in input order.
pub struct Feed {
    pub journal: Journal,
    /// Why nothing may be sent.
    pub held: Option<String>,
    events: SyncSender<RowEvent>,
    jobs: SyncSender<Job>,
    window: SyncSender<()>,
    next: u64,
}

enum RowEvent {
    Opened(String, Box<Facts>),
    Row(Box<Waiting>),
    Done(u64, Box<Done>),
}

impl Feed {
    /// An input is read from here on.
    pub fn opened(&mut self, input: &str, facts: &Facts) {
        self.tell(RowEvent::Opened(input.to_owned(), Box::new(facts.clone())));
    }

    /// A row that needs no sending. `record`: what was read, where it may have
    /// to be written back; `told`: an earlier run told it already.
    pub fn settled(&mut self, row: Row, record: Option<Box<Record>>, told: bool) {
        self.enter(Waiting {
            row,
            record,
            told,
            settled: true,
        });
    }

    /// A row whose lead is to be sent; `job` makes it, given its place.
    pub fn send(&mut self, row: Row, record: Option<Box<Record>>, job: impl FnOnce(u64) -> Job) {
        let place = self.next;
        self.enter(Waiting {
            row,
            record,
            told: false,
            settled: false,
        });
        let _ = self.jobs.send(job(place));
    }

    fn enter(&mut self, row: Waiting) {
        self.next += 1;
        // Waits while the window is full.
        let _ = self.window.send(());
        self.tell(RowEvent::Row(Box::new(row)));
    }

    fn tell(&self, event: RowEvent) {
        let _ = self.events.send(event);
    }
}

impl Workers<'_> {
    /// Runs `produce` and delivers what it feeds, to the end. Dropping the feed
    /// lets the workers finish, also on error.
    ///
    /// # Errors
    /// Those of `produce`.
    pub fn run<T: Send>(
        &self,
        rows: &mut OrderedOutput<'_>,
        produce: impl FnOnce(&mut Feed) -> Result<T, Failure> + Send,
    ) -> Result<T, Failure> {
        let (events, happened) = sync_channel(WINDOW);
        let (window, passed) = sync_channel(WINDOW);
        let (jobs, queue) = JobQueue::new();
        thread::scope(|scope| {
            for number in 1..=self.jobs {
                let (queue, events) = (&queue, events.clone());
                let deliver = move || {
                    self.worker().run(queue, |place, done| {
                        let _ = events.send(RowEvent::Done(place, Box::new(done)));
                    });
                };
                let thread = thread::Builder::new().name(format!("worker {number}"));
                thread.spawn_scoped(scope, deliver).map_err(no_thread)?;
            }
            let mut feed = Feed {
                journal: self.journal.clone(),
                held: self.held.clone(),
                events,
                jobs,
                window,
                next: rows.next_place(),
            };
            let producer = scope.spawn(move || produce(&mut feed));
            print(rows, &happened, &passed, self.journal);
            producer
                .join()
                .unwrap_or_else(|_| Err(Failure::unfinished(say!("run-reader-failed"))))
        })
    }

    fn worker(&self) -> Worker<'_> {
        let (credentials, control) = (self.credentials.clone(), Arc::clone(&self.control));
        Worker {
            caller: caller(self.journal, self.destination, credentials, control, 0.0),
            journal: self.journal.clone(),
        }
    }
}

fn no_thread(error: std::io::Error) -> Failure {
    let why = io_words(&error);
    Failure::unfinished(say!("run-no-thread", why)).hint(say!("run-no-thread-hint"))
}

/// What a run writes in the ledger. `command`: the verb, for the record; `holds`: it
/// has the destination.
///
/// # Errors
/// The ledger can't be written.
pub fn journal(
    ledger: &Ledger,
    destination: &Destination,
    command: &str,
    holds: bool,
) -> Result<Journal, Failure> {
    Ok(ledger.journal(&RunSpec {
        destination: &destination.name,
        command,
        holds,
        again_after: destination.again_after,
        rivals: &destination.rivals,
        pricing: pricing(destination),
    })?)
}

/// What a destination pays for the leads that it accepts.
pub fn pricing(destination: &Destination) -> Pricing {
    let prices = (!destination.price.is_empty()).then(|| Arc::new(destination.clone()));
    Pricing {
        price: prices.map(|destination| -> Arc<PriceOf> {
            Arc::new(move |facts| mapping::price(&destination, facts))
        }),
        billable_on: destination.billable_on(),
    }
}

/// Who calls a destination, at the pace that it allows. `leave`: the share of it
/// that is left to others.
pub fn caller<'d>(
    journal: &Journal,
    destination: &'d Destination,
    credentials: Credentials,
    control: Arc<Control>,
    leave: f32,
) -> Caller<'d> {
    let hasher = journal.ledger().hasher();
    let pace = opening::pace(&hasher, destination, &credentials, leave);
    let pace = pace.map(|pace| (journal.clone(), pace));
    Caller::new(destination, credentials, control, pace)
}

/// Prints rows until nobody has any more.
fn print(
    rows: &mut OrderedOutput<'_>,
    happened: &Receiver<RowEvent>,
    passed: &Receiver<()>,
    journal: &Journal,
) {
    loop {
        let event = happened.try_recv().or_else(|error| match error {
            TryRecvError::Empty => {
                rows.flush();
                happened.recv()
            }
            TryRecvError::Disconnected => Err(std::sync::mpsc::RecvError),
        });
        let left = match event {
            Ok(RowEvent::Row(row)) => rows.push(*row),
            Ok(RowEvent::Done(place, done)) => rows.done(place, *done),
            Ok(RowEvent::Opened(input, facts)) => {
                rows.opened(&input, &facts);
                0
            }
            Err(_) => break,
        };
        for _ in 0..left {
            let _ = passed.try_recv();
        }
        if rows.printed.len() >= 128 {
            rows.mark_notified(journal);
        }
    }
    rows.mark_notified(journal);
    rows.flush();
}
