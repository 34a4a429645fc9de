//! A lead: one person who asked to be called back, as text under field names.
//! Pure: knows no file, no partner, no network.

mod record;

pub use record::{Cells, Header, Record};
