//! Rows of delimited text (CSV and its kin). A row that can't be used is given
//! with its fault, and reading goes on at the next line: one open quote never
//! swallows the rest of a file. That is why the rows are cut here and not by
//! the csv crate, which can't go back.

use std::io;
use std::sync::Arc;

use super::corrected;
use super::dialect;
use super::fatal::Fatal;
use super::faults;
use super::header;
use super::quotes::{Dialect, Row};
use super::window::{LONGEST_ROW, Window};
use crate::lead::{Cells, Header, Record};

/// The rows of a delimited text.
pub struct Rows {
    window: Window,
    dialect: Dialect,
    header: Arc<Header>,
    /// Cells in the header row; those at its end may have no name.
    width: usize,
    /// It is a rejects file of ours.
    corrected: bool,
    file: Arc<str>,
    encoding: String,
}

impl Rows {
    /// Reads the header. `encoding` is only a word for messages.
    ///
    /// # Errors
    /// Nothing that could be a header, or reading failed.
    pub fn open(
        mut window: Window,
        delimiter: Option<u8>,
        file: Arc<str>,
        encoding: String,
    ) -> Result<Self, Fatal> {
        let newline = dialect::newline(window.bytes());
        window.set_newline(newline);
        let announced = dialect::announced(window.bytes());
        if announced.is_some() {
            window
                .skip_line()
                .map_err(|error| Fatal::io(&file, &error))?;
        }
        let delimiter = delimiter
            .or(announced)
            .unwrap_or_else(|| dialect::delimiter(window.bytes(), newline, window.ended()));
        let mut rows = Self {
            window,
            dialect: Dialect { delimiter, newline },
            header: Arc::new(Header { names: Vec::new() }),
            width: usize::MAX,
            corrected: false,
            file,
            encoding,
        };
        rows.read_header()?;
        Ok(rows)
    }

    pub fn header(&self) -> &Arc<Header> {
        &self.header
    }

    pub fn delimiter(&self) -> u8 {
        self.dialect.delimiter
    }

    /// Reads the next row that is not blank; `false`: there is none.
    pub fn read(&mut self, record: &mut Record) -> Result<bool, Fatal> {
        self.cut(record)
            .map_err(|error| Fatal::io(&self.file, &error))
    }

    fn read_header(&mut self) -> Result<(), Fatal> {
        let mut first = Record::default();
        if !self.read(&mut first)? {
            return Ok(());
        }
        if let Some(fault) = first.fault {
            let message = format!("the row of column names can't be read: {fault}");
            return Err(Fatal::usage(&self.file, message).at(first.line));
        }
        self.width = first.cells.len();
        let names = header::named(first.cells.iter());
        self.header = Arc::new(Header { names });
        self.corrected = corrected::is_one(&self.header);
        header::check(&self.header, &self.file, first.line)
    }

    fn cut(&mut self, record: &mut Record) -> io::Result<bool> {
        loop {
            let bytes = self.window.bytes();
            let ended = self.window.ended();
            match self.dialect.row(bytes, ended) {
                Row::Whole { end, next, quoted } => {
                    if end == 0 && next == 0 {
                        return Ok(false);
                    }
                    let row = &bytes[..end];
                    let blank = self.is_blank(row);
                    if !blank {
                        self.whole(row, quoted, record);
                    }
                    match quoted {
                        true => self.window.consume(next),
                        false => self.window.consume_line(next),
                    }
                    if !blank {
                        return Ok(true);
                    }
                }
                Row::More if bytes.len() < LONGEST_ROW => self.window.grow()?,
                Row::More => {
                    self.oversized(record)?;
                    return Ok(true);
                }
                Row::Open { opened } => {
                    self.broken(opened, faults::OPEN_QUOTE, record)?;
                    return Ok(true);
                }
                Row::Stray { opened } => {
                    self.broken(opened, faults::STRAY_QUOTE, record)?;
                    return Ok(true);
                }
            }
        }
    }

    /// A spreadsheet leaves rows of delimiters alone below its data.
    fn is_blank(&self, row: &[u8]) -> bool {
        row.iter()
            .all(|byte| *byte == self.dialect.delimiter || matches!(byte, b' ' | b'"' | b'\r'))
    }

    fn whole(&self, row: &[u8], quoted: bool, record: &mut Record) {
        let (text, mut fault) = faults::text(row, &self.encoding);
        record.begin(&self.file, self.window.line(), &self.header);
        let cells = &mut record.cells;
        match quoted {
            true => self.dialect.split_quoted(&text, cells),
            false => self.dialect.split_plain(&text, cells),
        }
        if self.corrected {
            corrected::restore(cells);
        }
        if fault.is_none() {
            fault = faults::of_cells(cells).or_else(|| self.misfit(cells));
        }
        record.fault = fault;
    }

    fn misfit(&self, cells: &Cells) -> Option<String> {
        let (count, columns) = (cells.len(), self.header.names.len());
        if self.width == usize::MAX || (columns..=self.width).contains(&count) {
            return None;
        }
        if count < columns {
            return Some(faults::too_few(count, columns));
        }
        let surplus = cells.iter().skip(self.width).any(|cell| !cell.is_empty());
        surplus.then(|| faults::too_many(count, columns, self.dialect.delimiter))
    }

    /// A row that no end was found for: an open quote, or no row at all.
    fn oversized(&mut self, record: &mut Record) -> io::Result<()> {
        // What the row is, if its end were here, tells which of the two.
        match self.dialect.row(self.window.bytes(), true) {
            Row::Open { opened } => self.broken(opened, faults::OPEN_QUOTE, record),
            _ => self.broken(0, &faults::too_long(), record),
        }
    }

    /// Gives the line in which the trouble starts as a row with its fault, and
    /// goes on after that line.
    fn broken(&mut self, opened: usize, reason: &str, record: &mut Record) -> io::Result<()> {
        let bytes = self.window.bytes();
        let newline = self.dialect.newline;
        let before = memchr::memchr_iter(newline, &bytes[..opened]).count() as u64;
        let end = memchr::memchr(newline, &bytes[opened..])
            .map_or(bytes.len(), |line| opened + line)
            .min(faults::SHOWN);
        let text = String::from_utf8_lossy(&bytes[..end]);
        record.begin(&self.file, self.window.line(), &self.header);
        self.dialect
            .split_plain(text.trim_end_matches('\r'), &mut record.cells);
        record.fault = Some(match before {
            0 => reason.to_owned(),
            _ => format!("{reason} (line {})", self.window.line() + before),
        });
        self.window.consume(opened);
        self.window.skip_line()
    }
}
