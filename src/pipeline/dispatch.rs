//! Conducts a run: one producer of leads, the couriers that deliver them, and
//! the desk that prints their rows in order. Memory stays flat: a slow lead
//! holds back the producer, not the couriers.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread;
use std::time::Duration;

use super::ordered::{Desk, Told};
use crate::config::Destination;
use crate::delivery::{Caller, Control, Done, Job, JobQueue, Worker};
use crate::error::Failure;
use crate::http::Credential;
use crate::input::Facts;
use crate::lead::Record;
use crate::ledger::{Bucket, Journal};
use crate::output::Row;
use crate::pipeline::remarks::Remarks;

/// Rows between the producer and the printed end, at most.
const WINDOW: usize = 4096;
/// After so many rows without a pause the desk rests for a moment, and then
/// takes the next ones by the handful: a wake-up a row would cost the couriers.
const HANDFUL: u32 = 4;
const REST: Duration = Duration::from_millis(1);

/// What a run delivers with.
pub struct Line<'r> {
    pub destination: &'r Destination,
    pub credential: Option<&'r Credential>,
    pub journal: &'r Journal,
    pub control: &'r Control,
    pub pace: Option<Arc<Bucket>>,
    pub jobs: usize,
}

/// Where a producer puts its leads, in input order.
pub struct Feed {
    events: Sender<Event>,
    jobs: SyncSender<Job>,
    window: SyncSender<()>,
    next: u64,
    record: Option<Box<Record>>,
}

enum Event {
    Opened(String, Box<Facts>),
    Settled(Box<Told>),
    Expected(Box<Row>, Option<Box<Record>>),
    Done(u64, Box<Done>),
    Remarks(Remarks),
}

impl Feed {
    /// An input is read from here on.
    pub fn opened(&mut self, input: &str, facts: &Facts) {
        self.tell(Event::Opened(input.to_owned(), Box::new(facts.clone())));
    }

    /// The row that is placed next takes what was read along, to be written
    /// back if it is refused.
    pub fn carrying(&mut self, record: Option<Box<Record>>) -> &mut Self {
        self.record = record;
        self
    }

    /// A row that needs no sending.
    pub fn settled(&mut self, row: Row, told: bool) {
        self.enter();
        let record = self.record.take();
        self.tell(Event::Settled(Box::new(Told { row, told, record })));
    }

    /// A row whose lead is to be sent; `job` makes it, given its place.
    pub fn send(&mut self, row: Row, job: impl FnOnce(u64) -> Job) {
        self.enter();
        let record = self.record.take();
        self.tell(Event::Expected(Box::new(row), record));
        let _ = self.jobs.send(job(self.next - 1));
    }

    /// What was noticed about the leads.
    pub fn remarks(&mut self, remarks: Remarks) {
        self.tell(Event::Remarks(remarks));
    }

    fn enter(&mut self) {
        self.next += 1;
        let _ = self.window.send(());
    }

    fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }
}

/// Runs `produce` and delivers what it feeds, to the end.
pub fn run(
    line: &Line<'_>,
    desk: &mut Desk<'_>,
    produce: impl FnOnce(&mut Feed) -> Result<(), Failure> + Send,
) -> Result<(), Failure> {
    let (events, happened) = channel();
    let (window, passed) = sync_channel(WINDOW);
    let (jobs, queue) = JobQueue::new();
    thread::scope(|scope| {
        for _ in 0..line.jobs {
            let (queue, events) = (&queue, events.clone());
            scope.spawn(move || {
                line.worker().run(queue, |place, done| {
                    let _ = events.send(Event::Done(place, Box::new(done)));
                });
            });
        }
        let mut feed = Feed {
            events,
            jobs,
            window,
            next: desk.next_place(),
            record: None,
        };
        let producer = scope.spawn(move || produce(&mut feed));
        attend(desk, &happened, &passed, line.journal);
        producer.join().unwrap_or_else(|_| {
            Err(Failure::unfinished(
                "leadctl failed while it read the input",
            ))
        })
    })
}

impl Line<'_> {
    pub fn worker(&self) -> Worker<'_> {
        let pace = self.pace.clone().map(|pace| (self.journal.clone(), pace));
        Worker {
            caller: Caller::new(self.destination, self.credential, self.control, pace),
            journal: self.journal.clone(),
        }
    }
}

/// Prints until nobody feeds the desk any more.
fn attend(
    desk: &mut Desk<'_>,
    happened: &Receiver<Event>,
    passed: &Receiver<()>,
    journal: &Journal,
) {
    let mut at_once = 0;
    loop {
        at_once += 1;
        let event = match happened.try_recv() {
            Ok(event) => event,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                desk.flush();
                if std::mem::take(&mut at_once) > HANDFUL {
                    thread::sleep(REST);
                    continue;
                }
                match happened.recv() {
                    Ok(event) => event,
                    Err(_) => break,
                }
            }
        };
        let left = match event {
            Event::Opened(input, facts) => {
                desk.opened(&input, &facts);
                0
            }
            Event::Settled(row) => desk.settled(*row),
            Event::Expected(row, record) => desk.expected(*row, record),
            Event::Done(place, done) => desk.done(place, *done),
            Event::Remarks(remarks) => {
                desk.remarks.append(remarks);
                0
            }
        };
        for _ in 0..left {
            let _ = passed.try_recv();
        }
        if desk.printed.len() >= 128 {
            mark_notified(desk, journal);
        }
    }
    mark_notified(desk, journal);
    desk.flush();
}

/// What was printed is not told again by a quiet run. It is no reason to stop:
/// at worst something is told twice.
pub fn mark_notified(desk: &mut Desk<'_>, journal: &Journal) {
    let ids = std::mem::take(&mut desk.printed);
    if !ids.is_empty() {
        let _ = journal.mark_notified(ids);
    }
}
