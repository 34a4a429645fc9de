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
                    let message = format!(
                        "`query.{name}` of [{}.{call}] takes its value from a lead, which only \
                         `send` has at hand (write what is known then into its path: path = \
                         \"/leads?id={{reference}}\")",
                        destination.name
                    );
                    self.tell(&keys, message);
                }
                rules.push((keys, rule));
            }
        }
        for (keys, rule) in rules {
            if let Some(from) = rule.from.iter().find(|from| placeholder_in(from).is_some()) {
                let word = keys.last().copied().unwrap_or_default();
                let message = format!(
                    "`{word}` takes \"{from}\", which is no lead field (write template = \
                     \"{from}\" for a text that lead fields fill)"
                );
                self.tell(&keys, message);
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
                let message = format!(
                    "`{word}` holds {{{name}}} in a constant, which nothing fills: it would be sent \
                     with its braces"
                );
                let mend = match keys {
                    ["defaults", _] => "a default is one text for every lead: write it out".into(),
                    ["send" | "fields" | "headers" | "path", ..] => format!(
                        "write \"{word}\" = {{ template = \"{text}\" }}; in a template, a brace \
                         that is sent is written twice"
                    ),
                    _ => "write what is known then into its path: path = \"/leads?id={reference}\""
                        .into(),
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
        let own = &self.destination.name;
        let kind = call.body_kind();
        let wrong = match kind {
            BodyKind::Json | BodyKind::Form if call.method == Method::Get && !call.asks => {
                "goes by GET, which sends no body (say method = \"POST\", or write the values into \
                 `query`)"
            }
            BodyKind::None if name == "send" && !self.destination.fields.is_empty() => {
                "sends no body, so nothing of `fields` would be sent (write it into `query`, as in \
                 query = { email = { from = \"email\" } }, or say body = \"form\" or \"json\")"
            }
            _ if name == "send" && self.sends_nothing(call) => {
                "sends nothing of a lead (say what is: fields = { email = \"email\", name = \"last_name\" })"
            }
            BodyKind::Form if call.wrap.is_some() => {
                "sends a form, which is no list (remove `wrap`)"
            }
            _ => return,
        };
        let message = format!("[{own}.{name}] {wrong}");
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
                let message = match (*other, is_item) {
                    (None, None) if rival.as_str() != target.as_str() => {
                        format!("`{target}` and `{rival}` are one place (remove one of them)")
                    }
                    (None, Some(_)) => {
                        format!("`{target}` can't stand inside `{rival}`, which is a value")
                    }
                    (Some(_), None) => {
                        format!("`{rival}` can't stand inside `{target}`, which is a value")
                    }
                    (Some(one), Some(two)) if one != two => format!(
                        "`{target}` and `{rival}` make an object and a list of one place (write \
                         both with a number in brackets, or neither)"
                    ),
                    _ => continue,
                };
                self.tell(&["fields", target.as_str()], message);
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
        let mut tell = |word: &str, message: &str| {
            self.tell(
                &[at, &[word]].concat(),
                format!("`{word}` of `{name}` {message}"),
            );
        };
        let dated = rule.format == Some(ValueFormat::Date);
        match (&rule.date_form, dated) {
            (None, true) => tell(
                "format",
                "needs the form that is sent (as = \"%Y-%m-%d\", or unix, unix-ms, rfc3339)",
            ),
            (Some(_), false) => tell("as", "is for dates alone (add format = \"date\")"),
            _ => {}
        }
        if !rule.reads.is_empty() && !dated {
            tell("reads", "is for dates alone (add format = \"date\")");
        }
        if let Some(form) = rule.reads.iter().find(|form| !form.names_a_day()) {
            let message = format!("says {form}, which names no day (as in %d/%m/%Y)");
            tell("reads", &message);
        }
        if rule.blank.is_some() && rule.required {
            tell(
                "blank",
                "stands beside `required` (keep one of them: a lead without it is sent, or not)",
            );
        }
        let parts = rule.template.as_ref().map_or(0, |it| it.parts.len());
        match (rule.join.is_some(), parts) {
            (true, 0 | 1) => tell(
                "join",
                "stands between the parts of a template, and there is one (write a list: \
                 template = [\"{course}\", \"{callback}\"])",
            ),
            (false, 2..) => tell(
                "template",
                "has several parts: say what stands between them (join = \" \", or \"\\n\" for \
                 a line of its own)",
            ),
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
                let message = format!(
                    "`{range}` and `{other}` of `{name}` hold the same numbers \
                     (let one end before the other begins, or remove it: \"{other}\" = false)"
                );
                self.tell(&[keys, &["ranges", &range.to_string()]].concat(), message);
            }
        }
    }
}
