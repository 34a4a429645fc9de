//! A Bloom filter in blocks of a cache line: whether a key may have been met,
//! told by one look into memory. It takes memory as keys come, and never more
//! than it was made with.

/// Bytes of a cache line.
const LINE: usize = 64;
const WORDS: usize = LINE / size_of::<u64>();
const BITS: u64 = LINE as u64 * 8;
/// Bits that a key sets in its line.
const PROBES: u32 = 4;

pub struct Filter {
    words: Vec<u64>,
    /// Where the first whole line begins.
    first: usize,
    lines: usize,
}

impl Filter {
    /// Of so many bytes: whole lines, a power of two.
    pub fn new(bytes: usize) -> Self {
        let lines = bytes / LINE;
        let words = vec![0; (lines + 1) * WORDS];
        let first = words.as_ptr().align_offset(LINE);
        Self {
            words,
            first,
            lines,
        }
    }

    pub fn bytes(&self) -> usize {
        self.lines * LINE
    }

    /// Brings the lines of these keys near, all at once: one by one each is
    /// waited for. Written to, a page is given once; read, it is given again.
    pub fn expect(&mut self, keys: impl Iterator<Item = u64>) {
        for key in keys {
            let at = self.line(key);
            self.words[at] = std::hint::black_box(self.words[at]);
        }
    }

    /// True if `key`, a hash, is certainly new; notes it.
    pub fn insert(&mut self, key: u64) -> bool {
        let at = self.line(key);
        let words = &mut self.words[at..at + WORDS];
        // The line was chosen by the low bits.
        let mut bits = key.rotate_left(PROBES * BITS.ilog2());
        let mut new = false;
        for _ in 0..PROBES {
            let bit = bits % BITS;
            let (word, mask) = (&mut words[(bit / 64) as usize], 1 << (bit % 64));
            new |= *word & mask == 0;
            *word |= mask;
            bits /= BITS;
        }
        new
    }

    /// Where the words of the line of `key` begin.
    fn line(&self, key: u64) -> usize {
        let line = key as usize & (self.lines - 1);
        self.first + line * WORDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::met::tests::keys;

    #[test]
    fn no_key_is_new_twice_and_few_are_taken_for_others() {
        let mut filter = Filter::new(64 * 1024);
        let keys: Vec<u64> = keys(1).take(1024 * 40).collect();
        let new = keys.iter().filter(|key| filter.insert(**key)).count();
        assert!(new > keys.len() / 100 * 98, "{new}");
        assert!(!keys.iter().any(|key| filter.insert(*key)));
    }
}
