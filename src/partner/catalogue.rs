//! The catalogue that is compiled in, with the user's file laid over it.

use std::collections::BTreeSet;

use super::amend;
use super::destination::Destination;
use super::follow;
use super::former;
use super::mistake::{Mistake, nearest};
use super::operation::texts_by_key;
use super::place::{BUILT_IN, Place};
use super::reader::Mistakes;
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
            lay_over(&mut top, &over);
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
            if let Value::Table(own) = &entry.node.value {
                whole::examples(&destination, own, mistakes);
            }
            check_fields(&destination, &columns, mistakes);
            loaded.push(destination);
        }
        former::check(&destinations(top).collect::<Vec<_>>(), mistakes);
        Self {
            destinations: loaded,
            users,
            columns,
            sources: read_sources(top, mistakes),
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
        if SHARED.contains(&&*entry.key) || below.get(&entry.key).is_some() {
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

/// Lays one destination or a whole file over another. Where the upper layer
/// says where a value comes from, the lower layer's other source goes.
fn lay_over(below: &mut Table, over: &Table) {
    drop_other_source(below, over);
    below.lay(over, &KEPT);
}

fn drop_other_source(below: &mut Table, over: &Table) {
    for upper in &over.entries {
        let Value::Table(above) = &upper.node.value else {
            continue;
        };
        let lower = below.entries.iter_mut().find(|e| e.key == upper.key);
        let Some(Value::Table(lower)) = lower.map(|entry| &mut entry.node.value) else {
            continue;
        };
        let gone: &[&str] = if above.get("value").is_some() {
            &["from", "map"]
        } else if above.get("from").is_some() {
            &["value"]
        } else {
            &[]
        };
        lower.entries.retain(|entry| !gone.contains(&&*entry.key));
        drop_other_source(lower, above);
    }
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

fn read_sources(top: &Table, mistakes: &mut Mistakes) -> Vec<SourceTable> {
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
    }
    sources
}

/// `key`, `need_one`, `defaults`, `blames` and placeholders name lead fields.
fn check_fields(
    destination: &Destination,
    columns: &[(String, Vec<String>)],
    mistakes: &mut Mistakes,
) {
    let named = destination
        .key
        .iter()
        .chain(destination.need_one.iter().flatten());
    let defaulted = destination.defaults.iter().map(|(field, _)| field);
    for field in named.chain(defaulted) {
        check_field(field, destination, columns, &destination.place, mistakes);
    }
    if let Some(find) = &destination.find {
        for field in find.agree.iter().flat_map(|agreement| &agreement.fields) {
            check_field(field, destination, columns, &find.place, mistakes);
        }
    }
    for (call, operation) in destination.calls() {
        for rule in &operation.rules {
            for field in rule.blames.iter().flatten() {
                check_field(field, destination, columns, &rule.place, mistakes);
            }
        }
        for name in operation.placeholders() {
            let given = matches!(
                (call, name),
                ("amend", amend::REF) | ("follow", follow::REFERENCE)
            );
            if !given && !destination.path.contains_key(name) {
                check_field(name, destination, columns, &operation.place, mistakes);
            }
        }
    }
}

fn check_field(
    field: &str,
    destination: &Destination,
    columns: &[(String, Vec<String>)],
    place: &Place,
    mistakes: &mut Mistakes,
) {
    let used = destination
        .fields
        .iter()
        .map(|f| &f.rule)
        .chain(destination.path.values())
        .any(|rule| rule.from.iter().any(|from| from == field));
    if used || columns.iter().any(|(name, _)| name == field) {
        return;
    }
    let message = format!(
        "[{}] names \"{field}\", which is no lead field",
        destination.name
    );
    match nearest(field, columns.iter().map(|(name, _)| name.as_str())) {
        Some(near) => mistakes.hint(place, message, format!("did you mean \"{near}\"?")),
        None => mistakes.hint(place, message, "add it to [columns]"),
    }
}

#[cfg(test)]
mod layer_tests;
#[cfg(test)]
mod mistake_tests;
#[cfg(test)]
mod shipped_tests;
