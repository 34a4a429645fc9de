//! Opens a file or standard input and gives its rows, one at a time. Knows
//! bytes, encodings and file formats; knows no lead field, no partner and no
//! network.

mod csv;
mod ends;
mod error;
mod format;
mod json;
mod number_format;
mod object;
mod reader;
mod window;
mod workbook;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use clap::ValueEnum;
use reader::Rows;
use window::{HEAD, TextEncoding, Window};

pub use error::{Error, ErrorKind};
pub use format::Format;
pub use reader::{Facts, Reader};

/// What the user says about an input. What is left out is found out.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub format: Option<Format>,
    pub delimiter: Option<u8>,
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// The sheet of a workbook; the first one when left out.
    pub sheet: Option<String>,
}

/// Opens a file. `shown_as`: its name as the user gave it.
///
/// # Errors
/// It isn't there, isn't a file, isn't readable, or can't hold leads.
pub fn open(path: &Path, shown_as: &str, options: &Options) -> Result<Reader, Error> {
    let opened = match path.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => File::open(path),
    };
    let file = opened.map_err(|error| Error::new(shown_as, None, ErrorKind::Io(error)))?;
    read(Box::new(file), Some(path), shown_as, options)
}

/// Reads a stream, such as standard input.
///
/// # Errors
/// As [`open`].
pub fn from_stream(
    stream: Box<dyn Read + Send>,
    shown_as: &str,
    options: &Options,
) -> Result<Reader, Error> {
    read(stream, None, shown_as, options)
}

fn read(
    stream: Box<dyn Read + Send>,
    path: Option<&Path>,
    shown_as: &str,
    options: &Options,
) -> Result<Reader, Error> {
    let found = recognise(stream, path, options);
    let (facts, rows) = found.map_err(|kind| Error::new(shown_as, None, kind))?;
    Reader::new(facts, rows, shown_as)
}

fn recognise(
    mut stream: Box<dyn Read + Send>,
    path: Option<&Path>,
    options: &Options,
) -> Result<(Facts, Box<dyn Rows>), ErrorKind> {
    let mut head = Vec::new();
    stream.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let seen = match options.format {
        Some(said) if !said.is_workbook() => None,
        Some(_) => Some(format::workbook(&head)?.unwrap_or(Format::Xlsx)),
        None => format::workbook(&head)?,
    };
    let Some(format) = seen else {
        return text(head, stream, path, options);
    };
    let file = match path {
        Some(path) if path.is_file() => File::open(path)?,
        // A workbook's index stands at its end, so what comes only once is kept first.
        _ => keep(Cursor::new(head).chain(stream)).map_err(ErrorKind::Scratch)?,
    };
    let (facts, rows) = workbook::open(file, format, options.sheet.clone())?;
    Ok((facts, Box::new(rows)))
}

fn text(
    head: Vec<u8>,
    stream: Box<dyn Read + Send>,
    path: Option<&Path>,
    options: &Options,
) -> Result<(Facts, Box<dyn Rows>), ErrorKind> {
    let extension = path.and_then(Path::extension).and_then(OsStr::to_str);
    let extension = extension.and_then(|word| Format::from_str(word, true).ok());
    let encoding = TextEncoding::recognise(&head, options.encoding);
    let mut text = Cursor::new(head);
    text.set_position(encoding.mark as u64);
    let mut window = Window::new(Box::new(text.chain(stream)), encoding);
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
    let rows = csv::CsvRows::open(window, options.delimiter)?;
    facts.delimiter = (!empty).then_some(rows.delimiter);
    Ok((facts, Box::new(rows)))
}

/// The bytes of a stream in a file without a name.
fn keep(mut stream: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut stream, &mut file)?;
    Ok(file)
}

#[cfg(test)]
mod tests;
