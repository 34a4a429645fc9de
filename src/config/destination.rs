//! A destination: everything that a table of `partners.toml` says of a partner.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::auth::Auth;
use super::call::{Amend, Call, Method};
use super::deserialize::{self, Loose, one_or_many, pairs};
use super::field_rule::{Field, FieldRule};
use super::list::{Find, PartnerList};
use super::measure::{self, Rate};
use super::mistake::{Mistakes, Place};
use super::response_rule::Example;
use super::settings::PartnerSettings;
use super::tree::{Node, Table};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename = "a destination", default)]
pub struct Destination {
    #[serde(skip)]
    pub name: String,
    pub about: Option<String>,
    /// The destination that this one began as.
    pub extends: Option<String>,
    /// The origin; each call adds its path. Absent until the user gives it.
    pub base: Option<String>,
    pub auth: Option<Auth>,
    /// Further constant headers.
    #[serde(deserialize_with = "pairs")]
    pub headers: Vec<(String, String)>,
    /// The lead fields that make a lead's identity here.
    #[serde(deserialize_with = "one_or_many")]
    pub key: Vec<String>,
    /// No more requests than these rates allow.
    #[serde(deserialize_with = "one_or_many")]
    pub pace: Vec<Rate>,
    /// Headers in which the partner tells how many requests are left.
    pub rate_headers: Option<RateHeaders>,
    /// Connecting, each write and each read may take this long.
    #[serde(
        default = "milliseconds::<30_000>",
        deserialize_with = "measure::lasting"
    )]
    pub timeout: Duration,
    pub jobs: Option<usize>,
    /// Values for lead fields that a row leaves empty.
    #[serde(deserialize_with = "pairs")]
    pub defaults: Vec<(String, String)>,
    /// Of each group of lead fields, at least one must be filled.
    pub need_one: Vec<Vec<String>>,
    /// ISO 3166 country of numbers and postcodes that don't name theirs.
    #[serde(default = "france")]
    pub country: String,
    #[serde(deserialize_with = "measure::lasting_if_any")]
    pub again_after: Option<Duration>,
    /// Earlier names of this table, whose past is carried over.
    #[serde(deserialize_with = "one_or_many")]
    pub formerly: Vec<String>,
    /// So many leads in doubt in a row stop the run.
    #[serde(default = "number::<3>")]
    pub stop_after_doubts: u32,
    pub safe_to_repeat: SafeToRepeat,
    /// Tries of one lead at most, the first one counted.
    #[serde(default = "number::<4>")]
    pub tries: u32,
    /// The first pause between two tries; it doubles.
    #[serde(default = "milliseconds::<500>", deserialize_with = "measure::read")]
    pub backoff: Duration,
    /// A partner that asks to wait longer than this stops the run for now.
    #[serde(
        default = "milliseconds::<900_000>",
        deserialize_with = "measure::read"
    )]
    pub longest_wait: Duration,
    /// Whom a person asks about a lead in doubt.
    pub ask: Option<String>,
    /// How placeholders are filled, when not by the lead field of their name.
    #[serde(rename = "path", deserialize_with = "path_rules")]
    pub path_rules: BTreeMap<String, FieldRule>,
    #[serde(deserialize_with = "fields")]
    pub fields: Vec<Field>,
    pub send: Call,
    /// How a pending lead is asked about.
    pub follow: Option<Call>,
    /// The partner's own list.
    pub list: Option<PartnerList>,
    /// How a lead in doubt is looked for in that list.
    pub find: Option<Find>,
    /// How a contact that is there is changed.
    pub amend: Option<Amend>,
    /// A known contact is changed by what its new lead says.
    #[serde(rename = "on_duplicate", deserialize_with = "amends")]
    pub amend_duplicates: bool,
    /// The partner's own settings.
    pub settings: Option<PartnerSettings>,
    /// A harmless read that proves address and key.
    pub online: Option<Call>,
    pub examples: Vec<Example>,
    #[serde(skip)]
    pub place: Place,
}

fn milliseconds<const COUNT: u64>() -> Duration {
    Duration::from_millis(COUNT)
}

fn number<const COUNT: u32>() -> u32 {
    COUNT
}

fn france() -> String {
    "FR".to_owned()
}

fn path_rules<'de, D>(deserializer: D) -> Result<BTreeMap<String, FieldRule>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(pairs(deserializer)?.into_iter().collect())
}

fn fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Field>, D::Error> {
    let fields = pairs(deserializer)?.into_iter();
    Ok(fields
        .map(|(target, rule)| Field { target, rule })
        .collect())
}

fn amends<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum OnDuplicate {
        Amend,
    }
    let word = Option::<OnDuplicate>::deserialize(deserializer)?;
    Ok(matches!(word, Some(OnDuplicate::Amend)))
}

/// Where an answer tells that no more requests are allowed for a while.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename = "`rate_headers`")]
pub struct RateHeaders {
    /// The header with the requests that are left, in lower case.
    pub remaining: String,
    /// The header with the length of the window in milliseconds, in lower case.
    pub window_ms: String,
}

/// May the same request be sent again after a lost answer?
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Loose<IgnoredAny>")]
pub enum SafeToRepeat {
    #[default]
    Never,
    Always,
    /// Where all of these lead fields are filled.
    With(Vec<String>),
}

impl TryFrom<Loose<IgnoredAny>> for SafeToRepeat {
    type Error = &'static str;

    fn try_from(written: Loose<IgnoredAny>) -> Result<Self, Self::Error> {
        let text = |value: Json| value.as_str().map(str::to_owned);
        let fields: Option<Vec<String>> = match written.into_json() {
            Some(Json::Bool(true)) => return Ok(Self::Always),
            Some(Json::Bool(false)) => return Ok(Self::Never),
            Some(Json::Array(items)) => items.into_iter().map(text).collect(),
            Some(field) => text(field).map(|field| vec![field]),
            None => None,
        };
        match fields {
            Some(fields) if !fields.is_empty() => Ok(Self::With(fields)),
            _ => Err(
                "`safe_to_repeat` names no field (write false where a repeat is never safe, \
                 true where it always is, or the fields that make it so: [\"email\"])",
            ),
        }
    }
}

impl Destination {
    /// Reads a table with all that it extends. What is wrong is taken out of it.
    pub(super) fn read(name: &str, table: &mut Node, mistakes: &mut Mistakes) -> Option<Self> {
        let mut destination: Self = deserialize::read(table, mistakes)?;
        name.clone_into(&mut destination.name);
        destination.place = table.place.clone();
        destination.complete(table.table()?);
        Some(destination)
    }

    /// Adds what follows from the words.
    fn complete(&mut self, table: &Table) {
        let base = self.base.take();
        self.base = base.map(|base| base.trim().trim_end_matches('/').to_owned());
        self.country = self.country.trim().to_uppercase();
        self.tries = self.tries.max(1);
        // Layers merge by the letter; of the same header the last one counts.
        let written: Vec<&str> = table
            .under("headers")
            .iter()
            .map(|(name, _)| &**name)
            .collect();
        self.headers.retain(|(name, _)| {
            let mut same = written
                .iter()
                .filter(|other| other.eq_ignore_ascii_case(name));
            same.next_back().is_none_or(|last| last == name)
        });
        if let Some(headers) = &mut self.rate_headers {
            headers.remaining.make_ascii_lowercase();
            headers.window_ms.make_ascii_lowercase();
        }
        self.follow = self.follow.take().map(Call::asking);
        self.online = self.online.take().map(Call::asking);
        if let Some(list) = &mut self.list {
            list.call = list.call.clone().asking();
        }
        if let Some(find) = &mut self.find {
            find.complete();
        }
        let says_no_method = |call: &str| table.at(&[call, "method"]).is_none();
        if let Some(amend) = &mut self.amend {
            if says_no_method("amend") {
                amend.call.method = Method::Patch;
            }
            amend.complete();
        }
        if let Some(settings) = &mut self.settings {
            if says_no_method("settings") {
                settings.write.method = Method::Put;
            }
            settings.complete();
        }
        let places = table.get("examples").map_or(&[][..], Node::items);
        for (example, node) in self.examples.iter_mut().zip(places) {
            example.place = node.place.clone();
        }
    }

    /// The calls that an example may answer, by name.
    pub fn calls(&self) -> Vec<(&'static str, &Call)> {
        let calls = [
            ("send", Some(&self.send)),
            ("follow", self.follow.as_ref()),
            ("list", self.list.as_ref().map(|list| &list.call)),
            ("amend", self.amend.as_ref().map(|amend| &amend.call)),
            (
                "settings",
                self.settings.as_ref().map(|settings| &settings.write),
            ),
            ("online", self.online.as_ref()),
        ];
        calls
            .into_iter()
            .filter_map(|(name, call)| Some((name, call?)))
            .collect()
    }

    /// The call of that name, if this destination has it: what an example's
    /// `of` names.
    pub fn call(&self, name: &str) -> Option<&Call> {
        let mut calls = self.calls().into_iter();
        let found = calls.find(|(call, _)| *call == name);
        found.map(|(_, call)| call)
    }

    /// The rule that fills a placeholder: its own, or the lead field of its name.
    pub fn placeholder(&self, name: &str) -> FieldRule {
        let own = self.path_rules.get(name).cloned();
        own.unwrap_or_else(|| FieldRule::copy_of(name))
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
        let in_path = self
            .send
            .placeholders()
            .filter(|name| !self.path_rules.contains_key(*name));
        let by_rule = self.path_rules.values();
        let fields = self.fields.iter().map(|field| &field.rule);
        let required = fields.filter(|rule| rule.required);
        let rules = by_rule.chain(required);
        let from = rules.filter(|rule| rule.value.is_none());
        let from = from.filter_map(|rule| rule.from.first());
        let mut needed: Vec<&str> = in_path
            .chain(from.map(String::as_str))
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

    /// Every rule that makes a value of a lead.
    pub(super) fn rules(&self) -> impl Iterator<Item = &FieldRule> {
        let fields = self.fields.iter().map(|field| &field.rule);
        fields.chain(self.path_rules.values())
    }

    /// Headers that this destination accepts beside the shared aliases: each
    /// target's own name, its label and its `columns`, with the lead field.
    pub fn accepted_headers(&self) -> Vec<(String, String)> {
        let mut accepted = Vec::new();
        for Field { target, rule } in &self.fields {
            let Some(from) = rule.from.first() else {
                continue;
            };
            let name = target.rsplit('.').next().unwrap_or(target);
            let own = [Some(name.to_owned()), rule.label.clone()];
            for header in own.into_iter().flatten().chain(rule.columns.clone()) {
                accepted.push((header, from.clone()));
            }
        }
        accepted
    }
}
