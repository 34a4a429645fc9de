//! Cuts one row of delimited text into cells, strictly: a quote that is left open,
//! or closed amid a cell, is told, and nothing is made of that row.

use std::borrow::Cow;

use memchr::{memchr, memchr3};

/// What stands in quotes, if anything does, and where that ends.
type Quoted<'t, End> = Option<(Cow<'t, [u8]>, End)>;

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

/// A text whose first row is cut.
#[derive(Clone, Copy)]
struct Text<'t> {
    cutter: Cutter,
    bytes: &'t [u8],
    /// Nothing comes after it.
    whole: bool,
}

impl Cutter {
    /// Cuts the first row of `bytes`: gives each cell, and whether it stood in
    /// quotes. `whole`: nothing comes after `bytes`.
    ///
    /// # Errors
    /// Why it can't be cut; some cells may have been given by then.
    pub fn cut(
        &self,
        bytes: &[u8],
        whole: bool,
        sink: &mut dyn FnMut(&[u8], bool),
    ) -> Result<Row, Uncut> {
        let text = Text {
            cutter: *self,
            bytes,
            whole,
        };
        let mut at = empty_lines(bytes);
        if let Some((inner, row)) = text.in_one_cell(at)? {
            self.cut(&inner, true, sink)?;
            return Ok(row);
        }
        let mut count = 0;
        loop {
            count += 1;
            let end = match text.quoted(at, count)? {
                Some((inner, end)) => {
                    sink(&inner, true);
                    end
                }
                None => {
                    let end = text.end_of_bare(at, count)?;
                    sink(&bytes[at..end], false);
                    end
                }
            };
            if bytes.get(end) != Some(&self.delimiter) {
                return text.line_end(end, count)?.ok_or(Uncut::StrayQuote(at));
            }
            at = end + 1;
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
}

impl<'t> Text<'t> {
    /// A row that a spreadsheet took for one cell: all of it in quotes, its own
    /// ones doubled, perhaps with that spreadsheet's empty cells behind. Gives it
    /// without that cell's quotes.
    fn in_one_cell(&self, at: usize) -> Result<Quoted<'t, Row>, Uncut> {
        let (cutter, bytes) = (self.cutter, self.bytes);
        if cutter.columns == Some(1) || bytes.get(at) != Some(&cutter.quote) {
            return Ok(None);
        }
        let Some(closed) = self.closing_quote(at + 1) else {
            return Ok(None);
        };
        let empty = |byte: &&u8| b",;\t| ".contains(byte) && **byte != cutter.delimiter;
        let after = closed + bytes[closed..].iter().take_while(empty).count();
        let Some(row) = self.line_end(after, cutter.columns.unwrap_or(1))? else {
            return Ok(None);
        };
        let inner = cutter.unquoted(&bytes[at + 1..closed - 1]);
        let mut cells = 0;
        let cut = cutter.cut(&inner, true, &mut |_, _| cells += 1);
        let all = cut.is_ok_and(|row| row.length == inner.len());
        let fits = cutter.columns.map_or(cells > 1, |columns| cells == columns);
        Ok((all && fits).then_some((inner, row)))
    }

    /// What the cell at `at` holds, and where it ends, if it is in quotes, blanks
    /// around them aside. Text that only starts with blanks and a word in quotes is
    /// not.
    fn quoted(&self, at: usize, count: usize) -> Result<Quoted<'t, usize>, Uncut> {
        let (cutter, bytes) = (self.cutter, self.bytes);
        let open = self.after_blanks(at);
        if bytes.get(open) != Some(&cutter.quote) {
            return Ok(None);
        }
        let Some(closed) = self.closing_quote(open + 1) else {
            return Err(match self.whole {
                true => Uncut::OpenQuote(open),
                false => Uncut::More,
            });
        };
        let inner = &bytes[open + 1..closed - 1];
        let end = self.after_blanks(closed);
        if bytes.get(end) == Some(&cutter.delimiter) || self.line_end(end, count)?.is_some() {
            Ok(Some((cutter.unquoted(inner), end)))
        } else if open > at && memchr3(cutter.delimiter, b'\r', b'\n', inner).is_none() {
            Ok(None)
        } else {
            Err(Uncut::StrayQuote(open))
        }
    }

    /// Where, after the quote that closes a cell, the next byte stands.
    fn closing_quote(&self, mut from: usize) -> Option<usize> {
        let quote = self.cutter.quote;
        loop {
            from += memchr(quote, &self.bytes[from..])? + 1;
            if self.bytes.get(from) != Some(&quote) {
                return Some(from);
            }
            from += 1;
        }
    }

    fn end_of_bare(&self, mut at: usize, count: usize) -> Result<usize, Uncut> {
        let delimiter = self.cutter.delimiter;
        loop {
            let found = memchr3(delimiter, b'\r', b'\n', &self.bytes[at..]);
            at = found.map_or(self.bytes.len(), |found| at + found);
            if self.bytes.get(at) == Some(&delimiter) || self.line_end(at, count)?.is_some() {
                return Ok(at);
            }
            at += 1;
        }
    }

    /// The row that ends at `at`, `count` cells after its start, if one does.
    fn line_end(&self, at: usize, count: usize) -> Result<Option<Row>, Uncut> {
        let row = |length, end| Ok(Some(Row { length, end }));
        let returns = self.bytes[at..].iter();
        let returns = returns.take_while(|byte| **byte == b'\r').count();
        let after = at + returns;
        let newline = self.cutter.newline;
        match self.bytes.get(after) {
            None if !self.whole => Err(Uncut::More),
            None if returns > 0 && newline == b'\r' => row(after, LineEnd::Usual),
            None => row(after, LineEnd::OfText),
            Some(b'\n') if returns > 0 || newline == b'\n' => row(after + 1, LineEnd::Usual),
            Some(_) if returns > 0 && newline == b'\r' => row(at + 1, LineEnd::Usual),
            Some(b'\n') => self.other_end(after + 1, count),
            Some(_) if returns > 0 => self.other_end(after, count),
            Some(_) => Ok(None),
        }
    }

    /// Where lines end otherwise, this ends one where it stands between two rows
    /// that have all their cells; else it belongs to a cell.
    fn other_end(&self, after: usize, count: usize) -> Result<Option<Row>, Uncut> {
        let mut next = 0;
        let anyhow = Cutter {
            columns: None,
            ..self.cutter
        };
        let mut cut_next = || anyhow.cut(&self.bytes[after..], self.whole, &mut |_, _| next += 1);
        let ends = match self.cutter.columns {
            None => true,
            Some(columns) if columns != count => false,
            Some(columns) => match cut_next() {
                Err(Uncut::More) => return Err(Uncut::More),
                cut => cut.is_ok() && next == columns,
            },
        };
        Ok(ends.then_some(Row {
            length: after,
            end: LineEnd::Other,
        }))
    }

    /// The first place from `at` on without white space.
    fn after_blanks(&self, mut at: usize) -> usize {
        loop {
            at += match &self.bytes[at..] {
                [byte @ (b' ' | b'\t'), ..] if *byte != self.cutter.delimiter => 1,
                [0xC2, 0xA0, ..] => 2,
                [0xE2, 0x80, 0xAF, ..] => 3,
                _ => return at,
            };
        }
    }
}

/// Bytes of line ends at the start.
pub fn empty_lines(text: &[u8]) -> usize {
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
