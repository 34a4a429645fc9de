//! Keys in ascending order, in a file that has no name: it is gone with its
//! process. The first key of each stretch is held in memory, so that a look
//! for a key reads one stretch.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::scratch;

/// Keys of a stretch at least.
const STRETCH: u64 = 512;
/// Stretches at most: beyond, they become longer.
const STRETCHES: u64 = 32 * 1024;
/// Bytes that are read or written at once.
const BLOCK: usize = 32 * 1024;

type Bytes = [u8; 8];

pub struct Run {
    file: File,
    len: u64,
    stretch: u64,
    /// The first key of each stretch.
    fences: Vec<u64>,
}

impl Run {
    /// Writes down `len` keys, in ascending order.
    pub fn write(
        folder: &Path,
        len: u64,
        keys: impl Iterator<Item = io::Result<u64>>,
    ) -> io::Result<Self> {
        let stretch = len.div_ceil(STRETCHES).max(STRETCH);
        let mut fences = Vec::with_capacity(len.div_ceil(stretch) as usize);
        let mut out = BufWriter::with_capacity(BLOCK, scratch::file_in(folder)?);
        let mut until_fence = 0;
        for key in keys {
            let key = key?;
            if until_fence == 0 {
                fences.push(key);
                until_fence = stretch;
            }
            until_fence -= 1;
            out.write_all(&key.to_be_bytes())?;
        }
        let file = out.into_inner().map_err(|error| error.into_error())?;
        Ok(Self {
            file,
            len,
            stretch,
            fences,
        })
    }

    /// All keys of these runs, none of which holds a key of another.
    pub fn merge(folder: &Path, runs: &[Self]) -> io::Result<Self> {
        let sources: io::Result<Vec<_>> = runs.iter().map(Self::keys).collect();
        let len = runs.iter().map(Self::len).sum();
        Self::write(folder, len, Merged::new(sources?)?)
    }

    /// How many keys it holds.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// The stretch is left in `read`.
    pub fn contains(&self, key: u64, read: &mut Vec<Bytes>) -> io::Result<bool> {
        let after = self.fences.partition_point(|first| *first <= key) as u64;
        let Some(stretch) = after.checked_sub(1) else {
            return Ok(false);
        };
        let from = stretch * self.stretch;
        read.resize(self.stretch.min(self.len - from) as usize, Bytes::default());
        let at = from * size_of::<Bytes>() as u64;
        self.file.read_exact_at(read.as_flattened_mut(), at)?;
        Ok(read.binary_search(&key.to_be_bytes()).is_ok())
    }

    /// Its keys in ascending order.
    pub fn keys(&self) -> io::Result<Keys<'_>> {
        let mut file = &self.file;
        file.rewind()?;
        Ok(Keys {
            file: BufReader::with_capacity(BLOCK, file),
            left: self.len,
        })
    }
}

/// The keys of a run, one after the other.
pub struct Keys<'r> {
    file: BufReader<&'r File>,
    left: u64,
}

impl Iterator for Keys<'_> {
    type Item = io::Result<u64>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let mut key = Bytes::default();
        let read = self.file.read_exact(&mut key);
        Some(read.map(|()| u64::from_be_bytes(key)))
    }
}

/// The keys of several runs in ascending order.
struct Merged<'r> {
    sources: Vec<Keys<'r>>,
    /// The next key of each source, while there is one.
    heads: Vec<u64>,
}

impl<'r> Merged<'r> {
    fn new(sources: Vec<Keys<'r>>) -> io::Result<Self> {
        let mut merged = Self {
            sources: Vec::new(),
            heads: Vec::new(),
        };
        for mut source in sources {
            if let Some(key) = source.next() {
                merged.heads.push(key?);
                merged.sources.push(source);
            }
        }
        Ok(merged)
    }

    fn advance(&mut self, at: usize) -> io::Result<()> {
        match self.sources[at].next().transpose()? {
            Some(key) => self.heads[at] = key,
            None => {
                self.heads.swap_remove(at);
                self.sources.swap_remove(at);
            }
        }
        Ok(())
    }
}

impl Iterator for Merged<'_> {
    type Item = io::Result<u64>;

    fn next(&mut self) -> Option<Self::Item> {
        let (at, key) = self.heads.iter().copied().enumerate().min_by_key(|h| h.1)?;
        Some(self.advance(at).map(|()| key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(folder: &Path, keys: &[u64]) -> Run {
        let given = keys.iter().map(|key| Ok(*key));
        Run::write(folder, keys.len() as u64, given).expect("a run")
    }

    #[test]
    fn a_run_holds_its_keys_and_no_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys: Vec<u64> = (1..=STRETCH * 3 + 1).map(|key| key * 2).collect();
        let run = run(folder.path(), &keys);
        let mut read = Vec::new();
        for key in 0..=STRETCH * 6 + 4 {
            let there = run.contains(key, &mut read).expect("an answer");
            assert_eq!(there, keys.binary_search(&key).is_ok(), "{key}");
        }
        assert!(!run.contains(u64::MAX, &mut read).expect("an answer"));
    }

    #[test]
    fn merged_runs_are_one_in_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let parts = [&[2, 9, 10][..], &[0, u64::MAX], &[], &[1, 3, 4, 11]];
        let runs: Vec<Run> = parts.iter().map(|keys| run(folder.path(), keys)).collect();
        let merged = Run::merge(folder.path(), &runs).expect("a run");
        let mut keys = merged.keys().expect("its keys");
        for key in [0, 1, 2, 3, 4, 9, 10, 11, u64::MAX] {
            assert_eq!(keys.next().expect("a key").expect("the disk"), key);
        }
        assert!(keys.next().is_none());
        assert_eq!(merged.len(), 9);
    }

    #[test]
    fn nothing_is_left_in_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let _run = run(folder.path(), &[1]);
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            0
        );
    }
}
