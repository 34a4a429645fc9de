//! Questions about stored leads: asked where each lead was sent, whatever the
//! table says by now.

use crate::commands::asking::{Values, blamable};
use crate::config::{Call, REFERENCE};
use crate::delivery::{Done, Job, Worker};
use crate::http::request;
use crate::lead::State;
use crate::ledger::{StoredLead, Trigger};

/// Asks about a pending lead, by the number that the partner gave it.
pub fn ask(worker: &Worker<'_>, stored: &StoredLead) -> Done {
    let reference = stored.reference.as_deref().unwrap_or_default();
    match of(worker, stored, reference) {
        Ok(job) => worker.deliver(job),
        Err(why) => Done::left(stored.state, why),
    }
}

/// The question about a lead that has this number, at the address where it was
/// sent.
///
/// # Errors
/// What is not known of it, in words.
pub fn of(worker: &Worker<'_>, stored: &StoredLead, reference: &str) -> Result<Job, String> {
    let destination = worker.caller.destination;
    let Some(call) = &destination.follow else {
        return Err("it can't be asked about".to_owned());
    };
    if reference.is_empty() {
        return Err("not asked: the partner gave no number for it".to_owned());
    }
    let mut values = address(stored.address.as_deref());
    values.push((REFERENCE.to_owned(), reference.to_owned()));
    known(call, &values)?;
    let (trigger, expect): (_, &[State]) = match stored.state {
        State::InDoubt => (Trigger::Find, &[State::InDoubt]),
        _ => (Trigger::Follow, &[State::Pending]),
    };
    Ok(Job {
        place: 0,
        lead: stored.id,
        trigger,
        expect,
        before: stored.state,
        told: false,
        request: request::build(destination, call, &values, None),
        payload: None,
        stored: true,
        address: None,
        given: blamable(destination, &values),
        change: None,
        reference: Some(reference.to_owned()),
        safe_to_repeat: false,
        reason: None,
    })
}

/// Are all values of a call's address known?
///
/// # Errors
/// One is missing, in words.
pub fn known(call: &Call, values: &Values) -> Result<(), String> {
    let is_known = |name: &&str| values.iter().any(|(known, _)| known == name);
    match call.placeholders().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => Err(format!(
            "not asked: its {name} was not recorded when it was sent"
        )),
    }
}

/// Where a lead was sent, as it was recorded then.
pub fn address(json: Option<&str>) -> Values {
    let read = json.and_then(|json| serde_json::from_str(json).ok());
    let Some(serde_json::Value::Object(map)) = read else {
        return Vec::new();
    };
    map.into_iter()
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
        .collect()
}
