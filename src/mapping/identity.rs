//! Who a lead is at a destination: the values of its key, normalised, its
//! numbers read as those of its own country.

use super::formats::{email, phone};
use super::value::{Locale, Noticed, ValuePlan};
use crate::config::Destination;
use crate::lead::text::fold;
use crate::lead::{Columns, Lead};

/// What a lead's identity is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The normalised values of the destination's key, in its order.
    Fields(Vec<String>),
    /// A key field is empty: the whole request is the key.
    Request,
}

/// How the key's values are found in the columns of one input.
#[derive(Debug)]
pub struct KeyPlan<'d> {
    parts: Vec<KeyPart<'d>>,
    locale: Locale<'d>,
}

#[derive(Debug)]
enum KeyPart<'d> {
    /// The key field fills a placeholder: its value as the address has it.
    Placeholder(ValuePlan<'d>),
    Field {
        name: &'d str,
        column: Option<usize>,
        default: Option<&'d str>,
    },
}

impl<'d> KeyPlan<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns) -> Self {
        let part = |name: &'d String| match destination.path_rules.get(name) {
            Some(rule) => KeyPart::Placeholder(ValuePlan::new(rule, name, destination, columns)),
            None => KeyPart::Field {
                name,
                column: columns.index_of(name),
                default: destination.default_of(name),
            },
        };
        Self {
            parts: destination.key.iter().map(part).collect(),
            locale: Locale::new(destination, columns),
        }
    }

    pub fn identity(&self, lead: &Lead) -> Identity {
        let values = self.parts.iter().map(|part| self.value(part, lead));
        match values.collect::<Option<Vec<String>>>() {
            Some(values) if !values.is_empty() => Identity::Fields(values),
            _ => Identity::Request,
        }
    }

    /// The normalised value; `None` when it is empty.
    fn value(&self, part: &KeyPart<'_>, lead: &Lead) -> Option<String> {
        match part {
            KeyPart::Placeholder(plan) => {
                let value = plan.value(lead, &mut Noticed::default())?;
                Some(fold(&value.into_text()))
            }
            KeyPart::Field {
                name,
                column,
                default,
            } => {
                let own = column.and_then(|at| lead.filled(at));
                let value = own.or(*default)?;
                let country = self.locale.country(lead);
                Some(normalised(name, value, country, self.locale.home))
            }
        }
    }

    /// Whether the key's addresses and numbers are what they should be. A word in
    /// their place (`unknown`, `n/a`) tells nobody from anybody.
    pub fn is_sound(&self, lead: &Lead) -> bool {
        self.parts.iter().all(|part| match part {
            KeyPart::Field {
                name,
                column: Some(column),
                ..
            } if is_phone(name) || is_email(name) => {
                let country = self.locale.country(lead);
                lead.filled(*column)
                    .is_none_or(|value| contact(name, value, country, self.locale.home).is_some())
            }
            _ => true,
        })
    }
}

fn is_phone(field: &str) -> bool {
    matches!(field, "phone" | "phone2")
}

fn is_email(field: &str) -> bool {
    matches!(field, "email" | "email2")
}

/// A phone or an e-mail address as keys have it; `None` where it is neither.
fn contact(field: &str, value: &str, country: &str, home: &str) -> Option<String> {
    match field {
        _ if is_phone(field) => phone::key(value, country, home),
        _ if is_email(field) => email::key(value),
        _ => None,
    }
}

/// The same phone, address or name, however it was typed, gives the same text.
/// `country` is its owner's, `home` the destination's.
pub fn normalised(field: &str, value: &str, country: &str, home: &str) -> String {
    contact(field, value, country, home).unwrap_or_else(|| fold(value))
}
