//! Cuts one row of delimited text into cells, strictly: a quote that is left open,
//! or closed amid a cell, is told, and nothing is made of that row.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};

/// A row that stood in one cell, without that cell's quotes, and how it was cut.
type Unquoted<'t> = (Cow<'t, [u8]>, Row);

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutter {
    pub delimiter: u8,
    /// `"`, or `'` where it stands round every cell.
    pub quote: u8,
    /// What ends most lines: `\n`, or `\r` for files from old Macs.
    pub newline: u8,
    /// The cells of most rows. Not known while that is found out: then a return
    /// ends a row as a line feed does, and what looks like a row in quotes is one.
    pub columns: Option<usize>,
}

/// A row's bytes, with the line's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub length: usize,
    pub end: LineEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// What most lines end with.
    Usual,
    /// A return among line feeds, or the other way round.
    Other,
    /// Nothing comes after it.
    OfText,
}

/// Why a row can't be cut. Quotes are named by their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncut {
    /// Its end is not in sight.
    More,
    OpenQuote(usize),
    StrayQuote(usize),
}

struct Quoted<'t> {
    inner: Cow<'t, [u8]>,
    /// Where its cell ends.
    end: usize,
}

impl Cutter {
    /// Whether nothing in a row needs to be looked at: it is cut at each delimiter.
    pub fn is_plain(&self, row: &[u8]) -> bool {
        let row = row.strip_suffix(&[self.newline]).unwrap_or(row);
        let (row, other) = match self.newline {
            b'\n' => (row.strip_suffix(b"\r").unwrap_or(row), b'\r'),
            _ => (row, b'\n'),
        };
        memchr2(self.quote, other, row).is_none()
    }

    /// Cuts the first row of `text`: gives each cell, and whether it stood in
    /// quotes. `whole`: nothing comes after `text`.
    ///
    /// # Errors
    /// Why it can't be cut; some cells may have been given by then.
    pub fn cut(
        &self,
        text: &[u8],
        whole: bool,
        sink: &mut dyn FnMut(&[u8], bool),
    ) -> Result<Row, Uncut> {
        let mut at = empty_lines(text);
        if let Some((inner, row)) = self.in_one_cell(text, at, whole)? {
            self.cut(&inner, true, sink)?;
            return Ok(row);
        }
        let mut count = 0;
        loop {
            count += 1;
            let end = match self.quoted(text, at, count, whole)? {
                Some(quoted) => {
                    sink(&quoted.inner, true);
                    quoted.end
                }
                None => {
                    let end = self.end_of_bare(text, at, count, whole)?;
                    sink(&text[at..end], false);
                    end
                }
            };
            if text.get(end) != Some(&self.delimiter) {
                let row = self.line_end(text, end, count, whole)?;
                return row.ok_or(Uncut::StrayQuote(at));
            }
            at = end + 1;
        }
    }

    /// A row that a spreadsheet took for one cell: all of it in quotes, its own
    /// ones doubled, perhaps with that spreadsheet's empty cells behind.
    fn in_one_cell<'t>(
        &self,
        text: &'t [u8],
        at: usize,
        whole: bool,
    ) -> Result<Option<Unquoted<'t>>, Uncut> {
        if self.columns == Some(1) || text.get(at) != Some(&self.quote) {
            return Ok(None);
        }
        let Some(closed) = self.closing_quote(text, at + 1) else {
            return Ok(None);
        };
        let empty = |byte: &&u8| b",;\t| ".contains(byte) && **byte != self.delimiter;
        let after = closed + text[closed..].iter().take_while(empty).count();
        let count = self.columns.unwrap_or(1);
        let Some(row) = self.line_end(text, after, count, whole)? else {
            return Ok(None);
        };
        let inner = self.unquoted(&text[at + 1..closed - 1]);
        let mut cells = 0;
        let cut = self.cut(&inner, true, &mut |_, _| cells += 1);
        let all = cut.is_ok_and(|row| row.length == inner.len());
        let fits = self.columns.map_or(cells > 1, |columns| cells == columns);
        Ok((all && fits).then_some((inner, row)))
    }

    /// The cell at `at` where it is in quotes, blanks around them aside. Text that
    /// only starts with blanks and a word in quotes is not.
    fn quoted<'t>(
        &self,
        text: &'t [u8],
        at: usize,
        count: usize,
        whole: bool,
    ) -> Result<Option<Quoted<'t>>, Uncut> {
        let open = at + self.blanks(&text[at..]);
        if text.get(open) != Some(&self.quote) {
            return Ok(None);
        }
        let Some(closed) = self.closing_quote(text, open + 1) else {
            return Err(if whole {
                Uncut::OpenQuote(open)
            } else {
                Uncut::More
            });
        };
        let inner = &text[open + 1..closed - 1];
        let end = closed + self.blanks(&text[closed..]);
        let ends = text.get(end) == Some(&self.delimiter)
            || self.line_end(text, end, count, whole)?.is_some();
        match ends {
            true => Ok(Some(Quoted {
                inner: self.unquoted(inner),
                end,
            })),
            false if open > at && memchr3(self.delimiter, b'\r', b'\n', inner).is_none() => {
                Ok(None)
            }
            false => Err(Uncut::StrayQuote(open)),
        }
    }

    /// Where, after the quote that closes a cell, the next byte stands.
    fn closing_quote(&self, text: &[u8], mut from: usize) -> Option<usize> {
        loop {
            from += memchr(self.quote, &text[from..])? + 1;
            if text.get(from) != Some(&self.quote) {
                return Some(from);
            }
            from += 1;
        }
    }

    fn unquoted<'t>(&self, inner: &'t [u8]) -> Cow<'t, [u8]> {
        if memchr(self.quote, inner).is_none() {
            return Cow::Borrowed(inner);
        }
        let mut second = false;
        let once = inner.iter().filter(|byte| {
            second = **byte == self.quote && !second;
            **byte != self.quote || second
        });
        Cow::Owned(once.copied().collect())
    }

    fn end_of_bare(
        &self,
        text: &[u8],
        mut at: usize,
        count: usize,
        whole: bool,
    ) -> Result<usize, Uncut> {
        loop {
            let found = memchr3(self.delimiter, b'\r', b'\n', &text[at..]);
            at = found.map_or(text.len(), |found| at + found);
            if text.get(at) == Some(&self.delimiter)
                || self.line_end(text, at, count, whole)?.is_some()
            {
                return Ok(at);
            }
            at += 1;
        }
    }

    /// The row that ends at `at`, `count` cells after its start, if one does.
    fn line_end(
        &self,
        text: &[u8],
        at: usize,
        count: usize,
        whole: bool,
    ) -> Result<Option<Row>, Uncut> {
        let row = |length, end| Ok(Some(Row { length, end }));
        let returns = text[at..].iter().take_while(|byte| **byte == b'\r').count();
        let after = at + returns;
        match text.get(after) {
            None if !whole => Err(Uncut::More),
            None if returns > 0 && self.newline == b'\r' => row(after, LineEnd::Usual),
            None => row(after, LineEnd::OfText),
            Some(b'\n') if returns > 0 || self.newline == b'\n' => row(after + 1, LineEnd::Usual),
            Some(_) if returns > 0 && self.newline == b'\r' => row(at + 1, LineEnd::Usual),
            Some(b'\n') => self.other_end(text, after + 1, count, whole),
            Some(_) if returns > 0 => self.other_end(text, after, count, whole),
            Some(_) => Ok(None),
        }
    }

    /// Where lines end otherwise, this ends one where it stands between two rows
    /// that have all their cells; else it belongs to a cell.
    fn other_end(
        &self,
        text: &[u8],
        after: usize,
        count: usize,
        whole: bool,
    ) -> Result<Option<Row>, Uncut> {
        let mut next = 0;
        let ends = match self.columns {
            None => true,
            Some(columns) if columns != count => false,
            Some(columns) => {
                let anyhow = Self {
                    columns: None,
                    ..*self
                };
                match anyhow.cut(&text[after..], whole, &mut |_, _| next += 1) {
                    Err(Uncut::More) => return Err(Uncut::More),
                    cut => cut.is_ok() && next == columns,
                }
            }
        };
        Ok(ends.then_some(Row {
            length: after,
            end: LineEnd::Other,
        }))
    }

    /// Bytes of white space at the start.
    fn blanks(&self, text: &[u8]) -> usize {
        let mut at = 0;
        loop {
            at += match &text[at..] {
                [byte @ (b' ' | b'\t'), ..] if *byte != self.delimiter => 1,
                [0xC2, 0xA0, ..] => 2,
                [0xE2, 0x80, 0xAF, ..] => 3,
                _ => return at,
            };
        }
    }
}

/// Bytes of line ends at the start.
fn empty_lines(text: &[u8]) -> usize {
    let ends = text.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    ends.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Cutter = Cutter {
        delimiter: b';',
        quote: b'"',
        newline: b'\n',
        columns: Some(3),
    };

    fn cells(cutter: Cutter, text: &str) -> (Vec<String>, Result<Row, Uncut>) {
        let mut cells = Vec::new();
        let row = cutter.cut(text.as_bytes(), true, &mut |cell, _| {
            cells.push(String::from_utf8_lossy(cell).into_owned());
        });
        (cells, row)
    }

    #[track_caller]
    fn cut(text: &str, expected: &str) {
        let (cells, row) = cells(USUAL, text);
        assert!(row.is_ok(), "{text:?}: {row:?}");
        assert_eq!(cells.join("|"), expected, "{text:?}");
    }

    #[test]
    fn blanks_around_quotes_are_no_part_of_a_cell() {
        cut("a; \"b;c\" ;\t\"d\"\t\n", "a|b;c|d");
        cut("a;\u{a0}\"b\nc\"\u{202f};d\r\n", "a|b\nc|d");
        cut("a; \"top\" client;5\" tall\n", "a| \"top\" client|5\" tall");
        cut(" a ; b;c ", " a | b|c ");
        cut("\"\"; \"\"\"x\"\"\";\n", "|\"x\"|");
    }

    #[test]
    fn a_quote_that_does_not_close_its_cell_is_told() {
        for (text, why) in [
            ("a;\"b\nc", Uncut::OpenQuote(2)),
            ("a;\"b\"\"", Uncut::OpenQuote(2)),
            ("a; \"b\n", Uncut::OpenQuote(3)),
            ("a;\"b\nc;\"d\";e\n", Uncut::StrayQuote(2)),
            ("a; \"b\nc; \"d\";e\n", Uncut::StrayQuote(3)),
            ("a;\"b\"c;d\n", Uncut::StrayQuote(2)),
            ("\"a\";\"b\"\rc\n", Uncut::StrayQuote(4)),
        ] {
            assert_eq!(cells(USUAL, text).1, Err(why), "{text:?}");
        }
    }

    #[test]
    fn what_can_not_be_seen_yet_is_asked_for() {
        for text in ["a;b", "a;\"b", "a;b;\"c\"", "a;b;c\r", "a;b;c\rd;e"] {
            let cut = USUAL.cut(text.as_bytes(), false, &mut |_, _| ());
            assert_eq!(cut, Err(Uncut::More), "{text:?}");
        }
    }

    #[test]
    fn a_return_ends_a_row_between_whole_rows_alone() {
        let end = |text| cells(USUAL, text).1.map(|row| (row.length, row.end));
        assert_eq!(end("a;b;c\rd;e;f\n"), Ok((6, LineEnd::Other)));
        assert_eq!(end("a;b;\"c\"\rd;e;f"), Ok((8, LineEnd::Other)));
        assert_eq!(end("a;b;c\r\r\nd"), Ok((8, LineEnd::Usual)));
        assert_eq!(end("a;b;c\rd\n"), Ok((8, LineEnd::Usual)));
        assert_eq!(end("a;b\rc;d\n"), Ok((8, LineEnd::Usual)));
        cut("a;b\rc;d\n", "a|b\rc|d");
        let old = Cutter {
            newline: b'\r',
            ..USUAL
        };
        assert_eq!(
            cells(old, "\na;b;c\nd;e;f\r").1.map(|row| row.length),
            Ok(7)
        );
        assert_eq!(cells(old, "a;b;\"c\nd\"\r\ne").0, ["a", "b", "c\nd"]);
        assert_eq!(cells(old, "a;b\nc;d\r").0, ["a", "b\nc", "d"]);
    }

    #[test]
    fn a_row_taken_for_one_cell_is_a_row() {
        cut("\"a;\"\"b;\"\"\"\"c\"\"\"\"\"\";d\"\r\n", "a|b;\"c\"|d");
        cut("\"a;b;c\",,,\n", "a|b|c");
        cut("\"a;b\"\n", "a;b");
        cut("\"a;b\";c;d\n", "a;b|c|d");
    }
}
