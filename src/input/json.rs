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

    /// Reads the next row; `false`: there is none.
    pub fn read(&mut self, record: &mut Record) -> Result<bool, Fatal> {
        let read = match self.layout {
            Layout::Lines => self.next_line(record),
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
                (_, Layout::Ended) => return Ok(false),
                (b'{', _) => {
                    self.element(indent, record)?;
                    return Ok(true);
                }
                (b'[', Layout::Sequence) => self.layout = Layout::Array { wrapped: false },
                (b']', Layout::Array { wrapped }) => {
                    self.layout = match wrapped {
                        true => Layout::Ended,
                        false => Layout::Sequence,
                    };
                }
                _ => {
                    self.scalar(record)?;
                    return Ok(true);
                }
            }
            self.window.consume(1);
        }
    }

    /// At the end of the input: an array that is still open was cut.
    fn end(&mut self, record: &mut Record) -> bool {
        let open = matches!(self.layout, Layout::Array { .. });
        self.layout = Layout::Ended;
        if open {
            self.unread(0, CUT_ARRAY.to_owned(), record);
        }
        open
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
            // This row's fault already says that something is wrong.
            None if !layout::find_next(&mut self.window, indent)? => self.layout = Layout::Ended,
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
        let shape = self.shapes.shape(&self.flat.names);
        record.begin(&self.file, self.window.line(), &shape.header);
        std::mem::swap(&mut record.cells, &mut self.flat.cells);
        record.fault = match shape.twice {
            Some(index) => Some(format!(
                "the key \"{}\" stands twice in this object: which one is meant?",
                shape.header.names[index]
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
        let header = self.shapes.shape(&Cells::from_iter([""])).header;
        record.begin(&self.file, self.window.line(), &header);
        record.cells.push(text.trim());
        record.fault = Some(fault);
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
