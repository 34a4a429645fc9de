//! One table laid over another: tables merge key by key, lists, rules and
//! `auth` are replaced, `false` removes. Knows where a table's words stand, not
//! what they mean.

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::document::{Node, Table, is_false, table_mut, under};
use super::mistake::{Mistakes, meant};

/// Tables at the top of the file that are no destinations.
pub const RESERVED: [&str; 3] = ["leadctl", "columns", "sources"];
/// The word that names the table below.
const EXTENDS: &str = "extends";
/// Tables of a destination that hold rules for values.
const RULES: [&str; 2] = ["fields", "path"];
/// Words of a field that judge or change what a lead says: none of them goes
/// with a constant.
pub const OF_A_LEAD: [&str; 11] = [
    "from", "required", "format", "map", "others", "pattern", "max", "columns", "refuse", "plain",
    "expects",
];

/// The tables that are destinations, by name.
pub fn destinations<'n, 't>(
    top: &'n Table<'t>,
) -> impl Iterator<Item = (&'n str, &'n Node<'t>, &'n Table<'t>)> {
    let named = top.iter().map(|(name, node)| (&**name.get_ref(), node));
    let named = named.filter(|(name, _)| !RESERVED.contains(name));
    named.filter_map(|(name, node)| Some((name, node, node.get_ref().as_table()?)))
}

/// A field written as a text is the table `{ from = … }`, so that layers merge.
pub fn normalise(top: &mut Table<'_>) {
    let named = top.iter_mut();
    let destinations = named.filter(|(name, _)| !RESERVED.contains(&&**name.get_ref()));
    for destination in destinations.filter_map(|(_, node)| table_mut(node)) {
        for part in RULES {
            let rules = destination.get_mut(part).and_then(table_mut);
            for (_, rule) in rules.into_iter().flatten() {
                if rule.get_ref().is_str() {
                    let mut table = Table::new();
                    table.insert(Spanned::new(rule.span(), "from".into()), rule.clone());
                    *rule.get_mut() = DeValue::Table(table);
                }
            }
        }
    }
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

/// A table with all that it extends. `heirs`: what extends it, nearest last.
pub fn resolve<'t>(
    name: &str,
    top: &Table<'t>,
    heirs: &[&str],
    mistakes: &mut Mistakes<'_>,
) -> Option<Table<'t>> {
    let own = top.get(name)?.get_ref().as_table()?;
    let Some(node) = own.get(EXTENDS) else {
        return Some(own.clone());
    };
    let chain = [heirs, &[name]].concat();
    let names = || destinations(top).map(|(known, ..)| known);
    let parent = node.get_ref().as_str().unwrap_or_default();
    if chain.contains(&parent) {
        let circle = chain.join(" → ");
        let message = format!("`{EXTENDS}` goes in a circle: {circle} → {parent}");
        mistakes.add(node.span().start, message);
        return None;
    }
    if !names().any(|known| known == parent) {
        let message = format!("`{EXTENDS}` names \"{parent}\", which is no destination");
        let hint = meant(parent, names(), '"', "write one's name between quotes");
        mistakes.hint(node, message, hint);
        return None;
    }
    let mut merged = resolve(parent, top, &chain, mistakes)?;
    // An earlier name belongs to the table that bore it.
    merged.remove("formerly");
    lay_destination(&mut merged, own);
    Some(merged)
}

fn lay_destination<'t>(below: &mut Table<'t>, over: &Table<'t>) {
    for part in RULES {
        for (target, upper) in under(over, part) {
            let rules = below.get_mut(part).and_then(table_mut);
            let lower = rules.and_then(|rules| table_mut(rules.get_mut(target)?));
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
    } else if over.contains_key("from") {
        below.remove("value");
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
mod tests {
    use super::*;
    use crate::config::document::in_words;

    fn laid<'t>(below: &'t str, over: &'t str) -> Table<'t> {
        let table = |text| Table::parse(text).unwrap().into_inner();
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
            let words = under(&map, "map").map(|(word, node)| match node.get_ref() {
                DeValue::String(text) => format!("{word}={text}"),
                value => format!("{word}={}", in_words(value)),
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
        let keys = |name: &str| under(&all, name).map(|(key, _)| key).collect::<Vec<_>>();
        assert_eq!(keys("t"), ["y", "z"]);
        assert_eq!(keys("auth"), ["basic"]);
        assert_eq!(all["l"].get_ref().as_array().unwrap().len(), 2);
    }
}
