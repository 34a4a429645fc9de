//! What an answer means: the words of `rules`.

use std::time::Duration;

use super::condition::{Condition, Extract};
use super::measure;
use super::place::Place;
use super::pointer::Pointer;
use super::reader::Mistakes;
use super::rule::{Pattern, read_pattern, word};
use super::tree::{Node, Table, Value};

/// If all of `when` holds, the answer means `then`.
#[derive(Debug, Clone)]
pub struct ResponseRule {
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

impl ResponseRule {
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
        if then.is_success() && mistakes.entries(table, "when").is_empty() {
            mistakes.hint(
                &node.place,
                format!(
                    "without `when`, every answer would be \"{}\", a failure too",
                    then.as_str()
                ),
                "say which answers: when = { status = 201 }",
            );
        }
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
    use crate::config::tree;

    fn read(text: &str) -> (Option<ResponseRule>, Mistakes) {
        let table = tree::parse("test.toml", text).unwrap();
        let mut mistakes = Mistakes::default();
        let rule = ResponseRule::read(table.get("rule").unwrap(), &mut mistakes);
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
    fn what_is_a_success_must_be_said() {
        for (when, then, told) in [
            ("{}", "delivered", 1),
            ("{}", "in_doubt", 0),
            ("{ status = 201 }", "delivered", 0),
        ] {
            let (_, mistakes) = read(&format!("rule = {{ when = {when}, then = \"{then}\" }}"));
            assert_eq!(mistakes.0.len(), told, "{when} {then}");
        }
    }

    #[test]
    fn a_quote_that_cannot_be_read_is_a_mistake() {
        let (_, mistakes) =
            read("rule = { when = { status = 400 }, then = \"rejected\", quote = '(' }");
        assert_eq!(mistakes.0.len(), 1);
    }
}
