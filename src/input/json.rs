//! Leads as JSON: one object, several, an array, pages (objects that wrap
//! arrays), tables, or one object a line. One lead at a time is held, however
//! long the input, but of a table that is written column by column; a broken one
//! harms no other.

use std::collections::VecDeque;
use std::io;

use memchr::{memchr, memchr_iter};

use super::error::{ErrorKind, Fault};
use super::json_lines::{are_elements, continues};
use super::kind::{self, Lists, ObjectKind};
use super::nesting::{Nesting, Open};
use super::no_object::{NoObject, no_object, syntax};
use super::object;
use super::pairs::Layouts;
use super::reader::Rows;
use super::scanner::JsonScanner;
use super::table::Table;
use super::window::{LONGEST_ROW, SHOWN, Window};
use crate::lead::{Cells, Headers, Record};

mod tables;

/// The rows of a JSON text.
pub struct JsonRows {
    text: JsonScanner,
    /// One lead a line; else one after the other, in lists or alone.
    lines: bool,
    nesting: Nesting,
    /// A lead stood alone: what comes after it are leads too, and no pages.
    alone: bool,
    /// What comes next could not be understood.
    lost: bool,
    inner: Lists,
    /// Up to here the text is known to be no page that is longer than a lead.
    looked: u64,
    layouts: Layouts,
    /// Leads that were read with the last one.
    pending: VecDeque<Record>,
    headers: Headers,
    names: Cells,
}

impl Rows for JsonRows {
    fn read(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        if self.pop(record) {
            return Ok(true);
        }
        match self.lines {
            true => self.next_line(record),
            false => self.next_element(record),
        }
    }
}

impl JsonRows {
    /// `lines`: JSON Lines.
    pub fn new(window: Window, lines: bool, layouts: Layouts) -> Self {
        Self {
            lines: lines && !are_elements(window.held()),
            text: JsonScanner::new(window),
            nesting: Nesting::default(),
            alone: false,
            lost: false,
            inner: Lists::default(),
            looked: 0,
            layouts,
            pending: VecDeque::new(),
            headers: Headers::new(),
            names: Cells::new(),
        }
    }

    /// Gives the next lead of those that were read with another.
    fn pop(&mut self, record: &mut Record) -> bool {
        let Some(next) = self.pending.pop_front() else {
            return false;
        };
        let file = std::mem::take(&mut record.file);
        *record = Record { file, ..next };
        true
    }

    fn next_line(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        loop {
            if self.lost {
                return Err(ErrorKind::LostJson);
            }
            let held = self.text.window.held();
            let end = memchr(b'\n', held);
            if end.is_none() && !self.text.window.ended() {
                if held.len() < LONGEST_ROW {
                    self.text.window.grow()?;
                    continue;
                }
                self.unread(SHOWN, &Fault::TooLong, record);
                self.text.window.skip_line()?;
                return Ok(true);
            }
            let length = end.map_or(held.len(), |end| end + 1);
            let written = held[..length].trim_ascii_end().len();
            let indent = held[..length].len() - held[..length].trim_ascii_start().len();
            if written > 0 {
                self.object(written, record);
                if record.fault.is_some() && self.goes_on(written)? {
                    self.text.window.consume(indent);
                    return Ok(self.element(Some(indent), record)?);
                }
            }
            self.text.window.consume(length);
            if written > 0 || length == 0 {
                return Ok(written > 0);
            }
        }
    }

    /// Whether the object that a line begins goes on behind it.
    fn goes_on(&mut self, written: usize) -> io::Result<bool> {
        loop {
            match continues(self.text.window.held(), written) {
                Some(goes_on) => return Ok(goes_on),
                None if self.text.window.ended() => return Ok(false),
                None if self.text.window.held().len() > LONGEST_ROW => return Ok(false),
                None => self.text.window.grow()?,
            }
        }
    }

    fn next_element(&mut self, record: &mut Record) -> Result<bool, ErrorKind> {
        loop {
            let indent = self.text.skip_gap()?;
            record.line = self.text.window.line();
            if self.lost {
                return Err(ErrorKind::LostJson);
            }
            let Some(&byte) = self.text.window.held().first() else {
                return Ok(self.end(record));
            };
            match (byte, self.nesting.open().last()) {
                _ if self.nesting.closes(byte) => self.nesting.pop(),
                (_, Some(Open::Rows(_))) => match self.row(byte, indent, record)? {
                    true => return Ok(true),
                    false => continue,
                },
                (b'[', _) => match self.begins_rows()? {
                    true => continue,
                    false if self.nesting.push_list(&self.text.key) => {}
                    false => {
                        self.text.skip_value()?;
                        continue;
                    }
                },
                (b'{', _) => match self.kind_here()? {
                    Some(ObjectKind::Table(Table::Columns(key))) => {
                        match self.turn(key.as_deref(), indent, record)? {
                            true => return Ok(true),
                            false => continue,
                        }
                    }
                    Some(kind) if kind.wraps() => self.nesting.push_object(kind)?,
                    Some(_) => return Ok(self.element(indent, record)?),
                    None => {
                        self.text.skip_value()?;
                        continue;
                    }
                },
                _ if !self.nesting.in_object() => return Ok(self.scalar(record)?),
                _ => {
                    self.text.skip_value()?;
                    continue;
                }
            }
            self.text.window.consume(1);
        }
    }

    /// Whether the list that comes now is the first row of a table.
    fn begins_rows(&mut self) -> io::Result<bool> {
        let is_row = match self.nesting.open() {
            [] => true,
            [Open::List] => !self.nesting.begun,
            _ => false,
        };
        let bare = self.nesting.open().is_empty();
        let begins = is_row && self.text.is_row()? && (!bare || self.text.is_followed_by_list()?);
        if begins {
            self.nesting.is_of_rows(bare);
        }
        Ok(begins)
    }

    /// What the object that comes now is, in its place; `None`: nothing of a lead.
    fn kind_here(&mut self) -> io::Result<Option<ObjectKind>> {
        let first = !std::mem::replace(&mut self.nesting.begun, true);
        Ok(match self.nesting.open() {
            [] if self.alone => Some(ObjectKind::Other),
            [] => {
                let kind = self.kind()?;
                self.alone = kind == ObjectKind::Contact;
                Some(kind)
            }
            [Open::List] if first || self.nesting.of_pages => {
                let kind = self.kind()?;
                if first && kind.wraps() && kind != ObjectKind::EmptyPage {
                    self.nesting.of_pages = self.text.whole()?.is_some_and(kind::is_bare);
                }
                let is_page = self.nesting.of_pages && kind.wraps();
                Some(if is_page { kind } else { ObjectKind::Other })
            }
            [.., Open::List | Open::Members] => Some(ObjectKind::Other),
            [.., Open::Wrapper] => {
                let kind = self.kind()?;
                let whole = self.text.whole()?;
                let holds_leads = whole.is_some_and(|object| self.layouts.are_in(object));
                (kind != ObjectKind::Other || holds_leads).then_some(kind)
            }
            _ => None,
        })
    }

    /// What the object that comes now is by what it says.
    fn kind(&mut self) -> io::Result<ObjectKind> {
        if let Some(object) = self.text.whole()? {
            let kind = kind::kind(object);
            let is_known = kind.wraps() && self.layouts.are_in(object);
            return Ok(if is_known { ObjectKind::Other } else { kind });
        }
        let (held, offset) = (self.text.window.held(), self.text.window.consumed());
        // Of an object that is longer than a lead, so much tells.
        let long = held.len() >= LONGEST_ROW && offset >= self.looked;
        let kind = if long { kind::kind_of_long(held) } else { None };
        if long && kind.is_none() {
            self.looked = offset + held.len() as u64;
        }
        Ok(kind.unwrap_or_else(|| kind::kind_of_broken(held, offset, &mut self.inner)))
    }

    /// At the end of the input: a list or a page that is still open was cut.
    fn end(&mut self, record: &mut Record) -> bool {
        let Some(closing) = self.nesting.clear() else {
            return false;
        };
        self.unread(0, &Fault::CutList(closing), record);
        true
    }

    fn element(&mut self, indent: Option<usize>, record: &mut Record) -> io::Result<bool> {
        match self.text.value_end(LONGEST_ROW)? {
            Ok(end) => {
                self.object(end, record);
                self.text.window.consume(end);
            }
            Err(fault) => self.broken(indent, &fault, record)?,
        }
        Ok(true)
    }

    /// Gives the broken element, and moves to what looks like the next one.
    fn broken(
        &mut self,
        indent: Option<usize>,
        fault: &Fault,
        record: &mut Record,
    ) -> io::Result<()> {
        let next = self.text.next_element(indent);
        let fault = match (fault, next) {
            // It is not the input that ends: another one follows.
            (Fault::CutObject, Some(_)) => &Fault::Unbalanced,
            (fault, _) => fault,
        };
        self.unread(next.unwrap_or(SHOWN), fault, record);
        // The row holds all that there is, and its fault says what is wrong.
        let window = &self.text.window;
        let told = window.ended() && window.held().len() <= SHOWN;
        let is_last = !self.text.leave_broken(indent)?;
        if is_last && told {
            self.nesting.clear();
        }
        self.lost = is_last && !told;
        Ok(())
    }

    /// Anything but objects where leads should stand: one row, however much of it
    /// follows on another.
    fn scalar(&mut self, record: &mut Record) -> io::Result<bool> {
        let line = self.text.window.line();
        let mut it = NoObject::in_lists(self.nesting.open().len());
        let left = self.text.leave_until(|byte| it.ends_before(byte))?;
        self.nesting.set_lists(it.lists);
        let left = left.trim_ascii_end();
        let left = left.strip_suffix(b",").unwrap_or(left);
        self.tell(line, left, &no_object(left), record);
        Ok(true)
    }

    /// The object that the next `length` bytes are.
    fn object(&mut self, length: usize, record: &mut Record) {
        let text = match self.text.text(length) {
            Ok(text) => text,
            Err(fault) => return self.unread(length, &fault, record),
        };
        let leads = self.layouts.leads(&text);
        if !leads.is_empty() {
            let line = |offset| memchr_iter(b'\n', &text.as_bytes()[..offset]).count() as u64;
            let leads = leads.into_iter().map(|lead| Record {
                line: self.text.window.line() + line(lead.offset),
                header: self.headers.of_source(&lead.names, Some(&lead.source)),
                cells: lead.cells,
                is_test: lead.is_test,
                fault: lead.fault.map(|fault| fault.to_string()),
                ..Record::default()
            });
            self.pending.extend(leads);
            self.pop(record);
            return;
        }
        self.names.clear();
        record.cells.clear();
        if let Err(error) = object::flatten(&text, &mut self.names, &mut record.cells) {
            let fault = syntax(&error, &text, self.text.window.line());
            return self.unread(length, &fault, record);
        }
        record.line = self.text.window.line();
        record.header = self.headers.of(&self.names);
        let fault = match record.header.twice() {
            Some((_, index)) => Some(Fault::KeyTwice(record.header.names[index].clone())),
            None => record.cells.is_empty().then_some(Fault::EmptyObject),
        };
        record.fault = fault.map(|fault| fault.to_string());
    }

    /// A row that can't be read, and `length` bytes of it.
    fn unread(&mut self, length: usize, fault: &Fault, record: &mut Record) {
        let held = self.text.window.held();
        let text = held[..length.min(SHOWN).min(held.len())].to_vec();
        self.tell(self.text.window.line(), &text, fault, record);
    }

    /// A row that can't be read: its text, as far as it helps, in a column
    /// without a name.
    fn tell(&mut self, line: u64, text: &[u8], fault: &Fault, record: &mut Record) {
        record.line = line;
        record.header = self.headers.of(&Cells::from_iter([""]));
        record.cells = Cells::from_iter([String::from_utf8_lossy(text).trim()]);
        record.fault = Some(fault.to_string());
    }
}
