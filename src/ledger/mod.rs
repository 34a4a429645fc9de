//! What happened to every lead, on disk: taken in, tried, settled.
//! Knows no TOML, no HTTP and no partner: a destination is a name, a lead is
//! the text it was read as, and a key is a hash that somebody else chose.
//!
//! [`open`] makes and checks the file, [`file`] and [`locks`] keep strangers and
//! other processes away. A run writes through its [`journal`], one thread that
//! puts what many ask into one transaction: [`dedup`] takes leads in,
//! an [`attempt`] begins and is settled. [`queries`] only read; [`lead`] and
//! [`error`] put in words what is stored and told as kinds.
//!
//! Tables are described in `open.rs`. A statement stands in the one function
//! that runs it, and rusqlite keeps it prepared.

mod attempt;
mod backup;
mod dedup;
mod destination;
mod error;
mod file;
mod hasher;
mod intake;
mod journal;
mod lead;
mod locks;
mod open;
mod pace;
mod purge;
mod queries;
mod recovery;
mod spool;

pub use attempt::{Attempt, Begun, Settled, Settlement, Trigger};
pub use error::LedgerError;
pub use hasher::{Hash16, Hasher};
pub use intake::{DedupOutcome, ExistingLead, Intake, Judgement, KeyKind};
pub use journal::{Awaited, Journal, LedgerReader, RunSpec};
pub use lead::{PastAttempt, Person, StoredLead};
pub use locks::{Holder, RunLock};
pub use open::{Ledger, Mode};
pub use pace::{Bucket, Rate};
pub use queries::{DestinationStatus, Filter, Leads, References};
pub use recovery::{Interrupted, Ruling};
pub use spool::{Orphan, Spool};

/// Milliseconds UTC, by the system's clock.
fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests;
