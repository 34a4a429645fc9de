//! One input, whatever its format: what was found out about it, then its rows.

use std::fs::File;
use std::io::{self, Cursor, Read, Write as _};
use std::path::Path;
use std::sync::Arc;

use super::Options;
use super::decode;
use super::delimited;
use super::fatal::Fatal;
use super::json;
use super::sheet;
use super::sniff::{self, Format};
use super::window::Window;
use crate::lead::{Header, Record};
use crate::scratch;

/// What was found out about an input, for messages and for writing rows back
/// in the form that they came in.
#[derive(Debug, Clone)]
pub struct Facts {
    pub format: Format,
    /// For people: `UTF-8`, `Windows-1252 (assumed)`…
    pub encoding: String,
    pub encoding_assumed: bool,
    /// What [`Facts::encoding`] names, to write with.
    pub encoding_used: &'static encoding_rs::Encoding,
    /// The input starts with a byte-order mark.
    pub marked: bool,
    /// For delimited text.
    pub delimiter: Option<u8>,
    /// Its lines end as those of Windows do.
    pub crlf: bool,
    /// For workbooks: the sheet that is read, and the others.
    pub sheet: Option<String>,
    pub other_sheets: Vec<String>,
    /// Of a workbook whose sheet is empty: the sheets that hold rows.
    pub sheets_with_rows: Vec<String>,
    /// Nothing but blanks in it.
    pub empty: bool,
}

/// The rows of an input. After a [`Fatal`] there are none.
pub struct Reader {
    facts: Facts,
    rows: Rows,
    ended: bool,
}

enum Rows {
    None,
    Delimited(Box<delimited::Rows>),
    Json(Box<json::Rows>),
    Sheet(sheet::Rows),
}

impl Reader {
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The header that all rows share; `None` for JSON, where each row has its
    /// own, and for an empty input.
    pub fn header(&self) -> Option<&Arc<Header>> {
        match &self.rows {
            Rows::Delimited(rows) => Some(rows.header()),
            Rows::Sheet(rows) => Some(rows.header()),
            Rows::None | Rows::Json(_) => None,
        }
    }

    /// Reads the next row into `record`, in place of what it held; `false`:
    /// there is none.
    ///
    /// # Errors
    /// The input can't be read any further.
    pub fn read(&mut self, record: &mut Record) -> Result<bool, Fatal> {
        if self.ended {
            return Ok(false);
        }
        let read = match &mut self.rows {
            Rows::None => Ok(false),
            Rows::Delimited(rows) => rows.read(record),
            Rows::Json(rows) => rows.read(record),
            Rows::Sheet(rows) => rows.read(record),
        };
        self.ended = !matches!(read, Ok(true));
        read
    }
}

impl Iterator for Reader {
    type Item = Result<Record, Fatal>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = Record::default();
        match self.read(&mut record) {
            Ok(true) => Some(Ok(record)),
            Ok(false) => None,
            Err(fatal) => Some(Err(fatal)),
        }
    }
}

/// Opens a file. `shown_as`: its name as the user gave it.
///
/// # Errors
/// It isn't there, isn't a file, isn't readable, or can't hold leads.
pub fn open(path: &Path, shown_as: &str, options: &Options) -> Result<Reader, Fatal> {
    let fail = |error: io::Error| Fatal::io(shown_as, &error);
    let file = File::open(path).map_err(fail)?;
    let about = file.metadata().map_err(fail)?;
    if about.is_dir() {
        return Err(fail(io::ErrorKind::IsADirectory.into())
            .hint("name the file in it that holds the leads"));
    }
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .and_then(Format::of_word);
    let again = match about.is_file() {
        true => Some(file.try_clone().map_err(fail)?),
        // A named pipe gives its bytes only once.
        false => None,
    };
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
) -> Result<Reader, Fatal> {
    read(stream, None, None, shown_as, options)
}

fn read(
    mut stream: Box<dyn Read + Send>,
    again: Option<File>,
    extension: Option<Format>,
    shown_as: &str,
    options: &Options,
) -> Result<Reader, Fatal> {
    let fail = |error: io::Error| Fatal::io(shown_as, &error);
    let head = decode::head_of(&mut stream).map_err(fail)?;
    let workbook = match options.format {
        None | Some(Format::Xlsx) => sniff::is_workbook(&head, shown_as)?,
        Some(_) => false,
    };
    if workbook || options.format == Some(Format::Xlsx) {
        let file = match again {
            Some(file) => file,
            None => kept(&head, stream, shown_as)?,
        };
        return workbook_reader(file, shown_as, options);
    }
    let found = decode::recognise(&head, options.encoding);
    let mut text = Cursor::new(head);
    text.set_position(found.mark as u64);
    let mut window = Window::new(decode::decoded(Box::new(text.chain(stream)), found));
    window.grow_to(decode::HEAD).map_err(fail)?;
    let facts = Facts {
        format: options.format.or(extension).unwrap_or(Format::Csv),
        encoding: found.name(),
        encoding_assumed: found.assumed,
        encoding_used: found.encoding,
        marked: found.mark > 0,
        delimiter: None,
        crlf: memchr::memmem::find(window.bytes(), b"\r\n").is_some(),
        sheet: None,
        other_sheets: Vec::new(),
        sheets_with_rows: Vec::new(),
        empty: window.ended() && window.bytes().trim_ascii().is_empty(),
    };
    text_reader(window, facts, extension, shown_as, options)
}

fn text_reader(
    window: Window,
    mut facts: Facts,
    extension: Option<Format>,
    shown_as: &str,
    options: &Options,
) -> Result<Reader, Fatal> {
    let file: Arc<str> = shown_as.into();
    let encoding = facts.encoding.clone();
    let rows = if facts.empty {
        Rows::None
    } else {
        facts.format = match options.format {
            Some(format) => format,
            None => sniff::text_format(window.bytes(), extension, shown_as)?,
        };
        match facts.format {
            Format::Csv => {
                let rows = delimited::Rows::open(window, options.delimiter, file, encoding)?;
                facts.delimiter = Some(rows.delimiter());
                Rows::Delimited(Box::new(rows))
            }
            format => {
                let lines = format == Format::Jsonl;
                Rows::Json(Box::new(json::Rows::open(window, lines, file, encoding)))
            }
        }
    };
    Ok(Reader {
        facts,
        rows,
        ended: false,
    })
}

fn workbook_reader(workbook: File, shown_as: &str, options: &Options) -> Result<Reader, Fatal> {
    let (rows, sheets) = sheet::Rows::open(workbook, options.sheet.clone(), shown_as)?;
    let facts = Facts {
        format: Format::Xlsx,
        encoding: "UTF-8".to_owned(),
        encoding_assumed: false,
        encoding_used: encoding_rs::UTF_8,
        marked: false,
        delimiter: None,
        crlf: false,
        sheet: Some(sheets.read),
        other_sheets: sheets.others,
        sheets_with_rows: rows.elsewhere().to_vec(),
        empty: rows.header().names.is_empty(),
    };
    Ok(Reader {
        facts,
        rows: Rows::Sheet(rows),
        ended: false,
    })
}

/// A workbook's index stands at its end, so a stream is kept whole first.
fn kept(head: &[u8], mut rest: Box<dyn Read + Send>, shown_as: &str) -> Result<File, Fatal> {
    let fail = |error: io::Error| Fatal::scratch(shown_as, &error);
    let mut file = scratch::file_in(&scratch::folder()).map_err(fail)?;
    file.write_all(head).map_err(fail)?;
    let mut piece = vec![0; decode::HEAD];
    loop {
        match rest.read(&mut piece) {
            Ok(0) => return Ok(file),
            Ok(read) => file.write_all(&piece[..read]).map_err(fail)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Fatal::io(shown_as, &error)),
        }
    }
}
