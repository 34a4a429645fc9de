//! Changes a contact that is there: reads it where writing replaces all of it,
//! lays the row's values over, writes. What can't be read is never written.

use serde_json::Value as Json;

use super::caller::Caller;
use super::job::Job;
use crate::config::Call;
use crate::config::Destination;
use crate::config::Then;
use crate::config::{Amend, REF};
use crate::http::Reply;
use crate::http::request::{self, Request};
use crate::lead::State;
use crate::mapping::change::{Amended, Changes, is_same, named, replaced};
use crate::outcome::{Judge, LeavesOpen, Meaning, Verdict};

/// A change of one contact.
#[derive(Debug, Clone)]
pub struct Change {
    /// The partner's number of the contact; empty until an answer tells it.
    pub reference: String,
    /// The values of the path's other placeholders.
    pub values: Vec<(String, String)>,
    pub part: Changes,
}

impl Change {
    /// The call of `operation` about this contact.
    pub fn request(
        &self,
        destination: &Destination,
        amend: &Amend,
        operation: &Call,
        body: Option<String>,
    ) -> Request {
        let others = self.values.iter().filter(|(name, _)| name != REF);
        let mut values: Vec<(&str, String)> = others
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        values.push((REF, self.reference.clone()));
        let mut request = request::build(destination, operation, &values, body);
        if self.reference.contains('@') {
            for (name, value) in &amend.by_email {
                request::push_query(&mut request.url, name, value);
            }
        }
        request
    }
}

impl Caller<'_> {
    /// One try of a change, judged.
    pub(super) fn amend(&self, job: &Job) -> Verdict {
        let destination = self.destination;
        let (Some(amend), Some(change)) = (&destination.amend, &job.change) else {
            return unread(None, "this destination can't change contacts");
        };
        let read = match &amend.read {
            None => None,
            Some(operation) => match self.read(amend, operation, change) {
                Ok(contact) => Some(contact),
                Err(verdict) => return about(*verdict, job, change, None),
            },
        };
        let written = match &read {
            None => named(amend, &change.part),
            Some(contact) => match replaced(amend, contact, &change.part) {
                Ok(written) => written,
                Err(why) => return about(unread(None, &why.to_string()), job, change, None),
            },
        };
        if written.changed.is_empty() {
            let told = match change.part.targets().is_empty() {
                true => "this row changes nothing: it fills nothing that is sent",
                false => "nothing to change: the contact says so already",
            };
            return about(unchanged(read.is_some(), told), job, change, None);
        }
        let body = Some(written.body.to_string());
        let request = change.request(destination, amend, &amend.call, body);
        let judge = Judge::new(destination, &amend.call).leaving_open(LeavesOpen::Contact);
        let (_, verdict) = self.judged(judge, &request);
        about(verdict, job, change, Some(&written))
    }

    /// The contact as it is there, or why it can't be known.
    fn read(&self, amend: &Amend, operation: &Call, change: &Change) -> Result<Json, Box<Verdict>> {
        let paced = self.keep_pace();
        paced.map_err(|stop| Box::new(unread(None, &stop.kind.to_string())))?;
        let request = change.request(self.destination, amend, operation, None);
        let (reply, verdict) = self.call(operation, &request);
        if let Reply::Replied(answer) = &reply
            && matches!(answer.status, 200..=299)
        {
            let read = serde_json::from_slice::<Json>(&answer.body).ok();
            let read = read.filter(Json::is_object).ok_or_else(|| {
                let status = answer.status;
                format!("answered {status} with something else than a contact")
            });
            let read = read.and_then(|contact| {
                let same = is_same(amend, &contact, &change.reference);
                same.map(|()| contact).map_err(|why| why.to_string())
            });
            return read.map_err(|why| Box::new(unread(Some(&verdict), &why)));
        }
        Err(Box::new(match verdict.meaning {
            Meaning::Unreachable
            | Meaning::Then(Then::Rejected | Then::Stop | Then::StopForNow | Then::Wait) => verdict,
            Meaning::Then(_) => unread(Some(&verdict), &verdict.message),
        }))
    }
}

/// Nothing was written, for want of what is there now.
fn unread(verdict: Option<&Verdict>, why: &str) -> Verdict {
    let message = format!("the contact could not be read, so nothing was changed: {why}");
    let transport = verdict.map_or("unsent", |verdict| verdict.transport);
    Verdict {
        status: verdict.and_then(|verdict| verdict.status),
        excerpt: verdict.and_then(|verdict| verdict.excerpt.clone()),
        ..Verdict::new(Meaning::Then(Then::NotProcessed), transport, message)
    }
}

fn unchanged(asked: bool, told: &str) -> Verdict {
    let transport = if asked { "replied" } else { "unsent" };
    Verdict::new(Meaning::Then(Then::Delivered), transport, told.to_owned())
}

/// The verdict in the words of a change.
fn about(mut verdict: Verdict, job: &Job, change: &Change, written: Option<&Amended>) -> Verdict {
    if let (Meaning::Then(then), Some(written)) = (verdict.meaning, written)
        && then.is_success()
    {
        let changed = format!("changed: {}", written.changed.join(", "));
        verdict.message = match verdict.message.is_empty() {
            true => changed,
            false => format!("{changed}; {}", verdict.message),
        };
    }
    if job.before == State::Duplicate {
        verdict.message = format!("already there; {}", verdict.message);
    }
    verdict
        .reference
        .get_or_insert_with(|| change.reference.clone());
    verdict
}
