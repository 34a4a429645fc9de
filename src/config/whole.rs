//! What must hold between the tables of a destination.

use super::answer::Then;
use super::destination::{CALLS, Destination};
use super::follow::REFERENCE;
use super::mistake::nearest;
use super::reader::Mistakes;
use super::tree::Table;

/// Tells what can't work together.
pub fn check(destination: &Destination, table: &Table, mistakes: &mut Mistakes) {
    nesting(destination, mistakes);
    follow(destination, mistakes);
    find(destination, mistakes);
    sent(destination, mistakes);
    duplicates(destination, table, mistakes);
    query_of_base(destination, table, mistakes);
}

/// An example of a call that isn't there would prove nothing. `own`: the table
/// as it was written, for an heir may have left the call out.
pub fn examples(destination: &Destination, own: &Table, mistakes: &mut Mistakes) {
    if own.get("examples").is_none() {
        return;
    }
    let calls: Vec<&str> = destination.calls().iter().map(|(call, _)| *call).collect();
    for example in &destination.examples {
        // Those of the catalogue are proven, whatever a user left out.
        if example.place.is_built_in() || calls.contains(&example.call.as_str()) {
            continue;
        }
        let message = format!(
            "`of = \"{}\"` names no call of [{}]: the example would prove nothing",
            example.call, destination.name
        );
        let hint = match nearest(&example.call, CALLS) {
            Some(near) if calls.contains(&near) => format!("did you mean \"{near}\"?"),
            Some(near) => format!(
                "\"{near}\" needs a table of its own, [{}.{near}]",
                destination.name
            ),
            None => format!("its calls are: {}", calls.join(", ")),
        };
        mistakes.hint(&example.place, message, hint);
    }
}

/// Only what was recorded at sending can fill the path later.
fn follow(destination: &Destination, mistakes: &mut Mistakes) {
    let Some(follow) = &destination.follow else {
        return;
    };
    let name = &destination.name;
    if !follow.placeholders().any(|known| known == REFERENCE) {
        mistakes.hint(
            &follow.place,
            format!("[{name}.follow] does not say which lead it asks about"),
            "put {reference} in its path: the partner's number for the lead",
        );
    }
    let sent: Vec<&str> = destination.send.placeholders().collect();
    for unknown in follow.placeholders() {
        if unknown != REFERENCE && !sent.contains(&unknown) {
            mistakes.hint(
                &follow.place,
                format!("the path of [{name}.follow] has {{{unknown}}}, which [{name}.send] does not have"),
                "a lead is asked about where it was sent: use the placeholders of `send`, and {reference}",
            );
        }
    }
    if follow.rules.is_empty() {
        mistakes.hint(
            &follow.place,
            format!("[{name}.follow] has no rules: no answer would settle a lead"),
            "say what an answer means: rules = [{ when = { \"/status\" = \"approved\" }, then = \"approved\" }, …]",
        );
    }
}

/// A search needs a list with dates, and a way to ask about what it found.
fn find(destination: &Destination, mistakes: &mut Mistakes) {
    let Some(find) = &destination.find else {
        return;
    };
    let name = &destination.name;
    let dated = destination
        .list
        .as_ref()
        .is_some_and(|list| list.created.is_some());
    let wants = [
        (dated, "[….list] with `created`"),
        (destination.follow.is_some(), "[….follow]"),
    ];
    for (_, what) in wants.iter().filter(|(there, _)| !there) {
        mistakes.add(&find.place, format!("[{name}.find] needs {what}"));
    }
    let sent: Vec<&str> = destination.send.placeholders().collect();
    let unknown = destination
        .list
        .iter()
        .flat_map(|list| list.call.placeholders())
        .find(|placeholder| !sent.contains(placeholder));
    if let Some(unknown) = unknown {
        mistakes.add(
            &find.place,
            format!("[{name}.find] can't fill {{{unknown}}} of [{name}.list]: [{name}.send] does not have it"),
        );
    }
}

/// What is compared as it was sent must be sent. Under the catalogue's own
/// `sent`, a field that is not there was taken out: nothing is compared.
fn sent(destination: &Destination, mistakes: &mut Mistakes) {
    let find = destination.find.iter();
    for sent in find.flat_map(|find| &find.sent) {
        let mut targets = destination.fields.iter().map(|field| &*field.target);
        if sent.place.is_built_in() || targets.any(|target| target == sent.target) {
            continue;
        }
        let (name, target) = (&destination.name, &sent.target);
        let message = format!("`sent` of [{name}.find] names {target}, which is not sent");
        let targets = destination.fields.iter().map(|field| &*field.target);
        match nearest(target, targets) {
            Some(near) => mistakes.hint(&sent.place, message, format!("did you mean {near}?")),
            None => mistakes.add(&sent.place, message),
        }
    }
}

/// A path that followed a query would be part of its last value.
fn query_of_base(destination: &Destination, table: &Table, mistakes: &mut Mistakes) {
    let base = destination.base.as_deref().unwrap_or_default();
    let (true, Some(node)) = (base.contains('?'), table.get("base")) else {
        return;
    };
    let name = &destination.name;
    let calls = destination.calls();
    if let Some((call, _)) = calls.iter().find(|(_, call)| !call.path.is_empty()) {
        mistakes.hint(
            &node.place,
            format!("`base` has a query, and the path of [{name}.{call}] would follow it"),
            "end `base` before the ?, and write it in each call: query = { key = \"value\" }",
        );
    }
}

/// A target can't be a value and hold others.
fn nesting(destination: &Destination, mistakes: &mut Mistakes) {
    for field in &destination.fields {
        let inside = format!("{}.", field.target);
        if let Some(inner) = destination
            .fields
            .iter()
            .find(|f| f.target.starts_with(&inside))
        {
            mistakes.add(
                &inner.rule.place,
                format!(
                    "`{}` can't stand inside `{}`, which is a value of its own",
                    inner.target, field.target
                ),
            );
        }
    }
}

/// Only a contact whose number the answer tells can be changed.
fn duplicates(destination: &Destination, table: &Table, mistakes: &mut Mistakes) {
    let Some(node) = table
        .get("on_duplicate")
        .filter(|_| destination.amend_duplicates)
    else {
        return;
    };
    let mut rules = destination.send.rules.iter();
    let told = rules.any(|rule| rule.then == Then::Duplicate && rule.reference.is_some());
    if destination.amend.is_none() || !told {
        mistakes.hint(
            &node.place,
            "`on_duplicate = \"amend\"` can't be done here",
            "it needs [….amend], and a rule for duplicates with a `reference`",
        );
    }
}
