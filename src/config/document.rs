//! The text of the catalogue and of the user's file: parsed into toml's own
//! tables, in which each value has its offset, and where an offset stands.
//! Knows no word of the vocabulary.

use std::fmt;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The catalogue's text: also the model that users read.
pub const CATALOGUE: &str = include_str!("../../partners.toml");
/// What the catalogue is called in messages.
const BUILT_IN: &str = "partners.toml (built in)";

/// A value and the offset at which it stands.
pub type Node<'t> = Spanned<DeValue<'t>>;
/// Values by key, in the order in which they were written.
pub type Table<'t> = DeTable<'t>;

/// A file and a line in it, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<str>,
    /// 1-based; 0 where no line is known.
    pub line: usize,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            file: BUILT_IN.into(),
            line: 0,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The two files. The user's stands behind blanks as long as the catalogue, so
/// that an offset alone tells the file as well as the line, also in a table in
/// which both were laid over each other.
#[derive(Debug)]
pub struct Documents {
    built_in: Arc<str>,
    user: Arc<str>,
    user_text: String,
    /// Offsets at which lines start, but for the first of each file.
    lines: [Vec<usize>; 2],
}

impl Documents {
    /// With the name and the text of the user's file, if there is one.
    pub fn new(user: Option<(&str, &str)>) -> Self {
        let (name, text) = user.unwrap_or_default();
        let user_text = " ".repeat(CATALOGUE.len()) + text;
        let starts = |text: &str| text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self {
            built_in: BUILT_IN.into(),
            user: name.into(),
            lines: [starts(CATALOGUE), starts(&user_text)],
            user_text,
        }
    }

    pub fn place(&self, offset: usize) -> Place {
        let (file, lines) = match is_built_in(offset) {
            true => (&self.built_in, &self.lines[0]),
            false => (&self.user, &self.lines[1]),
        };
        Place {
            file: Arc::clone(file),
            line: 1 + lines.partition_point(|start| *start <= offset),
        }
    }

    /// The user's tables. A syntax mistake keeps the parser's own words, and its
    /// offset.
    pub fn user_tables(&self) -> Result<Table<'_>, (usize, String)> {
        let text = self.user_text.as_str();
        let wrong = |error: toml::de::Error| {
            let span = error.span().unwrap_or(CATALOGUE.len()..CATALOGUE.len());
            let message = error.message().replace('\n', ", ");
            let key = text.get(span.clone()).unwrap_or_default();
            let before = text.get(..span.start).unwrap_or_default();
            let lines_before = &before[..before.rfind('\n').unwrap_or(0)];
            let (before, _) = DeTable::parse_recoverable(lines_before);
            let message = match last_of_name(before.get_ref(), key) {
                Some(first) => format!(
                    "{message} (`{key}` stands in line {} already: write both together, or remove one)",
                    self.place(first).line
                ),
                None => message,
            };
            (span.start, message)
        };
        DeTable::parse(text).map(Spanned::into_inner).map_err(wrong)
    }
}

/// The catalogue's tables.
pub fn catalogue_tables() -> Table<'static> {
    DeTable::parse_recoverable(CATALOGUE).0.into_inner()
}

/// In the catalogue, which our tests have proven?
pub fn is_built_in(offset: usize) -> bool {
    offset < CATALOGUE.len()
}

/// Where the last key of this name stands.
fn last_of_name(table: &Table<'_>, name: &str) -> Option<usize> {
    let places = table.iter().map(|(key, node)| {
        let own = (key.get_ref() == name).then_some(key.span().start);
        let inside = node.get_ref().as_table();
        own.max(inside.and_then(|table| last_of_name(table, name)))
    });
    places.max().flatten()
}

/// What tells a value from every other one, as long as none is moved.
pub fn address(node: &Node<'_>) -> usize {
    std::ptr::from_ref(node).addr()
}

/// The values that could not be read, by their addresses.
#[derive(Debug, Default)]
pub struct Skipped(Vec<usize>);

impl Skipped {
    /// False where it is known already.
    pub fn add(&mut self, address: usize) -> bool {
        let is_new = !self.0.contains(&address);
        self.0.push(address);
        is_new
    }

    pub fn has(&self, node: &Node<'_>) -> bool {
        self.0.contains(&address(node))
    }

    /// The items of a list that could be read.
    pub fn left<'n, 't>(&self, list: Option<&'n Node<'t>>) -> Vec<&'n Node<'t>> {
        let items = list.and_then(|list| list.get_ref().as_array());
        let items = items.map_or(&[][..], |items| items).iter();
        items.filter(|item| !self.has(item)).collect()
    }

    /// Something inside could not be read.
    pub fn is_inside(&self, node: &Node<'_>) -> bool {
        let is_gone = |inner| self.has(inner) || self.is_inside(inner);
        match node.get_ref() {
            DeValue::Table(table) => table.values().any(is_gone),
            DeValue::Array(items) => items.iter().any(is_gone),
            _ => false,
        }
    }
}

pub fn table_mut<'n, 't>(node: &'n mut Node<'t>) -> Option<&'n mut Table<'t>> {
    match node.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

pub fn is_false(node: &Node<'_>) -> bool {
    node.get_ref().as_bool() == Some(false)
}

/// The entries of the table under a key; none where there is no table.
pub fn under<'n, 't>(
    table: &'n Table<'t>,
    key: &str,
) -> impl Iterator<Item = (&'n str, &'n Node<'t>)> + use<'n, 't> {
    let table = table.get(key).and_then(|node| node.get_ref().as_table());
    let entries = table.into_iter().flatten();
    entries.map(|(key, node)| (&**key.get_ref(), node))
}

/// The value that several keys lead to, one table inside the other.
pub fn at<'n, 't>(table: &'n Table<'t>, keys: &[&str]) -> Option<&'n Node<'t>> {
    let (last, outer) = keys.split_last()?;
    let mut table = table;
    for key in outer {
        table = table.get(*key)?.get_ref().as_table()?;
    }
    table.get(*last)
}

/// What a value is, in the words of a message: the value itself if it is short.
pub fn in_words(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.chars().count() <= 20 => format!("the text \"{text}\""),
        DeValue::String(_) => "a text".to_owned(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date without quotes".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(table) if table.is_empty() => "an empty table".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests;
