//! What a simulated partner tells of the leads that it took in: each one's own
//! page, and the list. It decides of a lead when it is first asked about it; the
//! documented examples say in which words.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;

use super::answer;
use super::body::{at, lead_of, sent_for};
use super::partner::{KEPT, Partner, Received, Values};
use super::reserved::{Reserved, reserved};
use crate::config::{Destination, Paging, PartnerList, Pointer, Then};
use crate::http::Answer;
use crate::mapping::normalised;
use crate::words::say;

/// Entries on a page of the list.
const PER_PAGE: usize = 50;
/// How long a simulated approval holds.
const HOLDS: Duration = Duration::from_secs(90 * 86_400);

impl Partner {
    /// The page of the lead of this reference.
    pub fn about(&mut self, reference: &str, values: &Values) -> Answer {
        let destination = Arc::clone(&self.destination);
        let lead = self.by_reference(reference);
        let Some(lead) = lead.filter(|lead| stands_at(lead, values)) else {
            let own = answer::find(&destination, "follow", |example| example.status == 404);
            return answer::or_plain(own, 404, &say!("sandbox-no-lead"));
        };
        let asked_for = match reserved(&lead.body) {
            Some(Reserved::Decided(then)) => then,
            _ => Then::Approved,
        };
        let then = lead.decision.unwrap_or(asked_for);
        let mut examples = [then, Then::Approved, Then::Delivered]
            .into_iter()
            .filter_map(|means| answer::example(&destination, "follow", means));
        let Some(example) = examples.next() else {
            return answer::plain(404, &say!("sandbox-follow-unshown"));
        };
        lead.decision = Some(example.means);
        let mut answer = answer::played(example);
        let Ok(mut document) = serde_json::from_slice::<Json>(&answer.body) else {
            return answer;
        };
        let state = state_of(&destination);
        let is_lead = |value: &Json| {
            let mut targets = destination.fields.iter().map(|field| &field.target);
            state.is_some_and(|at| !at.find(value).is_empty())
                || targets.any(|target| value.get(target.as_str()).is_some())
        };
        if let Some(object) = nearest(&mut document, is_lead) {
            write(&destination, lead, object);
        }
        let now = SystemTime::now();
        let ends = match example.means {
            Then::Expired => now,
            _ => now + HOLDS,
        };
        let rules = destination.follow.iter().flat_map(|follow| &follow.rules);
        for rule in rules.filter(|rule| rule.then == example.means) {
            put(&mut document, rule.expires.as_ref(), iso(ends));
            put(&mut document, rule.decided.as_ref(), iso(now));
        }
        answer.body = document.to_string().into_bytes();
        let sent = lead_of(&destination, &lead.body).unwrap_or(&Json::Null);
        match &destination.follow {
            Some(follow) => {
                let repeated = answer::repeated(&destination, follow, sent, Some(reference));
                answer::repeat(answer, &repeated)
            }
            None => answer,
        }
    }

    /// What is told of the person whom a path's placeholders name.
    pub fn search(&self, sought: &Values) -> Answer {
        let destination = &self.destination;
        let mut newest_first = self.received.iter().rev();
        let found = newest_first.find(|lead| is_person(destination, lead, sought));
        let (Some(lead), Some(call)) = (found, destination.call("find")) else {
            let shown = answer::example(destination, "find", Then::NotProcessed);
            return answer::or_plain(shown, 404, &say!("sandbox-nobody"));
        };
        let shown = answer::find(destination, "find", |example| example.means.is_success());
        let Some(example) = shown else {
            return answer::plain(404, &say!("sandbox-find-unshown"));
        };
        let (mut answer, reference) = answer::numbered(&call.rules, example, lead.number);
        if let Ok(mut document) = serde_json::from_slice::<Json>(&answer.body) {
            let find = destination.find.as_ref();
            let created = find.and_then(|find| find.created.as_ref());
            put(&mut document, created, iso(lead.at));
            answer.body = document.to_string().into_bytes();
        }
        let sent = lead_of(destination, &lead.body).unwrap_or(&Json::Null);
        let repeated = answer::repeated(destination, call, sent, reference.as_deref());
        answer::repeat(answer, &repeated)
    }

    /// The page of the list that a query asks for.
    pub fn page(&self, list: &PartnerList, query: &str, values: &Values) -> Answer {
        let example = answer::example(&self.destination, "list", Then::Delivered);
        let document = example.and_then(|example| serde_json::from_str::<Json>(&example.body).ok());
        let (Some(example), Some(mut document)) = (example, document) else {
            return answer::plain(404, &say!("sandbox-list-unshown"));
        };
        let mut answer = answer::played(example);
        let shown = list.items.first(&document).and_then(Json::as_array);
        let Some(template) = shown.and_then(|items| items.first()).cloned() else {
            return answer;
        };
        let (per_page, number) = page_of(list, query);
        let leads = self.received.iter();
        let leads: Vec<_> = leads.filter(|lead| stands_at(lead, values)).collect();
        let mut pages = leads.chunks(per_page);
        let last = pages.len().max(1);
        let leads = pages.nth(number.saturating_sub(1));
        let leads = leads.unwrap_or_default().iter();
        let entries = leads.map(|lead| self.entry(lead, list, template.clone()));
        let entries: Vec<Json> = entries.collect();
        list.items.replace(&mut document, entries.into());
        if let Some(at) = &list.last {
            at.replace(&mut document, last.into());
        }
        if let Paging::Cursor(cursor) = list.paging() {
            let next = (number < last).then(|| (number + 1).to_string());
            cursor.at.replace(&mut document, next.into());
        }
        answer.body = document.to_string().into_bytes();
        answer
    }

    /// A lead as an entry of the list, with its state.
    fn entry(&self, lead: &Received, list: &PartnerList, mut entry: Json) -> Json {
        let destination = &self.destination;
        write(destination, lead, &mut entry);
        let decided = lead.decision.unwrap_or(Then::Pending);
        let word = state_word(destination, decided).unwrap_or_default();
        put(&mut entry, list.state.as_ref(), word);
        let sent = lead_of(destination, &lead.body).unwrap_or(&Json::Null);
        for compared in destination.find.iter().flat_map(|find| &find.sent) {
            if let Some(value) = at(sent, &compared.target) {
                compared.at.replace(&mut entry, value.clone());
            }
        }
        entry
    }
}

/// The length of a page of the list, and the number of the one that a query asks
/// for; a cursor is the number of its page.
fn page_of(list: &PartnerList, query: &str) -> (usize, usize) {
    let asked = |name: &str| -> Option<usize> {
        let mut parts = query.split('&').filter_map(|part| part.split_once('='));
        parts.find(|(known, _)| *known == name)?.1.parse().ok()
    };
    match list.paging() {
        Paging::One => (KEPT, 1),
        Paging::Number(name) => (PER_PAGE, asked(name).unwrap_or(1)),
        Paging::Cursor(cursor) => (PER_PAGE, asked(&cursor.query).unwrap_or(1)),
        Paging::Offset(offset) => {
            let step = usize::try_from(offset.step).unwrap_or(PER_PAGE).max(1);
            (step, asked(&offset.query).unwrap_or(0) / step + 1)
        }
    }
}

/// A lead is only to be seen where it was sent.
fn stands_at(lead: &Received, values: &Values) -> bool {
    values.iter().all(|value| lead.values.contains(value))
}

/// Does each of these values stand in what was sent of the lead?
fn is_person(destination: &Destination, lead: &Received, sought: &Values) -> bool {
    let sent = lead_of(destination, &lead.body).unwrap_or(&Json::Null);
    let home = destination.country.as_str();
    sought.iter().all(|value| {
        let (name, wanted) = value;
        let mut fields = destination.placeholder(name).from.into_iter();
        let is_same = |field: String| {
            let plain = |text: &str| normalised(&field, text, home, home);
            sent_for(destination, sent, &field).is_some_and(|own| plain(&own) == plain(wanted))
        };
        lead.values.contains(value) || fields.any(is_same)
    })
}

/// Where the partner's word for its state stands in a lead.
fn state_of(destination: &Destination) -> Option<&Pointer> {
    destination.list.as_ref()?.state.as_ref()
}

/// The partner's word for what it decided, as its examples have it.
fn state_word(destination: &Destination, decided: Then) -> Option<Json> {
    let example = answer::example(destination, "follow", decided)?;
    let mut document: Json = serde_json::from_str(&example.body).ok()?;
    let state = state_of(destination)?;
    let lead = nearest(&mut document, |value| !state.find(value).is_empty())?;
    state.first(lead).cloned()
}

/// Writes a lead over the object of an example. What the example leaves empty
/// stays so: partners tell less than they know.
fn write(destination: &Destination, lead: &Received, object: &mut Json) {
    let sent = lead_of(destination, &lead.body).unwrap_or(&Json::Null);
    for field in &destination.fields {
        let told = object.get_mut(field.target.as_str());
        if let Some(told) = told.filter(|told| !told.is_null()) {
            *told = at(sent, &field.target).cloned().unwrap_or_default();
        }
    }
    if let Some(list) = &destination.list {
        let id = match &lead.reference {
            Some(text) if *text != lead.number.to_string() => text.as_str().into(),
            _ => lead.number.into(),
        };
        put(object, Some(&list.id), id);
        put(object, list.created.as_ref(), iso(lead.at));
    }
    for same in destination.find.iter().flat_map(|find| &find.matches) {
        let fields = same.fields.iter();
        let values = fields.filter_map(|field| sent_for(destination, sent, field));
        let joined = values.collect::<Vec<String>>().join(" ");
        put(object, Some(&same.at), joined.into());
    }
}

/// Puts a value where the example has one.
fn put(document: &mut Json, at: Option<&Pointer>, value: Json) {
    if let Some(at) = at
        && at.first(document).is_some()
    {
        at.replace(document, value);
    }
}

/// The value nearest to the outside that passes a test.
fn nearest(document: &mut Json, test: impl Fn(&Json) -> bool) -> Option<&mut Json> {
    let mut level = VecDeque::from([document]);
    while let Some(value) = level.pop_front() {
        if test(value) {
            return Some(value);
        }
        match value {
            Json::Object(object) => level.extend(object.values_mut()),
            Json::Array(items) => level.extend(items),
            _ => {}
        }
    }
    None
}

/// A moment as most APIs write it.
fn iso(moment: SystemTime) -> Json {
    let moment = jiff::Timestamp::try_from(moment).unwrap_or_default();
    format!("{moment:.6}").into()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::json;

    use super::super::partner::Partner;
    use super::super::server::Message;
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
        partner: &RefCell<Partner>,
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
        let answer = partner.borrow_mut().reply(&message, path).unwrap();
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        (answer.status, body)
    }

    fn partner() -> RefCell<Partner> {
        let catalogue = Catalogue::load(Some(("test.toml", PARTNER))).unwrap();
        RefCell::new(Partner::new(catalogue.get("invented").cloned().unwrap()))
    }

    fn sent(partner: &RefCell<Partner>, mail: &str) -> String {
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
    fn a_person_is_found_who_was_sent() {
        let asked = PARTNER.replace(
            "match = { \"/who\" = [\"first_name\", \"last_name\"] }\nsent = { \"/by/id\" = \"last\" }",
            "path = \"/{program}/leads?mail={email}\"\ncreated = \"/at\"\n\
             rules = [{ when = { status = 200 }, then = \"delivered\", reference = \"/id\" }]",
        );
        let example = "[[invented.examples]]\nof = \"find\"\nmeans = \"delivered\"\n\
                       body = '{\"id\":9,\"at\":\"2020-01-01T00:00:00Z\"}'\n";
        let text = format!("{asked}{example}");
        let catalogue = Catalogue::load(Some(("test.toml", &text))).unwrap();
        let partner = RefCell::new(Partner::new(catalogue.get("invented").cloned().unwrap()));
        let number = sent(&partner, "lea@example.fr");
        sent(&partner, "tom@example.fr");
        let ask = |query| call(&partner, "GET", "/12/leads", query, &Json::Null);
        let (status, found) = ask("mail=Lea%40example.fr");
        assert_eq!((status, found["id"].to_string()), (200, number));
        assert!(found["at"].as_str().unwrap() > "2026");
        assert_eq!(ask("mail=paul%40example.fr").0, 404);
        assert_eq!(ask("p=1").1["leads"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn the_list_has_pages_by_offset_and_cursor() {
        let paged = |paging: &str| {
            let text = PARTNER
                .replace("page = \"p\"", paging)
                .replace("\"pages\":7", "\"pages\":7,\"next\":\"x\"");
            let catalogue = Catalogue::load(Some(("test.toml", &text))).unwrap();
            let partner = RefCell::new(Partner::new(catalogue.get("invented").cloned().unwrap()));
            for number in 0..=PER_PAGE {
                sent(&partner, &format!("lea{number}@example.fr"));
            }
            partner
        };
        let count = |page: &Json| page["leads"].as_array().map_or(0, Vec::len);
        let by_offset = paged("offset = { query = \"start\", step = 20 }");
        let by_cursor = paged("cursor = { at = \"/next\", query = \"after\" }");
        let page = |partner, query: &str| call(partner, "GET", "/12/leads", query, &Json::Null).1;
        let counts =
            ["", "start=20", "start=40", "start=60"].map(|it| count(&page(&by_offset, it)));
        assert_eq!(counts, [20, 20, 11, 0]);
        let first = page(&by_cursor, "");
        assert_eq!((count(&first), &first["next"]), (PER_PAGE, &json!("2")));
        let last = page(&by_cursor, "after=2");
        assert_eq!((count(&last), &last["next"]), (1, &Json::Null));
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
