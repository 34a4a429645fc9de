//! The keys of the leads met so far in an input, in little memory: it grows in
//! small steps, never to twice its size at once.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Each holds its share of the keys.
const SHARES: usize = 80;

/// Shortened keys. Two leads of a million fall together once in 40 million runs.
pub struct Met(Vec<HashSet<u64, BuildHasherDefault<Hashed>>>);

/// The keys are hashes already: they are not hashed again.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

impl Default for Met {
    fn default() -> Self {
        Self(vec![HashSet::default(); SHARES])
    }
}

impl Met {
    /// True if `key` is new.
    pub fn insert(&mut self, key: u64) -> bool {
        let share = (key % SHARES as u64) as usize;
        self.0[share].insert(key)
    }
}
