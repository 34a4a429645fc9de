//! How a delimited text was written, found out from its first bytes: what ends its
//! lines, what stands between cells and round them, how many cells a row has.

use super::cutter::{Cutter, Uncut};
use super::header::KnownHeaders;
use crate::lead::Cells;

/// Rows that are looked at.
const ROWS: usize = 60;

/// What the first bytes of a text tell.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    pub cutter: Cutter,
    /// Lines end as those of Windows do.
    pub crlf: bool,
}

/// What one row is, cut in some way.
#[derive(Debug, Default)]
struct Seen {
    sound: bool,
    cells: Cells,
    /// The cells up to the last one that is not blank.
    filled: usize,
    quoted: usize,
    /// Cells of text without quotes.
    bare: usize,
}

impl Dialect {
    /// `whole`: nothing comes after `head`. `delimiter`: where it is known.
    pub fn of(
        head: &[u8],
        whole: bool,
        delimiter: Option<u8>,
        known: Option<&KnownHeaders>,
    ) -> Self {
        let (newline, crlf) = line_ends(head);
        let cut_best = |quote| {
            let cut = |delimiter| {
                let columns = None;
                let cutter = Cutter {
                    delimiter,
                    quote,
                    newline,
                    columns,
                };
                (cutter, first_rows(head, whole, cutter))
            };
            let mut best = cut(delimiter.unwrap_or(b','));
            for other in [b';', b'\t', b'|']
                .into_iter()
                .filter(|_| delimiter.is_none())
            {
                let other = cut(other);
                if fitness(&other.1, known) > fitness(&best.1, known) {
                    best = other;
                }
            }
            best
        };
        let single = Some(cut_best(b'\'')).filter(|(_, rows)| all_quoted(rows));
        let (mut cutter, rows) = single.unwrap_or_else(|| cut_best(b'"'));
        cutter.columns = most_common(&rows);
        Self { cutter, crlf }
    }
}

/// The delimiter that a `sep=;` line names (a spreadsheet's own hint).
pub fn announced(head: &[u8]) -> Option<u8> {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let (word, delimiter) = line.split_at_checked(line.iter().position(|byte| *byte == b'=')?)?;
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'"' | b'\'');
    let word: Vec<u8> = word
        .iter()
        .filter(|byte| !is_blank(byte))
        .copied()
        .collect();
    let mut named = delimiter[1..].iter().filter(|byte| !is_blank(byte));
    let delimiter = *named.next()?;
    let only = named.all(|byte| *byte == delimiter || matches!(byte, b',' | b';' | b'\t'));
    let is_hint = word.eq_ignore_ascii_case(b"sep") && only && !delimiter.is_ascii_alphanumeric();
    (is_hint && delimiter.is_ascii()).then_some(delimiter)
}

/// What ends most lines, outside of quotes: `\n`, or `\r` for files from old Macs;
/// and whether a return stands before most line feeds.
fn line_ends(head: &[u8]) -> (u8, bool) {
    let mut counts = [[0_u32; 3]; 2];
    let mut inside = false;
    for (at, byte) in head.iter().enumerate() {
        let kind = match byte {
            b'"' => {
                inside = !inside;
                continue;
            }
            b'\n' if at > 0 && head[at - 1] == b'\r' => 1,
            b'\n' => 0,
            b'\r' if head.get(at + 1) != Some(&b'\n') => 2,
            _ => continue,
        };
        counts[usize::from(inside)][kind] += 1;
    }
    let outside = counts.into_iter().find(|counts| *counts != [0; 3]);
    let [feeds, both, returns] = outside.unwrap_or_default();
    match returns > feeds + both {
        true => (b'\r', false),
        false => (b'\n', both > feeds),
    }
}

fn first_rows(head: &[u8], whole: bool, cutter: Cutter) -> Vec<Seen> {
    let mut rows = Vec::new();
    let mut rest = head;
    while !rest.is_empty() && rows.len() < ROWS {
        let mut seen = Seen::default();
        // A header may be longer than what is looked at.
        let whole = whole || rows.is_empty();
        let cut = cutter.cut(rest, whole, &mut |cell, quoted| seen.note(cell, quoted));
        let length = match cut {
            Ok(row) => row.length,
            Err(Uncut::More) => break,
            Err(Uncut::OpenQuote(at) | Uncut::StrayQuote(at)) => {
                let line = memchr::memchr2(b'\r', b'\n', &rest[at..]);
                line.map_or(rest.len(), |line| at + line + 1)
            }
        };
        seen.sound = cut.is_ok();
        if seen.filled > 0 || !seen.sound {
            rows.push(seen);
        }
        rest = &rest[length..];
    }
    rows
}

impl Seen {
    fn note(&mut self, cell: &[u8], quoted: bool) {
        let number = |byte: &u8| byte.is_ascii_digit() || b"+-., ".contains(byte);
        self.cells.push_field(&String::from_utf8_lossy(cell));
        self.quoted += usize::from(quoted);
        let cell = cell.trim_ascii();
        if !cell.is_empty() {
            self.filled = self.cells.len();
            let is_value = cell.iter().all(number) || cell.eq_ignore_ascii_case(b"null");
            self.bare += usize::from(!quoted && !is_value);
        }
    }
}

/// Whether the rows are cut into known column names, and how many; and else how
/// evenly they are as wide as one of them, above which there may be titles.
fn fitness(rows: &[Seen], known: Option<&KnownHeaders>) -> (usize, f64) {
    let names = |row: &Seen| known.map_or(0, |known| known.count(&row.cells));
    let named = rows.iter().map(names).find(|count| *count > 0);
    let evenness = |(index, header): (usize, &Seen)| {
        let columns = header.filled.max(1);
        let even = |row: &&Seen| row.sound && row.cells.len() >= columns && row.filled <= columns;
        let even = rows[index + 1..].iter().filter(even).count();
        (columns as f64 - 1.0) * (even + 1) as f64 / rows.len() as f64
    };
    let most = rows.iter().enumerate().map(evenness).fold(0.0, f64::max);
    (named.unwrap_or(0), most)
}

/// Whether quotes stand round every text, but perhaps those of the header.
fn all_quoted(rows: &[Seen]) -> bool {
    let quoted = |row: &Seen| row.sound && row.bare == 0;
    let Some((header, below)) = rows.split_first() else {
        return false;
    };
    let header_fits = quoted(header) || header.quoted == 0 && !below.is_empty();
    header_fits && below.iter().all(quoted) && rows.iter().any(|row| row.quoted > 0)
}

/// The number of cells that most rows have.
fn most_common(rows: &[Seen]) -> Option<usize> {
    let sound = || {
        rows.iter()
            .filter(|row| row.sound)
            .map(|row| row.cells.len())
    };
    let often = |cells: &usize| sound().filter(|other| other == cells).count();
    sound().max_by_key(|cells| (often(cells), *cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Cutter {
        Dialect::of(text.as_bytes(), true, None, None).cutter
    }

    fn guessed(text: &str) -> char {
        char::from(of(text).delimiter)
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
        assert_eq!(guessed("a, b, c\n\"x\", \"y;z\", 1\n"), ',');
        assert_eq!(guessed("\"a,b\";;\r\n\"c,\"\"d\"\"\";;\r\n"), ',');
        assert_eq!(guessed("'a;b'|'c'\n'd;e'|'f'\n"), '|');
    }

    #[test]
    fn titles_above_the_columns_do_not_mislead() {
        let titles = "Export du 12 novembre, 14:30, par Jean, agence\n\nA, b, c, d\n";
        let rows = "Dupont;Jean;Lyon\nMartin;Léa;Paris, 3e\n".repeat(4);
        assert_eq!(guessed(&format!("{titles}Nom;Prénom;Ville\n{rows}")), ';');
        // With one lead, the column names tell.
        let text = format!("{titles}Nom;Prénom;Ville\nDupont;Jean;Lyon\n");
        let known = KnownHeaders::new(|name| ["Nom", "Ville"].contains(&name));
        let found = Dialect::of(text.as_bytes(), true, None, Some(&known));
        assert_eq!(found.cutter.delimiter, b';');
    }

    #[test]
    fn single_quotes_count_where_they_stand_round_every_text() {
        let quote = |text: &str| char::from(of(text).quote);
        assert_eq!(quote("'Nom';'CP'\n'L''Hôte';'01000'\n"), '\'');
        assert_eq!(
            quote("Nom,CP,Ville\n'Martin',01000,'Lyon, 3e'\n'Petit',NULL,''\n"),
            '\''
        );
        assert_eq!(quote("Nom;Tel\nMartin;'0639980043'\n"), '"');
        assert_eq!(quote("Nom;Tel\n't Hooft;'0639980043'\n"), '"');
        assert_eq!(quote("Nom;Tel\n\"Martin\";\"06\"\n"), '"');
    }

    #[test]
    fn a_spreadsheet_may_name_the_delimiter() {
        assert_eq!(announced(b"sep=;\r\nNom;Ville"), Some(b';'));
        assert_eq!(announced(b"\"sep=\t\"\nNom"), Some(b'\t'));
        assert_eq!(announced(b"Sep = ; \nNom"), Some(b';'));
        assert_eq!(announced(b"sep=|;;\nNom"), Some(b'|'));
        assert_eq!(announced(b"separator"), None);
        assert_eq!(announced(b"sep=x;Nom"), None);
    }

    #[test]
    fn line_ends_are_counted_outside_of_quotes() {
        assert_eq!(line_ends(b"a;b\rc;d\r"), (b'\r', false));
        assert_eq!(line_ends(b"a;b\r\nc;d"), (b'\n', true));
        assert_eq!(line_ends(b"a;b"), (b'\n', false));
        assert_eq!(line_ends(b"a;b\rc;\"d\n\n\ne\"\r"), (b'\r', false));
        assert_eq!(line_ends(b"a;b\rc;d\ne;f\n"), (b'\n', false));
        assert_eq!(line_ends(b"a\"\rb\rc\n"), (b'\r', false));
    }

    #[test]
    fn the_width_is_that_of_most_rows() {
        let columns = |text: &str| of(text).columns;
        assert_eq!(columns("a;b;c\r1;2;3\n4;5;6\r\n7;8\n"), Some(3));
        assert_eq!(columns("\"a,b\"\n\"c,d\"\n"), Some(2));
        assert_eq!(columns(""), None);
    }
}
