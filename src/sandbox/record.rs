//! A lead as a simulated partner tells it back: the record of an example, with
//! this lead's values where the example has its own. Pure.

use std::collections::VecDeque;
use std::time::SystemTime;

use serde_json::{Map, Value as Json};

use super::answer;
use super::memory::Received;
use super::refusal::{at, lead_of, text_of};
use crate::config::Destination;
use crate::config::PartnerList;
use crate::config::Pointer;
use crate::config::Then;

/// What is told of one lead.
pub struct Record<'a> {
    destination: &'a Destination,
    lead: &'a Received,
}

impl<'a> Record<'a> {
    pub fn new(destination: &'a Destination, lead: &'a Received) -> Self {
        Self { destination, lead }
    }

    /// Writes the lead into the record that stands somewhere in an answer.
    pub fn write_into(&self, document: &mut Json) {
        let names = self.names();
        if let Some(record) = record_in(document, &names) {
            self.write(record, false);
        }
    }

    /// Writes the lead over an entry of the list.
    pub fn write_over(&self, entry: &mut Json) {
        if let Json::Object(record) = entry {
            self.write(record, true);
        }
        let body = lead_of(self.destination, &self.lead.body).unwrap_or(&Json::Null);
        for sent in self.destination.find.iter().flat_map(|find| &find.sent) {
            if let Some(value) = at(body, &sent.target) {
                sent.at.replace(entry, value.clone());
            }
        }
    }

    /// The members by which a record is known.
    fn names(&self) -> Vec<String> {
        let list = self.destination.list.as_ref();
        let state = list.and_then(|list| list.state.as_ref()).and_then(last_key);
        let targets = self
            .destination
            .fields
            .iter()
            .map(|field| field.target.clone());
        state.into_iter().chain(targets).collect()
    }

    /// What an example leaves empty stays so: partners tell less than they know.
    fn write(&self, record: &mut Map<String, Json>, with_state: bool) {
        let sent = lead_of(self.destination, &self.lead.body).unwrap_or(&Json::Null);
        for field in &self.destination.fields {
            if let Some(told) = record.get_mut(&field.target)
                && !told.is_null()
            {
                *told = at(sent, &field.target).cloned().unwrap_or(Json::Null);
            }
        }
        if let Some(list) = &self.destination.list {
            self.write_listed(list, record, with_state);
        }
        for agreement in self.destination.find.iter().flat_map(|find| &find.matches) {
            let told = last_key(&agreement.at).and_then(|key| record.get_mut(&key));
            if let Some(told) = told.filter(|told| !told.is_null()) {
                *told = self.joined(sent, &agreement.fields).into();
            }
        }
    }

    fn write_listed(&self, list: &PartnerList, record: &mut Map<String, Json>, with_state: bool) {
        let mut put = |at: Option<&Pointer>, value: Json| {
            let told = at.and_then(last_key).and_then(|key| record.get_mut(&key));
            if let Some(told) = told {
                *told = value;
            }
        };
        let number = Json::from(self.lead.number);
        let reference = self.lead.reference.clone();
        let id = match reference {
            Some(text) if text != self.lead.number.to_string() => text.into(),
            _ => number,
        };
        put(Some(&list.id), id);
        put(list.created.as_ref(), iso(self.lead.at).into());
        if with_state {
            let word = self.state_word(list);
            put(list.state.as_ref(), word);
        }
    }

    /// The partner's word for what it decided, as its examples have it.
    fn state_word(&self, list: &PartnerList) -> Json {
        let decided = self.lead.status.as_deref().unwrap_or("pending");
        let then = Then::WORDS.iter().find(|(word, _)| *word == decided);
        let example =
            then.and_then(|(_, then)| answer::example_of(self.destination, "follow", *then));
        let document = example.and_then(|example| serde_json::from_str::<Json>(&example.body).ok());
        let key = list.state.as_ref().and_then(last_key);
        let found = document.zip(key).and_then(|(mut document, key)| {
            let record = record_in(&mut document, std::slice::from_ref(&key))?;
            record.get(&key).cloned()
        });
        found.unwrap_or(Json::Null)
    }

    /// What the lead fields hold, as they were sent.
    fn joined(&self, sent: &Json, fields: &[String]) -> String {
        let value = |field: &String| {
            let mut targets = self.destination.fields.iter();
            let target = targets.find(|target| target.rule.from.contains(field))?;
            at(sent, &target.target).and_then(text_of)
        };
        let values: Vec<String> = fields.iter().filter_map(value).collect();
        values.join(" ")
    }
}

/// The object nearest to the outside that has one of these members.
fn record_in<'j>(document: &'j mut Json, names: &[String]) -> Option<&'j mut Map<String, Json>> {
    let mut level = VecDeque::from([document]);
    while let Some(value) = level.pop_front() {
        let is_it = |object: &Map<String, Json>| names.iter().any(|name| object.contains_key(name));
        if value.as_object().is_some_and(is_it) {
            return value.as_object_mut();
        }
        match value {
            Json::Object(object) => level.extend(object.values_mut()),
            Json::Array(items) => level.extend(items),
            _ => {}
        }
    }
    None
}

/// The member that a place ends in.
fn last_key(at: &Pointer) -> Option<String> {
    let text = at.to_string();
    text.rsplit('/')
        .next()
        .filter(|key| !key.is_empty())
        .map(str::to_owned)
}

/// A moment as most APIs write it.
pub fn iso(moment: SystemTime) -> String {
    let moment = jiff::Timestamp::try_from(moment).unwrap_or_default();
    format!("{moment:.6}")
}
