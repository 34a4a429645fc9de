//! What happened to every lead, on disk: taken in, tried, settled.
//! Knows no TOML, no HTTP and no partner: a destination is a name, a lead is
//! the text it was read as, and a key is a hash that somebody else chose.
//!
//! [open], [creation] and [schema] make and check the file; [lock] and [hold] keep processes
//! apart. A run writes by its [journal], which hands what is asked ([op]) to the
//! one [writer]: [taking] leads in, [claim] and [settlement] of attempts, [sync]
//! to make them durable. [reader], [standings], [lead], [leads] and
//! [history] only read; [marks] are of files beside it.
//!
//! A statement stands as a `const` beside the one function that runs it: by
//! `sql.held.get` where it runs for each lead, else by the connection. Tables
//! change by a new step at the end of [schema], never in a step that exists.

mod attempt;
mod backlog;
mod backup;
mod blocked;
mod claim;
mod clock;
mod connection;
mod creation;
mod destination;
mod failure;
mod file;
mod flight;
mod found;
mod hints;
mod history;
mod hold;
mod identity;
mod intake;
mod journal;
mod kin;
mod lead;
mod leads;
mod lock;
mod marks;
mod op;
mod open;
mod pace;
mod purge;
mod reader;
mod recent;
mod recovery;
mod references;
mod replaced;
mod resolve;
mod schema;
mod settlement;
mod spool;
mod sql;
mod standings;
mod statements;
mod status;
mod sync;
mod taking;
mod twins;
mod wait;
mod writer;

pub use attempt::{Attempt, Begun, Settled, Settlement, Trigger};
use failure::Kind;
pub use failure::LedgerError;
pub use history::PastAttempt;
pub use hold::{Holder, RunLock};
pub use identity::{Hash16, Hasher};
pub use intake::{DedupOutcome, ExistingLead, Intake, Judgement, KeyKind};
pub use journal::{Awaited, Journal, RunSpec};
pub use kin::Person;
pub use lead::StoredLead;
pub use leads::{Filter, Leads};
pub use open::{Ledger, Mode};
pub use pace::{Bucket, Rate};
pub use reader::LedgerReader;
pub use recovery::Interrupted;
pub use references::References;
pub use resolve::Ruling;
pub use spool::{Orphan, Spool};
pub use status::DestinationStatus;

#[cfg(test)]
mod tests;
