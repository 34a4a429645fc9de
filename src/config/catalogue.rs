//! The catalogue that is compiled in, with the user's file laid over it.

pub mod merged;
pub mod schema;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::consent::{ConsentRule, KeepProof};
use super::destination::Destination;
use super::document::{
    self, Documents, RESERVED, Table, at, catalogue_tables, destinations, in_words, is_built_in,
    is_false, lay_destination, read_items,
};
use super::mistake::{Mistake, Mistakes, meant, nearest};
use super::notify::Notify;
use super::reader;
use super::route::{self, Route};
use super::validate::{self, Validator};
use super::zone::Zone;
use crate::lead::Source;
use crate::words::say;
use crate::words::spoken::Language;

/// Everything the two files say, checked.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    pub destinations: Vec<Destination>,
    /// Names of the destinations that the user's file has a table for.
    pub users: BTreeSet<String>,
    /// Lead fields, in order, with the headers that each accepts.
    pub columns: HeaderWords,
    pub sources: Vec<Source>,
    pub routes: Vec<Route>,
    /// The ledger's path, as the user's file gives it.
    pub ledger: Option<String>,
    /// Lists of people who are not to be sent, read at each run: their paths.
    pub block_files: Vec<String>,
    pub zone: Zone,
    pub keep_proof: KeepProof,
    pub notify: Notify,
}

/// Lead fields, with the headers that each accepts.
pub type HeaderWords = Vec<(String, Vec<String>)>;

/// What stands in the reserved tables.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Reserved {
    leadctl: Own,
    columns: HeaderWords,
    sources: Vec<(String, Source)>,
    routes: Vec<(String, Route)>,
}

/// What concerns leadctl itself.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename = "[leadctl]", default)]
struct Own {
    ledger: Option<String>,
    block_files: Vec<String>,
    /// Read before the rest, in `session/language.rs`.
    #[serde(rename = "lang")]
    _language: Option<Language>,
    zone: Zone,
    keep_proof: KeepProof,
    notify: Notify,
}

impl Catalogue {
    /// Lays the user's file (its name and text) over the catalogue. All
    /// mistakes of both are returned together.
    pub fn load(user: Option<(&str, &str)>) -> Result<Self, Vec<Mistake>> {
        let documents = Documents::new(user);
        let mut mistakes = Mistakes::new(&documents);
        let (top, users) = layers(&documents, &mut mistakes)?;
        let loaded = Self::read(&top, users, &mut mistakes);
        match mistakes.found.is_empty() {
            true => Ok(loaded),
            false => Err(mistakes.found),
        }
    }

    fn read(top: &Table<'_>, users: BTreeSet<String>, mistakes: &mut Mistakes<'_>) -> Self {
        let table = RESERVED.iter().filter_map(|name| top.get_key_value(*name));
        let table = table.map(|(name, node)| (name.clone(), node.clone()));
        let mut table = Spanned::new(0..0, DeValue::Table(table.collect()));
        let reserved = reader::read::<Reserved>(&mut table, mistakes);
        let reserved = reserved.unwrap_or_default();
        let mut loaded = Self {
            destinations: Vec::new(),
            users,
            sources: Vec::new(),
            routes: Vec::new(),
            columns: reserved.columns,
            ledger: reserved.leadctl.ledger,
            block_files: reserved.leadctl.block_files,
            zone: reserved.leadctl.zone,
            keep_proof: reserved.leadctl.keep_proof,
            notify: reserved.leadctl.notify,
        };
        for (name, ..) in destinations(top) {
            let read = loaded.destination(name, top, mistakes);
            loaded.destinations.extend(read);
        }
        loaded.group(top, mistakes);
        validate::sources(top, &loaded.columns, mistakes);
        let sources = reserved.sources.into_iter();
        let sources = sources.map(|(name, table)| Source { name, ..table });
        loaded.sources = sources.collect();
        let known: Vec<&str> = destinations(top).map(|(name, ..)| name).collect();
        route::check(top, &known, mistakes);
        let routes = reserved.routes.into_iter();
        loaded.routes = routes
            .map(|(name, table)| Route { name, ..table })
            .collect();
        loaded
    }

    /// Tells the destinations of each group of one another. One alone in its group keeps
    /// nobody out: a slip would sell a person twice.
    fn group(&mut self, top: &Table<'_>, mistakes: &mut Mistakes<'_>) {
        let named = |it: &Destination| Some((it.exclusive.clone()?, it.name.clone()));
        let groups: Vec<(String, String)> = self.destinations.iter().filter_map(named).collect();
        for (group, name) in &groups {
            let others = groups.iter().filter(|(_, other)| other != name);
            let (same, other): (Vec<_>, Vec<_>) = others.partition(|(it, _)| it == group);
            if same.is_empty() {
                let written = top.get(&**name);
                let node = written.and_then(|own| at(own.get_ref().as_table()?, &["exclusive"]));
                let hint = meant(
                    group,
                    other.iter().map(|(it, _)| it.as_str()),
                    '"',
                    say!("mistake-alone-in-group-hint"),
                );
                let message = say!("mistake-alone-in-group", name, group);
                if let Some(node) = node.or(written) {
                    mistakes.hint(node, message, hint);
                }
            }
            let of_group = self.destinations.iter();
            let of_group = of_group.filter(|it| same.iter().any(|(_, other)| *other == it.name));
            let names = of_group.flat_map(|it| std::iter::once(&it.name).chain(&it.formerly));
            let rivals = names.cloned().collect();
            let mut own = self.destinations.iter_mut();
            if let Some(own) = own.find(|it| it.name == *name) {
                own.rivals = rivals;
            }
        }
    }

    /// A table with all that it extends, read and checked.
    fn destination(
        &self,
        name: &str,
        top: &Table<'_>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<Destination> {
        let own = top.get(name)?;
        let merged = resolve(name, top, &[], mistakes)?;
        let mut node = Spanned::new(own.span(), DeValue::Table(merged));
        let mut destination = reader::read::<Destination>(&mut node, mistakes)?;
        let table = node.get_ref().as_table()?;
        name.clone_into(&mut destination.name);
        destination.place = mistakes.documents.place(own.span().start);
        let written = read_items(table.get("examples"));
        for (example, node) in destination.examples.iter_mut().zip(written) {
            example.place = mistakes.documents.place(node.span().start);
        }
        destination.complete(table);
        let mut check = Validator {
            destination: &destination,
            node: &node,
            top,
            earlier: &self.destinations,
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

    /// Where the destinations of the user's own tables look for a consent, each once.
    pub fn users_consents(&self) -> Vec<ConsentRule> {
        let mut all: Vec<ConsentRule> = Vec::new();
        for one in &self.destinations {
            let rule = one.consent.as_ref();
            let rule = rule.filter(|_| self.users.contains(&one.name));
            all.extend(rule.filter(|rule| !all.contains(rule)).cloned());
        }
        all
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

    pub fn route(&self, name: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.name == name)
    }

    /// The name of a destination or route that was probably meant.
    pub fn near(&self, name: &str) -> Option<&str> {
        let names = self.destinations.iter().map(|d| d.name.as_str());
        nearest(
            name,
            names.chain(self.routes.iter().map(|route| route.name.as_str())),
        )
    }
}

/// The user's tables laid over the catalogue's, and the names of his destinations.
///
/// # Errors
/// What keeps the user's file from being read at all.
fn layers<'t>(
    documents: &'t Documents,
    mistakes: &mut Mistakes<'_>,
) -> Result<(Table<'t>, BTreeSet<String>), Vec<Mistake>> {
    let mut top: Table<'_> = catalogue_tables();
    document::normalise(&mut top);
    let over = documents.user_tables();
    let over = over.and_then(|over| match beyond_bounds(&over) {
        Some(beyond) => Err(beyond),
        None => Ok(over),
    });
    let mut over = over.map_err(|(offset, message)| {
        let mut mistakes = Mistakes::new(documents);
        mistakes.add(offset, message);
        mistakes.found
    })?;
    document::normalise(&mut over);
    check_names(&over, &top, mistakes);
    document::lay_file(&mut top, &over);
    let users = destinations(&over).map(|(name, ..)| name.to_owned());
    let users = users.collect();
    Ok((top, users))
}

/// So many destinations are read in a second or two.
const MOST_DESTINATIONS: usize = 2_000;
/// So many tables may extend one another.
const LONGEST_CHAIN: usize = 16;

/// What would take too long to read, and where it stands: told before the rest
/// is read.
fn beyond_bounds(over: &Table<'_>) -> Option<(usize, String)> {
    if let Some((.., node, _)) = destinations(over).nth(MOST_DESTINATIONS) {
        let count = destinations(over).count();
        let most = MOST_DESTINATIONS;
        let message = say!("mistake-too-many-destinations", count, most);
        return Some((node.span().start, message));
    }
    let parent = |table: &Table<'_>| Some(table.get("extends")?.get_ref().as_str()?.to_owned());
    let too_long = |table: &Table<'_>| {
        let mut parents = Vec::new();
        let mut next = parent(table);
        while let Some(name) = next.filter(|name| !parents.contains(name)) {
            next = over
                .get(&*name)
                .and_then(|node| parent(node.get_ref().as_table()?));
            parents.push(name);
            if parents.len() > LONGEST_CHAIN {
                return true;
            }
        }
        false
    };
    let (name, node, _) = destinations(over).find(|(.., table)| too_long(table))?;
    let message = say!("mistake-long-chain", name, most = LONGEST_CHAIN);
    Some((node.span().start, message))
}

/// A table with all that it extends. `heirs`: what extends it, nearest last.
fn resolve<'t>(
    name: &str,
    top: &Table<'t>,
    heirs: &[&str],
    mistakes: &mut Mistakes<'_>,
) -> Option<Table<'t>> {
    let own = top.get(name)?.get_ref().as_table()?;
    let Some(node) = own.get("extends") else {
        return Some(own.clone());
    };
    let chain = [heirs, &[name]].concat();
    let parent = node.get_ref().as_str().unwrap_or_default();
    if chain.contains(&parent) {
        let circle = [chain.as_slice(), &[parent]].concat().join(" → ");
        mistakes.add(node.span().start, say!("mistake-circle", circle));
        return None;
    }
    let is_one = top
        .get(parent)
        .is_some_and(|node| node.get_ref().is_table());
    if !is_one || RESERVED.contains(&parent) {
        let names = destinations(top).map(|(known, ..)| known);
        let message = say!("mistake-extends", parent);
        let hint = meant(parent, names, '"', say!("mistake-extends-hint"));
        mistakes.hint(node, message, hint);
        return None;
    }
    let mut merged = resolve(parent, top, &chain, mistakes)?;
    // An earlier name belongs to the table that bore it.
    merged.remove("formerly");
    lay_destination(&mut merged, own);
    Some(merged)
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
            let message = say!("mistake-ledger-moved");
            (message, say!("mistake-ledger-moved-hint"))
        } else if is_known {
            let found = in_words(node.get_ref());
            let message = say!("mistake-no-destination-table", name, found);
            (message, say!("mistake-no-destination-table-hint", name))
        } else {
            let known = below.keys().map(|name| &**name.get_ref());
            let known = known.chain(RESERVED).chain(["ledger"]);
            let parts = say!("mistake-no-destination-hint");
            let message = say!("mistake-no-destination", name);
            (message, meant(name, known, '`', parts))
        };
        mistakes.hint(node, message, hint);
    }
}

#[cfg(test)]
mod header_tests;
#[cfg(test)]
mod layer_tests;
#[cfg(test)]
mod merged_tests;
#[cfg(test)]
mod mistake_tests;
#[cfg(test)]
mod shipped_tests;
#[cfg(test)]
mod taking_tests;
