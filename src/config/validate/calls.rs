//! What must hold of a destination's calls and between them.

use super::Validator;
use crate::config::call::{Call, REF, REFERENCE};
use crate::config::document::is_built_in;
use crate::config::mistake::nearest;
use crate::config::response_rule::Then;

impl Validator<'_, '_> {
    /// Placeholders, queries and rules, and the words that one call or another
    /// doesn't take.
    pub(super) fn calls(&mut self) {
        let destination = self.destination;
        for (name, call) in destination.calls() {
            self.placeholders(name, call, "path");
            for (key, _) in call.query.iter().filter(|(_, value)| value.contains('{')) {
                let message = format!(
                    "`query.{key}` holds a placeholder, which is not filled there \
                     (write it into `path`: path = \"/leads?id={{id}}\")"
                );
                self.tell(&[name, "query", key], message);
            }
            self.rules(name, call);
        }
        for (call, word) in [
            ("follow", "method"),
            ("follow", "wrap"),
            ("list", "method"),
            ("list", "wrap"),
            ("online", "method"),
        ] {
            let written = self.at(&[call, word]).map(|node| node.get_ref());
            if written.is_some_and(|value| value.as_str() != Some("GET")) {
                let message = format!("`{call}.{word}` must be GET, or not there");
                self.tell(&[call, word], message + " (a question changes nothing)");
            }
        }
        let Some(amend) = &destination.amend else {
            return;
        };
        if let Some(read) = &amend.read {
            self.placeholders("amend", read, "read");
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
        let written = self.skipped.left(self.at(&[name, "rules"]));
        for (rule, node) in call.rules.iter().zip(written) {
            let says_all = rule.when.is_empty() && !self.skipped.is_inside(node);
            if says_all && rule.then.is_success() {
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
    pub(super) fn follow(&mut self) {
        let (Some(follow), name) = (&self.destination.follow, &self.destination.name) else {
            return;
        };
        if !follow.placeholders().any(|known| known == REFERENCE) {
            let message = format!("[{name}.follow] does not say which lead it asks about");
            let hint = " (put {reference} in its path: the partner's number for the lead)";
            self.tell(&["follow"], message + hint);
        }
        for unknown in follow.placeholders() {
            if unknown != REFERENCE && !self.is_sent(unknown) {
                let message = format!(
                    "the path of [{name}.follow] has {{{unknown}}}, which [{name}.send] does not \
                     have (a lead is asked about where it was sent: use the placeholders of \
                     `send`, and {{reference}})"
                );
                self.tell(&["follow"], message);
            }
        }
        if follow.rules.is_empty() && self.is_whole(&["follow"]) {
            let message = format!("[{name}.follow] has no rules: no answer would settle a lead");
            let hint =
                " (rules = [{ when = { \"/status\" = \"approved\" }, then = \"approved\" }, …])";
            self.tell(&["follow"], message + hint);
        }
    }

    pub(super) fn list(&mut self) {
        let list = self.destination.list.as_ref();
        if list.is_some_and(|list| !list.call.proves_success()) && self.is_whole(&["list"]) {
            let name = &self.destination.name;
            let message = format!("no rule of [{name}.list] says how a page is recognised");
            let hint = " (rules = [{ when = { status = 200 }, then = \"delivered\" }])";
            self.tell(&["list"], message + hint);
        }
    }

    /// A search needs a list with dates, and a way to ask about what it found.
    pub(super) fn find(&mut self) {
        let destination = self.destination;
        let (Some(find), name) = (&destination.find, &destination.name) else {
            return;
        };
        let mut may_be_empty = find.may_be_empty.iter();
        let is_compared = |at: &String| find.matches.iter().any(|m| m.at.to_string() == *at);
        if let Some(at) = may_be_empty.find(|at| !is_compared(at)) {
            let message =
                format!("`may_be_empty` of [{name}.find] names {at}, which `match` does not have");
            self.tell(&["find", "may_be_empty"], message);
        }
        if find.matches.iter().all(|entry| entry.may_be_empty) && self.is_whole(&["find"]) {
            let message = format!("[{name}.find] does not say what must agree");
            let hint = " (match = { \"/phone\" = \"phone\", \"/name\" = [\"first_name\", \"last_name\"] })";
            self.tell(&["find"], message + hint);
        }
        let list = destination.list.as_ref();
        if list.is_none_or(|list| list.created.is_none()) {
            let message = format!("[{name}.find] needs [….list] with `created`");
            self.tell(&["find"], message);
        }
        if destination.follow.is_none() {
            self.tell(&["find"], format!("[{name}.find] needs [….follow]"));
        }
        let mut asked = list.iter().flat_map(|list| list.call.placeholders());
        if let Some(unknown) = asked.find(|name| !self.is_sent(name)) {
            let message = format!("[{name}.find] can't fill {{{unknown}}} of [{name}.list]");
            self.tell(&["find"], message + ": [….send] does not have it");
        }
        self.compared_as_sent();
    }

    /// What is compared as it was sent must be sent. Under the catalogue's own
    /// `sent`, a field that is not there was taken out: nothing is compared.
    fn compared_as_sent(&mut self) {
        let destination = self.destination;
        let targets = || destination.fields.iter().map(|field| field.target.as_str());
        for sent in destination.find.iter().flat_map(|find| &find.sent) {
            let target = sent.target.as_str();
            let node = self.at(&["find", "sent", &sent.at.to_string()]);
            let node = node.filter(|node| !is_built_in(node.span().start));
            if let Some(node) = node.filter(|_| !targets().any(|known| known == target)) {
                let name = &destination.name;
                let message = format!("`sent` of [{name}.find] names {target}, which is not sent");
                let hint = match nearest(target, targets()) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "name a target of `fields`".to_owned(),
                };
                self.mistakes.hint(node, message, hint);
            }
        }
    }

    /// Only a contact whose number the answer tells can be changed.
    pub(super) fn duplicates(&mut self) {
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
}
