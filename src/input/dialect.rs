//! Which delimiter and line end a text uses, found from its first rows.

use super::quotes::{Dialect, Row};
use crate::lead::Cells;
use crate::lead::text::is_blank;

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Rows looked at.
const SAMPLE: usize = 30;

/// `\r` when that is all there is (old Macs), else `\n`.
pub fn newline(head: &[u8]) -> u8 {
    let lines = head.contains(&b'\n') || !head.contains(&b'\r');
    if lines { b'\n' } else { b'\r' }
}

/// The delimiter that a `sep=;` line names, and the length of that line: a
/// spreadsheet's own hint.
pub fn announced(head: &[u8]) -> Option<u8> {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let line: Vec<u8> = line.iter().filter(|byte| **byte != b'"').copied().collect();
    match line.as_slice() {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*delimiter),
        _ => None,
    }
}

/// The delimiter that cuts the first rows of `head` the most evenly into the
/// most cells. `ended`: nothing comes after `head`.
pub fn delimiter(head: &[u8], newline: u8, ended: bool) -> u8 {
    let mut best = (0.0, b',');
    for delimiter in CANDIDATES {
        let dialect = Dialect { delimiter, newline };
        let score = score(head, dialect, ended);
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

fn score(head: &[u8], dialect: Dialect, ended: bool) -> f64 {
    let mut rows = Sample {
        rest: head,
        dialect,
        ended,
    };
    let Some(header) = rows.by_ref().find(|cells| !all_blank(cells)) else {
        return 0.0;
    };
    let (mut all, mut even) = (0u32, 0u32);
    for cells in rows.take(SAMPLE).filter(|cells| !all_blank(cells)) {
        all += 1;
        let surplus = cells.iter().skip(header.len()).all(str::is_empty);
        even += u32::from(cells.len() >= header.len() && surplus);
    }
    let columns = header.len() as f64;
    (columns - 1.0) * f64::from(even + 1) / f64::from(all + 1)
}

fn all_blank(cells: &Cells) -> bool {
    cells.iter().all(is_blank)
}

/// The cells of each row, as one candidate cuts them.
struct Sample<'h> {
    rest: &'h [u8],
    dialect: Dialect,
    ended: bool,
}

impl Iterator for Sample<'_> {
    type Item = Cells;

    fn next(&mut self) -> Option<Cells> {
        if self.rest.is_empty() {
            return None;
        }
        let mut cells = Cells::new();
        match self.dialect.row(self.rest, self.ended) {
            Row::Whole { end, next, quoted } => {
                let row = String::from_utf8_lossy(&self.rest[..end]);
                match quoted {
                    true => self.dialect.split_quoted(&row, &mut cells),
                    false => self.dialect.split_plain(&row, &mut cells),
                }
                self.rest = &self.rest[next..];
            }
            Row::More => return None,
            // Such a row is uneven; the next line may be a row again.
            Row::Open { opened } | Row::Stray { opened } => {
                let line = memchr::memchr(self.dialect.newline, &self.rest[opened..])?;
                cells.push_field("?");
                self.rest = &self.rest[opened + line + 1..];
            }
        }
        Some(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> char {
        char::from(delimiter(text.as_bytes(), newline(text.as_bytes()), true))
    }

    #[test]
    fn the_delimiter_is_the_one_that_cuts_evenly() {
        assert_eq!(found("Nom;Ville\nDupont;Lyon, 3e\n"), ';');
        assert_eq!(found("Nom, usuel;Ville\nDupont;Lyon\n"), ';');
        assert_eq!(found("nom,ville\n\"a;b\",c\n"), ',');
        assert_eq!(found("nom\tville|pays\na\tb\n"), '\t');
        assert_eq!(found("nom|ville\na|b;c"), '|');
        assert_eq!(found("\"Nom;Prénom\",Ville\n\"a\nb\",c\n"), ',');
        assert_eq!(found("email\njean@example.fr\n"), ',');
        assert_eq!(found("a;b;c\n1;2\n1;2;3;4\n"), ';');
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
}
