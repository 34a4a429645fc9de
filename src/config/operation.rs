//! One kind of call to a partner: where it goes and how its answer is read.

use super::answer::{ResponseRule, pointers};
use super::place::Place;
use super::pointer::Pointer;
use super::reader::Mistakes;
use super::rule::word;
use super::tree::{Table, Value};
use super::url::check_path;

/// A call: `send`, `follow`, `list`…
#[derive(Debug, Clone)]
pub struct Call {
    pub method: Method,
    /// Added to the base; `{name}` is a placeholder.
    pub path: String,
    pub query: Vec<(String, String)>,
    /// It asks, and leaves nothing at the partner's.
    pub asks: bool,
    /// The body is a list of one object.
    pub wrap: bool,
    pub rules: Vec<ResponseRule>,
    /// Where the partner's words stand.
    pub message: Vec<Pointer>,
    /// The partner's words, in the user's.
    pub words: Vec<(String, String)>,
    pub place: Place,
}

/// The words that every operation shares.
pub const WORDS: &[&str] = &[
    "method", "path", "query", "wrap", "rules", "message", "words",
];

const METHODS: [(&str, Method); 4] = [
    ("GET", Method::Get),
    ("POST", Method::Post),
    ("PUT", Method::Put),
    ("PATCH", Method::Patch),
];

impl Call {
    pub fn read(
        table: &Table,
        place: &Place,
        name: &str,
        method: Method,
        mistakes: &mut Mistakes,
    ) -> Self {
        let path = mistakes.text(table, "path").unwrap_or_default();
        if let Some(node) = table.get("path") {
            check_path(node, &path, &format!("{name}.path"), mistakes);
        }
        Self {
            method: word(table, "method", &METHODS, mistakes).unwrap_or(method),
            path,
            query: read_query(table, mistakes),
            asks: false,
            wrap: read_wrap(table, mistakes),
            rules: mistakes
                .list(table, "rules")
                .iter()
                .filter_map(|node| ResponseRule::read(node, mistakes))
                .collect(),
            message: pointers(table, "message", mistakes),
            words: texts_by_key(table, "words", mistakes),
            place: place.clone(),
        }
    }

    /// The same call, as one that only asks.
    pub fn asking(self) -> Self {
        Self {
            method: Method::Get,
            asks: true,
            wrap: false,
            ..self
        }
    }

    /// The names between braces in the path, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
    }

    /// Some rule says how a success is recognised.
    pub fn proves_success(&self) -> bool {
        self.rules.iter().any(|rule| rule.then.is_success())
    }
}

/// What stands in a query is sent as it is.
fn read_query(table: &Table, mistakes: &mut Mistakes) -> Vec<(String, String)> {
    for entry in mistakes.entries(table, "query") {
        if matches!(&entry.node.value, Value::Text(text) if text.contains('{')) {
            mistakes.hint(
                &entry.node.place,
                format!(
                    "`query.{}` holds a placeholder, which is not filled there",
                    entry.key
                ),
                "write it into `path`: path = \"/leads?id={id}\"",
            );
        }
    }
    texts_by_key(table, "query", mistakes)
}

fn read_wrap(table: &Table, mistakes: &mut Mistakes) -> bool {
    word(table, "wrap", &[("list", true)], mistakes).unwrap_or(false)
}

/// A table of texts; numbers are taken as they are written.
pub fn texts_by_key(table: &Table, key: &str, mistakes: &mut Mistakes) -> Vec<(String, String)> {
    mistakes
        .entries(table, key)
        .iter()
        .filter_map(|entry| {
            let text = match &entry.node.value {
                Value::Integer(number) => number.to_string(),
                Value::Bool(false) => return None,
                _ => mistakes.as_text(&entry.node, &entry.key)?,
            };
            Some((entry.key.clone(), text))
        })
        .collect()
}

/// The methods that a destination may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
        }
    }
}
