//! One JSON object as a row of text: nested objects become columns
//! (`contact.email`), and every value keeps the very text that it has.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::lead::Cells;

/// Objects inside objects further than this stay JSON text.
const DEEPEST: usize = 16;

/// The columns and cells of the object that was flattened last. Kept between
/// rows, so that its memory is used again.
#[derive(Debug, Default)]
pub struct Flat {
    pub names: Cells,
    pub cells: Cells,
    path: String,
    depth: usize,
}

impl Flat {
    /// Reads one object.
    ///
    /// # Errors
    /// `text` is no JSON object; the columns read so far remain.
    pub fn read(&mut self, text: &str) -> Result<(), serde_json::Error> {
        self.cells.clear();
        self.names.clear();
        self.path.clear();
        self.depth = 0;
        self.object(text)
    }

    fn object(&mut self, text: &str) -> Result<(), serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        Object { flat: self }.deserialize(&mut json)?;
        json.end()
    }

    fn value(&mut self, text: &str) -> Result<(), serde_json::Error> {
        if text.starts_with('{') && self.depth < DEEPEST && text != "{}" {
            self.path.push('.');
            self.depth += 1;
            let read = self.object(text);
            self.depth -= 1;
            return read;
        }
        self.names.push_field(&self.path);
        let mut cell = String::new();
        scalar(text, &mut cell)?;
        self.cells.push_field(&cell);
        Ok(())
    }
}

/// Appends a value: a string without its quotes, `null` as nothing, numbers
/// and booleans as they are written, a list of those joined by `, `, and
/// anything else as JSON text.
fn scalar(text: &str, cell: &mut String) -> Result<(), serde_json::Error> {
    match text.as_bytes().first() {
        Some(b'"') if text.contains('\\') => cell.push_str(&serde_json::from_str::<String>(text)?),
        Some(b'"') => cell.push_str(&text[1..text.len() - 1]),
        Some(b'[') => list(text, cell)?,
        Some(b'n') => {}
        _ => cell.push_str(text),
    }
    Ok(())
}

fn list(text: &str, cell: &mut String) -> Result<(), serde_json::Error> {
    let values: Vec<&RawValue> = serde_json::from_str(text)?;
    if values
        .iter()
        .any(|value| value.get().starts_with(['{', '[']))
    {
        cell.push_str(text);
        return Ok(());
    }
    let mut first = true;
    for value in values.iter().filter(|value| value.get() != "null") {
        if !first {
            cell.push_str(", ");
        }
        first = false;
        scalar(value.get(), cell)?;
    }
    Ok(())
}

struct Object<'f> {
    flat: &'f mut Flat,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object {…}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let flat = self.flat;
        let stem = flat.path.len();
        while map.next_key_seed(Key(&mut flat.path))?.is_some() {
            let value: &RawValue = map.next_value()?;
            flat.value(value.get()).map_err(A::Error::custom)?;
            flat.path.truncate(stem);
        }
        Ok(())
    }
}

/// Appends a key to the path.
struct Key<'p>(&'p mut String);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<(), E> {
        self.0.push_str(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> Vec<(String, String)> {
        let mut flat = Flat::default();
        flat.read(text).expect("an object");
        let pairs = flat.names.iter().zip(flat.cells.iter());
        pairs.map(|(n, c)| (n.to_owned(), c.to_owned())).collect()
    }

    fn pair(name: &str, cell: &str) -> (String, String) {
        (name.to_owned(), cell.to_owned())
    }

    #[test]
    fn values_keep_their_text() {
        assert_eq!(
            flat(r#"{"n":0033612345678901234567890.50e1,"b":true}"#.replace("0033", "33").as_str()),
            [pair("n", "33612345678901234567890.50e1"), pair("b", "true")]
        );
        assert_eq!(
            flat(r#"{"zip":"01000","x":null,"e":"","u":"\u00e9\n\"a\"","é":"è"}"#),
            [
                pair("zip", "01000"),
                pair("x", ""),
                pair("e", ""),
                pair("u", "é\n\"a\""),
                pair("é", "è")
            ]
        );
    }

    #[test]
    fn nested_objects_become_columns() {
        assert_eq!(
            flat(r#"{"id":1,"contact":{"email":"a","tel":{"m":"06"}},"z":2,"o":{}}"#),
            [
                pair("id", "1"),
                pair("contact.email", "a"),
                pair("contact.tel.m", "06"),
                pair("z", "2"),
                pair("o", "{}")
            ]
        );
    }

    #[test]
    fn lists_are_joined_or_kept() {
        assert_eq!(
            flat(r#"{"a":["x",2,null,"y"],"b":[],"c":[{"d":1}]}"#),
            [
                pair("a", "x, 2, y"),
                pair("b", ""),
                pair("c", "[{\"d\":1}]")
            ]
        );
    }

    #[test]
    fn what_is_no_object_is_an_error() {
        for text in [
            "[1]",
            "12",
            "{\"a\":1,}",
            "{\"a\":1} x",
            "{\"a\":\"\\ud800\"}",
        ] {
            assert!(Flat::default().read(text).is_err(), "{text}");
        }
    }
}
