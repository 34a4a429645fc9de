//! Rows of delimited text (CSV and its kin), cut by the csv crate and checked
//! where they hold a quote: one that is left open, or closed amid a cell, spoils
//! its own line and never swallows the next lead.

use std::io::{self, SeekFrom};

use csv::{ByteRecord, Position, ReaderBuilder, Terminator};
use memchr::memchr;

use super::error::{ErrorKind, Fault};
use super::options::Options;
use super::reader::Rows;
use super::window::{LONGEST_ROW, SHOWN, TextEncoding, Window};
use crate::lead::{Cells, Record};

/// The rows of a delimited text.
pub struct CsvRows {
    reader: csv::Reader<Window>,
    row: ByteRecord,
    pub delimiter: u8,
    /// `\n`, or `\r` for files from old Macs.
    newline: u8,
}

impl CsvRows {
    /// Finds out what is not said.
    ///
    /// # Errors
    /// What reading gave.
    pub fn open(mut window: Window, options: &Options) -> io::Result<Self> {
        let newline = newline(window.held());
        window.set_newline(newline);
        let announced = announced(window.held());
        if announced.is_some() {
            window.skip_line()?;
        }
        let guessed = || guessed_delimiter(window.held(), newline, options);
        let delimiter = options.delimiter.or(announced).unwrap_or_else(guessed);
        Ok(Self::new(window, delimiter, newline))
    }

    fn new(window: Window, delimiter: u8, newline: u8) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(Terminator::Any(newline))
            .from_reader(window);
        Self {
            reader,
            row: ByteRecord::new(),
            delimiter,
            newline,
        }
    }

    fn next(&mut self, record: &mut Record) -> io::Result<bool> {
        loop {
            let start = self.reader.position().byte();
            let found = self.reader.read_byte_record(&mut self.row)?;
            let mut length = (self.reader.position().byte() - start) as usize;
            // The csv crate passes over empty lines.
            let window = self.reader.get_mut();
            let newlines = window.held().iter().take(length);
            let empty = newlines.take_while(|byte| **byte == self.newline).count();
            window.consume(empty);
            length -= empty;
            if !found {
                return Ok(false);
            }
            record.line = window.line();
            let row = &self.reader.get_ref().held()[..length];
            if let Some((opened, fault)) = self.unfit(row, record.line) {
                record.fault = Some(fault.to_string());
                self.give_up(opened, &mut record.cells)?;
                return Ok(true);
            }
            // A spreadsheet leaves rows of delimiters alone below its data.
            let filler = [self.delimiter, self.newline, b' ', b'"', b'\r'];
            let blank = row.iter().all(|byte| filler.contains(byte));
            let fault = self.reader.get_ref().invalid(length);
            if !blank {
                let windows =
                    self.newline == b'\n' && (row.ends_with(b"\r\n") || row.ends_with(b"\r"));
                self.fill(&mut record.cells, windows);
            }
            self.reader.get_mut().consume(length);
            if !blank {
                record.fault = fault.map(|fault| fault.to_string());
                return Ok(true);
            }
        }
    }

    /// What keeps these bytes from being a row, and where that starts.
    fn unfit(&self, row: &[u8], line: u64) -> Option<(usize, Fault)> {
        let stray = memchr(b'"', row).and_then(|_| self.stray_quote(row));
        let Some((opened, closed)) = stray else {
            return (row.len() >= LONGEST_ROW).then_some((0, Fault::TooLong));
        };
        let before = memchr::memchr_iter(self.newline, &row[..opened]).count() as u64;
        let on = (before > 0).then_some(line + before);
        Some(match closed {
            true => (opened, Fault::StrayQuote(on)),
            false => (opened, Fault::OpenQuote(on)),
        })
    }

    /// The first quote that opens a cell and does not close where the cell ends;
    /// and whether it closes at all.
    fn stray_quote(&self, row: &[u8]) -> Option<(usize, bool)> {
        let mut at = 0;
        while at < row.len() {
            if row[at] != b'"' {
                at += memchr(self.delimiter, &row[at..])? + 1;
                continue;
            }
            let Some(closed) = closing_quote(row, at + 1) else {
                return Some((at, false));
            };
            let spaces = row[closed..].iter().take_while(|byte| **byte == b' ');
            let after = closed + spaces.count();
            match &row[after..] {
                [] | b"\r" | b"\r\n" => return None,
                [byte, ..] if *byte == self.newline => return None,
                [byte, ..] if *byte == self.delimiter => at = after + 1,
                _ => return Some((at, true)),
            }
        }
        None
    }

    /// Gives the line in which the trouble starts, as far as a person needs it,
    /// and goes on after that line.
    fn give_up(&mut self, opened: usize, cells: &mut Cells) -> io::Result<()> {
        let window = self.reader.get_mut();
        let held = window.held();
        let line = memchr(self.newline, &held[opened..]);
        let end = line.map_or(held.len(), |line| opened + line).min(SHOWN);
        let text = String::from_utf8_lossy(&held[..end]);
        let text = text.trim_end_matches('\r');
        *cells = text.split(char::from(self.delimiter)).collect();
        window.consume(opened);
        window.skip_line()?;
        let mut position = Position::new();
        position.set_byte(window.consumed());
        let there = SeekFrom::Start(position.byte());
        Ok(self.reader.seek_raw(there, position)?)
    }

    /// `windows`: the line ends as those of Windows do.
    fn fill(&self, cells: &mut Cells, windows: bool) {
        for (index, cell) in self.row.iter().enumerate() {
            let last = index + 1 == self.row.len();
            let cell = match cell {
                [cell @ .., b'\r'] if windows && last => cell,
                cell => cell,
            };
            cells.push_field(&String::from_utf8_lossy(cell));
        }
    }
}

impl Rows for CsvRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        Ok(self.next(record)?)
    }
}

/// Where, after the quote that closes the cell, the next byte stands.
fn closing_quote(row: &[u8], mut from: usize) -> Option<usize> {
    loop {
        from += memchr(b'"', &row[from..])? + 1;
        if row.get(from) != Some(&b'"') {
            return Some(from);
        }
        from += 1;
    }
}

/// `\r` when that is all there is (old Macs), else `\n`.
fn newline(head: &[u8]) -> u8 {
    let lines = head.contains(&b'\n') || !head.contains(&b'\r');
    if lines { b'\n' } else { b'\r' }
}

/// The delimiter that a `sep=;` line names: a spreadsheet's own hint.
fn announced(head: &[u8]) -> Option<u8> {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let line: Vec<u8> = line.iter().filter(|byte| **byte != b'"').copied().collect();
    match line.as_slice() {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*delimiter),
        _ => None,
    }
}

/// Rows looked at to guess the delimiter.
const GUESSED_BY: usize = 60;

/// The delimiter that cuts a row into known column names, as many as can be, or
/// else the first rows the most evenly into the most cells.
fn guessed_delimiter(head: &[u8], newline: u8, options: &Options) -> u8 {
    let mut best = ((0, 0.0), b',');
    for delimiter in [b',', b';', b'\t', b'|'] {
        let rows = cut(head, delimiter, newline);
        let names = |row: &Record| {
            options
                .known
                .as_ref()
                .map_or(0, |known| known.count(&row.cells))
        };
        let named = rows.iter().map(names).find(|count| *count > 0);
        let score = (named.unwrap_or(0), evenness(&rows));
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// The first rows, as this delimiter cuts them.
fn cut(head: &[u8], delimiter: u8, newline: u8) -> Vec<Record> {
    let window = Window::new(
        Box::new(io::Cursor::new(head.to_vec())),
        TextEncoding::default(),
    );
    let mut rows = CsvRows::new(window, delimiter, newline);
    let next = || {
        let mut record = Record::default();
        rows.next(&mut record).ok()?.then_some(record)
    };
    std::iter::from_fn(next).take(GUESSED_BY).collect()
}

/// How evenly rows are as wide as one of them, above which there may be titles.
fn evenness(rows: &[Record]) -> f64 {
    let of = |(index, header): (usize, &Record)| {
        let columns = header.cells.len();
        let is_even = |row: &&Record| {
            let surplus = row.cells.iter().skip(columns).any(|cell| !cell.is_empty());
            row.fault.is_none() && row.cells.len() >= columns && !surplus
        };
        let even = rows[index + 1..].iter().filter(is_even).count();
        (columns as f64 - 1.0) * (even + 1) as f64 / rows.len() as f64
    };
    rows.iter().enumerate().map(of).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::super::KnownHeaders;
    use super::*;

    fn guessed(text: &str) -> char {
        let text = text.as_bytes();
        char::from(guessed_delimiter(text, newline(text), &Options::default()))
    }

    #[test]
    fn the_delimiter_is_the_one_that_cuts_evenly() {
        assert_eq!(guessed("Nom;Ville\nDupont;Lyon, 3e\n"), ';');
        assert_eq!(guessed("Nom, usuel;Ville\nDupont;Lyon\n"), ';');
        assert_eq!(guessed("nom,ville\n\"a;b\",c\n"), ',');
        assert_eq!(guessed("nom\tville|pays\na\tb\n"), '\t');
        assert_eq!(guessed("nom|ville\na|b;c"), '|');
        assert_eq!(guessed("\"Nom;Prénom\",Ville\n\"a\nb\",c\n"), ',');
        assert_eq!(guessed("email\njean@example.fr\n"), ',');
        assert_eq!(guessed("a;b;c\n1;2\n1;2;3;4\n"), ';');
    }

    #[test]
    fn titles_above_the_columns_do_not_mislead() {
        let titles = "Export du 12 novembre, 14:30, par Jean, agence\n\nA, b, c, d\n";
        let rows = "Dupont;Jean;Lyon\nMartin;Léa;Paris, 3e\n".repeat(4);
        assert_eq!(guessed(&format!("{titles}Nom;Prénom;Ville\n{rows}")), ';');
        // With one lead, the column names tell.
        let text = format!("{titles}Nom;Prénom;Ville\nDupont;Jean;Lyon\n");
        let known = KnownHeaders::new(|name| ["Nom", "Ville"].contains(&name));
        let options = Options {
            known: Some(known),
            ..Options::default()
        };
        assert_eq!(guessed_delimiter(text.as_bytes(), b'\n', &options), b';');
    }

    #[test]
    fn a_spreadsheet_may_name_it() {
        assert_eq!(announced(b"sep=;\r\nNom;Ville"), Some(b';'));
        assert_eq!(announced(b"\"sep=\t\"\nNom"), Some(b'\t'));
        assert_eq!(announced(b"separator"), None);
    }

    #[test]
    fn old_macs_end_lines_with_a_return() {
        assert_eq!(newline(b"a;b\rc;d\r"), b'\r');
        assert_eq!(newline(b"a;b\r\nc;d"), b'\n');
        assert_eq!(newline(b"a;b"), b'\n');
    }

    #[test]
    fn a_quote_that_does_not_close_its_cell_is_seen() {
        let window = Window::new(Box::new(io::empty()), TextEncoding::default());
        let rows = CsvRows::new(window, b';', b'\n');
        for (row, found) in [
            ("a;\"b;c\";d\n", None),
            ("\"\";;\"\"\"x\"\"\"\r\n", None),
            ("\"a\nb\" ;5\" tall;\n", None),
            ("\"a\"\r", None),
            ("a;\"b\nc", Some((2, false))),
            ("a;\"b\"\"", Some((2, false))),
            ("a;\"b\nc;\"d\";e\n", Some((2, true))),
            ("\"a\";\"b\"\rc\n", Some((4, true))),
        ] {
            assert_eq!(rows.stray_quote(row.as_bytes()), found, "{row:?}");
        }
    }
}
