//! What must hold of the values that are sent: where they stand, the words that
//! go together, constants that are none, and how a body is written.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Validator;
use crate::config::call::{BodyKind, Call, Method};
use crate::config::document::has_gap;
use crate::config::field_rule::{Field, FieldRule, NumberRange, ValueFormat};
use crate::config::target::{Step, Target};
use crate::config::template::{Template, placeholder_in};
use crate::words::say;

impl Validator<'_, '_> {
    /// Every rule for a value, where it stands, and what is no rule and sent all the
    /// same.
    pub(super) fn values(&mut self) {
        self.targets();
        let destination = self.destination;
        let fields = destination.fields.iter();
        let mut rules: Vec<(Vec<&str>, &FieldRule)> = fields
            .map(|field| (vec!["fields", field.target.as_str()], &field.rule))
            .collect();
        let in_path = destination.path_rules.iter();
        rules.extend(in_path.map(|(name, rule)| (vec!["path", name.as_str()], rule)));
        let headers = destination.headers.iter();
        rules.extend(headers.map(|(name, rule)| (vec!["headers", name.as_str()], rule)));
        for (call, words) in destination.calls() {
            for (name, rule) in &words.query {
                let keys = vec![call, "query", name.as_str()];
                if call != "send" && rule.value.is_none() {
                    let call = format!("{}.{call}", destination.name);
                    self.tell(&keys, say!("mistake-query-of-lead", name, call));
                }
                rules.push((keys, rule));
            }
        }
        for (keys, rule) in rules {
            if let Some(from) = rule.from.iter().find(|from| placeholder_in(from).is_some()) {
                let word = keys.last().copied().unwrap_or_default();
                self.tell(&keys, say!("mistake-from-template", word, from));
            }
            self.ranges(&keys, &rule.ranges);
            self.rule(&keys, rule);
            let sent = rule.value.iter();
            let sent = sent.chain(rule.map.iter().map(|(_, sent)| sent));
            let sent: Vec<&Json> = sent
                .chain(rule.ranges.iter().map(|(_, sent)| sent))
                .collect();
            sent.into_iter().for_each(|sent| self.constant(&keys, sent));
        }
        for (field, value) in &destination.defaults {
            self.constant(&["defaults", field], &Json::from(value.as_str()));
        }
    }

    /// A constant is sent as it is: what looks like a placeholder in it would be too.
    fn constant(&mut self, keys: &[&str], constant: &Json) {
        match constant {
            Json::String(text) => {
                let Some(name) = placeholder_in(text) else {
                    return;
                };
                let word = keys.last().copied().unwrap_or_default();
                let message = say!("mistake-constant-braces", word, name);
                let mend = match keys {
                    ["defaults", _] => say!("mistake-constant-default"),
                    ["send" | "fields" | "headers" | "path", ..] => {
                        say!("mistake-constant-template", word, text)
                    }
                    _ => say!("mistake-constant-path"),
                };
                self.tell(keys, format!("{message} ({mend})"));
            }
            Json::Array(items) => items.iter().for_each(|item| self.constant(keys, item)),
            Json::Object(members) => members.values().for_each(|item| self.constant(keys, item)),
            _ => {}
        }
    }

    /// What a call sends must have a place to go.
    pub(super) fn body(&mut self, name: &str, call: &Call) {
        let own = format!("{}.{name}", self.destination.name);
        let message = match call.body_kind() {
            BodyKind::Json | BodyKind::Form if call.method == Method::Get && !call.asks => {
                say!("mistake-body-of-get", call = own)
            }
            BodyKind::None if name == "send" && !self.destination.fields.is_empty() => {
                say!("mistake-body-none", call = own)
            }
            _ if name == "send" && self.sends_nothing(call) => {
                say!("mistake-body-empty", call = own)
            }
            BodyKind::Form if call.wrap.is_some() => {
                say!("mistake-body-wrapped-form", call = own)
            }
            _ => return,
        };
        self.tell(&[name, "body"], message);
    }

    /// No value of a lead stands in what is sent.
    fn sends_nothing(&self, call: &Call) -> bool {
        let destination = self.destination;
        let fields = destination.fields.iter().map(|field| &field.rule);
        let query = call.query.iter().map(|(_, rule)| rule);
        let mut rules = fields.chain(query);
        let is_whole = self.is_whole("fields") && self.is_whole("send");
        is_whole
            && call.placeholders().next().is_none()
            && !rules.any(|rule| rule.sources().next().is_some())
    }

    /// A place holds a value, an object or a list.
    fn targets(&mut self) {
        // What stands at the beginnings of targets: a value, names or items.
        let mut known: BTreeMap<&[Step], (Option<bool>, &Target)> = BTreeMap::new();
        for Field { target, .. } in &self.destination.fields {
            if let Some(mistake) = target
                .mistake()
                .filter(|_| target.steps().len() > 1 || target.as_str().is_empty())
            {
                self.tell(&["fields", target.as_str()], mistake);
                continue;
            }
            let steps = target.steps();
            for at in 0..=steps.len() {
                let is_item = steps.get(at).map(|step| matches!(step, Step::Item(_)));
                let (other, rival) = known.entry(&steps[..at]).or_insert((is_item, target));
                let (target, rival) = (target.as_str(), rival.as_str());
                let message = match (*other, is_item) {
                    (None, None) if rival != target => {
                        say!("mistake-target-twice", target, rival)
                    }
                    (None, Some(_)) => say!("mistake-target-inside", target, rival),
                    (Some(_), None) => {
                        say!("mistake-target-inside", target = rival, rival = target)
                    }
                    (Some(one), Some(two)) if one != two => {
                        say!("mistake-target-object-list", target, rival)
                    }
                    _ => continue,
                };
                self.tell(&["fields", target], message);
                break;
            }
        }
    }

    /// The words of a rule that go together, and its constants.
    fn rule(&mut self, at: &[&str], rule: &FieldRule) {
        // What could not be read was told.
        if self.at(at).is_some_and(has_gap) {
            return;
        }
        let name = at.last().copied().unwrap_or_default();
        let mut tell = |word: &str, mistake: String| {
            let message = say!("mistake-of-value", word, name, mistake);
            self.tell(&[at, &[word]].concat(), message);
        };
        let dated = rule.format == Some(ValueFormat::Date);
        match (&rule.date_form, dated) {
            (None, true) => tell("format", say!("value-date-without-form")),
            (Some(_), false) => tell("as", say!("value-no-date")),
            _ => {}
        }
        if !rule.reads.is_empty() && !dated {
            tell("reads", say!("value-no-date"));
        }
        if let Some(form) = rule.reads.iter().find(|form| !form.names_a_day()) {
            tell("reads", say!("value-no-day", form = form.to_string()));
        }
        if rule.blank.is_some() && rule.required {
            tell("blank", say!("value-blank-required"));
        }
        let parts = rule.template.as_ref().map_or(0, |it| it.parts.len());
        match (rule.join.is_some(), parts) {
            (true, 0 | 1) => tell("join", say!("value-join-one")),
            (false, 2..) => tell("template", say!("value-parts-unjoined")),
            _ => {}
        }
        for field in rule.template.iter().flat_map(Template::fields) {
            self.lead_field(field, &[at, &["template"]].concat());
        }
    }

    /// A number means one thing.
    fn ranges(&mut self, keys: &[&str], ranges: &[(NumberRange, Json)]) {
        let name = keys.last().copied().unwrap_or_default();
        for (at, (range, _)) in ranges.iter().enumerate() {
            let mut earlier = ranges[..at].iter();
            if let Some((other, _)) = earlier.find(|(other, _)| other.overlaps(range)) {
                let (range, other) = (range.to_string(), other.to_string());
                let message = say!("mistake-ranges", range = &range, other, name);
                self.tell(&[keys, &["ranges", &range]].concat(), message);
            }
        }
    }
}
