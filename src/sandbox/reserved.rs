//! Addresses that make the sandbox show each state, so that a newcomer sees
//! them all. Pure: finds them in a body.

use serde_json::Value as Json;

use crate::config::Then;

/// What a lead with a reserved address is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    Duplicate,
    Reject,
    Timeout,
    Error,
    Wait,
    Stop,
    Quota,
    Html,
}

use Reserved::{Duplicate, Error, Html, Quota, Reject, Stop, Timeout, Wait};

/// What stands before the `@`, what it means, and what it shows in help texts.
pub const RESERVED: &[(&str, Reserved, &str)] = &[
    (
        "duplicate",
        Duplicate,
        "the partner already has this lead (where it tells so at once)",
    ),
    ("reject", Reject, "the partner refuses this lead"),
    (
        "timeout",
        Timeout,
        "the lead arrives, its answer is lost: it is in doubt",
    ),
    (
        "error",
        Error,
        "the partner breaks down: the lead is in doubt",
    ),
    (
        "html",
        Html,
        "a web page instead of an answer: the lead is in doubt",
    ),
    (
        "wait",
        Wait,
        "too many requests: accepted at the second try",
    ),
    (
        "quota",
        Quota,
        "the partner's quota is used up: the run stops",
    ),
    ("stop", Stop, "the partner refuses the key: the run stops"),
    ("key", Stop, "the same as stop@"),
];

/// What the partner decides of a lead that it took in, when it is asked; all
/// others are approved.
pub const FOLLOWED: &[(&str, Then, &str)] = &[
    (
        "refuse",
        Then::Rejected,
        "the lead is refused later: see leadctl follow",
    ),
    (
        "expire",
        Then::Expired,
        "the lead's approval has run out: see leadctl follow",
    ),
    (
        "ponder",
        Then::Pending,
        "the lead stays undecided: see leadctl follow",
    ),
];

/// The first reserved address in a body, wherever it stands. `Reject+2@…`
/// counts too, so that several leads of a file can show the same state.
pub fn reserved(body: &Json) -> Option<Reserved> {
    first(body, RESERVED)
}

/// The decision that an address in a body asks for.
pub fn decision(body: &Json) -> Option<Then> {
    first(body, FOLLOWED)
}

/// What the first address means whose name means something.
fn first<T: Copy>(body: &Json, meanings: &[(&str, T, &str)]) -> Option<T> {
    match body {
        Json::String(text) => {
            let name = name(text)?;
            let mut known = meanings.iter();
            let (_, meaning, _) = known.find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
            Some(*meaning)
        }
        Json::Array(items) => items.iter().find_map(|item| first(item, meanings)),
        Json::Object(object) => object.values().find_map(|value| first(value, meanings)),
        _ => None,
    }
}

/// What stands before the `@`, and before a `+` in it.
fn name(text: &str) -> Option<&str> {
    let (local, domain) = text.trim().rsplit_once('@')?;
    if domain.is_empty() || text.trim().contains(char::is_whitespace) {
        return None;
    }
    local.split('+').next()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn found_anywhere_and_in_any_case() {
        let body =
            json!([{"name": "Reject", "to": {"mails": ["a@example.fr", "Reject+7@Example.fr"]}}]);
        assert_eq!(reserved(&body), Some(Reserved::Reject));
        assert_eq!(reserved(&json!("key@example.fr")), Some(Reserved::Stop));
    }

    #[test]
    fn other_texts_are_no_reserved_addresses() {
        for text in [
            "reject",
            "rejected@example.fr",
            "reject@",
            "please reject@example.fr",
            "a+reject@example.fr",
            "@",
        ] {
            assert_eq!(reserved(&json!(text)), None, "{text}");
        }
    }
}
