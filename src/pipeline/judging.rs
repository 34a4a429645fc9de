//! Judges the rows of an input on all cores, and gives what comes of them in
//! their order: for verbs that send nothing.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::preparer::{Prepared, Preparer};
use super::remarks::Remarks;
use crate::error::Failure;
use crate::lead::Record;

/// Rows judged together at most, and bytes of them.
const CHUNK: usize = 256;
const HEAVY: usize = 256 * 1024;
/// Workers at most: past a few, reading is what takes the time.
const WORKERS: usize = 6;

/// A row, or why there are no more.
pub type Read = Result<Record, Failure>;

/// What came of some rows, what was noticed about them, and what came after.
type Chunk<T> = (Vec<T>, Remarks, Result<(), Failure>);

/// Judges each row with a preparer of its own thread; `show` is given what
/// `look` made of it, in the order of the rows. The first failure ends it.
///
/// # Errors
/// The input can't be read any further, or `show` failed.
pub fn judge<'r, T: Send>(
    rows: impl Iterator<Item = Read> + Send,
    preparer: impl Fn() -> Preparer<'r> + Sync,
    look: impl Fn(Prepared<'r>) -> T + Sync,
    remarks: &mut Remarks,
    mut show: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let judged = |preparer: &mut Preparer<'r>, rows: Vec<Read>| -> Chunk<T> {
        let mut leads = Vec::with_capacity(rows.len());
        let outcome = rows.into_iter().try_for_each(|row| {
            leads.push(look(preparer.prepare(row?)?));
            Ok(())
        });
        (leads, std::mem::take(&mut preparer.remarks), outcome)
    };
    in_order(rows, preparer, judged, |(leads, noticed, outcome)| {
        remarks.append(noticed);
        leads.into_iter().try_for_each(&mut show)?;
        outcome
    })
}

/// Each chunk brings along where its result is awaited.
fn in_order<P, C: Send>(
    mut rows: impl Iterator<Item = Read> + Send,
    worker: impl Fn() -> P + Sync,
    judge: impl Fn(&mut P, Vec<Read>) -> C + Sync,
    mut show: impl FnMut(C) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let workers = workers.min(WORKERS);
    let (jobs, waiting) = sync_channel::<(Vec<Read>, SyncSender<C>)>(workers);
    let (turns, awaited) = sync_channel::<Receiver<C>>(2 * workers);
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut worker = worker();
                let next = || {
                    let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    waiting.recv()
                };
                while let Ok((rows, judged)) = next() {
                    let _ = judged.send(judge(&mut worker, rows));
                }
            });
        }
        scope.spawn(move || {
            loop {
                let chunk = read_chunk(&mut rows);
                let (judged, turn) = sync_channel(1);
                // Nobody waits for more where one could not be judged or shown.
                if chunk.is_empty() || jobs.send((chunk, judged)).is_err() {
                    break;
                }
                if turns.send(turn).is_err() {
                    break;
                }
            }
        });
        for turn in awaited {
            let failed = |_| Failure::unfinished("leadctl failed while it judged the input");
            show(turn.recv().map_err(failed)?)?;
        }
        Ok(())
    })
}

fn read_chunk(rows: &mut impl Iterator<Item = Read>) -> Vec<Read> {
    let mut bytes = 0;
    let next = std::iter::from_fn(|| {
        let row = (bytes < HEAVY).then(|| rows.next())??;
        bytes += row.as_ref().map_or(0, |row| row.cells.as_slice().len());
        Some(row)
    });
    next.take(CHUNK).collect()
}
