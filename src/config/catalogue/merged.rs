//! A destination's table as it stands once all layers are laid over each other: as
//! TOML again, each line with the place that it is from.

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeValue, ValueDeserializer};

use super::layers;
use crate::config::document::{Documents, Node, Place, Table, is_built_in};
use crate::config::mistake::{Mistake, Mistakes};
use crate::words::languages;

/// A line of TOML, and where it is from; a line that only opens or closes is from
/// nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedLine {
    pub toml: String,
    pub place: Option<Place>,
}

/// The table of `name`; none where no table has this name. `user`: the name and the
/// text of the user's file.
///
/// # Errors
/// The user's file has mistakes.
pub fn merged(user: Option<(&str, &str)>, name: &str) -> Result<Vec<MergedLine>, Vec<Mistake>> {
    let documents = Documents::new(user);
    let mut mistakes = Mistakes::new(&documents);
    let (top, _) = layers(&documents, &mut mistakes)?;
    let table = super::resolve(name, &top, &[], &mut mistakes);
    let mut writer = Writer {
        documents: &documents,
        lines: Vec::new(),
    };
    writer.section(&toml_key(name), &table.unwrap_or_default());
    Ok(writer.lines)
}

struct Writer<'d> {
    documents: &'d Documents,
    lines: Vec<MergedLine>,
}

impl Writer<'_> {
    fn line(&mut self, toml: String, from: Option<&Node<'_>>) {
        let place = from.map(|node| self.documents.place(first_of(node)));
        self.lines.push(MergedLine { toml, place });
    }

    /// What stands directly in a destination's table, then the tables in it.
    fn section(&mut self, name: &str, table: &Table<'_>) {
        self.line(format!("[{name}]"), None);
        let is_section =
            |node: &Node<'_>| node.get_ref().is_table() && !is_text(node) || holds_tables(node);
        let named = || {
            table
                .iter()
                .map(|(word, node)| (toml_key(word.get_ref()), node))
        };
        for (word, node) in named().filter(|(_, node)| !is_section(node)) {
            self.entry(&word, node);
        }
        for (word, node) in named().filter(|(_, node)| is_section(node)) {
            let name = format!("{name}.{word}");
            let items = node.get_ref().as_array().filter(|_| holds_tables(node));
            let (tables, heading): (Vec<&Node<'_>>, _) = match items {
                Some(items) => (items.iter().collect(), format!("[[{name}]]")),
                None => (vec![node], format!("[{name}]")),
            };
            for table in tables.iter().filter_map(|node| node.get_ref().as_table()) {
                self.line(String::new(), None);
                self.line(heading.clone(), None);
                for (word, node) in table {
                    self.entry(&toml_key(word.get_ref()), node);
                }
            }
        }
    }

    /// One line, or as many as there are files that it is from, or tables in a list.
    fn entry(&mut self, word: &str, node: &Node<'_>) {
        match node.get_ref() {
            DeValue::Table(table) if is_mixed(node) => {
                for (inner, node) in table {
                    self.entry(&format!("{word}.{}", toml_key(inner.get_ref())), node);
                }
            }
            DeValue::Array(items) if holds_tables(node) => {
                self.line(format!("{word} = ["), None);
                for item in items.iter() {
                    self.line(format!("  {},", inline(item)), Some(item));
                }
                self.line("]".to_owned(), None);
            }
            _ => self.line(format!("{word} = {}", inline(node)), Some(node)),
        }
    }
}

fn holds_tables(node: &Node<'_>) -> bool {
    let items = node.get_ref().as_array();
    items.is_some_and(|items| items.iter().any(|item| item.get_ref().is_table()))
}

/// Is it a text in several languages?
fn is_text(node: &Node<'_>) -> bool {
    let (table, known) = (node.get_ref().as_table(), languages());
    let is_language = |name: &str| known.iter().any(|known| known == name);
    table.is_some_and(|table| {
        !table.is_empty() && table.keys().all(|name| is_language(name.get_ref()))
    })
}

/// Do parts of it come from different files?
fn is_mixed(node: &Node<'_>) -> bool {
    let mut places = Vec::new();
    leaves(node, &mut places);
    let built_in = places.iter().filter(|offset| is_built_in(**offset)).count();
    built_in > 0 && built_in < places.len()
}

/// Where its first value stands: what is laid over a table leaves the table's own place.
fn first_of(node: &Node<'_>) -> usize {
    let mut places = Vec::new();
    leaves(node, &mut places);
    places.first().copied().unwrap_or(node.span().start)
}

fn leaves(node: &Node<'_>, places: &mut Vec<usize>) {
    match node.get_ref() {
        DeValue::Table(table) => table.values().for_each(|node| leaves(node, places)),
        _ => places.push(node.span().start),
    }
}

/// A key as TOML writes it.
pub fn toml_key(word: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match !word.is_empty() && word.chars().all(is_bare) {
        true => word.to_owned(),
        // On one line, whatever it holds.
        false => serde_json::Value::from(word).to_string(),
    }
}

fn inline(node: &Node<'_>) -> String {
    let node = Spanned::new(node.span(), node.get_ref().clone());
    // What was read once is read again.
    let value = toml::Value::deserialize(ValueDeserializer::from(node));
    value.map_or_else(|_| String::new(), |value| value.to_string())
}
