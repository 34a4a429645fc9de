//! A destination: everything that a table of `partners.toml` says of a partner.

use std::collections::BTreeMap;
use std::time::Duration;

use super::amend::Amend;
use super::auth::Auth;
use super::example::Example;
use super::find::Find;
use super::list::PartnerList;
use super::measure::Rate;
use super::operation::Call;
use super::pace::RateHeaders;
use super::place::Place;
use super::rule::{Field, FieldRule};
use super::settings::PartnerSettings;

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
    pub safe_to_repeat: SafeToRepeat,
    /// Tries of one lead at most, the first one counted.
    pub tries: u32,
    /// The first pause between two tries; it doubles.
    pub backoff: Duration,
    /// A partner that asks to wait longer than this stops the run for now.
    pub longest_wait: Duration,
    /// Whom a person asks about a lead in doubt.
    pub ask: Option<String>,
    pub path_rules: BTreeMap<String, FieldRule>,
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
    pub amend_duplicates: bool,
    /// The partner's own settings.
    pub settings: Option<PartnerSettings>,
    /// A harmless read that proves address and key.
    pub online: Option<Call>,
    pub examples: Vec<Example>,
    pub place: Place,
}

/// What calls can be named, whether a destination has them or not.
pub const CALLS: [&str; 6] = ["send", "follow", "list", "amend", "settings", "online"];

/// May the same request be sent again after a lost answer?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SafeToRepeat {
    Never,
    Always,
    /// Where all of these lead fields are filled.
    With(Vec<String>),
}

impl Destination {
    /// The calls that an example may answer, by name.
    pub fn calls(&self) -> Vec<(&'static str, &Call)> {
        let amend = self.amend.as_ref();
        let settings = self.settings.as_ref();
        [
            Some(("send", &self.send)),
            self.follow.as_ref().map(|follow| ("follow", follow)),
            self.list.as_ref().map(|list| ("list", &list.call)),
            amend.map(|amend| ("amend", &amend.call)),
            settings.map(|settings| ("settings", &settings.write)),
            self.online.as_ref().map(|online| ("online", online)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The call of that name, if this destination has it: what an example's
    /// `of` names.
    pub fn call(&self, name: &str) -> Option<&Call> {
        let mut calls = self.calls().into_iter();
        let found = calls.find(|(call, _)| *call == name);
        found.map(|(_, operation)| operation)
    }

    /// The rule that fills a placeholder: its own, or the lead field of its name.
    pub fn placeholder(&self, name: &str) -> FieldRule {
        match self.path_rules.get(name) {
            Some(rule) => rule.clone(),
            None => FieldRule::field(name, self.send.place.clone()),
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
            .filter(|name| !self.path_rules.contains_key(*name));
        let in_path_rules = self.path_rules.values().filter(|rule| rule.value.is_none());
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

    fn rules(&self) -> impl Iterator<Item = &FieldRule> {
        let fields = self.fields.iter().map(|field| &field.rule);
        fields.chain(self.path_rules.values())
    }

    /// Headers that this destination accepts beside the shared aliases: each
    /// target's own name, its label and its `columns`, with the lead field.
    pub fn accepted_headers(&self) -> Vec<(String, String)> {
        let mut accepted = Vec::new();
        for field in &self.fields {
            let Some(from) = field.rule.from.first() else {
                continue;
            };
            let name = field.target.rsplit('.').next().unwrap_or(&field.target);
            let own = [Some(name.to_owned()), field.rule.label.clone()];
            for header in own.into_iter().flatten().chain(field.rule.columns.clone()) {
                accepted.push((header, from.clone()));
            }
        }
        accepted
    }
}
