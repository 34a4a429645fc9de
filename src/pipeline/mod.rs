//! From the rows of a run's inputs to the rows that it tells: a record becomes
//! a lead, a lead what can be sent, the ledger takes it in, workers deliver it,
//! and its row leaves in the input's order.

pub mod amending;
pub mod corrections;
pub mod dispatch;
pub mod earlier;
pub mod ending;
pub mod flags;
pub mod inputs;
pub mod intake;
pub mod interrupts;
pub mod keys;
pub mod met;
pub mod nameless;
pub mod ordered;
pub mod page;
mod placing;
pub mod preparer;
pub mod rejected_row;
pub mod remarks;
pub mod results;
pub mod rules;
pub mod run;
pub mod sendable;
mod set_out;
pub mod taking;
