//! What the user sees: results on stdout, and beside them the progress, the
//! warnings and the summary on stderr. Nothing else writes to stdout. Knows no
//! ledger, no partner and no input: it is handed rows that are already words.

mod command;
mod page;
mod progress;
pub mod rejects;
mod rows;
mod stdout;
mod summary;
mod table;
pub mod text;
mod warnings;

pub use command::{Command, name_files, quoted};
pub use page::Page;
pub use progress::Progress;
pub use rows::Layout;
pub use rows::{AttemptRow, Listed, Reason, Row, StatusRow, Times};
pub use stdout::{Format, Output, written};
pub use summary::{Counts, Exit, Summary, code};
pub use text::{day, minute, second};
pub use warnings::Warnings;
