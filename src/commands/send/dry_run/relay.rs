//! Shares the rows of an input among several workers. Each reads a handful,
//! judges it, and shows what came of it when its turn has come: one reads at a
//! time, one shows at a time, and all is shown in the input's order. A handful
//! never leaves its worker and is read into again and again, so a long input
//! takes no more memory than a short one. Knows nothing of what is judged.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::error::Failure;
use crate::lead::Record;
use crate::pipeline::remarks::Remarks;

/// Rows read together at most, and bytes of them.
const HANDFUL: usize = 1024;
const LARGE: usize = 256 * 1024;
/// Workers at most: past a few, reading is what takes the time.
const WORKERS: usize = 6;

/// What judges the rows of one worker.
pub trait Judge {
    /// What is made of a handful of rows; empty by default.
    type Made: Default;

    /// Judges a row, adds what it makes of it, and gives the row back.
    fn judge(&mut self, row: Record, made: &mut Self::Made) -> Result<Record, Failure>;

    /// What was noticed since this was asked last.
    fn remarks(&mut self) -> Remarks;
}

/// A handful of rows.
#[derive(Default)]
pub struct Rows {
    /// So many rows as `count` says, and after them places for more.
    places: Vec<Record>,
    count: usize,
    bytes: usize,
}

impl Rows {
    /// Where the next row is to be read into, and then stands until it is
    /// [kept](Rows::keep) or another takes its place.
    pub fn next(&mut self) -> &mut Record {
        if self.count == self.places.len() {
            self.places.push(Record::default());
        }
        &mut self.places[self.count]
    }

    /// The row is to be judged.
    pub fn keep(&mut self) {
        self.bytes += self.next().cells.as_slice().len();
        self.count += 1;
    }

    pub fn is_full(&self) -> bool {
        self.count == HANDFUL || self.bytes > LARGE
    }

    fn clear(&mut self) {
        self.count = 0;
        self.bytes = 0;
    }

    fn kept(&self) -> &[Record] {
        &self.places[..self.count]
    }

    /// Judges the rows in their order. After a failure, those before it are left.
    fn judge<J: Judge>(&mut self, judge: &mut J, made: &mut J::Made) -> Result<(), Failure> {
        let room = Vec::with_capacity(self.places.len());
        let mut rows = std::mem::replace(&mut self.places, room).into_iter();
        for row in rows.by_ref().take(self.count) {
            match judge.judge(row, made) {
                Ok(row) => self.places.push(row),
                Err(failure) => {
                    self.count = self.places.len();
                    return Err(failure);
                }
            }
        }
        self.places.extend(rows);
        Ok(())
    }
}

/// What is read from, by one worker at a time.
struct Source<R, T> {
    read: R,
    /// Where the turn to show the next handful will come from; none once all
    /// was read.
    turn: Option<Receiver<T>>,
}

/// The turn to show, handed from worker to worker. It is lost with a failure,
/// and then nobody waits for it any longer.
struct Turn<'t, S> {
    show: S,
    remarks: &'t mut Remarks,
    outcome: &'t mut Result<(), Failure>,
}

/// Reads, judges on all cores, and shows in order. `read` fills a handful and
/// tells whether there may be more; `judge` makes each of the judges; `show`
/// leaves what it was shown empty; the first failure ends it. What was
/// remarked is added to `remarks`.
pub fn run<J: Judge>(
    read: impl FnMut(&mut J, &mut Rows) -> Result<bool, Failure> + Send,
    judge: impl Fn() -> J + Sync,
    show: impl FnMut(&[Record], &mut J::Made) -> Result<(), Failure> + Send,
    remarks: &mut Remarks,
) -> Result<(), Failure> {
    let mut outcome = Ok(());
    let (begin, first) = sync_channel(1);
    let source = Mutex::new(Source {
        read,
        turn: Some(first),
    });
    // The channel has room for it.
    let _ = begin.send(Turn {
        show,
        remarks,
        outcome: &mut outcome,
    });
    drop(begin);
    // No more than there are cores: one that is kept from its core keeps the
    // others waiting for its turn.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores.min(WORKERS) {
            scope.spawn(|| work(&source, judge()));
        }
    });
    drop(source);
    outcome
}

fn work<J, R, S>(source: &Mutex<Source<R, Turn<'_, S>>>, mut judge: J)
where
    J: Judge,
    R: FnMut(&mut J, &mut Rows) -> Result<bool, Failure>,
    S: FnMut(&[Record], &mut J::Made) -> Result<(), Failure>,
{
    let mut rows = Rows::default();
    let mut made = J::Made::default();
    while let Some((read, turn, next)) = gather(source, &mut judge, &mut rows) {
        let judged = rows.judge(&mut judge, &mut made);
        let Ok(mut turn) = turn.recv() else {
            return;
        };
        turn.remarks.append(judge.remarks());
        let shown = (turn.show)(rows.kept(), &mut made);
        if let Err(failure) = shown.and(judged).and(read) {
            *turn.outcome = Err(failure);
            return;
        }
        // After the last handful nobody takes it.
        let _ = next.send(turn);
        rows.clear();
    }
}

/// How reading went, where the turn comes from and where it goes.
type Gathered<T> = (Result<(), Failure>, Receiver<T>, SyncSender<T>);

/// Reads a handful; `None`: all was read. A worker that died while it read
/// leaves nothing for the others.
fn gather<J, R, T>(
    source: &Mutex<Source<R, T>>,
    judge: &mut J,
    rows: &mut Rows,
) -> Option<Gathered<T>>
where
    R: FnMut(&mut J, &mut Rows) -> Result<bool, Failure>,
{
    let mut source = source.lock().ok()?;
    let turn = source.turn.take()?;
    let read = (source.read)(judge, rows);
    let (next, after) = sync_channel(1);
    source.turn = matches!(read, Ok(true)).then_some(after);
    Some((read.map(drop), turn, next))
}
