//! What an answer means for a lead: the destination's rules in their order,
//! and where none holds, the table of evidence. It decides alone, never
//! retries, and knows no clock but the one it is given.

mod echo;
mod evidence;
pub mod moment;
mod page;
mod verdict;
mod walk;
mod words;

pub use echo::{About, Echo};
pub use evidence::Evidence;
pub use page::{Entry, ListPage};
pub use verdict::{Judge, LeavesOpen, Meaning, Verdict};
pub use walk::Walk;
pub use words::expired;

#[cfg(test)]
mod examples_tests;
#[cfg(test)]
mod tests;
