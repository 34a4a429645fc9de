//! A partner's answer as a JSON document: one flat list of its values in the
//! order of the text, which lends them its own letters. Rules look at a few
//! places; a tree of hashed objects for each answer cost more than all that was
//! decided with it. What is accepted and refused is what serde_json's own tree
//! accepts and refuses.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Number};

use super::found::Found;
use super::node::{Node, Value};

#[derive(Debug)]
pub struct Document<'t>(Vec<Node<'t>>);

impl<'t> Document<'t> {
    /// `None`: `text` is not JSON.
    pub fn read(text: &'t str) -> Option<Self> {
        // Enough for most answers: a value and its name are seldom shorter.
        let mut nodes = Vec::with_capacity(text.len() / 20 + 1);
        let root = Reading {
            name: Cow::Borrowed(""),
            nodes: &mut nodes,
        };
        let mut json = Deserializer::from_str(text);
        root.deserialize(&mut json).ok()?;
        json.end().ok()?;
        Some(Self(nodes))
    }

    pub fn root(&self) -> Found<'_> {
        Found::new(&self.0)
    }
}

/// Reads the value called `name`, with all in it, to the end of `nodes`.
struct Reading<'n, 't> {
    name: Cow<'t, str>,
    nodes: &'n mut Vec<Node<'t>>,
}

impl<'t> Reading<'_, 't> {
    fn put(self, value: Value<'t>) {
        self.nodes.push(Node {
            name: self.name,
            value,
            span: 1,
        });
    }
}

impl<'t> DeserializeSeed<'t> for Reading<'_, 't> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'t>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Reading<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put(Value::Null);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.put(Value::Bool(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.put(Value::Number(value.into()));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.put(Value::Number(value.into()));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.put(Number::from_f64(value).map_or(Value::Null, Value::Number));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'t str) -> Result<(), E> {
        self.put(Value::Text(text.into()));
        Ok(())
    }

    /// A text with escapes has letters of its own.
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(Value::Text(text.to_owned().into()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { name, nodes } = self;
        let at = open(nodes, name, Value::List);
        loop {
            let item = Reading {
                name: Cow::Borrowed(""),
                nodes: &mut *nodes,
            };
            if list.next_element_seed(item)?.is_none() {
                break;
            }
        }
        nodes[at].span = nodes.len() - at;
        Ok(())
    }

    fn visit_map<A: MapAccess<'t>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { name, nodes } = self;
        let at = open(nodes, name, Value::Object);
        while let Some(name) = object.next_key_seed(Name)? {
            object.next_value_seed(Reading {
                name,
                nodes: &mut *nodes,
            })?;
        }
        nodes[at].span = nodes.len() - at;
        Ok(())
    }
}

/// Puts what other values will be in; returns where it is.
fn open<'t>(nodes: &mut Vec<Node<'t>>, name: Cow<'t, str>, value: Value<'t>) -> usize {
    let at = nodes.len();
    Reading { name, nodes }.put(value);
    at
}

/// Reads a name.
struct Name;

impl<'t> DeserializeSeed<'t> for Name {
    type Value = Cow<'t, str>;

    fn deserialize<D: serde::Deserializer<'t>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'t> Visitor<'t> for Name {
    type Value = Cow<'t, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'t str) -> Result<Self::Value, E> {
        Ok(name.into())
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(name.to_owned().into())
    }
}

#[cfg(test)]
mod tests;
