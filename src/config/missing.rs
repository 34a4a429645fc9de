//! What a destination asks of a lead and nothing gives, whatever the lead says.

use super::consent::ConsentRule;
use super::destination::{CREATED, Destination};
use super::field_rule::FieldRule;
use crate::lead::text::one_of;
use crate::words::say;

/// A value that every lead needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Missing<'d> {
    /// The lead fields or headers of which one would do.
    pub fields: Vec<&'d str>,
    /// What the partner's document calls it.
    label: Option<&'d str>,
    /// One value for all leads makes sense: it is part of the address, or a choice.
    pub is_shared: bool,
}

impl<'d> Missing<'d> {
    fn of(rule: &'d FieldRule, in_address: bool) -> Self {
        Self {
            fields: rule.sources().map(String::as_str).collect(),
            label: rule.label.as_deref(),
            is_shared: in_address || !rule.map.is_empty() || !rule.ranges.is_empty(),
        }
    }

    /// `zip ("Code postal")`
    pub fn in_words(&self) -> String {
        let field = one_of(&self.fields);
        match self.label {
            Some(label) => say!("field-labelled", field, label),
            None => field,
        }
    }
}

impl Destination {
    /// What every lead needs and nothing gives: no column that `has` tells, no
    /// default, no constant.
    pub fn missing(&self, has: impl Fn(&str) -> bool) -> Vec<Missing<'_>> {
        let fills = |name: &String| has(name) || self.default_of(name).is_some();
        let is_open = |rule: &FieldRule| rule.needs_lead() && !rule.sources().any(fills);
        let fields = self.fields.iter().map(|field| &field.rule);
        let others = self.send.query.iter().chain(&self.headers);
        let all = fields.chain(others.map(|(_, rule)| rule));
        let required = all.filter(|rule| rule.required && is_open(rule));
        let in_address = self.send.placeholders().filter_map(|name| {
            Some(match self.path_rules.get(name) {
                Some(rule) if is_open(rule) => Missing::of(rule, true),
                None if !fills(&name.to_owned()) => Missing {
                    fields: vec![name],
                    label: None,
                    is_shared: true,
                },
                _ => return None,
            })
        });
        let groups = self.need_one.iter();
        let groups = groups.filter(|group| !group.iter().any(fills));
        let groups = groups.map(|group| Missing {
            fields: group.iter().map(String::as_str).collect(),
            label: None,
            is_shared: false,
        });
        let required = required.map(|rule| Missing::of(rule, false));
        let age = self.max_age.filter(|_| !fills(&CREATED.to_owned()));
        let age = age.map(|_| Missing {
            fields: vec![CREATED],
            label: None,
            is_shared: false,
        });
        let consent = self.consent.iter().flat_map(ConsentRule::needed);
        let consent = consent.filter(|names| !names.iter().any(|name| has(name)));
        let consent = consent.map(|names| Missing {
            fields: names.iter().map(String::as_str).collect(),
            label: None,
            is_shared: false,
        });
        let mut missing: Vec<Missing<'_>> = Vec::new();
        let all = in_address.chain(required).chain(groups);
        for one in all.chain(age).chain(consent) {
            if missing.iter().all(|known| known.fields != one.fields) {
                missing.push(one);
            }
        }
        missing
    }

    /// Does every lead need this field, and no default gives it?
    pub fn needs(&self, field: &str) -> bool {
        let missing = self.missing(|_| false);
        missing.iter().any(|it| it.fields.first() == Some(&field))
    }

    /// What a row may fill and nothing does, by target: no column that `has` tells, no
    /// default, no constant.
    pub fn unfilled(&self, has: impl Fn(&str) -> bool) -> Vec<(&str, &FieldRule)> {
        let fills = |name: &String| has(name) || self.default_of(name).is_some();
        let is_open =
            |rule: &FieldRule| rule.needs_lead() && !rule.required && !rule.sources().any(fills);
        let fields = self.fields.iter();
        let fields = fields.map(|field| (field.target.as_str(), &field.rule));
        let others = self.send.query.iter().chain(&self.headers);
        let all = fields.chain(others.map(|(name, rule)| (name.as_str(), rule)));
        all.filter(|(_, rule)| is_open(rule)).collect()
    }
}
