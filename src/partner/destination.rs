//! A destination: everything that a table of `partners.toml` says of a partner.

use std::collections::BTreeMap;
use std::time::Duration;

use super::amend::Amend;
use super::answer::Then;
use super::auth::Auth;
use super::base::read_base;
use super::example::Example;
use super::find::Find;
use super::follow;
use super::list::List;
use super::measure::{self, Rate};
use super::online;
use super::operation::{self, Method, Operation, texts_by_key};
use super::pace::{RateHeaders, read_pace, read_rate_headers};
use super::place::Place;
use super::reader::Mistakes;
use super::rule::{Field, Rule, word};
use super::settings::Settings;
use super::tree::{Table, Value};

#[derive(Debug, Clone)]
pub struct Destination {
    pub name: String,
    pub about: Option<String>,
    /// The origin; each operation adds its path. Absent until the user gives it.
    pub base: Option<String>,
    pub auth: Option<Auth>,
    /// Further constant headers.
    pub headers: Vec<(String, String)>,
    /// The lead fields that make a lead's identity here.
    pub key: Vec<String>,
    /// No more requests than these rates allow.
    pub pace: Vec<Rate>,
    /// Headers in which the partner tells how many requests are left.
    pub rate_headers: Option<RateHeaders>,
    /// Connecting, each write and each read may take this long.
    pub timeout: Duration,
    pub jobs: Option<usize>,
    /// Values for lead fields that a row leaves empty.
    pub defaults: Vec<(String, String)>,
    /// Of each group of lead fields, at least one must be filled.
    pub need_one: Vec<Vec<String>>,
    /// ISO 3166 country of numbers and postcodes that don't name theirs.
    pub country: String,
    pub again_after: Option<Duration>,
    /// Earlier names of this table, whose past is carried over.
    pub formerly: Vec<String>,
    /// So many leads in doubt in a row stop the run.
    pub stop_after_doubts: u32,
    pub safe_to_repeat: Repeat,
    /// Tries of one lead at most, the first one counted.
    pub tries: u32,
    /// The first pause between two tries; it doubles.
    pub backoff: Duration,
    /// A partner that asks to wait longer than this stops the run for now.
    pub longest_wait: Duration,
    /// Whom a person asks about a lead in doubt.
    pub ask: Option<String>,
    pub path: BTreeMap<String, Rule>,
    pub fields: Vec<Field>,
    pub send: Operation,
    /// How a pending lead is asked about.
    pub follow: Option<Operation>,
    /// The partner's own list.
    pub list: Option<List>,
    /// How a lead in doubt is looked for in that list.
    pub find: Option<Find>,
    /// How a contact that is there is changed.
    pub amend: Option<Amend>,
    /// A known contact is changed by what its new lead says.
    pub amend_duplicates: bool,
    /// The partner's own settings.
    pub settings: Option<Settings>,
    /// A harmless read that proves address and key.
    pub online: Option<Operation>,
    pub examples: Vec<Example>,
    pub place: Place,
}

/// May the same request be sent again after a lost answer?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    Never,
    Always,
    /// Where all of these lead fields are filled.
    With(Vec<String>),
}

pub(super) const WORDS: &[&str] = &[
    "about",
    "base",
    "auth",
    "headers",
    "key",
    "pace",
    "rate_headers",
    "timeout",
    "jobs",
    "defaults",
    "need_one",
    "country",
    "again_after",
    "formerly",
    "extends",
    "stop_after_doubts",
    "safe_to_repeat",
    "tries",
    "backoff",
    "longest_wait",
    "ask",
    "path",
    "fields",
    "send",
    "follow",
    "list",
    "find",
    "amend",
    "on_duplicate",
    "settings",
    "online",
    "examples",
];

impl Destination {
    pub fn read(name: &str, table: &Table, place: &Place, mistakes: &mut Mistakes) -> Self {
        mistakes.check_keys(table, WORDS, &format!("the destination [{name}]"));
        let empty = Table::default();
        let (send, send_place) = match table.get("send") {
            Some(node) => (
                mistakes.as_table(node, "send").unwrap_or(&empty),
                node.place.clone(),
            ),
            None => (&empty, place.clone()),
        };
        mistakes.check_keys(send, operation::WORDS, &format!("[{name}.send]"));
        let destination = Self {
            name: name.to_owned(),
            about: mistakes.text(table, "about"),
            base: read_base(table, mistakes),
            auth: mistakes
                .table(table, "auth")
                .and_then(|auth| Auth::read(auth, mistakes)),
            headers: texts_by_key(table, "headers", mistakes),
            key: mistakes.texts(table, "key").unwrap_or_default(),
            pace: read_pace(table, mistakes),
            rate_headers: read_rate_headers(table, mistakes),
            timeout: duration(table, "timeout", mistakes).unwrap_or(Duration::from_secs(30)),
            jobs: read_jobs(table, mistakes),
            defaults: read_defaults(table, mistakes),
            need_one: read_need_one(table, mistakes),
            country: mistakes
                .text(table, "country")
                .unwrap_or_else(|| "FR".into()),
            again_after: duration(table, "again_after", mistakes),
            formerly: mistakes.texts(table, "formerly").unwrap_or_default(),
            stop_after_doubts: small(table, "stop_after_doubts", mistakes).unwrap_or(3),
            safe_to_repeat: read_repeat(table, mistakes),
            tries: small(table, "tries", mistakes).unwrap_or(4).max(1),
            backoff: duration(table, "backoff", mistakes).unwrap_or(Duration::from_millis(500)),
            longest_wait: duration(table, "longest_wait", mistakes)
                .unwrap_or(Duration::from_secs(15 * 60)),
            ask: mistakes.text(table, "ask"),
            path: mistakes
                .entries(table, "path")
                .iter()
                .filter_map(|entry| {
                    let rule = Rule::read(&entry.node, &entry.key, mistakes)?;
                    Some((entry.key.clone(), rule))
                })
                .collect(),
            fields: mistakes
                .entries(table, "fields")
                .iter()
                .filter_map(|entry| {
                    let rule = Rule::read(&entry.node, &entry.key, mistakes)?;
                    Some(Field {
                        target: entry.key.clone(),
                        rule,
                    })
                })
                .collect(),
            send: Operation::read(send, &send_place, "send", Method::Post, mistakes),
            follow: follow::read(table, name, mistakes),
            list: List::read(table, name, mistakes),
            find: Find::read(table, name, mistakes),
            amend: part(table, "amend", mistakes)
                .map(|(amend, place)| Amend::read(amend, place, name, mistakes)),
            amend_duplicates: read_on_duplicate(table, mistakes),
            settings: part(table, "settings", mistakes)
                .map(|(settings, place)| Settings::read(settings, place, name, mistakes)),
            online: part(table, "online", mistakes)
                .map(|(online, place)| online::read(online, place, name, mistakes)),
            examples: mistakes
                .list(table, "examples")
                .iter()
                .filter_map(|node| Example::read(node, mistakes))
                .collect(),
            place: place.clone(),
        };
        destination.check_nesting(mistakes);
        destination.check_duplicates(table, mistakes);
        destination
    }

    /// Only a contact whose number the answer tells can be changed.
    fn check_duplicates(&self, table: &Table, mistakes: &mut Mistakes) {
        let Some(node) = table.get("on_duplicate").filter(|_| self.amend_duplicates) else {
            return;
        };
        let mut rules = self.send.rules.iter();
        let told = rules.any(|rule| rule.then == Then::Duplicate && rule.reference.is_some());
        if self.amend.is_none() || !told {
            mistakes.hint(
                &node.place,
                "`on_duplicate = \"amend\"` can't be done here",
                "it needs [….amend], and a rule for duplicates with a `reference`",
            );
        }
    }

    /// The calls that an example may answer, by name.
    pub fn calls(&self) -> Vec<(&'static str, &Operation)> {
        let amend = self.amend.as_ref();
        let settings = self.settings.as_ref();
        [
            Some(("send", &self.send)),
            self.follow.as_ref().map(|follow| ("follow", follow)),
            self.list.as_ref().map(|list| ("list", &list.operation)),
            amend.map(|amend| ("amend", &amend.operation)),
            settings.map(|settings| ("settings", &settings.write)),
            self.online.as_ref().map(|online| ("online", online)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// A target can't be a value and hold others.
    fn check_nesting(&self, mistakes: &mut Mistakes) {
        for field in &self.fields {
            let inside = format!("{}.", field.target);
            if let Some(inner) = self.fields.iter().find(|f| f.target.starts_with(&inside)) {
                mistakes.add(
                    &inner.rule.place,
                    format!(
                        "`{}` can't stand inside `{}`, which is a value of its own",
                        inner.target, field.target
                    ),
                );
            }
        }
    }

    /// The call of that name, if this destination has it: what an example's
    /// `of` names.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        let mut calls = self.calls().into_iter();
        let found = calls.find(|(call, _)| *call == name);
        found.map(|(_, operation)| operation)
    }

    /// The rule that fills a placeholder: its own, or the lead field of its name.
    pub fn placeholder(&self, name: &str) -> Rule {
        match self.path.get(name) {
            Some(rule) => rule.clone(),
            None => Rule::field(name, self.send.place.clone()),
        }
    }

    /// The value that a lead field gets where a row leaves it empty.
    pub fn default_of(&self, field: &str) -> Option<&str> {
        self.defaults
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, value)| value.as_str())
    }

    /// Is a lead field (or a header) used by any rule, the key or a placeholder?
    pub fn takes(&self, name: &str) -> bool {
        let mut rules = self.rules();
        rules.any(|rule| rule.from.iter().any(|from| from == name))
            || self.key.iter().any(|field| field == name)
            || self.send.placeholders().any(|field| field == name)
    }

    /// The lead fields without which nothing can be sent and that no default
    /// gives.
    pub fn needs(&self) -> Vec<&str> {
        let required = self.fields.iter().map(|field| &field.rule);
        let required = required.filter(|rule| rule.required && rule.value.is_none());
        let in_fields = required.filter_map(|rule| rule.from.first());
        let in_path = self
            .send
            .placeholders()
            .filter(|name| !self.path.contains_key(*name));
        let in_path_rules = self.path.values().filter(|rule| rule.value.is_none());
        let in_path_rules = in_path_rules.filter_map(|rule| rule.from.first());
        let mut needed: Vec<&str> = in_path
            .chain(in_path_rules.map(String::as_str))
            .chain(in_fields.map(String::as_str))
            .filter(|field| self.default_of(field).is_none())
            .collect();
        needed.dedup();
        needed
    }

    /// What the partner's document calls a lead field.
    pub fn label_of(&self, field: &str) -> Option<&str> {
        let mut rules = self.rules();
        let rule = rules.find(|rule| rule.from.iter().any(|from| from == field))?;
        rule.label.as_deref()
    }

    fn rules(&self) -> impl Iterator<Item = &Rule> {
        let fields = self.fields.iter().map(|field| &field.rule);
        fields.chain(self.path.values())
    }

    /// Headers that this destination accepts beside the shared aliases: each
    /// target's own name, its label and its `headers`, with the lead field.
    pub fn accepted_headers(&self) -> Vec<(String, String)> {
        let mut accepted = Vec::new();
        for field in &self.fields {
            let Some(from) = field.rule.from.first() else {
                continue;
            };
            let name = field.target.rsplit('.').next().unwrap_or(&field.target);
            let own = [Some(name.to_owned()), field.rule.label.clone()];
            for header in own.into_iter().flatten().chain(field.rule.headers.clone()) {
                accepted.push((header, from.clone()));
            }
        }
        accepted
    }
}

/// A table of the destination's, unless it is absent or `false`.
fn part<'t>(
    table: &'t Table,
    key: &str,
    mistakes: &mut Mistakes,
) -> Option<(&'t Table, &'t Place)> {
    let node = table.get(key)?;
    mistakes
        .as_table(node, key)
        .map(|inner| (inner, &node.place))
}

/// A blank default would be sent as it is: whoever wrote it forgot the value.
fn read_defaults(table: &Table, mistakes: &mut Mistakes) -> Vec<(String, String)> {
    for entry in mistakes.entries(table, "defaults") {
        if matches!(&entry.node.value, Value::Text(text) if text.trim().is_empty()) {
            mistakes.hint(
                &entry.place,
                format!("the default of `{}` is empty", entry.key),
                "write its value between the quotes, or remove the line",
            );
        }
    }
    texts_by_key(table, "defaults", mistakes)
}

fn duration(table: &Table, key: &str, mistakes: &mut Mistakes) -> Option<Duration> {
    let node = table.get(key)?;
    if matches!(node.value, Value::Bool(false)) {
        return None;
    }
    let text = mistakes.as_text(node, key)?;
    match measure::duration(&text) {
        Ok(duration) => Some(duration),
        Err(message) => {
            mistakes.add(&node.place, message);
            None
        }
    }
}

fn small(table: &Table, key: &str, mistakes: &mut Mistakes) -> Option<u32> {
    let count = mistakes.count(table, key)?;
    u32::try_from(count).ok()
}

fn read_jobs(table: &Table, mistakes: &mut Mistakes) -> Option<usize> {
    let jobs = mistakes.count(table, "jobs")?;
    match usize::try_from(jobs) {
        Ok(jobs @ 1..=256) => Some(jobs),
        _ => {
            if let Some(node) = table.get("jobs") {
                mistakes.add(&node.place, "`jobs` must be from 1 to 256");
            }
            None
        }
    }
}

fn read_need_one(table: &Table, mistakes: &mut Mistakes) -> Vec<Vec<String>> {
    mistakes
        .list(table, "need_one")
        .iter()
        .filter_map(|node| match node.value {
            Value::List(_) => mistakes.as_texts(node, "need_one"),
            _ => {
                mistakes.hint(
                    &node.place,
                    "`need_one` is a list of groups",
                    "write [[\"last_name\", \"company\"]]",
                );
                None
            }
        })
        .collect()
}

fn read_on_duplicate(table: &Table, mistakes: &mut Mistakes) -> bool {
    match table.get("on_duplicate").map(|node| &node.value) {
        None | Some(Value::Bool(false)) => false,
        Some(_) => word(table, "on_duplicate", &[("amend", true)], mistakes).unwrap_or(false),
    }
}

fn read_repeat(table: &Table, mistakes: &mut Mistakes) -> Repeat {
    match table.get("safe_to_repeat").map(|node| &node.value) {
        None | Some(Value::Bool(false)) => Repeat::Never,
        Some(Value::Bool(true)) => Repeat::Always,
        Some(_) => Repeat::With(mistakes.texts(table, "safe_to_repeat").unwrap_or_default()),
    }
}
