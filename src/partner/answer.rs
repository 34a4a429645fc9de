//! What an answer means: the words of `rules`.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value as Json;

use super::measure;
use super::place::Place;
use super::pointer::Pointer;
use super::reader::{self, Mistakes};
use super::rule::{Pattern, read_pattern, word};
use super::tree::{Entry, Node, Table, Value};

/// If all of `when` holds, the answer means `then`.
#[derive(Debug, Clone)]
pub struct AnswerRule {
    pub when: Vec<Condition>,
    pub then: Then,
    /// Where the partner's own number for the lead stands.
    pub reference: Option<Extract>,
    /// Where the partner's words stand, before the operation's own `message`.
    pub message: Vec<Pointer>,
    /// Of the partner's words, only what this takes: some wrap a sentence in
    /// machine text. Where it takes nothing, the words stay whole.
    pub quote: Option<Pattern>,
    /// What is said to the user, before the partner's words.
    pub say: Option<String>,
    /// With `then = "wait"`: how long.
    pub wait: Option<Wait>,
    /// With `then = "stop"`: the lead fields that are to blame. Where all of
    /// them came from the row, only leads with the same values stop.
    pub blames: Option<Vec<String>>,
    /// Where the time stands until which an approval holds.
    pub expires: Option<Pointer>,
    /// Where the time of the decision stands.
    pub decided: Option<Pointer>,
    /// Where targets of ours are named by their ids: told by their labels.
    pub names_fields: Option<Pointer>,
    pub place: Place,
}

/// What an answer can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        Self::WORDS
            .iter()
            .find(|(_, then)| *then == self)
            .map_or("", |(word, _)| word)
    }

    /// The partner says that it has the lead.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Delivered | Self::Pending | Self::Approved)
    }
}

/// One thing that must hold of an answer.
#[derive(Debug, Clone)]
pub struct Condition {
    pub subject: Subject,
    pub test: Test,
}

#[derive(Debug, Clone)]
pub enum Subject {
    Status,
    /// A header's name, in lower case.
    Header(String),
    /// The body as text.
    Body,
    At(Pointer),
}

#[derive(Debug, Clone)]
pub enum Test {
    /// One of these values.
    OneOf(Vec<Json>),
    /// The status is in one of these ranges: `201`, `"4xx"`.
    Status(Vec<RangeInclusive<u16>>),
    Present,
    /// Not there, null, or empty.
    Absent,
    Match(Pattern),
}

/// A piece of an answer: a place, and a pattern whose first group is taken.
#[derive(Debug, Clone)]
pub struct Extract {
    pub at: Subject,
    pub pattern: Option<Pattern>,
}

/// How long to wait.
#[derive(Debug, Clone)]
pub enum Wait {
    Fixed(Duration),
    /// Seconds told at one of these places.
    Told(Vec<Extract>),
}

pub(super) const WORDS: &[&str] = &[
    "when",
    "then",
    "reference",
    "message",
    "quote",
    "say",
    "wait",
    "blames",
    "expires",
    "decided",
    "names_fields",
];

impl AnswerRule {
    pub fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let table = mistakes.as_table(node, "rules")?;
        mistakes.check_keys(table, WORDS, "a rule");
        let when = mistakes
            .entries(table, "when")
            .iter()
            .filter_map(|entry| Condition::read(entry, mistakes))
            .collect();
        if table.get("then").is_none() {
            mistakes.hint(
                &node.place,
                "a rule without `then`",
                "say what the answer means",
            );
        }
        let then = word(table, "then", &Then::WORDS, mistakes)?;
        Some(Self {
            when,
            then,
            reference: table
                .get("reference")
                .and_then(|node| Extract::read(node, mistakes)),
            message: pointers(table, "message", mistakes),
            quote: read_pattern(table, "quote", mistakes),
            say: mistakes.text(table, "say"),
            wait: table
                .get("wait")
                .and_then(|node| Wait::read(node, mistakes)),
            blames: mistakes.texts(table, "blames"),
            expires: pointer(table, "expires", mistakes),
            decided: pointer(table, "decided", mistakes),
            names_fields: pointer(table, "names_fields", mistakes),
            place: node.place.clone(),
        })
    }
}

impl Condition {
    fn read(entry: &Entry, mistakes: &mut Mistakes) -> Option<Self> {
        let subject = Subject::read(&entry.key, &entry.place, mistakes)?;
        let test = match &subject {
            Subject::Status => read_status(&entry.node, mistakes)?,
            _ => read_test(&subject, &entry.node, mistakes)?,
        };
        Some(Self { subject, test })
    }
}

fn read_test(subject: &Subject, node: &Node, mistakes: &mut Mistakes) -> Option<Test> {
    match &node.value {
        Value::Text(text) => match (text.as_str(), subject) {
            ("present", _) => return Some(Test::Present),
            ("absent", _) | ("empty", Subject::Body) => return Some(Test::Absent),
            _ => {}
        },
        Value::Table(table) => {
            mistakes.check_keys(table, &["match"], "a condition");
            if table.get("match").is_none() {
                mistakes.hint(
                    &node.place,
                    "a condition that says nothing would hold of every answer",
                    "write a value, a list of values, \"present\", \"absent\", or { match = '…' }",
                );
            }
            return read_pattern(table, "match", mistakes).map(Test::Match);
        }
        Value::List(items) if items.is_empty() => {
            mistakes.hint(
                &node.place,
                "an empty list never holds",
                "where the partner gives an empty list: \"…/*\" = \"absent\"",
            );
            return None;
        }
        _ => {}
    }
    let wanted = match &node.value {
        Value::List(items) => items.iter().collect(),
        _ => vec![node],
    };
    let wanted = wanted.into_iter().map(reader::json);
    Some(Test::OneOf(match subject {
        // What stands there is text, whatever it spells.
        Subject::Header(_) | Subject::Body => wanted.map(in_letters).collect(),
        _ => wanted.collect(),
    }))
}

fn in_letters(value: Json) -> Json {
    match value {
        Json::Number(_) | Json::Bool(_) => Json::String(value.to_string()),
        other => other,
    }
}

fn read_status(node: &Node, mistakes: &mut Mistakes) -> Option<Test> {
    let items = match &node.value {
        Value::List(items) if !items.is_empty() => items.iter().collect(),
        _ => vec![node],
    };
    let mut ranges = Vec::new();
    for item in items {
        match status_range(&item.value) {
            Some(range) => ranges.push(range),
            None => mistakes.hint(
                &item.place,
                match &item.value {
                    Value::Text(text) => format!("`status` can't be \"{text}\""),
                    Value::Integer(number) => format!("`status` can't be {number}"),
                    other => format!("`status` can't be {}", other.kind()),
                },
                "a number from 100 to 599, \"2xx\", \"4xx\", \"5xx\", or a list of these",
            ),
        }
    }
    (!ranges.is_empty()).then_some(Test::Status(ranges))
}

fn status_range(value: &Value) -> Option<RangeInclusive<u16>> {
    match value {
        Value::Integer(number) => {
            let status = u16::try_from(*number).ok();
            let known = status.filter(|status| (100..=599).contains(status));
            known.map(|status| status..=status)
        }
        Value::Text(text) => {
            let digit: u16 = text.strip_suffix("xx")?.parse().ok()?;
            let known = (1..=5).contains(&digit);
            known.then(|| digit * 100..=digit * 100 + 99)
        }
        _ => None,
    }
}

impl Subject {
    fn read(text: &str, place: &Place, mistakes: &mut Mistakes) -> Option<Self> {
        if let Some(name) = text.strip_prefix("header:") {
            return Some(Self::Header(name.trim().to_ascii_lowercase()));
        }
        match text {
            "status" => Some(Self::Status),
            "body" => Some(Self::Body),
            _ if text.starts_with('/') => match Pointer::parse(text) {
                Ok(pointer) => Some(Self::At(pointer)),
                Err(message) => {
                    mistakes.add(place, message);
                    None
                }
            },
            _ => {
                mistakes.hint(
                    place,
                    format!("`{text}` is not a part of an answer"),
                    "write status, body, header:NAME or a place such as /data/id",
                );
                None
            }
        }
    }
}

impl Extract {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let (at, pattern) = match &node.value {
            Value::Table(table) => {
                mistakes.check_keys(table, &["at", "match"], "a place in an answer");
                if table.get("at").is_none() {
                    mistakes.hint(
                        &node.place,
                        "this doesn't say where in the answer it stands",
                        "add the place: at = \"/data/id\", or body, or header:NAME",
                    );
                }
                (
                    mistakes.text(table, "at")?,
                    read_pattern(table, "match", mistakes),
                )
            }
            _ => (mistakes.as_text(node, "a place in an answer")?, None),
        };
        Some(Self {
            at: Subject::read(&at, &node.place, mistakes)?,
            pattern,
        })
    }
}

impl Wait {
    fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        match &node.value {
            Value::Text(text) if !text.starts_with(['/', 'h', 'b']) => {
                match measure::duration(text) {
                    Ok(duration) => Some(Self::Fixed(duration)),
                    Err(message) => {
                        mistakes.add(&node.place, message);
                        None
                    }
                }
            }
            Value::List(items) => Some(Self::Told(
                items
                    .iter()
                    .filter_map(|item| Extract::read(item, mistakes))
                    .collect(),
            )),
            Value::Text(_) | Value::Table(_) => {
                Extract::read(node, mistakes).map(|extract| Self::Told(vec![extract]))
            }
            other => {
                mistakes.hint(
                    &node.place,
                    format!("`wait` must be a duration or a place, not {}", other.in_words()),
                    "as in wait = \"10s\", wait = \"/retry_after\" or wait = \"header:Retry-After\"",
                );
                None
            }
        }
    }
}

/// A pointer, checked.
pub fn pointer(table: &Table, key: &str, mistakes: &mut Mistakes) -> Option<Pointer> {
    pointers(table, key, mistakes).into_iter().next()
}

/// A pointer or a list of them, checked.
pub fn pointers(table: &Table, key: &str, mistakes: &mut Mistakes) -> Vec<Pointer> {
    let Some(node) = table.get(key) else {
        return Vec::new();
    };
    let texts = mistakes.as_texts(node, key).unwrap_or_default();
    texts
        .iter()
        .filter_map(|text| match Pointer::parse(text) {
            Ok(pointer) => Some(pointer),
            Err(message) => {
                mistakes.add(&node.place, message);
                None
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::tree;

    fn read(text: &str) -> (Option<AnswerRule>, Mistakes) {
        let table = tree::parse("test.toml", text).unwrap();
        let mut mistakes = Mistakes::default();
        let rule = AnswerRule::read(table.get("rule").unwrap(), &mut mistakes);
        (rule, mistakes)
    }

    #[test]
    fn a_quote_takes_the_sentence_out_of_machine_text() {
        let (rule, mistakes) = read(
            r#"rule = { when = { status = 400 }, then = "rejected", quote = '"message":"([^"]+)"' }"#,
        );
        assert!(mistakes.0.is_empty());
        let quote = rule.unwrap().quote.unwrap();
        let words = r#"Not valid: [{"ok":false,"message":"Email address x is invalid"}]"#;
        assert_eq!(quote.capture(words), Some("Email address x is invalid"));
        assert_eq!(quote.capture("Bad request"), None);
    }

    #[test]
    fn a_quote_that_cannot_be_read_is_a_mistake() {
        let (_, mistakes) =
            read("rule = { when = { status = 400 }, then = \"rejected\", quote = '(' }");
        assert_eq!(mistakes.0.len(), 1);
    }

    /// The mistakes told of a rule whose `when` is this.
    fn told_of(when: &str) -> Vec<String> {
        let (_, mistakes) = read(&format!("rule = {{ when = {when}, then = \"rejected\" }}"));
        mistakes.0.into_iter().map(|told| told.message).collect()
    }

    #[test]
    fn a_condition_that_says_nothing_or_never_holds_is_a_mistake() {
        for when in [
            r#"{ "/errors" = {} }"#,
            r#"{ "/errors" = [] }"#,
            r#"{ status = ["500"] }"#,
            "{ status = 5000 }",
            "{ status = true }",
            "{ status = [] }",
            r#"{ status = [400, "6xx"] }"#,
        ] {
            assert_eq!(told_of(when).len(), 1, "{when}");
        }
        assert!(told_of(r#"{ status = [400, "5xx"], "/errors/*" = "absent" }"#).is_empty());
    }

    #[test]
    fn a_place_needs_its_at() {
        let (_, mistakes) = read(
            "rule = { when = { status = 201 }, then = \"pending\", reference = { match = '(x)' } }",
        );
        assert_eq!(mistakes.0.len(), 1);
    }
}
