//! The report as a file: a page, a workbook or CSV, as the file's name says.

use std::io;
use std::path::Path;

use super::html;
use super::report::{Group, Report, ReportRow};
use super::report_book::workbook;
use super::stdout::csv_table;
use crate::lead::Figures;

/// The names that a report's file may end with.
pub const REPORT_FORMS: [&str; 3] = ["html", "xlsx", "csv"];

/// What is to stand in the file of this name.
///
/// # Errors
/// A workbook can't hold it.
pub fn report_file(path: &Path, report: &Report) -> io::Result<Vec<u8>> {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str() {
        Some("xlsx") => workbook(report).map_err(io::Error::other),
        Some("csv") => Ok(csv(report).into_bytes()),
        _ => Ok(html::report(report).into_bytes()),
    }
}

fn csv(report: &Report) -> String {
    let nobody = Group {
        of: vec![String::new(); report.by.len()],
        figures: Figures::none(report.dated),
    };
    let row = |group| ReportRow { report, group };
    csv_table(&row(&nobody), report.groups.iter().map(row))
}
