//! What must hold of a destination beyond the form of its words: addresses,
//! lead fields that exist, calls that can work together. Only tells mistakes.

mod calls;

use super::address::{self, Wrong};
use super::auth::Auth;
use super::call::{Call, REF, REFERENCE};
use super::countries;
use super::destination::{Destination, SafeToRepeat};
use super::field_rule::{Field, FieldRule};
use super::layers::{OF_A_LEAD, destinations};
use super::mistake::{LEDGER, Mistakes, Place, nearest};
use super::tree::{Node, Table};

/// Lead fields, with the headers that each accepts.
type Columns = [(String, Vec<String>)];

/// What calls can be named, whether a destination has them or not.
const CALLS: [&str; 6] = ["send", "follow", "list", "amend", "settings", "online"];

/// An unquoted dotted target (`properties.formation = "course"`) arrives here
/// as a table of unknown words: tells how to write it, and takes it out.
pub fn before(destination: &mut Node, mistakes: &mut Mistakes) {
    let is_word = |key: &str| OF_A_LEAD.contains(&key) || ["value", "type", "label"].contains(&key);
    for part in ["fields", "path"] {
        let rules = destination
            .table_mut()
            .and_then(|table| table.get_mut(part));
        let Some(rules) = rules.and_then(Node::table_mut) else {
            continue;
        };
        rules.entries.retain(|(name, rule)| {
            let table = rule.table();
            let Some((key, node)) = table.and_then(|table| table.entries.first()) else {
                return true;
            };
            if table.is_some_and(|table| table.keys().any(|key| is_word(key) || key == "headers")) {
                return true;
            }
            let quoted = format!("write a nested target between quotes: \"{name}.{key}\" = …");
            let words = OF_A_LEAD.into_iter().chain(["value", "type", "label"]);
            match nearest(key, words) {
                // `formation` is near `format` without being meant for it.
                Some(near) => mistakes.hint(
                    &node.place,
                    format!("`{key}` is not a word of the field `{name}`"),
                    format!("did you mean `{near}`? Else {quoted}"),
                ),
                None => {
                    let message = format!("`{name}.{key}` has no quotes");
                    mistakes.hint(&node.place, message, quoted);
                }
            }
            false
        });
    }
}

/// Tells what can't work. `table`: where the destination was read from.
pub fn check(destination: &Destination, table: &Table, columns: &Columns, mistakes: &mut Mistakes) {
    let mut check = Check {
        destination,
        table,
        columns,
        mistakes,
    };
    check.settings();
    check.headers();
    check.fields();
    check.calls();
    check.rules();
    check.lead_fields();
    check.follow();
    check.list();
    check.find();
    check.duplicates();
}

struct Check<'c> {
    destination: &'c Destination,
    table: &'c Table,
    columns: &'c Columns,
    mistakes: &'c mut Mistakes,
}

impl<'c> Check<'c> {
    /// Where the value under these keys was written.
    fn place(&self, keys: &[&str]) -> &'c Place {
        let node = (1..=keys.len())
            .rev()
            .find_map(|to| self.table.at(&keys[..to]));
        node.map_or(&self.destination.place, |node| &node.place)
    }

    /// Nothing was taken out of the table under these keys.
    fn is_whole(&self, keys: &[&str]) -> bool {
        let table = self.table.at(keys).and_then(Node::table);
        table.is_none_or(|table| !table.damaged)
    }

    fn add(&mut self, keys: &[&str], message: impl Into<String>) {
        self.mistakes.add(self.place(keys), message);
    }

    fn hint(&mut self, keys: &[&str], message: impl Into<String>, hint: &str) {
        self.mistakes.hint(self.place(keys), message.into(), hint);
    }

    fn expect(&mut self, keys: &[&str], checked: Result<(), Wrong>) {
        if let Err((message, hint)) = checked {
            self.hint(keys, message, &hint);
        }
    }

    /// Words of the destination itself.
    fn settings(&mut self) {
        let destination = self.destination;
        if let Some(base) = &destination.base {
            self.expect(&["base"], address::check_base(base));
            let calls = destination.calls().into_iter();
            let mut with_path = calls.filter(|(_, call)| !call.path.is_empty());
            if let (true, Some((call, _))) = (base.contains('?'), with_path.next()) {
                let name = &destination.name;
                self.hint(
                    &["base"],
                    format!("`base` has a query, and the path of [{name}.{call}] would follow it"),
                    "end `base` before the ?, and write it in each call: query = { key = \"value\" }",
                );
            }
        }
        if destination
            .jobs
            .is_some_and(|jobs| !(1..=256).contains(&jobs))
        {
            self.add(&["jobs"], "`jobs` must be from 1 to 256");
        }
        if let Err(meant) = countries::two_letters(&destination.country) {
            let text = self.table.get("country").and_then(Node::text);
            let hint = match meant {
                Some(meant) => format!("did you mean \"{}\"?", meant.alpha2),
                None => "as in \"FR\", \"BE\", \"CH\"".to_owned(),
            };
            let text = text.unwrap_or_default();
            let message = format!("`country` must be the two letters of a country, not \"{text}\"");
            self.hint(&["country"], message, &hint);
        }
        for (field, value) in &destination.defaults {
            if value.trim().is_empty() {
                self.hint(
                    &["defaults", field],
                    format!("the default of `{field}` is empty"),
                    "write its value between the quotes, or remove the line",
                );
            }
        }
    }

    fn headers(&mut self) {
        let destination = self.destination;
        let credential = destination.auth.as_ref().map(Auth::header);
        for (name, value) in &destination.headers {
            let checked = address::check_constant_header(name, value, credential);
            self.expect(&["headers", name], checked);
        }
        match &destination.auth {
            Some(Auth::Header { name, .. }) => {
                self.expect(&["auth", "header", "name"], address::check_header(name));
            }
            Some(Auth::Basic { user, .. }) if user.contains(':') => self.hint(
                &["auth", "basic", "user"],
                "`user` holds a colon, which ends the user's name when it is sent",
                "write the name alone: the password is what `secret` names",
            ),
            _ => {}
        }
    }

    fn fields(&mut self) {
        let destination = self.destination;
        for Field { target, rule } in &destination.fields {
            self.source_of(&["fields", target], rule);
            let inside = format!("{target}.");
            let mut inner = destination.fields.iter().map(|field| &field.target);
            if let Some(inner) = inner.find(|inner| inner.starts_with(&inside)) {
                self.add(
                    &["fields", inner],
                    format!("`{inner}` can't stand inside `{target}`, which is a value of its own"),
                );
            }
        }
        for (name, rule) in &destination.path_rules {
            self.source_of(&["path", name], rule);
        }
    }

    /// The value comes from a lead or is a constant, not both.
    fn source_of(&mut self, keys: &[&str; 2], rule: &FieldRule) {
        let [part, name] = *keys;
        let Some(table) = self.table.at(keys).and_then(Node::table) else {
            return;
        };
        if rule.value.is_some() {
            if let Some(word) = table.keys().find(|word| OF_A_LEAD.contains(word)) {
                self.hint(
                    &[part, name, word],
                    format!("`{name}` has a constant `value`, and `{word}` as well"),
                    "keep one of them: a constant is sent as it is",
                );
            }
        } else if table.get("from").is_none() && !table.damaged {
            self.hint(
                keys,
                format!("`{name}` says neither `from` nor `value`"),
                "name the lead field that it takes: from = \"…\"",
            );
        } else if table.get("from").is_some_and(|node| !node.is_false())
            && (rule.from.is_empty() || rule.from.iter().any(|field| field.trim().is_empty()))
        {
            self.hint(
                &[part, name, "from"],
                format!("`{name}` names no lead field"),
                "write its name between the quotes, or remove the whole line",
            );
        }
    }

    /// Each lead field that the destination's words name must be one.
    fn lead_fields(&mut self) {
        let destination = self.destination;
        for field in &destination.key {
            self.lead_field(field, self.place(&["key"]));
        }
        for field in destination.need_one.iter().flatten() {
            self.lead_field(field, self.place(&["need_one"]));
        }
        for (field, _) in &destination.defaults {
            self.lead_field(field, self.place(&["defaults", field]));
        }
        if let SafeToRepeat::With(fields) = &destination.safe_to_repeat {
            for field in fields {
                self.lead_field(field, self.place(&["safe_to_repeat"]));
            }
        }
        let matches = destination.find.iter().flat_map(|find| &find.matches);
        for field in matches.flat_map(|entry| &entry.fields) {
            self.lead_field(field, self.place(&["find", "match"]));
        }
        for (name, call) in destination.calls() {
            self.placeholders(name, call, "path");
        }
        let read = destination
            .amend
            .as_ref()
            .and_then(|amend| amend.read.as_ref());
        if let Some(read) = read {
            self.placeholders("amend", read, "read");
        }
    }

    fn placeholders(&mut self, name: &str, call: &Call, word: &str) {
        for placeholder in call.placeholders() {
            let given = matches!((name, placeholder), ("amend", REF) | ("follow", REFERENCE));
            if !given && !self.destination.path_rules.contains_key(placeholder) {
                self.lead_field(placeholder, self.place(&[name, word]));
            }
        }
    }

    fn lead_field(&mut self, field: &str, place: &Place) {
        let mut rules = self.destination.rules();
        let used = rules.any(|rule| rule.from.iter().any(|from| from == field));
        if used || self.columns.iter().any(|(name, _)| name == field) {
            return;
        }
        let name = &self.destination.name;
        let known = self.columns.iter().map(|(name, _)| name.as_str());
        let hint = match nearest(field, known) {
            _ if field == "ledger" => LEDGER.to_owned(),
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "add it to [columns]".to_owned(),
        };
        let message = format!("[{name}] names \"{field}\", which is no lead field");
        self.mistakes.hint(place, message, hint);
    }
}

/// An example of a call that isn't there would prove nothing. Only for the
/// table that wrote them: an heir may have left the call out.
pub fn examples(destination: &Destination, mistakes: &mut Mistakes) {
    let name = &destination.name;
    let calls: Vec<&str> = destination.calls().iter().map(|(call, _)| *call).collect();
    for example in &destination.examples {
        let of = example.call.as_str();
        // Those of the catalogue are proven, whatever a user left out.
        if example.place.is_built_in() || calls.contains(&of) {
            continue;
        }
        let message =
            format!("`of = \"{of}\"` names no call of [{name}]: the example would prove nothing");
        let hint = match nearest(of, CALLS) {
            Some(near) if calls.contains(&near) => format!("did you mean \"{near}\"?"),
            Some(near) => format!("\"{near}\" needs a table of its own, [{name}.{near}]"),
            None => format!("its calls are: {}", calls.join(", ")),
        };
        mistakes.hint(&example.place, message, hint);
    }
}

/// A table that took another's place: the other one is gone. While it is
/// there, each of the two would send what the other sent.
pub fn former_names(top: &Table, mistakes: &mut Mistakes) {
    let mut claimed: Vec<(&str, &str)> = Vec::new();
    for (name, own) in destinations(top) {
        let Some(node) = own.table().and_then(|table| table.get("formerly")) else {
            continue;
        };
        let one = node.text().into_iter();
        let former_names = one.chain(node.items().iter().filter_map(Node::text));
        for former in former_names {
            let of = format!("`formerly` of [{name}] names");
            let mut others = claimed.iter().filter(|(_, other)| *other != name);
            if let Some((_, other)) = others.find(|(claimed, _)| *claimed == former) {
                mistakes.hint(
                    &node.place,
                    format!(
                        "{of} \"{former}\", and so does that of [{other}]: \
                         what was sent under it can belong to one of them"
                    ),
                    "leave it at the table that took its place",
                );
            }
            claimed.push((former, name));
            if former == name {
                mistakes.hint(
                    &node.place,
                    format!("{of} [{name}] itself"),
                    "write the name that the table had before, or remove the line",
                );
            } else if let Some((_, there)) = destinations(top).find(|(other, _)| *other == former) {
                let hint = match there.place.is_built_in() {
                    true => format!(
                        "a table of the catalogue keeps its past: go on sending with [{former}], or take \"{former}\" out of `formerly`"
                    ),
                    false => format!(
                        "remove the table [{former}] if [{name}] takes its place, else take \"{former}\" out of `formerly`"
                    ),
                };
                let message = format!(
                    "{of} [{former}], which is still there ({}): its leads would be sent again by it",
                    there.place
                );
                mistakes.hint(&node.place, message, hint);
            }
        }
    }
}

/// What a header of a source means is a lead field, or a word of its own that
/// keeps it from being one; a slip of the pen would lose the cell.
pub fn sources(top: &Table, columns: &Columns, mistakes: &mut Mistakes) {
    let known = || columns.iter().map(|(name, _)| name.as_str());
    let sources = top
        .under("sources")
        .iter()
        .filter_map(|(_, source)| source.table());
    for (header, node) in sources.flat_map(|source| source.under("columns")) {
        let field = node
            .text()
            .filter(|field| !known().any(|name| name == *field));
        let Some(field) = field else { continue };
        if let Some(near) = nearest(field, known()) {
            let message = format!("`{header}` means \"{field}\", which is no lead field");
            mistakes.hint(&node.place, message, format!("did you mean \"{near}\"?"));
        }
    }
}
