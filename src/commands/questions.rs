//! Questions about stored leads: asked where each lead was sent, whatever the
//! table says by now.

use crate::config::Call;
use crate::config::Destination;
use crate::config::REFERENCE;
use crate::delivery::{Done, Job, Worker};
use crate::http::request;
use crate::lead::State;
use crate::ledger::{StoredLead, Trigger};
use crate::session::Session;

/// Asks about a pending lead.
pub fn ask_about(worker: &Worker<'_>, operation: &Call, stored: &StoredLead) -> Done {
    let destination = worker.caller.destination;
    let reference = stored.reference.clone().unwrap_or_default();
    match question(destination, operation, stored, &reference, Trigger::Follow) {
        Ok(question) => worker.deliver(question),
        Err(why) => Done::left(stored.state, why),
    }
}

/// The question about a lead, at the address where it was sent.
///
/// # Errors
/// What is not known of it, in words.
pub fn question(
    destination: &Destination,
    operation: &Call,
    stored: &StoredLead,
    reference: &str,
    trigger: Trigger,
) -> Result<Job, String> {
    if reference.is_empty() {
        return Err("not asked: the partner gave no number for it".to_owned());
    }
    let mut values = address(stored.address.as_deref());
    values.push((REFERENCE.to_owned(), reference.to_owned()));
    let filled = fill(operation, &values)?;
    Ok(Job {
        place: 0,
        lead: stored.id,
        trigger,
        expect: match stored.state {
            State::InDoubt => &[State::InDoubt],
            _ => &[State::Pending],
        },
        before: stored.state,
        told: false,
        request: request::build(destination, operation, &filled, None),
        payload: None,
        stored: true,
        address: None,
        given: given(destination, &values),
        change: None,
        reference: Some(reference.to_owned()),
        safe_to_repeat: false,
        reason: None,
    })
}

/// The destinations whose leads may stand in the same list: those that read it
/// at the same address.
pub fn of_same_list<'s>(session: &'s Session, destination: &Destination) -> Vec<&'s str> {
    let address = |of: &Destination| {
        let base = of.base.as_deref()?.to_lowercase();
        Some(format!("{base}{}", of.list.as_ref()?.call.path))
    };
    let own = address(destination);
    let all = session.settings.catalogue.destinations.iter();
    all.filter(|other| other.name == destination.name || own.is_some() && address(other) == own)
        .map(|other| other.name.as_str())
        .collect()
}

/// The values of an operation's placeholders.
///
/// # Errors
/// One is missing, in words.
pub fn fill<'v>(
    operation: &'v Call,
    values: &[(String, String)],
) -> Result<Vec<(&'v str, String)>, String> {
    let value = |name: &'v str| {
        let known = values.iter().find(|(known, _)| known == name);
        known
            .map(|(_, value)| (name, value.clone()))
            .ok_or_else(|| format!("not asked: its {name} was not recorded when it was sent"))
    };
    operation.placeholders().map(value).collect()
}

/// Where a lead was sent, as it was recorded then.
pub fn address(json: Option<&str>) -> Vec<(String, String)> {
    let read = json.and_then(|json| serde_json::from_str(json).ok());
    let Some(serde_json::Value::Object(map)) = read else {
        return Vec::new();
    };
    map.into_iter()
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
        .collect()
}

/// What a refusal may blame: the address by its placeholders and by the lead
/// fields that fill them.
pub fn given(destination: &Destination, values: &[(String, String)]) -> Vec<(String, String)> {
    let mut given = values.to_vec();
    for (name, value) in values {
        for field in destination.placeholder(name).from {
            if field != *name {
                given.push((field, value.clone()));
            }
        }
    }
    given
}
