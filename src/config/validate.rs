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
use super::mistake::{LEDGER, Mistakes, meant, nearest};
use super::partner_list::PartnerList;
use super::response_rule::Then;
use super::template::Template;
use crate::lead::text::squeeze;

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
            let message = format!(
                "`base` has a query, and the path of [{}.{call}] would follow it (end `base` \
                 before the ?, and write it in each call: query = {{ key = \"value\" }})",
                destination.name
            );
            self.tell(&["base"], message);
        }
        if !(1..=256).contains(&destination.jobs) {
            self.tell(&["jobs"], "`jobs` must be from 1 to 256");
        }
        for (word, lasting) in [
            ("timeout", Some(destination.timeout)),
            ("again_after", destination.again_after),
            ("max_age", destination.max_age),
            ("returns_within", destination.returns_within),
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
            let message = "a `price` without `when` holds for every lead, and those before it \
                           never count (the last that holds is paid: write this one first)";
            self.tell(&["price"], message);
        }
        if destination.price.is_empty() && !destination.billable_on.is_empty() {
            let message = "`billable_on` says when a lead is paid for, and no `price` says what \
                           (add price = \"35.00\", or remove it)";
            self.tell(&["billable_on"], message);
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
        if destination.only.iter().any(Vec::is_empty) {
            let message = "a table of `only` that asks nothing holds for every lead \
                           (write what it asks: only = [{ zip = { match = '^69' } }])";
            self.tell(&["only"], message);
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
            ("ledger", _) => LEDGER.to_owned(),
            (_, Some((name, _))) => {
                format!("that is a column header of the lead field \"{name}\": write its name")
            }
            _ => meant(field, columns(), '"', "add it to [columns]"),
        };
        let name = &self.destination.name;
        let message = format!("[{name}] names \"{field}\", which is no lead field ({hint})");
        self.tell(keys, message);
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
            let wrong = match word {
                "body" if call == "settings" => "is JSON, always (remove it)",
                "body" => "is nothing: a question sends none (remove it)",
                _ => "must be GET, or not there (a question changes nothing)",
            };
            let right = if word == "body" { "none" } else { "GET" };
            if written.is_some_and(|value| value.as_str() != Some(right)) {
                self.tell(&[call, word], format!("`{call}.{word}` {wrong}"));
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
                let message = format!(
                    "`{target}` of `amend.constants` is always sent, so no lead fills it \
                     (write its value, or template = \"{{ref}}\" for the contact's number)"
                );
                self.tell(&["amend", "constants", target.as_str()], message);
            }
        }
        if !amend.call.placeholders().any(|name| name == REF) {
            self.tell(
                &["amend", "path"],
                "`amend.path` doesn't say which contact is changed \
                 (write {ref} where the partner's number for the contact stands)",
            );
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
                let then = rule.then.as_str();
                self.mistakes.hint(
                    node,
                    format!("without `when`, every answer would be \"{then}\", a failure too"),
                    "say which answers: when = { status = 201 }",
                );
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
            let message = format!(
                "[{name}.follow] does not say which lead it asks about (put {{reference}} in its \
                 path: the partner's number for the lead)"
            );
            self.tell(&["follow"], message);
        }
        let is_known = |placeholder: &str| placeholder == REFERENCE || self.is_sent(placeholder);
        if let Some(unknown) = follow.placeholders().find(|it| !is_known(it)) {
            let message = format!(
                "the path of [{name}.follow] has {{{unknown}}}, which [{name}.send] does not \
                 have (a lead is asked about where it was sent: use the placeholders of \
                 `send`, and {{reference}})"
            );
            self.tell(&["follow"], message);
        }
        if follow.rules.is_empty() && self.is_whole("follow") {
            let message = format!(
                "[{name}.follow] has no rules: no answer would decide about a lead (rules = \
                 [{{ when = {{ \"/status\" = \"approved\" }}, then = \"approved\" }}, …])"
            );
            self.tell(&["follow"], message);
        }
    }

    fn list(&mut self) {
        let list = self.destination.list.as_ref();
        if list.is_some_and(PartnerList::pages_twice) {
            let message = "`page`, `offset` and `cursor` are three ways to ask for the next page \
                           (keep the one that this partner knows)";
            self.tell(&["list"], message);
        }
        if list.is_some_and(|list| !list.call.proves_success()) && self.is_whole("list") {
            let name = &self.destination.name;
            let message = format!(
                "no rule of [{name}.list] says how a page is recognised (rules = [{{ when = {{ \
                 status = 200 }}, then = \"delivered\" }}])"
            );
            self.tell(&["list"], message);
        }
    }

    /// Only a contact whose number the answer tells can be changed.
    fn duplicates(&mut self) {
        let destination = self.destination;
        let mut rules = destination.send.rules.iter();
        let told = rules.any(|rule| rule.then == Then::Duplicate && rule.reference.is_some());
        if destination.on_duplicate.is_some() && (destination.amend.is_none() || !told) {
            self.tell(
                &["on_duplicate"],
                "`on_duplicate = \"amend\"` can't be done here \
                 (it needs [….amend], and a rule for duplicates with a `reference`)",
            );
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
                        _ if former == name => "write the name that the table had before".into(),
                        true => format!("go on sending with [{former}]"),
                        false => format!("remove the table [{former}] if [{name}] takes its place"),
                    };
                    format!(
                        "`formerly` of [{name}] names [{former}], which is still there ({place}): \
                         its leads would be sent again by it ({hint}, or remove it from `formerly`)"
                    )
                }
                (None, Some(rival)) => format!(
                    "`formerly` of [{name}] names [{former}], and so does that of [{}] (what was \
                     sent under it can belong to one of them, or remove it from `formerly`)",
                    rival.name
                ),
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
                let message = format!(
                    "`of = \"{of}\"` names no call of [{name}]: the example would prove nothing"
                );
                let hint = format!("it needs a table of its own, [{name}.{of}]");
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
            let message = "`test_values`: with nothing but a `*` every lead would be a test";
            mistakes.hint(value, message, "write what a test lead's cell begins with");
        }
    }
    for source in sources().filter(|source| !source.contains_key("pairs")) {
        for word in ["rows", "test"] {
            if let Some(node) = source.get(word) {
                let message = format!(
                    "`{word}` is of leads that are lists of names and values, and no `pairs` \
                     says where these stand"
                );
                let hint = "add pairs = { at = \"…\", name = \"…\", value = \"…\" }";
                mistakes.hint(node, message, hint);
            }
        }
    }
    for (header, node) in sources().flat_map(|source| under(source, "columns")) {
        let field = node.get_ref().as_str().unwrap_or_default();
        let near = nearest(field, known()).filter(|_| known().all(|name| name != field));
        if let Some(near) = near {
            let message = format!("`{header}` means \"{field}\", which is no lead field");
            mistakes.hint(node, message, format!("did you mean \"{near}\"?"));
        }
    }
}
