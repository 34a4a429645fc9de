//! Serde over TOML, such that all mistakes are told: a value that can't be read
//! is told with its line and passed over, and the rest is read again.
//!
//! How the vocabulary may be written, beside serde's own rules:
//! - `false` stands for what isn't there, also in a list or among names;
//! - one value may stand where a list is asked for, a number where a text is;
//! - names with values are a list of pairs, in their order;
//! - a duration is a text; some tables may be written as their one word
//!   ([`SHORT`]);
//! - a field named [`SAME_TABLE`] is read from the table that it stands in.

use serde::de::value::{MapAccessDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess,
    SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use toml::de::DeValue;

use super::document::{Node, in_words, is_built_in, is_false, is_gone, leave_gap, read_items};
use super::extract::Pattern;
use super::measure;
use super::mistake::{Mistakes, ReadError, instead_of, wrong_source};
use super::table_type::{self, A_FIELD, SHORT};
use crate::words::say;
use crate::words::spoken::SPOKEN;

/// The field of an amendment, a list… that holds the call itself.
pub const SAME_TABLE: &str = "(call)";
/// The words of every call.
pub const CALL_WORDS: [&str; 9] = [
    "method", "path", "query", "body", "wrap", "rules", "message", "words", "echo",
];
/// The name of a newtype whose text is compiled when it is a user's.
const PATTERN: &str = "(pattern)";
/// Tables in which `false` takes nothing away: it is sent, or expected.
const FALSE_IS_A_VALUE: [&str; 4] = ["map", "only", "when", "test"];
/// Nothing that is counted goes beyond.
const MAX_COUNT: u64 = u32::MAX as u64;
/// The type after which a table is one of a list, not a list of names.
pub const SEVERAL: &str = "(several)";

/// Reads a table, and tells what is wrong in it. `None` where nothing can be
/// made of what is left; what could not be read is a gap in the table then.
pub fn read<T: DeserializeOwned>(table: &mut Node<'_>, mistakes: &mut Mistakes<'_>) -> Option<T> {
    let key = say!("mistake-this-table");
    loop {
        let whole = Located {
            key: &key,
            written: &key,
            node: table,
            part: Part::Value,
        };
        let refusal = match whole.here(T::deserialize(whole)) {
            Ok(read) => return Some(read),
            Err(refusal) => refusal,
        };
        let (address, offset) = refusal.at?;
        // What is missing because of a gap was told with the gap.
        if !leave_gap(table, address)? {
            mistakes.add(offset, refusal.message);
        }
        if is_gone(table) {
            return None;
        }
    }
}

/// A value that is read, and the key under which it stands.
#[derive(Clone, Copy)]
struct Located<'de> {
    key: &'de str,
    /// What stands there: not always the word that it is short for.
    written: &'de str,
    node: &'de Node<'de>,
    part: Part,
}

/// What of an entry is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Value,
    Key,
    /// The key and the value, one after the other.
    Pair,
    /// The value, or a list of such values.
    Several,
}

impl<'de> Located<'de> {
    fn wrong(self, expected: String) -> ReadError {
        let found = in_words(self.node.get_ref());
        ReadError::of_key(say!("mistake-must-be", expected, found))
    }

    /// The entries of a table.
    fn entries(self) -> Result<Vec<Self>, ReadError> {
        let table = match self.node.get_ref() {
            DeValue::Table(table) => Some(table),
            DeValue::Boolean(false) => None,
            // What stands there is not repeated: under `auth` it may be a secret.
            _ => return Err(ReadError::of_key(say!("mistake-no-table"))),
        };
        let entries = table.into_iter().flatten();
        let entries = entries.filter(|(_, node)| !is_gone(node));
        let entries = entries.map(|(key, node)| Self {
            key: key.get_ref(),
            written: key.get_ref(),
            node,
            part: Part::Value,
        });
        Ok(entries.collect())
    }

    /// The same where `false` takes an entry away.
    fn named(self) -> Result<Vec<Self>, ReadError> {
        let mut entries = self.entries()?;
        if !FALSE_IS_A_VALUE.contains(&self.key) {
            entries.retain(|entry| !is_false(entry.node));
        }
        Ok(entries)
    }

    /// A text, or a number as one.
    fn text(self) -> Result<String, ReadError> {
        match self.node.get_ref() {
            _ if self.part == Part::Key => Ok(self.key.to_owned()),
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Integer(number) => Ok(number.to_string()),
            _ => Err(self.wrong(say!("value-text"))),
        }
    }

    fn integer(self) -> Option<i64> {
        let number = self.node.get_ref().as_integer()?;
        i64::from_str_radix(number.as_str(), number.radix()).ok()
    }

    fn duration<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let read = measure::duration(&self.text()?).map_err(ReadError::custom)?;
        let parts = [read.as_secs(), read.subsec_nanos().into()];
        visitor.visit_seq(SeqDeserializer::new(parts.into_iter()))
    }

    /// The word that stands for the table of this type, where there is no table.
    fn short(self, name: &str) -> Option<Self> {
        let (_, word) = SHORT.into_iter().find(|(known, _)| *known == name)?;
        let is_table = self.node.get_ref().is_table();
        (!is_table).then_some(Self { key: word, ..self })
    }

    /// Each word of a table must be known.
    fn check_words(self, table: &str, known: &[&str]) -> Result<(), ReadError> {
        let entries = self.entries()?;
        let knows = |entry: &&Self| known.contains(&entry.key);
        let Some(entry) = entries.iter().find(|entry| !knows(entry)) else {
            return Ok(());
        };
        let word = entry.key;
        let mut hint = instead_of(word, known);
        // A dotted target arrives as a table of unknown words; what is no name of a
        // lead field would send nothing there.
        let is_name = |entry: &Self| match entry.node.get_ref() {
            DeValue::String(text) => !text.contains([' ', '{', '}']),
            value => value.is_table(),
        };
        let meant_so = entries.iter().all(is_name);
        if table == A_FIELD && meant_so && !entries.iter().any(|entry| knows(&entry)) {
            let target = format!("{}.{word}", self.key);
            hint = say!("mistake-nested-target", hint, target);
        }
        let table = table_type::in_words(table);
        let message = say!("mistake-unknown-word", word, table, hint);
        entry.here(Err(ReadError::custom(message)))
    }

    /// A value of a request comes from a lead or is a constant, not both.
    fn check_source(entries: &[Self]) -> Result<(), ReadError> {
        let words: Vec<&str> = entries.iter().map(|entry| entry.key).collect();
        let Some((word, why)) = wrong_source(&words) else {
            return Ok(());
        };
        let wrong = Err(ReadError::of_key(why));
        match entries.iter().find(|entry| Some(entry.key) == word) {
            Some(entry) => entry.here(wrong),
            None => wrong,
        }
    }

    /// What went wrong inside went wrong here, unless deeper.
    fn here<T>(self, read: Result<T, ReadError>) -> Result<T, ReadError> {
        read.map_err(|refusal| refusal.within(self.written, self.node))
    }
}

/// What is left of a list, or of a table.
struct Rest<'de>(std::vec::IntoIter<Located<'de>>);

impl<'de> SeqAccess<'de> for Rest<'de> {
    type Error = ReadError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ReadError> {
        let item = self.0.next();
        let read = item.map(|item| item.here(seed.deserialize(item)));
        read.transpose()
    }
}

impl<'de> MapAccess<'de> for Rest<'de> {
    type Error = ReadError;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ReadError> {
        let entry = self.0.as_slice().first();
        let read = entry.map(|entry| {
            let key: StrDeserializer<'_, ReadError> = entry.key.into_deserializer();
            entry.here(seed.deserialize(key))
        });
        read.transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        let value = self.next_element_seed(seed)?;
        value.ok_or_else(|| ReadError::custom(say!("mistake-key-alone")))
    }
}

impl<'de> Deserializer<'de> for Located<'de> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.node.get_ref() {
            DeValue::String(text) => visitor.visit_str(text),
            DeValue::Integer(_) => {
                let number = self.integer();
                visitor.visit_i64(number.ok_or_else(|| self.wrong(say!("value-smaller")))?)
            }
            DeValue::Float(number) => {
                let number = number.as_str().parse();
                visitor.visit_f64(number.map_err(|_| self.wrong(say!("value-other-number")))?)
            }
            DeValue::Boolean(flag) => visitor.visit_bool(*flag),
            DeValue::Datetime(_) => Err(self.wrong(say!("value-text"))),
            DeValue::Array(_) => self.deserialize_seq(visitor),
            DeValue::Table(_) => visitor.visit_map(Rest(self.entries()?.into_iter())),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let flag = self.node.get_ref().as_bool();
        visitor.visit_bool(flag.ok_or_else(|| self.wrong(say!("value-boolean")))?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.node.get_ref() {
            DeValue::Integer(_) | DeValue::Float(_) => self.deserialize_any(visitor),
            _ => Err(self.wrong(say!("value-number"))),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.integer().map(u64::try_from) {
            Some(Ok(count)) if count <= MAX_COUNT => visitor.visit_u64(count),
            Some(Ok(_)) => Err(self.wrong(say!("value-smaller"))),
            _ => Err(self.wrong(say!("value-count"))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match is_false(self.node) {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let items: Vec<Self> = match self.node.get_ref() {
            _ if self.part == Part::Pair => {
                let part = |part| Self { part, ..self };
                vec![part(Part::Key), part(Part::Value)]
            }
            DeValue::Array(_) => {
                let items = read_items(Some(self.node));
                let part = Part::Value;
                items.map(|node| Self { node, part, ..self }).collect()
            }
            DeValue::Table(_) if self.part != Part::Several => {
                let part = Part::Pair;
                let entries = self.named()?.into_iter();
                entries.map(|entry| Self { part, ..entry }).collect()
            }
            DeValue::Boolean(false) => Vec::new(),
            _ => vec![Self {
                part: Part::Value,
                ..self
            }],
        };
        visitor.visit_seq(Rest(items.into_iter()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match (self.part, self.node.get_ref()) {
            (Part::Pair, _) | (_, DeValue::Array(_)) => self.deserialize_seq(visitor),
            _ => Err(self.wrong(say!("value-named"))),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_map(Rest(self.named()?.into_iter()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if self.part == Part::Pair && words.len() == 2 {
            return self.deserialize_seq(visitor);
        } else if self.part == Part::Pair {
            let (word, table) = (self.key, table_type::in_words(name));
            let message = say!("mistake-asked-for", word, table);
            return Err(ReadError::custom(message));
        } else if name == "Duration" {
            return self.duration(visitor);
        }
        if let Some(word) = self.short(name) {
            return visitor.visit_map(Rest(vec![word].into_iter()));
        }
        let holds_call = words.contains(&SAME_TABLE);
        let call_words = CALL_WORDS.iter().filter(|_| holds_call);
        let known: Vec<&str> = words.iter().chain(call_words).copied().collect();
        // Of its own table a call asks for some words only.
        if self.key != SAME_TABLE {
            self.check_words(name, &known)?;
        }
        let mut entries = self.entries()?;
        if name == A_FIELD {
            Self::check_source(&entries)?;
        }
        let key = SAME_TABLE;
        entries.extend(holds_call.then_some(Self {
            key,
            written: key,
            ..self
        }));
        visitor.visit_map(Rest(entries.into_iter()))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if name == PATTERN && !is_built_in(self.node.span().start) {
            Pattern::compile(&self.text()?).map_err(ReadError::custom)?;
        }
        let part = match (name, self.node.get_ref()) {
            (SPOKEN, DeValue::Table(_)) => return self.deserialize_map(visitor),
            (SPOKEN, _) => return self.deserialize_string(visitor),
            (SEVERAL, _) => Part::Several,
            _ => self.part,
        };
        visitor.visit_newtype_struct(Self { part, ..self })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        // A table of one entry is a variant and what it holds: `{ env = "NAME" }`.
        let one_entry = |entries: Vec<Self>| MapAccessDeserializer::new(Rest(entries.into_iter()));
        match (self.short(name), self.node.get_ref()) {
            (Some(word), _) => visitor.visit_enum(one_entry(vec![word])),
            (None, DeValue::Table(table)) if table.len() == 1 => {
                visitor.visit_enum(one_entry(self.named()?))
            }
            (None, DeValue::String(text)) => visitor.visit_enum(text.as_ref().into_deserializer()),
            _ => Err(self.wrong(say!("value-text"))),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 char str bytes byte_buf unit unit_struct
        tuple_struct identifier ignored_any
    }
}
