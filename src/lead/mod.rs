//! A lead: one person who asked to be called back, as text under field names.
//! Pure: knows no file, no partner, no network.

mod fold;
mod record;
mod shapes;

pub use fold::fold;
pub use record::{Cells, Header, Record};
pub use shapes::{Shape, Shapes};
