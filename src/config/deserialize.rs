//! Serde over a tree, such that all mistakes are told: a value that can't be
//! read is told with its line and taken out, and the rest is read again.
//!
//! Beside serde's own rules: `false` stands for what isn't there, a number may
//! stand where a text is asked for, and a field named [`SAME_TABLE`] is read
//! from the words of the table that it stands in.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny,
    IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value as Json;

use super::mistake::{Mistakes, Refusal};
use super::pattern::Pattern;
use super::tree::{Node, Value};

/// The field of an amendment, a list… that holds the call itself.
pub const SAME_TABLE: &str = "(call)";
/// The words of every call.
pub const CALL_WORDS: [&str; 7] = [
    "method", "path", "query", "wrap", "rules", "message", "words",
];
/// The name of a newtype whose text is compiled when it is a user's.
pub const PATTERN: &str = "(pattern)";

/// Reads a table. What is wrong is told and taken out of `table`; `None` where
/// nothing can be made of what is left.
pub fn read<T: DeserializeOwned>(table: &mut Node, mistakes: &mut Mistakes) -> Option<T> {
    loop {
        let source = Source::new("this table", table);
        let refusal = match source.here(T::deserialize(source)) {
            Ok(read) => return Some(read),
            Err(refusal) => refusal,
        };
        let (node, place) = refusal.at?;
        if !refusal.is_told {
            mistakes.add(&place, refusal.message);
        }
        table.take_out(node)?;
    }
}

/// A value that is read, and the key under which it stands.
#[derive(Clone, Copy)]
struct Source<'de> {
    key: &'de str,
    node: &'de Node,
    /// Only some of the table's words are asked for.
    in_part: bool,
}

impl<'de> Source<'de> {
    fn new(key: &'de str, node: &'de Node) -> Self {
        Self {
            key,
            node,
            in_part: false,
        }
    }

    fn wrong(self, expected: &str) -> Refusal {
        let found = self.node.value.in_words();
        Refusal::of_key(format!("must be {expected}, not {found}"))
    }

    fn entries(self) -> Result<impl Iterator<Item = Self>, Refusal> {
        let entries: &[(String, Node)] = match &self.node.value {
            Value::Table(table) => &table.entries,
            Value::Bool(false) => &[],
            _ => return Err(self.wrong("a table")),
        };
        Ok(entries.iter().map(|(key, node)| Source::new(key, node)))
    }

    fn count<T: TryFrom<u64>>(self) -> Result<T, Refusal> {
        let count = match self.node.value {
            Value::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        };
        let count = count.ok_or_else(|| self.wrong("a whole number from 0 up"))?;
        T::try_from(count).map_err(|_| self.wrong("a smaller number"))
    }

    /// What went wrong inside went wrong here, unless deeper.
    fn here<T>(self, read: Result<T, Refusal>) -> Result<T, Refusal> {
        let Self { key, node, .. } = self;
        let is_damaged = node.table().is_some_and(|table| table.damaged);
        read.map_err(|refusal| refusal.within(key, node.id(), &node.place, is_damaged))
    }
}

/// What is left of a list.
struct Items<I>(I);

impl<'de, I: Iterator<Item = Source<'de>>> SeqAccess<'de> for Items<I> {
    type Error = Refusal;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        let item = self.0.next();
        item.map(|item| item.here(seed.deserialize(item)))
            .transpose()
    }
}

/// What is left of a table, and the entry whose key was read.
struct Entries<'de, I>(I, Option<Source<'de>>);

impl<'de, I: Iterator<Item = Source<'de>>> MapAccess<'de> for Entries<'de, I> {
    type Error = Refusal;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        self.1 = self.0.next();
        let key = self.1.map(|entry| {
            let key: StrDeserializer<'_, Refusal> = entry.key.into_deserializer();
            entry.here(seed.deserialize(key))
        });
        key.transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        let entry = self
            .1
            .ok_or_else(|| Refusal::custom("a value without a key"))?;
        entry.here(seed.deserialize(entry))
    }
}

impl<'de> Deserializer<'de> for Source<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.node.value {
            Value::Text(text) => visitor.visit_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Table(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.node.value {
            Value::Text(text) => visitor.visit_str(text),
            Value::Integer(number) => visitor.visit_string(number.to_string()),
            _ => Err(self.wrong("a text between quotes")),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node.value {
            Value::Bool(flag) => visitor.visit_bool(flag),
            _ => Err(self.wrong("true or false")),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_u32(self.count()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_u64(self.count()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node.value {
            Value::Integer(_) | Value::Float(_) => self.deserialize_any(visitor),
            _ => Err(self.wrong("a number")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node.is_false() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let items = match &self.node.value {
            Value::List(items) => items.as_slice(),
            Value::Bool(false) => &[],
            _ => return Err(self.wrong("a list between [ and ]")),
        };
        let items = items.iter().map(|item| Source::new(self.key, item));
        visitor.visit_seq(Items(items))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_map(Entries(self.entries()?, None))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let holds_call = fields.contains(&SAME_TABLE);
        let call_words = CALL_WORDS.iter().filter(|_| holds_call);
        let known: Vec<&str> = fields.iter().chain(call_words).copied().collect();
        for entry in self.entries()?.filter(|_| !self.in_part) {
            if !known.contains(&entry.key) {
                return entry.here(Err(Refusal::unknown_word(entry.key, name, &known)));
            }
        }
        let call = holds_call.then_some(Source {
            key: SAME_TABLE,
            in_part: true,
            ..self
        });
        visitor.visit_map(Entries(self.entries()?.chain(call), None))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        if let (PATTERN, Value::Text(text), false) =
            (name, &self.node.value, self.node.place.is_built_in())
        {
            Pattern::compile(text).map_err(Refusal::custom)?;
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match &self.node.value {
            Value::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => Err(self.wrong("a text between quotes")),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 char str bytes byte_buf unit unit_struct
        tuple tuple_struct identifier ignored_any
    }
}

/// A value that may be written in more than one way.
pub enum Loose<T> {
    Text(String),
    Table(T),
    List(Vec<Loose<T>>),
    /// A number, true or false.
    Other(Json),
}

impl<T> Loose<T> {
    /// The JSON that was written; `None` where a table stands in it.
    pub fn into_json(self) -> Option<Json> {
        match self {
            Self::Text(text) => Some(text.into()),
            Self::Other(value) => Some(value),
            Self::List(items) => items.into_iter().map(Self::into_json).collect(),
            Self::Table(_) => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor(PhantomData))
    }
}

struct LooseVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for LooseVisitor<T> {
    type Value = Loose<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Loose::Text(text.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Loose::Other(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Loose::Other(number.into()))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Loose::Other(flag.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Loose::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(Loose::Table)
    }
}

/// What stands for a list: one value, several, or `false` for none.
pub fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String, Error: fmt::Display>,
{
    let written = Loose::<IgnoredAny>::deserialize(deserializer)?;
    let list = match written.into_json() {
        Some(Json::Array(items)) => items,
        Some(Json::Bool(false)) => Vec::new(),
        one => vec![one.unwrap_or_default()],
    };
    let text = |item: Json| match item {
        Json::String(text) => T::try_from(text).map_err(de::Error::custom),
        Json::Number(number) => T::try_from(number.to_string()).map_err(de::Error::custom),
        other => Err(de::Error::invalid_type(
            Unexpected::Other(match other {
                Json::Bool(_) => "true or false",
                Json::Array(_) => "a list",
                _ => "a table",
            }),
            &"a text or a list of texts",
        )),
    };
    list.into_iter().map(text).collect()
}

/// A table whose keys are no words, in its order. `false` takes an entry away.
pub fn pairs<'de, D: Deserializer<'de>, K: Deserialize<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<(K, T)>, D::Error> {
    let all: Vec<(K, Option<T>)> = deserializer.deserialize_map(PairsVisitor(PhantomData))?;
    let there = all
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)));
    Ok(there.collect())
}

/// The same where `false` is a value like others.
pub fn values<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, Json)>, D::Error> {
    deserializer.deserialize_map(PairsVisitor(PhantomData))
}

struct PairsVisitor<K, T>(PhantomData<(K, T)>);

impl<'de, K: Deserialize<'de>, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<K, T> {
    type Value = Vec<(K, T)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = entries.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

/// A table of lists, each of which may be a single text.
pub fn lists<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, Vec<String>)>, D::Error> {
    #[derive(Deserialize)]
    struct Texts(#[serde(deserialize_with = "one_or_many")] Vec<String>);
    let lists: Vec<(String, Texts)> = pairs(deserializer)?;
    Ok(lists
        .into_iter()
        .map(|(key, texts)| (key, texts.0))
        .collect())
}
