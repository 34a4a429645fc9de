//! Leads as JSON: one object, several, an array, pages (objects that wrap
//! arrays), or one object a line. One lead at a time is held, however long the
//! input; a broken one harms no other.

use std::io;

use super::csv::invalid;
use super::error::{ErrorKind, Fault};
use super::object::{self, ObjectKind};
use super::reader::{Rows, SHOWN};
use super::window::{LONGEST_ROW, Window};
use crate::lead::{Cells, Headers, Record};

/// The rows of a JSON text.
pub struct JsonRows {
    window: Window,
    layout: Layout,
    /// Inside of a page: an object that wraps lists of leads.
    page: bool,
    /// Lists that are open.
    lists: usize,
    /// A lead stood alone: what comes after it are leads too, and no pages.
    alone: bool,
    encoding: String,
    headers: Headers,
    names: Cells,
}

/// How the leads stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// One a line: a broken line harms no other.
    Lines,
    /// One after the other, in lists or alone.
    Stream,
    Ended,
    /// What comes next could not be understood.
    Lost,
}

impl Rows for JsonRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        match self.layout {
            Layout::Lines => Ok(self.next_line(record)?),
            Layout::Stream => Ok(self.next_element(record)?),
            Layout::Ended => Ok(false),
            Layout::Lost => {
                record.line = self.window.line();
                Err(ErrorKind::LostJson)
            }
        }
    }
}

impl JsonRows {
    /// `lines`: JSON Lines. `encoding` is only a word for messages.
    pub fn new(window: Window, lines: bool, encoding: String) -> Self {
        let layout = match lines && !lines_are_pages(&window) {
            true => Layout::Lines,
            false => Layout::Stream,
        };
        Self {
            window,
            layout,
            page: false,
            lists: 0,
            alone: false,
            encoding,
            headers: Headers::new(),
            names: Cells::new(),
        }
    }

    fn next_line(&mut self, record: &mut Record) -> io::Result<bool> {
        loop {
            let held = self.window.held();
            let end = memchr::memchr(b'\n', held);
            if end.is_none() && !self.window.ended() {
                if held.len() < LONGEST_ROW {
                    self.window.grow()?;
                    continue;
                }
                self.unread(SHOWN, Fault::TooLong, record);
                self.window.skip_line()?;
                return Ok(true);
            }
            let line = &held[..end.unwrap_or(held.len())];
            let (length, blank) = (line.len(), line.trim_ascii().is_empty());
            if blank && end.is_none() {
                return Ok(false);
            }
            if !blank {
                self.object(length, record);
            }
            self.window.consume(length + usize::from(end.is_some()));
            if !blank {
                return Ok(true);
            }
        }
    }

    fn next_element(&mut self, record: &mut Record) -> io::Result<bool> {
        loop {
            let indent = self.skip_gap()?;
            let Some(&byte) = self.window.held().first() else {
                return Ok(self.end(record));
            };
            let between = self.page && self.lists == 0;
            match byte {
                b'[' => self.lists += 1,
                b']' if self.lists > 0 => self.lists -= 1,
                b'}' if between => self.page = false,
                b'{' if !between => match self.lists == 0 && self.is_page()? {
                    true => self.page = true,
                    false => return self.element(indent, record),
                },
                _ if !self.page => return self.scalar(record),
                _ if self.skip_value()? => continue,
                _ => {
                    self.unread(SHOWN, Fault::UnclearPage, record);
                    self.layout = Layout::Lost;
                    return Ok(true);
                }
            }
            self.window.consume(1);
        }
    }

    /// Moves to the next byte that is neither blank nor a comma. Gives the spaces
    /// before it when it is the first on its line.
    fn skip_gap(&mut self) -> io::Result<Option<usize>> {
        let mut indent = None;
        loop {
            for (at, &byte) in self.window.held().iter().enumerate() {
                match byte {
                    b'\n' => indent = Some(0),
                    b',' => indent = None,
                    _ if byte.is_ascii_whitespace() => indent = indent.map(|indent| indent + 1),
                    _ => {
                        self.window.consume(at);
                        return Ok(indent);
                    }
                }
            }
            self.window.consume(self.window.held().len());
            if self.window.ended() {
                return Ok(indent);
            }
            self.window.grow()?;
        }
    }

    /// Whether the object that comes now only wraps lists of leads.
    fn is_page(&mut self) -> io::Result<bool> {
        if self.alone {
            return Ok(false);
        }
        // Of an object that is longer than a lead, so much tells.
        let _whole = self.element_end()?;
        let kind = object::kind(self.window.held());
        self.alone = kind == ObjectKind::Contact;
        Ok(matches!(kind, ObjectKind::Page | ObjectKind::EmptyPage))
    }

    /// Moves past what a page says of itself, however long; `false`: it can't be
    /// understood.
    fn skip_value(&mut self) -> io::Result<bool> {
        self.window.grow_to(SHOWN)?;
        let held = self.window.held();
        if !matches!(held.first(), Some(b'{' | b'"')) {
            let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
            let length = held.iter().take_while(|byte| of_word(byte)).count();
            let known = serde_json::from_slice::<serde_json::Value>(&held[..length]).is_ok();
            let colon = held.first() == Some(&b':');
            if known || colon {
                self.window.consume(length.max(1));
            }
            return Ok(known || colon);
        }
        let mut scan = Scan::default();
        loop {
            let reach = scan.end(self.window.held());
            self.window.consume(scan.seen);
            scan.seen = 0;
            match reach {
                Reach::Beyond if !self.window.ended() => self.window.grow()?,
                reach => return Ok(reach != Reach::Unbalanced),
            }
        }
    }

    /// At the end of the input: a list or a page that is still open was cut.
    fn end(&mut self, record: &mut Record) -> bool {
        self.layout = Layout::Ended;
        let cut = match (self.lists, self.page) {
            (0, false) => return false,
            (0, true) => Fault::CutList('}', "what holds its lists"),
            _ => Fault::CutList(']', "its list"),
        };
        self.unread(0, cut, record);
        true
    }

    fn element(&mut self, indent: Option<usize>, record: &mut Record) -> io::Result<bool> {
        match self.element_end()? {
            Ok(end) => {
                self.object(end, record);
                self.window.consume(end);
            }
            Err(fault) => self.broken(indent, fault, record)?,
        }
        Ok(true)
    }

    /// Where the object that comes now ends; it is held whole then.
    fn element_end(&mut self) -> io::Result<Result<usize, Fault>> {
        let mut scan = Scan::default();
        loop {
            match scan.end(self.window.held()) {
                Reach::End => return Ok(Ok(scan.seen)),
                Reach::Unbalanced => return Ok(Err(Fault::Unbalanced)),
                Reach::Beyond if self.window.ended() => return Ok(Err(Fault::CutObject)),
                Reach::Beyond if scan.seen < LONGEST_ROW => self.window.grow()?,
                Reach::Beyond => return Ok(Err(Fault::TooLong)),
            }
        }
    }

    /// Gives the broken element, and moves to what looks like the next one,
    /// however far.
    fn broken(
        &mut self,
        indent: Option<usize>,
        fault: Fault,
        record: &mut Record,
    ) -> io::Result<()> {
        let mut next = next_element(self.window.held(), indent);
        self.unread(next.unwrap_or(SHOWN), fault, record);
        // The row holds all that there is, and its fault says what is wrong.
        let told = self.window.ended() && self.window.held().len() <= SHOWN;
        while next.is_none() && !self.window.ended() {
            // An element may start in what was read last: some of it is kept.
            let length = self.window.held().len();
            let gone = length.saturating_sub(SHOWN).max(1).min(length);
            self.window.consume(gone);
            self.window.grow_to(LONGEST_ROW)?;
            next = next_element(self.window.held(), indent);
        }
        self.layout = match next {
            Some(_) => Layout::Stream,
            None if told => Layout::Ended,
            None => Layout::Lost,
        };
        self.window
            .consume(next.unwrap_or(self.window.held().len()));
        Ok(())
    }

    /// Anything but an object where a lead should stand.
    fn scalar(&mut self, record: &mut Record) -> io::Result<bool> {
        self.window.grow_to(SHOWN)?;
        let held = self.window.held();
        let stop = |byte: &u8| matches!(byte, b',' | b']' | b'{' | b'\n');
        let end = held[1..].iter().position(stop);
        let end = end.map_or(held.len(), |end| end + 1);
        let fault = no_object(&String::from_utf8_lossy(&held[..end]));
        self.unread(end, fault, record);
        self.window.consume(end);
        Ok(true)
    }

    /// The object that the next `length` bytes are.
    fn object(&mut self, length: usize, record: &mut Record) {
        let bytes = &self.window.held()[..length];
        if let Some(fault) = invalid(bytes, &self.encoding) {
            return self.unread(length, fault, record);
        }
        let text = String::from_utf8_lossy(bytes);
        self.names.clear();
        if let Err(error) = object::flatten(&text, &mut self.names, &mut record.cells) {
            let fault = syntax(&error, &text, self.window.line());
            return self.unread(length, fault, record);
        }
        record.line = self.window.line();
        record.header = self.headers.of(&self.names);
        let fault = match record.header.twice() {
            Some((_, index)) => Some(Fault::KeyTwice(record.header.names[index].clone())),
            None => record.cells.is_empty().then_some(Fault::EmptyObject),
        };
        record.fault = fault.map(|fault| fault.to_string());
    }

    /// A row that can't be read: its text, as far as it helps, in a column
    /// without a name.
    fn unread(&mut self, length: usize, fault: Fault, record: &mut Record) {
        let held = self.window.held();
        let shown = &held[..length.min(SHOWN).min(held.len())];
        let text = String::from_utf8_lossy(shown);
        record.line = self.window.line();
        record.header = self.headers.of(&Cells::from_iter([""]));
        record.cells.clear();
        record.cells.push_field(text.trim());
        record.fault = Some(fault.to_string());
    }
}

/// The way through a value that is not understood yet, piece by piece.
#[derive(Debug, Default)]
struct Scan {
    /// Bytes that were looked at.
    seen: usize,
    /// The brackets that will close what is open.
    open: Vec<u8>,
    quoted: bool,
    escaped: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Reach {
    /// The value ends after the bytes seen.
    End,
    /// It goes on.
    Beyond,
    /// Its brackets don't match, or a line ends inside a text.
    Unbalanced,
}

impl Scan {
    /// Looks for the value's end in the bytes that were not seen yet.
    fn end(&mut self, bytes: &[u8]) -> Reach {
        while let Some(&byte) = bytes.get(self.seen) {
            self.seen += 1;
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => self.escaped = true,
                b'\n' if self.quoted => return Reach::Unbalanced,
                b'"' => self.quoted = !self.quoted,
                _ if self.quoted => {}
                b'{' => self.open.push(b'}'),
                b'[' => self.open.push(b']'),
                b'}' | b']' if self.open.pop() != Some(byte) => return Reach::Unbalanced,
                _ => {}
            }
            let closed = !self.quoted && matches!(byte, b'"' | b'}' | b']');
            if closed && self.open.is_empty() {
                return Reach::End;
            }
        }
        Reach::Beyond
    }
}

/// Where, after a broken element that starts `bytes`, the next one starts.
/// `indent`: spaces before the broken element when it stood first on its line;
/// then the next one stands as far to the right, so that an object inside the
/// broken one isn't taken for it.
fn next_element(bytes: &[u8], indent: Option<usize>) -> Option<usize> {
    memchr::memchr_iter(b'{', bytes).find(|&at| {
        let before = &bytes[..at];
        let blank = before.trim_ascii_end();
        let gap = &before[blank.len()..];
        let line = gap.iter().rposition(|byte| *byte == b'\n');
        match (indent, line) {
            (Some(indent), Some(line)) => gap.len() - line - 1 == indent,
            (Some(_), None) => false,
            (None, _) => blank.ends_with(b",") && at > 0,
        }
    })
}

/// Whether lines are pages, each with its lists, and no leads: the first one
/// that is not empty tells.
fn lines_are_pages(window: &Window) -> bool {
    let lines = window.held().split(|byte| *byte == b'\n');
    let mut kinds = lines
        .map(<[u8]>::trim_ascii_start)
        .filter(|line| line.first() == Some(&b'{'))
        .map(object::kind)
        .skip_while(|kind| *kind == ObjectKind::EmptyPage);
    kinds.next() == Some(ObjectKind::Page)
}

fn no_object(text: &str) -> Fault {
    let text = text.trim();
    Fault::NoObject(text[..text.floor_char_boundary(40)].to_owned())
}

/// What is wrong, where in the file, and the text just before it.
fn syntax(error: &serde_json::Error, text: &str, line: u64) -> Fault {
    if error.is_data() {
        return no_object(text);
    }
    let what = match error.is_eof() {
        true => "it ends too soon".to_owned(),
        // serde_json gives its place only in words, at the end.
        false => {
            let told = error.to_string();
            told.split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned()
        }
    };
    let wrong = text.lines().nth(error.line().saturating_sub(1));
    let wrong = wrong.unwrap_or_default();
    let good = wrong[..wrong.floor_char_boundary(error.column())].trim();
    let skipped = good.chars().count().saturating_sub(30);
    let dots = if skipped > 0 { "…" } else { "" };
    let tail: String = good.chars().skip(skipped).collect();
    Fault::Syntax {
        what,
        line: line + (error.line() as u64).saturating_sub(1),
        before: format!("{dots}{tail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &[u8]) -> (Reach, usize) {
        let mut scan = Scan::default();
        (scan.end(text), scan.seen)
    }

    #[test]
    fn a_value_ends_where_its_brackets_match() {
        assert_eq!(end(br#"{"a":"}\"","b":[{}]} ,"#), (Reach::End, 20));
        assert_eq!(end(br#"{"a":"x\"#).0, Reach::Beyond);
        assert_eq!(end(br#"{"a":[1}"#).0, Reach::Unbalanced);
        assert_eq!(end(b"{\"a\":\"x\n").0, Reach::Unbalanced);
        assert_eq!(end(br#""a": 12}"#), (Reach::End, 3));
    }

    #[test]
    fn the_next_element_is_found() {
        let text = b"{\"a\": 1,\n    {\n  }]\n  {\"b\"";
        assert_eq!(next_element(text, Some(2)), Some(22));
        assert_eq!(next_element(br#"{"a":1, {"a":2}"#, None), Some(8));
        assert_eq!(next_element(br#"{"a":{"b":2}"#, None), None);
    }

    #[test]
    fn a_value_is_seen_in_pieces() {
        let text = br#"{"a":"}\"","b":[{}]},"#;
        for cut in 0..20 {
            let mut scan = Scan::default();
            let _ = scan.end(&text[..cut]);
            assert_eq!((scan.end(text), scan.seen), (Reach::End, 20), "{cut}");
        }
    }
}
