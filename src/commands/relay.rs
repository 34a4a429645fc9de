//! Hands the rows of an input to several judges at once, and takes what they
//! made of them back in the input's order. Knows nothing of what is judged.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::prepare::Preparer;
use super::remarks::Remarks;
use crate::failure::Failure;
use crate::lead::Record;

/// Rows handed over together.
const HANDFUL: usize = 128;
/// Judges at most: past a few, reading is what takes the time.
const JUDGES: usize = 4;

/// What came of some rows; a failure ends the input.
struct Judged<T> {
    rows: Vec<T>,
    remarks: Remarks,
    failure: Option<Failure>,
}

/// Rows to be judged, and where the results are awaited.
type Task<T> = (Vec<Record>, SyncSender<Judged<T>>);

/// Where `read` puts the rows of an input.
pub struct Rows<T> {
    gathered: Vec<Record>,
    tasks: SyncSender<Task<T>>,
    order: SyncSender<Receiver<Judged<T>>>,
}

impl<T> Rows<T> {
    /// The next row; `false`: nobody wants more.
    pub fn push(&mut self, row: Record) -> bool {
        self.gathered.push(row);
        self.gathered.len() < HANDFUL || self.hand_over()
    }

    fn hand_over(&mut self) -> bool {
        let (answer, answered) = sync_channel(1);
        let rows = std::mem::replace(&mut self.gathered, Vec::with_capacity(HANDFUL));
        self.tasks.send((rows, answer)).is_ok() && self.order.send(answered).is_ok()
    }

    fn end(mut self, read: Result<(), Failure>) {
        self.hand_over();
        if let Err(failure) = read {
            let (answer, answered) = sync_channel(1);
            let _ = answer.send(Judged {
                rows: Vec::new(),
                remarks: Remarks::default(),
                failure: Some(failure),
            });
            let _ = self.order.send(answered);
        }
    }
}

/// Reads, judges on all cores, and shows in order. `preparer` makes each judge
/// its own; the first failure ends it. What was remarked is added to `remarks`.
pub fn run<'r, T: Send>(
    read: impl FnOnce(&mut Rows<T>) -> Result<(), Failure> + Send,
    preparer: impl Fn() -> Preparer<'r> + Sync,
    judge: impl Fn(&mut Preparer<'r>, Record) -> Result<T, Failure> + Sync,
    mut show: impl FnMut(T) -> Result<(), Failure>,
    remarks: &mut Remarks,
) -> Result<(), Failure> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let judges = cores.min(JUDGES);
    let (tasks, waiting) = sync_channel::<Task<T>>(judges);
    let (order, answers) = sync_channel(judges * 2);
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..judges {
            let (waiting, preparer, judge) = (&waiting, &preparer, &judge);
            scope.spawn(move || {
                let mut preparer = preparer();
                loop {
                    let task = waiting
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .recv();
                    let Ok((rows, answer)) = task else {
                        return;
                    };
                    let _ = answer.send(judged(rows, &mut preparer, judge));
                }
            });
        }
        scope.spawn(move || {
            let mut rows = Rows {
                gathered: Vec::new(),
                tasks,
                order,
            };
            let read = read(&mut rows);
            rows.end(read);
        });
        for answer in answers {
            let lost = || Failure::unfinished("leadctl failed while it judged the input");
            let judged: Judged<T> = answer.recv().map_err(|_| lost())?;
            remarks.append(judged.remarks);
            judged.rows.into_iter().try_for_each(&mut show)?;
            if let Some(failure) = judged.failure {
                return Err(failure);
            }
        }
        Ok(())
    })
}

fn judged<'r, T>(
    rows: Vec<Record>,
    preparer: &mut Preparer<'r>,
    judge: impl Fn(&mut Preparer<'r>, Record) -> Result<T, Failure>,
) -> Judged<T> {
    let mut made = Vec::with_capacity(rows.len());
    let mut failure = None;
    for row in rows {
        match judge(preparer, row) {
            Ok(one) => made.push(one),
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    Judged {
        rows: made,
        remarks: std::mem::take(&mut preparer.remarks),
        failure,
    }
}
