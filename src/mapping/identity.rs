//! Who a lead is at a destination: the values of its key, normalised.

use super::formats::{email, phone};
use super::value::{Remarks, Slot, is_blank};
use crate::lead::fold::fold;
use crate::lead::{Columns, Lead};
use crate::partner::Destination;

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
    parts: Vec<Part<'d>>,
    country: &'d str,
}

#[derive(Debug)]
enum Part<'d> {
    /// The key field fills a placeholder: its value as the address has it.
    Placeholder(Slot<'d>),
    Field {
        name: &'d str,
        column: Option<usize>,
        default: Option<&'d str>,
    },
}

impl<'d> KeyPlan<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns) -> Self {
        let part = |name: &'d String| match destination.path.get(name) {
            Some(rule) => Part::Placeholder(Slot::new(rule, name, destination, columns)),
            None => Part::Field {
                name,
                column: columns.index_of(name),
                default: destination.default_of(name),
            },
        };
        Self {
            parts: destination.key.iter().map(part).collect(),
            country: &destination.country,
        }
    }

    pub fn of(&self, lead: &Lead) -> Identity {
        let values: Option<Vec<String>> = self
            .parts
            .iter()
            .map(|part| part.value(lead, self.country))
            .collect();
        match values {
            Some(values) if !values.is_empty() => Identity::Fields(values),
            _ => Identity::Request,
        }
    }
}

impl Part<'_> {
    fn value(&self, lead: &Lead, country: &str) -> Option<String> {
        match self {
            Self::Placeholder(slot) => {
                let mut remarks = Remarks::default();
                let written = slot.write(lead, &mut remarks)?;
                Some(fold(&written.into_text()))
            }
            Self::Field {
                name,
                column,
                default,
            } => {
                let own = column.map(|at| lead.get(at)).filter(|cell| !is_blank(cell));
                let value = own.or(*default)?;
                Some(normalised(name, value, country))
            }
        }
    }
}

/// The same phone, address or name, however it was typed, gives the same text.
pub fn normalised(field: &str, value: &str, country: &str) -> String {
    match field {
        "phone" | "phone2" => phone::digits_for_key(value, country).unwrap_or_else(|| fold(value)),
        "email" | "email2" => email::key(value).unwrap_or_else(|| fold(value)),
        _ => fold(value),
    }
}
