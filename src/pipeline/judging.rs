//! Judges the rows of an input on all cores, and gives what comes of them in
//! their order: for verbs that send nothing.

use std::thread;

use super::preparer::{Prepared, Preparer};
use super::remarks::Remarks;
use crate::error::Failure;
use crate::lead::Record;

/// Rows judged together at most, and bytes of them.
const CHUNK: usize = 1024;
const HEAVY: usize = 512 * 1024;
/// Workers at most: past a few, reading is what takes the time.
const WORKERS: usize = 6;

/// A row, or why there are no more.
pub type Read = Result<Record, Failure>;

/// Judges each row; `show` is given what `look` made of it, in the order of the
/// rows. Each core has a chunk of them with a preparer of its own, while the next
/// ones are read. The first failure ends it.
///
/// # Errors
/// The input can't be read any further, or `show` failed.
pub fn judge<'r, T: Send>(
    rows: impl Iterator<Item = Read>,
    preparer: impl Fn() -> Preparer<'r> + Sync,
    look: impl Fn(Prepared<'r>) -> T + Sync,
    remarks: &mut Remarks,
    mut show: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // What came of some rows, what was noticed, and what came after.
    let judged = |rows: Vec<Read>| {
        let (mut preparer, mut leads) = (preparer(), Vec::with_capacity(rows.len()));
        let outcome: Result<(), Failure> = rows.into_iter().try_for_each(|row| {
            leads.push(look(preparer.prepare(row?)?));
            Ok(())
        });
        (leads, preparer.remarks, outcome)
    };
    let mut rows = rows.fuse();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut read = || -> Vec<Vec<Read>> {
        let chunks = (0..workers.min(WORKERS)).map(|_| read_chunk(&mut rows));
        chunks.take_while(|chunk| !chunk.is_empty()).collect()
    };
    let mut next = read();
    while !next.is_empty() {
        let chunks = std::mem::take(&mut next);
        let judged = thread::scope(|scope| {
            let start = |chunk| scope.spawn(|| judged(chunk));
            let started: Vec<_> = chunks.into_iter().map(start).collect();
            next = read();
            let ended = started.into_iter().map(|chunk| chunk.join());
            ended.collect::<Vec<_>>()
        });
        for chunk in judged {
            let failed = |_| Failure::unfinished("leadctl failed while it judged the input");
            let (leads, noticed, outcome) = chunk.map_err(failed)?;
            remarks.append(noticed);
            leads.into_iter().try_for_each(&mut show)?;
            outcome?;
        }
    }
    Ok(())
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
