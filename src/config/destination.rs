//! A destination: everything that a table of `partners.toml` says of a partner,
//! and how the partner is told who calls. A secret is only named here, never read
//! and never written.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::ZonedDateTime;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::address;
use super::auth::Auth;
use super::call::{Amend, BodyKind, Call, Method, PartnerSettings};
use super::cap::Cap;
use super::consent::ConsentRule;
use super::countries;
use super::date_form::{DateForm, Moment};
use super::document::{Place, Table, at, under};
use super::field_rule::{Field, FieldRule};
use super::hours::Hours;
use super::lead_test::LeadTests;
use super::measure::Rate;
use super::partner_list::{Find, PartnerList};
use super::price::{BillableOn, Price};
use super::response_rule::{CALLS, Example};
use super::several::several;
use crate::lead::{Hold, HoldReason, Limit, State};
use crate::words::say;
use crate::words::spoken::Spoken;

/// The lead field that says when a lead was made.
pub const CREATED: &str = "created_at";

/// Everything that a table says of a partner.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename = "a destination", default)]
pub struct Destination {
    #[serde(skip)]
    pub name: String,
    pub about: Option<Spoken>,
    /// The destination that this one began as.
    pub extends: Option<String>,
    /// The origin; each call adds its path. Absent until the user gives it.
    #[serde(deserialize_with = "address::base")]
    pub base: Option<String>,
    /// Who calls.
    pub auth: Auth,
    /// The certificates of the authority that vouches for this partner, in place
    /// of those that this machine trusts.
    pub ca: Option<PathBuf>,
    /// Further headers.
    pub headers: Vec<(String, FieldRule)>,
    /// The lead fields that make a lead's identity here.
    pub key: Vec<String>,
    /// No more requests than these rates allow.
    pub pace: Vec<Rate>,
    /// Headers in which the partner tells how many requests are left.
    pub rate_headers: Option<RateHeaders>,
    /// Connecting, each write and each read may take this long.
    #[serde(default = "milliseconds::<30_000>")]
    pub timeout: Duration,
    /// Requests at the same time.
    #[serde(default = "number::<4>")]
    pub jobs: u32,
    /// What becomes of the JSON types of the values that are sent.
    pub values: Option<Values>,
    /// Values for lead fields that a row leaves empty.
    pub defaults: Vec<(String, String)>,
    /// Of each group of lead fields, at least one must be filled.
    pub need_one: Vec<Vec<String>>,
    /// ISO 3166 country of numbers and postcodes that don't name theirs.
    #[serde(default = "france", deserialize_with = "countries::country")]
    pub country: String,
    pub again_after: Option<Duration>,
    /// What it pays for a lead that it accepted: the last that holds.
    #[serde(deserialize_with = "several")]
    pub price: Vec<Price>,
    /// The states in which it pays: delivered and approved when not said.
    #[serde(deserialize_with = "several")]
    pub billable_on: Vec<BillableOn>,
    /// Only leads of which one of these holds are for this destination.
    #[serde(deserialize_with = "several")]
    pub only: Vec<LeadTests>,
    /// Leads that were made longer ago than this are not for this destination.
    pub max_age: Option<Duration>,
    /// No more leads than these; what is beyond is held.
    pub cap: Vec<Cap>,
    /// Outside these, leads are held.
    pub hours: Hours,
    /// The group of which one destination has a person at most.
    pub exclusive: Option<String>,
    /// How long after its sending a lead may be returned.
    pub returns_within: Option<Duration>,
    /// Nothing is sent for now: every lead is held.
    pub paused: bool,
    /// The partner's names, as a form shows them; the table's own is one too.
    pub partner: Vec<String>,
    /// What proves that a person agreed; without it nothing of them is sent.
    pub consent: Option<ConsentRule>,
    /// Earlier names of this table, whose past is carried over.
    pub formerly: Vec<String>,
    /// So many leads in doubt in a row stop the run.
    #[serde(default = "number::<3>")]
    pub stop_after_doubts: u32,
    /// So many leads in a row that are refused in the same way stop the run.
    #[serde(default = "number::<20>")]
    pub stop_after_refusals: u32,
    pub safe_to_repeat: SafeToRepeat,
    /// Tries of one lead at most, the first one counted.
    #[serde(default = "number::<4>")]
    pub tries: u32,
    /// The first pause between two tries; it doubles.
    #[serde(default = "milliseconds::<500>")]
    pub backoff: Duration,
    /// A partner that asks to wait longer than this stops the run for now.
    #[serde(default = "milliseconds::<900_000>")]
    pub longest_wait: Duration,
    /// Whom a person asks about a lead in doubt.
    pub ask: Option<Spoken>,
    /// How placeholders are filled, when not by the lead field of their name.
    #[serde(rename = "path")]
    pub path_rules: BTreeMap<String, FieldRule>,
    pub fields: Vec<Field>,
    pub send: Call,
    /// How a pending lead is asked about.
    pub follow: Option<Call>,
    /// The partner's own list.
    pub list: Option<PartnerList>,
    /// How a lead in doubt is looked for.
    pub find: Option<Find>,
    /// How a contact that is there is changed.
    pub amend: Option<Amend>,
    pub on_duplicate: Option<OnDuplicate>,
    /// The partner's own settings.
    pub settings: Option<PartnerSettings>,
    /// A harmless read that proves address and key.
    pub online: Option<Call>,
    pub examples: Vec<Example>,
    /// The other destinations of its group, by the names that they have and had.
    #[serde(skip)]
    pub rivals: Vec<String>,
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

/// What becomes of a contact that the partner knows already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnDuplicate {
    /// It is changed by what its new lead says.
    Amend,
}

/// How every value is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// As text, whatever a `type`, a `map` or a constant made of it.
    Text,
}

/// Where an answer tells that no more requests are allowed for a while.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "`rate_headers`")]
pub struct RateHeaders {
    /// The header with the requests that are left, in lower case.
    pub remaining: String,
    /// The header with the length of the window in milliseconds, in lower case.
    pub window_ms: String,
}

/// May the same request be sent again after a lost answer?
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "Json")]
pub enum SafeToRepeat {
    #[default]
    Never,
    Always,
    /// Where all of these lead fields are filled.
    With(Vec<String>),
}

impl TryFrom<Json> for SafeToRepeat {
    type Error = String;

    fn try_from(written: Json) -> Result<Self, Self::Error> {
        let text = |value: Json| value.as_str().map(str::to_owned);
        let fields: Option<Vec<String>> = match written {
            Json::Bool(true) => return Ok(Self::Always),
            Json::Bool(false) => return Ok(Self::Never),
            Json::Array(items) => items.into_iter().map(text).collect(),
            field => text(field).map(|field| vec![field]),
        };
        match fields {
            Some(fields) if !fields.is_empty() => Ok(Self::With(fields)),
            _ => Err(say!("mistake-safe-to-repeat")),
        }
    }
}

impl Destination {
    /// Adds what follows from the words. `table`: where they stand.
    pub(super) fn complete(&mut self, table: &Table<'_>) {
        self.tries = self.tries.max(1);
        // Layers merge by the letter; of the same header the last one counts.
        let written: Vec<&str> = under(table, "headers").map(|(name, _)| name).collect();
        self.headers.retain(|(name, _)| {
            let mut last = written.iter().rev();
            last.find(|other| other.eq_ignore_ascii_case(name)) == Some(&name.as_str())
        });
        if let Some(headers) = &mut self.rate_headers {
            headers.remaining.make_ascii_lowercase();
            headers.window_ms.make_ascii_lowercase();
        }
        self.keep_secrets_out_of_paths();
        // A form has no objects.
        if self.send.body_kind() == BodyKind::Form {
            let sent = self.find.iter_mut().flat_map(|find| &mut find.sent);
            let targets = self.fields.iter_mut().map(|field| &mut field.target);
            for target in targets.chain(sent.map(|sent| &mut sent.target)) {
                *target = target.flat();
            }
        }
        self.follow = self.follow.take().map(Call::asking);
        self.online = self.online.take().map(Call::asking);
        if let Some(list) = &mut self.list {
            list.call = list.call.clone().asking();
        }
        if let Some(find) = &mut self.find {
            find.call = find.call.clone().asking();
            for entry in &mut find.matches {
                entry.may_be_empty = find.may_be_empty.contains(&entry.at.to_string());
            }
        }
        let says_no_method = |call: &str| at(table, &[call, "method"]).is_none();
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
    }

    /// The placeholders that secrets fill are none of a lead's.
    fn keep_secrets_out_of_paths(&mut self) {
        let secrets: Vec<String> = self.auth.path.iter().map(|it| it.name.clone()).collect();
        let list = self.list.as_mut().map(|list| &mut list.call);
        let amend = self.amend.as_mut().map(|amend| &mut amend.call);
        let settings = self.settings.as_mut().map(|settings| &mut settings.write);
        let find = self.find.as_mut().map(|find| &mut find.call);
        let others = [self.follow.as_mut(), self.online.as_mut(), find];
        let calls = [Some(&mut self.send), list, amend, settings].into_iter();
        for call in calls.chain(others).flatten() {
            call.secrets.clone_from(&secrets);
        }
    }

    /// The calls that an example may answer, by name.
    pub fn calls(&self) -> impl Iterator<Item = (&'static str, &Call)> {
        let calls = CALLS.into_iter();
        calls.filter_map(|name| Some((name, self.call(name)?)))
    }

    /// The call of that name, if this destination has it: what an example's
    /// `of` names.
    pub fn call(&self, name: &str) -> Option<&Call> {
        match name {
            "send" => Some(&self.send),
            "follow" => self.follow.as_ref(),
            "find" => self.find.as_ref().and_then(Find::question),
            "list" => self.list.as_ref().map(|list| &list.call),
            "amend" => self.amend.as_ref().map(|amend| &amend.call),
            "settings" => self.settings.as_ref().map(|settings| &settings.write),
            "online" => self.online.as_ref(),
            _ => None,
        }
    }

    /// The rule that fills a placeholder: its own, or the lead field of its name.
    pub fn placeholder(&self, name: &str) -> FieldRule {
        let own = self.path_rules.get(name).cloned();
        own.unwrap_or_else(|| FieldRule::copy_of(name))
    }

    /// The one state in which a lead is paid for; `None`: in both of the accepted.
    pub fn billable_on(&self) -> Option<State> {
        let (first, others) = self.billable_on.split_first()?;
        let is_one = others.iter().all(|other| other == first);
        is_one.then(|| (*first).into())
    }

    /// The lead fields that the price depends on.
    pub fn priced_by(&self) -> impl Iterator<Item = &str> {
        let tests = self.price.iter().flat_map(|price| &price.when);
        tests.map(|test| test.field.as_str())
    }

    /// The value that a lead field gets where a row leaves it empty.
    pub fn default_of(&self, field: &str) -> Option<&str> {
        let mut defaults = self.defaults.iter();
        let (_, value) = defaults.find(|(name, _)| name == field)?;
        Some(value)
    }

    /// What forms call this partner, and the table's own name before it.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name).chain(&self.partner)
    }

    /// Every rule that makes a value of a lead's request.
    pub fn rules(&self) -> impl Iterator<Item = &FieldRule> {
        let fields = self.fields.iter().map(|field| &field.rule);
        let others = self.headers.iter().chain(&self.send.query);
        fields
            .chain(self.path_rules.values())
            .chain(others.map(|(_, rule)| rule))
    }

    /// The first rule that takes its value from this lead field or header.
    pub(super) fn rule_of(&self, name: &str) -> Option<&FieldRule> {
        self.rules()
            .find(|rule| rule.from.iter().any(|from| from == name))
    }

    /// Lead fields (or headers) that say whether a lead is for this destination.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        let only = self.only.iter().flatten().map(|test| test.field.as_str());
        only.chain(self.max_age.map(|_| CREATED))
    }

    /// Is a lead field (or a header) used by any rule, the key or a placeholder, or
    /// asked?
    pub fn takes(&self, name: &str) -> bool {
        self.names_taken().any(|source| source == name)
            || self.key.iter().any(|field| field == name)
            || self.send.placeholders().any(|field| field == name)
    }

    /// The lead fields and headers that values are taken from, a consent, or that are
    /// asked.
    pub fn names_taken(&self) -> impl Iterator<Item = &str> {
        let needed = self.consent.iter().flat_map(ConsentRule::needed).flatten();
        let sources = self.rules().flat_map(FieldRule::sources);
        let names = sources.chain(needed).map(String::as_str);
        names.chain(self.asked()).chain(self.priced_by())
    }

    /// Why no lead is sent now.
    pub fn hold(&self, now: &ZonedDateTime) -> Option<Hold> {
        if self.paused {
            let (reason, until) = (HoldReason::Paused, None);
            return Some(Hold { reason, until });
        }
        (!self.hours.is_open(now.datetime())).then(|| Hold {
            reason: HoldReason::Hours,
            until: self.hours.next_opening(now),
        })
    }

    /// Neither a cap nor hours make a lead wait.
    pub fn takes_all(&self) -> bool {
        self.cap.is_empty() && self.hours == Hours::default()
    }

    /// How many leads may be sent by now.
    pub fn limits(&self, now: &ZonedDateTime) -> Vec<Limit> {
        self.cap.iter().map(|cap| cap.limit(now)).collect()
    }

    /// Was a lead that was made then made too long ago?
    pub fn is_too_old(&self, made: &Moment, now: &Moment) -> bool {
        self.max_age.is_some_and(|most| made.age(now) > most)
    }

    /// How the moment is written at which a lead was made, where a rule says it.
    pub fn created_reads(&self) -> &[DateForm] {
        self.rule_of(CREATED).map_or(&[], |rule| &rule.reads)
    }

    /// The lead fields and headers that a change of a contact takes values from. What
    /// stands in a list takes no part in one, nor does what is another at each sending.
    pub fn names_changed(&self) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter().filter(|field| !field.target.is_listed());
        let rules = fields
            .map(|field| &field.rule)
            .filter(|rule| !rule.varies());
        let rules = rules.chain(self.path_rules.values());
        rules.flat_map(FieldRule::sources).map(String::as_str)
    }

    /// Headers that this destination accepts beside the shared aliases, each with
    /// the lead field, in order of weight: the labels, the further `columns`, the
    /// targets' own names.
    pub fn accepted_headers(&self) -> Vec<Vec<(String, String)>> {
        let mut levels = vec![Vec::new(); 3];
        let fields = self.fields.iter();
        let fields = fields.map(|Field { target, rule }| (target.last_name(), rule));
        let query = self
            .send
            .query
            .iter()
            .map(|(name, rule)| (name.as_str(), rule));
        for (name, rule) in fields.chain(query) {
            let Some(from) = rule.from.first() else {
                continue;
            };
            let mut accept = |level: usize, header: &str| {
                levels[level].push((header.to_owned(), from.clone()));
            };
            let labels = rule.label.iter().flat_map(Spoken::every);
            labels.for_each(|label| accept(0, label));
            rule.columns.iter().for_each(|header| accept(1, header));
            accept(2, name);
        }
        levels
    }
}
