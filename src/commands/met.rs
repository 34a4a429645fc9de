//! The keys of the leads met so far in an input, in little memory: it grows in
//! small steps, never to twice its size at once.

use std::collections::HashSet;

/// Each holds its share of the keys.
const SHARES: usize = 80;

/// Shortened keys. Two leads of a million fall together once in 40 million runs.
pub struct Met(Vec<HashSet<u64>>);

impl Default for Met {
    fn default() -> Self {
        Self(vec![HashSet::new(); SHARES])
    }
}

impl Met {
    /// True if `key` is new.
    pub fn insert(&mut self, key: u64) -> bool {
        let share = (key % SHARES as u64) as usize;
        self.0[share].insert(key)
    }
}
