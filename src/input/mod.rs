//! Opens a file or standard input and gives its rows, one at a time.
//! Knows bytes, encodings and file formats; knows no lead field, no partner and no network.

mod corrected;
mod decode;
mod delimited;
mod dialect;
mod element;
mod fatal;
mod faults;
mod flatten;
mod header;
mod json;
mod layout;
mod object;
mod quotes;
mod reader;
mod sheet;
mod sniff;
mod window;
mod workbook;

pub use fatal::{Fatal, FatalKind};
pub use reader::{Facts, Reader, from_stream, open};
pub use sniff::Format;

/// What the user says about an input. What is left out is found out.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub format: Option<Format>,
    pub delimiter: Option<u8>,
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// The sheet of a workbook; the first one when left out.
    pub sheet: Option<String>,
}

#[cfg(test)]
mod tests;
