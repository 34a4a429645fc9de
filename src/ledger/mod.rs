//! What happened to every lead, on disk: taken in, tried, settled.
//! Knows no TOML, no HTTP and no partner: a destination is a name, a lead is
//! the text it was read as, and a key is a hash that somebody else chose.
//!
//! [`open`] makes and checks the file, [`file`] and [`locks`] keep strangers and
//! other processes away. A run writes through its [`journal`], one thread that
//! puts what many ask into one transaction: [`intake`] takes leads in,
//! an [`attempt`] begins and is settled. [`queries`] only read; a [`note`] is what
//! leadctl itself says, and an [`error`] what it can't do.
//!
//! Tables are described in [`schema`]. A lead's row and an attempt's are read and
//! written by one function each, in `lead.rs` and `attempt.rs`: what changes is
//! decided in Rust. Any other statement stands in the function that runs it, and
//! rusqlite keeps it prepared.

mod attempt;
mod backup;
mod blocked;
mod consent;
mod dedup;
mod destination;
mod error;
mod file;
mod hasher;
mod intake;
mod journal;
mod lead;
mod locks;
mod mark;
mod news;
mod note;
mod open;
mod pace;
mod past_attempt;
mod past_run;
mod persons_word;
mod place;
mod price;
mod proof;
mod purge;
mod queries;
mod recovery;
mod report;
mod route;
mod schema;
mod shared;
mod spool;
mod storing;
mod whose;

use std::time::Duration;

pub use attempt::{Attempt, Begun, Settled, Settlement};
pub use blocked::{Block, BlockedList, BlockedPerson, Lifted};
pub use consent::{Consent, ProvenConsent, Recipient};
pub use error::LedgerError;
pub use hasher::{Hash16, Hasher};
pub use intake::{DedupOutcome, Intake, Judgement};
pub use journal::{Answer, Journal, RunSpec};
pub use lead::StoredLead;
pub use locks::{Holder, RunLock};
pub use news::{LeadNews, News, RunStop};
pub use note::{Objection, PersonsWord, Rival};
pub use open::{Ledger, Mode};
pub use pace::{Bucket, Rate};
pub use past_attempt::PastAttempt;
pub use past_run::PastRun;
pub use persons_word::{Terms, Word, WordRefusal};
pub use place::KeptBack;
pub use price::{PriceOf, Pricing};
pub use proof::Proof;
pub use purge::{Purge, Purged};
pub use queries::{DestinationStatus, FileKind, Filter, Leads};
pub use report::ReportedLead;
pub use route::Offer;
pub use schema::Trigger;
pub use shared::{SharedReference, tell_bearer};
pub use spool::{Orphan, Spool};
pub use whose::Whose;

/// Milliseconds UTC, by the system's clock.
fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// As the ledger writes it.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
