//! The JSON body: the destination's fields, nested as their dotted targets say.

use serde::{Serialize, Serializer};

use super::value::{Noticed, SentValue, ValuePlan};
use crate::config::Destination;
use crate::lead::{Columns, Lead};

/// How the body of one input's leads is made.
#[derive(Debug)]
pub struct BodyPlan<'d> {
    members: Vec<BodyMember<'d>>,
    /// The body is a list of the one lead.
    wrap: bool,
}

#[derive(Debug)]
struct BodyMember<'d> {
    name: &'d str,
    content: Content<'d>,
}

#[derive(Debug)]
enum Content<'d> {
    Value(Box<ValuePlan<'d>>),
    Object(Vec<BodyMember<'d>>),
}

/// A body or a part of it; members in the order of the destination's table.
enum Body<'v> {
    Value(SentValue<'v>),
    Object(Vec<(&'v str, Body<'v>)>),
}

impl<'d> BodyPlan<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns, wrap: bool) -> Self {
        Self::of(destination, columns, wrap, Some)
    }

    /// What a row says anew of a contact that is there. `reference` is the
    /// column that says which contact. It is wrapped when it is written.
    pub fn amending(
        destination: &'d Destination,
        columns: &Columns,
        reference: Option<usize>,
    ) -> Self {
        Self::of(destination, columns, false, |plan| plan.amending(reference))
    }

    fn of(
        destination: &'d Destination,
        columns: &Columns,
        wrap: bool,
        used: impl Fn(ValuePlan<'d>) -> Option<ValuePlan<'d>>,
    ) -> Self {
        let mut members = Vec::new();
        for field in &destination.fields {
            let plan = ValuePlan::new(&field.rule, &field.target, destination, columns);
            if let Some(plan) = used(plan) {
                place(&mut members, &field.target, plan);
            }
        }
        Self { members, wrap }
    }

    /// The body of one lead as JSON. Blank values are left out, and so is an
    /// object in which nothing is left.
    pub fn body<'v>(&'v self, lead: &'v Lead, noticed: &mut Noticed<'v>) -> String {
        let object = Body::Object(object(&self.members, lead, noticed));
        let json = match self.wrap {
            true => serde_json::to_string(&[object]),
            false => serde_json::to_string(&object),
        };
        // Texts by name can always be written.
        json.unwrap_or_default()
    }
}

/// Puts a value where its target says. One that no lead fills takes no place,
/// but the object that it would stand in does.
fn place<'d>(members: &mut Vec<BodyMember<'d>>, target: &'d str, plan: ValuePlan<'d>) {
    let Some((name, rest)) = target.split_once('.') else {
        if !plan.is_idle() {
            let content = Content::Value(Box::new(plan));
            members.push(BodyMember {
                name: target,
                content,
            });
        }
        return;
    };
    let at = members.iter().position(|member| member.name == name);
    let at = at.unwrap_or_else(|| {
        let content = Content::Object(Vec::new());
        members.push(BodyMember { name, content });
        members.len() - 1
    });
    // A value that holds others is a mistake of the TOML, told when it is read.
    if let Content::Object(inner) = &mut members[at].content {
        place(inner, rest, plan);
    }
}

fn object<'v>(
    members: &'v [BodyMember<'v>],
    lead: &'v Lead,
    noticed: &mut Noticed<'v>,
) -> Vec<(&'v str, Body<'v>)> {
    let mut object = Vec::with_capacity(members.len());
    for member in members {
        let content = match &member.content {
            Content::Value(plan) => plan.value(lead, noticed).map(Body::Value),
            Content::Object(inner) => {
                let inner = self::object(inner, lead, noticed);
                (!inner.is_empty()).then_some(Body::Object(inner))
            }
        };
        object.extend(content.map(|content| (member.name, content)));
    }
    object
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, json: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(json),
            Self::Object(members) => json.collect_map(members.iter().map(|(n, v)| (n, v))),
        }
    }
}
