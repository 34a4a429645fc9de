//! The body: the destination's fields, nested as their targets say, as JSON or as a
//! form.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::noticed::Noticed;
use super::sent_value::SentValue;
use super::value::ValuePlan;
use crate::config::{BodyKind, Call, Destination, Field, Step};
use crate::lead::{Columns, Lead};

/// How the body of one input's leads is made.
#[derive(Debug)]
pub struct BodyPlan<'d> {
    content: Content<'d>,
    kind: BodyKind,
    /// The body is a list of the one lead.
    wrap: bool,
}

/// What fills a place in the body.
#[derive(Debug)]
enum Content<'d> {
    Value(Box<ValuePlan<'d>>),
    Object(Vec<(&'d str, Self)>),
    /// Items by their numbers.
    List(BTreeMap<usize, Self>),
}

/// A body or a part of it; members in the order of the destination's table.
enum Body<'v> {
    Value(SentValue<'v>),
    Object(Vec<(&'v str, Self)>),
    List(Vec<Self>),
}

impl<'d> BodyPlan<'d> {
    pub fn new(destination: &'d Destination, call: &Call, columns: &Columns) -> Self {
        let body = Self::of(destination, columns, |_, plan| Some(plan));
        Self {
            kind: call.body_kind(),
            wrap: call.wrap.is_some(),
            ..body
        }
    }

    /// What a row says anew of a contact that is there. What stands in a list takes
    /// no part: the others in it would be lost. `reference` is the
    /// column that says which contact. It is wrapped when it is written.
    pub fn amending(
        destination: &'d Destination,
        columns: &Columns,
        reference: Option<usize>,
    ) -> Self {
        let used = |field: &Field, plan: ValuePlan<'d>| {
            plan.amending(reference)
                .filter(|_| !field.target.is_listed())
        };
        Self::of(destination, columns, used)
    }

    fn of(
        destination: &'d Destination,
        columns: &Columns,
        used: impl Fn(&Field, ValuePlan<'d>) -> Option<ValuePlan<'d>>,
    ) -> Self {
        let mut content = Content::Object(Vec::new());
        for field in &destination.fields {
            let plan = ValuePlan::new(&field.rule, field.target.as_str(), destination, columns);
            if let Some(plan) = used(field, plan) {
                // In a list it says of what its item should speak.
                let plan = Some(plan).filter(|it| !it.is_idle() || field.target.is_listed());
                content.place(field.target.steps(), plan);
            }
        }
        Self {
            content,
            kind: BodyKind::Json,
            wrap: false,
        }
    }

    /// The body of one lead, written out; `None` where none is sent. Blank values
    /// are left out, and so is an object or a list in which nothing is left.
    pub fn body<'v>(&'v self, lead: &'v Lead, noticed: &mut Noticed<'v>) -> Option<String> {
        let body = self.content.of(lead, noticed);
        let body = body.unwrap_or(Body::Object(Vec::new()));
        // Texts by name can always be written.
        Some(match (self.kind, self.wrap) {
            (BodyKind::None, _) => return None,
            (BodyKind::Form, _) => form(&serde_json::to_value(&body).unwrap_or_default()),
            (BodyKind::Json, true) => serde_json::to_string(&[body]).unwrap_or_default(),
            (BodyKind::Json, false) => serde_json::to_string(&body).unwrap_or_default(),
        })
    }
}

/// The members of an object as a form, in their order; a list is its name once for
/// each item.
pub fn form(object: &Json) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in object.as_object().into_iter().flatten() {
        let values = match value {
            Json::Array(items) => items.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            match value.as_str() {
                Some(text) => form.append_pair(name, text),
                None => form.append_pair(name, &value.to_string()),
            };
        }
    }
    form.finish()
}

/// What stands in a body that was sent: its JSON, or the values of a form by name.
pub fn sent(body: &str) -> Option<Json> {
    let json = serde_json::from_str(body).ok();
    json.or_else(|| body.contains('=').then(|| of_form(body.as_bytes())))
}

/// The values of a form, by name; of a name that comes again, a list.
pub fn of_form(form: &[u8]) -> Json {
    let mut values = serde_json::Map::new();
    for (name, value) in form_urlencoded::parse(form) {
        let value = Json::from(value);
        match values.get_mut(&*name) {
            None => _ = values.insert(name.into_owned(), value),
            Some(Json::Array(known)) => known.push(value),
            Some(known) => *known = vec![known.take(), value].into(),
        }
    }
    values.into()
}

impl<'d> Content<'d> {
    /// Puts a value where its target says. One that no lead fills takes no place,
    /// but the object that it would stand in does.
    fn place(&mut self, steps: &'d [Step], plan: Option<ValuePlan<'d>>) {
        let (step, rest) = match (steps.split_first(), plan.is_some()) {
            (None, _) => {
                *self = plan.map_or(Self::Object(Vec::new()), |it| Self::Value(Box::new(it)));
                return;
            }
            (Some((_, [])), false) => return,
            (Some(step), _) => step,
        };
        if let (Self::Object(members), Step::Item(_)) = (&self, step)
            && members.is_empty()
        {
            *self = Self::List(BTreeMap::new());
        }
        let empty = || Self::Object(Vec::new());
        // A value that holds others, or an object that is a list too, is a mistake
        // of the TOML, told when it is read.
        match (self, step) {
            (Self::Object(members), Step::Name(name)) => {
                let at = members.iter().position(|(known, _)| known == name);
                let at = at.unwrap_or_else(|| {
                    members.push((name, empty()));
                    members.len() - 1
                });
                members[at].1.place(rest, plan);
            }
            (Self::List(items), Step::Item(at)) => {
                items.entry(*at).or_insert_with(empty).place(rest, plan);
            }
            _ => {}
        }
    }

    /// What a lead fills of it; `None`: nothing.
    fn of<'v>(&'v self, lead: &'v Lead, noticed: &mut Noticed<'v>) -> Option<Body<'v>> {
        match self {
            Self::Value(plan) => plan.value(lead, noticed).map(Body::Value),
            Self::Object(members) => {
                let mut object = Vec::with_capacity(members.len());
                for (name, content) in members {
                    let value = content.of(lead, noticed);
                    object.extend(value.map(|value| (*name, value)));
                }
                (!object.is_empty()).then_some(Body::Object(object))
            }
            Self::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for content in items.values() {
                    let (own, item) = (noticed.used, content.of(lead, noticed));
                    // Constants alone are no item of a lead that says nothing of it.
                    let is_said = noticed.used > own || !content.asks();
                    list.extend(item.filter(|_| is_said));
                }
                (!list.is_empty()).then_some(Body::List(list))
            }
        }
    }

    /// Does anything in it come from a lead?
    fn asks(&self) -> bool {
        match self {
            Self::Value(plan) => plan.asks(),
            Self::Object(members) => members.iter().any(|(_, content)| content.asks()),
            Self::List(items) => items.values().any(Self::asks),
        }
    }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, json: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(json),
            Self::Object(members) => json.collect_map(members.iter().map(|(n, v)| (n, v))),
            Self::List(items) => json.collect_seq(items),
        }
    }
}
