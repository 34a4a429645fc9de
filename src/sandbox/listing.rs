//! What a simulated partner tells of the leads that it took in: each one's own
//! page, and the list. It decides of a lead when it is first asked about it; the
//! documented examples say in which words.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value as Json};

use super::answer;
use super::memory::{Memory, Received};
use super::refusal::{at, lead_of, sent_for};
use super::reserved::{Reserved, reserved};
use crate::config::{Destination, PartnerList, Pointer, Then};
use crate::http::Answer;

type Object = Map<String, Json>;

/// Entries on a page of the list.
const PER_PAGE: usize = 50;
/// How long a simulated approval holds.
const HOLDS: Duration = Duration::from_secs(90 * 86_400);

/// The page of the lead of this reference.
pub fn about(
    destination: &Destination,
    memory: &mut Memory,
    reference: &str,
    values: &[(String, String)],
) -> Answer {
    let lead = memory.by_reference(reference);
    let Some(lead) = lead.filter(|lead| stands_at(lead, values)) else {
        let own = answer::find(destination, "follow", |example| example.status == 404);
        return answer::or_plain(own, 404, "no such lead");
    };
    let asked_for = match reserved(&lead.body) {
        Some(Reserved::Decided(then)) => Some(then),
        _ => None,
    };
    let then = lead.decision.or(asked_for);
    let meanings = [
        then.unwrap_or(Then::Approved),
        Then::Approved,
        Then::Delivered,
    ];
    let mut examples = meanings
        .iter()
        .filter_map(|means| answer::example_of(destination, "follow", *means));
    let Some(example) = examples.next() else {
        return answer::plain(404, "no example shows what is answered about a lead");
    };
    lead.decision = Some(example.means);
    let mut answer = answer::played(example);
    let Ok(mut document) = serde_json::from_slice::<Json>(&answer.body) else {
        return answer;
    };
    if let Some(object) = object_in(&mut document, &names(destination)) {
        write(destination, lead, object);
    }
    let now = SystemTime::now();
    let ends = match example.means {
        Then::Expired => now,
        _ => now + HOLDS,
    };
    let rules = destination.follow.iter().flat_map(|follow| &follow.rules);
    for rule in rules.filter(|rule| rule.then == example.means) {
        date(&mut document, rule.expires.as_ref(), ends);
        date(&mut document, rule.decided.as_ref(), now);
    }
    answer.body = document.to_string().into_bytes();
    answer
}

/// A page of the list.
pub fn page(
    destination: &Destination,
    memory: &Memory,
    list: &PartnerList,
    values: &[(String, String)],
    number: usize,
) -> Answer {
    let example = answer::example_of(destination, "list", Then::Delivered);
    let document = example.and_then(|example| serde_json::from_str::<Json>(&example.body).ok());
    let (Some(example), Some(mut document)) = (example, document) else {
        return answer::plain(404, "no example shows a page of the list");
    };
    let mut answer = answer::played(example);
    let shown = list.items.first(&document).and_then(Json::as_array);
    let Some(template) = shown.and_then(|items| items.first()).cloned() else {
        return answer;
    };
    let leads = memory
        .received
        .iter()
        .filter(|lead| stands_at(lead, values));
    let leads: Vec<&Received> = leads.collect();
    let mut pages = leads.chunks(PER_PAGE);
    let last = pages.len().max(1);
    let leads = pages.nth(number.saturating_sub(1)).unwrap_or_default();
    let entries = leads
        .iter()
        .map(|lead| entry(destination, lead, list, &template));
    let entries: Vec<Json> = entries.collect();
    list.items.replace(&mut document, entries.into());
    if let Some(at) = &list.last {
        at.replace(&mut document, last.into());
    }
    answer.body = document.to_string().into_bytes();
    answer
}

/// A lead is only to be seen where it was sent.
fn stands_at(lead: &Received, values: &[(String, String)]) -> bool {
    values.iter().all(|value| lead.values.contains(value))
}

/// Puts a moment where the example has one.
fn date(document: &mut Json, at: Option<&Pointer>, moment: SystemTime) {
    if let Some(at) = at
        && at.first(document).is_some_and(Json::is_string)
    {
        at.replace(document, iso(moment).into());
    }
}

/// The members by which a lead's object is known in an answer.
fn names(destination: &Destination) -> Vec<String> {
    let list = destination.list.as_ref();
    let state = list.and_then(|list| last_key(list.state.as_ref()?));
    let targets = destination.fields.iter().map(|field| field.target.clone());
    state.into_iter().chain(targets).collect()
}

/// Writes a lead over the object of an example. What the example leaves empty
/// stays so: partners tell less than they know.
fn write(destination: &Destination, lead: &Received, object: &mut Object) {
    let sent = lead_of(destination, &lead.body).unwrap_or(&Json::Null);
    for field in &destination.fields {
        if let Some(told) = object.get_mut(&field.target)
            && !told.is_null()
        {
            *told = at(sent, &field.target).cloned().unwrap_or(Json::Null);
        }
    }
    if let Some(list) = &destination.list {
        let id = match &lead.reference {
            Some(text) if *text != lead.number.to_string() => text.as_str().into(),
            _ => lead.number.into(),
        };
        put(object, Some(&list.id), id);
        put(object, list.created.as_ref(), iso(lead.at).into());
    }
    for same in destination.find.iter().flat_map(|find| &find.matches) {
        let told = last_key(&same.at).and_then(|key| object.get_mut(&key));
        if let Some(told) = told.filter(|told| !told.is_null()) {
            *told = joined(destination, sent, &same.fields).into();
        }
    }
}

/// A lead as an entry of the list, with its state.
fn entry(destination: &Destination, lead: &Received, list: &PartnerList, template: &Json) -> Json {
    let mut entry = template.clone();
    if let Json::Object(object) = &mut entry {
        write(destination, lead, object);
        let word = state_word(destination, lead, list);
        put(object, list.state.as_ref(), word);
    }
    let sent = lead_of(destination, &lead.body).unwrap_or(&Json::Null);
    for compared in destination.find.iter().flat_map(|find| &find.sent) {
        if let Some(value) = at(sent, &compared.target) {
            compared.at.replace(&mut entry, value.clone());
        }
    }
    entry
}

fn put(object: &mut Object, at: Option<&Pointer>, value: Json) {
    let told = at.and_then(last_key).and_then(|key| object.get_mut(&key));
    if let Some(told) = told {
        *told = value;
    }
}

/// The partner's word for what it decided, as its examples have it.
fn state_word(destination: &Destination, lead: &Received, list: &PartnerList) -> Json {
    let decided = lead.decision.unwrap_or(Then::Pending);
    let word = || {
        let example = answer::example_of(destination, "follow", decided)?;
        let mut document: Json = serde_json::from_str(&example.body).ok()?;
        let key = last_key(list.state.as_ref()?)?;
        let object = object_in(&mut document, std::slice::from_ref(&key))?;
        object.get(&key).cloned()
    };
    word().unwrap_or(Json::Null)
}

/// What the lead fields hold, as they were sent.
fn joined(destination: &Destination, sent: &Json, fields: &[String]) -> String {
    let values = fields.iter();
    let values = values.filter_map(|field| sent_for(destination, sent, field));
    values.collect::<Vec<String>>().join(" ")
}

/// The object nearest to the outside that has one of these members.
fn object_in<'j>(document: &'j mut Json, names: &[String]) -> Option<&'j mut Object> {
    let mut level = VecDeque::from([document]);
    while let Some(value) = level.pop_front() {
        let is_it = |object: &Object| names.iter().any(|name| object.contains_key(name));
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
    let key = text.rsplit('/').next()?;
    (!key.is_empty()).then(|| key.to_owned())
}

/// A moment as most APIs write it.
fn iso(moment: SystemTime) -> String {
    let moment = jiff::Timestamp::try_from(moment).unwrap_or_default();
    format!("{moment:.6}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::message::Message;
    use super::super::partner::Partner;
    use super::*;
    use crate::config::Catalogue;

    const PARTNER: &str = r#"
[invented]
base = "https://api.example.fr"
key = ["email"]
[invented.fields]
mail = { from = "email", required = true }
first = "first_name"
last = "last_name"
[invented.send]
path = "/{program}/leads"
rules = [{ when = { status = 201 }, then = "pending", reference = "/id" }]
[invented.follow]
path = "/{program}/leads/{reference}"
rules = [
  { when = { "/lead/state" = "yes" }, then = "approved", expires = "/lead/until", decided = "/lead/on" },
  { when = { "/lead/state" = "no" }, then = "rejected" },
  { when = { "/lead/state" = "soon" }, then = "pending" },
]
[invented.list]
path = "/{program}/leads"
page = "p"
items = "/leads"
last = "/pages"
id = "/id"
state = "/state"
created = "/at"
rules = [{ when = { status = 200 }, then = "delivered" }]
[invented.find]
match = { "/who" = ["first_name", "last_name"] }
sent = { "/by/id" = "last" }
[[invented.examples]]
status = 201
body = '{"id":1}'
means = "pending"
[[invented.examples]]
of = "follow"
body = '{"lead":{"id":9,"mail":"x@example.fr","state":"yes","until":"2020-01-01T00:00:00Z","on":"2020-01-01T00:00:00Z","owner":{"id":3}}}'
means = "approved"
[[invented.examples]]
of = "follow"
body = '{"lead":{"id":9,"state":"no"}}'
means = "rejected"
[[invented.examples]]
of = "follow"
body = '{"lead":{"id":9,"state":"soon"}}'
means = "pending"
[[invented.examples]]
of = "list"
body = '{"leads":[{"id":9,"who":"X Y","mail":null,"by":{"id":3},"state":"no","at":"2020-01-01T00:00:00Z"}],"pages":7}'
means = "delivered"
"#;

    fn call(partner: &Partner, method: &str, path: &str, query: &str, body: &Json) -> (u16, Json) {
        let message = Message {
            method: method.into(),
            query: query.into(),
            body: body.to_string().into_bytes(),
            ..Message::default()
        };
        let answer = partner.reply(&message, path).unwrap();
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        (answer.status, body)
    }

    fn partner() -> Partner {
        let catalogue = Catalogue::load(Some(("test.toml", PARTNER))).unwrap();
        Partner::new(catalogue.get("invented").cloned().unwrap())
    }

    fn sent(partner: &Partner, mail: &str) -> String {
        let lead = json!({"mail": mail, "first": "Léa", "last": "Martin"});
        let (_, receipt) = call(partner, "POST", "/12/leads", "", &lead);
        receipt["id"].to_string()
    }

    #[test]
    fn a_lead_is_decided_when_it_is_asked_about() {
        let partner = partner();
        let ask = |number: &str| {
            call(
                &partner,
                "GET",
                &format!("/12/leads/{number}"),
                "",
                &Json::Null,
            )
        };
        let list = |page: &str| call(&partner, "GET", "/12/leads", page, &Json::Null).1;
        let number = sent(&partner, "lea@example.fr");
        let listed = list("p=1");
        assert_eq!(listed["pages"], 1);
        let entry = &listed["leads"][0];
        assert_eq!(
            (&entry["state"], &entry["who"]),
            (&json!("soon"), &json!("Léa Martin"))
        );
        assert_eq!(entry["mail"], Json::Null, "as bare as the example");
        assert_eq!(entry["by"]["id"], "Martin", "what a search compares");
        assert!(entry["at"].as_str().unwrap() > "2026");

        let (status, told) = ask(&number);
        let lead = &told["lead"];
        assert_eq!(
            (status, &lead["state"], &lead["mail"]),
            (200, &json!("yes"), &json!("lea@example.fr"))
        );
        assert_eq!(lead["id"].to_string(), number);
        assert_eq!(lead["owner"]["id"], 3);
        assert!(lead["until"].as_str().unwrap() > "2026" && lead["on"].as_str().unwrap() > "2026");
        assert_eq!(list("a=1&p=1")["leads"][0]["state"], "yes");

        for (mail, state) in [("Refuse+1@example.fr", "no"), ("ponder@example.fr", "soon")] {
            let number = sent(&partner, mail);
            assert_eq!(ask(&number).1["lead"]["state"], state);
            assert_eq!(ask(&number).1["lead"]["state"], state);
        }
        assert_eq!(ask("77").0, 404);
        let elsewhere = format!("/13/leads/{number}");
        assert_eq!(call(&partner, "GET", &elsewhere, "", &Json::Null).0, 404);
        assert_eq!(
            call(&partner, "GET", "/13/leads", "", &Json::Null).1["leads"],
            json!([])
        );
    }

    #[test]
    fn the_list_has_pages() {
        let partner = partner();
        for number in 0..=PER_PAGE {
            sent(&partner, &format!("lea{number}@example.fr"));
        }
        let page = |number| {
            call(
                &partner,
                "GET",
                "/12/leads",
                &format!("p={number}"),
                &Json::Null,
            )
            .1
        };
        let count = |page: &Json| page["leads"].as_array().unwrap().len();
        assert_eq!(
            (count(&page(1)), count(&page(2)), count(&page(3))),
            (50, 1, 0)
        );
        assert_eq!(page(2)["pages"], 2);
    }
}
