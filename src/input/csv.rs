//! Rows of delimited text (CSV and its kin). A quote that is left open, or closed
//! amid a cell, spoils its own line and never swallows the next lead: that is why
//! the cells are cut here, where both can be seen.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};

use super::encoding::TextEncoding;
use super::error::{ErrorKind, Fault};
use super::reader::Rows;
use super::window::{LONGEST_ROW, SHOWN, Window};
use crate::lead::Record;

/// The rows of a delimited text.
pub struct CsvRows {
    window: Window,
    pub delimiter: u8,
    /// `\n`, or `\r` for files from old Macs.
    newline: u8,
    /// Where the cells of the row stand that is looked at.
    places: Vec<Range<usize>>,
}

/// Why bytes are no row; with the places of quotes.
#[derive(Debug, PartialEq, Eq)]
enum Uncut {
    /// No end of it is there, as far as is held; perhaps for an open quote.
    Open(Option<usize>),
    /// A quote opens a cell and does not close where the cell ends.
    Stray(usize),
}

impl CsvRows {
    /// Finds out what is not said.
    ///
    /// # Errors
    /// What reading gave.
    pub fn open(mut window: Window, delimiter: Option<u8>) -> io::Result<Self> {
        let newline = newline(window.held());
        window.set_newline(newline);
        let announced = announced(window.held());
        if announced.is_some() {
            window.skip_line()?;
        }
        let delimiter = delimiter
            .or(announced)
            .unwrap_or_else(|| guessed_delimiter(window.held(), newline));
        Ok(Self::new(window, delimiter, newline))
    }

    fn new(window: Window, delimiter: u8, newline: u8) -> Self {
        Self {
            window,
            delimiter,
            newline,
            places: Vec::new(),
        }
    }

    fn next(&mut self, record: &mut Record) -> io::Result<bool> {
        loop {
            let held = self.window.held();
            let more = !self.window.ended();
            let cut = cut(held, more, self.delimiter, self.newline, &mut self.places);
            match cut {
                Ok(0) => return Ok(false),
                Ok(length) => {
                    let row = &held[..length];
                    // A spreadsheet leaves rows of delimiters alone below its data.
                    let filler = [self.delimiter, self.newline, b' ', b'"', b'\r'];
                    let blank = row.iter().all(|byte| filler.contains(byte));
                    if !blank {
                        record.line = self.window.line();
                        record.fault = self.window.invalid(length).map(|fault| fault.to_string());
                        let cells = self.places.iter().map(|place| &row[place.clone()]);
                        cells.for_each(|cell| record.cells.push_field(&unquoted(cell)));
                    }
                    self.window.consume(length);
                    if !blank {
                        return Ok(true);
                    }
                }
                Err(Uncut::Open(_)) if more && held.len() < LONGEST_ROW => self.window.grow()?,
                Err(uncut) => {
                    self.give_up(&uncut, record)?;
                    return Ok(true);
                }
            }
        }
    }

    /// Gives the line in which the trouble starts, as far as a person needs it,
    /// and goes on after that line.
    fn give_up(&mut self, uncut: &Uncut, record: &mut Record) -> io::Result<()> {
        let held = self.window.held();
        let line = self.window.line();
        let on = |opened: usize| {
            let before = memchr_iter(self.newline, &held[..opened]).count() as u64;
            (before > 0).then_some(line + before)
        };
        let (opened, fault) = match *uncut {
            Uncut::Open(None) => (0, Fault::TooLong),
            Uncut::Open(Some(opened)) => (opened, Fault::OpenQuote(on(opened))),
            Uncut::Stray(opened) => (opened, Fault::StrayQuote(on(opened))),
        };
        let end = memchr(self.newline, &held[opened..]).map_or(held.len(), |end| opened + end);
        let text = String::from_utf8_lossy(&held[..end.min(SHOWN)]);
        let text = text.trim_end_matches('\r');
        record.cells = text.split(char::from(self.delimiter)).collect();
        record.line = line;
        record.fault = Some(fault.to_string());
        self.window.consume(opened);
        self.window.skip_line()
    }
}

impl Rows for CsvRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        Ok(self.next(record)?)
    }
}

/// Cuts the row that `text` begins with, and gives its length; 0 where there is
/// nothing any more. `more`: something follows the text.
fn cut(
    text: &[u8],
    more: bool,
    delimiter: u8,
    newline: u8,
    places: &mut Vec<Range<usize>>,
) -> Result<usize, Uncut> {
    places.clear();
    let mut start = 0;
    loop {
        let closed = match text.get(start) {
            Some(b'"') => closing_quote(text, start + 1).ok_or(Uncut::Open(Some(start)))?,
            _ => start,
        };
        let end = match memchr2(delimiter, newline, &text[closed..]) {
            Some(end) => closed + end,
            None if more => return Err(Uncut::Open(None)),
            None => text.len(),
        };
        let after = &text[closed..end];
        if closed > start && !after.iter().all(|byte| matches!(byte, b' ' | b'\r')) {
            return Err(Uncut::Stray(start));
        }
        if text.get(end) == Some(&delimiter) {
            places.push(start..end);
            start = end + 1;
            continue;
        }
        let windows = newline == b'\n' && after.ends_with(b"\r");
        places.push(start..end - usize::from(windows));
        return Ok((end + 1).min(text.len()));
    }
}

/// Where, after the quote that closes the cell, the next byte stands.
fn closing_quote(text: &[u8], mut from: usize) -> Option<usize> {
    loop {
        from += memchr(b'"', &text[from..])? + 1;
        if text.get(from) != Some(&b'"') {
            return Some(from);
        }
        from += 1;
    }
}

/// The text of a cell.
fn unquoted(cell: &[u8]) -> Cow<'_, str> {
    let Some(opened) = cell.strip_prefix(b"\"") else {
        return String::from_utf8_lossy(cell);
    };
    let closed = opened.iter().rposition(|byte| *byte == b'"');
    let inside = String::from_utf8_lossy(&opened[..closed.unwrap_or_default()]);
    match inside.contains('"') {
        true => inside.replace("\"\"", "\"").into(),
        false => inside,
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

/// The delimiter that cuts the first rows the most evenly into the most cells.
fn guessed_delimiter(head: &[u8], newline: u8) -> u8 {
    let mut best = (0.0, b',');
    for delimiter in [b',', b';', b'\t', b'|'] {
        let score = evenness(head, delimiter, newline).unwrap_or(0.0);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

fn evenness(head: &[u8], delimiter: u8, newline: u8) -> Option<f64> {
    let window = Window::new(
        Box::new(io::Cursor::new(head.to_vec())),
        TextEncoding::default(),
    );
    let mut rows = CsvRows::new(window, delimiter, newline);
    let mut next = || {
        let mut record = Record::default();
        rows.next(&mut record).ok()?.then_some(record)
    };
    let columns = next()?.cells.len();
    let (mut all, mut even) = (0_u32, 0_u32);
    while all < 30
        && let Some(record) = next()
    {
        let surplus = record.cells.iter().skip(columns).all(str::is_empty);
        all += 1;
        even += u32::from(record.fault.is_none() && record.cells.len() >= columns && surplus);
    }
    Some((columns as f64 - 1.0) * f64::from(even + 1) / f64::from(all + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(text: &str) -> char {
        let text = text.as_bytes();
        char::from(guessed_delimiter(text, newline(text)))
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
        for (row, more, found) in [
            ("a;\"b;c\";d\nx", true, Ok(10)),
            ("\"\";;\"\"\"x\"\"\"\r\n", true, Ok(13)),
            ("\"a\nb\" ;5\" tall;\n", true, Ok(16)),
            ("\"a\"\r", false, Ok(4)),
            ("\"a\"", true, Err(Uncut::Open(None))),
            ("a;\"b\nc", false, Err(Uncut::Open(Some(2)))),
            ("a;\"b\"\"", false, Err(Uncut::Open(Some(2)))),
            ("a;\"b\nc;\"d\";e\n", false, Err(Uncut::Stray(2))),
            ("\"a\";\"b\"\rc\n", true, Err(Uncut::Stray(4))),
        ] {
            let cut = cut(row.as_bytes(), more, b';', b'\n', &mut Vec::new());
            assert_eq!(cut, found, "{row:?}");
        }
    }
}
