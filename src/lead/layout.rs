//! How a source writes a lead as a list of names and values: where the list
//! stands, and what of an entry is its name and its value. Reads no document.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::words::say;

/// A place in a document: the steps of a JSON pointer, in which `*` is any
/// element, or one plain key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct JsonPath(pub Vec<String>);

impl TryFrom<String> for JsonPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(steps) = text.strip_prefix('/') {
            let steps = steps.split('/');
            let steps = steps.map(|step| step.replace("~1", "/").replace("~0", "~"));
            return Ok(Self(steps.collect()));
        }
        let pointer = || format!("/{}", text.replace(['.', '['], "/").replace(']', ""));
        match text.as_str() {
            "" => Ok(Self::default()),
            _ if text.contains(['/', '.', '[']) => {
                Err(say!("place-no-key", text = &text, pointer = pointer()))
            }
            _ => Ok(Self(vec![text])),
        }
    }
}

/// A list of names and values that is a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "`pairs`")]
pub struct PairList {
    /// The list, in the row.
    pub at: JsonPath,
    /// What of an entry is its name: the first that a column may be called, else
    /// the first that is there.
    pub name: Vec<JsonPath>,
    /// What of an entry is its value: the first that is there; several are joined.
    pub value: Vec<JsonPath>,
    /// The list in the row that says what the names stand for.
    pub questions: Option<Lookup>,
    /// The list in an entry, or in its question, that says what the values stand
    /// for.
    pub choices: Option<Lookup>,
}

/// A list of what stands for something, each with its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "a list of what stands for what")]
pub struct Lookup {
    pub at: JsonPath,
    pub id: JsonPath,
    pub text: Vec<JsonPath>,
}

/// What a row says that is no lead but a try: all of these.
pub type TestMarks = Vec<(JsonPath, Json)>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_pointer_or_a_key() {
        let read = |text: &str| JsonPath::try_from(text.to_owned());
        let steps = |steps: &[&str]| JsonPath(steps.iter().map(|&step| step.to_owned()).collect());
        assert_eq!(read(""), Ok(steps(&[])));
        assert_eq!(read("field data"), Ok(steps(&["field data"])));
        assert_eq!(read("/entry/*/a~1b"), Ok(steps(&["entry", "*", "a/b"])));
        let told = read("field.ref").expect_err("no key");
        assert!(told.contains("\"/field/ref\""), "{told}");
        let told = read("values[0]").expect_err("no key");
        assert!(told.contains("\"/values/0\""), "{told}");
    }
}
