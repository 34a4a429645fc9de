//! Changes a contact that is there: reads it where writing replaces all of it,
//! lays the row's values over, writes. What can't be read is never written.

use std::time::SystemTime;

use serde_json::Value as Json;

use super::change::Change;
use super::control::Turn;
use super::courier::Courier;
use super::job::Job;
use crate::config::Amend;
use crate::config::Call;
use crate::config::Then;
use crate::http::Reply;
use crate::http::request::Request;
use crate::lead::State;
use crate::mapping::change::{Amended, is_same, named, replaced, targets};
use crate::outcome::{Judge, LeavesOpen, Meaning, Verdict};

impl Courier<'_> {
    /// One try of a change, judged.
    pub(super) fn amend(&self, job: &Job) -> Verdict {
        let destination = self.judge.destination;
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
                Err(why) => return about(unread(None, &why), job, change, None),
            },
        };
        if written.changed.is_empty() {
            let told = match targets(&change.part).is_empty() {
                true => "this row changes nothing: it fills nothing that is sent",
                false => "nothing to change: the contact says so already",
            };
            return about(unchanged(read.is_some(), told), job, change, None);
        }
        let body = Some(written.body.to_string());
        let request = change.request(destination, amend, &amend.call, body);
        let (_, verdict) = self.judged(&amend.call, LeavesOpen::Contact, &request);
        about(verdict, job, change, Some(&written))
    }

    fn judged(
        &self,
        operation: &Call,
        leaves_open: LeavesOpen,
        request: &Request,
    ) -> (Reply, Verdict) {
        let judge = Judge::new(self.judge.destination, operation).leaving_open(leaves_open);
        let reply = self.transport.call(request, self.credential);
        let verdict = judge.verdict(&reply, SystemTime::now());
        (reply, verdict)
    }

    /// The contact as it is there, or why it can't be known.
    fn read(&self, amend: &Amend, operation: &Call, change: &Change) -> Result<Json, Box<Verdict>> {
        self.pay().map_err(|why| Box::new(unread(None, &why)))?;
        let request = change.request(self.judge.destination, amend, operation, None);
        let (reply, verdict) = self.judged(operation, LeavesOpen::Nothing, &request);
        if let Reply::Replied(answer) = &reply
            && matches!(answer.status, 200..=299)
        {
            let read = serde_json::from_slice::<Json>(&answer.body).ok();
            let read = read.filter(Json::is_object).ok_or_else(|| {
                let status = answer.status;
                format!("answered {status} with something else than a contact")
            });
            let read = read
                .and_then(|contact| is_same(amend, &contact, &change.reference).map(|()| contact));
            return read.map_err(|why| Box::new(unread(Some(&verdict), &why)));
        }
        Err(Box::new(match verdict.meaning {
            Meaning::Unreachable
            | Meaning::Then(Then::Rejected | Then::Stop | Then::StopForNow | Then::Wait) => verdict,
            Meaning::Then(_) => unread(Some(&verdict), &verdict.message),
        }))
    }

    /// Reading counts at the pace too; an error says why the run doesn't wait.
    fn pay(&self) -> Result<(), String> {
        let Some(bucket) = &self.pace else {
            return Ok(());
        };
        loop {
            match self
                .journal
                .pace(bucket)
                .map_err(|error| error.to_string())?
            {
                Ok(()) => return Ok(()),
                Err(pause) => {
                    if let Turn::Stopped(stop) = self.control.sleep(pause) {
                        return Err(stop.message);
                    }
                }
            }
        }
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
