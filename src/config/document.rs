//! The text of the catalogue and of the user's file: parsed into toml's own
//! tables, in which each value has its offset; where an offset stands; and one
//! table laid over another: tables merge key by key, lists, rules and `auth` are
//! replaced, `false` removes. Knows where a table's words stand, not what they
//! mean.

use std::fmt;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::syntax;
use crate::words::say;

/// The catalogue's text: also the model that users read.
pub const CATALOGUE: &str = include_str!("../../partners.toml");

/// A value and the offset at which it stands.
pub type Node<'t> = Spanned<DeValue<'t>>;
/// Values by key, in the order in which they were written.
pub type Table<'t> = DeTable<'t>;

/// A file and a line in it, for messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// None: the catalogue.
    pub file: Option<Arc<str>>,
    /// 1-based; 0 where no line is known.
    pub line: usize,
}

impl Place {
    /// In the catalogue.
    pub fn is_built_in(&self) -> bool {
        self.file.is_none()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{file}:{}", self.line),
            None => write!(f, "{}:{}", say!("mistake-file-built-in"), self.line),
        }
    }
}

/// The two files. The user's stands behind blanks as long as the catalogue, so
/// that an offset alone tells the file as well as the line, also in a table in
/// which both were laid over each other.
#[derive(Debug)]
pub struct Documents {
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
            user: name.into(),
            lines: [starts(CATALOGUE), starts(&user_text)],
            user_text,
        }
    }

    pub fn place(&self, offset: usize) -> Place {
        let (file, lines) = match is_built_in(offset) {
            true => (None, &self.lines[0]),
            false => (Some(Arc::clone(&self.user)), &self.lines[1]),
        };
        Place {
            file,
            line: 1 + lines.partition_point(|start| *start <= offset),
        }
    }

    /// The user's tables.
    ///
    /// # Errors
    /// A mistake in the syntax, and its offset.
    pub fn user_tables(&self) -> Result<Table<'_>, (usize, String)> {
        let text = self.user_text.as_str();
        DeTable::parse(text).map(Spanned::into_inner).map_err(|it| {
            let span = it.span().unwrap_or(CATALOGUE.len()..CATALOGUE.len());
            let start = span.start;
            let line_of = |offset| self.place(offset).line;
            (start, syntax::mistake(text, span, it.message(), line_of))
        })
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

/// What tells a value from every other one, as long as none is moved.
pub fn address(node: &Node<'_>) -> usize {
    std::ptr::from_ref(node).addr()
}

/// Where nothing stands: the offset of a value that could not be read.
const GONE: usize = usize::MAX;

/// This value could not be read.
pub fn is_gone(node: &Node<'_>) -> bool {
    node.span().start == GONE
}

/// Something inside could not be read.
pub fn has_gap(node: &Node<'_>) -> bool {
    let is_gap = |inner| is_gone(inner) || has_gap(inner);
    match node.get_ref() {
        DeValue::Table(table) => table.values().any(is_gap),
        DeValue::Array(items) => items.iter().any(is_gap),
        _ => false,
    }
}

/// Leaves a gap where the value with this address stands in `node`. Tells
/// whether there was one in it already; `None`: it isn't in there.
pub fn leave_gap(node: &mut Node<'_>, at: usize) -> Option<bool> {
    if address(node) == at {
        let had_gap = has_gap(node);
        *node = Spanned::new(GONE..GONE, DeValue::Boolean(false));
        return Some(had_gap);
    }
    match node.get_mut() {
        DeValue::Table(table) => table.iter_mut().find_map(|(_, node)| leave_gap(node, at)),
        DeValue::Array(items) => items.iter_mut().find_map(|node| leave_gap(node, at)),
        _ => None,
    }
}

/// The items of a list that could be read.
pub fn read_items<'n, 't>(list: Option<&'n Node<'t>>) -> impl Iterator<Item = &'n Node<'t>> {
    let items = list.and_then(|list| list.get_ref().as_array());
    let items = items.into_iter().flat_map(|items| items.iter());
    items.filter(|item| !is_gone(item))
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
        DeValue::String(text) if text.chars().count() <= 20 => {
            say!("value-short-text", text = &**text)
        }
        DeValue::String(_) => say!("value-long-text"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => say!("value-date"),
        DeValue::Array(_) => say!("value-list"),
        DeValue::Table(table) if table.is_empty() => say!("value-empty-table"),
        DeValue::Table(_) => say!("value-table"),
    }
}

/// Tables at the top of the file that are no destinations.
pub const RESERVED: [&str; 4] = ["leadctl", "columns", "sources", "routes"];
/// Tables of a destination that hold rules for values.
const RULES: [&str; 2] = ["fields", "path"];
/// Tables of a call that do.
const OF_A_CALL: [&str; 2] = ["query", "constants"];
/// Words of a field that judge or change what a lead says: none of them goes
/// with a constant.
pub const OF_A_LEAD: [&str; 18] = [
    "from", "template", "join", "required", "format", "as", "reads", "map", "ranges", "others",
    "pattern", "max", "columns", "refuse", "plain", "expects", "hash", "blank",
];

/// The tables that are destinations, by name.
pub fn destinations<'n, 't>(
    top: &'n Table<'t>,
) -> impl Iterator<Item = (&'n str, &'n Node<'t>, &'n Table<'t>)> {
    let named = top.iter().map(|(name, node)| (&**name.get_ref(), node));
    let named = named.filter(|(name, _)| !RESERVED.contains(name));
    named.filter_map(|(name, node)| Some((name, node, node.get_ref().as_table()?)))
}

/// A field written as a text is the table `{ from = … }`, and a header or a part of a
/// query the constant `{ value = … }`, so that layers merge.
pub fn normalise(top: &mut Table<'_>) {
    let named = top.iter_mut();
    let destinations = named.filter(|(name, _)| !RESERVED.contains(&&**name.get_ref()));
    for destination in destinations.filter_map(|(_, node)| table_mut(node)) {
        for path in rule_tables(destination) {
            let is_field = RULES.contains(&&*path[0]);
            let word = if is_field { "from" } else { "value" };
            for (_, rule) in at_mut(destination, &path).into_iter().flatten() {
                let is_short = match rule.get_ref() {
                    DeValue::Table(_) => false,
                    value => value.is_str() || !is_field && !is_false(rule),
                };
                if is_short {
                    let mut table = Table::new();
                    table.insert(Spanned::new(rule.span(), word.into()), rule.clone());
                    *rule.get_mut() = DeValue::Table(table);
                }
            }
        }
    }
}

/// Where a destination's table holds rules for values: the keys that lead there.
fn rule_tables(destination: &Table<'_>) -> Vec<Vec<String>> {
    let mut tables = Vec::new();
    for (key, node) in destination {
        let (key, Some(table)) = (key.get_ref().to_string(), node.get_ref().as_table()) else {
            continue;
        };
        if key == "headers" || RULES.contains(&&*key) {
            tables.push(vec![key]);
            continue;
        }
        // What `auth` puts into a query is a secret.
        if key == "auth" {
            continue;
        }
        let inner = OF_A_CALL.into_iter();
        let inner = inner.filter(|word| table.get(*word).is_some_and(|it| it.get_ref().is_table()));
        tables.extend(inner.map(|word| vec![key.clone(), word.to_owned()]));
    }
    tables
}

fn at_mut<'n, 't>(table: &'n mut Table<'t>, keys: &[String]) -> Option<&'n mut Table<'t>> {
    let mut table = table;
    for key in keys {
        table = table_mut(table.get_mut(key.as_str())?)?;
    }
    Some(table)
}

/// Lays the user's file over the catalogue.
pub fn lay_file<'t>(below: &mut Table<'t>, over: &Table<'t>) {
    for (name, node) in over {
        let lower = below.get_mut(&**name.get_ref()).and_then(table_mut);
        match (lower, node.get_ref().as_table()) {
            (Some(lower), Some(upper)) if !RESERVED.contains(&&**name.get_ref()) => {
                lay_destination(lower, upper);
            }
            (Some(lower), Some(upper)) => lay(lower, upper),
            _ => lay_entry(below, name, node),
        }
    }
}

/// Lays a destination's table over the one that it extends.
pub fn lay_destination<'t>(below: &mut Table<'t>, over: &Table<'t>) {
    for path in rule_tables(over) {
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        let uppers = at(over, &keys).and_then(|node| node.get_ref().as_table());
        let Some(lowers) = at_mut(below, &path) else {
            continue;
        };
        for (target, upper) in uppers.into_iter().flatten() {
            let lower = lowers.get_mut(&**target.get_ref()).and_then(table_mut);
            if let (Some(lower), Some(upper)) = (lower, upper.get_ref().as_table()) {
                drop_other_source(lower, upper);
            }
        }
    }
    lay(below, over);
}

/// Where the upper rule says where its value comes from, the lower one's other
/// source goes.
fn drop_other_source(below: &mut Table<'_>, over: &Table<'_>) {
    if over.contains_key("value") {
        for word in OF_A_LEAD {
            below.remove(word);
        }
        return;
    }
    let others: &[&str] = match (over.contains_key("from"), over.contains_key("template")) {
        (true, _) => &["value", "template", "join"],
        (_, true) => &["value", "from", "columns"],
        _ => &[],
    };
    for word in others {
        below.remove(*word);
    }
}

fn lay<'t>(below: &mut Table<'t>, over: &Table<'t>) {
    for (key, node) in over {
        lay_entry(below, key, node);
    }
}

fn lay_entry<'t>(below: &mut Table<'t>, key: &Spanned<DeString<'t>>, over: &Node<'t>) {
    let name = &**key.get_ref();
    let Some(lower) = below.get_mut(name) else {
        // `false` stays where nothing is to be removed: it may be a value.
        below.insert(key.clone(), over.clone());
        return;
    };
    match (lower.get_mut(), over.get_ref()) {
        (DeValue::Table(below), DeValue::Table(over)) if name == "map" => lay_map(below, over),
        (DeValue::Table(below), DeValue::Table(over)) if name != "auth" => lay(below, over),
        (DeValue::Boolean(_), _) => *lower = over.clone(),
        (_, DeValue::Boolean(false)) => _ = below.remove(name),
        _ => *lower = over.clone(),
    }
}

/// Lays a table whose values are sent to somebody. A removal of what is gone
/// already must not be sent: `false` is a value only in a new map, or where one
/// of the two speaks of true and false.
fn lay_map<'t>(below: &mut Table<'t>, over: &Table<'t>) {
    let is_value = below.is_empty()
        || below.values().any(|node| node.get_ref().is_bool())
        || over
            .values()
            .any(|node| node.get_ref().as_bool() == Some(true));
    for (word, node) in over {
        match is_false(node) && !is_value {
            true => _ = below.remove(&**word.get_ref()),
            false => _ = below.insert(word.clone(), node.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
