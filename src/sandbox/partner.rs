//! One destination as its partner would behave: what a request that arrived
//! is answered. Knows no socket.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;

use super::memory::Memory;
use super::message::Message;
use super::refusal::{lead_of, refusal, sent_for, target_of};
use super::reserved::{Reserved, reserved};
use super::route::{CONTACT, KEPT_SETTINGS, Values, page_number, route, taken};
use super::{answer, change, listing};
use crate::config::{Auth, Destination, REF, REFERENCE, SafeToRepeat, Then};
use crate::http::Answer;

/// A destination, simulated, with what it has taken in.
pub struct Partner {
    pub destination: Destination,
    memory: Mutex<Memory>,
}

/// A lead that broke no rule.
struct Arrival {
    /// What makes two requests the same lead.
    identity: String,
    /// The key has an empty field: the partner can't know the lead by it.
    keyless: bool,
    body: Json,
    values: Values,
}

impl Partner {
    pub fn new(destination: Destination) -> Self {
        Self {
            destination,
            memory: Mutex::default(),
        }
    }

    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a request; `path` is what follows the base. `None`: the
    /// request was read and its answer is lost.
    pub fn reply(&self, message: &Message, path: &str) -> Option<Answer> {
        let destination = &self.destination;
        let Some((call, mut values)) = route(destination, message, path) else {
            let own = answer::find(destination, "send", |example| example.status == 404);
            return Some(answer::or_plain(own, 404, "nothing is at this address"));
        };
        if !self.is_authorised(message) {
            let refused = answer::unauthorised(destination);
            return Some(answer::because(refused, "no credential in its header"));
        }
        let body = serde_json::from_slice(&message.body).ok();
        if call == "send" {
            return self.receive(body, values);
        }
        let memory = &mut self.memory();
        let amend = destination.amend.as_ref();
        Some(match call {
            "follow" => {
                let reference = taken(&mut values, REFERENCE)?;
                listing::about(destination, memory, &reference, &values)
            }
            "list" => {
                let list = destination.list.as_ref()?;
                let number = page_number(list, message);
                listing::page(destination, memory, list, &values, number)
            }
            CONTACT => change::read(destination, memory, amend?, taken(&mut values, REF)?),
            "amend" => change::write(destination, memory, amend?, &taken(&mut values, REF)?, body),
            KEPT_SETTINGS => answer::in_json(200, change::settings(destination, memory)),
            "settings" => {
                let words = destination.settings.as_ref()?;
                change::write_settings(destination, memory, words, body)
            }
            _ => match answer::example_of(destination, "online", Then::Delivered) {
                Some(example) => answer::played(example),
                None => answer::in_json(200, &Json::Object(Default::default())),
            },
        })
    }

    /// A lead arrives.
    fn receive(&self, body: Option<Json>, values: Values) -> Option<Answer> {
        let Some(body) = body else {
            return Some(self.refuse("the body is not JSON"));
        };
        if let Some(reason) = refusal(&self.destination, &body) {
            return Some(self.refuse(&reason));
        }
        let shown = reserved(&body);
        let key = self.key_values(&body, &values);
        let arrival = Arrival {
            keyless: key.is_none(),
            // Where it shows no key, all of the request.
            identity: match key.filter(|key| !key.is_empty()) {
                Some(key) => key.join("\0"),
                None => format!("{body} {values:?}"),
            },
            body,
            values,
        };
        match shown {
            Some(shown) => self.show(shown, arrival),
            None => Some(self.take_in(arrival)),
        }
    }

    /// Any credential will do, in the header and of the kind that is asked for.
    fn is_authorised(&self, message: &Message) -> bool {
        let Some(auth) = &self.destination.auth else {
            return true;
        };
        let given = message.header(auth.header()).unwrap_or_default().trim();
        let scheme = match auth {
            Auth::Header { .. } => return !given.is_empty(),
            Auth::Bearer(_) => "bearer",
            Auth::Basic { .. } => "basic",
        };
        given.split_once(' ').is_some_and(|(kind, secret)| {
            kind.eq_ignore_ascii_case(scheme) && !secret.trim().is_empty()
        })
    }

    fn refuse(&self, reason: &str) -> Answer {
        answer::because(answer::refused(&self.destination, reason), reason)
    }

    /// The same lead once more: the partner says so, or keeps the one that it
    /// has, or takes it for another.
    fn take_in(&self, arrival: Arrival) -> Answer {
        let mut memory = self.memory();
        let known = !arrival.keyless || self.destination.safe_to_repeat == SafeToRepeat::Always;
        if let Some(&number) = memory.numbers.get(&arrival.identity)
            && known
        {
            if let Some(example) = answer::example(&self.destination, Then::Duplicate) {
                return answer::numbered(&self.destination.send.rules, example, number).0;
            }
            if self.destination.safe_to_repeat != SafeToRepeat::Never {
                return answer::success(&self.destination, number).0;
            }
        }
        let (answer, reference) = answer::success(&self.destination, memory.next_number());
        memory.remember(arrival.identity, reference, arrival.body, arrival.values);
        answer
    }

    fn show(&self, shown: Reserved, arrival: Arrival) -> Option<Answer> {
        let destination = &self.destination;
        Some(match shown {
            // A partner that tells no duplicates takes it for a lead.
            Reserved::Answered(Then::Duplicate) => match answer::duplicate(destination) {
                Some(answer) => answer,
                None => self.take_in(arrival),
            },
            Reserved::Answered(Then::Wait) => {
                let identity = arrival.identity.clone();
                let is_first = self.memory().asked_to_wait.insert(identity);
                match is_first {
                    true => answer::waiting(destination),
                    false => self.take_in(arrival),
                }
            }
            Reserved::Answered(means) => answer::unwelcome(destination, means),
            Reserved::Html => answer::page(),
            Reserved::Decided(_) => self.take_in(arrival),
            Reserved::Timeout => {
                self.take_in(arrival);
                return None;
            }
        })
    }

    /// The key's values as far as the request shows them; `None` if one that
    /// has its place there is empty.
    fn key_values(&self, body: &Json, values: &[(String, String)]) -> Option<Vec<String>> {
        let destination = &self.destination;
        let lead = lead_of(destination, body)?;
        let mut parts = Vec::new();
        for field in &destination.key {
            let fills = |name: &str| destination.placeholder(name).from.contains(field);
            let in_path = values.iter().find(|(name, _)| fills(name));
            let part = match in_path {
                Some((_, value)) => value.clone(),
                None if target_of(destination, field).is_none() => continue,
                None => sent_for(destination, lead, field)?,
            };
            parts.push(part.trim().to_lowercase());
        }
        Some(parts)
    }
}
