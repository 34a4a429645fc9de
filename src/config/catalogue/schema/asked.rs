//! What the types of the vocabulary ask for: each reads from a source that has nothing to
//! tell, gives one word at a time and takes down what is asked of it, until nothing is
//! unknown. So whatever a type reads is known here as soon as it is a field of it.

use std::cell::RefCell;

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer,
    MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Value as Json, json};

use super::types::{Book, Place};
use crate::config::mistake::ReadError;
use crate::config::reader::SEVERAL;

/// Asks a type until nothing of it is unknown; what refers to it.
pub fn ask<T: DeserializeOwned>(known: &mut Book) -> Json {
    loop {
        known.round += 1;
        let book = RefCell::new(std::mem::take(known));
        // What is read is of no use, and seldom whole.
        let (_, own) = Asked::inside(&book, |asked| T::deserialize(asked));
        *known = book.into_inner();
        let own = own.unwrap_or(Json::Bool(true));
        // Some thousand times suffice; what is unknown then may be anything.
        if !known.is_open(&own, 0) || known.round > 20_000 {
            return own;
        }
    }
}

fn text() -> Json {
    json!({ "type": ["string", "integer"] })
}

/// Takes down what is asked of a value.
#[derive(Clone, Copy)]
struct Asked<'b> {
    book: &'b RefCell<Book>,
    slot: &'b RefCell<Option<Json>>,
}

impl<'b> Asked<'b> {
    fn is(self, holds: Json) {
        self.slot.replace(Some(holds));
    }

    /// Gives what `ask` makes of a value, and takes down what that holds.
    fn inside<T>(
        book: &RefCell<Book>,
        ask: impl FnOnce(Asked<'_>) -> Result<T, ReadError>,
    ) -> (Result<T, ReadError>, Option<Json>) {
        let slot = RefCell::new(None);
        let read = ask(Asked { book, slot: &slot });
        (read, slot.into_inner())
    }

    fn begin(self, name: &str, words: &[&'static str], is_choice: bool) -> Place {
        let mut book = self.book.borrow_mut();
        let place = book.next(name, words, is_choice);
        self.is(book.types[place.at].reference());
        place
    }

    /// A table of these words, of which one is given.
    fn table<'de, V: Visitor<'de>>(
        self,
        name: &str,
        words: &[&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let place = self.begin(name, words, false);
        let (read, holds) = Self::inside(self.book, |asked| {
            visitor.visit_map(One(place.word.map(|word| (words[word], asked))))
        });
        self.book.borrow_mut().note(place, holds);
        read
    }
}

/// The values of a list, the last first.
struct Items<'b>(Vec<Asked<'b>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = ReadError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ReadError> {
        let item = self.0.pop();
        item.map(|asked| seed.deserialize(asked)).transpose()
    }
}

/// A table with one word, or none.
struct One<'b>(Option<(&'b str, Asked<'b>)>);

impl<'de> MapAccess<'de> for One<'_> {
    type Error = ReadError;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ReadError> {
        let key = self
            .0
            .map(|(word, _)| -> StrDeserializer<'_, ReadError> { word.into_deserializer() });
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        match self.0.take() {
            Some((_, asked)) => seed.deserialize(asked),
            None => Err(ReadError::custom("a key without a value")),
        }
    }
}

/// A variant of a choice.
struct Variant<'b> {
    asked: Asked<'b>,
    name: &'static str,
    word: &'static str,
    place: Place,
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = ReadError;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), ReadError> {
        let word: StrDeserializer<'_, ReadError> = self.word.into_deserializer();
        Ok((seed.deserialize(word)?, self))
    }
}

impl Variant<'_> {
    fn holds<T>(self, ask: impl FnOnce(Asked<'_>) -> Result<T, ReadError>) -> Result<T, ReadError> {
        let (read, holds) = Asked::inside(self.asked.book, ask);
        self.asked.book.borrow_mut().note(self.place, holds);
        read
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        self.holds(|asked| {
            asked.is(Json::Null);
            Ok(())
        })
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, ReadError> {
        self.holds(|asked| seed.deserialize(asked))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ReadError> {
        self.holds(|asked| asked.deserialize_seq(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let name = format!("{} {}", self.name, self.word);
        self.holds(|asked| asked.table(&name, words, visitor))
    }
}

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = ReadError;

    /// Anything.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.is(Json::Bool(true));
        visitor.visit_bool(true)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.is(json!({ "type": "boolean" }));
        visitor.visit_bool(true)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.is(json!({ "type": "integer", "minimum": 0 }));
        visitor.visit_u64(1)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.is(json!({ "type": "number" }));
        visitor.visit_f64(1.0)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.is(text());
        let sample = self.book.borrow().sample();
        visitor.visit_str(sample)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let read = visitor.visit_newtype_struct(self);
        let list = self
            .slot
            .borrow()
            .as_ref()
            .map(|holds| holds["list"].clone());
        if let Some(item) = list.filter(|item| name == SEVERAL && !item.is_null()) {
            self.is(json!({ "several": item }));
        }
        read
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let (read, item) = Self::inside(self.book, |item| visitor.visit_seq(Items(vec![item])));
        if let Some(item) = item {
            self.is(json!({ "list": item }));
        }
        read
    }

    /// A name and its value.
    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let (name, value) = (RefCell::new(None), RefCell::new(None));
        let parts = [&value, &name].map(|slot| Asked { slot, ..self });
        let read = visitor.visit_seq(Items(parts.to_vec()));
        if let Some(value) = value.into_inner() {
            self.is(json!({ "pair": value }));
        }
        read
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let name = self.book.borrow().sample();
        let (read, holds) = Self::inside(self.book, |value| {
            visitor.visit_map(One(Some((name, value))))
        });
        if let Some(holds) = holds {
            self.is(json!({ "names": holds }));
        }
        read
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if name == "Duration" {
            self.is(text());
            return visitor.visit_seq(SeqDeserializer::new([1_u32, 0].into_iter()));
        }
        self.table(name, words, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let place = self.begin(name, words, true);
        visitor.visit_enum(Variant {
            asked: self,
            name,
            word: words[place.word.unwrap_or_default()],
            place,
        })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 char bytes byte_buf unit unit_struct
        tuple_struct identifier ignored_any
    }
}
