//! The catalogue that is compiled in, with the user's file laid over it.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::deserialize::{self, lists, pairs};
use super::destination::Destination;
use super::layers::{self, RESERVED, destinations};
use super::mistake::{BUILT_IN, Mistake, Mistakes, Place, nearest};
use super::tree::{self, Node, Table, Value};
use super::validate;

/// The catalogue's text: also the model that users read.
pub const CATALOGUE: &str = include_str!("../../partners.toml");

/// Everything the two files say, checked.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub destinations: Vec<Destination>,
    /// Names of the destinations that the user's file has a table for.
    pub users: BTreeSet<String>,
    /// Lead fields, in order, with the headers that each accepts.
    pub columns: Columns,
    pub sources: Vec<SourceTable>,
    /// The ledger's path, as the user's file gives it.
    pub ledger: Option<String>,
}

/// Lead fields, with the headers that each accepts.
pub type Columns = Vec<(String, Vec<String>)>;

/// How an export is recognised, and what its cells carry besides their value.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename = "a source", default)]
pub struct SourceTable {
    #[serde(skip)]
    pub name: String,
    pub about: Option<String>,
    /// All of these headers recognise it.
    #[serde(deserialize_with = "deserialize::one_or_many")]
    pub headers: Vec<String>,
    /// Lead field or header, and the prefixes dropped from its cells.
    #[serde(deserialize_with = "lists")]
    pub prefixes: Columns,
    /// Headers that mean a lead field in this source alone: header, field.
    #[serde(deserialize_with = "pairs")]
    pub columns: Vec<(String, String)>,
}

/// What stands in the reserved tables.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Reserved {
    leadctl: Own,
    #[serde(deserialize_with = "lists")]
    columns: Columns,
    #[serde(deserialize_with = "pairs")]
    sources: Vec<(String, SourceTable)>,
}

/// What concerns leadctl itself.
#[derive(Default, Deserialize)]
#[serde(rename = "[leadctl]", default)]
struct Own {
    ledger: Option<String>,
}

impl Catalogue {
    /// Lays the user's file (its name and text) over the catalogue. All
    /// mistakes of both are returned together.
    pub fn load(user: Option<(&str, &str)>) -> Result<Self, Vec<Mistake>> {
        let mut top = tree::parse(BUILT_IN, CATALOGUE)?;
        layers::normalise(&mut top);
        let mut mistakes = Mistakes::default();
        let mut users = BTreeSet::new();
        if let Some((name, text)) = user {
            let mut over = tree::parse(name, text)?;
            layers::normalise(&mut over);
            users = destinations(&over)
                .map(|(name, _)| name.to_owned())
                .collect();
            check_names(&over, &top, &mut mistakes);
            layers::lay_file(&mut top, &over);
        }
        let loaded = Self::read(&top, users, &mut mistakes);
        match mistakes.0.is_empty() {
            true => Ok(loaded),
            false => Err(mistakes.0),
        }
    }

    fn read(top: &Table, users: BTreeSet<String>, mistakes: &mut Mistakes) -> Self {
        let reserved = |(name, _): &&(String, Node)| RESERVED.contains(&name.as_str());
        let table = Table {
            entries: top.entries.iter().filter(reserved).cloned().collect(),
            damaged: false,
        };
        let mut table = Node {
            value: Value::Table(table),
            place: Place::default(),
        };
        let reserved: Reserved = deserialize::read(&mut table, mistakes).unwrap_or_default();
        let columns = reserved.columns;
        let mut loaded = Vec::new();
        for (name, own) in destinations(top) {
            let Some(merged) = layers::resolve(name, top, mistakes) else {
                continue;
            };
            let mut table = Node {
                value: Value::Table(merged),
                place: own.place.clone(),
            };
            validate::before(&mut table, mistakes);
            let destination = Destination::read(name, &mut table, mistakes);
            if let (Some(destination), Some(table)) = (destination, table.table()) {
                validate::check(&destination, table, &columns, mistakes);
                if own.table().is_some_and(|own| own.get("examples").is_some()) {
                    validate::examples(&destination, mistakes);
                }
                loaded.push(destination);
            }
        }
        validate::former_names(top, mistakes);
        let sources = reserved.sources.into_iter();
        let sources = sources.map(|(name, table)| SourceTable { name, ..table });
        validate::sources(top, &columns, mistakes);
        Self {
            destinations: loaded,
            users,
            sources: sources.collect(),
            columns,
            ledger: reserved.leadctl.ledger,
        }
    }

    pub fn get(&self, name: &str) -> Option<&Destination> {
        self.destinations.iter().find(|d| d.name == name)
    }

    /// Those that matter to the user where none is named: their own, else all.
    pub fn concerned(&self) -> Vec<&Destination> {
        let own = |destination: &&Destination| self.users.contains(&destination.name);
        let all = self.destinations.iter();
        match self.users.is_empty() {
            true => all.collect(),
            false => all.filter(own).collect(),
        }
    }

    /// The name that was probably meant.
    pub fn near(&self, name: &str) -> Option<&str> {
        nearest(name, self.destinations.iter().map(|d| d.name.as_str()))
    }
}

/// A new table that neither extends one nor says what it sends is a slip.
fn check_names(over: &Table, below: &Table, mistakes: &mut Mistakes) {
    for (name, node) in &over.entries {
        if let Some((message, hint)) = wrong_name(name, node, below) {
            mistakes.hint(&node.place, message, hint);
        }
    }
}

fn wrong_name(name: &str, node: &Node, below: &Table) -> Option<(String, String)> {
    if RESERVED.contains(&name) {
        return None;
    }
    if name == "ledger" {
        return Some((
            "`ledger` stands in a table of its own now".to_owned(),
            "write [leadctl], and ledger = \"PATH\" below it".to_owned(),
        ));
    }
    if below.get(name).is_some() {
        let is_table = node.table().is_some() || node.is_false();
        return (!is_table).then(|| {
            let found = node.value.in_words();
            (
                format!("`{name}` is a destination: it must be a table, not {found}"),
                format!("write [{name}], and its words below"),
            )
        });
    }
    let says = |word: &&str| node.table().is_some_and(|table| table.get(word).is_some());
    if ["extends", "fields", "send"].iter().any(says) {
        return None;
    }
    let known = below.keys().chain(RESERVED);
    let near = nearest(name, known.chain(["ledger"]));
    Some((
        format!("`{name}` is neither a destination of the catalogue nor a whole new one"),
        match near {
            Some("ledger") => {
                "did you mean `ledger`? It stands in a table of its own, [leadctl]".to_owned()
            }
            Some(near) => format!("did you mean `{near}`?"),
            None => "a new destination needs `extends`, or `base`, [….fields] and [….send]".into(),
        },
    ))
}

#[cfg(test)]
mod layer_tests;
#[cfg(test)]
mod mistake_tests;
#[cfg(test)]
mod shipped_tests;
