//! The events of a part.

use std::io::{self, BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::trouble::Trouble;

/// Bytes of one event at most, and of a text: nothing in a workbook is as long.
pub const LONGEST: usize = 1024 * 1024;

/// Elements inside of each other at most.
const DEEPEST: usize = 256;

/// A part that is read. An empty element comes as a start and an end; what
/// programs add of their own (`extLst`) is left out.
pub struct Xml<R: Read> {
    reader: Reader<BufReader<Bounded<R>>>,
    buffer: Vec<u8>,
    left_out: Vec<u8>,
    /// Elements that are open.
    depth: usize,
}

impl<R: Read> Xml<R> {
    pub fn of(part: R) -> Self {
        let part = Bounded { part, left: 0 };
        let mut reader = Reader::from_reader(BufReader::new(part));
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            left_out: Vec::new(),
            depth: 0,
        }
    }

    /// The next event; `None`: the part has ended.
    pub fn next(&mut self) -> Result<Option<Event<'_>>, Trouble> {
        self.reader.get_mut().get_mut().left = LONGEST;
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer)? {
            Event::Eof if self.depth > 0 => Err(Trouble::Damaged),
            Event::Eof => Ok(None),
            Event::Start(element) if element.local_name().as_ref() == "extLst" => {
                self.left_out.clear();
                let end = element.to_end().into_owned();
                self.reader
                    .read_to_end_into(end.name(), &mut self.left_out)?;
                Ok(Some(Event::End(end)))
            }
            event => {
                match event {
                    Event::Start(_) if self.depth >= DEEPEST => return Err(Trouble::Damaged),
                    Event::Start(_) => self.depth += 1,
                    Event::End(_) => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                Ok(Some(event))
            }
        }
    }
}

/// A part of which so much may be read until the next event.
struct Bounded<R> {
    part: R,
    left: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !into.is_empty() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let read = self.part.read(into)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

/// The value of an attribute; a prefix is part of its name.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Trouble> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        if attribute.key.as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// Whether an attribute is there and says yes.
pub fn is_true(element: &BytesStart<'_>, name: &str) -> Result<bool, Trouble> {
    let value = attribute(element, name)?;
    Ok(value.is_some_and(|yes| yes == "1" || yes == "true"))
}
