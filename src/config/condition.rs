//! What is looked at in an answer, and what must hold of it: the words of `when`.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::place::Place;
use super::pointer::Pointer;
use super::reader::{self, Mistakes};
use super::rule::{Pattern, read_pattern};
use super::tree::{Entry, Node, Value};

/// One thing that must hold of an answer.
#[derive(Debug, Clone)]
pub struct Condition {
    pub subject: AnswerPart,
    pub test: Expected,
}

#[derive(Debug, Clone)]
pub enum AnswerPart {
    Status,
    /// A header's name, in lower case.
    Header(String),
    /// The body as text.
    Body,
    At(Pointer),
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

/// A piece of an answer: a place, and a pattern whose first group is taken.
#[derive(Debug, Clone)]
pub struct Extract {
    pub at: AnswerPart,
    pub pattern: Option<Pattern>,
}

impl Condition {
    pub(super) fn read(entry: &Entry, mistakes: &mut Mistakes) -> Option<Self> {
        let subject = AnswerPart::read(&entry.key, &entry.place, mistakes)?;
        let test = match &subject {
            AnswerPart::Status => read_status(&entry.node, mistakes)?,
            _ => read_test(&subject, &entry.node, mistakes)?,
        };
        Some(Self { subject, test })
    }
}

fn read_test(subject: &AnswerPart, node: &Node, mistakes: &mut Mistakes) -> Option<Expected> {
    match &node.value {
        Value::Text(text) => match (text.as_str(), subject) {
            ("present", _) => return Some(Expected::Present),
            ("absent", _) | ("empty", AnswerPart::Body) => return Some(Expected::Absent),
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
            return read_pattern(table, "match", mistakes).map(Expected::Match);
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
    Some(Expected::OneOf(match subject {
        // What stands there is text, whatever it spells.
        AnswerPart::Header(_) | AnswerPart::Body => wanted.map(in_letters).collect(),
        _ => wanted.collect(),
    }))
}

fn in_letters(value: Json) -> Json {
    match value {
        Json::Number(_) | Json::Bool(_) => Json::String(value.to_string()),
        other => other,
    }
}

fn read_status(node: &Node, mistakes: &mut Mistakes) -> Option<Expected> {
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
    (!ranges.is_empty()).then_some(Expected::Status(ranges))
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

impl AnswerPart {
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
    pub(super) fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
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
            at: AnswerPart::read(&at, &node.place, mistakes)?,
            pattern,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree;

    /// What is told of the conditions of this `when`.
    fn told_of(when: &str) -> usize {
        let table = tree::parse("test.toml", &format!("when = {when}")).unwrap();
        let mut mistakes = Mistakes::default();
        for entry in mistakes.entries(&table, "when") {
            Condition::read(entry, &mut mistakes);
        }
        mistakes.0.len()
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
            assert_eq!(told_of(when), 1, "{when}");
        }
        assert_eq!(
            told_of(r#"{ status = [400, "5xx"], "/errors/*" = "absent" }"#),
            0
        );
    }

    #[test]
    fn a_place_needs_its_at() {
        let table = tree::parse("test.toml", "reference = { match = '(x)' }").unwrap();
        let mut mistakes = Mistakes::default();
        assert!(Extract::read(table.get("reference").unwrap(), &mut mistakes).is_none());
        assert_eq!(mistakes.0.len(), 1);
    }
}
