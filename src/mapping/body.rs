//! The JSON body: the destination's fields as a tree, written straight out.

use super::identity;
use super::value::{Remarks, Slot};
use crate::config::Destination;
use crate::lead::{Columns, Lead, json_text};

/// The fields of a body, nested as their dotted targets say.
#[derive(Debug)]
pub struct Body<'d> {
    members: Vec<Member<'d>>,
    wrap: bool,
}

#[derive(Debug)]
struct Member<'d> {
    /// The key as JSON text, between a comma and its colon.
    key: String,
    name: &'d str,
    part: Part<'d>,
    /// The number of the key's value that this is, written out.
    keyed: Option<usize>,
}

#[derive(Debug)]
enum Part<'d> {
    Value(Box<Slot<'d>>),
    Object(Vec<Member<'d>>),
}

impl<'d> Body<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns, wrap: bool) -> Self {
        let mut members = Vec::new();
        for field in &destination.fields {
            let slot = Slot::new(&field.rule, &field.target, destination, columns);
            let keyed = identity::keyed(destination, &slot);
            place(&mut members, &field.target, slot, keyed);
        }
        Self { members, wrap }
    }

    /// What a row says anew of a contact that is there. `reference` is the
    /// column that says which contact.
    pub fn amending(
        destination: &'d Destination,
        columns: &Columns,
        wrap: bool,
        reference: Option<usize>,
    ) -> Self {
        let mut members = Vec::new();
        for field in &destination.fields {
            let slot = Slot::new(&field.rule, &field.target, destination, columns);
            if let Some(slot) = slot.amending(reference) {
                place(&mut members, &field.target, slot, None);
            }
        }
        Self { members, wrap }
    }

    /// The same body, as values were read [before](Slot::formerly).
    pub fn formerly(self) -> Self {
        Self {
            members: self.members.into_iter().map(Member::formerly).collect(),
            wrap: self.wrap,
        }
    }

    /// Appends the body of one lead. Blank values are left out, and so is an
    /// object in which nothing is left.
    pub fn write<'v>(&'v self, lead: &'v Lead, out: &mut String, remarks: &mut Remarks<'v>) {
        if self.wrap {
            out.push('[');
        }
        out.push('{');
        write_members(&self.members, lead, out, remarks);
        out.push('}');
        if self.wrap {
            out.push(']');
        }
    }
}

/// Puts a slot where its target says. One that no lead fills takes no place,
/// but the object that it would stand in does.
fn place<'d>(members: &mut Vec<Member<'d>>, target: &'d str, slot: Slot<'d>, keyed: Option<usize>) {
    let Some((first, rest)) = target.split_once('.') else {
        if slot.is_idle() {
            return;
        }
        members.push(Member::new(target, Part::Value(Box::new(slot)), keyed));
        return;
    };
    let at = members.iter().position(|member| member.name == first);
    let at = at.unwrap_or_else(|| {
        members.push(Member::new(first, Part::Object(Vec::new()), None));
        members.len() - 1
    });
    // A value that holds others is a mistake of the TOML, told when it is read.
    if let Part::Object(inner) = &mut members[at].part {
        place(inner, rest, slot, keyed);
    }
}

impl<'d> Member<'d> {
    fn new(name: &'d str, part: Part<'d>, keyed: Option<usize>) -> Self {
        let mut key = String::new();
        key.push(',');
        json_text(&mut key, name);
        key.push(':');
        Self {
            key,
            name,
            part,
            keyed,
        }
    }

    fn formerly(self) -> Self {
        let part = match self.part {
            Part::Value(slot) => Part::Value(Box::new(slot.formerly())),
            Part::Object(inner) => Part::Object(inner.into_iter().map(Self::formerly).collect()),
        };
        Self { part, ..self }
    }

    /// Appends the key; `others`: it follows another member.
    fn begin(&self, out: &mut String, others: bool) {
        out.push_str(&self.key[usize::from(!others)..]);
    }
}

/// Writes `"key":value,…`; true if anything was written.
fn write_members<'v>(
    members: &'v [Member<'v>],
    lead: &'v Lead,
    out: &mut String,
    remarks: &mut Remarks<'v>,
) -> bool {
    let mut any = false;
    for member in members {
        match &member.part {
            Part::Value(slot) => {
                if let Some(value) = slot.write(lead, remarks) {
                    member.begin(out, any);
                    let start = out.len();
                    value.push_to(out);
                    if let Some(part) = member.keyed {
                        remarks.keyed.stands(part, start, out.len());
                    }
                    any = true;
                }
            }
            Part::Object(inner) => {
                let before = out.len();
                member.begin(out, any);
                out.push('{');
                match write_members(inner, lead, out, remarks) {
                    true => {
                        out.push('}');
                        any = true;
                    }
                    false => out.truncate(before),
                }
            }
        }
    }
    any
}
