//! A lead that can be sent: its request, and the job that sends it.

use super::rules::{HeaderPlan, Rules};
use crate::config::{Moment, SafeToRepeat};
use crate::delivery::{Change, Job};
use crate::http::request::{self, Request};
use crate::lead::{Lead, State};
use crate::ledger::{Hash16, Hasher, Trigger};
use crate::mapping::{Judged, Mapped, Sending};

/// A lead that can be sent.
pub struct Sendable {
    pub request: Request,
    /// The placeholders' values (JSON), to ask about the lead later.
    pub address: Option<String>,
    /// Values that the row itself gave, which a refusal may blame.
    pub given: Vec<(String, String)>,
    pub safe_to_repeat: bool,
    pub change: Option<Change>,
    /// The same without what is another at each sending, where something is.
    unvarying: Option<Request>,
}

/// What is known of a lead's sending before it is taken in.
pub fn sending<'s>(header: &'s HeaderPlan<'_>, lead: &'s Lead, now: &'s Moment) -> Sending<'s> {
    Sending {
        now,
        file: &lead.record.file,
        line: lead.record.line,
        source: header
            .source
            .as_ref()
            .or(lead.source.as_ref())
            .map(|it| &**it),
        ..Sending::default()
    }
}

/// What is sent of a mapped lead.
pub fn sendable(
    rules: &Rules<'_>,
    header: &HeaderPlan<'_>,
    lead: &Lead,
    mapped: Mapped<'_>,
    sending: Sending<'_>,
) -> Sendable {
    let (destination, given) = (rules.destination, header.plan.given(lead));
    if let Some(amending) = rules.command() {
        let change = amending.change(&mapped);
        return Sendable {
            request: amending.request(destination, &change),
            address: None,
            given,
            safe_to_repeat: amending.is_safe_to_repeat(),
            unvarying: None,
            change: Some(change),
        };
    }
    let amending = rules.amending.as_ref().zip(header.change.as_ref());
    let change = amending.and_then(|(amending, plan)| match plan.judge(lead, sending) {
        Judged::Ready(mapped) => Some(amending.change(&mapped)),
        Judged::Invalid(_) => None,
    });
    let request = |mapped: &Mapped<'_>| {
        let Mapped {
            path,
            query,
            headers,
            body,
            ..
        } = mapped;
        let call = &destination.send;
        request::filled(destination, call, path, query, headers, body.clone())
    };
    let unvarying = rules
        .varies
        .then(|| header.plan.unvarying(lead, sending.source));
    Sendable {
        request: request(&mapped),
        unvarying: unvarying.as_ref().map(request),
        address: address(&mapped.path),
        given,
        safe_to_repeat: match &destination.safe_to_repeat {
            SafeToRepeat::Never => false,
            SafeToRepeat::Always => true,
            SafeToRepeat::With(fields) => header.plan.has_all(lead, fields),
        },
        change,
    }
}

/// The placeholders' values as a JSON object.
fn address(values: &[(&str, impl AsRef<str>)]) -> Option<String> {
    let values = values.iter().map(|(name, value)| {
        let value = value.as_ref().to_owned();
        ((*name).to_owned(), serde_json::Value::String(value))
    });
    let object: serde_json::Map<_, _> = values.collect();
    (!object.is_empty()).then(|| serde_json::Value::Object(object).to_string())
}

impl Sendable {
    /// What is sent, as a hash: where, as what, and what.
    pub fn fingerprint(&self, hasher: &Hasher) -> Hash16 {
        let request = self.unvarying.as_ref().unwrap_or(&self.request);
        let headers = request.headers.iter();
        let headers = headers.flat_map(|(name, value)| [name.as_str(), value]);
        let parts = [request.method.as_str(), &request.url].into_iter();
        hasher.request(parts.chain(headers).chain(request.body.as_deref()))
    }

    /// The job that sends the stored lead `id`, whose row has this place.
    pub fn into_job(self, hasher: &Hasher, place: u64, id: i64) -> Job {
        // The reference of a change is known; of a lead, an answer may tell it.
        let change = self.change.as_ref();
        let known = change.is_some_and(|change| !change.reference.is_empty());
        Job {
            place,
            lead: id,
            payload: Some(self.fingerprint(hasher)),
            request: self.request,
            stored: false,
            address: self.address,
            reference: None,
            since: None,
            sent: None,
            given: self.given,
            change: self.change,
            safe_to_repeat: self.safe_to_repeat,
            trigger: match known {
                true => Trigger::Amend,
                false => Trigger::Send,
            },
            expect: &[State::Unsent],
            taken_in_by: None,
            reason: None,
            before: State::Unsent,
            told: false,
        }
    }
}
