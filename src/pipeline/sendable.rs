//! A lead that can be sent: its request, and what its delivery must know.

use crate::delivery::{Change, Job};
use crate::http::request::Request;
use crate::lead::{State, json_text};
use crate::ledger::{Hash16, Hasher, Trigger};

/// What the rules made of a lead.
pub enum Ready {
    Valid(Box<Sendable>),
    Invalid(String),
}

/// A lead that can be sent.
pub struct Sendable {
    pub request: Request,
    /// Its fingerprint, if somebody made it already.
    pub payload: Option<Hash16>,
    pub address: Option<String>,
    pub given: Vec<(String, String)>,
    pub safe_to_repeat: bool,
    pub change: Option<Change>,
}

/// What is sent, as a hash: where and what.
pub fn fingerprint(hasher: &Hasher, request: &Request) -> Hash16 {
    let body = request.body.as_deref().unwrap_or_default();
    hasher.request(request.method.as_str(), &request.url, body.as_bytes())
}

impl Sendable {
    pub fn payload_by(&self, hasher: &Hasher) -> Hash16 {
        let made = || fingerprint(hasher, &self.request);
        self.payload.unwrap_or_else(made)
    }

    /// The job that sends it, once it is stored.
    pub fn into_job(self, hasher: &Hasher, place: u64, lead: i64) -> Job {
        // The reference of a change is known; of a lead, an answer may tell it.
        let known = self
            .change
            .as_ref()
            .is_some_and(|change| !change.reference.is_empty());
        let trigger = match known {
            true => Trigger::Amend,
            false => Trigger::Send,
        };
        Job {
            place,
            lead,
            payload: Some(self.payload_by(hasher)),
            request: self.request,
            stored: false,
            address: self.address,
            given: self.given,
            change: self.change,
            safe_to_repeat: self.safe_to_repeat,
            trigger,
            expect: &[State::Unsent],
            reference: None,
            reason: None,
            before: State::Unsent,
            told: false,
        }
    }
}

/// The placeholders' values as JSON, to ask about the lead later.
pub fn address(values: &[(&str, impl AsRef<str>)]) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    let mut json = String::with_capacity(64);
    for (name, value) in values {
        json.push(if json.is_empty() { '{' } else { ',' });
        json_text(&mut json, name);
        json.push(':');
        json_text(&mut json, value.as_ref());
    }
    json.push('}');
    Some(json)
}
