//! Leads as JSON: one object, several, an array, pages (objects that wrap one
//! array or several), or one object a line. Streamed: one element at a time is
//! held.

use std::io;
use std::sync::Arc;

use super::element::{self, Element};
use super::fatal::Fatal;
use super::faults;
use super::flatten::Flat;
use super::layout::{self, Layout, Next, skip_gap};
use super::object::Object;
use super::window::{LONGEST_ROW, Window};
use crate::lead::{Cells, Headers, Record};

/// The rows of a JSON text.
pub struct Rows {
    window: Window,
    layout: Layout,
    /// A lead stood alone: what comes after it are leads too, and no pages.
    alone: bool,
    file: Arc<str>,
    encoding: String,
    headers: Headers,
    flat: Flat,
}

impl Rows {
    /// `lines`: JSON Lines.
    pub fn open(window: Window, lines: bool, file: Arc<str>, encoding: String) -> Self {
        let layout = match lines && !layout::lines_are_pages(&window) {
            true => Layout::Lines,
            false => Layout::Sequence,
        };
        Self {
            window,
            layout,
            alone: false,
            file,
            encoding,
            headers: Headers::new(),
            flat: Flat::default(),
        }
    }

    /// Reads the next row; `false`: there is none.
    pub fn read(&mut self, record: &mut Record) -> Result<bool, Fatal> {
        let read = match self.layout {
            Layout::Lines => self.next_line(record),
            Layout::Lost => return Err(self.lost()),
            _ => self.next_element(record),
        };
        read.map_err(|error| Fatal::io(&self.file, &error))
    }

    fn next_line(&mut self, record: &mut Record) -> io::Result<bool> {
        loop {
            let bytes = self.window.bytes();
            let (end, next) = match memchr::memchr(b'\n', bytes) {
                Some(end) => (end, end + 1),
                None if self.window.ended() => (bytes.len(), bytes.len()),
                None if bytes.len() < LONGEST_ROW => {
                    self.window.grow()?;
                    continue;
                }
                None => {
                    self.unread(faults::SHOWN, faults::too_long(), record);
                    self.window.skip_line()?;
                    return Ok(true);
                }
            };
            if next == 0 {
                return Ok(false);
            }
            let blank = bytes[..end].trim_ascii().is_empty();
            if !blank {
                self.object(end, record);
            }
            self.window.consume(next);
            if !blank {
                return Ok(true);
            }
        }
    }

    fn next_element(&mut self, record: &mut Record) -> io::Result<bool> {
        loop {
            let indent = skip_gap(&mut self.window)?;
            let Some(&byte) = self.window.bytes().first() else {
                return Ok(self.end(record));
            };
            match (byte, self.layout) {
                (_, Layout::Ended | Layout::Lost) => return Ok(false),
                (_, Layout::Page) => match layout::next_list(&mut self.window)? {
                    Next::List => self.layout = Layout::Array { of_page: true },
                    Next::Closed => self.layout = Layout::Sequence,
                    Next::Odd => {
                        self.unread(0, ODD.to_owned(), record);
                        return Ok(true);
                    }
                    Next::Cut => return Ok(self.end(record)),
                    Next::Unclear => {
                        self.unread(faults::SHOWN, UNCLEAR.to_owned(), record);
                        self.layout = Layout::Lost;
                        return Ok(true);
                    }
                },
                (b'{', Layout::Sequence) if self.is_page()? => self.step(Layout::Page),
                (b'{', _) => {
                    self.element(indent, record)?;
                    return Ok(true);
                }
                (b'[', Layout::Sequence) => self.step(Layout::Array { of_page: false }),
                (b']', Layout::Array { of_page }) => self.step(match of_page {
                    true => Layout::Page,
                    false => Layout::Sequence,
                }),
                _ => {
                    self.scalar(record)?;
                    return Ok(true);
                }
            }
        }
    }

    /// Past a bracket, into what it opens or out of what it closes.
    fn step(&mut self, layout: Layout) {
        self.window.consume(1);
        self.layout = layout;
    }

    /// Whether the object that comes now only wraps lists of leads.
    fn is_page(&mut self) -> io::Result<bool> {
        if self.alone {
            return Ok(false);
        }
        let object = layout::object(&mut self.window)?;
        self.alone = object == Object::Contact;
        Ok(matches!(object, Object::Page | Object::EmptyPage))
    }

    fn lost(&self) -> Fatal {
        let message = "what stands after this line can't be read as JSON: its leads are missing";
        Fatal::unreadable(&self.file, message)
            .at(self.window.line())
            .hint("get the whole file again, or put right what is told of the row before")
    }

    /// At the end of the input: a list or a page that is still open was cut.
    fn end(&mut self, record: &mut Record) -> bool {
        let cut = match self.layout {
            Layout::Array { .. } => Some(CUT_ARRAY),
            Layout::Page => Some(CUT_PAGE),
            _ => None,
        };
        self.layout = Layout::Ended;
        if let Some(cut) = cut {
            self.unread(0, cut.to_owned(), record);
        }
        cut.is_some()
    }

    fn element(&mut self, indent: Option<usize>, record: &mut Record) -> io::Result<()> {
        loop {
            match element::end(self.window.bytes()) {
                Element::Whole(end) => {
                    self.object(end, record);
                    self.window.consume(end);
                    return Ok(());
                }
                Element::More if self.window.ended() => {
                    return self.broken(indent, CUT_OBJECT.to_owned(), record);
                }
                Element::More if self.window.bytes().len() < LONGEST_ROW => self.window.grow()?,
                Element::More => return self.broken(indent, faults::too_long(), record),
                Element::Broken => return self.broken(indent, UNBALANCED.to_owned(), record),
            }
        }
    }

    /// Gives the broken element, and moves to what looks like the next one.
    fn broken(
        &mut self,
        indent: Option<usize>,
        reason: String,
        record: &mut Record,
    ) -> io::Result<()> {
        let next = element::next(self.window.bytes(), indent);
        let shown = next.unwrap_or(faults::SHOWN);
        self.unread(shown, reason, record);
        match next {
            Some(next) => self.window.consume(next),
            // The row holds all that there is, and its fault says what is wrong.
            None if self.window.ended() && self.window.bytes().len() <= faults::SHOWN => {
                self.layout = Layout::Ended;
            }
            None if !layout::find_next(&mut self.window, indent)? => self.layout = Layout::Lost,
            None => {}
        }
        Ok(())
    }

    /// Anything but an object where a lead should stand.
    fn scalar(&mut self, record: &mut Record) -> io::Result<()> {
        self.window.grow_to(faults::SHOWN)?;
        let bytes = self.window.bytes();
        let stop = |byte: &u8| matches!(byte, b',' | b']' | b'{' | b'\n');
        let end = bytes[1..]
            .iter()
            .position(stop)
            .map_or(bytes.len(), |end| end + 1);
        let text = String::from_utf8_lossy(&bytes[..end]);
        let text = faults::cut(text.trim(), 40);
        let fault = format!("a lead is written {{…}} in JSON, and here stands: {text}");
        self.unread(end, fault, record);
        self.window.consume(end);
        Ok(())
    }

    /// The object that the next `length` bytes are.
    fn object(&mut self, length: usize, record: &mut Record) {
        let bytes = &self.window.bytes()[..length];
        let (text, fault) = faults::text(bytes, &self.encoding);
        if let Some(fault) = fault {
            return self.unread(length, fault, record);
        }
        if let Err(error) = self.flat.read(&text) {
            let fault = syntax(&error, &text, self.window.line());
            return self.unread(length, fault, record);
        }
        let header = self.headers.of(&self.flat.names);
        record.begin(&self.file, self.window.line(), &header);
        std::mem::swap(&mut record.cells, &mut self.flat.cells);
        record.fault = match header.twice() {
            Some((_, index)) => Some(format!(
                "the key \"{}\" stands twice in this object: which one is meant?",
                header.names[index]
            )),
            None if record.cells.is_empty() => Some("this object is empty".to_owned()),
            None => faults::of_cells(&mut record.cells),
        };
    }

    /// A row that can't be read: its text, as far as it helps, in a column
    /// without a name.
    fn unread(&mut self, length: usize, fault: String, record: &mut Record) {
        let bytes = self.window.bytes();
        let shown = &bytes[..length.min(faults::SHOWN).min(bytes.len())];
        let text = String::from_utf8_lossy(shown);
        let header = self.headers.of(&Cells::from_iter([""]));
        record.begin(&self.file, self.window.line(), &header);
        record.cells.push_field(text.trim());
        record.fault = Some(fault);
    }
}

const CUT_ARRAY: &str = "the input ends before the ] that closes its list: \
    leads may be missing after the last one, so get the whole file again";
const CUT_PAGE: &str = "the input ends before the } that closes what holds its lists: \
    leads may be missing after the last one, so get the whole file again";
const ODD: &str = "a list of this page does not begin with an object, but holds some: \
    they are no leads as they stand, so get the list alone";
const UNCLEAR: &str = "this isn't valid JSON: between the lists of a page, a \"name\": value or \
    the } that closes it should stand here";
const CUT_OBJECT: &str = "the input ends inside this object: get the whole file again";
const UNBALANCED: &str =
    "this isn't valid JSON: its quotes or brackets don't match, so its end is unknown";

/// What is wrong, where in the file, and the text just before it.
fn syntax(error: &serde_json::Error, text: &str, line: u64) -> String {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    if said.starts_with("invalid type") {
        return format!(
            "a lead is written {{…}} in JSON, and here stands: {}",
            faults::cut(text.trim(), 40)
        );
    }
    let said = match said.starts_with("EOF") {
        true => "it ends too soon",
        false => said,
    };
    let number = line + (error.line() as u64).saturating_sub(1);
    let before = before(error, text);
    format!("this isn't valid JSON: {said} (line {number}, after {before})")
}

/// The end of what stands before the mistake on its line.
fn before(error: &serde_json::Error, text: &str) -> String {
    let line = text.lines().nth(error.line().saturating_sub(1));
    let line = line.unwrap_or_default();
    let end = error.column().min(line.len());
    let good = (0..=end).rev().find(|&at| line.is_char_boundary(at));
    let good = line[..good.unwrap_or(0)].trim();
    let skipped = good.chars().count().saturating_sub(30);
    let tail: String = good.chars().skip(skipped).collect();
    match skipped {
        0 => tail,
        _ => format!("…{tail}"),
    }
}
