//! What an answer means for a lead: the destination's rules in their order,
//! and where none matches, the design's table of evidence. Decides alone, never
//! retries, and knows no clock but the one it is given.

mod condition;
mod retry_after;
mod verdict;
mod words;

pub use verdict::{Judge, MAYBE, Meaning, Verdict};

#[cfg(test)]
mod tests;
