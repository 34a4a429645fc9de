//! A lead: one person who asked to be called back, as text under field names.
//! Pure: knows no file, no partner, no network.

mod record;
mod state;

pub use record::{Cells, Header, Record};
pub use state::State;
