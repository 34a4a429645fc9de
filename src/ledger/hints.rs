//! What is held in memory of the recent keys: [hints](Hint), which name leads
//! that may have a key.

use std::collections::BTreeSet;

use super::Hash16;

/// So many keys are put in their places together.
pub const MANY: usize = 64 * 1024;

/// The beginning of a lead's key, and the lead.
pub type Hint = [u8; 16];

pub fn hint(key: &Hash16, lead: i64) -> Hint {
    let mut hint = [0; 16];
    hint[..8].copy_from_slice(&key.0[..8]);
    hint[8..].copy_from_slice(&lead.to_be_bytes());
    hint
}

fn lead_of(hint: &Hint) -> i64 {
    let (_, lead) = hint.as_chunks::<8>().0.split_at(1);
    i64::from_be_bytes(lead[0])
}

/// The leads that hints, in their order, name for this key.
pub fn named<'h>(hints: &'h [Hint], key: &'h Hash16) -> impl Iterator<Item = i64> + 'h {
    let begins = &key.0[..8];
    let first = hints.partition_point(|hint| &hint[..8] < begins);
    let same = move |hint: &&Hint| &hint[..8] == begins;
    hints[first..].iter().take_while(same).map(lead_of)
}

/// What is known of the recent keys.
#[derive(Debug, Default)]
pub struct Recent {
    /// Of those that were sealed when they were first read, in their order.
    pub(super) sealed: Vec<Hint>,
    /// The others, which came since.
    pub(super) others: BTreeSet<Hint>,
    /// The last lead that was read.
    pub(super) last: i64,
    /// The last lead when there was last enough to seal.
    pub(super) looked_at: i64,
    /// So often a key was looked for on disk.
    pub(super) asked: u32,
}

impl Recent {
    /// Nothing that was read counts any more.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The same for who only reads, and lets others fold, before it holds too much.
    pub fn spare(&mut self) {
        if self.count() >= 2 * MANY {
            self.forget();
        }
    }

    pub fn count(&self) -> usize {
        self.sealed.len() + self.others.len()
    }

    /// The leads that may have this key.
    pub fn find(&self, key: &Hash16) -> Vec<i64> {
        let others = self.others.range(hint(key, 0)..=hint(key, i64::MAX));
        named(&self.sealed, key)
            .chain(others.map(lead_of))
            .collect()
    }
}
