//! Leads as JSON: one object, several, an array, pages (objects that wrap
//! arrays), or one object a line. One lead at a time is held, however long the
//! input; a broken one harms no other.

use std::io;

use memchr::memchr;

use super::ends::{Ends, ValueEnd};
use super::error::{ErrorKind, Fault};
use super::object::{self, Lists, ObjectKind, next_element};
use super::reader::Rows;
use super::window::{LONGEST_ROW, SHOWN, Window};
use crate::lead::{Cells, Headers, Record};

/// The rows of a JSON text.
pub struct JsonRows {
    window: Window,
    /// One lead a line; else one after the other, in lists or alone.
    lines: bool,
    /// Inside of a page: an object that wraps lists of leads.
    page: bool,
    /// Lists that are open.
    lists: usize,
    /// A lead stood alone: what comes after it are leads too, and no pages.
    alone: bool,
    /// What comes next could not be understood.
    lost: bool,
    /// What was found out beyond the element that is read.
    ends: Ends,
    inner: Lists,
    headers: Headers,
    names: Cells,
}

impl Rows for JsonRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        match self.lines {
            true => Ok(self.next_line(record)?),
            false => self.next_element(record),
        }
    }
}

impl JsonRows {
    /// `lines`: JSON Lines.
    pub fn new(window: Window, lines: bool) -> Self {
        Self {
            lines: lines && !lines_are_pages(&window),
            window,
            page: false,
            lists: 0,
            alone: false,
            lost: false,
            ends: Ends::default(),
            inner: Lists::default(),
            headers: Headers::new(),
            names: Cells::new(),
        }
    }

    fn next_line(&mut self, record: &mut Record) -> io::Result<bool> {
        loop {
            let held = self.window.held();
            let end = memchr(b'\n', held);
            if end.is_none() && !self.window.ended() {
                if held.len() < LONGEST_ROW {
                    self.window.grow()?;
                    continue;
                }
                self.unread(SHOWN, &Fault::TooLong, record);
                self.window.skip_line()?;
                return Ok(true);
            }
            let length = end.map_or(held.len(), |end| end + 1);
            let written = held[..length].trim_ascii_end().len();
            if written > 0 {
                self.object(written, record);
            }
            self.window.consume(length);
            if written > 0 || length == 0 {
                return Ok(written > 0);
            }
        }
    }

    fn next_element(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        loop {
            let indent = self.skip_gap()?;
            record.line = self.window.line();
            if self.lost {
                return Err(ErrorKind::LostJson);
            }
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
                    false => return Ok(self.element(indent, record)?),
                },
                _ if !self.page => return Ok(self.scalar(record)?),
                _ => {
                    self.skip_value()?;
                    continue;
                }
            }
            self.window.consume(1);
        }
    }

    /// Moves to the next byte that is neither blank nor a comma. Gives the spaces
    /// before it when it is the first on its line.
    fn skip_gap(&mut self) -> io::Result<Option<usize>> {
        // The first byte of all is the first on its line.
        let mut indent = (self.window.consumed() == 0).then_some(0);
        loop {
            for (at, &byte) in self.window.held().iter().enumerate() {
                indent = match byte {
                    b'\n' => Some(0),
                    b',' => None,
                    _ if byte.is_ascii_whitespace() => indent.map(|indent| indent + 1),
                    _ => {
                        self.window.consume(at);
                        return Ok(indent);
                    }
                };
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
        let end = self.value_end(LONGEST_ROW)?;
        let held = self.window.held();
        let kind = match end {
            ValueEnd::At(end) => object::kind(&held[..end]),
            // Of an object that is longer than a lead, so much tells.
            _ => object::kind_of_broken(held, self.window.consumed(), &mut self.inner),
        };
        self.alone = kind == ObjectKind::Contact;
        Ok(matches!(kind, ObjectKind::Page | ObjectKind::EmptyPage))
    }

    /// Where the value that comes now ends; it is held whole then.
    fn value_end(&mut self, longest: usize) -> io::Result<ValueEnd> {
        loop {
            let held = self.window.held();
            match self.ends.of(held, self.window.consumed()) {
                ValueEnd::Beyond if !self.window.ended() && held.len() < longest => {
                    let twice = 2 * held.len();
                    self.window.grow_to(twice)?;
                }
                end => return Ok(end),
            }
        }
    }

    /// Moves past what a page says of itself, however long.
    fn skip_value(&mut self) -> Result<(), ErrorKind> {
        self.window.grow_to(SHOWN)?;
        let held = self.window.held();
        let length = match held {
            [b':', ..] => 1,
            [b'{' | b'"', ..] => match self.value_end(usize::MAX)? {
                ValueEnd::At(end) => end,
                ValueEnd::Beyond => self.window.held().len(),
                ValueEnd::Unbalanced => return Err(ErrorKind::LostJson),
            },
            _ => {
                let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                let word: Vec<u8> = held.iter().copied().take_while(of_word).collect();
                serde_json::from_slice::<serde_json::Value>(&word)
                    .map_err(|_| ErrorKind::LostJson)?;
                word.len()
            }
        };
        self.window.consume(length);
        Ok(())
    }

    /// At the end of the input: a list or a page that is still open was cut.
    fn end(&mut self, record: &mut Record) -> bool {
        let closing = match (std::mem::take(&mut self.lists), self.page) {
            (0, false) => return false,
            (0, true) => '}',
            _ => ']',
        };
        self.page = false;
        self.unread(0, &Fault::CutList(closing), record);
        true
    }

    fn element(&mut self, indent: Option<usize>, record: &mut Record) -> io::Result<bool> {
        let fault = match self.value_end(LONGEST_ROW)? {
            ValueEnd::At(end) => {
                self.object(end, record);
                self.window.consume(end);
                return Ok(true);
            }
            ValueEnd::Unbalanced => Fault::Unbalanced,
            ValueEnd::Beyond if self.window.ended() => Fault::CutObject,
            ValueEnd::Beyond => Fault::TooLong,
        };
        self.broken(indent, &fault, record)?;
        Ok(true)
    }

    /// Gives the broken element, and moves to what looks like the next one,
    /// however far.
    fn broken(
        &mut self,
        indent: Option<usize>,
        fault: &Fault,
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
        let end = next.unwrap_or(self.window.held().len());
        self.window.consume(end);
        match (next, told) {
            (Some(_), _) => {}
            (None, true) => (self.lists, self.page) = (0, false),
            (None, false) => self.lost = true,
        }
        Ok(())
    }

    /// Anything but objects where leads should stand: one row, however much of it
    /// follows on another.
    fn scalar(&mut self, record: &mut Record) -> io::Result<bool> {
        let mut it = NoObject::in_lists(self.lists);
        self.window.grow_to(SHOWN)?;
        let held = self.window.held();
        let mut found = held.iter().position(|byte| it.ends_before(*byte));
        let text = held[..found.unwrap_or(held.len())].trim_ascii_end();
        let text = text.strip_suffix(b",").unwrap_or(text);
        let fault = no_object(text);
        self.unread(text.len(), &fault, record);
        while found.is_none() && !self.window.ended() {
            self.window.consume(self.window.held().len());
            self.window.grow()?;
            found = self
                .window
                .held()
                .iter()
                .position(|byte| it.ends_before(*byte));
        }
        let length = found.unwrap_or(self.window.held().len());
        self.window.consume(length);
        self.lists = it.lists;
        Ok(true)
    }

    /// The object that the next `length` bytes are.
    fn object(&mut self, length: usize, record: &mut Record) {
        if let Some(fault) = self.window.invalid(length) {
            return self.unread(length, &fault, record);
        }
        let text = String::from_utf8_lossy(&self.window.held()[..length]);
        self.names.clear();
        if let Err(error) = object::flatten(&text, &mut self.names, &mut record.cells) {
            let fault = syntax(&error, &text, self.window.line());
            return self.unread(length, &fault, record);
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
    fn unread(&mut self, length: usize, fault: &Fault, record: &mut Record) {
        let held = self.window.held();
        let text = String::from_utf8_lossy(&held[..length.min(SHOWN).min(held.len())]);
        record.line = self.window.line();
        record.header = self.headers.of(&Cells::from_iter([""]));
        record.cells = Cells::from_iter([text.trim()]);
        record.fault = Some(fault.to_string());
    }
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

/// What is no object, byte by byte: it ends where one begins, or where the outermost
/// list does. The first byte is a part of it.
struct NoObject {
    begun: bool,
    /// Lists that are open, where it began in one.
    lists: usize,
    quoted: bool,
    escaped: bool,
}

impl NoObject {
    fn in_lists(lists: usize) -> Self {
        Self {
            begun: false,
            lists,
            quoted: false,
            escaped: false,
        }
    }

    fn ends_before(&mut self, byte: u8) -> bool {
        let begun = std::mem::replace(&mut self.begun, true);
        let escapes = self.quoted && !self.escaped && byte == b'\\';
        let escaped = std::mem::replace(&mut self.escaped, escapes);
        match byte {
            b'{' => return begun,
            b']' if self.lists == 1 && !self.quoted => return begun,
            b']' if self.lists > 1 && !self.quoted => self.lists -= 1,
            b'[' if self.lists > 0 && !self.quoted => self.lists += 1,
            b'\n' => self.quoted = false,
            b'"' if !escaped => self.quoted = !self.quoted,
            _ => {}
        }
        false
    }
}

fn no_object(text: &[u8]) -> Fault {
    let text = String::from_utf8_lossy(text.trim_ascii());
    Fault::NoObject(text[..text.floor_char_boundary(40)].to_owned())
}

/// Where it is wrong in the file, and the text just before it.
fn syntax(error: &serde_json::Error, text: &str, line: u64) -> Fault {
    if error.is_data() {
        return no_object(text.as_bytes());
    }
    let above = error.line().saturating_sub(1);
    let wrong = text.lines().nth(above).unwrap_or_default();
    let good = wrong[..wrong.floor_char_boundary(error.column())].trim();
    let skipped = good.chars().count().saturating_sub(30);
    let dots = if skipped > 0 { "…" } else { "" };
    let tail: String = good.chars().skip(skipped).collect();
    Fault::Syntax {
        line: line + above as u64,
        before: format!("{dots}{tail}"),
    }
}
