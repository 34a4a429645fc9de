//! What the user sees: results on stdout, and beside them the progress, the
//! warnings and the summary on stderr. Nothing else writes to stdout. Knows no
//! ledger, no partner and no input: it is handed rows that are already words.

mod attempt;
mod counts;
mod csv;
mod exit;
mod json;
mod kind;
mod line;
mod listed;
#[allow(clippy::module_inception)]
mod output;
mod page;
mod progress;
mod record;
pub mod rejects;
mod row;
mod spelling;
mod standing;
mod style;
mod summary;
mod table;
pub mod text;
mod time;
mod warning;

pub use attempt::AttemptRow;
pub use counts::Counts;
pub use csv::csv_line;
pub use exit::{Exit, code};
pub use kind::Kind;
pub use listed::Listed;
pub use output::{Format, Output};
pub use page::Page;
pub use progress::Progress;
pub use record::Record;
pub use row::{Reason, Row, Times};
pub use spelling::{Spelling, quoted};
pub use standing::StatusRow;
pub use style::{ColorChoice, choose_color};
pub use summary::Summary;
pub use time::{day, minute, second};
pub use warning::Warnings;
