//! Leads as JSON: one object, several, an array, an array under one key of an
//! object, or one object a line. Streamed: one element at a time is held.

use std::io;
use std::sync::Arc;

use super::element::{self, Element};
use super::fatal::Fatal;
use super::faults;
use super::flatten::Flat;
use super::layout::{self, Layout, skip_gap, unwrapped};
use super::window::{LONGEST_ROW, Window};
use crate::lead::{Cells, Record, Shapes};

/// The rows of a JSON text.
pub struct Rows {
    window: Window,
    layout: Layout,
    file: Arc<str>,
    encoding: String,
    shapes: Shapes,
    flat: Flat,
}

impl Rows {
    /// `lines`: JSON Lines.
    ///
    /// # Errors
    /// Reading failed.
    pub fn open(
        mut window: Window,
        lines: bool,
        file: Arc<str>,
        encoding: String,
    ) -> Result<Self, Fatal> {
        let layout = match lines {
            true => Layout::Lines,
            false => unwrapped(&mut window).map_err(|error| Fatal::io(&file, &error))?,
        };
        Ok(Self {
            window,
            layout,
            file,
            encoding,
            shapes: Shapes::new(),
            flat: Flat::default(),
        })
    }

    /// The next row.
    pub fn next(&mut self) -> Option<Result<Record, Fatal>> {
        let read = match self.layout {
            Layout::Lines => self.next_line(),
            _ => self.next_element(),
        };
        read.map_err(|error| Fatal::io(&self.file, &error))
            .transpose()
    }

    fn next_line(&mut self) -> io::Result<Option<Record>> {
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
                    let record = self.unread(faults::SHOWN, faults::too_long());
                    self.window.skip_line()?;
                    return Ok(Some(record));
                }
            };
            if next == 0 {
                return Ok(None);
            }
            let blank = bytes[..end].trim_ascii().is_empty();
            let record = (!blank).then(|| self.object(end));
            self.window.consume(next);
            if record.is_some() {
                return Ok(record);
            }
        }
    }

    fn next_element(&mut self) -> io::Result<Option<Record>> {
        loop {
            let indent = skip_gap(&mut self.window)?;
            let Some(&byte) = self.window.bytes().first() else {
                return Ok(self.end());
            };
            match (byte, self.layout) {
                (_, Layout::Ended) => return Ok(None),
                (b'{', _) => return self.element(indent).map(Some),
                (b'[', Layout::Sequence) => self.layout = Layout::Array { wrapped: false },
                (b']', Layout::Array { wrapped }) => {
                    self.layout = match wrapped {
                        true => Layout::Ended,
                        false => Layout::Sequence,
                    };
                }
                _ => return self.scalar().map(Some),
            }
            self.window.consume(1);
        }
    }

    /// At the end of the input: an array that is still open was cut.
    fn end(&mut self) -> Option<Record> {
        let open = matches!(self.layout, Layout::Array { .. });
        self.layout = Layout::Ended;
        open.then(|| self.unread(0, CUT_ARRAY.to_owned()))
    }

    fn element(&mut self, indent: Option<usize>) -> io::Result<Record> {
        loop {
            match element::end(self.window.bytes()) {
                Element::Whole(end) => {
                    let record = self.object(end);
                    self.window.consume(end);
                    return Ok(record);
                }
                Element::More if self.window.ended() => {
                    return self.broken(indent, CUT_OBJECT.to_owned());
                }
                Element::More if self.window.bytes().len() < LONGEST_ROW => self.window.grow()?,
                Element::More => return self.broken(indent, faults::too_long()),
                Element::Broken => return self.broken(indent, UNBALANCED.to_owned()),
            }
        }
    }

    /// Gives the broken element, and moves to what looks like the next one.
    fn broken(&mut self, indent: Option<usize>, reason: String) -> io::Result<Record> {
        let next = element::next(self.window.bytes(), indent);
        let shown = next.unwrap_or(faults::SHOWN);
        let record = self.unread(shown, reason);
        match next {
            Some(next) => self.window.consume(next),
            // This row's fault already says that something is wrong.
            None if !layout::find_next(&mut self.window, indent)? => self.layout = Layout::Ended,
            None => {}
        }
        Ok(record)
    }

    /// Anything but an object where a lead should stand.
    fn scalar(&mut self) -> io::Result<Record> {
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
        let record = self.unread(end, fault);
        self.window.consume(end);
        Ok(record)
    }

    /// The object that the next `length` bytes are.
    fn object(&mut self, length: usize) -> Record {
        let bytes = &self.window.bytes()[..length];
        let (text, fault) = faults::text(bytes, &self.encoding);
        if let Some(fault) = fault {
            return self.unread(length, fault);
        }
        if let Err(error) = self.flat.read(&text) {
            let fault = syntax(&error, &text, self.window.line());
            return self.unread(length, fault);
        }
        let shape = self.shapes.shape(&self.flat.names);
        let mut cells = std::mem::take(&mut self.flat.cells);
        let fault = match shape.twice {
            Some(index) => Some(format!(
                "the key \"{}\" stands twice in this object: which one is meant?",
                shape.header.names[index]
            )),
            None if cells.is_empty() => Some("this object is empty".to_owned()),
            None => faults::of_cells(&mut cells),
        };
        Record {
            file: Arc::clone(&self.file),
            line: self.window.line(),
            header: shape.header,
            cells,
            fault,
        }
    }

    /// A row that can't be read: its text, as far as it helps, in a column
    /// without a name.
    fn unread(&mut self, length: usize, fault: String) -> Record {
        let bytes = self.window.bytes();
        let shown = &bytes[..length.min(faults::SHOWN).min(bytes.len())];
        let text = String::from_utf8_lossy(shown);
        Record {
            file: Arc::clone(&self.file),
            line: self.window.line(),
            header: self.shapes.shape(&Cells::from_iter([""])).header,
            cells: Cells::from_iter([text.trim()]),
            fault: Some(fault),
        }
    }
}

const CUT_ARRAY: &str = "the input ends before the ] that closes its list: \
    leads may be missing after the last one, so get the whole file again";
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
