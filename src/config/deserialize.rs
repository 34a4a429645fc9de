//! Serde over a tree, such that all mistakes are told: a value that can'de be
//! read is told with its line and taken out, and the rest is read again.
//!
//! Beside serde's own rules: `false` stands for what isn'de there, a number may
//! stand where a text is asked for, and a field named [`SAME_TABLE`] is read
//! from the words of the table that it stands in.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny,
    IntoDeserializer, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value as Json;

use super::mistake::{Fault, Mistakes, Refusal, Step};
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
        let mut refusal = match T::deserialize(Source::new(table)) {
            Ok(read) => return Some(read),
            Err(refusal) => refusal,
        };
        refusal.path.reverse();
        let node = table.find(&refusal.path).unwrap_or(table);
        // What is missing because it was wrong has been told.
        let is_told = node.table().is_some_and(|table| table.damaged);
        if !(is_told && matches!(refusal.fault, Fault::Missing(_))) {
            mistakes.add(&node.place, refusal.to_string());
        }
        if !table.take_out(&refusal.path) {
            return None;
        }
    }
}

/// A value that is read.
#[derive(Clone, Copy)]
struct Source<'de> {
    node: &'de Node,
    /// Only some of the table's words are asked for.
    in_part: bool,
}

impl<'de> Source<'de> {
    fn new(node: &'de Node) -> Self {
        Self {
            node,
            in_part: false,
        }
    }

    fn wrong(self, expected: &str) -> Refusal {
        Refusal::new(Fault::Type {
            expected: expected.to_owned(),
            found: self.node.value.in_words(),
        })
    }

    fn table(self) -> Result<&'de [(String, Node)], Refusal> {
        match &self.node.value {
            Value::Table(table) => Ok(&table.entries),
            Value::Bool(false) => Ok(&[]),
            _ => Err(self.wrong("a table")),
        }
    }

    fn count<T: TryFrom<u64>>(self) -> Result<T, Refusal> {
        let count = match self.node.value {
            Value::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        };
        let count = count.ok_or_else(|| self.wrong("a whole number from 0 up"))?;
        T::try_from(count).map_err(|_| self.wrong("a smaller number"))
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

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_u16(self.count()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_u32(self.count()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_u64(self.count()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.node.value {
            #[allow(clippy::cast_precision_loss)]
            Value::Integer(number) => visitor.visit_f64(number as f64),
            Value::Float(number) => visitor.visit_f64(number),
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
        match &self.node.value {
            Value::List(items) => visitor.visit_seq(Items(items, 0)),
            Value::Bool(false) => visitor.visit_seq(Items(&[], 0)),
            _ => Err(self.wrong("a list between [ and ]")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let entries = self.table()?;
        visitor.visit_map(Entries::new(entries))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        let mut entries = Entries::new(self.table()?);
        let mut known: Vec<&'static str> = fields.to_vec();
        if fields.contains(&SAME_TABLE) {
            known.retain(|field| *field != SAME_TABLE);
            known.extend(CALL_WORDS);
            entries.whole = Some(self.node);
        }
        let mut words = entries.rest.iter().map(|(word, _)| word);
        if let Some(word) = words.find(|word| !self.in_part && !known.contains(&word.as_str())) {
            let (word, of) = (word.clone(), name);
            let step = Step::Key(word.clone());
            return Err(Refusal::new(Fault::Unknown { word, of, known }).under(step));
        }
        visitor.visit_map(entries)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        if let (PATTERN, Value::Text(text), false) =
            (name, &self.node.value, self.node.place.is_built_in())
        {
            Pattern::compile(text).map_err(de::Error::custom)?;
        }
        visitor.visit_newtype_struct(self)
    }

    /// A word, or a table of one word and what it holds.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match &self.node.value {
            Value::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Table(table) => match table.entries.as_slice() {
                [(word, node)] => visitor
                    .visit_enum(Chosen { word, node })
                    .map_err(|refusal| match &refusal.fault {
                        Fault::Choice { .. } => refusal,
                        _ => refusal.under(Step::Key(word.clone())),
                    }),
                _ => Err(self.wrong(&format!("one of {}", words.join(", ")))),
            },
            _ => Err(self.wrong("a text between quotes")),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 char str bytes byte_buf unit unit_struct
        tuple tuple_struct identifier ignored_any
    }
}

/// What is left of a list, and the number of its first item.
struct Items<'de>(&'de [Node], usize);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Refusal;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        let Some((item, rest)) = self.0.split_first() else {
            return Ok(None);
        };
        let index = self.1;
        *self = Self(rest, index + 1);
        let read = seed.deserialize(Source::new(item));
        read.map(Some)
            .map_err(|refusal| refusal.under(Step::Item(index)))
    }
}

/// What is left of a table.
struct Entries<'de> {
    rest: &'de [(String, Node)],
    current: Option<&'de (String, Node)>,
    /// The table itself, where a field asks for some of its words.
    whole: Option<&'de Node>,
}

impl<'de> Entries<'de> {
    fn new(rest: &'de [(String, Node)]) -> Self {
        Self {
            rest,
            current: None,
            whole: None,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Refusal;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refusal> {
        self.current = self.rest.first();
        let key = match (self.current, self.whole) {
            (Some((key, _)), _) => key.as_str(),
            (None, Some(_)) => SAME_TABLE,
            (None, None) => return Ok(None),
        };
        self.rest = self.rest.get(1..).unwrap_or_default();
        let source: StrDeserializer<'_, Refusal> = key.into_deserializer();
        let read = seed.deserialize(source);
        read.map(Some)
            .map_err(|refusal| refusal.under(Step::Key(key.to_owned())))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        match (self.current, self.whole.take()) {
            (Some((key, node)), whole) => {
                self.whole = whole;
                let read = seed.deserialize(Source::new(node));
                read.map_err(|refusal| refusal.under(Step::Key(key.clone())))
            }
            (None, Some(node)) => seed.deserialize(Source {
                node,
                in_part: true,
            }),
            (None, None) => Err(de::Error::custom("a value without a key")),
        }
    }
}

/// The one word of a table, and what it holds.
struct Chosen<'de> {
    word: &'de str,
    node: &'de Node,
}

impl<'de> EnumAccess<'de> for Chosen<'de> {
    type Error = Refusal;
    type Variant = Source<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), Refusal> {
        let word: StrDeserializer<'_, Refusal> = self.word.into_deserializer();
        Ok((seed.deserialize(word)?, Source::new(self.node)))
    }
}

impl<'de> VariantAccess<'de> for Source<'de> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refusal> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        self.deserialize_struct("this table", fields, visitor)
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
