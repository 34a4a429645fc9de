//! A lead: one person who asked to be called back, as text under field names.
//! Pure: knows no file, no partner, no network.

mod aliases;
mod claims;
mod columns;
pub mod csv_injection;
mod damage;
#[allow(clippy::module_inception)]
mod lead;
mod path;
mod record;
mod state;
mod stored;
pub mod text;

pub use aliases::Aliases;
pub use columns::{Columns, Source, recognise};
pub use damage::{NOT_CALCULATED, Repair, is_rounded};
pub use lead::{Lead, NoteContent, NoteKind, Preparation, prepare};
pub use record::{Cells, Header, Headers, OURS, Record};
pub use state::State;
pub use stored::{Pairs, Stored, from_stored};

#[cfg(test)]
mod tests;
