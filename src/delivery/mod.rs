//! Delivers leads that are mapped and stored: workers, tries, waits and stops.
//! Conducts the transport, the outcome and the ledger's journal; reads no
//! input, knows no TOML file and prints nothing. [`protocol`] is the page to
//! read first: what is sent, what is sent again, and what never is.

mod amend;
mod caller;
mod control;
mod job;
mod protocol;
mod refusals;
mod words;
mod worker;

pub use amend::Change;
pub use caller::{Caller, Refused};
pub use control::Control;
pub use control::{Stop, StopKind};
pub use job::{Done, Job, JobQueue};
pub use words::soon;
pub use worker::Worker;

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
