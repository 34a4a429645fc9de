//! The catalogue that is compiled in, with the user's file laid over it.

use std::collections::BTreeSet;

use super::destination::Destination;
use super::former;
use super::mistake::{Mistake, nearest};
use super::named;
use super::operation::texts_by_key;
use super::place::BUILT_IN;
use super::reader::Mistakes;
use super::rule::OF_A_LEAD;
use super::tree::{self, Entry, Kept, Node, Table, Value};
use super::whole;

/// The catalogue's text: also the model that users read.
pub const CATALOGUE: &str = include_str!("../../partners.toml");

/// Everything the two files say, checked.
#[derive(Debug, Clone)]
pub struct Catalogue {
    pub destinations: Vec<Destination>,
    /// Names of the destinations that the user's file has a table for.
    pub users: BTreeSet<String>,
    /// Lead fields, in order, with the headers that each accepts.
    pub columns: Vec<(String, Vec<String>)>,
    pub sources: Vec<SourceTable>,
    /// The ledger's path, as the user's file gives it.
    pub ledger: Option<String>,
}

/// How an export is recognised, and what its cells carry besides their value.
#[derive(Debug, Clone)]
pub struct SourceTable {
    pub name: String,
    pub about: Option<String>,
    /// All of these headers recognise it.
    pub headers: Vec<String>,
    /// Lead field or header, and the prefixes dropped from its cells.
    pub prefixes: Vec<(String, Vec<String>)>,
    /// Headers that mean a lead field in this source alone: header, field.
    pub columns: Vec<(String, String)>,
}

/// Top-level words that are not destinations.
const SHARED: &[&str] = &["columns", "sources", "ledger"];
const KEPT: Kept = Kept {
    whole: &["auth"],
    meanings: &["map"],
};

impl Catalogue {
    /// Lays the user's file (its name and text) over the catalogue. All
    /// mistakes of both are returned together.
    pub fn load(user: Option<(&str, &str)>) -> Result<Self, Vec<Mistake>> {
        let one = |mistake| vec![mistake];
        let mut top = tree::parse(BUILT_IN, CATALOGUE).map_err(one)?;
        normalise(&mut top);
        let mut mistakes = Mistakes::default();
        let mut users = BTreeSet::new();
        if let Some((name, text)) = user {
            let mut over = tree::parse(name, text).map_err(one)?;
            normalise(&mut over);
            users = destinations(&over).map(|entry| entry.key.clone()).collect();
            check_names(&over, &top, &mut mistakes);
            lay_file(&mut top, &over);
        }
        let loaded = Self::read(&top, users, &mut mistakes);
        match mistakes.0.is_empty() {
            true => Ok(loaded),
            false => Err(mistakes.0),
        }
    }

    fn read(top: &Table, users: BTreeSet<String>, mistakes: &mut Mistakes) -> Self {
        let columns = read_columns(top, mistakes);
        let mut loaded: Vec<Destination> = Vec::new();
        for entry in destinations(top) {
            let mut chain = vec![entry.key.clone()];
            let Some(table) = resolve(entry, top, &mut chain, mistakes) else {
                continue;
            };
            let destination = Destination::read(&entry.key, &table, &entry.place, mistakes);
            whole::check(&destination, &table, mistakes);
            named::check(&destination, &table, &columns, mistakes);
            if let Value::Table(own) = &entry.node.value {
                whole::examples(&destination, own, mistakes);
            }
            loaded.push(destination);
        }
        former::check(&destinations(top).collect::<Vec<_>>(), mistakes);
        Self {
            destinations: loaded,
            users,
            sources: read_sources(top, &columns, mistakes),
            columns,
            ledger: mistakes.text(top, "ledger"),
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

fn destinations(top: &Table) -> impl Iterator<Item = &Entry> {
    top.entries.iter().filter(|entry| {
        !SHARED.contains(&&*entry.key) && matches!(entry.node.value, Value::Table(_))
    })
}

/// A new table that neither extends one nor says what it sends is a slip.
fn check_names(over: &Table, below: &Table, mistakes: &mut Mistakes) {
    for entry in &over.entries {
        if SHARED.contains(&&*entry.key) {
            continue;
        }
        if below.get(&entry.key).is_some() {
            if !matches!(entry.node.value, Value::Table(_) | Value::Bool(false)) {
                mistakes.hint(
                    &entry.place,
                    format!(
                        "`{}` is a destination: it must be a table, not {}",
                        entry.key,
                        entry.node.value.kind()
                    ),
                    format!("write [{}], and its words below", entry.key),
                );
            }
            continue;
        }
        let own = match &entry.node.value {
            Value::Table(table) => ["extends", "fields", "send"]
                .iter()
                .any(|word| table.get(word).is_some()),
            _ => false,
        };
        if own {
            continue;
        }
        let known = below.entries.iter().map(|entry| entry.key.as_str());
        let known = known.chain(SHARED.iter().copied());
        let hint = match nearest(&entry.key, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a new destination needs `extends`, or `base`, [….fields] and [….send]".into(),
        };
        mistakes.hint(
            &entry.place,
            format!(
                "`{}` is neither a destination of the catalogue nor a whole new one",
                entry.key
            ),
            hint,
        );
    }
}

/// A rule written as a text is the table `{ from = … }`, so that layers merge.
fn normalise(top: &mut Table) {
    for entry in &mut top.entries {
        if SHARED.contains(&&*entry.key) {
            continue;
        }
        let Value::Table(destination) = &mut entry.node.value else {
            continue;
        };
        for part in &mut destination.entries {
            if !matches!(&*part.key, "fields" | "path") {
                continue;
            }
            if let Value::Table(rules) = &mut part.node.value {
                rules.entries.iter_mut().for_each(normalise_rule);
            }
        }
    }
}

fn normalise_rule(rule: &mut Entry) {
    if let Value::Text(field) = &rule.node.value {
        let from = Entry {
            key: "from".into(),
            place: rule.place.clone(),
            node: Node {
                value: Value::Text(field.clone()),
                place: rule.node.place.clone(),
            },
        };
        rule.node.value = Value::Table(Table {
            entries: vec![from],
        });
    }
}

/// Lays the user's file over the catalogue.
fn lay_file(below: &mut Table, over: &Table) {
    for upper in destinations(over) {
        let lower = below.entries.iter_mut().find(|e| e.key == upper.key);
        if let (Some(lower), Value::Table(above)) = (lower, &upper.node.value)
            && let Value::Table(lower) = &mut lower.node.value
        {
            drop_other_sources(lower, above);
        }
    }
    below.lay(over, &KEPT);
}

/// Lays one destination over another.
fn lay_over(below: &mut Table, over: &Table) {
    drop_other_sources(below, over);
    below.lay(over, &KEPT);
}

/// Where a rule of the upper destination says where its value comes from, the
/// lower rule's other source goes.
fn drop_other_sources(below: &mut Table, over: &Table) {
    for part in ["fields", "path"] {
        let lower = below.entries.iter_mut().find(|entry| entry.key == part);
        let (Some(lower), Some(upper)) = (lower, over.get(part)) else {
            continue;
        };
        let (Value::Table(lower), Value::Table(upper)) = (&mut lower.node.value, &upper.value)
        else {
            continue;
        };
        for rule in &upper.entries {
            let below = lower.entries.iter_mut().find(|below| below.key == rule.key);
            if let (Some(below), Value::Table(rule)) = (below, &rule.node.value)
                && let Value::Table(below) = &mut below.node.value
            {
                drop_other_source(below, rule);
            }
        }
    }
}

fn drop_other_source(below: &mut Table, over: &Table) {
    let gone: &[&str] = if over.get("value").is_some() {
        OF_A_LEAD
    } else if over.get("from").is_some() {
        &["value"]
    } else {
        &[]
    };
    below.entries.retain(|entry| !gone.contains(&&*entry.key));
}

/// A table with all that it extends, lowest first.
fn resolve(
    entry: &Entry,
    top: &Table,
    chain: &mut Vec<String>,
    mistakes: &mut Mistakes,
) -> Option<Table> {
    let Value::Table(own) = &entry.node.value else {
        return None;
    };
    let Some(node) = own.get("extends") else {
        return Some(own.clone());
    };
    let parent = mistakes.as_text(node, "extends")?;
    if chain.contains(&parent) {
        let circle = chain.join(" → ");
        mistakes.add(
            &node.place,
            format!("`extends` goes in a circle: {circle} → {parent}"),
        );
        return None;
    }
    let Some(below) = destinations(top).find(|entry| entry.key == parent) else {
        let known = destinations(top).map(|entry| entry.key.as_str());
        let message = format!("`extends` names \"{parent}\", which is no destination");
        match nearest(&parent, known) {
            Some(near) => mistakes.hint(&node.place, message, format!("did you mean \"{near}\"?")),
            None => mistakes.add(&node.place, message),
        }
        return None;
    };
    chain.push(parent);
    let mut merged = resolve(below, top, chain, mistakes)?;
    // An earlier name belongs to the table that bore it.
    merged.entries.retain(|entry| entry.key != "formerly");
    lay_over(&mut merged, own);
    Some(merged)
}

fn read_columns(top: &Table, mistakes: &mut Mistakes) -> Vec<(String, Vec<String>)> {
    mistakes
        .entries(top, "columns")
        .iter()
        .filter_map(|entry| {
            let headers = mistakes.as_texts(&entry.node, &entry.key)?;
            Some((entry.key.clone(), headers))
        })
        .collect()
}

fn read_sources(
    top: &Table,
    columns: &[(String, Vec<String>)],
    mistakes: &mut Mistakes,
) -> Vec<SourceTable> {
    let mut sources = Vec::new();
    for entry in mistakes.entries(top, "sources") {
        let Some(table) = mistakes.as_table(&entry.node, &entry.key) else {
            continue;
        };
        let what = format!("[sources.{}]", entry.key);
        mistakes.check_keys(table, &["about", "headers", "prefixes", "columns"], &what);
        let prefixes = mistakes.entries(table, "prefixes");
        sources.push(SourceTable {
            name: entry.key.clone(),
            about: mistakes.text(table, "about"),
            headers: mistakes.texts(table, "headers").unwrap_or_default(),
            prefixes: prefixes
                .iter()
                .filter_map(|entry| {
                    let texts = mistakes.as_texts(&entry.node, &entry.key)?;
                    Some((entry.key.clone(), texts))
                })
                .collect(),
            columns: texts_by_key(table, "columns", mistakes),
        });
        for entry in mistakes.entries(table, "columns") {
            check_meaning(entry, columns, mistakes);
        }
    }
    sources
}

/// What a header of a source means is a lead field, or a word of its own that
/// keeps it from being one; a slip of the pen would lose the cell.
fn check_meaning(entry: &Entry, columns: &[(String, Vec<String>)], mistakes: &mut Mistakes) {
    let Value::Text(field) = &entry.node.value else {
        return;
    };
    let known = || columns.iter().map(|(name, _)| name.as_str());
    if !known().any(|name| name == field)
        && let Some(near) = nearest(field, known())
    {
        let message = format!("`{}` means \"{field}\", which is no lead field", entry.key);
        mistakes.hint(
            &entry.node.place,
            message,
            format!("did you mean \"{near}\"?"),
        );
    }
}

#[cfg(test)]
mod layer_tests;
#[cfg(test)]
mod mistake_tests;
#[cfg(test)]
mod shipped_tests;
