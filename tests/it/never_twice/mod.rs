//! The same lead is sent once, over time, tables, keys and processes.

mod everywhere;
mod idempotency;
mod identity;
mod older_ledger;
mod resend;
mod together;
