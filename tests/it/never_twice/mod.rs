//! The same lead is sent once, over time, tables, keys and processes.

mod identity;
mod resend;
mod together;
