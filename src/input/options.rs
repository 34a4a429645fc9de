//! What is said about an input before it is opened.

use super::format::Format;
use super::header::KnownHeaders;

/// What the user says about an input. What is left out is found out.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub format: Option<Format>,
    pub delimiter: Option<u8>,
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// The sheet of a workbook; the first one when left out.
    pub sheet: Option<String>,
    /// The line on which the column names stand.
    pub header_row: Option<u64>,
    /// What a column may be called; without it the first row names the columns.
    pub known: Option<KnownHeaders>,
}
