//! What a simulated partner answers where contacts that were sent are read back
//! and changed, and where its settings are read and written.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::answer;
use super::body::{lead_of, refusal, sent_for};
use super::partner::{Partner, Received};
use crate::config::{Amend, Destination, Method, Must, PartnerSettings, REFERENCE, Target, Then};
use crate::http::Answer;
use crate::mapping::change::{lay, nested};
use crate::words::say;

impl Partner {
    /// A contact, as it is read back.
    pub fn read_contact(&mut self, amend: &Amend, number: String) -> Answer {
        let destination = Arc::clone(&self.destination);
        let Some(lead) = self.contact(amend, &number) else {
            return missing(&destination);
        };
        let number = Some(number).filter(|number| !number.contains('@'));
        answer::in_json(200, &readable(&destination, amend, &lead.body, number))
    }

    /// Changes what was sent, unless the rules refuse what would come of it.
    pub fn write_contact(&mut self, amend: &Amend, number: &str, body: Option<Json>) -> Answer {
        let destination = Arc::clone(&self.destination);
        let Some(mut after) = body else {
            return answer::plain(400, &say!("sandbox-no-json"));
        };
        let Some(lead) = self.contact(amend, number) else {
            return missing(&destination);
        };
        if amend.call.method == Method::Put {
            // A change names no constants; a simulated contact has them all the same.
            for field in &destination.fields {
                let constant = field.rule.value.clone();
                if let Some(constant) = constant.filter(|_| !field.target.is_listed()) {
                    lay(&mut after, nested(&field.target, constant));
                }
            }
        } else {
            let change = std::mem::replace(&mut after, lead.body.clone());
            lay(&mut after, change);
        }
        if let Some(reason) = refusal(&destination, &after) {
            return answer::refused(&destination, &reason);
        }
        lead.body = after;
        let answer = match answer::example(&destination, "amend", Then::Delivered) {
            Some(example) => match lead.reference.as_deref().map(str::parse) {
                Some(Ok(number)) => answer::numbered(&amend.call.rules, example, number).0,
                _ => answer::played(example),
            },
            None => answer::in_json(200, &json!({})),
        };
        let sent = lead_of(&destination, &lead.body).unwrap_or(&Json::Null);
        let reference = lead.reference.as_deref();
        let repeated = answer::repeated(&destination, &amend.call, sent, reference);
        answer::repeat(answer, &repeated)
    }

    /// The contact of this number, or of this address where those are numbers too.
    fn contact(&mut self, amend: &Amend, number: &str) -> Option<&mut Received> {
        if amend.by_email.is_empty() || !number.contains('@') {
            return self.by_reference(number);
        }
        let destination = Arc::clone(&self.destination);
        self.find(|lead| {
            let lead = lead_of(&destination, &lead.body);
            let email = lead.and_then(|lead| sent_for(&destination, lead, "email"));
            email.is_some_and(|email| email.eq_ignore_ascii_case(number))
        })
    }

    /// The settings that are kept, at first those of the example.
    pub fn settings(&mut self) -> &mut Json {
        self.settings.get_or_insert_with(|| {
            let example = answer::example(&self.destination, "settings", Then::Delivered);
            let body = example.map_or("{}", |example| &example.body);
            serde_json::from_str(body).unwrap_or_default()
        })
    }

    /// Lays new settings over those that are kept.
    pub fn write_settings(&mut self, words: &PartnerSettings, body: Option<Json>) -> Answer {
        let Some(new @ Json::Object(_)) = body else {
            return answer::plain(400, &say!("sandbox-no-object"));
        };
        // The member by which entries are the same.
        let by = words.must.iter().find_map(|must| match must {
            Must::Whole { by, .. } => Some(by.as_str()),
            _ => None,
        });
        lay_settings(self.settings(), &new, by);
        answer::in_json(200, &json!({}))
    }
}

fn missing(destination: &Destination) -> Answer {
    let own = answer::example(destination, "amend", Then::Rejected);
    answer::or_plain(own, 404, &say!("sandbox-no-contact"))
}

/// A contact as it is read: what is taken out of an object stands in one.
fn readable(destination: &Destination, amend: &Amend, sent: &Json, number: Option<String>) -> Json {
    let mut read = lead_of(destination, sent).cloned().unwrap_or_default();
    let Json::Object(object) = &mut read else {
        return read;
    };
    for (name, pointer) in &amend.take {
        if let Some(value) = object.get_mut(name) {
            let target = pointer.to_string().replace('/', ".");
            let target = Target::from(target.trim_start_matches('.').to_owned());
            *value = nested(&target, value.take());
        }
    }
    let mut places = amend.call.echo.iter();
    let place = places.find(|(_, of)| of == REFERENCE);
    let place = place.map(|(at, _)| at.to_string());
    let name = place.as_deref().and_then(|at| at.strip_prefix('/'));
    if let (Some(number), Some(name)) = (number, name.or(amend.drop.first().map(|name| &**name))) {
        object.entry(name).or_insert(number.into());
    }
    read
}

/// Lays settings over others; objects merge by key, and lists by the entries that
/// have the same `by`: what is not sent stays.
fn lay_settings(below: &mut Json, over: &Json, by: Option<&str>) {
    match (below, over) {
        (Json::Object(below), Json::Object(over)) => {
            for (name, value) in over {
                lay_settings(below.entry(name.clone()).or_insert(Json::Null), value, by);
            }
        }
        (Json::Array(below), Json::Array(over)) if by.is_some() => {
            let number = |entry: &Json| by.and_then(|by| entry.get(by)).cloned();
            for entry in over {
                let same = |known: &&mut Json| number(known) == number(entry);
                match below.iter_mut().find(same) {
                    Some(known) => *known = entry.clone(),
                    None => below.push(entry.clone()),
                }
            }
        }
        (below, over) => *below = over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::json;

    use super::*;
    use crate::config::Catalogue;
    use crate::sandbox::partner::Partner;
    use crate::sandbox::server::Message;

    const PARTNER: &str = r#"
[invented]
base = "https://api.example.fr"
key = ["email"]
[invented.fields]
kind = { value = "person" }
civility = { from = "title", type = "integer" }
email = { from = "email", format = "email" }
name = { from = "last_name", required = true }
[invented.send]
path = "/people"
rules = [{ when = { status = 201 }, then = "delivered", reference = "/id" }]
[invented.amend]
path = "/people/{ref}"
method = "PUT"
read = "/people/{ref}"
drop = ["id"]
take = { civility = "/id" }
rules = [{ when = { status = 200 }, then = "delivered", reference = "/id" }]
[invented.settings]
path = "/settings"
must = [{ each = "/l/*", by = "id" }]
[[invented.examples]]
status = 201
body = '{"id":1}'
means = "delivered"
[[invented.examples]]
of = "amend"
status = 200
body = '{"id":55}'
means = "delivered"
[[invented.examples]]
of = "settings"
body = '{"a":{"b":1,"c":2},"l":[{"id":1},{"id":2}]}'
means = "delivered"
"#;

    fn call(partner: &RefCell<Partner>, method: &str, path: &str, body: &Json) -> (u16, Json) {
        let message = Message {
            method: method.into(),
            body: body.to_string().into_bytes(),
            ..Message::default()
        };
        let answer = partner.borrow_mut().reply(&message, path).unwrap();
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        (answer.status, body)
    }

    #[test]
    fn what_was_sent_is_read_back_and_replaced() {
        let catalogue = Catalogue::load(Some(("test.toml", PARTNER))).unwrap();
        let partner = RefCell::new(Partner::new(catalogue.get("invented").cloned().unwrap()));
        let sent =
            json!({"kind": "person", "civility": 2, "name": "Martin", "email": "a@example.fr"});
        let (_, created) = call(&partner, "POST", "/people", &sent);
        let path = format!("/people/{}", created["id"]);
        let (status, read) = call(&partner, "GET", &path, &Json::Null);
        assert_eq!((status, &read["civility"]), (200, &json!({"id": 2})));
        assert_eq!(read["name"], "Martin");
        let put = |body: Json| call(&partner, "PUT", &path, &body).0;
        assert_eq!(put(json!({"email": "a@example.fr"})), 400);
        let (status, changed) = call(&partner, "PUT", &path, &json!({"name": "Durand"}));
        assert_eq!((status, &changed["id"]), (200, &created["id"]));
        let (_, read) = call(&partner, "GET", &path, &Json::Null);
        assert_eq!((&read["name"], read.get("email")), (&json!("Durand"), None));
        assert_eq!(call(&partner, "GET", "/people/77", &Json::Null).0, 404);
    }

    #[test]
    fn settings_are_kept() {
        let catalogue = Catalogue::load(Some(("test.toml", PARTNER))).unwrap();
        let partner = RefCell::new(Partner::new(catalogue.get("invented").cloned().unwrap()));
        let read = || call(&partner, "GET", "/settings", &Json::Null).1;
        assert_eq!(read()["a"], json!({"b": 1, "c": 2}));
        let new = json!({"a": {"b": 5}, "l": [{"id": 2, "flag": true}]});
        call(&partner, "PUT", "/settings", &new);
        assert_eq!(
            read(),
            json!({"a": {"b": 5, "c": 2}, "l": [{"id": 1}, {"id": 2, "flag": true}]})
        );
    }
}
