//! Constant headers of a destination's requests.

use super::auth::Auth;
use super::operation::texts_by_key;
use super::reader::Mistakes;
use super::tree::{Entry, Table, Value};
use super::url::check_header;

/// Headers that say where the request goes and how long it is.
const OURS: &[&str] = &["host", "content-length", "transfer-encoding", "connection"];
/// Headers that carry a secret wherever they are used.
const SECRET: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "cookie",
    "api-key",
    "x-api-key",
    "apikey",
    "x-apikey",
    "api-token",
    "x-api-token",
    "auth-token",
    "x-auth-token",
    "access-token",
    "x-access-token",
    "x-auth-key",
];

/// Reads `headers`; `auth` brings one more.
pub fn read(table: &Table, auth: Option<&Auth>, mistakes: &mut Mistakes) -> Vec<(String, String)> {
    let entries = mistakes.entries(table, "headers");
    for entry in entries {
        if !matches!(entry.node.value, Value::Bool(false)) {
            check(entry, auth, mistakes);
        }
    }
    // Layers merge by the letter; of the same header the last one counts.
    let mut headers = texts_by_key(table, "headers", mistakes);
    headers.retain(|(name, _)| {
        let mut same = entries
            .iter()
            .filter(|entry| entry.key.eq_ignore_ascii_case(name));
        same.next_back().is_none_or(|last| last.key == *name)
    });
    headers
}

fn check(entry: &Entry, auth: Option<&Auth>, mistakes: &mut Mistakes) {
    let name = &entry.key;
    check_header(name, &entry.place, mistakes);
    let is = |known: &&str| name.eq_ignore_ascii_case(known);
    if OURS.iter().any(is) {
        mistakes.hint(
            &entry.place,
            format!("the header `{name}` is written by leadctl itself"),
            "remove it",
        );
    } else if auth.is_some_and(|auth| is(&auth.header())) {
        mistakes.hint(
            &entry.place,
            format!("the header `{name}` is the one of `auth` already"),
            "remove it here",
        );
    } else if SECRET.iter().any(is) {
        mistakes.hint(
            &entry.place,
            format!("the header `{name}` carries a secret, which is never written in this file"),
            format!("auth.header = {{ name = \"{name}\", secret = \"NAME_OF_AN_ENVIRONMENT_VARIABLE\" }}"),
        );
    } else if is(&"content-type") && !says_json(&entry.node.value) {
        mistakes.hint(
            &entry.place,
            "what is sent is JSON, and no other `Content-Type` can be told of it",
            "remove it, or name a kind of JSON, such as application/vnd.api+json",
        );
    }
}

fn says_json(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.to_ascii_lowercase().contains("json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree;

    fn told_of(headers: &str) -> Vec<String> {
        let table = tree::parse("test.toml", &format!("headers = {{ {headers} }}")).unwrap();
        let auth = Auth::Bearer(crate::config::auth::Secret::Env("TOKEN".into()));
        let mut mistakes = Mistakes::default();
        read(&table, Some(&auth), &mut mistakes);
        mistakes.0.into_iter().map(|told| told.message).collect()
    }

    #[test]
    fn what_can_not_be_a_constant_is_a_mistake() {
        for headers in [
            "Host = 'x'",
            "authorization = 'Bearer sesame'",
            "X-Api-Key = 'sesame'",
            "Content-Type = 'application/x-www-form-urlencoded'",
        ] {
            let told = told_of(headers);
            assert_eq!(told.len(), 1, "{headers}");
            assert!(!told[0].contains("sesame"), "{told:?}");
        }
        let fine =
            "Content-Type = 'application/vnd.api+json', X-Account = 42, Accept = 'text/plain'";
        assert_eq!(told_of(fine), Vec::<String>::new());
        assert_eq!(told_of("Cookie = false"), Vec::<String>::new());
    }

    #[test]
    fn of_one_header_in_two_spellings_the_last_one_counts() {
        let text = "headers = { accept = 'a', x-a = '1', X-A = '2', Accept = false }";
        let table = tree::parse("test.toml", text).unwrap();
        let read = read(&table, None, &mut Mistakes::default());
        assert_eq!(read, [("X-A".to_owned(), "2".to_owned())]);
    }
}
