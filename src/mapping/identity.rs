//! Who a lead is at a destination: the values of its key, normalised.

use super::formats::{email, phone};
use super::value::{Remarks, Slot};
use crate::lead::fold::fold_to;
use crate::lead::text::is_blank;
use crate::lead::{Cells, Columns, Lead};
use crate::partner::Destination;

/// What a lead's identity is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The normalised values of the destination's key, in its order.
    Fields(Cells),
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
        let mut values = Cells::with_capacity(64, self.parts.len());
        let mut value = String::with_capacity(32);
        for part in &self.parts {
            value.clear();
            if part.value_to(&mut value, lead, self.country).is_none() {
                return Identity::Request;
            }
            values.push(&value);
        }
        match values.is_empty() {
            true => Identity::Request,
            false => Identity::Fields(values),
        }
    }
}

impl Part<'_> {
    /// Appends the value, normalised; `None` when it is empty.
    fn value_to(&self, out: &mut String, lead: &Lead, country: &str) -> Option<()> {
        match self {
            Self::Placeholder(slot) => {
                let mut remarks = Remarks::default();
                let written = slot.write(lead, &mut remarks)?;
                fold_to(out, &written.into_text());
            }
            Self::Field {
                name,
                column,
                default,
            } => {
                let own = column.map(|at| lead.get(at)).filter(|cell| !is_blank(cell));
                normalise_to(out, name, own.or(*default)?, country);
            }
        }
        Some(())
    }
}

/// The same phone, address or name, however it was typed, gives the same text.
pub fn normalised(field: &str, value: &str, country: &str) -> String {
    let mut text = String::with_capacity(value.len());
    normalise_to(&mut text, field, value, country);
    text
}

/// Appends the same text for the same phone, address or name, however it was
/// typed.
fn normalise_to(out: &mut String, field: &str, value: &str, country: &str) {
    let known = match field {
        "phone" | "phone2" => phone::key_to(out, value, country),
        "email" | "email2" => email::key_to(out, value),
        _ => None,
    };
    if known.is_none() {
        fold_to(out, value);
    }
}
