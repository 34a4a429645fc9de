//! From the rows of a run's inputs to the rows that it tells: [leads] makes of
//! rows what can be sent, [mod@run] delivers it, [session] is what a verb is
//! given, [opening] takes the ledger, [results] shows what came of it.

pub mod leads;
pub mod opening;
pub mod results;
pub mod run;
pub mod session;
