//! What of an answer is looked at, and what is taken of it: its parts, JSON
//! pointers (RFC 6901) with `*` for any element of a list or object, and patterns
//! as the partners write them in their documents.

use std::fmt;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::words::say;

/// A piece of an answer: a place, and a pattern whose first group is taken.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename = "a place")]
pub struct Extract {
    pub at: AnswerPart,
    #[serde(rename = "match")]
    pub pattern: Option<Pattern>,
}

/// What of an answer is looked at.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub enum AnswerPart {
    Status,
    /// A header's name, in lower case.
    Header(String),
    /// The body as text.
    Body,
    At(Pointer),
}

impl TryFrom<String> for AnswerPart {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(name) = text.strip_prefix("header:") {
            return Ok(Self::Header(name.trim().to_ascii_lowercase()));
        }
        match text.as_str() {
            "status" => Ok(Self::Status),
            "body" => Ok(Self::Body),
            "/" => Err(say!("mistake-slash-body")),
            _ if text.starts_with('/') => Pointer::parse(&text).map(Self::At),
            _ => Err(say!("mistake-answer-part", text)),
        }
    }
}

/// A path into a JSON answer, checked when the TOML is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct Pointer {
    text: String,
    /// Members' names or items' numbers; `*` leads to each.
    steps: Vec<String>,
}

impl Pointer {
    /// Reads `/data/*/id`. The empty text is the whole document.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(say!("mistake-pointer", text));
        }
        if text == "/" {
            return Err(say!("mistake-slash-whole"));
        }
        let steps = text.split('/').skip(1);
        Ok(Self {
            text: text.to_owned(),
            steps: steps
                .map(|step| step.replace("~1", "/").replace("~0", "~"))
                .collect(),
        })
    }

    /// Every value that the pointer reaches, in document order.
    pub fn find<'a>(&self, document: &'a Value) -> Vec<&'a Value> {
        self.steps.iter().fold(vec![document], |reached, step| {
            let next = reached.into_iter().map(|value| next(value, step));
            next.flatten().collect()
        })
    }

    /// The first value reached that is not null.
    pub fn first<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.find(document)
            .into_iter()
            .find(|value| !value.is_null())
    }

    /// Puts `new` where the pointer leads; false if nothing is there.
    pub fn replace(&self, document: &mut Value, new: Value) -> bool {
        let mut place = Some(document);
        for step in &self.steps {
            place = place.and_then(|value| match (&**step, value) {
                ("*", Value::Object(object)) => object.values_mut().next(),
                ("*", Value::Array(list)) => list.first_mut(),
                (key, Value::Object(object)) => object.get_mut(key),
                (key, Value::Array(list)) => {
                    key.parse().ok().and_then(|at: usize| list.get_mut(at))
                }
                _ => None,
            });
        }
        place.map(|place| *place = new).is_some()
    }
}

/// What one step leads to.
fn next<'a>(value: &'a Value, step: &str) -> Vec<&'a Value> {
    match (step, value) {
        ("*", Value::Object(object)) => object.values().collect(),
        ("*", Value::Array(list)) => list.iter().collect(),
        (key, Value::Object(object)) => object.get(key).into_iter().collect(),
        (key, Value::Array(list)) => {
            let at = key.parse().ok().and_then(|at: usize| list.get(at));
            at.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A pattern in which, as in PCRE, `\d` and `\w` are ASCII.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(from = "PatternText")]
#[schemars(with = "String")]
pub struct Pattern {
    pub text: String,
    /// Compiled at the first use: a run needs few of the catalogue's patterns.
    regex: OnceLock<Option<Regex>>,
}

/// A user's is compiled when it is read, so that a mistake is told.
#[derive(Deserialize, JsonSchema)]
#[serde(rename = "(pattern)")]
struct PatternText(String);

impl From<PatternText> for Pattern {
    fn from(PatternText(text): PatternText) -> Self {
        Self {
            text,
            regex: OnceLock::new(),
        }
    }
}

impl Pattern {
    /// Accepts the `/…/i` notation of the partners' documents too.
    pub fn compile(text: &str) -> Result<Regex, String> {
        let (body, insensitive) = match text.strip_prefix('/').and_then(|t| t.rsplit_once('/')) {
            Some((body, flags)) if matches!(flags, "" | "i") => (body, flags == "i"),
            _ => (text, false),
        };
        RegexBuilder::new(&ascii_classes(body))
            .case_insensitive(insensitive)
            .build()
            .map_err(|error| {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default();
                say!("mistake-pattern", text, reason)
            })
    }

    fn regex(&self) -> Option<&Regex> {
        let made = self.regex.get_or_init(|| Self::compile(&self.text).ok());
        made.as_ref()
    }

    pub fn matches(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    /// The first group (or the whole match), each time that it is found.
    pub fn captures<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let Some(regex) = self.regex() else {
            return Vec::new();
        };
        let found = regex.captures_iter(text);
        found
            .filter_map(|groups| groups.get(1).or_else(|| groups.get(0)))
            .map(|group| group.as_str())
            .collect()
    }

    /// The first of these.
    pub fn capture<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.captures(text).into_iter().next()
    }
}

/// `\d` and `\w` are ASCII in the partners' PCRE; spelt out, as a class that may
/// also stand inside one.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some('d')) => out.push_str("[0-9]"),
            ('\\', Some('w')) => out.push_str("[A-Za-z0-9_]"),
            ('\\', Some(other)) => out.extend([c, other]),
            _ => {
                out.push(c);
                continue;
            }
        }
        chars.next();
    }
    out
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(pointer: &str, document: &Value) -> Vec<Value> {
        let pointer = Pointer::parse(pointer).unwrap();
        pointer.find(document).into_iter().cloned().collect()
    }

    #[test]
    fn reaches_keys_indices_and_any() {
        let answer =
            json!({"data": {"input_0": {"rfq_id": "17"}}, "errors": [{"code": 6}, {"code": 12}]});
        assert_eq!(found("/data/input_0/rfq_id", &answer), [json!("17")]);
        assert_eq!(found("/errors/*/code", &answer), [json!(6), json!(12)]);
        assert_eq!(found("/errors/1/code", &answer), [json!(12)]);
        assert_eq!(found("", &json!(3)), [json!(3)]);
        assert!(found("/nothing/here", &answer).is_empty());
    }

    #[test]
    fn must_begin_with_a_slash() {
        assert!(Pointer::parse("data/id").is_err());
    }

    fn pattern(text: &str) -> Pattern {
        PatternText(text.to_owned()).into()
    }

    #[test]
    fn digits_are_ascii_in_and_out_of_classes() {
        let naf = pattern(r"/^(\d){2}[.]?(\d){2}[a-zA-Z]{1}$/");
        assert!(naf.matches("62.01Z") && naf.matches("6201Z"));
        assert!(!naf.matches("٦٢01Z"));
        let number = pattern(r"/^[\d]+$/");
        assert!(number.matches("12") && !number.matches("١٢"));
    }

    #[test]
    fn the_i_flag_and_a_bad_pattern() {
        assert!(pattern("/^abc$/i").matches("ABC"));
        assert!(Pattern::compile("(").is_err());
    }
}
