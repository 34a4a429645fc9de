//! What a simulated partner answers when it is asked about the leads that it
//! took in: each one's own page, and the list. It decides of a lead when it is
//! first asked about it; the documented examples say in which words.

use std::time::{Duration, SystemTime};

use serde_json::Value as Json;

use super::answer;
use super::memory::{Memory, Received};
use super::message::Message;
use super::record::Record;
use super::reserved::decision;
use super::route;
use crate::config::Destination;
use crate::config::PartnerList;
use crate::config::Pointer;
use crate::config::REFERENCE;
use crate::config::Then;
use crate::http::Answer;

/// Entries on a page of the list.
const PER_PAGE: usize = 50;
/// How long a simulated approval holds.
const HOLDS: Duration = Duration::from_secs(90 * 86_400);

/// A question that this destination answers.
pub enum Question<'d> {
    About {
        reference: String,
        values: Vec<(String, String)>,
    },
    Page {
        list: &'d PartnerList,
        values: Vec<(String, String)>,
        number: usize,
    },
}

impl<'d> Question<'d> {
    /// The question that a request is, if it is one.
    pub fn of(destination: &'d Destination, message: &Message, path: &str) -> Option<Self> {
        if message.method != "GET" {
            return None;
        }
        let follow = destination.follow.as_ref();
        if let Some(mut values) = follow.and_then(|follow| route::fit(&follow.path, path)) {
            let at = values.iter().position(|(name, _)| name == REFERENCE)?;
            let (_, reference) = values.remove(at);
            return Some(Self::About { reference, values });
        }
        let list = destination.list.as_ref()?;
        let values = route::fit(&list.call.path, path)?;
        let number = list.page.as_ref().and_then(|page| {
            let mut parts = message.query.split('&');
            parts.find_map(|part| part.strip_prefix(page.as_str())?.strip_prefix('='))
        });
        Some(Self::Page {
            list,
            values,
            number: number.and_then(|number| number.parse().ok()).unwrap_or(1),
        })
    }

    pub fn reply(&self, destination: &Destination, memory: &mut Memory) -> Answer {
        match self {
            Self::About { reference, values } => {
                let lead = memory.by_reference(reference);
                match lead.filter(|lead| stands_at(lead, values)) {
                    Some(lead) => about(destination, lead),
                    None => unknown(destination),
                }
            }
            Self::Page {
                list,
                values,
                number,
            } => page(destination, list, values, *number, memory),
        }
    }
}

/// A lead is only to be seen where it was sent.
fn stands_at(lead: &Received, values: &[(String, String)]) -> bool {
    values.iter().all(|value| lead.values.contains(value))
}

/// The lead's own page: decides of it the first time.
fn about(destination: &Destination, lead: &mut Received) -> Answer {
    let then = match &lead.status {
        Some(word) => Then::WORDS
            .iter()
            .find(|(known, _)| known == word)
            .map(|(_, then)| *then),
        None => decision(&lead.body),
    };
    let then = then.unwrap_or(Then::Approved);
    let meanings = [then, Then::Approved, Then::Delivered];
    let mut examples = meanings
        .iter()
        .filter_map(|means| answer::example_of(destination, "follow", *means));
    let Some(example) = examples.next() else {
        return answer::plain(404, "no example shows what is answered about a lead");
    };
    lead.status = Some(example.means.as_str().to_owned());
    let mut answer = answer::played(example);
    let Ok(mut document) = serde_json::from_slice::<Json>(&answer.body) else {
        return answer;
    };
    Record::new(destination, lead).write_into(&mut document);
    let rules = destination.follow.iter().flat_map(|follow| &follow.rules);
    for rule in rules.filter(|rule| rule.then == example.means) {
        let ends = match example.means {
            Then::Expired => SystemTime::now(),
            _ => SystemTime::now() + HOLDS,
        };
        date(&mut document, rule.expires.as_ref(), ends);
        date(&mut document, rule.decided.as_ref(), SystemTime::now());
    }
    answer.body = document.to_string().into_bytes();
    answer
}

/// Puts a moment where the example has one.
fn date(document: &mut Json, at: Option<&Pointer>, moment: SystemTime) {
    if let Some(at) = at
        && at.first(document).is_some_and(Json::is_string)
    {
        at.replace(document, super::record::iso(moment).into());
    }
}

fn unknown(destination: &Destination) -> Answer {
    let mut examples = destination.examples.iter();
    match examples.find(|example| example.call == "follow" && example.status == 404) {
        Some(example) => answer::played(example),
        None => answer::plain(404, "no such lead"),
    }
}

fn page(
    destination: &Destination,
    list: &PartnerList,
    values: &[(String, String)],
    number: usize,
    memory: &Memory,
) -> Answer {
    let example = answer::example_of(destination, "list", Then::Delivered);
    let document = example.and_then(|example| serde_json::from_str::<Json>(&example.body).ok());
    let (Some(example), Some(mut document)) = (example, document) else {
        return answer::plain(404, "no example shows a page of the list");
    };
    let shown = list.items.first(&document).and_then(Json::as_array);
    let Some(template) = shown.and_then(|items| items.first()).cloned() else {
        return answer::played(example);
    };
    let leads: Vec<&Received> = memory
        .received()
        .filter(|lead| stands_at(lead, values))
        .collect();
    let mut pages = leads.chunks(PER_PAGE);
    let last = pages.len().max(1);
    let entries = pages.nth(number.saturating_sub(1)).unwrap_or_default();
    let entries = entries.iter().map(|lead| {
        let mut entry = template.clone();
        Record::new(destination, lead).write_over(&mut entry);
        entry
    });
    let entries: Vec<Json> = entries.collect();
    list.items.replace(&mut document, entries.into());
    if let Some(at) = &list.last {
        at.replace(&mut document, last.into());
    }
    let mut answer = answer::played(example);
    answer.body = document.to_string().into_bytes();
    answer
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::simulated::Simulated;
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

    fn call(
        partner: &Simulated,
        method: &str,
        path: &str,
        query: &str,
        body: &Json,
    ) -> (u16, Json) {
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

    fn partner() -> Simulated {
        let catalogue = Catalogue::load(Some(("test.toml", PARTNER))).unwrap();
        Simulated::new(catalogue.get("invented").cloned().unwrap())
    }

    fn sent(partner: &Simulated, mail: &str) -> String {
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
