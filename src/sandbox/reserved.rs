//! Addresses that make the sandbox show each state, so that a newcomer sees
//! them all. Pure: finds them in a body.

use serde_json::Value as Json;

use crate::config::Then;
use crate::words::say;
use Reserved::{Answered, Decided, Html, Timeout};

/// What becomes of a lead with a reserved address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// It is answered with this meaning.
    Answered(Then),
    /// A page comes instead of an answer.
    Html,
    /// It is taken in, and the answer is lost.
    Timeout,
    /// It is taken in, and this is decided when it is asked about; all others
    /// are approved.
    Decided(Then),
}

/// What stands before the `@`, and what it means.
const RESERVED: [(&str, Reserved); 12] = [
    ("duplicate", Answered(Then::Duplicate)),
    ("reject", Answered(Then::Rejected)),
    ("timeout", Timeout),
    ("error", Answered(Then::InDoubt)),
    ("html", Html),
    ("wait", Answered(Then::Wait)),
    ("quota", Answered(Then::StopForNow)),
    ("stop", Answered(Then::Stop)),
    ("key", Answered(Then::Stop)),
    ("refuse", Decided(Then::Rejected)),
    ("expire", Decided(Then::Expired)),
    ("ponder", Decided(Then::Pending)),
];

impl Reserved {
    /// What it shows, in help texts.
    fn shows(self) -> String {
        match self {
            Timeout => say!("sandbox-shows-timeout"),
            Html => say!("sandbox-shows-html"),
            Answered(Then::Duplicate) => say!("sandbox-shows-duplicate"),
            Answered(Then::Rejected) => say!("sandbox-shows-rejected"),
            Answered(Then::Wait) => say!("sandbox-shows-wait"),
            Answered(Then::StopForNow) => say!("sandbox-shows-quota"),
            Answered(Then::Stop) => say!("sandbox-shows-stop"),
            Answered(_) => say!("sandbox-shows-error"),
            Decided(Then::Rejected) => say!("sandbox-shows-refused-later"),
            Decided(Then::Expired) => say!("sandbox-shows-expired"),
            Decided(_) => say!("sandbox-shows-undecided"),
        }
    }
}

/// The reserved addresses as lines of a help text.
pub fn reserved_lines() -> String {
    let line = |(name, reserved): (&str, Reserved)| {
        let name = format!("{name}@");
        format!("  {name:<12}{}\n", reserved.shows())
    };
    RESERVED.into_iter().map(line).collect()
}

/// The first reserved address in a body, wherever it stands. `Reject+2@…`
/// counts too, so that several leads of a file can show the same state.
pub fn reserved(body: &Json) -> Option<Reserved> {
    match body {
        Json::String(text) => {
            let name = name(text)?;
            let mut known = RESERVED.into_iter();
            let (_, meaning) = known.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
            Some(meaning)
        }
        Json::Array(items) => items.iter().find_map(reserved),
        Json::Object(object) => object.values().find_map(reserved),
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
        assert_eq!(reserved(&body), Some(Answered(Then::Rejected)));
        assert_eq!(
            reserved(&json!("key@example.fr")),
            Some(Answered(Then::Stop))
        );
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
