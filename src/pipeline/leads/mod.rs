//! Makes of the rows of a run's inputs leads that can be sent, or says why not.

pub mod amending;
pub mod flags;
pub mod inputs;
pub mod keys;
pub mod met;
pub mod nameless;
pub mod page;
pub mod prepare;
pub mod recall;
pub mod remarks;
pub mod sendable;
mod set_out;
pub mod shapes;
