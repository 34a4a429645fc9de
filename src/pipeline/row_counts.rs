//! How many rows a run's inputs hold, for the line that says how far it is: an input
//! is counted when it is first looked through, and what the others hold is guessed
//! from their bytes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::output::progress;

/// The rows of the inputs that were looked through.
#[derive(Debug, Default)]
pub struct RowCounts(Mutex<HashMap<PathBuf, u64>>);

impl RowCounts {
    /// Says how many rows one of these inputs holds; `false`: that was known.
    pub fn add<'p>(&self, input: &Path, rows: u64, all: impl Iterator<Item = &'p Path>) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = counted.insert(input.to_owned(), rows).is_none();
        if is_new {
            let bytes = |input| fs::metadata(input).map_or(0, |about| about.len());
            let inputs = all.map(|it| (counted.get(it).copied(), bytes(it)));
            let (rows, exact) = expected(inputs);
            progress::expect(rows, exact);
        }
        is_new
    }
}

/// The rows of all inputs, each with its rows, where they are counted, and its bytes;
/// and whether that is certain.
fn expected(inputs: impl Iterator<Item = (Option<u64>, u64)>) -> (u64, bool) {
    let (mut rows, mut bytes, mut all) = (0_u64, 0_u64, 0_u64);
    let mut exact = true;
    for (counted, size) in inputs {
        all += size;
        rows += counted.unwrap_or_default();
        bytes += counted.map_or(0, |_| size);
        exact &= counted.is_some();
    }
    match exact || bytes == 0 {
        true => (rows, exact),
        false => ((rows as f64 * all as f64 / bytes as f64) as u64, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_counted_yet_is_guessed_from_its_bytes() {
        let of = |inputs: &[(Option<u64>, u64)]| expected(inputs.iter().copied());
        assert_eq!(of(&[(Some(300), 900)]), (300, true));
        assert_eq!(of(&[(Some(300), 900), (None, 1800)]), (900, false));
        assert_eq!(of(&[(Some(300), 900), (Some(7), 5)]), (307, true));
        assert_eq!(of(&[(Some(0), 0), (None, 50)]), (0, false));
    }
}
