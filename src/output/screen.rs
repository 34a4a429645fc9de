//! How wide the terminal is that results are shown on.

use std::io;

use super::table::NARROWEST;

/// What `COLUMNS` says, else the terminal, else 80.
pub fn terminal_width() -> usize {
    let told = std::env::var("COLUMNS").ok();
    let told = told.and_then(|columns| columns.trim().parse().ok());
    let seen = || terminal_size::terminal_size_of(io::stdout());
    let width = told.or_else(|| seen().map(|(width, _)| usize::from(width.0)));
    width.unwrap_or(NARROWEST).min(1000)
}
