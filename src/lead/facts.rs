//! What of a lead is about no person: what it asks for, where it belongs. It outlives a
//! purge, so that a month's figures stay what they were.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The lead fields that are about no person. What a table of `[columns]` adds is none:
/// nobody knows what it holds.
pub const FACTS: [&str; 12] = [
    "source",
    "program",
    "tenant",
    "course",
    "category",
    "client",
    "id_client",
    "segment",
    "headcount",
    "employees",
    "naf",
    "country",
];

/// Lead fields and their values; none is blank.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadFacts(BTreeMap<String, String>);

impl LeadFacts {
    /// Of these lead fields, as `value` tells them.
    pub fn of<'f, V: AsRef<str>>(
        fields: impl IntoIterator<Item = &'f str>,
        value: impl Fn(&str) -> V,
    ) -> Self {
        let filled = fields.into_iter().filter_map(|field| {
            let value = value(field).as_ref().trim().to_owned();
            (!value.is_empty()).then(|| (field.to_owned(), value))
        });
        Self(filled.collect())
    }

    /// A field's value; empty where there is none.
    pub fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// Without what may be about a person.
    pub fn nobodys(mut self) -> Self {
        self.0.retain(|field, _| FACTS.contains(&field.as_str()));
        self
    }

    /// `None` where there is nothing.
    pub fn to_json(&self) -> Option<String> {
        let json = || serde_json::to_string(self).ok();
        if self.0.is_empty() { None } else { json() }
    }

    pub fn from_json(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_persons_does_not_outlive_a_purge() {
        let fields = FACTS.into_iter().chain(["zip"]);
        let facts = LeadFacts::of(fields, |field| match field {
            "program" => " Villa Rosa ",
            "zip" => "69001",
            _ => " ",
        });
        assert_eq!(facts.get("zip"), "69001");
        let kept = facts.nobodys();
        assert_eq!(
            kept.to_json().as_deref(),
            Some(r#"{"program":"Villa Rosa"}"#)
        );
        assert_eq!(
            LeadFacts::from_json(r#"{"program":"Villa Rosa"}"#),
            Some(kept)
        );
        assert_eq!(LeadFacts::default().to_json(), None);
    }
}
