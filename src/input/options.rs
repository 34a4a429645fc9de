//! What is said about an input before it is opened.

use std::sync::Arc;

use crate::words::say;
use clap::ValueEnum;

use super::encoding::Encoding;
use super::format::Format;
use super::header::KnownHeaders;
use crate::lead::Source;

/// What the user says about an input. What is left out is found out.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub format: Option<Format>,
    pub delimiter: Option<u8>,
    pub encoding: Option<Encoding>,
    /// The sheet of a workbook; those whose headers are known when left out.
    pub sheet: Option<String>,
    /// What becomes of what is hidden in a workbook; it stops the file when left out.
    pub hidden: Option<Hidden>,
    /// The line on which the column names stand.
    pub header_row: Option<u64>,
    /// No row names the columns: all of them are given as they stand, of every sheet.
    pub bare: bool,
    /// What a column may be called; without it the first row names the columns.
    pub known: Option<KnownHeaders>,
    /// The sources whose leads are looked for as lists of names and values.
    pub sources: Arc<[Source]>,
}

/// What becomes of rows, columns and sheets that are hidden or filtered out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Hidden {
    #[value(help = say!("value-hidden-skip"))]
    Skip,
    #[value(help = say!("value-hidden-send"))]
    Send,
}
