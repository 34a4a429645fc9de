//! What a run says: rows, exit codes, failures, and what a cron job is told once.

mod exit_codes;
mod failures;
#[cfg(unix)]
mod progress;
mod quiet;
mod rows;
// Terminals are a Unix matter here.
#[cfg(unix)]
mod table;
mod verbose;
