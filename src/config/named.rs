//! The lead fields that a destination's words name: each must be one.

use super::amend;
use super::destination::{Destination, SafeToRepeat};
use super::follow;
use super::mistake::nearest;
use super::place::Place;
use super::reader::Mistakes;
use super::tree::{Table, Value};

/// Lead fields, with the headers that each accepts.
type Columns = [(String, Vec<String>)];

/// `key`, `need_one`, `defaults`, `safe_to_repeat`, `blames`, what a search
/// compares, and placeholders.
pub fn check(destination: &Destination, table: &Table, columns: &Columns, mistakes: &mut Mistakes) {
    let mut checked = Check {
        destination,
        columns,
        mistakes,
    };
    let place = |words: &[&str]| place_of(table, words).unwrap_or(&destination.place);
    for field in &destination.key {
        checked.field(field, place(&["key"]));
    }
    for field in destination.need_one.iter().flatten() {
        checked.field(field, place(&["need_one"]));
    }
    for (field, _) in &destination.defaults {
        checked.field(field, place(&["defaults", field]));
    }
    if let SafeToRepeat::With(fields) = &destination.safe_to_repeat {
        for field in fields {
            checked.field(field, place(&["safe_to_repeat"]));
        }
    }
    if let Some(find) = &destination.find {
        for field in find.matches.iter().flat_map(|agreement| &agreement.fields) {
            checked.field(field, &find.place);
        }
    }
    for (call, operation) in destination.calls() {
        for rule in &operation.rules {
            for field in rule.blames.iter().flatten() {
                checked.field(field, &rule.place);
            }
        }
        let at = place_of(table, &[call, "path"]).unwrap_or(&operation.place);
        for name in operation.placeholders() {
            checked.placeholder(call, name, at);
        }
    }
    let read = destination
        .amend
        .as_ref()
        .and_then(|amend| amend.read.as_ref());
    for name in read.iter().flat_map(|read| read.placeholders()) {
        checked.placeholder("amend", name, place(&["amend", "read"]));
    }
}

/// Where the value under these keys was written.
fn place_of<'t>(table: &'t Table, words: &[&str]) -> Option<&'t Place> {
    let (last, outer) = words.split_last()?;
    let mut table = table;
    for word in outer {
        match &table.get(word)?.value {
            Value::Table(inner) => table = inner,
            _ => return None,
        }
    }
    table.get(last).map(|node| &node.place)
}

struct Check<'c> {
    destination: &'c Destination,
    columns: &'c Columns,
    mistakes: &'c mut Mistakes,
}

impl Check<'_> {
    fn placeholder(&mut self, call: &str, name: &str, place: &Place) {
        let given = matches!(
            (call, name),
            ("amend", amend::REF) | ("follow", follow::REFERENCE)
        );
        if !given && !self.destination.path_rules.contains_key(name) {
            self.field(name, place);
        }
    }

    fn field(&mut self, field: &str, place: &Place) {
        let destination = self.destination;
        let used = destination
            .fields
            .iter()
            .map(|f| &f.rule)
            .chain(destination.path_rules.values())
            .any(|rule| rule.from.iter().any(|from| from == field));
        if used || self.columns.iter().any(|(name, _)| name == field) {
            return;
        }
        let message = format!(
            "[{}] names \"{field}\", which is no lead field",
            destination.name
        );
        let known = self.columns.iter().map(|(name, _)| name.as_str());
        let hint = match nearest(field, known) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "add it to [columns]".to_owned(),
        };
        self.mistakes.hint(place, message, hint);
    }
}
