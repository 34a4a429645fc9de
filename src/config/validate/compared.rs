//! What is compared with a lead that was sent: entries of the partner's list
//! (`find`), and what an answer repeats (`echo`).

use super::Validator;
use crate::config::call::REFERENCE;
use crate::config::document::is_built_in;
use crate::config::mistake::nearest;
use crate::config::partner_list::Find;

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
            let message = format!(
                "[{name}.find] has no rules: no answer would end a doubt (rules = [{{ when = {{ \
                 status = 404 }}, then = \"not_processed\" }}, …])"
            );
            self.tell(&["find"], message);
        }
        let of_list = [
            ("match", find.matches.is_empty()),
            ("sent", find.sent.is_empty()),
        ];
        for (word, _) in of_list.into_iter().filter(|(_, is_empty)| !is_empty) {
            let message = format!(
                "`{word}` of [{name}.find] searches the list, and `path` asks for the person \
                 (keep one of the two)"
            );
            self.tell(&["find", word], message);
        }
    }

    fn search(&mut self, find: &Find) {
        let (destination, name) = (self.destination, &self.destination.name);
        if find.created.is_some() {
            let message = format!(
                "`created` of [{name}.find] is for an answer about one person, which no `path` asks \
                 for (in a list it stands under [{name}.list])"
            );
            self.tell(&["find", "created"], message);
        }
        let mut may_be_empty = find.may_be_empty.iter();
        let is_compared = |at: &String| find.matches.iter().any(|m| m.at.to_string() == *at);
        if let Some(at) = may_be_empty.find(|at| !is_compared(at)) {
            let message =
                format!("`may_be_empty` of [{name}.find] names {at}, which `match` does not have");
            self.tell(&["find", "may_be_empty"], message);
        }
        if find.matches.iter().all(|entry| entry.may_be_empty) && self.is_whole("find") {
            let message = format!(
                "[{name}.find] does not say what must agree (match = {{ \"/phone\" = \"phone\", \
                 \"/name\" = [\"first_name\", \"last_name\"] }}, or path = \
                 \"/contacts/{{email}}\" with rules)"
            );
            self.tell(&["find"], message);
        }
        let list = destination.list.as_ref();
        if list.is_none_or(|list| list.created.is_none()) {
            self.tell(
                &["find"],
                format!("[{name}.find] needs [….list] with `created`"),
            );
        }
        if destination.follow.is_none() {
            self.tell(&["find"], format!("[{name}.find] needs [….follow]"));
        }
        let mut asked = list.iter().flat_map(|list| list.call.placeholders());
        if let Some(unknown) = asked.find(|name| !self.is_sent(name)) {
            let message = format!(
                "[{name}.find] can't fill {{{unknown}}} of [{name}.list]: [….send] does not have it"
            );
            self.tell(&["find"], message);
        }
        // Under the catalogue's own `sent`, a field that is not there was taken
        // out: nothing is compared.
        let targets = || destination.fields.iter().map(|field| field.target.as_str());
        for sent in &find.sent {
            let target = sent.target.as_str();
            let node = self.at(&["find", "sent", &sent.at.to_string()]);
            let node = node.filter(|node| !is_built_in(node.span().start));
            if let Some(node) = node.filter(|_| !targets().any(|known| known == target)) {
                let message = format!("`sent` of [{name}.find] names {target}, which is not sent");
                let hint = match nearest(target, targets()) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "name a target of `fields`".to_owned(),
                };
                self.mistakes.hint(node, message, hint);
            }
        }
    }

    /// Only what was sent, or asked about, can be repeated. Under the catalogue's
    /// own `echo`, a field that is not there was taken out.
    pub(super) fn echoes(&mut self) {
        let destination = self.destination;
        for (name, call) in destination.calls() {
            for (at, field) in &call.echo {
                let at = at.to_string();
                let (wrong, hint) = match (name, field.as_str()) {
                    ("list" | "settings" | "online", _) => (
                        "compares an answer that is about no lead".to_owned(),
                        "it belongs into send, follow or amend".to_owned(),
                    ),
                    ("send" | "find", REFERENCE) => (
                        format!("compares {at} with the reference, which only that answer gives"),
                        "name a lead field that is sent, as in \"email\"".to_owned(),
                    ),
                    (_, REFERENCE) => continue,
                    (_, field) if self.is_sent_as(field) => continue,
                    (_, field) => (
                        format!("names \"{field}\", which is not sent"),
                        self.sent_field_meant(field),
                    ),
                };
                let node = self.at(&[name, "echo", &at]);
                let node = node.filter(|node| !is_built_in(node.span().start));
                if let Some(node) = node {
                    let message = format!("`echo` of [{}.{name}] {wrong}", destination.name);
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
        match nearest(field, sent.map(String::as_str).chain([REFERENCE])) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "name a lead field that `fields` sends, or \"reference\"".to_owned(),
        }
    }
}
