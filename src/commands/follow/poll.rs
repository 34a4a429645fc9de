//! Questions about stored leads: asked where each lead was sent, whatever the
//! table says by now.

use crate::commands::asking::{Values, blamable};
use crate::config::{Call, Destination, REFERENCE};
use crate::delivery::{Done, Job, Worker};
use crate::http::request;
use crate::lead::State;
use crate::ledger::{StoredLead, Trigger};

/// Asks about a pending lead.
pub fn pending(worker: &Worker<'_>, call: &Call, stored: &StoredLead) -> Done {
    let reference = stored.reference.as_deref().unwrap_or_default();
    match job(
        worker.caller.destination,
        call,
        stored,
        reference,
        Trigger::Follow,
    ) {
        Ok(job) => worker.deliver(job),
        Err(why) => Done::left(stored.state, why),
    }
}

/// The question about a lead, at the address where it was sent.
///
/// # Errors
/// What is not known of it, in words.
pub fn job(
    destination: &Destination,
    call: &Call,
    stored: &StoredLead,
    reference: &str,
    trigger: Trigger,
) -> Result<Job, String> {
    if reference.is_empty() {
        return Err("not asked: the partner gave no number for it".to_owned());
    }
    let mut values = address(stored.address.as_deref());
    values.push((REFERENCE.to_owned(), reference.to_owned()));
    let filled = fill(call, &values)?;
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
        request: request::build(destination, call, &filled, None),
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

/// The values of a call's placeholders.
///
/// # Errors
/// One is missing, in words.
pub fn fill<'v>(
    call: &'v Call,
    values: &'v [(String, String)],
) -> Result<Vec<(&'v str, &'v str)>, String> {
    let value = |name: &'v str| {
        let known = values.iter().find(|(known, _)| known == name);
        known
            .map(|(_, value)| (name, value.as_str()))
            .ok_or_else(|| format!("not asked: its {name} was not recorded when it was sent"))
    };
    call.placeholders().map(value).collect()
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
