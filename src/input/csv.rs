//! Rows of delimited text (CSV and its kin), cut by the csv crate, and strictly
//! where they hold a quote: one that is left open, or closed amid a cell, spoils
//! its own line and never swallows the next lead.

use std::io::{self, SeekFrom};

use csv::{ByteRecord, Position, ReaderBuilder, Terminator};
use memchr::memchr;

use super::cutter::{Cutter, LineEnd, Row, Uncut};
use super::dialect::{Dialect, announced};
use super::error::{ErrorKind, Fault};
use super::options::Options;
use super::reader::Rows;
use super::window::{LONGEST_ROW, SHOWN, Window};
use crate::lead::{Cells, Record};

/// The rows of a delimited text.
pub struct CsvRows {
    reader: csv::Reader<Window>,
    row: ByteRecord,
    pub dialect: Dialect,
    /// The last row ends as lines do here, so nothing of it is missing.
    ended: bool,
}

impl CsvRows {
    /// Finds out what is not said.
    ///
    /// # Errors
    /// What reading gave.
    pub fn open(mut window: Window, options: &Options) -> io::Result<Self> {
        let announced = announced(window.held());
        let delimiter = options.delimiter.or(announced);
        let known = options.known.as_ref();
        let find = |window: &Window| Dialect::of(window.held(), window.ended(), delimiter, known);
        let mut dialect = find(&window);
        window.set_newline(dialect.cutter.newline);
        if announced.is_some() {
            window.skip_line()?;
            dialect = find(&window);
        }
        let Cutter {
            delimiter,
            quote,
            newline,
            ..
        } = dialect.cutter;
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .quote(quote)
            .terminator(Terminator::Any(newline))
            .from_reader(window);
        Ok(Self {
            reader,
            row: ByteRecord::new(),
            dialect,
            ended: true,
        })
    }

    fn next(&mut self, record: &mut Record) -> io::Result<bool> {
        loop {
            let Some(length) = self.next_line()? else {
                return Ok(false);
            };
            record.line = self.reader.get_ref().line();
            record.cells.clear();
            record.fault = None;
            let row = &self.reader.get_ref().held()[..length];
            let plain = self.dialect.cutter.is_plain(row);
            let cut = match plain {
                true => Ok(self.fill(length, &mut record.cells)),
                false => self.cut(&mut record.cells)?,
            };
            let row = match cut {
                Ok(row) if row.length < LONGEST_ROW => row,
                cut => {
                    let (open, fault) = self.fault(cut.err(), record.line);
                    record.fault = Some(fault.to_string());
                    self.give_up(open, &mut record.cells)?;
                    return Ok(true);
                }
            };
            let window = self.reader.get_mut();
            record.fault = window.invalid(row.length).map(|fault| fault.to_string());
            self.ended = match row.end {
                LineEnd::Usual => {
                    !self.dialect.crlf || window.held()[..row.length].ends_with(b"\r\n")
                }
                LineEnd::Other | LineEnd::OfText => false,
            };
            window.consume(row.length);
            if row.end == LineEnd::Other {
                window.count_line();
            }
            if row.length != length {
                self.go_on()?;
            }
            // A spreadsheet leaves rows of delimiters alone below its data.
            let filler = |c: char| matches!(c, ' ' | '"' | '\r' | '\n' | '\u{1a}');
            if !record.cells.as_slice().trim_matches(filler).is_empty() {
                return Ok(true);
            }
        }
    }

    /// The length of the next line that is not empty, as the csv crate cuts it.
    fn next_line(&mut self) -> io::Result<Option<usize>> {
        let start = self.reader.position().byte();
        let found = self.reader.read_byte_record(&mut self.row)?;
        let length = (self.reader.position().byte() - start) as usize;
        // The csv crate passes over empty lines.
        let newline = self.dialect.cutter.newline;
        let window = self.reader.get_mut();
        let newlines = window.held().iter().take(length);
        let empty = newlines.take_while(|byte| **byte == newline).count();
        window.consume(empty);
        Ok(found.then_some(length - empty))
    }

    /// The cells of a line as the csv crate cut it.
    fn fill(&self, length: usize, cells: &mut Cells) -> Row {
        let line = &self.reader.get_ref().held()[..length];
        let newline = self.dialect.cutter.newline;
        let end = match line.ends_with(&[newline]) {
            true => LineEnd::Usual,
            false => LineEnd::OfText,
        };
        for (index, cell) in self.row.iter().enumerate() {
            let last = newline == b'\n' && index + 1 == self.row.len();
            let cell = match cell {
                [cell @ .., b'\r'] if last => cell,
                cell => cell,
            };
            cells.push_field(&String::from_utf8_lossy(cell));
        }
        Row { length, end }
    }

    /// Cuts the next row strictly, however far it goes.
    fn cut(&mut self, cells: &mut Cells) -> io::Result<Result<Row, Uncut>> {
        let cutter = self.dialect.cutter;
        loop {
            let window = self.reader.get_ref();
            let held = window.held();
            let whole = window.ended() || held.len() >= LONGEST_ROW;
            cells.clear();
            let cut = cutter.cut(held, whole, &mut |cell, _| {
                cells.push_field(&String::from_utf8_lossy(cell));
            });
            if cut != Err(Uncut::More) {
                return Ok(cut);
            }
            let twice = 2 * held.len();
            self.reader.get_mut().grow_to(twice)?;
        }
    }

    /// What keeps these bytes from being a row, and where that starts. `line`:
    /// where they start.
    fn fault(&self, why: Option<Uncut>, line: u64) -> (usize, Fault) {
        let Some(Uncut::OpenQuote(open) | Uncut::StrayQuote(open)) = why else {
            return (0, Fault::TooLong);
        };
        let before = &self.reader.get_ref().held()[..open];
        let before = memchr::memchr_iter(self.dialect.cutter.newline, before).count() as u64;
        let on = (before > 0).then_some(line + before);
        match why {
            Some(Uncut::OpenQuote(_)) => (open, Fault::OpenQuote(on)),
            _ => (open, Fault::StrayQuote(on)),
        }
    }

    /// Gives the line in which the trouble starts, as far as a person needs it,
    /// and goes on after that line.
    fn give_up(&mut self, open: usize, cells: &mut Cells) -> io::Result<()> {
        let Cutter {
            newline, delimiter, ..
        } = self.dialect.cutter;
        let window = self.reader.get_mut();
        let held = window.held();
        let line = memchr(newline, &held[open..]);
        let end = line.map_or(held.len(), |line| open + line).min(SHOWN);
        let text = String::from_utf8_lossy(&held[..end]);
        let text = text.trim_end_matches('\r');
        *cells = text.split(char::from(delimiter)).collect();
        window.consume(open);
        window.skip_line()?;
        self.go_on()
    }

    /// Lets the csv crate read on from what was consumed.
    fn go_on(&mut self) -> io::Result<()> {
        let mut position = Position::new();
        position.set_byte(self.reader.get_ref().consumed());
        let there = SeekFrom::Start(position.byte());
        Ok(self.reader.seek_raw(there, position)?)
    }
}

impl Rows for CsvRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        Ok(self.next(record)?)
    }

    fn ended(&self) -> bool {
        self.ended
    }
}
