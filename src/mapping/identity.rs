//! Who a lead is at a destination: the values of its key, normalised.

use super::formats::{email, phone};
use super::keyed::Keyed;
use super::reading::Reading;
use super::value::{Remarks, Slot};
use crate::config::Destination;
use crate::config::ValueFormat;
use crate::lead::fold::fold_to;
use crate::lead::{Cells, Columns, Lead};

/// What a lead's identity is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity<'r> {
    /// The normalised values of the destination's key, in its order.
    Fields(&'r Cells),
    /// A key field is empty: the whole request is the key.
    Request,
}

/// Which of the key's values a slot of the body writes in a form that tells
/// people apart: an e-mail address or an international number. JSON writes
/// both as they are.
pub fn keyed(destination: &Destination, slot: &Slot<'_>) -> Option<usize> {
    destination.key.iter().position(|name| {
        let same = match Form::of(name) {
            Form::Phone => ValueFormat::PhoneE164,
            Form::Email => ValueFormat::Email,
            Form::Folded => return false,
        };
        slot.form_of(name) == Some(same) && !destination.path_rules.contains_key(name)
    })
}

/// How the key's values are found in the columns of one input.
#[derive(Debug)]
pub struct KeyPlan<'d> {
    parts: Vec<Part<'d>>,
    reading: Reading<'d>,
}

#[derive(Debug)]
enum Part<'d> {
    /// The key field fills a placeholder: its value as the address has it.
    Placeholder(Slot<'d>),
    Field {
        form: Form,
        column: Option<usize>,
        default: Option<&'d str>,
    },
}

impl<'d> KeyPlan<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns) -> Self {
        let part = |name: &'d String| match destination.path_rules.get(name) {
            Some(rule) => Part::Placeholder(Slot::new(rule, name, destination, columns)),
            None => Part::Field {
                form: Form::of(name),
                column: columns.index_of(name),
                default: destination.default_of(name),
            },
        };
        Self {
            parts: destination.key.iter().map(part).collect(),
            reading: Reading::new(destination, columns),
        }
    }

    /// The same key, as values were read [before](Reading::formerly).
    pub fn formerly(self) -> Self {
        let part = |part| match part {
            Part::Placeholder(slot) => Part::Placeholder(slot.formerly()),
            field @ Part::Field { .. } => field,
        };
        Self {
            parts: self.parts.into_iter().map(part).collect(),
            reading: self.reading.formerly(),
        }
    }

    /// `room` is where the values are written, in place of what it held.
    pub fn of<'r>(
        &self,
        lead: &Lead,
        body: &str,
        keyed: Keyed,
        room: &'r mut Cells,
    ) -> Identity<'r> {
        room.clear();
        for (number, part) in self.parts.iter().enumerate() {
            let sent = keyed.value(body, number);
            let written = room.push_with(|out| match sent {
                Some(sent) => {
                    push_lower(out, sent);
                    Some(())
                }
                None => part.value_to(out, lead, &self.reading),
            });
            if written.is_none() {
                return Identity::Request;
            }
        }
        match room.is_empty() {
            true => Identity::Request,
            false => Identity::Fields(room),
        }
    }
}

impl KeyPlan<'_> {
    /// Whether the key's addresses and numbers are what they should be. A word in
    /// their place (`unknown`, `n/a`) tells nobody from anybody.
    pub fn is_sound(&self, lead: &Lead) -> bool {
        let mut text = String::new();
        self.parts.iter().all(|part| match part {
            Part::Field { form, column, .. } => column
                .and_then(|at| lead.filled(at))
                .is_none_or(|value| form.is_sound(&mut text, value, lead, &self.reading)),
            Part::Placeholder(_) => true,
        })
    }
}

/// Appends an address as keys have it; of a number nothing changes.
fn push_lower(out: &mut String, sent: &str) {
    let start = out.len();
    out.push_str(sent);
    out[start..].make_ascii_lowercase();
}

impl Part<'_> {
    /// Appends the value, normalised; `None` when it is empty.
    fn value_to(&self, out: &mut String, lead: &Lead, reading: &Reading<'_>) -> Option<()> {
        match self {
            Self::Placeholder(slot) => {
                let mut remarks = Remarks::default();
                let written = slot.write(lead, &mut remarks)?;
                fold_to(out, &written.into_text());
            }
            Self::Field {
                form,
                column,
                default,
            } => {
                let own = column.and_then(|at| lead.filled(at));
                let value = own.or(*default)?;
                if form.known_to(out, value, lead, reading).is_none() {
                    fold_to(out, value);
                }
            }
        }
        Some(())
    }
}

/// The form in which the values of a lead field are compared.
#[derive(Debug, Clone, Copy)]
enum Form {
    Phone,
    Email,
    Folded,
}

impl Form {
    fn of(field: &str) -> Self {
        match field {
            "phone" | "phone2" => Self::Phone,
            "email" | "email2" => Self::Email,
            _ => Self::Folded,
        }
    }

    /// Appends a lead's value in this form; `None` where it has none.
    fn known_to(
        self,
        out: &mut String,
        value: &str,
        lead: &Lead,
        reading: &Reading<'_>,
    ) -> Option<()> {
        match self {
            Self::Phone => phone::key_to(out, value, reading.country(lead), reading.home),
            Self::Email => email::key_to(out, value),
            Self::Folded => None,
        }
    }

    fn is_sound(self, room: &mut String, value: &str, lead: &Lead, reading: &Reading<'_>) -> bool {
        matches!(self, Self::Folded) || self.known_to(room, value, lead, reading).is_some()
    }
}

/// The same phone, address or name, however it was typed, gives the same text.
/// `country` is its owner's, `home` the destination's.
pub fn normalised(field: &str, value: &str, country: &str, home: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let known = match Form::of(field) {
        Form::Phone => phone::key_to(&mut text, value, country, home),
        Form::Email => email::key_to(&mut text, value),
        Form::Folded => None,
    };
    if known.is_none() {
        fold_to(&mut text, value);
    }
    text
}
