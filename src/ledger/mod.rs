//! What happened to every lead, on disk: taken in, tried, settled.
//! Knows no TOML, no HTTP and no partner: a destination is a name, a lead is
//! the text it was read as, and a key is a hash that somebody else chose.

mod attempt;
mod backlog;
mod backup;
mod blocked;
mod claim;
mod clock;
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
mod lead;
mod lock;
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
mod wait;
mod writer;

pub use attempt::{Attempt, Begun, Settled, Settlement, Trigger};
pub use failure::{Kind, LedgerError};
pub use history::PastAttempt;
pub use hold::{Held, RunLock};
pub use identity::{Hash16, Hasher};
pub use intake::{Earlier, Intake, KeyKind, Standing, Verdict};
pub use journal::{Awaited, Journal, RunSpec};
pub use lead::{Filter, Finder, Leads, StoredLead};
pub use open::{Ledger, Mode};
pub use pace::{Bucket, Rate};
pub use reader::Reader;
pub use recovery::Interrupted;
pub use references::References;
pub use resolve::Ruling;
pub use spool::{Orphan, Spool};
pub use status::DestinationStatus;

#[cfg(test)]
mod tests;
