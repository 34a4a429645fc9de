//! JSON pointers (RFC 6901) with `*` for any element of a list or object.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// A path into a JSON answer, checked when the TOML is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
            return Err(format!(
                "`{text}` is not a place in an answer: it must begin with /, as in /data/id"
            ));
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
}
