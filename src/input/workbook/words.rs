//! A text of one or several runs, with what XML and Excel escape in it.

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};

use super::trouble::Trouble;
use super::xml::{self, LONGEST};

/// Gathers the text of the elements of one name: `t` of a text, `v` of a value.
#[derive(Default)]
pub struct Words {
    text: String,
    /// Where the run that is read starts; `None`: between runs.
    run: Option<usize>,
    /// The run keeps the blanks at its ends.
    preserve: bool,
    /// Inside of how a text is pronounced (`rPh`), which is no part of it.
    phonetic: bool,
}

impl Words {
    pub fn clear(&mut self) {
        self.text.clear();
        self.run = None;
        self.phonetic = false;
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes from an event what belongs to the text.
    pub fn take(&mut self, event: &Event<'_>, from: &str) -> Result<(), Trouble> {
        match event {
            Event::Start(element) => match element.local_name().as_ref() {
                "rPh" => self.phonetic = true,
                name if name == from && !self.phonetic => {
                    self.run = Some(self.text.len());
                    let space = xml::attribute(element, "xml:space")?;
                    self.preserve = from == "v" || space.as_deref() == Some("preserve");
                }
                _ => {}
            },
            Event::End(element) => match element.local_name().as_ref() {
                "rPh" => self.phonetic = false,
                name if name == from => self.end(),
                _ => {}
            },
            Event::Text(text) if self.run.is_some() => self.text.push_str(&text.xml10_content()),
            Event::CData(text) if self.run.is_some() => self.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) if self.run.is_some() => self.refer(reference)?,
            _ => {}
        }
        match self.text.len() > LONGEST {
            true => Err(Trouble::Damaged),
            false => Ok(()),
        }
    }

    fn refer(&mut self, reference: &BytesRef<'_>) -> Result<(), Trouble> {
        match (resolve_xml_entity(reference), reference.resolve_char_ref()?) {
            (Some(text), _) => self.text.push_str(text),
            (None, Some(letter)) => self.text.push(letter),
            (None, None) => return Err(Trouble::Damaged),
        }
        Ok(())
    }

    fn end(&mut self) {
        let Some(start) = self.run.take() else {
            return;
        };
        let run = &self.text[start..];
        let kept = match self.preserve {
            true => run,
            false => run.trim_matches([' ', '\t', '\r', '\n']),
        };
        if kept.len() < run.len() || kept.contains("_x") {
            let kept = unescaped(kept);
            self.text.truncate(start);
            self.text.push_str(&kept);
        }
    }
}

/// Excel writes what XML can't hold as `_x000D_`: four hexadecimal digits of a
/// UTF-16 unit (ECMA-376, part 1, 22.9.2.19, `ST_Xstring`).
fn unescaped(text: &str) -> String {
    let mut units = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        units.extend(before.encode_utf16());
        let (unit, length) = match unit(from) {
            Some(unit) => (unit, ESCAPE),
            None => (u16::from(b'_'), 1),
        };
        units.push(unit);
        rest = &from[length..];
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

/// The length of `_x000D_`.
const ESCAPE: usize = 7;

fn unit(text: &str) -> Option<u16> {
    let digits = text.get(..ESCAPE)?.strip_prefix("_x")?.strip_suffix('_')?;
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_excel_escapes_is_read() {
        assert_eq!(unescaped("a_x000D_b"), "a\rb");
        assert_eq!(unescaped("_xD83D__xDCF7_"), "\u{1F4F7}");
        assert_eq!(unescaped("_x005F_x000D_"), "_x000D_");
        assert_eq!(unescaped("_xD83D_!"), "\u{FFFD}!");
        assert_eq!(unescaped("_x00é_ _x+12A_ a_x"), "_x00é_ _x+12A_ a_x");
    }
}
