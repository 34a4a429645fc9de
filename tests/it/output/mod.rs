//! What a run says: rows, exit codes, failures, and what a cron job is told once.

mod exit_codes;
mod failures;
mod quiet;
mod rows;
mod table;
