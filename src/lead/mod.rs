//! A lead: one person who asked to be called back, as text under field names.
//! Pure: knows no file, no partner, no network.

pub mod fold;
mod record;
mod state;
pub mod text;

pub use record::{Cells, Header, Record};
pub use state::State;
