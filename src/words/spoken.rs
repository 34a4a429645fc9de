//! Texts for people that `partners.toml` gives itself, in one language or in several.

use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value as Json};

use super::{language, languages, say};

/// A language that there is a catalogue of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Language(pub String);

impl TryFrom<String> for Language {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = languages();
        match known.contains(&name) {
            true => Ok(Self(name)),
            false => Err(say!("language-unknown", name, known = known.join(", "))),
        }
    }
}

/// What a text is called for the reader of tables.
pub const SPOKEN: &str = "(spoken)";
/// What is spoken where a text lacks the language that is.
const ENGLISH: &str = "en";

/// A text as it is said in the language that is spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    text: String,
    /// The same in the other languages.
    others: Vec<String>,
}

impl Spoken {
    fn of(mut said: Vec<(String, String)>) -> Option<Self> {
        let place = |wanted: &str| said.iter().position(|(name, _)| name == wanted);
        let at = place(&language()).or_else(|| place(ENGLISH)).unwrap_or(0);
        let text = (at < said.len()).then(|| said.remove(at).1)?;
        let others = said.into_iter().map(|(_, text)| text).collect();
        Some(Self { text, others })
    }

    /// The text in every language, first in the one that is spoken: what stands in a
    /// file is found whoever reads it.
    pub fn every(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.text)
            .chain(&self.others)
            .map(String::as_str)
    }
}

impl Deref for Spoken {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Spoken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(SPOKEN, Texts)
    }
}

/// Reads one text, or a table of them by their languages.
struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = Spoken;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<Spoken, E> {
        let (text, others) = (text.to_owned(), Vec::new());
        Ok(Spoken { text, others })
    }

    fn visit_map<M: MapAccess<'de>>(self, mut table: M) -> Result<Spoken, M::Error> {
        let mut said = Vec::new();
        while let Some((Language(name), text)) = table.next_entry()? {
            said.push((name, text));
        }
        Spoken::of(said).ok_or_else(|| Error::custom(say!("language-none")))
    }
}

impl JsonSchema for Spoken {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "a text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = json_schema!({ "type": "string" });
        let texts = languages().into_iter();
        let texts: Map<String, Json> = texts.map(|name| (name, text.clone().to_value())).collect();
        json_schema!({ "anyOf": [text, { "type": "object", "properties": texts }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(said: &[(&str, &str)]) -> Option<String> {
        let said = said
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()));
        Spoken::of(said.collect()).map(|it| it.to_string())
    }

    #[test]
    fn a_text_is_said_in_the_language_that_is_spoken_else_in_english_else_in_the_first() {
        assert_eq!(of(&[("fr", "oui"), ("en", "yes")]), Some("yes".into()));
        assert_eq!(of(&[("fr", "oui"), ("de", "ja")]), Some("oui".into()));
        assert_eq!(of(&[]), None);
    }
}
