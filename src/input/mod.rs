//! Opens a file or standard input and gives its rows, one at a time. Knows
//! bytes, encodings and file formats; knows no lead field, no partner and no
//! network.

mod csv;
mod ends;
mod error;
mod file;
mod format;
mod header;
mod json;
mod number_format;
mod object;
mod options;
mod reader;
mod window;
mod workbook;

use std::ffi::OsStr;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use clap::ValueEnum;
use file::InputFile;
use reader::Rows;
use window::{HEAD, TextEncoding, Window};

pub use error::{Error, ErrorKind};
pub use format::Format;
pub use header::KnownHeaders;
pub use options::Options;
pub use reader::{Facts, Reader};

/// Opens a file. `shown_as`: its name as the user gave it.
///
/// # Errors
/// It isn't there, isn't a file, isn't readable, or can't hold leads.
pub fn open(path: &Path, shown_as: &str, options: &Options) -> Result<Reader, Error> {
    let extension = path.extension().and_then(OsStr::to_str);
    let extension = extension.and_then(|word| Format::from_str(word, true).ok());
    read(InputFile::open(path), extension, shown_as, options)
}

/// Reads a stream, such as standard input, to its end.
///
/// # Errors
/// As [`open`].
pub fn from_stream(stream: impl Read, shown_as: &str, options: &Options) -> Result<Reader, Error> {
    read(InputFile::keep(stream), None, shown_as, options)
}

fn read(
    file: Result<InputFile, ErrorKind>,
    extension: Option<Format>,
    shown_as: &str,
    options: &Options,
) -> Result<Reader, Error> {
    let file = file.map_err(|kind| Error::new(shown_as, None, kind))?;
    let asked = options.clone();
    let opener = move || recognise(&file, extension, &asked);
    Reader::open(Arc::new(opener), shown_as.into(), options)
}

/// The rows of a file, whatever its format, and what was found out about it.
fn recognise(
    file: &InputFile,
    extension: Option<Format>,
    options: &Options,
) -> Result<(Facts, Box<dyn Rows>), ErrorKind> {
    let mut head = Vec::new();
    file.again().take(HEAD as u64).read_to_end(&mut head)?;
    let seen = match options.format {
        Some(said) if !said.is_workbook() => None,
        Some(_) => Some(format::workbook(&head)?.unwrap_or(Format::Xlsx)),
        None => format::workbook(&head)?,
    };
    let Some(format) = seen else {
        return text(&head, file, extension, options);
    };
    let (facts, rows) = workbook::open(file.again(), format, options)?;
    Ok((facts, Box::new(rows)))
}

fn text(
    head: &[u8],
    file: &InputFile,
    extension: Option<Format>,
    options: &Options,
) -> Result<(Facts, Box<dyn Rows>), ErrorKind> {
    let encoding = TextEncoding::recognise(head, options.encoding);
    let mut text = file.again();
    text.seek(SeekFrom::Start(encoding.mark as u64))?;
    let mut window = Window::new(Box::new(text), encoding);
    window.grow_to(HEAD)?;
    let empty = window.ended() && window.held().trim_ascii().is_empty();
    let format = match options.format {
        Some(format) => format,
        None if empty => extension.unwrap_or(Format::Csv),
        None => format::of_text(window.held(), extension)?,
    };
    let mut facts = Facts {
        crlf: memchr::memmem::find(window.held(), b"\r\n").is_some(),
        empty,
        format,
        encoding,
        ..Facts::default()
    };
    if format != Format::Csv {
        let rows = json::JsonRows::new(window, format == Format::Jsonl);
        return Ok((facts, Box::new(rows)));
    }
    let rows = csv::CsvRows::open(window, options)?;
    facts.delimiter = (!empty).then_some(rows.delimiter);
    Ok((facts, Box::new(rows)))
}

#[cfg(test)]
mod tests;
