//! An answer as the rules look at it: status, headers, body as text and as JSON.
//! It tells what stands where, and whether a condition holds; it knows no lead
//! and no outcome.

use std::borrow::Cow;

use serde_json::Value;

use crate::config::{AnswerPart, Condition, Expected, Extract, Pointer};
use crate::http::Answer;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// An answer, with its body read once.
pub struct Evidence<'a> {
    pub answer: &'a Answer,
    /// What is no UTF-8 in it shows as `\u{fffd}`.
    pub text: Cow<'a, str>,
    /// `None`: the body is not JSON.
    pub json: Option<Value>,
}

impl<'a> Evidence<'a> {
    pub fn new(answer: &'a Answer) -> Self {
        let text = String::from_utf8_lossy(&answer.body);
        let json = match &text {
            Cow::Borrowed(text) => {
                serde_json::from_str(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)).ok()
            }
            Cow::Owned(_) => None,
        };
        Self { answer, text, json }
    }

    /// A header's value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.answer.headers.iter();
        let (_, value) = headers.find(|(known, _)| known == name)?;
        Some(value)
    }

    /// A page for people to look at, in HTML.
    pub fn is_page(&self) -> bool {
        let start = self.text.trim_start().get(..9).unwrap_or_default();
        let told = self.header("content-type").unwrap_or_default();
        told.starts_with("text/html")
            || start.eq_ignore_ascii_case("<!doctype")
            || start.to_ascii_lowercase().starts_with("<html")
    }

    /// Every value that a pointer reaches in the body.
    pub fn at(&self, pointer: &Pointer) -> Vec<&Value> {
        self.json
            .as_ref()
            .map_or_else(Vec::new, |json| pointer.find(json))
    }

    /// The text of the first value there that is not null.
    pub fn text_at(&self, pointer: &Pointer) -> Option<String> {
        as_text(pointer.first(self.json.as_ref()?)?)
    }

    /// Every value of what a rule looks at.
    pub(super) fn values(&self, subject: &AnswerPart) -> Vec<Cow<'_, Value>> {
        let one = |value: Value| vec![Cow::Owned(value)];
        match subject {
            AnswerPart::At(pointer) => self.at(pointer).into_iter().map(Cow::Borrowed).collect(),
            AnswerPart::Status => one(self.answer.status.into()),
            AnswerPart::Body => one(self.text.trim().into()),
            AnswerPart::Header(name) => self
                .header(name)
                .map_or_else(Vec::new, |value| one(value.into())),
        }
    }

    pub fn holds(&self, condition: &Condition) -> bool {
        let values = || self.values(&condition.subject);
        match &condition.test {
            Expected::Status(ranges) => {
                let status = self.answer.status;
                ranges.iter().any(|range| range.contains(&status))
            }
            Expected::Present => values().iter().any(|value| !is_empty(value)),
            Expected::Absent => values().iter().all(|value| is_empty(value)),
            Expected::OneOf(wanted) => values()
                .iter()
                .any(|value| wanted.iter().any(|wanted| is_same(value, wanted))),
            Expected::Match(pattern) => values().iter().any(|value| match value.as_str() {
                Some(text) => pattern.matches(text),
                None => pattern.matches(&value.to_string()),
            }),
        }
    }

    /// The first text that an extract finds.
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

/// A scalar as text, without the blanks around it; blank text, lists and objects
/// have none.
pub fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Null, or a text without a letter.
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// The same value; `1` and `1.0` are the same number.
fn is_same(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Number(found), Value::Number(wanted)) => found.as_f64() == wanted.as_f64(),
        _ => found == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_compared_as_values() {
        assert!(is_same(&json!(1), &json!(1.0)) && is_same(&json!(1.0), &json!(1)));
        assert!(!is_same(&json!("1"), &json!(1)) && !is_same(&json!(1), &json!(true)));
        assert!(!is_same(&json!(true), &json!("true")) && !is_same(&json!(0), &json!(null)));
        assert!(is_same(
            &json!({"b": [1], "a": 2}),
            &json!({"a": 2, "b": [1]})
        ));
        assert!(!is_same(&json!([1, 2]), &json!([2, 1])) && !is_same(&json!([]), &json!({})));
    }

    /// What an extract finds at `/id`.
    fn id(body: &str) -> Option<String> {
        let answer = Answer {
            body: body.as_bytes().to_vec(),
            ..Answer::default()
        };
        Evidence::new(&answer).text_at(&Pointer::parse("/id").expect("a pointer"))
    }

    #[test]
    fn a_reference_is_told_as_it_was_written() {
        for (body, told) in [
            (r#"{"id":12345678901234567890}"#, "12345678901234567890"),
            (
                r#"{"id":" 12345678901234567890123 "}"#,
                "12345678901234567890123",
            ),
            (r#"{"id":-1}"#, "-1"),
            (r#"{"id":1.5}"#, "1.5"),
            (r#"{"id":"\u00e9\/"}"#, "é/"),
            ("\u{feff}{\"id\":7}", "7"),
            (r#"{"id":1,"x":3,"id":2}"#, "2"),
        ] {
            assert_eq!(id(body).as_deref(), Some(told), "{body}");
        }
        for body in ["", "<html>", r#"{"id":" "}"#, r#"{"id":1}x"#, "{\"id\":1,}"] {
            assert_eq!(id(body), None, "{body}");
        }
        assert_eq!(id(&"[".repeat(100_000)), None);
    }
}
