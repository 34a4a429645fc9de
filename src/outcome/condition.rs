//! Does a rule hold of an answer?

use std::borrow::Cow;

use super::document::Document;
use super::found::Found;
use super::node::{Node, Value};
use crate::config::{AnswerPart, Condition, Expected, Extract};
use crate::http::Answer;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// An answer, with its body read as text and as JSON once.
pub struct Evidence<'a> {
    pub answer: &'a Answer,
    /// What is no UTF-8 in it shows as `\u{fffd}`.
    pub text: Cow<'a, str>,
    pub json: Option<Document<'a>>,
}

impl<'a> Evidence<'a> {
    pub fn new(answer: &'a Answer) -> Self {
        let (text, json) = match str::from_utf8(&answer.body) {
            Ok(text) => {
                let document = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
                (Cow::Borrowed(text), Document::read(document))
            }
            Err(_) => (String::from_utf8_lossy(&answer.body), None),
        };
        Self { answer, text, json }
    }

    /// A header's value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer
            .headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Shows `test` every value at `subject` until one passes.
    fn any(&self, subject: &AnswerPart, test: &mut dyn FnMut(Found<'_>) -> bool) -> bool {
        let value = match subject {
            AnswerPart::At(pointer) => {
                let json = self.json.as_ref();
                return json.is_some_and(|json| json.root().any(pointer, test));
            }
            AnswerPart::Status => Value::Number(self.answer.status.into()),
            AnswerPart::Body => Value::Text(self.text.trim().into()),
            AnswerPart::Header(name) => match self.header(name) {
                Some(value) => Value::Text(value.into()),
                None => return false,
            },
        };
        test(Found::alone(&Node::alone(value)))
    }

    pub fn holds(&self, condition: &Condition) -> bool {
        let subject = &condition.subject;
        match &condition.test {
            Expected::Status(ranges) => {
                let status = self.answer.status;
                ranges.iter().any(|range| range.contains(&status))
            }
            Expected::Present => self.any(subject, &mut |found| !found.is_empty()),
            Expected::Absent => !self.any(subject, &mut |found| !found.is_empty()),
            Expected::OneOf(wanted) => self.any(subject, &mut |found| {
                wanted.iter().any(|wanted| found.is(wanted))
            }),
            Expected::Match(pattern) => self.any(subject, &mut |found| match found.value() {
                Value::Text(text) => pattern.matches(text),
                _ => pattern.matches(&found.to_json().to_string()),
            }),
        }
    }

    /// The text found by an extract.
    pub fn extract(&self, extract: &Extract) -> Option<String> {
        let mut extracted = None;
        self.any(&extract.at, &mut |found| {
            extracted = found.as_text().and_then(|text| match &extract.pattern {
                Some(pattern) => pattern.capture(&text).map(str::to_owned),
                None => Some(text.into_owned()),
            });
            extracted.is_some()
        });
        extracted
    }
}
