//! Reads typed words out of a tree and collects every mistake on the way, so
//! that all of a file's mistakes are told at once.

use super::mistake::{Mistake, nearest};
use super::place::Place;
use super::tree::{Entry, Node, Table, Value};

/// A word of the file's top, which whoever appends it writes into the last table.
pub const LEDGER: &str = "ledger";

/// Where mistakes are collected.
#[derive(Debug, Default)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    pub fn add(&mut self, place: &Place, message: impl Into<String>) {
        self.push(place, message.into(), None);
    }

    pub fn hint(&mut self, place: &Place, message: impl Into<String>, hint: impl Into<String>) {
        self.push(place, message.into(), Some(hint.into()));
    }

    fn push(&mut self, place: &Place, message: String, hint: Option<String>) {
        // Two destinations may share the line that is wrong: told once.
        let known = self
            .0
            .iter()
            .any(|told| told.place == *place && told.message == message);
        if !known {
            self.0.push(Mistake {
                place: place.clone(),
                message,
                hint,
            });
        }
    }

    /// Every key that is not one of `known` is a mistake.
    pub fn check_keys(&mut self, table: &Table, known: &[&str], what: &str) {
        for entry in &table.entries {
            if known.contains(&&*entry.key) {
                continue;
            }
            let message = format!("`{}` is not a word of {what}", entry.key);
            if entry.key == LEDGER {
                self.misplaced_ledger(&entry.place, what);
                continue;
            }
            let hint = match nearest(&entry.key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the words are: {}", known.join(", ")),
            };
            self.hint(&entry.place, message, hint);
        }
    }

    /// The ledger's path in a table, where it says nothing.
    pub fn misplaced_ledger(&mut self, place: &Place, what: &str) {
        self.hint(
            place,
            format!("`{LEDGER}` is not a word of {what}"),
            "move it to the top of the file, above the first [table]",
        );
    }

    fn expected(&mut self, node: &Node, key: &str, wanted: &str) {
        let kind = node.value.kind();
        self.add(&node.place, format!("`{key}` must be {wanted}, not {kind}"));
    }

    pub fn text(&mut self, table: &Table, key: &str) -> Option<String> {
        let node = table.get(key)?;
        self.as_text(node, key)
    }

    pub fn as_text(&mut self, node: &Node, key: &str) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => {
                self.expected(node, key, "a text between quotes");
                None
            }
        }
    }

    pub fn flag(&mut self, table: &Table, key: &str) -> Option<bool> {
        let node = table.get(key)?;
        match node.value {
            Value::Bool(flag) => Some(flag),
            _ => {
                self.expected(node, key, "true or false");
                None
            }
        }
    }

    /// A whole number from 0 up.
    pub fn count(&mut self, table: &Table, key: &str) -> Option<u64> {
        let node = table.get(key)?;
        match node.value {
            Value::Integer(number) if number >= 0 => Some(number.unsigned_abs()),
            _ => {
                let found = node.value.in_words();
                self.hint(
                    &node.place,
                    format!("`{key}` must be a whole number from 0 up, not {found}"),
                    format!("as in {key} = {}", usual(key)),
                );
                None
            }
        }
    }

    pub fn table<'a>(&mut self, table: &'a Table, key: &str) -> Option<&'a Table> {
        let node = table.get(key)?;
        self.as_table(node, key)
    }

    pub fn as_table<'a>(&mut self, node: &'a Node, key: &str) -> Option<&'a Table> {
        match &node.value {
            Value::Table(inner) => Some(inner),
            // `false` removes, also where a lower layer has nothing to remove.
            Value::Bool(false) => None,
            _ => {
                self.expected(node, key, "a table");
                None
            }
        }
    }

    pub fn entries<'a>(&mut self, table: &'a Table, key: &str) -> &'a [Entry] {
        self.table(table, key)
            .map_or(&[], |inner| inner.entries.as_slice())
    }

    pub fn list<'a>(&mut self, table: &'a Table, key: &str) -> &'a [Node] {
        match table.get(key) {
            None => &[],
            Some(Node {
                value: Value::List(items),
                ..
            }) => items,
            Some(Node {
                value: Value::Bool(false),
                ..
            }) => &[],
            Some(node) => {
                self.expected(node, key, "a list between [ and ]");
                &[]
            }
        }
    }

    /// A list of texts; a single text counts as a list of one.
    pub fn texts(&mut self, table: &Table, key: &str) -> Option<Vec<String>> {
        let node = table.get(key)?;
        self.as_texts(node, key)
    }

    pub fn as_texts(&mut self, node: &Node, key: &str) -> Option<Vec<String>> {
        match &node.value {
            Value::Text(text) => Some(vec![text.clone()]),
            Value::Bool(false) => Some(Vec::new()),
            Value::List(items) => Some(
                items
                    .iter()
                    .filter_map(|item| self.as_text(item, key))
                    .collect(),
            ),
            _ => {
                self.expected(node, key, "a text or a list of texts");
                None
            }
        }
    }
}

/// A number that is usual there, for an example.
fn usual(key: &str) -> u32 {
    match key {
        "status" => 201,
        "max" => 50,
        _ => 4,
    }
}

/// The JSON value that a TOML value stands for.
pub fn json(node: &Node) -> serde_json::Value {
    use serde_json::Value as Json;
    match &node.value {
        Value::Text(text) => Json::String(text.clone()),
        Value::Integer(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Bool(flag) => Json::Bool(*flag),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Table(table) => Json::Object(
            table
                .entries
                .iter()
                .map(|entry| (entry.key.clone(), json(&entry.node)))
                .collect(),
        ),
    }
}
