//! The keys of the leads met so far in an input, exact, and in the same memory
//! however many they are: the latest are held, the earlier ones lie on disk in
//! [runs](run), and a [filter] spares almost every new key the look for it.

mod filter;
mod run;

use std::io;
use std::path::PathBuf;

use crate::error::Failure;
use crate::io_words::io_words;
use crate::scratch;

use filter::Filter;
use run::Run;

/// Latest keys that are sorted together, once one is looked for.
const BLOCK: usize = 4096;
/// Bits of the filter that a key should have.
const ROOM: u64 = 8;

/// How much is held in memory.
#[derive(Clone, Copy)]
pub struct Sizes {
    /// Keys that are held before they go to disk.
    pub latest: usize,
    /// Runs of one length that are merged into one.
    pub merged: usize,
    /// Bytes of the filter at first, and for many keys; powers of two.
    pub filter: (usize, usize),
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            latest: 128 * 1024,
            merged: 4,
            filter: (2 * 1024 * 1024, 16 * 1024 * 1024),
        }
    }
}

/// Shortened keys. Two leads of a million fall together once in 40 million runs.
pub struct Met {
    sizes: Sizes,
    filter: Filter,
    latest: Vec<u64>,
    /// So many of the latest are in order, block by block.
    sorted: usize,
    /// The longest first; no key is in two of them.
    runs: Vec<Run>,
    /// Where the runs are.
    folder: PathBuf,
    /// What was read of one last.
    read: Vec<[u8; 8]>,
}

impl Default for Met {
    fn default() -> Self {
        Self::new(scratch::folder(), Sizes::default())
    }
}

impl Met {
    /// `folder`: where keys go of which there are too many.
    pub fn new(folder: PathBuf, sizes: Sizes) -> Self {
        Self {
            sizes,
            filter: Filter::new(sizes.filter.0),
            latest: Vec::new(),
            sorted: 0,
            runs: Vec::new(),
            folder,
            read: Vec::new(),
        }
    }

    /// Prepares for keys that are inserted soon; nothing but haste needs it.
    pub fn expect(&mut self, keys: impl Iterator<Item = u64>) {
        self.filter.expect(keys);
    }

    /// True if `key` is new.
    pub fn insert(&mut self, key: u64) -> Result<bool, Failure> {
        self.try_insert(key).map_err(|error| self.failure(&error))
    }

    fn try_insert(&mut self, key: u64) -> io::Result<bool> {
        if self.latest.len() >= self.sizes.latest {
            self.spill()?;
        }
        if !self.filter.insert(key) && (self.is_latest(key) || self.is_on_disk(key)?) {
            return Ok(false);
        }
        self.latest.push(key);
        Ok(true)
    }

    fn is_latest(&mut self, key: u64) -> bool {
        let whole = self.latest.len() / BLOCK * BLOCK;
        let unsorted = &mut self.latest[self.sorted..whole];
        unsorted.chunks_mut(BLOCK).for_each(<[u64]>::sort_unstable);
        self.sorted = whole;
        let (blocks, others) = self.latest.split_at(whole);
        let in_block = |block: &[u64]| block.binary_search(&key).is_ok();
        others.contains(&key) || blocks.chunks(BLOCK).any(in_block)
    }

    fn is_on_disk(&mut self, key: u64) -> io::Result<bool> {
        for run in &self.runs {
            if run.contains(key, &mut self.read)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Brings the latest keys to disk. After a failure none is lost.
    fn spill(&mut self) -> io::Result<()> {
        self.latest.sort_unstable();
        let keys = self.latest.iter().map(|key| Ok(*key));
        let run = Run::write(&self.folder, self.latest.len() as u64, keys)?;
        self.runs.push(run);
        self.latest.clear();
        self.sorted = 0;
        while let Some(first) = self.mergeable() {
            let run = Run::merge(&self.folder, &self.runs[first..])?;
            self.runs.truncate(first);
            self.runs.push(run);
        }
        self.widen()
    }

    /// Where the last runs of one length begin, once there are enough.
    fn mergeable(&self) -> Option<usize> {
        let first = self.runs.len().checked_sub(self.sizes.merged)?;
        let last = self.runs.last()?;
        (self.runs[first].len() == last.len()).then_some(first)
    }

    /// Takes the larger filter, once there are many keys.
    fn widen(&mut self) -> io::Result<()> {
        let (small, large) = self.sizes.filter;
        let on_disk: u64 = self.runs.iter().map(Run::len).sum();
        if self.filter.bytes() == large || on_disk * ROOM <= small as u64 * 8 {
            return Ok(());
        }
        let mut filter = Filter::new(large);
        for run in &self.runs {
            for key in run.keys()? {
                filter.insert(key?);
            }
        }
        self.filter = filter;
        Ok(())
    }

    fn failure(&self, error: &io::Error) -> Failure {
        Failure::unfinished(format!(
            "the leads met so far could not be noted in the temporary folder {}: {}",
            self.folder.display(),
            io_words(error)
        ))
        .hint("make room there (20 MB for a million leads), or name another folder in $TMPDIR")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SMALL: Sizes = Sizes {
        latest: 50,
        merged: 3,
        filter: (64, 1024),
    };

    /// Hashes, always the same for one seed.
    pub fn keys(seed: u64) -> impl Iterator<Item = u64> {
        let key = |n: u64| {
            let mixed = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        };
        (seed..).map(move |n| key(n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    fn met(folder: &tempfile::TempDir) -> Met {
        Met::new(folder.path().to_owned(), SMALL)
    }

    #[test]
    fn a_key_is_new_once_wherever_it_has_come_to_lie() {
        let folder = tempfile::tempdir().expect("a folder");
        // Of all, hardly any comes twice; of few, almost all.
        for (seed, few) in [(1, u64::MAX), (2, 3_000), (3, 300), (4, 40)] {
            let (mut met, mut known) = (met(&folder), HashSet::new());
            let keys: Vec<u64> = keys(seed).take(9_000).map(|key| key % few).collect();
            // The second time, each of them was met.
            for key in keys.iter().chain(&keys) {
                let new = met.insert(*key).expect("room");
                assert_eq!(new, known.insert(*key), "{key} of {few}");
            }
        }
    }

    #[test]
    fn so_it_is_in_the_usual_sizes() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut met = Met::new(folder.path().to_owned(), Sizes::default());
        let all: Vec<u64> = keys(7).take(Sizes::default().latest + 3 * BLOCK).collect();
        for (at, key) in all.iter().enumerate() {
            assert!(met.insert(*key).expect("room"));
            if at % 64 == 0 {
                assert!(!met.insert(all[at / 2]).expect("room"));
            }
        }
    }

    #[test]
    fn a_hundred_times_the_keys_lie_in_few_runs_and_take_no_more_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut met = met(&folder);
        for key in keys(5).take(SMALL.latest * 100) {
            assert!(met.insert(key).expect("room"));
        }
        // 99 in the base of three: 10200.
        let lengths: Vec<u64> = met.runs.iter().map(Run::len).collect();
        assert_eq!(lengths, [81 * 50, 9 * 50, 9 * 50]);
        assert_eq!((met.latest.len(), met.filter.bytes()), (50, 1024));
    }

    #[test]
    fn a_folder_that_takes_nothing_is_told_and_no_key_is_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut met = Met::new(folder.path().join("gone"), SMALL);
        for key in keys(6).take(SMALL.latest) {
            assert!(met.insert(key).expect("room"));
        }
        let failure = met.insert(0).expect_err("no folder");
        assert_eq!(failure.exit.code(), 1);
        assert!(failure.what.contains("gone"), "{failure}");
        met.folder = folder.path().to_owned();
        let first = keys(6).next().expect("a key");
        assert!(!met.insert(first).expect("room"));
    }
}
