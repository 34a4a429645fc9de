//! Opens a file or standard input and gives its rows, one at a time. Knows
//! bytes, encodings and file formats; knows no lead field, no partner and no
//! network.

mod container;
mod csv;
mod cutter;
mod dialect;
mod encoding;
mod ends;
mod error;
mod evidence;
mod file;
mod format;
mod header;
mod html;
mod json;
mod json_lines;
mod kind;
mod letters;
mod look;
mod nesting;
mod no_object;
mod number_format;
mod object;
mod options;
mod package;
mod pairs;
mod reader;
mod row;
mod scanner;
mod sheets;
mod table;
mod window;
mod workbook;

use std::ffi::OsStr;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use clap::ValueEnum;
use evidence::TextEncoding;
use file::InputFile;
use html::Page;
use reader::Rows;
use sheets::Book;
use window::{HEAD, Window};

pub use encoding::Encoding;
pub use error::{Error, ErrorKind, all_quoted};
pub use format::Format;
pub use header::KnownHeaders;
pub use options::{Hidden, Options};
pub use reader::{Facts, Reader};

/// A web page is held in memory, up to so many bytes.
const LONGEST_PAGE: usize = 512 << 20;

/// Opens a file. `shown_as`: its name as the user gave it.
///
/// # Errors
/// It isn't there, isn't a file, isn't readable, or can't hold leads.
pub fn open(path: &Path, shown_as: &str, options: &Options) -> Result<Reader, Error> {
    let name = path.file_name().and_then(OsStr::to_str);
    if name.is_some_and(|name| name.starts_with("~$")) {
        return Err(Error::new(shown_as, None, format::owner_file()));
    }
    read(InputFile::open(path), path, shown_as, options)
}

/// Reads standard input to its end; the same again, however often it is opened.
///
/// # Errors
/// As [`open`].
pub fn from_stdin(shown_as: &str, options: &Options) -> Result<Reader, Error> {
    static KEPT: OnceLock<InputFile> = OnceLock::new();
    let file = match KEPT.get() {
        Some(kept) => Ok(kept.again()),
        None => InputFile::keep(std::io::stdin()).map(|file| KEPT.get_or_init(|| file).again()),
    };
    read(file, Path::new(""), shown_as, options)
}

/// Reads a stream to its end.
///
/// # Errors
/// As [`open`].
pub fn from_stream(stream: impl Read, shown_as: &str, options: &Options) -> Result<Reader, Error> {
    read(InputFile::keep(stream), Path::new(""), shown_as, options)
}

fn read(
    file: Result<InputFile, ErrorKind>,
    name: &Path,
    shown_as: &str,
    options: &Options,
) -> Result<Reader, Error> {
    let unpacked = file.and_then(|file| container::unpack(file, name));
    let (file, name) = unpacked.map_err(|kind| Error::new(shown_as, None, kind))?;
    let extension = name.extension().and_then(OsStr::to_str);
    let extension = extension.and_then(|word| Format::from_str(word, true).ok());
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
        Some(Format::Html) => None,
        Some(said) if !said.is_workbook() => None,
        Some(_) => Some(format::workbook(&head)?.unwrap_or(Format::Xlsx)),
        None => format::workbook(&head)?,
    };
    let Some(format) = seen else {
        return text(&head, file, extension, options);
    };
    let file = file.again();
    let (facts, rows) = workbook::open(move || Book::open(file, format), format, options)?;
    Ok((facts, Box::new(rows)))
}

/// The tables of a page, whose encoding it says itself.
fn page(
    file: &InputFile,
    encoding: TextEncoding,
    options: &Options,
) -> Result<(Facts, Box<dyn Rows>), ErrorKind> {
    let mut text = file.again();
    text.seek(SeekFrom::Start(encoding.mark as u64))?;
    let mut window = Window::new(Box::new(text), encoding.encoding);
    window.grow_to(LONGEST_PAGE)?;
    if !window.ended() {
        return Err(ErrorKind::TooLarge);
    }
    let text = String::from_utf8(window.held().to_vec());
    let text = text.map_err(|_| ErrorKind::Encoding(encoding.name()))?;
    let open = move || Ok(Book::of_page(Page::new(text)));
    let (mut facts, rows) = workbook::open(open, Format::Html, options)?;
    facts.encoding = encoding;
    Ok((facts, Box::new(rows)))
}

fn text(
    head: &[u8],
    file: &InputFile,
    extension: Option<Format>,
    options: &Options,
) -> Result<(Facts, Box<dyn Rows>), ErrorKind> {
    // A page says itself what it is in.
    let is_page = matches!(format::of_text(head, extension), Ok(Format::Html));
    let said = || {
        is_page
            .then(|| html::said_encoding(head))?
            .map(Encoding::Web)
    };
    let said = options.encoding.or_else(said);
    let encoding = TextEncoding::of(file, said)?;
    let (mut text, nuls) = file.without_padding(encoding.encoding.unit())?;
    text.seek(SeekFrom::Start(encoding.mark as u64))?;
    let mut window = Window::new(Box::new(text), encoding.encoding);
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
        nuls,
        ..Facts::default()
    };
    if format == Format::Html {
        return page(file, facts.encoding, options);
    }
    if format != Format::Csv {
        let layouts = pairs::Layouts {
            sources: Arc::clone(&options.sources),
            known: options.known.clone(),
        };
        let rows = json::JsonRows::new(window, format == Format::Jsonl, layouts);
        return Ok((facts, Box::new(rows)));
    }
    let rows = csv::CsvRows::open(window, options)?;
    facts.delimiter = (!empty).then_some(rows.dialect.cutter.delimiter);
    facts.crlf = rows.dialect.crlf;
    Ok((facts, Box::new(rows)))
}

#[cfg(test)]
mod tests;
