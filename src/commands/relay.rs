//! Hands the rows of an input to several judges at once, and takes what they
//! made of them back in the input's order. Rows go round by the handful: read,
//! judged, shown, and back to be read into again, so that a long input takes
//! no more memory than a short one. Knows nothing of what is judged.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::remarks::Remarks;
use crate::failure::Failure;
use crate::lead::Record;

/// Rows handed over together at most, and bytes of them.
const HANDFUL: usize = 512;
const LARGE: usize = 256 * 1024;
/// Judges at most: past a few, reading is what takes the time.
const JUDGES: usize = 4;

/// One of several that judge rows at once.
pub trait Judge {
    /// What is made of a handful of rows; empty by default.
    type Made: Default + Send;

    /// Judges a row, adds what it makes of it, and gives the row back.
    fn judge(&mut self, row: Record, made: &mut Self::Made) -> Result<Record, Failure>;

    /// What was noticed since this was asked last.
    fn remarks(&mut self) -> Remarks;
}

/// Rows that travel together, and what came of them; a failure ends the input.
struct Handful<M> {
    /// So many rows as `count` says, and after them places for more.
    rows: Vec<Record>,
    count: usize,
    bytes: usize,
    made: M,
    remarks: Remarks,
    failure: Option<Failure>,
}

impl<M: Default> Default for Handful<M> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            count: 0,
            bytes: 0,
            made: M::default(),
            remarks: Remarks::default(),
            failure: None,
        }
    }
}

/// Rows to be judged, and where the results are awaited.
type Task<M> = (Handful<M>, SyncSender<Handful<M>>);

/// Where `read` puts the rows of an input.
pub struct Rows<M> {
    gathered: Handful<M>,
    tasks: SyncSender<Task<M>>,
    order: SyncSender<Receiver<Handful<M>>>,
    /// Handfuls that were shown.
    back: Receiver<Handful<M>>,
}

impl<M: Default> Rows<M> {
    /// Where the next row is to be read into, and then stands until it is
    /// [kept](Rows::keep) or another takes its place.
    pub fn next(&mut self) -> &mut Record {
        let Handful { rows, count, .. } = &mut self.gathered;
        if *count == rows.len() {
            rows.push(Record::default());
        }
        &mut rows[*count]
    }

    /// The row is to be judged; `false`: nobody wants more.
    pub fn keep(&mut self) -> bool {
        self.gathered.bytes += self.next().cells.text().len();
        self.gathered.count += 1;
        let full = self.gathered.count == HANDFUL || self.gathered.bytes > LARGE;
        !full || self.hand_over()
    }

    fn hand_over(&mut self) -> bool {
        let (answer, answered) = sync_channel(1);
        let next = self.back.try_recv().unwrap_or_default();
        let gathered = std::mem::replace(&mut self.gathered, next);
        self.tasks.send((gathered, answer)).is_ok() && self.order.send(answered).is_ok()
    }

    fn end(mut self, read: Result<(), Failure>) {
        self.hand_over();
        if let Err(failure) = read {
            let (answer, answered) = sync_channel(1);
            let _ = answer.send(Handful {
                failure: Some(failure),
                ..Handful::default()
            });
            let _ = self.order.send(answered);
        }
    }
}

/// Reads, judges on all cores, and shows in order. `judge` makes each of the
/// judges; `show` leaves what it was shown empty; the first failure ends it.
/// What was remarked is added to `remarks`.
pub fn run<J: Judge>(
    read: impl FnOnce(&mut Rows<J::Made>) -> Result<(), Failure> + Send,
    judge: impl Fn() -> J + Sync,
    mut show: impl FnMut(&[Record], &mut J::Made) -> Result<(), Failure>,
    remarks: &mut Remarks,
) -> Result<(), Failure> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let judges = cores.min(JUDGES);
    let (tasks, waiting) = sync_channel::<Task<J::Made>>(judges);
    let (order, answers) = sync_channel(judges * 2);
    let (shown, back) = channel();
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..judges {
            let (waiting, judge) = (&waiting, &judge);
            scope.spawn(move || judge_all(waiting, judge()));
        }
        scope.spawn(move || {
            let mut rows = Rows {
                gathered: Handful::default(),
                tasks,
                order,
                back,
            };
            let read = read(&mut rows);
            rows.end(read);
        });
        for answer in answers {
            let lost = || Failure::unfinished("leadctl failed while it judged the input");
            let mut judged: Handful<J::Made> = answer.recv().map_err(|_| lost())?;
            remarks.append(std::mem::take(&mut judged.remarks));
            show(&judged.rows[..judged.count], &mut judged.made)?;
            if let Some(failure) = judged.failure {
                return Err(failure);
            }
            hand_back(&shown, judged);
        }
        Ok(())
    })
}

/// The reader takes it again, unless it has read to the end.
fn hand_back<M>(shown: &Sender<Handful<M>>, mut handful: Handful<M>) {
    handful.count = 0;
    handful.bytes = 0;
    let _ = shown.send(handful);
}

fn judge_all<J: Judge>(waiting: &Mutex<Receiver<Task<J::Made>>>, mut judge: J) {
    loop {
        let task = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok((mut handful, answer)) = task else {
            return;
        };
        handful.failure = judged(&mut handful, &mut judge).err();
        handful.remarks = judge.remarks();
        let _ = answer.send(handful);
    }
}

fn judged<J: Judge>(handful: &mut Handful<J::Made>, judge: &mut J) -> Result<(), Failure> {
    let room = Vec::with_capacity(handful.rows.len());
    let mut rows = std::mem::replace(&mut handful.rows, room).into_iter();
    for row in rows.by_ref().take(handful.count) {
        match judge.judge(row, &mut handful.made) {
            Ok(row) => handful.rows.push(row),
            Err(failure) => {
                handful.count = handful.rows.len();
                return Err(failure);
            }
        }
    }
    handful.rows.extend(rows);
    Ok(())
}
