//! What must hold of a destination beyond the form of its words: lead fields
//! that exist, words that go together. Only tells mistakes.

mod calls;

use std::time::Duration;

use super::address;
use super::auth::Auth;
use super::destination::{CALLS, Destination, SafeToRepeat};
use super::document::{Node, Skipped, Table, at, is_built_in, is_false, under};
use super::field_rule::{Field, FieldRule};
use super::layers::{OF_A_LEAD, destinations};
use super::mistake::{LEDGER, Mistakes, meant, nearest};

/// Lead fields, with the headers that each accepts.
type HeaderWords = [(String, Vec<String>)];

/// A destination that was read, and where.
pub struct Validator<'c, 'm> {
    pub destination: &'c Destination,
    pub node: &'c Node<'c>,
    /// What of the table could not be read.
    pub skipped: &'c Skipped,
    pub columns: &'c HeaderWords,
    pub mistakes: &'c mut Mistakes<'m>,
}

impl<'c> Validator<'c, '_> {
    /// Tells what can't work.
    pub fn all(&mut self) {
        self.own_words();
        self.headers();
        self.fields();
        self.calls();
        self.lead_fields();
        self.follow();
        self.list();
        self.find();
        self.duplicates();
    }

    fn at(&self, keys: &[&str]) -> Option<&'c Node<'c>> {
        at(self.node.get_ref().as_table()?, keys)
    }

    /// Nothing under these keys failed to be read: what is missing is missing.
    fn is_whole(&self, keys: &[&str]) -> bool {
        self.at(keys)
            .is_none_or(|node| !self.skipped.is_inside(node))
    }

    /// Tells a mistake where the value under these keys was written, or what
    /// should hold it.
    fn tell(&mut self, keys: &[&str], message: impl Into<String>) {
        let mut holders = (1..=keys.len()).rev();
        let node = holders.find_map(|to| self.at(&keys[..to]));
        let offset = node.unwrap_or(self.node).span().start;
        self.mistakes.add(offset, message);
    }

    fn own_words(&mut self) {
        let destination = self.destination;
        let has_query = destination
            .base
            .as_ref()
            .is_some_and(|base| base.contains('?'));
        let mut calls = destination.calls().filter(|_| has_query);
        if let Some((call, _)) = calls.find(|(_, call)| !call.path.is_empty()) {
            let message = format!(
                "`base` has a query, and the path of [{}.{call}] would follow it (end `base` \
                 before the ?, and write it in each call: query = {{ key = \"value\" }})",
                destination.name
            );
            self.tell(&["base"], message);
        }
        let jobs = destination.jobs.unwrap_or(1);
        if !(1..=256).contains(&jobs) {
            self.tell(&["jobs"], "`jobs` must be from 1 to 256");
        }
        for (word, lasting) in [
            ("timeout", Some(destination.timeout)),
            ("again_after", destination.again_after),
        ] {
            if lasting == Some(Duration::ZERO) {
                self.tell(&[word], format!("`{word}` must be longer than nothing"));
            }
        }
        let defaults = destination.defaults.iter();
        for (field, _) in defaults.filter(|(_, value)| value.trim().is_empty()) {
            let message = format!(
                "the default of `{field}` is empty \
                 (write its value between the quotes, or remove the line)"
            );
            self.tell(&["defaults", field], message);
        }
    }

    fn headers(&mut self) {
        let credential = self.destination.auth.as_ref().map(Auth::header);
        for (name, value) in &self.destination.headers {
            if let Some(wrong) = address::wrong_constant_header(name, value, credential) {
                self.tell(&["headers", name], wrong);
            }
        }
    }

    fn fields(&mut self) {
        let destination = self.destination;
        for Field { target, rule } in &destination.fields {
            self.source_of("fields", target, rule);
            let inside = format!("{target}.");
            let mut inner = destination.fields.iter().map(|field| &field.target);
            if let Some(inner) = inner.find(|inner| inner.starts_with(&inside)) {
                let message = format!("`{inner}` can't stand inside `{target}`, which is a value");
                self.tell(&["fields", inner], message);
            }
        }
        for (name, rule) in &destination.path_rules {
            self.source_of("path", name, rule);
        }
    }

    /// The value comes from a lead or is a constant, not both.
    fn source_of(&mut self, part: &str, name: &str, rule: &FieldRule) {
        let written = |word: &&str| self.at(&[part, name, word]).is_some();
        let from = self.at(&[part, name, "from"]);
        let names_none = rule.from.is_empty() || rule.from.iter().any(|name| name.trim() == "");
        if rule.value.is_some() {
            if let Some(word) = OF_A_LEAD.into_iter().find(written) {
                let message = format!(
                    "`{name}` has a constant `value`, and `{word}` as well \
                     (keep one of them: a constant is sent as it is)"
                );
                self.tell(&[part, name, word], message);
            }
        } else if from.is_none() && self.is_whole(&[part, name]) {
            let message = format!(
                "`{name}` says neither `from` nor `value` \
                 (name the lead field that it takes: from = \"…\")"
            );
            self.tell(&[part, name], message);
        } else if names_none && from.is_some_and(|from| !is_false(from) && !self.skipped.has(from))
        {
            let message = format!(
                "`{name}` names no lead field \
                 (write its name between the quotes, or remove the whole line)"
            );
            self.tell(&[part, name, "from"], message);
        }
    }

    /// Each lead field that the destination's words name must be one.
    fn lead_fields(&mut self) {
        let destination = self.destination;
        for field in &destination.key {
            self.lead_field(field, &["key"]);
        }
        for field in destination.need_one.iter().flatten() {
            self.lead_field(field, &["need_one"]);
        }
        for (field, _) in &destination.defaults {
            self.lead_field(field, &["defaults", field]);
        }
        if let SafeToRepeat::With(fields) = &destination.safe_to_repeat {
            for field in fields {
                self.lead_field(field, &["safe_to_repeat"]);
            }
        }
        let matches = destination.find.iter().flat_map(|find| &find.matches);
        for field in matches.flat_map(|entry| &entry.fields) {
            self.lead_field(field, &["find", "match"]);
        }
    }

    fn lead_field(&mut self, field: &str, keys: &[&str]) {
        let mut columns = self.columns.iter().map(|(name, _)| name.as_str());
        if self.destination.rule_of(field).is_some() || columns.any(|name| name == field) {
            return;
        }
        let columns = self.columns.iter().map(|(name, _)| name.as_str());
        let hint = match field {
            "ledger" => LEDGER.to_owned(),
            _ => meant(field, columns, '"', "add it to [columns]"),
        };
        let name = &self.destination.name;
        let message = format!("[{name}] names \"{field}\", which is no lead field ({hint})");
        self.tell(keys, message);
    }

    /// An example of a call that isn't there would prove nothing. Only for the
    /// table that wrote them: an heir may have left the call out.
    pub fn examples(&mut self) {
        let destination = self.destination;
        let name = &destination.name;
        let calls: Vec<&str> = destination.calls().map(|(call, _)| call).collect();
        let written = self.skipped.left(self.at(&["examples"]));
        for (example, node) in destination.examples.iter().zip(written) {
            let of = example.call.as_str();
            if calls.contains(&of) {
                continue;
            }
            let hint = match nearest(of, CALLS) {
                Some(near) if calls.contains(&near) => format!("did you mean \"{near}\"?"),
                Some(near) => format!("\"{near}\" needs a table of its own, [{name}.{near}]"),
                None => format!("its calls are: {}", calls.join(", ")),
            };
            let message = format!(
                "`of = \"{of}\"` names no call of [{name}]: the example would prove nothing"
            );
            self.mistakes.hint(node, message, hint);
        }
    }
}

/// A table that took another's place: the other one is gone. While it is
/// there, each of the two would send what the other sent.
pub fn former_names(top: &Table<'_>, mistakes: &mut Mistakes<'_>) {
    let mut claimed: Vec<(&str, &str)> = Vec::new();
    for (name, _, own) in destinations(top) {
        let Some(node) = own.get("formerly") else {
            continue;
        };
        let many = node.get_ref().as_array().map_or(&[][..], |items| items);
        let names = many.iter().chain([node]);
        for former in names.filter_map(|node| node.get_ref().as_str()) {
            let of = format!("`formerly` of [{name}] names [{former}]");
            let mut others = claimed.iter().filter(|(known, _)| *known == former);
            let other = others.find(|(_, other)| *other != name);
            let mut all = destinations(top);
            let there = all.find(|(other, ..)| *other == former);
            let (message, hint) = match (other, there.map(|(_, node, _)| node.span().start)) {
                (_, Some(_)) if former == name => (
                    format!("{of} itself"),
                    "write the name that the table had before".to_owned(),
                ),
                (_, Some(offset)) => (
                    format!(
                        "{of}, which is still there ({}): its leads would be sent again by it",
                        mistakes.documents.place(offset)
                    ),
                    match is_built_in(offset) {
                        true => format!("go on sending with [{former}]"),
                        false => format!("remove the table [{former}] if [{name}] takes its place"),
                    },
                ),
                (Some((_, other)), None) => (
                    format!("{of}, and so does that of [{other}]"),
                    "what was sent under it can belong to one of them".to_owned(),
                ),
                (None, None) => {
                    claimed.push((former, name));
                    continue;
                }
            };
            mistakes.hint(
                node,
                message,
                format!("{hint}, or remove it from `formerly`"),
            );
        }
    }
}

/// What a header of a source means is a lead field, or a word of its own that
/// keeps it from being one; a slip of the pen would lose the cell.
pub fn sources(top: &Table<'_>, columns: &HeaderWords, mistakes: &mut Mistakes<'_>) {
    let known = || columns.iter().map(|(name, _)| name.as_str());
    let sources = under(top, "sources").filter_map(|(_, source)| source.get_ref().as_table());
    for (header, node) in sources.flat_map(|source| under(source, "columns")) {
        let field = node.get_ref().as_str().unwrap_or_default();
        let near = nearest(field, known()).filter(|_| known().all(|name| name != field));
        if let Some(near) = near {
            let message = format!("`{header}` means \"{field}\", which is no lead field");
            mistakes.hint(node, message, format!("did you mean \"{near}\"?"));
        }
    }
}
