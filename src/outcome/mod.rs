//! What an answer means for a lead: the destination's rules in their order,
//! and where none matches, the design's table of evidence. Decides alone, never
//! retries, and knows no clock but the one it is given.

mod condition;
mod document;
mod found;
pub mod moment;
mod node;
mod page;
mod retry_after;
mod verdict;
mod walk;
mod words;

pub use page::{Entry, Page};
pub use verdict::{Judge, MAYBE, Meaning, Verdict};
pub use walk::Walk;
pub use words::expired;

#[cfg(test)]
mod examples_tests;
#[cfg(test)]
mod tests;
