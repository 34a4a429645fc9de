//! What the user sees: results on stdout, and beside them the progress, the
//! warnings and the summary on stderr. Nothing else writes to stdout. Knows no
//! ledger, no partner and no input: it is handed rows that are already words.

mod command;
pub mod crash;
pub mod log;
mod message;
mod page;
pub mod progress;
pub mod rejects;
mod rows;
mod stderr;
mod stdout;
mod summary;
mod table;
pub mod text;

pub use command::{Command, name_files, quoted, variable};
pub use message::Message;
pub use page::Page;
pub use rows::Layout;
pub use rows::{AttemptRow, Listed, Reason, Row, StatusRow, Times};
pub use stderr::Warnings;
pub use stdout::{Format, Output, written};
pub use summary::{Counts, Exit, Summary, code};
pub use text::{day, minute, second};
