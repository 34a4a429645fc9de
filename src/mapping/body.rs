//! The JSON body: the destination's fields as a tree, written straight out.

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
            place(&mut members, &field.target, slot);
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
                place(&mut members, &field.target, slot);
            }
        }
        Self { members, wrap }
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
fn place<'d>(members: &mut Vec<Member<'d>>, target: &'d str, slot: Slot<'d>) {
    let Some((first, rest)) = target.split_once('.') else {
        if slot.is_idle() {
            return;
        }
        members.push(Member::new(target, Part::Value(Box::new(slot))));
        return;
    };
    let at = members.iter().position(|member| member.name == first);
    let at = at.unwrap_or_else(|| {
        members.push(Member::new(first, Part::Object(Vec::new())));
        members.len() - 1
    });
    // A value that holds others is a mistake of the TOML, told when it is read.
    if let Part::Object(inner) = &mut members[at].part {
        place(inner, rest, slot);
    }
}

impl<'d> Member<'d> {
    fn new(name: &'d str, part: Part<'d>) -> Self {
        let mut key = String::new();
        key.push(',');
        json_text(&mut key, name);
        key.push(':');
        Self { key, name, part }
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
                    value.push_to(out);
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
