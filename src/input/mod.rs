//! Opens a file or standard input and gives its rows, one at a time. Knows
//! bytes, encodings and file formats; knows no lead field, no partner and no
//! network.

mod csv;
mod encoding;
mod error;
mod format;
mod json;
mod number_format;
mod object;
mod reader;
mod window;
mod workbook;

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use format::Container;
use reader::Rows;
use window::Window;

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
    let opened = || {
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let file = File::open(path)?;
        // A named pipe gives its bytes only once.
        let again = match file.metadata()?.is_file() {
            true => Some(file.try_clone()?),
            false => None,
        };
        Ok((file, again))
    };
    let (file, again) = opened().map_err(|error| Error::new(shown_as, ErrorKind::Io(error)))?;
    let extension = path.extension().and_then(|extension| extension.to_str());
    let extension = extension.and_then(Format::of_word);
    read(Box::new(file), again, extension, shown_as, options)
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
    read(stream, None, None, shown_as, options)
}

fn read(
    stream: Box<dyn Read + Send>,
    again: Option<File>,
    extension: Option<Format>,
    shown_as: &str,
    options: &Options,
) -> Result<Reader, Error> {
    let found = recognise(stream, again, extension, options);
    let (facts, rows) = found.map_err(|kind| Error::new(shown_as, kind))?;
    Reader::new(facts, rows, shown_as)
}

fn recognise(
    mut stream: Box<dyn Read + Send>,
    again: Option<File>,
    extension: Option<Format>,
    options: &Options,
) -> Result<(Facts, Box<dyn Rows>), ErrorKind> {
    let mut head = Vec::new();
    let start = encoding::HEAD as u64;
    stream.by_ref().take(start).read_to_end(&mut head)?;
    let workbook = options.format.map(Format::is_workbook);
    let container = match workbook {
        Some(false) => Container::Text,
        _ => format::container(&head)?,
    };
    if container == Container::Text && workbook != Some(true) {
        return text(head, stream, extension, options);
    }
    let file = match again {
        Some(file) => file,
        // A workbook's index stands at its end, so a stream is kept whole first.
        None => keep(Cursor::new(head).chain(stream)).map_err(ErrorKind::Scratch)?,
    };
    let opened = workbook::Opened::new(file, container, options.sheet.clone())?;
    let facts = Facts {
        sheet: Some(opened.sheet.clone()),
        other_sheets: opened.others.clone(),
        sheets_with_rows: opened.with_rows.clone(),
        ..Facts::of(opened.format, encoding::Known::UTF_8)
    };
    Ok((facts, Box::new(opened.rows()?)))
}

fn text(
    head: Vec<u8>,
    stream: Box<dyn Read + Send>,
    extension: Option<Format>,
    options: &Options,
) -> Result<(Facts, Box<dyn Rows>), ErrorKind> {
    let known = encoding::recognise(&head, options.encoding);
    let mut text = Cursor::new(head);
    text.set_position(known.mark as u64);
    let text = encoding::decoded(Box::new(text.chain(stream)), known.encoding);
    let mut window = Window::new(text);
    window.grow_to(encoding::HEAD)?;
    let empty = window.ended() && window.held().trim_ascii().is_empty();
    let format = match options.format {
        Some(format) => format,
        None if empty => extension.unwrap_or(Format::Csv),
        None => format::of_text(window.held(), extension)?,
    };
    let mut facts = Facts {
        crlf: memchr::memmem::find(window.held(), b"\r\n").is_some(),
        empty,
        ..Facts::of(format, known)
    };
    let encoding = facts.encoding.clone();
    if format != Format::Csv {
        let lines = format == Format::Jsonl;
        let rows = json::JsonRows::new(window, lines, encoding);
        return Ok((facts, Box::new(rows)));
    }
    let rows = csv::CsvRows::open(window, options.delimiter, encoding)?;
    facts.delimiter = (!empty).then_some(rows.delimiter());
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
