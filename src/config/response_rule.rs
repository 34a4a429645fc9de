//! What an answer means: the words of `rules`, of `when`, and of the examples
//! that prove them.

use std::ops::RangeInclusive;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value as Json;

use super::document::Place;
use super::extract::{AnswerPart, Extract, Pattern, Pointer};
use super::measure;
use super::several::{any_json, several};
use crate::words::say;
use crate::words::spoken::Spoken;

/// The calls that a destination can have.
pub const CALLS: [&str; 7] = [
    "send", "follow", "find", "list", "amend", "settings", "online",
];

/// If all of `when` holds, the answer means `then`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename = "a rule")]
pub struct ResponseRule {
    #[serde(default)]
    pub when: Vec<Condition>,
    pub then: Then,
    /// Where the partner's own number for the lead stands.
    pub reference: Option<Extract>,
    /// Where the partner's words stand, before the call's own `message`.
    #[serde(default)]
    pub message: Vec<AnswerPart>,
    /// Of the partner's words, only what this takes: some wrap a sentence in
    /// machine text. Where it takes nothing, the words stay whole.
    pub quote: Option<Pattern>,
    /// What is said to the user, before the partner's words.
    pub say: Option<Spoken>,
    /// With `then = "wait"`: how long; the first that is told.
    #[serde(default, deserialize_with = "several")]
    pub wait: Vec<Wait>,
    /// With `then = "stop"`: the lead fields that are to blame. Where all of
    /// them came from the row, only leads with the same values stop. An empty
    /// list says that no lead is to blame.
    pub blames: Option<Vec<String>>,
    /// Where the time stands until which an approval holds.
    pub expires: Option<Pointer>,
    /// Where the time of the decision stands.
    pub decided: Option<Pointer>,
    /// Where targets of ours are named by their ids: told by their labels.
    pub names_fields: Option<Pointer>,
}

impl ResponseRule {
    /// The first status that it asks for.
    pub fn status(&self) -> Option<u16> {
        self.when
            .iter()
            .find_map(|condition| match &condition.test {
                Expected::Status(ranges) => ranges.first().map(|range| *range.start()),
                _ => None,
            })
    }
}

/// What an answer can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    Delivered,
    Pending,
    Approved,
    Expired,
    Duplicate,
    Rejected,
    /// Try again after a while; every worker waits.
    Wait,
    /// Wrong for every lead: the run stops, and somebody must act.
    Stop,
    /// A quota: the run stops, and goes on another time.
    StopForNow,
    InDoubt,
    /// Certainly not taken in: safe to try again.
    NotProcessed,
}

impl Then {
    pub const WORDS: [(&'static str, Then); 11] = [
        ("delivered", Self::Delivered),
        ("pending", Self::Pending),
        ("approved", Self::Approved),
        ("expired", Self::Expired),
        ("duplicate", Self::Duplicate),
        ("rejected", Self::Rejected),
        ("wait", Self::Wait),
        ("stop", Self::Stop),
        ("stop_for_now", Self::StopForNow),
        ("in_doubt", Self::InDoubt),
        ("not_processed", Self::NotProcessed),
    ];

    pub fn as_str(self) -> &'static str {
        let mut words = Self::WORDS.iter();
        words
            .find(|(_, then)| *then == self)
            .map_or("", |(word, _)| word)
    }

    /// The partner says that it has the lead.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Delivered | Self::Pending | Self::Approved)
    }

    /// It says where the lead stands, whoever's fault that is.
    pub fn is_of_a_lead(self) -> bool {
        self.is_success() || matches!(self, Self::Expired | Self::Duplicate | Self::Rejected)
    }

    /// What an answer read as this means for the lead and the run.
    pub fn in_words(self) -> String {
        match self {
            Self::Delivered => say!("means-delivered"),
            Self::Pending => say!("means-pending"),
            Self::Approved => say!("means-approved"),
            Self::Expired => say!("means-expired"),
            Self::Duplicate => say!("means-duplicate"),
            Self::Rejected => say!("means-rejected"),
            Self::Wait => say!("means-wait"),
            Self::Stop => say!("means-stop"),
            Self::StopForNow => say!("means-stop-for-now"),
            Self::InDoubt => say!("means-in-doubt"),
            Self::NotProcessed => say!("means-not-processed"),
        }
    }
}

/// How long to wait.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "WaitTable")]
#[schemars(rename = "a pause")]
pub enum Wait {
    Fixed(Duration),
    /// Seconds told at this place.
    Told(Extract),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename = "a pause")]
struct WaitTable {
    at: String,
    r#match: Option<Pattern>,
}

impl TryFrom<WaitTable> for Wait {
    type Error = String;

    fn try_from(WaitTable { at, r#match }: WaitTable) -> Result<Self, String> {
        if r#match.is_none() && !at.starts_with(['/', 'h', 'b']) {
            return measure::duration(&at).map(Self::Fixed);
        }
        Ok(Self::Told(Extract {
            at: at.try_into()?,
            pattern: r#match,
        }))
    }
}

/// One thing that must hold of an answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "(AnswerPart, Test)")]
#[schemars(with = "(AnswerPart, Test)")]
pub struct Condition {
    pub subject: AnswerPart,
    pub test: Expected,
}

#[derive(Debug, Clone)]
pub enum Expected {
    /// One of these values.
    OneOf(Vec<Json>),
    /// The status is in one of these ranges: `201`, `"4xx"`.
    Status(Vec<RangeInclusive<u16>>),
    Present,
    /// Not there, null, or empty.
    Absent,
    Match(Pattern),
}

/// What must hold, as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename = "a test")]
pub struct Test {
    pub r#match: Option<Pattern>,
    #[serde(rename = "(value)", default, deserialize_with = "any_json")]
    pub value: Option<Json>,
}

impl TryFrom<(AnswerPart, Test)> for Condition {
    type Error = String;

    fn try_from((subject, test): (AnswerPart, Test)) -> Result<Self, String> {
        let test = match (test.r#match, test.value, &subject) {
            (Some(pattern), ..) => Expected::Match(pattern),
            (_, value, AnswerPart::Status) => Expected::Status(statuses(value)?),
            (_, value, part) => expected(part, value)?,
        };
        Ok(Self { subject, test })
    }
}

fn expected(part: &AnswerPart, value: Option<Json>) -> Result<Expected, String> {
    let wanted = match value {
        Some(Json::String(text)) if text == "present" => return Ok(Expected::Present),
        Some(Json::String(text)) if text == "absent" => return Ok(Expected::Absent),
        Some(Json::String(text)) if text == "empty" && matches!(part, AnswerPart::Body) => {
            return Ok(Expected::Absent);
        }
        Some(Json::Array(items)) if !items.iter().any(Json::is_object) => items,
        Some(value) => vec![value],
        None => Vec::new(),
    };
    if wanted.is_empty() {
        return Err(say!("mistake-expects-nothing"));
    }
    // What stands there is text, whatever it spells.
    let is_text = matches!(part, AnswerPart::Header(_) | AnswerPart::Body);
    let in_letters = |value: Json| match value {
        Json::Number(_) | Json::Bool(_) if is_text => Json::String(value.to_string()),
        value => value,
    };
    Ok(Expected::OneOf(
        wanted.into_iter().map(in_letters).collect(),
    ))
}

fn statuses(value: Option<Json>) -> Result<Vec<RangeInclusive<u16>>, String> {
    let items = match value {
        Some(Json::Array(items)) if !items.is_empty() => items,
        value => vec![value.unwrap_or_default()],
    };
    let ranges = items.iter().map(|item| {
        status_range(item).ok_or_else(|| say!("mistake-statuses", value = item.to_string()))
    });
    ranges.collect()
}

fn status_range(value: &Json) -> Option<RangeInclusive<u16>> {
    if let Some(text) = value.as_str() {
        let class: u16 = text.strip_suffix("xx")?.parse().ok()?;
        let known = (1..=5).contains(&class);
        return known.then(|| class * 100..=class * 100 + 99);
    }
    let status = u16::try_from(value.as_u64()?).ok()?;
    (100..=599).contains(&status).then_some(status..=status)
}

/// An answer of the partner's and what it must be read as: a test, and what
/// the sandbox answers with.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename = "an example")]
pub struct Example {
    pub about: Option<Spoken>,
    /// The call that is answered; `send` unless named.
    #[serde(rename = "of", default = "send", deserialize_with = "call_name")]
    pub call: String,
    #[serde(default = "ok", deserialize_with = "status")]
    pub status: u16,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    pub body: String,
    pub means: Then,
    /// The reference that must be read.
    pub reference: Option<String>,
    /// A text that the message must contain.
    pub message: Option<Spoken>,
    #[serde(skip)]
    pub place: Place,
}

fn send() -> String {
    "send".to_owned()
}

/// The name of a call that a destination can have.
fn call_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    match CALLS.contains(&&*name) {
        true => Ok(name),
        false => Err(de::Error::unknown_variant(&name, &CALLS)),
    }
}

fn ok() -> u16 {
    200
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    match u64::deserialize(deserializer)?.try_into() {
        Ok(status @ 100..=599) => Ok(status),
        _ => Err(de::Error::custom(say!("mistake-status"))),
    }
}

#[cfg(test)]
mod tests;
