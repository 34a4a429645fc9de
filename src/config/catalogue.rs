//! The catalogue that is compiled in, with the user's file laid over it.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::destination::Destination;
use super::document::{Documents, Table, catalogue_tables, in_words, is_built_in, is_false};
use super::layers::{self, RESERVED, destinations};
use super::mistake::{Mistake, Mistakes, meant, nearest};
use super::reader;
use super::validate::{self, Validator};

/// Everything the two files say, checked.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub destinations: Vec<Destination>,
    /// Names of the destinations that the user's file has a table for.
    pub users: BTreeSet<String>,
    /// Lead fields, in order, with the headers that each accepts.
    pub columns: HeaderWords,
    pub sources: Vec<SourceTable>,
    /// The ledger's path, as the user's file gives it.
    pub ledger: Option<String>,
}

/// Lead fields, with the headers that each accepts.
pub type HeaderWords = Vec<(String, Vec<String>)>;

/// How an export is recognised, and what its cells carry besides their value.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename = "a source", default)]
pub struct SourceTable {
    #[serde(skip)]
    pub name: String,
    pub about: Option<String>,
    /// All of these headers recognise it.
    pub headers: Vec<String>,
    /// Lead field or header, and the prefixes dropped from its cells.
    pub prefixes: HeaderWords,
    /// Headers that mean a lead field in this source alone: header, field.
    pub columns: Vec<(String, String)>,
}

/// What stands in the reserved tables.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Reserved {
    leadctl: Own,
    columns: HeaderWords,
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
        let documents = Documents::new(user);
        let mut mistakes = Mistakes::new(&documents);
        let mut top: Table<'_> = catalogue_tables();
        layers::normalise(&mut top);
        let mut over = documents.user_tables().map_err(|(offset, message)| {
            let mut mistakes = Mistakes::new(&documents);
            mistakes.add(offset, message);
            mistakes.found
        })?;
        layers::normalise(&mut over);
        check_names(&over, &top, &mut mistakes);
        layers::lay_file(&mut top, &over);
        let users = destinations(&over).map(|(name, ..)| name.to_owned());
        let loaded = Self::read(&top, users.collect(), &mut mistakes);
        match mistakes.found.is_empty() {
            true => Ok(loaded),
            false => Err(mistakes.found),
        }
    }

    fn read(top: &Table<'_>, users: BTreeSet<String>, mistakes: &mut Mistakes<'_>) -> Self {
        let table = RESERVED.iter().filter_map(|name| top.get_key_value(*name));
        let table = table.map(|(name, node)| (name.clone(), node.clone()));
        let table = Spanned::new(0..0, DeValue::Table(table.collect()));
        let reserved = reader::read::<Reserved>(&table, mistakes);
        let (reserved, _) = reserved.unwrap_or_default();
        let mut loaded = Self {
            destinations: Vec::new(),
            users,
            sources: Vec::new(),
            columns: reserved.columns,
            ledger: reserved.leadctl.ledger,
        };
        for (name, ..) in destinations(top) {
            let read = loaded.destination(name, top, mistakes);
            loaded.destinations.extend(read);
        }
        validate::former_names(top, mistakes);
        validate::sources(top, &loaded.columns, mistakes);
        let sources = reserved.sources.into_iter();
        let sources = sources.map(|(name, table)| SourceTable { name, ..table });
        loaded.sources = sources.collect();
        loaded
    }

    /// A table with all that it extends, read and checked.
    fn destination(
        &self,
        name: &str,
        top: &Table<'_>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<Destination> {
        let own = top.get(name)?;
        let merged = layers::resolve(name, top, &[], mistakes)?;
        let node = Spanned::new(own.span(), DeValue::Table(merged));
        let table = node.get_ref().as_table()?;
        let (mut destination, skipped) = reader::read::<Destination>(&node, mistakes)?;
        name.clone_into(&mut destination.name);
        destination.place = mistakes.documents.place(own.span().start);
        let written = skipped.left(table.get("examples"));
        for (example, node) in destination.examples.iter_mut().zip(written) {
            example.place = mistakes.documents.place(node.span().start);
        }
        destination.complete(table);
        let mut check = Validator {
            destination: &destination,
            node: &node,
            skipped: &skipped,
            columns: &self.columns,
            mistakes,
        };
        check.all();
        let examples = own.get_ref().get("examples");
        if examples.is_some_and(|node| !is_built_in(node.span().start)) {
            check.examples();
        }
        Some(destination)
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
fn check_names(over: &Table<'_>, below: &Table<'_>, mistakes: &mut Mistakes<'_>) {
    for (name, node) in over {
        let name = &**name.get_ref();
        let is_known = below.contains_key(name);
        let is_table = node.get_ref().is_table() || is_false(node);
        let says = |word: &&str| node.get_ref().get(word).is_some();
        let is_whole = ["extends", "fields", "send"].iter().any(says);
        if RESERVED.contains(&name) || is_known && is_table || !is_known && is_whole {
            continue;
        }
        let (message, hint) = if name == "ledger" {
            let message = "`ledger` stands in a table of its own now".to_owned();
            (
                message,
                "write [leadctl], and ledger = \"PATH\" below it".to_owned(),
            )
        } else if is_known {
            let found = in_words(node.get_ref());
            let message = format!("`{name}` is a destination: it must be a table, not {found}");
            (message, format!("write [{name}], and its words below"))
        } else {
            let known = below.keys().map(|name| &**name.get_ref());
            let known = known.chain(RESERVED).chain(["ledger"]);
            let parts = "a new destination needs `extends`, or `base`, [….fields] and [….send]";
            let message = "is neither a destination of the catalogue nor a whole new one";
            (
                format!("`{name}` {message}"),
                meant(name, known, '`', parts),
            )
        };
        mistakes.hint(node, message, hint);
    }
}

#[cfg(test)]
mod layer_tests;
#[cfg(test)]
mod mistake_tests;
#[cfg(test)]
mod shipped_tests;
