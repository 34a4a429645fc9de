//! What must hold of a destination's calls and between them.

use super::Check;
use crate::config::address;
use crate::config::call::{Call, REF, REFERENCE};
use crate::config::destination::Destination;
use crate::config::list::Find;
use crate::config::mistake::nearest;
use crate::config::response_rule::Then;
use crate::config::tree::Node;

impl Check<'_> {
    /// Paths, queries, and the words that one call or another doesn't take.
    pub(super) fn calls(&mut self) {
        let destination = self.destination;
        for (name, call) in destination.calls() {
            let checked = address::check_path(&format!("{name}.path"), &call.path);
            self.expect(&[name, "path"], checked);
            for (key, value) in &call.query {
                if value.contains('{') {
                    self.hint(
                        &[name, "query", key],
                        format!("`query.{key}` holds a placeholder, which is not filled there"),
                        "write it into `path`: path = \"/leads?id={id}\"",
                    );
                }
            }
        }
        for (call, word) in [
            ("follow", "method"),
            ("follow", "wrap"),
            ("list", "method"),
            ("list", "wrap"),
        ] {
            if self.table.at(&[call, word]).is_some() {
                let message = format!("`{word}` is not a word of [{}.{call}]", destination.name);
                self.hint(&[call, word], message, "a question is always a GET");
            }
        }
        let method = self.table.at(&["online", "method"]).and_then(Node::text);
        if method.is_some_and(|method| method != "GET") {
            self.hint(
                &["online", "method"],
                "`online.method` must be GET",
                "what proves the key must change nothing",
            );
        }
        let Some(amend) = &destination.amend else {
            return;
        };
        if !amend.call.placeholders().any(|name| name == REF) {
            self.hint(
                &["amend", "path"],
                "`amend.path` doesn't say which contact is changed",
                "write {ref} where the partner's number for the contact stands",
            );
        }
        if amend
            .read
            .as_ref()
            .is_some_and(|read| !read.path.starts_with('/'))
        {
            self.add(&["amend", "read"], "`amend.read` must begin with /");
        }
    }

    /// A rule that calls everything a success would take a failure for one.
    pub(super) fn rules(&mut self) {
        for (call, _) in self.destination.calls() {
            let rules = self.table.at(&[call, "rules"]);
            for (at, node) in rules.map_or(&[][..], Node::items).iter().enumerate() {
                let Some(table) = node.table() else { continue };
                let rule = self
                    .destination
                    .call(call)
                    .and_then(|call| call.rules.get(at));
                let when = table.get("when").and_then(Node::table);
                let is_damaged = when.is_some_and(|when| when.damaged);
                let says_success = rule.filter(|rule| rule.then.is_success());
                if let Some(rule) = says_success.filter(|rule| rule.when.is_empty() && !is_damaged)
                {
                    let then = rule.then.as_str();
                    self.mistakes.hint(
                        &node.place,
                        format!("without `when`, every answer would be \"{then}\", a failure too"),
                        "say which answers: when = { status = 201 }",
                    );
                }
                for field in rule.iter().flat_map(|rule| rule.blames.iter().flatten()) {
                    let place = table.get("blames").map_or(&node.place, |node| &node.place);
                    self.lead_field(field, place);
                }
            }
        }
    }

    /// Only what was recorded at sending can fill the path later.
    pub(super) fn follow(&mut self) {
        let destination = self.destination;
        let (Some(follow), name) = (&destination.follow, &destination.name) else {
            return;
        };
        if !follow.placeholders().any(|known| known == REFERENCE) {
            self.hint(
                &["follow"],
                format!("[{name}.follow] does not say which lead it asks about"),
                "put {reference} in its path: the partner's number for the lead",
            );
        }
        for unknown in follow.placeholders() {
            if unknown != REFERENCE && !is_sent(destination, unknown) {
                self.hint(
                    &["follow"],
                    format!("the path of [{name}.follow] has {{{unknown}}}, which [{name}.send] does not have"),
                    "a lead is asked about where it was sent: use the placeholders of `send`, and {reference}",
                );
            }
        }
        if follow.rules.is_empty() && self.is_whole(&["follow"]) {
            self.hint(
                &["follow"],
                format!("[{name}.follow] has no rules: no answer would settle a lead"),
                "say what an answer means: rules = [{ when = { \"/status\" = \"approved\" }, then = \"approved\" }, …]",
            );
        }
    }

    pub(super) fn list(&mut self) {
        let destination = self.destination;
        let proves = |call: &Call| call.proves_success();
        let list = destination.list.as_ref();
        if list.is_some_and(|list| !proves(&list.call)) && self.is_whole(&["list"]) {
            let name = &destination.name;
            self.hint(
                &["list"],
                format!("no rule of [{name}.list] says how a page is recognised"),
                "rules = [{ when = { status = 200 }, then = \"delivered\" }]",
            );
        }
    }

    /// A search needs a list with dates, and a way to ask about what it found.
    pub(super) fn find(&mut self) {
        let destination = self.destination;
        let (Some(find), name) = (&destination.find, &destination.name) else {
            return;
        };
        for at in &find.may_be_empty {
            if find.matches.iter().all(|entry| entry.at.to_string() != *at) {
                self.add(
                    &["find", "may_be_empty"],
                    format!(
                        "`may_be_empty` of [{name}.find] names {at}, which `match` does not have"
                    ),
                );
            }
        }
        let must_agree = |find: &Find| find.matches.iter().any(|m| !m.may_be_empty);
        if !must_agree(find) && self.is_whole(&["find"]) && self.is_whole(&["find", "match"]) {
            self.hint(
                &["find"],
                format!("[{name}.find] does not say what must agree"),
                "match = { \"/phone\" = \"phone\", \"/name\" = [\"first_name\", \"last_name\"] }",
            );
        }
        let list = destination.list.as_ref();
        if list.is_none_or(|list| list.created.is_none()) {
            self.add(
                &["find"],
                format!("[{name}.find] needs [….list] with `created`"),
            );
        }
        if destination.follow.is_none() {
            self.add(&["find"], format!("[{name}.find] needs [….follow]"));
        }
        let mut asked = list.iter().flat_map(|list| list.call.placeholders());
        if let Some(unknown) = asked.find(|name| !is_sent(destination, name)) {
            self.add(
                &["find"],
                format!("[{name}.find] can't fill {{{unknown}}} of [{name}.list]: [{name}.send] does not have it"),
            );
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
            let at = sent.at.to_string();
            let keys = ["find", "sent", &at];
            if self.place(&keys).is_built_in() || targets().any(|known| known == target) {
                continue;
            }
            let message = format!(
                "`sent` of [{}.find] names {target}, which is not sent",
                destination.name
            );
            match nearest(target, targets()) {
                Some(near) => self.hint(&keys, message, &format!("did you mean {near}?")),
                None => self.add(&keys, message),
            }
        }
    }

    /// Only a contact whose number the answer tells can be changed.
    pub(super) fn duplicates(&mut self) {
        let destination = self.destination;
        let mut rules = destination.send.rules.iter();
        let told = rules.any(|rule| rule.then == Then::Duplicate && rule.reference.is_some());
        if destination.amend_duplicates && (destination.amend.is_none() || !told) {
            self.hint(
                &["on_duplicate"],
                "`on_duplicate = \"amend\"` can't be done here",
                "it needs [….amend], and a rule for duplicates with a `reference`",
            );
        }
    }
}

fn is_sent(destination: &Destination, placeholder: &str) -> bool {
    let mut sent = destination.send.placeholders();
    sent.any(|known| known == placeholder)
}
