//! What is sent to change a contact that is there: the row's values laid over
//! what was read, so that what a row doesn't name stays. Pure.

use serde_json::{Map, Value as Json, json};
use thiserror::Error;

use crate::config::{Amend, Field, Step, Target};
use crate::lead::text::in_quotes;
use crate::words::say;

/// What a row changes of a contact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// The values to set, nested as they are sent.
    pub set: Map<String, Json>,
    /// The targets to empty, where `set` has no value for them.
    pub clear: Vec<Target>,
}

/// What is written, and what that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Amended {
    pub body: Json,
    /// Targets whose values differ from what was read; of what was not read,
    /// all that are sent.
    pub changed: Vec<String>,
}

/// Why what was read can't be written back: whole, it might wipe the contact.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unwritable {
    #[error("{}", say!("unwritable-no-object"))]
    NoObject,
    #[error("{}", say!("unwritable-empty"))]
    Empty,
    #[error("{}", say!("unwritable-refused", member, text = in_quotes(text)))]
    Refused { member: String, text: String },
    #[error("{}", say!("unwritable-lacks", member, at))]
    Lacks { member: String, at: String },
}

/// The body that replaces the whole contact: `read` with the changes laid over.
/// Objects merge by key; what is empty is left out, in whatever shape it was
/// read.
///
/// # Errors
/// Why what was read can't be written back.
pub fn replaced(amend: &Amend, read: &Json, changes: &Changes) -> Result<Amended, Unwritable> {
    let before = Json::Object(writable(amend, read)?);
    if is_empty(&before) {
        return Err(Unwritable::Empty);
    }
    let mut after = before.clone();
    lay(&mut after, changes.body());
    for target in changes.cleared() {
        remove(&mut after, target);
    }
    if let Json::Object(members) = &mut after {
        members.retain(|_, value| !is_empty(value));
    }
    refuse(amend, &after)?;
    let mut changed = changes.targets();
    changed.retain(|target| at(&before, target) != at(&after, target));
    Ok(Amended {
        body: wrapped(amend, after),
        changed: in_words(&changed),
    })
}

/// Nothing in it may be mistaken by the server for something else than text.
fn refuse(amend: &Amend, body: &Json) -> Result<(), Unwritable> {
    for member in leaves(body) {
        let lower = at(body, &member).map(|value| text(value).to_lowercase());
        let lower = lower.unwrap_or_default();
        let mut refused = amend.refuse.iter();
        if let Some(text) = refused.find(|text| lower.contains(&text.to_lowercase())) {
            let text = text.escape_default().to_string();
            let member = member.to_string();
            return Err(Unwritable::Refused { member, text });
        }
    }
    Ok(())
}

/// The targets of a change that are not there as they were written, once it is read
/// again: some servers drop a value and don't say so.
pub fn dropped(amend: &Amend, written: &Json, read: &Json) -> Vec<String> {
    let written = match written {
        Json::Array(list) => list.first().unwrap_or(&Json::Null),
        written => written,
    };
    let there = writable(amend, read).map_or(Json::Null, Json::Object);
    let mut targets = leaves(written);
    let is_kept = |target: &Target| {
        let value = at(written, target).filter(|value| !is_empty(value));
        value.is_none_or(|value| at(&there, target).is_some_and(|it| text(it) == text(value)))
    };
    targets.retain(|target| !is_kept(target));
    in_words(&targets)
}

fn in_words(targets: &[Target]) -> Vec<String> {
    targets.iter().map(Target::to_string).collect()
}

fn text(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The body that names only what changes. A field to empty is sent as the
/// destination says, else as null.
pub fn named(amend: &Amend, changes: &Changes) -> Amended {
    let mut body = changes.body();
    for target in changes.cleared() {
        let blank = amend.blank.clone().map_or(Json::Null, Json::String);
        lay(&mut body, nested(target, blank));
    }
    Amended {
        body: wrapped(amend, body),
        changed: in_words(&changes.targets()),
    }
}

/// What is written, with what is always sent beside a change. `reference`: the
/// partner's number of the contact.
pub fn completed(amend: &Amend, written: &Json, reference: &str) -> Json {
    let mut whole = written.clone();
    let object = match &mut whole {
        Json::Array(list) => list.first_mut(),
        object => Some(object),
    };
    if let Some(object) = object {
        for Field { target, rule } in &amend.constants {
            let text = || rule.template.as_ref().map(|it| it.with(reference).into());
            let value = rule.value.clone().or_else(text);
            lay(object, nested(target, value.unwrap_or_default()));
        }
    }
    whole
}

fn wrapped(amend: &Amend, body: Json) -> Json {
    match amend.call.wrap.is_some() {
        true => Json::Array(vec![body]),
        false => body,
    }
}

/// What was read, as it is written.
fn writable(amend: &Amend, read: &Json) -> Result<Map<String, Json>, Unwritable> {
    let read = read.as_object().ok_or(Unwritable::NoObject)?;
    let mut out = Map::new();
    for (name, value) in read {
        if amend.drop.contains(name) || is_empty(value) {
            continue;
        }
        let take = amend.take.iter().find(|(member, _)| member == name);
        let value = match take.filter(|_| value.is_object()) {
            Some((_, pointer)) => pointer.first(value).ok_or_else(|| Unwritable::Lacks {
                member: name.clone(),
                at: pointer.to_string(),
            })?,
            None => value,
        };
        out.insert(name.clone(), value.clone());
    }
    Ok(out)
}

/// Nothing, in any of the shapes in which servers write it.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// Lays values over others; objects merge by key.
pub fn lay(below: &mut Json, over: Json) {
    match (below, over) {
        (Json::Object(below), Json::Object(over)) => {
            for (name, value) in over {
                lay(below.entry(name).or_insert(Json::Null), value);
            }
        }
        (below, over) => *below = over,
    }
}

/// The value at a target.
pub fn at<'v>(value: &'v Json, target: &Target) -> Option<&'v Json> {
    let mut steps = target.steps().iter();
    steps.try_fold(value, |inner, step| match step {
        Step::Name(name) => inner.get(name),
        Step::Item(at) => inner.get(at),
    })
}

/// The value at a target of a body, which may be a list of the one lead.
pub fn sent_at<'v>(body: &'v Json, target: &Target) -> Option<&'v Json> {
    match (body, target.steps().first()) {
        (Json::Array(list), Some(Step::Name(_))) => at(list.first()?, target),
        _ => at(body, target),
    }
}

/// A value at a target, and nothing else. In a list it is the only one.
pub fn nested(target: &Target, value: Json) -> Json {
    let steps = target.steps().iter().rev();
    steps.fold(value, |inner, step| match step {
        Step::Name(name) => json!({ name: inner }),
        Step::Item(_) => json!([inner]),
    })
}

fn remove(object: &mut Json, target: &Target) {
    let Some((Step::Name(name), outer)) = target.steps().split_last() else {
        return;
    };
    let holder = outer.iter().try_fold(object, |inner, step| match step {
        Step::Name(name) => inner.get_mut(name),
        Step::Item(at) => inner.get_mut(at),
    });
    if let Some(Json::Object(holder)) = holder {
        holder.shift_remove(name);
    }
}

impl Changes {
    /// Every target that is named.
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = leaves(&self.body());
        for target in &self.clear {
            if !targets.contains(target) {
                targets.push(target.clone());
            }
        }
        targets
    }

    /// The targets to empty that get no value.
    fn cleared(&self) -> impl Iterator<Item = &Target> {
        let body = self.body();
        let clear = self.clear.iter();
        clear.filter(move |target| at(&body, target).is_none())
    }

    fn body(&self) -> Json {
        Json::Object(self.set.clone())
    }
}

/// Where values stand that hold no members: a list is one value.
fn leaves(value: &Json) -> Vec<Target> {
    fn look(value: &Json, steps: &mut Vec<Step>, found: &mut Vec<Target>) {
        let Json::Object(members) = value else {
            return found.push(Target::from(steps.as_slice()));
        };
        for (name, value) in members {
            steps.push(Step::Name(name.clone()));
            look(value, steps, found);
            steps.pop();
        }
    }
    let mut found = Vec::new();
    look(value, &mut Vec::new(), &mut found);
    found
}

#[cfg(test)]
mod tests;
