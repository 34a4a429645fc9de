//! What must hold of a destination beyond the form of its words: lead fields
//! that exist, calls and words that go together. Only tells mistakes.

mod compared;
mod consent;
mod credentials;
mod values;

use std::time::Duration;

use super::address;
use super::call::{Call, REF, REFERENCE};
use super::destination::{Destination, SafeToRepeat};
use super::document::{Node, Table, at, destinations, has_gap, is_built_in, read_items, under};
use super::field_rule::Field;
use super::mistake::{Mistakes, meant, nearest};
use super::partner_list::PartnerList;
use super::response_rule::Then;
use super::template::Template;
use crate::lead::text::squeeze;
use crate::words::say;

/// Lead fields, with the headers that each accepts.
type HeaderWords = [(String, Vec<String>)];

/// A destination that was read, and where.
pub struct Validator<'c, 'm> {
    pub destination: &'c Destination,
    pub node: &'c Node<'c>,
    /// All tables of both files.
    pub top: &'c Table<'c>,
    /// The destinations that were read before.
    pub earlier: &'c [Destination],
    pub columns: &'c HeaderWords,
    pub mistakes: &'c mut Mistakes<'m>,
}

impl<'c> Validator<'c, '_> {
    /// Tells what can't work.
    pub fn all(&mut self) {
        self.own_words();
        self.auth();
        self.literal_secrets();
        self.values();
        self.calls();
        self.lead_fields();
        self.follow();
        self.list();
        self.find();
        self.echoes();
        self.duplicates();
        self.consent();
        self.former_names();
    }

    fn at(&self, keys: &[&str]) -> Option<&'c Node<'c>> {
        at(self.node.get_ref().as_table()?, keys)
    }

    /// Nothing under this key failed to be read: what is missing is missing.
    fn is_whole(&self, key: &str) -> bool {
        self.at(&[key]).is_none_or(|node| !has_gap(node))
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
        let base = destination.base.as_deref().unwrap_or_default();
        let mut calls = destination.calls().filter(|_| base.contains('?'));
        if let Some((call, _)) = calls.find(|(_, call)| !call.path.is_empty()) {
            let call = format!("{}.{call}", destination.name);
            self.tell(&["base"], say!("mistake-base-query", call));
        }
        if !(1..=256).contains(&destination.jobs) {
            self.tell(&["jobs"], say!("mistake-jobs"));
        }
        for (word, lasting) in [
            ("timeout", Some(destination.timeout)),
            ("again_after", destination.again_after),
            ("max_age", destination.max_age),
            ("returns_within", destination.returns_within),
        ] {
            if lasting == Some(Duration::ZERO) {
                self.tell(&[word], say!("mistake-no-time", word));
            }
        }
        let defaults = destination.defaults.iter();
        for (field, _) in defaults.filter(|(_, value)| value.trim().is_empty()) {
            let message = say!("mistake-default-empty", field);
            self.tell(&["defaults", field], message);
        }
        let credentials = destination.auth.headers();
        let sent = destination.send.body_kind().content_type();
        for (name, rule) in &destination.headers {
            let value = rule.constant().unwrap_or_default();
            if let Some(wrong) = address::wrong_constant_header(name, &value, &credentials, sent) {
                self.tell(&["headers", name], wrong);
            }
        }
    }

    /// The last price that holds is paid, so one that always holds comes first.
    fn prices(&mut self) {
        let destination = self.destination;
        for field in destination.priced_by() {
            self.lead_field(field, &["price"]);
        }
        let always = destination.price.iter().skip(1);
        if always.into_iter().any(|price| price.when.is_empty()) {
            self.tell(&["price"], say!("mistake-price-always"));
        }
        if destination.price.is_empty() && !destination.billable_on.is_empty() {
            self.tell(&["billable_on"], say!("mistake-billable-without-price"));
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
        for test in destination.only.iter().flatten() {
            self.lead_field(&test.field, &["only"]);
        }
        if destination.only.iter().any(Vec::is_empty) && self.is_whole("only") {
            self.tell(&["only"], say!("mistake-only-empty"));
        }
        self.prices();
        let matches = destination.find.iter().flat_map(|find| &find.matches);
        for field in matches.flat_map(|entry| &entry.fields) {
            self.lead_field(field, &["find", "match"]);
        }
    }

    fn lead_field(&mut self, field: &str, keys: &[&str]) {
        let columns = || self.columns.iter().map(|(name, _)| name.as_str());
        if self.destination.rule_of(field).is_some() || columns().any(|name| name == field) {
            return;
        }
        let is_header = |header: &String| squeeze(header) == squeeze(field);
        let mut known = self.columns.iter();
        let known = known.find(|(_, headers)| headers.iter().any(is_header));
        let hint = match (field, known) {
            ("ledger", _) => say!("mistake-ledger-elsewhere"),
            (_, Some((name, _))) => say!("mistake-is-header", name),
            _ => meant(field, columns(), '"', say!("mistake-add-column")),
        };
        let name = &self.destination.name;
        self.tell(keys, say!("mistake-lead-field", name, field, hint));
    }

    /// Placeholders, queries and rules, and the words that one call or another
    /// doesn't take.
    fn calls(&mut self) {
        let destination = self.destination;
        for (name, call) in destination.calls() {
            self.placeholders(name, call, "path");
            self.rules(name, call);
            self.body(name, call);
        }
        for (call, word) in [
            ("follow", "method"),
            ("follow", "wrap"),
            ("find", "method"),
            ("find", "wrap"),
            ("list", "method"),
            ("list", "wrap"),
            ("online", "method"),
            ("follow", "body"),
            ("find", "body"),
            ("list", "body"),
            ("online", "body"),
            ("settings", "body"),
        ] {
            let written = self.at(&[call, word]).map(|node| node.get_ref());
            let right = if word == "body" { "none" } else { "GET" };
            if written.is_some_and(|value| value.as_str() != Some(right)) {
                let message = match word {
                    "body" if call == "settings" => say!("mistake-settings-body"),
                    "body" => say!("mistake-question-body", call),
                    _ => say!("mistake-question-method", call, word),
                };
                self.tell(&[call, word], message);
            }
        }
        let Some(amend) = &destination.amend else {
            return;
        };
        if let Some(read) = &amend.read {
            self.placeholders("amend", read, "read");
        }
        for Field { target, rule } in &amend.constants {
            let mut fields = rule.template.iter().flat_map(Template::fields);
            if !rule.from.is_empty() || fields.any(|field| field != REF) {
                let message = say!("mistake-amend-constant", target = target.as_str());
                self.tell(&["amend", "constants", target.as_str()], message);
            }
        }
        if !amend.call.placeholders().any(|name| name == REF) {
            self.tell(&["amend", "path"], say!("mistake-amend-path"));
        }
    }

    /// What fills them later is a lead field, or what the path's own rules say.
    fn placeholders(&mut self, name: &str, call: &Call, word: &str) {
        for placeholder in call.placeholders() {
            let given = matches!((name, placeholder), ("amend", REF) | ("follow", REFERENCE));
            if !given && !self.destination.path_rules.contains_key(placeholder) {
                self.lead_field(placeholder, &[name, word]);
            }
        }
    }

    /// A rule that calls everything a success would take a failure for one.
    fn rules(&mut self, name: &str, call: &Call) {
        let written = read_items(self.at(&[name, "rules"]));
        for (rule, node) in call.rules.iter().zip(written) {
            if rule.when.is_empty() && !has_gap(node) && rule.then.is_success() {
                let message = say!("mistake-rule-always", then = rule.then.as_str());
                let hint = say!("mistake-rule-always-hint");
                self.mistakes.hint(node, message, hint);
            }
            for field in rule.blames.iter().flatten() {
                self.lead_field(field, &[name, "rules"]);
            }
        }
    }

    fn is_sent(&self, placeholder: &str) -> bool {
        let mut sent = self.destination.send.placeholders();
        sent.any(|known| known == placeholder)
    }

    /// Only what was recorded at sending can fill the path later.
    fn follow(&mut self) {
        let (Some(follow), name) = (&self.destination.follow, &self.destination.name) else {
            return;
        };
        if !follow.placeholders().any(|known| known == REFERENCE) {
            self.tell(&["follow"], say!("mistake-follow-whom", name));
        }
        let is_known = |placeholder: &str| placeholder == REFERENCE || self.is_sent(placeholder);
        if let Some(unknown) = follow.placeholders().find(|it| !is_known(it)) {
            self.tell(&["follow"], say!("mistake-follow-unknown", name, unknown));
        }
        if follow.rules.is_empty() && self.is_whole("follow") {
            self.tell(&["follow"], say!("mistake-follow-rules", name));
        }
    }

    fn list(&mut self) {
        let list = self.destination.list.as_ref();
        if list.is_some_and(PartnerList::pages_twice) {
            self.tell(&["list"], say!("mistake-pages-twice"));
        }
        if list.is_some_and(|list| !list.call.proves_success()) && self.is_whole("list") {
            let name = &self.destination.name;
            self.tell(&["list"], say!("mistake-list-rules", name));
        }
    }

    /// Only a contact whose number the answer tells can be changed.
    fn duplicates(&mut self) {
        let destination = self.destination;
        let mut rules = destination.send.rules.iter();
        let told = rules.any(|rule| rule.then == Then::Duplicate && rule.reference.is_some());
        if destination.on_duplicate.is_some() && (destination.amend.is_none() || !told) {
            self.tell(&["on_duplicate"], say!("mistake-on-duplicate"));
        }
    }

    /// A table that took another's place: the other one is gone. While it is
    /// there, each of the two would send what the other sent.
    fn former_names(&mut self) {
        let name = &self.destination.name;
        for former in &self.destination.formerly {
            let mut all = destinations(self.top);
            let there = all.find(|(other, ..)| other == former);
            let mut earlier = self.earlier.iter();
            let rival = earlier.find(|other| other.formerly.contains(former));
            let message = match (there, rival) {
                (Some((_, node, _)), _) => {
                    let place = self.mistakes.documents.place(node.span().start);
                    let hint = match is_built_in(node.span().start) {
                        _ if former == name => say!("mistake-formerly-itself"),
                        true => say!("mistake-formerly-built-in", former),
                        false => say!("mistake-formerly-there-too", former, name),
                    };
                    let place = place.to_string();
                    say!("mistake-formerly-there", name, former, place, hint)
                }
                (None, Some(rival)) => {
                    let rival = &rival.name;
                    say!("mistake-formerly-twice", name, former, rival)
                }
                (None, None) => continue,
            };
            self.tell(&["formerly"], message);
        }
    }

    /// An example of a call that isn't there would prove nothing. Only for the
    /// table that wrote them: an heir may have left the call out.
    pub fn examples(&mut self) {
        let destination = self.destination;
        let name = &destination.name;
        let written = read_items(self.at(&["examples"]));
        for (example, node) in destination.examples.iter().zip(written) {
            let of = example.call.as_str();
            if destination.call(of).is_none() {
                let message = say!("mistake-example-of", of, name);
                let hint = say!("mistake-example-of-hint", name, of);
                self.mistakes.hint(node, message, hint);
            }
        }
    }
}

/// What a header of a source means is a lead field, or a word of its own that
/// keeps it from being one; a slip of the pen would lose the cell.
pub fn sources(top: &Table<'_>, columns: &HeaderWords, mistakes: &mut Mistakes<'_>) {
    let known = || columns.iter().map(|(name, _)| name.as_str());
    let sources = || under(top, "sources").filter_map(|(_, source)| source.get_ref().as_table());
    for value in sources().flat_map(|source| read_items(source.get("test_values"))) {
        let text = value.get_ref().as_str().unwrap_or_default();
        if text.trim_end_matches('*').trim().is_empty() {
            let hint = say!("mistake-test-values-hint");
            mistakes.hint(value, say!("mistake-test-values"), hint);
        }
    }
    for source in sources().filter(|source| !source.contains_key("pairs")) {
        for word in ["rows", "test"] {
            if let Some(node) = source.get(word) {
                let message = say!("mistake-no-pairs", word);
                mistakes.hint(node, message, say!("mistake-no-pairs-hint"));
            }
        }
    }
    for (header, node) in sources().flat_map(|source| under(source, "columns")) {
        let field = node.get_ref().as_str().unwrap_or_default();
        let near = nearest(field, known()).filter(|_| known().all(|name| name != field));
        if let Some(near) = near {
            let message = say!("mistake-header-means", header, field);
            mistakes.hint(node, message, say!("mistake-meant-name", near));
        }
    }
}
