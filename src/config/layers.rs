//! One table laid over another: tables merge key by key, lists, rules and
//! `auth` are replaced, `false` removes. Knows where a table's words stand, not
//! what they mean.

use super::mistake::{Mistakes, nearest};
use super::tree::{Node, Table, Value};

/// Tables at the top of the file that are no destinations.
pub const RESERVED: [&str; 3] = ["leadctl", "columns", "sources"];
/// The word that names the table below.
const EXTENDS: &str = "extends";
/// Words of a field that judge or change what a lead says: none of them goes
/// with a constant.
pub const OF_A_LEAD: [&str; 11] = [
    "from", "required", "format", "map", "others", "pattern", "max", "columns", "refuse", "plain",
    "expects",
];

/// The tables that are destinations, by name.
pub fn destinations(top: &Table) -> impl Iterator<Item = (&str, &Node)> {
    let named = top.entries.iter().map(|(name, node)| (name.as_str(), node));
    named.filter(|(name, node)| !RESERVED.contains(name) && node.table().is_some())
}

/// A field written as a text is the table `{ from = … }`, so that layers merge.
pub fn normalise(top: &mut Table) {
    let destinations = top.entries.iter_mut();
    for (_, destination) in destinations.filter(|(name, _)| !RESERVED.contains(&name.as_str())) {
        for part in ["fields", "path"] {
            let rules = destination
                .table_mut()
                .and_then(|table| table.get_mut(part));
            let Some(rules) = rules.and_then(Node::table_mut) else {
                continue;
            };
            for (_, rule) in &mut rules.entries {
                if rule.text().is_some() {
                    let mut table = Table::default();
                    table.set("from", rule.clone());
                    rule.value = Value::Table(table);
                }
            }
        }
    }
}

/// Lays the user's file over the catalogue.
pub fn lay_file(below: &mut Table, over: &Table) {
    for (name, upper) in &over.entries {
        let lower = below.get_mut(name).and_then(Node::table_mut);
        match (lower, upper.table()) {
            (Some(lower), Some(upper)) if !RESERVED.contains(&name.as_str()) => {
                lay_destination(lower, upper);
            }
            (Some(lower), Some(upper)) => lay(lower, upper),
            _ => lay_entry(below, name, upper),
        }
    }
}

/// A table with all that it extends.
pub fn resolve(name: &str, top: &Table, mistakes: &mut Mistakes) -> Option<Table> {
    resolve_in(name, top, &mut vec![name.to_owned()], mistakes)
}

fn resolve_in(
    name: &str,
    top: &Table,
    chain: &mut Vec<String>,
    mistakes: &mut Mistakes,
) -> Option<Table> {
    let own = top.get(name)?.table()?;
    let Some(node) = own.get(EXTENDS) else {
        return Some(own.clone());
    };
    let Some(parent) = node.text() else {
        let message = format!("`{EXTENDS}` must be a destination's name between quotes");
        mistakes.add(&node.place, message);
        return None;
    };
    if chain.iter().any(|known| known == parent) {
        let circle = chain.join(" → ");
        let message = format!("`{EXTENDS}` goes in a circle: {circle} → {parent}");
        mistakes.add(&node.place, message);
        return None;
    }
    if !destinations(top).any(|(known, _)| known == parent) {
        let message = format!("`{EXTENDS}` names \"{parent}\", which is no destination");
        match nearest(parent, destinations(top).map(|(known, _)| known)) {
            Some(near) => mistakes.hint(&node.place, message, format!("did you mean \"{near}\"?")),
            None => mistakes.add(&node.place, message),
        }
        return None;
    }
    chain.push(parent.to_owned());
    let mut merged = resolve_in(parent, top, chain, mistakes)?;
    // An earlier name belongs to the table that bore it.
    merged.remove("formerly");
    lay_destination(&mut merged, own);
    Some(merged)
}

fn lay_destination(below: &mut Table, over: &Table) {
    for part in ["fields", "path"] {
        for (target, upper) in over.under(part) {
            let rules = below.get_mut(part).and_then(Node::table_mut);
            let lower = rules.and_then(|rules| rules.get_mut(target)?.table_mut());
            if let (Some(lower), Some(upper)) = (lower, upper.table()) {
                drop_other_source(lower, upper);
            }
        }
    }
    lay(below, over);
}

/// Where the upper rule says where its value comes from, the lower one's other
/// source goes.
fn drop_other_source(below: &mut Table, over: &Table) {
    if over.get("value").is_some() {
        below
            .entries
            .retain(|(word, _)| !OF_A_LEAD.contains(&word.as_str()));
    } else if over.get("from").is_some() {
        below.remove("value");
    }
}

fn lay(below: &mut Table, over: &Table) {
    for (key, node) in &over.entries {
        lay_entry(below, key, node);
    }
}

fn lay_entry(below: &mut Table, key: &str, over: &Node) {
    let Some(lower) = below.get_mut(key) else {
        // `false` stays where nothing is to be removed: it may be a value.
        return below.set(key, over.clone());
    };
    match (&mut lower.value, &over.value) {
        (Value::Table(below), Value::Table(over)) if key == "map" => lay_map(below, over),
        (Value::Table(below), Value::Table(over)) if key != "auth" => lay(below, over),
        (Value::Bool(_), _) => *lower = over.clone(),
        (_, Value::Bool(false)) => _ = below.remove(key),
        _ => *lower = over.clone(),
    }
}

/// Lays a table whose values are sent to somebody. A removal of what is gone
/// already must not be sent: `false` is a value only in a new map, or where one
/// of the two speaks of true and false.
fn lay_map(below: &mut Table, over: &Table) {
    let says = |table: &Table, wanted: fn(&Node) -> bool| {
        table.entries.iter().any(|(_, node)| wanted(node))
    };
    let is_value = below.entries.is_empty()
        || says(below, |node| matches!(node.value, Value::Bool(_)))
        || says(over, |node| matches!(node.value, Value::Bool(true)));
    for (word, node) in &over.entries {
        match node.is_false() && !is_value {
            true => _ = below.remove(word),
            false => below.set(word, node.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree;

    fn laid(below: &str, over: &str) -> Table {
        let table = |text: &str| tree::parse("test.toml", text).unwrap();
        let mut below = table(below);
        lay(&mut below, &table(over));
        below
    }

    #[test]
    fn in_a_map_false_is_what_is_sent_or_takes_a_word_out() {
        for (below, over, expected) in [
            (
                "",
                "map = { Oui = true, Non = false }",
                "Oui=true Non=false",
            ),
            ("", "map = { Non = false }", "Non=false"),
            ("map = {}", "map = { Non = false }", "Non=false"),
            (
                "map = { Oui = true }",
                "map = { Non = false }",
                "Oui=true Non=false",
            ),
            ("map = { Oui = true }", "map = { Oui = false }", "Oui=false"),
            (
                "map = { Oui = 'O', Non = 'N' }",
                "map = { Non = false }",
                "Oui=O",
            ),
            (
                "map = { Oui = 'O', Non = 'N' }",
                "map = { Oui = true, Non = false }",
                "Oui=true Non=false",
            ),
            // Removed twice, or gone from the catalogue meanwhile: never sent.
            ("map = { Oui = 'O' }", "map = { Non = false }", "Oui=O"),
            ("map = { Oui = 'O' }", "map = false", ""),
        ] {
            let map = laid(below, over);
            let words = map
                .under("map")
                .iter()
                .map(|(word, node)| match &node.value {
                    Value::Text(text) => format!("{word}={text}"),
                    value => format!("{word}={}", value.in_words()),
                });
            let words: Vec<String> = words.collect();
            assert_eq!(words.join(" "), expected, "{below} / {over}");
        }
    }

    #[test]
    fn layers_merge_replace_and_remove() {
        let all = laid(
            "a = 1\nl = [1]\n[t]\nx = 1\ny = 2\n[auth]\nbearer = 'A'\n",
            "a = 2\nl = [2, 3]\n[t]\nx = false\nz = 3\n[auth]\nbasic = 'B'\n",
        );
        let keys = |name: &str| {
            all.get(name)
                .unwrap()
                .table()
                .unwrap()
                .keys()
                .collect::<Vec<_>>()
        };
        assert_eq!(keys("t"), ["y", "z"]);
        assert_eq!(keys("auth"), ["basic"]);
        assert_eq!(all.get("l").unwrap().items().len(), 2);
    }
}
