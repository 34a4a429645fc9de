//! Answers made from a destination's examples, with a fresh number where the
//! rules read the partner's reference. Pure; decides nothing.

use std::time::Duration;

use serde_json::json;

use super::slot::{extracted, in_the_shape_of, put};
use crate::config::Destination;
use crate::config::Example;
use crate::config::{AnswerPart, Expected};
use crate::config::{ResponseRule, Then, Wait};
use crate::http::Answer;

/// The header that says why the sandbox answered as it did.
const REASON: &str = "x-sandbox";

/// The first example of an answer to `send` that has this meaning.
pub fn example(destination: &Destination, means: Then) -> Option<&Example> {
    sends(destination).find(|example| example.means == means)
}

/// The first example of an answer to another call that has this meaning.
pub fn example_of<'d>(
    destination: &'d Destination,
    call: &str,
    means: Then,
) -> Option<&'d Example> {
    let mut examples = destination.examples.iter();
    examples.find(|example| example.call == call && example.means == means)
}

fn sends(destination: &Destination) -> impl Iterator<Item = &Example> {
    destination
        .examples
        .iter()
        .filter(|example| example.call == "send")
}

/// An example as it goes over the wire.
pub fn played(example: &Example) -> Answer {
    let mut headers = example.headers.clone();
    let typed = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
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
    }
}

/// A small answer of the sandbox's own.
pub fn plain(status: u16, message: &str) -> Answer {
    Answer {
        status,
        headers: vec![("content-type".into(), "application/json".into())],
        body: json!({ "message": message }).to_string().into_bytes(),
    }
}

/// Adds why, for whoever looks at the exchange.
pub fn because(mut answer: Answer, reason: &str) -> Answer {
    answer.headers.push((REASON.into(), reason.into()));
    answer
}

/// The lead was taken in as `number`: the answer, and the reference in it.
pub fn success(destination: &Destination, number: u64) -> (Answer, Option<String>) {
    match sends(destination).find(|example| example.means.is_success()) {
        Some(example) => numbered(&destination.send.rules, example, number),
        None => {
            let empty = Answer {
                status: 200,
                headers: vec![("content-type".into(), "application/json".into())],
                body: b"{}".to_vec(),
            };
            (empty, None)
        }
    }
}

/// An example whose reference is `number`, where the rules read one from it.
pub fn numbered(
    rules: &[ResponseRule],
    example: &Example,
    number: u64,
) -> (Answer, Option<String>) {
    let mut answer = played(example);
    let places = rules
        .iter()
        .filter(|rule| rule.then == example.means)
        .filter_map(|rule| rule.reference.as_ref());
    for place in places {
        let Some(old) = extracted(&answer, place) else {
            continue;
        };
        // Of two rules with this meaning, the one that reads what the example says.
        if example.reference.as_ref().is_some_and(|told| *told != old) {
            continue;
        }
        let new = in_the_shape_of(&old, number);
        if put(&mut answer, place, &new) && extracted(&answer, place).as_ref() == Some(&new) {
            return (answer, Some(new));
        }
        return (played(example), Some(old));
    }
    (answer, None)
}

/// An answer that asks to wait, with one second for whatever it says: a
/// newcomer should see the state, not the pause.
pub fn waiting(destination: &Destination) -> Answer {
    let Some(example) = example(destination, Then::Wait) else {
        let mut answer = plain(429, "too many requests");
        answer.headers.push(("retry-after".into(), "1".into()));
        return answer;
    };
    let mut answer = played(example);
    for (name, value) in &mut answer.headers {
        if name.eq_ignore_ascii_case("retry-after") {
            *value = "1".into();
        }
    }
    let told = destination
        .send
        .rules
        .iter()
        .filter_map(|rule| match &rule.wait {
            Some(Wait::Told(places)) => Some(places),
            _ => None,
        });
    for place in told.flatten() {
        if extracted(&answer, place).is_some_and(|text| text.parse::<f64>().is_ok()) {
            put(&mut answer, place, "1");
        }
    }
    answer
}

/// A quota that is used up: without an example, a wait that is too long.
pub fn quota(destination: &Destination) -> Answer {
    if let Some(example) = example(destination, Then::StopForNow) {
        return played(example);
    }
    let wait = destination.longest_wait + Duration::from_secs(3600);
    let mut answer = plain(429, "the quota is used up");
    let seconds = wait.as_secs().to_string();
    answer.headers.push(("retry-after".into(), seconds));
    answer
}

/// The partner says that it has the lead already, as an example shows it or a
/// rule knows it by its status; `None` if it never says so.
pub fn duplicate(destination: &Destination) -> Option<Answer> {
    if let Some(example) = example(destination, Then::Duplicate) {
        return Some(played(example));
    }
    let mut rules = destination.send.rules.iter();
    let rule = rules.find(|rule| rule.then == Then::Duplicate)?;
    let told = rule
        .when
        .iter()
        .find_map(|condition| match (&condition.subject, &condition.test) {
            (AnswerPart::Status, Expected::Status(ranges)) => {
                ranges.first().map(|range| *range.start())
            }
            _ => None,
        });
    Some(plain(told.unwrap_or(409), "this lead is already known"))
}

/// The partner breaks down: its 500, else any other of its 5xx.
pub fn broken(destination: &Destination) -> Answer {
    let failure = sends(destination)
        .find(|example| example.status == 500)
        .or_else(|| sends(destination).find(|example| example.status > 500));
    match failure {
        Some(example) => played(example),
        None => plain(500, "internal error"),
    }
}

/// A page instead of an answer, as a proxy or a maintenance shows it.
pub fn page() -> Answer {
    Answer {
        status: 200,
        headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
        body: b"<!DOCTYPE html><title>Maintenance</title><h1>We will be back soon</h1>".to_vec(),
    }
}

/// The key is missing or wrong.
pub fn unauthorised(destination: &Destination) -> Answer {
    let refused =
        |example: &&Example| example.means == Then::Stop && matches!(example.status, 401 | 403);
    match sends(destination).find(refused) {
        Some(example) => played(example),
        None => plain(401, "no valid key"),
    }
}

/// No operation lives at this address.
pub fn unknown_address(destination: &Destination) -> Answer {
    match sends(destination).find(|example| example.status == 404) {
        Some(example) => played(example),
        None => plain(404, "nothing is at this address"),
    }
}

/// The lead is refused.
pub fn refused(destination: &Destination, reason: &str) -> Answer {
    match example(destination, Then::Rejected) {
        Some(example) => played(example),
        None => plain(400, reason),
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
    fn a_reference_keeps_its_place_type_and_shape() {
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
                r#"{"id":"000000-0010-01"}"#,
                "000000-0010-01",
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
            [("Location".to_owned(), "/leads/1001".to_owned())]
        );
        assert_eq!(reference.as_deref(), Some("1001"));
    }

    #[test]
    fn a_wait_becomes_a_second() {
        let partner = partner(
            "{ when = { status = 429 }, then = 'wait', wait = { at = '/message', match = 'dans (\\d+) s' } }",
            "status = 429\nmeans = 'wait'\nheaders = { Retry-After = '50' }\nbody = '{\"message\":\"dans 50 s\"}'",
        );
        let answer = waiting(&partner);
        assert_eq!(body(&answer), r#"{"message":"dans 1 s"}"#);
        assert_eq!(answer.headers[0].1, "1");
    }
}
