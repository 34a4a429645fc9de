//! The JSON body: the destination's fields, nested as their dotted targets say.

use serde::{Serialize, Serializer};

use super::value::{Remarks, Value, ValuePlan};
use crate::config::Destination;
use crate::lead::{Columns, Lead};

/// How the body of one input's leads is made.
#[derive(Debug)]
pub struct BodyPlan<'d> {
    members: Vec<Member<'d>>,
    /// The body is a list of the one lead.
    wrap: bool,
}

#[derive(Debug)]
struct Member<'d> {
    name: &'d str,
    content: Content<'d>,
}

#[derive(Debug)]
enum Content<'d> {
    Value(Box<ValuePlan<'d>>),
    Object(Vec<Member<'d>>),
}

/// A JSON object, its members in the order of the destination's table.
struct Object<'v>(Vec<(&'v str, Node<'v>)>);

#[derive(Serialize)]
#[serde(untagged)]
enum Node<'v> {
    Value(Value<'v>),
    Object(Object<'v>),
}

impl<'d> BodyPlan<'d> {
    pub fn new(destination: &'d Destination, columns: &Columns, wrap: bool) -> Self {
        Self::of(destination, columns, wrap, Some)
    }

    /// What a row says anew of a contact that is there. `reference` is the
    /// column that says which contact.
    pub fn amending(
        destination: &'d Destination,
        columns: &Columns,
        wrap: bool,
        reference: Option<usize>,
    ) -> Self {
        Self::of(destination, columns, wrap, |plan| plan.amending(reference))
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
    pub fn body<'v>(&'v self, lead: &'v Lead, remarks: &mut Remarks<'v>) -> String {
        let object = object(&self.members, lead, remarks);
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
fn place<'d>(members: &mut Vec<Member<'d>>, target: &'d str, plan: ValuePlan<'d>) {
    let Some((name, rest)) = target.split_once('.') else {
        if !plan.is_idle() {
            let content = Content::Value(Box::new(plan));
            members.push(Member {
                name: target,
                content,
            });
        }
        return;
    };
    let at = members.iter().position(|member| member.name == name);
    let at = at.unwrap_or_else(|| {
        let content = Content::Object(Vec::new());
        members.push(Member { name, content });
        members.len() - 1
    });
    // A value that holds others is a mistake of the TOML, told when it is read.
    if let Content::Object(inner) = &mut members[at].content {
        place(inner, rest, plan);
    }
}

fn object<'v>(members: &'v [Member<'v>], lead: &'v Lead, remarks: &mut Remarks<'v>) -> Object<'v> {
    let mut made = Vec::with_capacity(members.len());
    for member in members {
        let node = match &member.content {
            Content::Value(plan) => plan.value(lead, remarks).map(Node::Value),
            Content::Object(inner) => {
                let inner = object(inner, lead, remarks);
                (!inner.0.is_empty()).then_some(Node::Object(inner))
            }
        };
        made.extend(node.map(|node| (member.name, node)));
    }
    Object(made)
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, json: S) -> Result<S::Ok, S::Error> {
        json.collect_map(self.0.iter().map(|(name, node)| (name, node)))
    }
}
