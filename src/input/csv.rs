//! Rows of delimited text (CSV and its kin), cut strictly: a quote that is left open,
//! or closed amid a cell, spoils its own line and never swallows the next lead.

use std::io;

use memchr::{memchr, memchr_iter};

use super::cutter::{Cutter, LineEnd, Row, Uncut, empty_lines};
use super::dialect::{Dialect, announced};
use super::error::{ErrorKind, Fault};
use super::options::Options;
use super::reader::Rows;
use super::window::{LONGEST_ROW, SHOWN, Window};
use crate::lead::{Cells, Record};

/// A mark that stands again behind the one of the file.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The rows of a delimited text.
pub struct CsvRows {
    window: Window,
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
        if window.held().starts_with(MARK) {
            window.consume(MARK.len());
        }
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
        Ok(Self {
            window,
            dialect,
            ended: true,
        })
    }

    /// Cuts the next row, however far it goes, and leaves empty lines before it behind.
    fn cut(&mut self, cells: &mut Cells) -> io::Result<Result<Row, Uncut>> {
        loop {
            self.window.consume(empty_lines(self.window.held()));
            let held = self.window.held();
            let whole = self.window.ended() || held.len() >= LONGEST_ROW;
            cells.clear();
            let cut = self.dialect.cutter.cut(held, whole, &mut |cell, _| {
                cells.push_field(&String::from_utf8_lossy(cell));
            });
            if cut != Err(Uncut::More) {
                return Ok(cut);
            }
            self.window.grow()?;
        }
    }

    /// Gives the line in which the trouble starts, as far as a person needs it, and
    /// goes on after that line. What keeps these bytes from being a row.
    fn give_up(&mut self, why: Option<Uncut>, cells: &mut Cells) -> io::Result<Fault> {
        let Cutter {
            newline, delimiter, ..
        } = self.dialect.cutter;
        let held = self.window.held();
        let open = match why {
            Some(Uncut::OpenQuote(open) | Uncut::StrayQuote(open)) => open,
            _ => 0,
        };
        let before = memchr_iter(newline, &held[..open]).count() as u64;
        let line = (before > 0).then_some(self.window.line() + before);
        let end = memchr(newline, &held[open..]).map_or(held.len(), |line| open + line);
        let text = String::from_utf8_lossy(&held[..end.min(SHOWN)]);
        let text = text.trim_end_matches('\r');
        *cells = text.split(char::from(delimiter)).collect();
        self.window.consume(open);
        self.window.skip_line()?;
        Ok(match why {
            Some(Uncut::OpenQuote(_)) => Fault::OpenQuote(line),
            Some(Uncut::StrayQuote(_)) => Fault::StrayQuote(line),
            _ => Fault::TooLong,
        })
    }
}

impl Rows for CsvRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        loop {
            let cut = self.cut(&mut record.cells)?;
            record.line = self.window.line();
            let row = match cut {
                Ok(row) if row.length == 0 => return Ok(false),
                Ok(row) if row.length < LONGEST_ROW => row,
                cut => {
                    let fault = self.give_up(cut.err(), &mut record.cells)?;
                    record.fault = Some(fault.to_string());
                    return Ok(true);
                }
            };
            let window = &mut self.window;
            record.fault = window.invalid(row.length).map(|fault| fault.to_string());
            let is_crlf = window.held()[..row.length].ends_with(b"\r\n");
            self.ended = row.end == LineEnd::Usual && (is_crlf || !self.dialect.crlf);
            window.consume(row.length);
            if row.end == LineEnd::Other {
                window.count_line();
            }
            // A spreadsheet leaves rows of delimiters alone below its data.
            let filler = |c: char| matches!(c, ' ' | '"' | '\r' | '\n' | '\u{1a}');
            if !record.cells.as_slice().trim_matches(filler).is_empty() {
                return Ok(true);
            }
        }
    }

    fn ended(&self) -> bool {
        self.ended
    }
}
