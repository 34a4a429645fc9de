//! What is compared with a lead that was sent: entries of the partner's list
//! (`find`), and what an answer repeats (`echo`).

use super::Validator;
use crate::config::call::REFERENCE;
use crate::config::document::is_built_in;
use crate::config::mistake::{meant, nearest};
use crate::config::partner_list::Find;
use crate::words::say;

impl Validator<'_, '_> {
    /// Who asks for the person has rules; who searches the list needs dates in it,
    /// and a way to ask about what was found.
    pub(super) fn find(&mut self) {
        match &self.destination.find {
            Some(find) if find.question().is_some() => self.question(find),
            Some(find) => self.search(find),
            None => {}
        }
    }

    fn question(&mut self, find: &Find) {
        let name = &self.destination.name;
        if find.question().is_some_and(|call| call.rules.is_empty()) && self.is_whole("find") {
            self.tell(&["find"], say!("mistake-find-rules", name));
        }
        let of_list = [
            ("match", find.matches.is_empty()),
            ("sent", find.sent.is_empty()),
        ];
        for (word, _) in of_list.into_iter().filter(|(_, is_empty)| !is_empty) {
            self.tell(&["find", word], say!("mistake-find-both", word, name));
        }
    }

    fn search(&mut self, find: &Find) {
        let (destination, name) = (self.destination, &self.destination.name);
        if find.created.is_some() {
            self.tell(&["find", "created"], say!("mistake-find-created", name));
        }
        let mut may_be_empty = find.may_be_empty.iter();
        let is_compared = |at: &String| find.matches.iter().any(|m| m.at.to_string() == *at);
        if let Some(at) = may_be_empty.find(|at| !is_compared(at)) {
            let message = say!("mistake-may-be-empty", name, at);
            self.tell(&["find", "may_be_empty"], message);
        }
        if find.matches.iter().all(|entry| entry.may_be_empty) && self.is_whole("find") {
            self.tell(&["find"], say!("mistake-find-nothing", name));
        }
        let list = destination.list.as_ref();
        if list.is_none_or(|list| list.created.is_none()) {
            self.tell(&["find"], say!("mistake-find-list", name));
        }
        if destination.follow.is_none() {
            self.tell(&["find"], say!("mistake-find-follow", name));
        }
        let mut asked = list.iter().flat_map(|list| list.call.placeholders());
        if let Some(unknown) = asked.find(|name| !self.is_sent(name)) {
            self.tell(&["find"], say!("mistake-find-unknown", name, unknown));
        }
        // Under the catalogue's own `sent`, a field that is not there was taken
        // out: nothing is compared.
        let targets = || destination.fields.iter().map(|field| field.target.as_str());
        for sent in &find.sent {
            let target = sent.target.as_str();
            let node = self.at(&["find", "sent", &sent.at.to_string()]);
            let node = node.filter(|node| !is_built_in(node.span().start));
            if let Some(node) = node.filter(|_| !targets().any(|known| known == target)) {
                let message = say!("mistake-find-sent", name, target);
                let hint = match nearest(target, targets()) {
                    Some(near) => say!("did-you-mean", near),
                    None => say!("mistake-find-sent-hint"),
                };
                self.mistakes.hint(node, message, hint);
            }
        }
    }

    /// Only what was sent, or asked about, can be repeated. Under the catalogue's
    /// own `echo`, a field that is not there was taken out.
    pub(super) fn echoes(&mut self) {
        let destination = self.destination;
        for (name, words) in destination.calls() {
            let call = format!("{}.{name}", destination.name);
            for (at, field) in &words.echo {
                let (at, call) = (at.to_string(), &call);
                let (message, hint) = match (name, field.as_str()) {
                    ("list" | "settings" | "online", _) => (
                        say!("mistake-echo-of-no-lead", call),
                        say!("mistake-echo-of-no-lead-hint"),
                    ),
                    ("send" | "find", REFERENCE) => (
                        say!("mistake-echo-reference", call, at = &at),
                        say!("mistake-echo-reference-hint"),
                    ),
                    (_, REFERENCE) => continue,
                    (_, field) if self.is_sent_as(field) => continue,
                    (_, field) => (
                        say!("mistake-echo-unsent", call, field),
                        self.sent_field_meant(field),
                    ),
                };
                let node = self.at(&[name, "echo", &at]);
                let node = node.filter(|node| !is_built_in(node.span().start));
                if let Some(node) = node {
                    self.mistakes.hint(node, message, hint);
                }
            }
        }
    }

    /// Does a target of the body take its value from this lead field?
    fn is_sent_as(&self, field: &str) -> bool {
        let mut fields = self.destination.fields.iter();
        fields.any(|target| target.rule.from.iter().any(|from| from == field))
    }

    fn sent_field_meant(&self, field: &str) -> String {
        let fields = self.destination.fields.iter();
        let sent = fields.flat_map(|target| &target.rule.from);
        let known = sent.map(String::as_str).chain([REFERENCE]);
        meant(field, known, '"', say!("mistake-echo-unsent-hint"))
    }
}
