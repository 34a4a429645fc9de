//! Changes a contact that is there: reads it where writing replaces all of it,
//! lays the row's values over, writes. What can't be read is never written.

use serde_json::Value as Json;

use super::caller::Caller;
use crate::config::Call;
use crate::config::Destination;
use crate::config::Then;
use crate::config::{Amend, BodyKind, REF, REFERENCE};
use crate::http::Reply;
use crate::http::request::{self, Request};
use crate::lead::State;
use crate::lead::text::said_together;
use crate::mapping::change::{Changes, completed, dropped, named, replaced};
use crate::mapping::{form, sent};
use crate::outcome::{About, Echo, Judge, LeavesOpen, Meaning, Verdict};
use crate::words::say;

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
    /// The partner's number of the contact; none where an address stands for it.
    fn number(&self) -> Option<&str> {
        Some(self.reference.as_str()).filter(|reference| !reference.contains('@'))
    }

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
        // What a change says is JSON; not always what is sent.
        let body = body.map(|body| match operation.body_kind() {
            BodyKind::Form => form(&sent(&body).unwrap_or_default()),
            _ => body,
        });
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
    /// One try of a change, judged, in the words of a change. `before`: how the
    /// lead stood.
    pub(super) fn amend(&self, change: Option<&Change>, before: State) -> Verdict {
        let (Some(amend), Some(change)) = (&self.destination.amend, change) else {
            return unread(None, &say!("amend-not-possible"));
        };
        let mut verdict = self.change(amend, change).unwrap_or_else(|why| *why);
        if before == State::Duplicate {
            verdict.message = say!("amend-already-there", said = verdict.message);
        }
        let reference = &mut verdict.reference;
        reference.get_or_insert_with(|| change.reference.clone());
        verdict
    }

    /// An error is the verdict of a change that was not tried.
    fn change(&self, amend: &Amend, change: &Change) -> Result<Verdict, Box<Verdict>> {
        let read = amend.read.as_ref();
        let read = read
            .map(|call| self.read(amend, call, change))
            .transpose()?;
        let written = match &read {
            None => named(amend, &change.part),
            Some(contact) => replaced(amend, contact, &change.part)
                .map_err(|why| Box::new(unread(None, &why.to_string())))?,
        };
        if written.changed.is_empty() {
            let told = match change.part.targets().is_empty() {
                true => say!("amend-row-changes-nothing"),
                false => say!("amend-nothing-to-change"),
            };
            let transport = if read.is_some() { "replied" } else { "unsent" };
            let delivered = Meaning::Then(Then::Delivered);
            return Ok(Verdict::new(delivered, transport, told));
        }
        let body = completed(amend, &written.body, &change.reference).to_string();
        let about = About {
            reference: change.number(),
            sent: Some(&body),
            ..About::default()
        };
        let request = change.request(self.destination, amend, &amend.call, Some(body.clone()));
        let judge = Judge::new(self.destination, &amend.call)
            .leaving_open(LeavesOpen::Contact)
            .about(about);
        let (_, mut verdict) = self.judged(judge, &request);
        if let Meaning::Then(then) = verdict.meaning
            && then.is_success()
        {
            let changed = say!("amend-changed", fields = written.changed.join(", "));
            let kept = self.kept(amend, change, &written.body);
            let said = std::mem::take(&mut verdict.message);
            let mut told = vec![changed, said, kept.unwrap_or_default()];
            told.retain(|text| !text.is_empty());
            verdict.message = said_together(&told);
        }
        verdict.sent = Some(Box::new(request));
        Ok(verdict)
    }

    /// What is to be said of the contact, read once more after its change.
    fn kept(&self, amend: &Amend, change: &Change, written: &Json) -> Option<String> {
        let call = amend.read.as_ref().filter(|_| amend.verify)?;
        let Ok(there) = self.read(amend, call, change) else {
            return Some(say!("amend-unverified"));
        };
        let dropped = dropped(amend, written, &there).join(", ");
        (!dropped.is_empty()).then(|| say!("amend-not-kept", fields = dropped))
    }

    /// Does what was read show the contact that was asked for? What is replaced
    /// whole must say so: where a mere answer may be silent, this may not.
    fn is_shown(&self, call: &Call, change: &Change, read: &Json) -> Result<(), String> {
        let number = change.number();
        let about = About {
            reference: number,
            ..About::default()
        };
        let mut places = call.echo.iter().filter(|(_, of)| of == REFERENCE);
        let echo = about.echo(self.destination, call, Some(read));
        match (echo, number.zip(places.next())) {
            (Echo::Another { at, shown, meant }, _) => {
                Err(say!("amend-of-another", shown, at, meant))
            }
            (Echo::Silent, Some((number, (at, _)))) => {
                Err(say!("amend-not-shown", number, at = at.to_string()))
            }
            (Echo::Silent | Echo::Same, _) => Ok(()),
        }
    }

    /// The contact as it is there, or why it can't be known.
    fn read(&self, amend: &Amend, call: &Call, change: &Change) -> Result<Json, Box<Verdict>> {
        let paced = self.keep_pace();
        paced.map_err(|stop| Box::new(unread(None, &stop.kind.to_string())))?;
        let request = change.request(self.destination, amend, call, None);
        let (reply, verdict) = self.call(call, &request);
        match (reply, verdict.meaning) {
            (Reply::Replied(answer), _) if matches!(answer.status, 200..=299) => {
                let contact = serde_json::from_slice::<Json>(&answer.body).ok();
                let contact = contact
                    .filter(Json::is_object)
                    .ok_or_else(|| say!("amend-no-contact", status = answer.status));
                contact
                    .and_then(|it| self.is_shown(call, change, &it).map(|()| it))
                    .map_err(|why| Box::new(unread(Some(&verdict), &why)))
            }
            (_, Meaning::Unreachable)
            | (_, Meaning::Then(Then::Rejected | Then::Stop | Then::StopForNow | Then::Wait)) => {
                Err(Box::new(verdict))
            }
            (_, Meaning::Then(_)) => Err(Box::new(unread(Some(&verdict), &verdict.message))),
        }
    }
}

/// Nothing was written, for want of what is there now.
fn unread(verdict: Option<&Verdict>, why: &str) -> Verdict {
    let message = say!("amend-unread", why);
    let transport = verdict.map_or("unsent", |verdict| verdict.transport);
    Verdict {
        status: verdict.and_then(|verdict| verdict.status),
        excerpt: verdict.and_then(|verdict| verdict.excerpt.clone()),
        ..Verdict::new(Meaning::Then(Then::NotProcessed), transport, message)
    }
}
