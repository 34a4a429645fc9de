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

    /// The next row that is not blank.
    pub fn next(&mut self) -> Option<Result<Record, Fatal>> {
        self.read()
            .map_err(|error| Fatal::io(&self.file, &error))
            .transpose()
    }

    fn read_header(&mut self) -> Result<(), Fatal> {
        let Some(first) = self.next() else {
            return Ok(());
        };
        let first = first?;
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

    fn read(&mut self) -> io::Result<Option<Record>> {
        loop {
            let bytes = self.window.bytes();
            let ended = self.window.ended();
            match self.dialect.row(bytes, ended) {
                Row::Whole { end, next, quoted } => {
                    if end == 0 && next == 0 {
                        return Ok(None);
                    }
                    let row = &bytes[..end];
                    let record = (!self.is_blank(row)).then(|| self.whole(row, quoted));
                    self.window.consume(next);
                    if record.is_some() {
                        return Ok(record);
                    }
                }
                Row::More if bytes.len() < LONGEST_ROW => self.window.grow()?,
                Row::More => return self.oversized().map(Some),
                Row::Open { opened } => return self.broken(opened, faults::OPEN_QUOTE).map(Some),
                Row::Stray { opened } => return self.broken(opened, faults::STRAY_QUOTE).map(Some),
            }
        }
    }

    /// A spreadsheet leaves rows of delimiters alone below its data.
    fn is_blank(&self, row: &[u8]) -> bool {
        row.iter()
            .all(|byte| *byte == self.dialect.delimiter || matches!(byte, b' ' | b'"' | b'\r'))
    }

    fn whole(&self, row: &[u8], quoted: bool) -> Record {
        let (text, mut fault) = faults::text(row, &self.encoding);
        let columns = self.header.names.len().max(1);
        let mut cells = Cells::with_capacity(text.len(), columns);
        match quoted {
            true => self.dialect.split_quoted(&text, &mut cells),
            false => self.dialect.split_plain(&text, &mut cells),
        }
        if self.corrected {
            corrected::restore(&mut cells);
        }
        if fault.is_none() {
            fault = faults::of_cells(&mut cells).or_else(|| self.misfit(&cells));
        }
        self.record(cells, fault)
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
    fn oversized(&mut self) -> io::Result<Record> {
        // What the row is, if its end were here, tells which of the two.
        match self.dialect.row(self.window.bytes(), true) {
            Row::Open { opened } => self.broken(opened, faults::OPEN_QUOTE),
            _ => self.broken(0, &faults::too_long()),
        }
    }

    /// Gives the line in which the trouble starts as a row with its fault, and
    /// goes on after that line.
    fn broken(&mut self, opened: usize, reason: &str) -> io::Result<Record> {
        let bytes = self.window.bytes();
        let newline = self.dialect.newline;
        let before = memchr::memchr_iter(newline, &bytes[..opened]).count() as u64;
        let end = memchr::memchr(newline, &bytes[opened..])
            .map_or(bytes.len(), |line| opened + line)
            .min(faults::SHOWN);
        let text = String::from_utf8_lossy(&bytes[..end]);
        let mut cells = Cells::with_capacity(text.len(), self.header.names.len());
        self.dialect
            .split_plain(text.trim_end_matches('\r'), &mut cells);
        let fault = match before {
            0 => reason.to_owned(),
            _ => format!("{reason} (line {})", self.window.line() + before),
        };
        let record = self.record(cells, Some(fault));
        self.window.consume(opened);
        self.window.skip_line()?;
        Ok(record)
    }

    fn record(&self, cells: Cells, fault: Option<String>) -> Record {
        Record {
            file: Arc::clone(&self.file),
            line: self.window.line(),
            header: Arc::clone(&self.header),
            cells,
            fault,
        }
    }
}
