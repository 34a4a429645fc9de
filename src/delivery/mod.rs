//! Delivers leads that are mapped and stored: workers, tries, waits and stops.
//! Conducts the transport, the outcome and the ledger's journal; reads no
//! input, knows no TOML file and prints nothing.

mod ask;
mod change;
mod control;
mod engine;
mod exchange;
mod learnt;
mod listing;
mod queue;
mod ramp;
mod step;
mod stop;

pub use ask::{Asker, Question};
pub use change::Change;
pub use control::Control;
pub use engine::{Courier, Done, Job};
pub use learnt::{Learnt, soon};
pub use listing::Refused;
pub use queue::Queue;
pub use stop::{Stop, StopKind};

#[cfg(test)]
mod tests;
