//! JSON pointers (RFC 6901) with `*` for any element of a list or object.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// A path into a JSON answer, checked when the TOML is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pointer {
    text: String,
    steps: Vec<PathStep>,
}

/// One step down a document.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PathStep {
    /// To the member of this name, or the item of this number.
    Key(String),
    /// To each.
    Any,
}

impl Pointer {
    /// Reads `/data/*/id`. The empty text is the whole document.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(format!(
                "`{text}` is not a place in an answer: it must begin with /, as in /data/id"
            ));
        }
        let steps = text
            .split('/')
            .skip(1)
            .map(|step| match step {
                "*" => PathStep::Any,
                key => PathStep::Key(key.replace("~1", "/").replace("~0", "~")),
            })
            .collect();
        Ok(Self {
            text: text.to_owned(),
            steps,
        })
    }

    /// Every value that the pointer reaches, in document order.
    pub fn find<'a>(&self, document: &'a Value) -> Vec<&'a Value> {
        let mut reached = Vec::new();
        reach(document, &self.steps, &mut reached);
        reached
    }

    /// The first value reached that is not null.
    pub fn first<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.find(document)
            .into_iter()
            .find(|value| !value.is_null())
    }

    /// Puts `new` where the pointer leads; false if nothing is there.
    pub fn replace(&self, document: &mut Value, new: Value) -> bool {
        let mut place = document;
        for step in &self.steps {
            let next = match (step, place) {
                (PathStep::Key(key), Value::Object(object)) => object.get_mut(key),
                (PathStep::Key(key), Value::Array(list)) => {
                    key.parse().ok().and_then(|at: usize| list.get_mut(at))
                }
                (PathStep::Any, Value::Object(object)) => object.values_mut().next(),
                (PathStep::Any, Value::Array(list)) => list.first_mut(),
                _ => None,
            };
            match next {
                Some(inner) => place = inner,
                None => return false,
            }
        }
        *place = new;
        true
    }
}

/// Gathers what `steps` reach from `value`.
fn reach<'a>(value: &'a Value, steps: &[PathStep], reached: &mut Vec<&'a Value>) {
    let Some((step, rest)) = steps.split_first() else {
        reached.push(value);
        return;
    };
    let mut go_on = |value: &'a Value| reach(value, rest, reached);
    match (step, value) {
        (PathStep::Key(key), Value::Object(object)) => {
            object.get(key).map(&mut go_on);
        }
        (PathStep::Key(key), Value::Array(list)) => {
            let at: Option<usize> = key.parse().ok();
            at.and_then(|at| list.get(at)).map(&mut go_on);
        }
        (PathStep::Any, Value::Object(object)) => object.values().for_each(go_on),
        (PathStep::Any, Value::Array(list)) => list.iter().for_each(go_on),
        _ => {}
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
