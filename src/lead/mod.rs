//! A lead: one person who asked to be called back, as text under field names.
//! Pure: knows no file, no partner, no network.

mod aliases;
mod columns;
pub mod csv_injection;
pub mod fold;
mod json;
#[allow(clippy::module_inception)]
mod lead;
mod letters;
mod names;
pub mod octets;
mod plan;
mod prepare;
mod record;
mod repair;
mod sources;
mod state;
mod stored;
pub mod text;

pub use aliases::Aliases;
pub use columns::Columns;
pub use json::json_text;
pub use lead::{Lead, NoteKind};
pub use letters::NOT_CALCULATED;
pub use prepare::{Preparation, prepare};
pub use record::{Cells, Header, Headers, OURS, Record};
pub use repair::Repair;
pub use sources::{Source, recognise};
pub use state::State;
pub use stored::{Stored, from_stored};

#[cfg(test)]
mod tests;
