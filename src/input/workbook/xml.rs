//! The events of a part.

use std::io::{BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::trouble::Trouble;

/// A part that is read. An empty element comes as a start and an end.
pub struct Xml<R: Read> {
    reader: Reader<BufReader<R>>,
    buffer: Vec<u8>,
}

impl<R: Read> Xml<R> {
    pub fn of(part: R) -> Self {
        let mut reader = Reader::from_reader(BufReader::new(part));
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
        }
    }

    /// The next event; `None`: the part has ended.
    pub fn next(&mut self) -> Result<Option<Event<'_>>, Trouble> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer)? {
            Event::Eof => Ok(None),
            event => Ok(Some(event)),
        }
    }
}

/// The value of an attribute, whatever the prefix of its name.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Trouble> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        if attribute.key.local_name().as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}
