//! Who a lead is at a destination: the values of its key, normalised, its
//! numbers read as those of its own country.

use super::formats::{email, phone};
use super::locale::Locale;
use super::noticed::Noticed;
use super::value::ValuePlan;
use crate::config::Destination;
use crate::lead::text::fold;
use crate::lead::{Columns, Lead};

/// What a lead's identity is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The normalised values of the destination's key, in its order.
    Fields(Vec<String>),
    /// A key field is empty: the others, and what is filled of [`PERSON`], so that a
    /// changed comment makes no other lead.
    Person(Vec<String>),
    /// Nor does an address or a number tell who it is: the whole request is the key.
    Request,
}

/// Lead fields by which a person is known where a key field is empty.
const PERSON: [&str; 5] = ["email", "phone", "last_name", "first_name", "company"];

/// How the key's values are found in the columns of one input.
#[derive(Debug)]
pub struct KeyPlan<'d> {
    parts: Vec<KeyPart<'d>>,
    person: [KeyPart<'d>; PERSON.len()],
    locale: Locale<'d>,
}

#[derive(Debug)]
enum KeyPart<'d> {
    /// The key field fills a placeholder: its value as the address has it.
    Placeholder(Box<ValuePlan<'d>>),
    Field {
        name: &'d str,
        column: Option<usize>,
        default: Option<&'d str>,
    },
}

impl<'d> KeyPlan<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns) -> Self {
        let field = |name: &'d str| KeyPart::Field {
            name,
            column: columns.index_of(name),
            default: destination.default_of(name),
        };
        let part = |name: &'d String| match destination.path_rules.get(name) {
            Some(rule) => {
                let plan = ValuePlan::new(rule, name, destination, columns);
                KeyPart::Placeholder(Box::new(plan))
            }
            None => field(name),
        };
        Self {
            parts: destination.key.iter().map(part).collect(),
            person: PERSON.map(field),
            locale: Locale::new(destination, columns),
        }
    }

    pub fn identity(&self, lead: &Lead) -> Identity {
        let values = |parts: &[KeyPart<'_>]| -> Vec<Option<String>> {
            parts.iter().map(|part| self.value(part, lead)).collect()
        };
        let key = values(&self.parts);
        if let Some(whole) = key.iter().cloned().collect::<Option<Vec<String>>>()
            && !whole.is_empty()
        {
            return Identity::Fields(whole);
        }
        let [email, phone, ..] = &self.person;
        match self.is_contact(email, lead) || self.is_contact(phone, lead) {
            true => {
                let all = key.into_iter().chain(values(&self.person));
                Identity::Person(all.map(Option::unwrap_or_default).collect())
            }
            false => Identity::Request,
        }
    }

    /// Is it filled with an address, or a number, that can be one?
    fn is_contact(&self, part: &KeyPart<'_>, lead: &Lead) -> bool {
        let KeyPart::Field { name, column, .. } = part else {
            return false;
        };
        let value = column.and_then(|at| lead.filled(at));
        let country = self.locale.country(lead);
        value.is_some_and(|value| contact(name, value, country, self.locale.home).is_some())
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
