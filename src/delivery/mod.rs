//! Delivers leads that are mapped and stored: workers, tries, waits and stops.
//! Conducts the transport, the outcome and the ledger's journal; reads no
//! input, knows no TOML file and prints nothing.

mod amend;
mod ask;
mod asker;
mod change;
mod control;
mod courier;
mod engine;
mod exchange;
mod job;
mod learnt;
mod listing;
mod question;
mod queue;
mod ramp;
mod step;
mod stop;

pub use asker::Asker;
pub use change::Change;
pub use control::Control;
pub use courier::Courier;
pub use job::{Done, Job};
pub use learnt::{Learnt, soon};
pub use listing::Refused;
pub use question::Question;
pub use queue::Queue;
pub use stop::{Stop, StopKind};

#[cfg(test)]
mod tests;
