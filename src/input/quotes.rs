//! Where a row of delimited text ends and where its cells stand, quotes
//! included. Knows no header and no encoding: bytes in, cells out.

use memchr::{memchr, memchr2};

use crate::lead::Cells;

/// The two bytes that give delimited text its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: u8,
    /// `\n`, or `\r` for files from old Macs.
    pub newline: u8,
}

/// What stands at the start of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// `..end` is a row; the next one starts at `next`.
    Whole {
        end: usize,
        next: usize,
        quoted: bool,
    },
    /// The row goes on after these bytes.
    More,
    /// A quote opens at `opened` and closes nowhere.
    Open { opened: usize },
    /// The quote that opens at `opened` closes in the middle of a cell.
    Stray { opened: usize },
}

impl Dialect {
    /// The first row of `bytes`; `ended` when nothing comes after them.
    pub fn row(self, bytes: &[u8], ended: bool) -> Row {
        let line = match memchr2(self.newline, b'"', bytes) {
            Some(found) if bytes[found] == b'"' => return self.quoted_row(bytes, ended),
            Some(line) => line,
            None if ended => bytes.len(),
            None => return Row::More,
        };
        self.whole(bytes, line, false)
    }

    /// A row whose line ends at `line` (or at the end of all).
    fn whole(self, bytes: &[u8], line: usize, quoted: bool) -> Row {
        let windows = self.newline == b'\n' && line > 0 && bytes[line - 1] == b'\r';
        Row::Whole {
            end: line - usize::from(windows),
            next: (line + 1).min(bytes.len()),
            quoted,
        }
    }

    fn quoted_row(self, bytes: &[u8], ended: bool) -> Row {
        let mut at = 0;
        loop {
            if bytes.get(at) == Some(&b'"') {
                match self.after_quotes(bytes, at) {
                    After::Cell(next) => at = next,
                    After::Line(line) => return self.whole(bytes, line, true),
                    After::Unknown if ended => return Row::Open { opened: at },
                    After::Unknown => return Row::More,
                    After::End if ended => return self.whole(bytes, bytes.len(), true),
                    After::End => return Row::More,
                    After::Other => return Row::Stray { opened: at },
                }
                continue;
            }
            match memchr2(self.delimiter, self.newline, &bytes[at..]) {
                Some(found) if bytes[at + found] == self.newline => {
                    return self.whole(bytes, at + found, true);
                }
                Some(found) => at += found + 1,
                None if ended => return self.whole(bytes, bytes.len(), true),
                None => return Row::More,
            }
        }
    }

    /// What follows the quoted cell that opens at `opened`.
    fn after_quotes(self, bytes: &[u8], opened: usize) -> After {
        let mut from = opened + 1;
        loop {
            let Some(found) = memchr(b'"', &bytes[from..]) else {
                return After::Unknown;
            };
            let mut after = from + found + 1;
            if bytes.get(after) == Some(&b'"') {
                from = after + 1;
                continue;
            }
            while matches!(bytes.get(after), Some(b' ')) && self.delimiter != b' ' {
                after += 1;
            }
            return match bytes.get(after) {
                None => After::End,
                Some(&byte) if byte == self.delimiter => After::Cell(after + 1),
                Some(&byte) if byte == self.newline => After::Line(after),
                Some(b'\r') => match bytes.get(after + 1) {
                    None => After::End,
                    Some(b'\n') => After::Line(after + 1),
                    Some(_) => After::Other,
                },
                Some(_) => After::Other,
            };
        }
    }

    /// Cuts a row without quotes into cells.
    pub fn split_plain(self, row: &str, cells: &mut Cells) {
        for cell in row.split(char::from(self.delimiter)) {
            cells.push_field(cell);
        }
    }

    /// Cuts a row that [`Dialect::row`] found whole into cells, quotes removed.
    pub fn split_quoted(self, row: &str, cells: &mut Cells) {
        let mut rest = row;
        loop {
            rest = match rest.strip_prefix('"') {
                Some(inside) => self.quoted_cell(inside, cells),
                None => {
                    let end = memchr(self.delimiter, rest.as_bytes()).unwrap_or(rest.len());
                    cells.push_field(&rest[..end]);
                    &rest[end..]
                }
            };
            match rest.as_bytes().first() {
                Some(&byte) if byte == self.delimiter => rest = &rest[1..],
                _ => return,
            }
        }
    }

    /// Reads one cell whose opening quote is gone; gives what follows it.
    fn quoted_cell<'r>(self, inside: &'r str, cells: &mut Cells) -> &'r str {
        let mut rest = inside;
        let mut cell = String::new();
        loop {
            let quote = memchr(b'"', rest.as_bytes()).unwrap_or(rest.len());
            cell.push_str(&rest[..quote]);
            rest = rest.get(quote + 1..).unwrap_or("");
            match rest.strip_prefix('"') {
                Some(after) => {
                    cell.push('"');
                    rest = after;
                }
                None => {
                    cells.push_field(&cell);
                    let next = memchr(self.delimiter, rest.as_bytes());
                    return &rest[next.unwrap_or(rest.len())..];
                }
            }
        }
    }
}

/// What stands after a quoted cell.
enum After {
    /// Another cell, from here.
    Cell(usize),
    /// The end of the line, here.
    Line(usize),
    /// The end of the bytes: the cell is closed, if nothing else follows.
    End,
    /// The closing quote is not in these bytes.
    Unknown,
    /// Anything else: the quote closed in the middle of a cell.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEMICOLON: Dialect = Dialect {
        delimiter: b';',
        newline: b'\n',
    };

    fn cells(row: &str) -> Vec<String> {
        let mut cells = Cells::new();
        SEMICOLON.split_quoted(row, &mut cells);
        cells.iter().map(str::to_owned).collect()
    }

    #[test]
    fn quotes_are_removed() {
        assert_eq!(cells("a;\"b;c\";d"), ["a", "b;c", "d"]);
        assert_eq!(cells("\"\";;\"\"\"x\"\"\""), ["", "", "\"x\""]);
        assert_eq!(cells("\"a\nb\" ;5\" tall;"), ["a\nb", "5\" tall", ""]);
        assert_eq!(cells(""), [""]);
    }

    #[test]
    fn a_row_ends_outside_of_quotes() {
        let row = SEMICOLON.row(b"a;\"b\r\nc\"\r\nd", false);
        assert_eq!(
            row,
            Row::Whole {
                end: 8,
                next: 10,
                quoted: true
            }
        );
        assert_eq!(SEMICOLON.row(b"a;\"b\"", false), Row::More);
        assert_eq!(SEMICOLON.row(b"a;b", false), Row::More);
    }

    #[test]
    fn a_quote_that_does_not_close_its_cell_is_seen() {
        assert_eq!(SEMICOLON.row(b"a;\"b\nc", true), Row::Open { opened: 2 });
        assert_eq!(
            SEMICOLON.row(b"a;\"b\nc;\"d\";e\n", false),
            Row::Stray { opened: 2 }
        );
    }
}
