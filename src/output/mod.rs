//! What the user sees: results on stdout, and beside them the progress, the
//! warnings and the summary on stderr. Nothing else writes to stdout. Knows no
//! ledger, no partner and no input: it is handed rows that are already words.

mod advice;
mod command;
pub mod crash;
mod figures;
pub mod html;
mod lead_page;
pub mod log;
mod message;
pub mod own_file;
mod page;
pub mod progress;
pub mod rejects;
mod report;
mod report_book;
mod report_file;
mod report_page;
mod report_tables;
mod rows;
mod run_row;
mod screen;
pub mod status;
mod stderr;
mod stdout;
mod summary;
mod table;
pub mod text;

pub use advice::Advice;
pub use command::{Command, name_files, quoted, variable};
pub use lead_page::{AttemptRow, LeadPage};
pub use message::Message;
pub use page::Page;
pub use report::{DayFigures, DecisionTimes, Group, OpenLeads, Refusal, Report, ReportRow};
pub use report_file::{REPORT_FORMS, report_file};
pub use report_page::report_page;
pub use rows::Layout;
pub use rows::{Contact, Listed, Reason, Row, Times};
pub use run_row::RunRow;
pub use status::{RouteStatus, StatusRow};
pub use stderr::Warnings;
pub use stdout::{Format, Output, written};
pub use summary::{Counts, Exit, Summary, code};
pub use text::{day, minute, second, told};
