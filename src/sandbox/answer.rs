//! Answers made from a destination's examples, with a fresh number where the
//! rules read the partner's reference. Pure; decides nothing.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::body::sent_for;
use crate::config::{
    AnswerPart, Call, Destination, Example, Expected, Extract, Pointer, REFERENCE, ResponseRule,
    Then, Wait,
};
use crate::http::Answer;
use crate::outcome::Evidence;
use crate::words::say;

/// The header that says why the sandbox answered as it did.
const REASON: &str = "x-sandbox";
/// Where a partner says when to come again.
const RETRY_AFTER: &str = "retry-after";

/// The first example of an answer to a call that has this meaning.
pub fn example<'d>(destination: &'d Destination, call: &str, means: Then) -> Option<&'d Example> {
    find(destination, call, |example| example.means == means)
}

/// The first example of an answer to a call that passes a test.
pub fn find<'d>(
    destination: &'d Destination,
    call: &str,
    test: impl Fn(&Example) -> bool,
) -> Option<&'d Example> {
    let mut examples = destination.examples.iter();
    examples.find(|example| example.call == call && test(example))
}

/// An example as it goes over the wire.
pub fn played(example: &Example) -> Answer {
    let headers = example.headers.iter();
    let mut headers: Vec<(String, String)> = headers
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    let typed = headers.iter().any(|(name, _)| name == "content-type");
    if !typed && !example.body.is_empty() {
        let kind = match example.body.trim_start().starts_with('<') {
            true => "text/html; charset=utf-8",
            false => "application/json",
        };
        headers.push(("content-type".into(), kind.into()));
    }
    Answer {
        status: example.status,
        headers,
        body: example.body.clone().into_bytes(),
        ..Answer::default()
    }
}

/// The example; without one, a small answer of the sandbox's own.
pub fn or_plain(example: Option<&Example>, status: u16, message: &str) -> Answer {
    example.map_or_else(|| plain(status, message), played)
}

/// A small answer of the sandbox's own.
pub fn plain(status: u16, message: &str) -> Answer {
    in_json(status, &json!({ "message": message }))
}

/// An answer that is JSON.
pub fn in_json(status: u16, body: &Json) -> Answer {
    let answer = Answer {
        status,
        body: body.to_string().into_bytes(),
        ..Answer::default()
    };
    with(answer, "content-type", "application/json")
}

fn with(mut answer: Answer, header: &str, value: &str) -> Answer {
    answer.headers.push((header.into(), value.into()));
    answer
}

/// Adds why, for whoever looks at the exchange.
pub fn because(answer: Answer, reason: &str) -> Answer {
    with(answer, REASON, reason)
}

/// The lead, or a change of it, is refused for this reason.
pub fn refused(destination: &Destination, reason: &str) -> Answer {
    let shown = example(destination, "send", Then::Rejected);
    because(or_plain(shown, 400, reason), reason)
}

/// What this meaning looks like, but for a success: as an example shows it, else
/// in the sandbox's own words.
pub fn meaning(destination: &Destination, means: Then) -> Answer {
    let shown = find(destination, "send", |example| match means {
        // It breaks down.
        Then::InDoubt => example.status >= 500,
        _ => example.means == means,
    });
    match (shown.map(played), means) {
        (Some(answer), Then::Wait) => in_a_second(destination, answer),
        (Some(answer), _) => answer,
        (None, Then::Rejected) => plain(400, &say!("sandbox-lead-refused")),
        (None, Then::Stop) => plain(401, &say!("sandbox-no-valid-key")),
        (None, Then::Wait) => {
            let told = plain(429, &say!("sandbox-too-many-requests"));
            with(told, RETRY_AFTER, "1")
        }
        (None, Then::StopForNow) => {
            let too_long = destination.longest_wait + Duration::from_secs(3600);
            let seconds = too_long.as_secs().to_string();
            let told = plain(429, &say!("sandbox-quota-used-up"));
            with(told, RETRY_AFTER, &seconds)
        }
        (None, _) => plain(500, &say!("sandbox-internal-error")),
    }
}

/// One second for whatever an answer says: a newcomer should see the state, not
/// the pause.
fn in_a_second(destination: &Destination, mut answer: Answer) -> Answer {
    let headers = answer.headers.iter_mut();
    for (_, value) in headers.filter(|(name, _)| name == RETRY_AFTER) {
        *value = "1".into();
    }
    let rules = destination.send.rules.iter();
    for wait in rules.flat_map(|rule| &rule.wait) {
        let Wait::Told(place) = wait else { continue };
        let told = Evidence::new(&answer).extract(place);
        if let Some(old) = told.filter(|text| text.parse::<f64>().is_ok()) {
            put(&mut answer, place, &old, "1");
        }
    }
    answer
}

/// The partner says that it has the lead already, as an example shows it or a
/// rule knows it by its status; `None` if it never says so.
pub fn duplicate(destination: &Destination) -> Option<Answer> {
    let shown = example(destination, "send", Then::Duplicate);
    let mut rules = destination.send.rules.iter();
    let rule = rules.find(|rule| rule.then == Then::Duplicate);
    let told = rule.map(|rule| {
        let mut tests = rule.when.iter().map(|when| &when.test);
        let status = tests.find_map(|test| match test {
            Expected::Status(ranges) => ranges.first().map(|range| *range.start()),
            _ => None,
        });
        plain(status.unwrap_or(409), &say!("sandbox-lead-known"))
    });
    shown.map(played).or(told)
}

/// A page instead of an answer, as a proxy or a maintenance shows it.
pub fn page() -> Answer {
    let answer = Answer {
        status: 200,
        body: b"<!DOCTYPE html><title>Maintenance</title><h1>We will be back soon</h1>".to_vec(),
        ..Answer::default()
    };
    with(answer, "content-type", "text/html; charset=utf-8")
}

/// The lead was taken in as `number`: the answer, and the reference in it.
pub fn success(destination: &Destination, number: u64) -> (Answer, Option<String>) {
    match find(destination, "send", |example| example.means.is_success()) {
        Some(example) => numbered(&destination.send.rules, example, number),
        None => (in_json(200, &json!({})), None),
    }
}

/// An example whose reference is `number`, where the rules read one from it.
pub fn numbered(
    rules: &[ResponseRule],
    example: &Example,
    number: u64,
) -> (Answer, Option<String>) {
    let mut answer = played(example);
    let rules = rules.iter().filter(|rule| rule.then == example.means);
    for place in rules.filter_map(|rule| rule.reference.as_ref()) {
        let Some(old) = Evidence::new(&answer).extract(place) else {
            continue;
        };
        // Of two rules with this meaning, the one that reads what the example says.
        if example.reference.as_ref().is_some_and(|told| *told != old) {
            continue;
        }
        let new = number.to_string();
        put(&mut answer, place, &old, &new);
        let read = Evidence::new(&answer).extract(place);
        return match read.as_ref() == Some(&new) {
            true => (answer, read),
            false => (played(example), Some(old)),
        };
    }
    (answer, None)
}

/// What an answer repeats of a lead, where.
pub type Repeated<'d> = Vec<(&'d Pointer, Json)>;

/// What the call's `echo` says that a partner repeats, of this lead and its number.
pub fn repeated<'d>(
    destination: &'d Destination,
    call: &'d Call,
    lead: &Json,
    reference: Option<&str>,
) -> Repeated<'d> {
    let told = call.echo.iter().map(|(at, field)| {
        let value = match field.as_str() {
            REFERENCE => reference.map(number_or_text),
            field => sent_for(destination, lead, field).map(Json::from),
        };
        (at, value.unwrap_or_default())
    });
    told.collect()
}

/// Repeats it where the example repeats something: partners tell less than they
/// know.
pub fn repeat(mut answer: Answer, repeated: &Repeated<'_>) -> Answer {
    let document = serde_json::from_slice::<Json>(&answer.body);
    if let (Ok(mut document), false) = (document, repeated.is_empty()) {
        for (at, value) in repeated {
            if at.first(&document).is_some() {
                at.replace(&mut document, value.clone());
            }
        }
        answer.body = document.to_string().into_bytes();
    }
    answer
}

fn number_or_text(text: &str) -> Json {
    text.parse::<u64>().map_or_else(|_| text.into(), Json::from)
}

/// Writes `new` where the extract reads `old`; a number stays a number.
fn put(answer: &mut Answer, place: &Extract, old: &str, new: &str) {
    match &place.at {
        AnswerPart::Status => {}
        AnswerPart::Header(name) => {
            let headers = answer.headers.iter_mut();
            for (_, value) in headers.filter(|(known, _)| known == name) {
                *value = value.replacen(old, new, 1);
            }
        }
        AnswerPart::Body => {
            let text = String::from_utf8_lossy(&answer.body);
            answer.body = text.replacen(old, new, 1).into_bytes();
        }
        AnswerPart::At(pointer) => {
            let Ok(mut document) = serde_json::from_slice::<Json>(&answer.body) else {
                return;
            };
            let value = match pointer.first(&document) {
                Some(Json::String(text)) => text.replacen(old, new, 1).into(),
                _ => number_or_text(new),
            };
            pointer.replace(&mut document, value);
            answer.body = document.to_string().into_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Catalogue;

    fn partner(rules: &str, example: &str) -> Destination {
        let text = format!(
            "[invented]\nbase = \"https://api.example.fr\"\n[invented.fields]\nmail = \"mail\"\n\
             [invented.send]\npath = \"/leads\"\nrules = [\n{rules}\n]\n[[invented.examples]]\n{example}\n"
        );
        let catalogue = Catalogue::load(Some(("test.toml", &text))).unwrap();
        catalogue.get("invented").cloned().unwrap()
    }

    fn body(answer: &Answer) -> &str {
        std::str::from_utf8(&answer.body).unwrap()
    }

    #[test]
    fn a_reference_keeps_its_place_and_type() {
        for (reference, example, answered, told) in [
            (
                "'/data/*/id'",
                r#"{"data":{"a":{"id":"17"}}}"#,
                r#"{"data":{"a":{"id":"1001"}}}"#,
                "1001",
            ),
            (
                "'/id'",
                r#"{"id":17,"x":1}"#,
                r#"{"id":1001,"x":1}"#,
                "1001",
            ),
            (
                "{ at = '/m', match = 'ID: (\\d+)' }",
                r#"{"m":"ID: 17."}"#,
                r#"{"m":"ID: 1001."}"#,
                "1001",
            ),
            (
                "{ at = 'body', match = '^OK (\\d+)' }",
                "OK 17",
                "OK 1001",
                "1001",
            ),
            (
                "'/id'",
                r#"{"id":"ab12cd-ef34-5x"}"#,
                r#"{"id":"1001"}"#,
                "1001",
            ),
        ] {
            let rule = format!(
                "{{ when = {{ status = 201 }}, then = 'delivered', reference = {reference} }}"
            );
            let example = format!("status = 201\nmeans = 'delivered'\nbody = '''{example}'''");
            let (answer, reference) = success(&partner(&rule, &example), 1001);
            assert_eq!(
                (body(&answer), reference.as_deref()),
                (answered, Some(told))
            );
            assert_eq!(answer.status, 201);
        }
    }

    #[test]
    fn a_reference_in_a_header() {
        let partner = partner(
            "{ when = { status = 201 }, then = 'delivered', reference = { at = 'header:location', match = '/leads/(\\d+)$' } }",
            "status = 201\nmeans = 'delivered'\nheaders = { Location = '/leads/17' }",
        );
        let (answer, reference) = success(&partner, 1001);
        assert_eq!(
            answer.headers,
            [("location".to_owned(), "/leads/1001".to_owned())]
        );
        assert_eq!(reference.as_deref(), Some("1001"));
    }

    #[test]
    fn a_wait_becomes_a_second() {
        let partner = partner(
            "{ when = { status = 429 }, then = 'wait', wait = { at = '/message', match = 'dans (\\d+) s' } }",
            "status = 429\nmeans = 'wait'\nheaders = { Retry-After = '50' }\nbody = '{\"message\":\"dans 50 s\"}'",
        );
        let answer = meaning(&partner, Then::Wait);
        assert_eq!(body(&answer), r#"{"message":"dans 1 s"}"#);
        assert_eq!(answer.headers[0].1, "1");
    }
}
