//! Does a rule hold of an answer?

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::partner::answer::{Condition, Extract, Subject, Test};
use crate::transport::Answer;

/// An answer, with its body read as JSON once.
pub struct Evidence<'a> {
    pub answer: &'a Answer,
    pub json: Option<Json>,
}

impl<'a> Evidence<'a> {
    pub fn new(answer: &'a Answer) -> Self {
        let body = answer
            .body
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(&answer.body);
        Self {
            answer,
            json: serde_json::from_slice(body).ok(),
        }
    }

    /// A header's value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer
            .headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn body_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.answer.body)
    }

    /// Every value found at `subject`, null left out.
    fn values(&self, subject: &Subject) -> Vec<Cow<'_, Json>> {
        let own = |value: Json| Cow::Owned(value);
        match subject {
            Subject::Status => vec![own(Json::from(self.answer.status))],
            Subject::Header(name) => {
                let value = self.header(name).map(Json::from);
                value.map(own).into_iter().collect()
            }
            Subject::Body => vec![own(Json::from(self.body_text().trim()))],
            Subject::At(pointer) => match &self.json {
                Some(json) => {
                    let found = pointer.find(json).into_iter();
                    found.map(Cow::Borrowed).collect()
                }
                None => Vec::new(),
            },
        }
    }

    pub fn holds(&self, condition: &Condition) -> bool {
        let values = self.values(&condition.subject);
        match &condition.test {
            Test::Present => values.iter().any(|value| !is_empty(value)),
            Test::Absent => values.iter().all(|value| is_empty(value)),
            Test::OneOf(wanted) => values
                .iter()
                .any(|value| wanted.iter().any(|wanted| same(value, wanted))),
            Test::Class(class) => self.answer.status / 100 == *class,
            Test::Match(pattern) => values.iter().any(|value| match value.as_ref() {
                Json::String(text) => pattern.matches(text),
                other => pattern.matches(&other.to_string()),
            }),
        }
    }

    /// The text found by an extract.
    pub fn extract(&self, extract: &Extract) -> Option<String> {
        self.values(&extract.at).iter().find_map(|value| {
            let text = as_text(value)?;
            match &extract.pattern {
                Some(pattern) => pattern.capture(&text).map(str::to_owned),
                None => Some(text),
            }
        })
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        _ => false,
    }
}

/// The same value; `1` and `1.0` are the same number.
fn same(found: &Json, wanted: &Json) -> bool {
    match (found, wanted) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        _ => found == wanted,
    }
}

/// A scalar as text; a list or an object has none.
pub fn as_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
