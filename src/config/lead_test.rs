//! What must hold of a lead: the words of `only`, and of a `when` about leads.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::extract::Pattern;
use super::response_rule::Test;
use crate::lead::text::one_of;
use crate::words::say;

/// One thing that must hold of a lead field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "(String, Test)")]
#[schemars(with = "(String, Test)")]
pub struct LeadTest {
    pub field: String,
    pub wanted: Wanted,
}

#[derive(Debug, Clone)]
pub enum Wanted {
    /// One of these, however it is written.
    OneOf(Vec<String>),
    Present,
    Absent,
    Match(Pattern),
}

/// All of these hold.
pub type LeadTests = Vec<LeadTest>;

impl LeadTest {
    /// What it asks, for people.
    pub fn in_words(&self) -> String {
        let field = &self.field;
        match &self.wanted {
            Wanted::OneOf(values) => say!("asks-is", field, values = one_of(values)),
            Wanted::Present => say!("asks-filled", field),
            Wanted::Absent => say!("asks-empty", field),
            Wanted::Match(pattern) => say!("asks-matches", field, pattern = &pattern.text),
        }
    }
}

impl TryFrom<(String, Test)> for LeadTest {
    type Error = String;

    fn try_from((field, test): (String, Test)) -> Result<Self, String> {
        let text = |value: Json| match value {
            Json::String(text) => Ok(text),
            Json::Number(_) | Json::Bool(_) => Ok(value.to_string()),
            other => Err(say!(
                "mistake-lead-test",
                field = &field,
                value = other.to_string()
            )),
        };
        let wanted = match (test.r#match, test.value) {
            (Some(pattern), _) => Wanted::Match(pattern),
            (None, Some(Json::String(word))) if word == "present" => Wanted::Present,
            (None, Some(Json::String(word))) if word == "absent" => Wanted::Absent,
            (None, Some(Json::Array(values))) if !values.is_empty() => {
                let values = values.into_iter().map(text);
                Wanted::OneOf(values.collect::<Result<_, _>>()?)
            }
            (None, value) => Wanted::OneOf(vec![text(value.unwrap_or_default())?]),
        };
        Ok(Self { field, wanted })
    }
}
