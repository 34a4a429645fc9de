//! The request that is sent: everything but the secret, which only the
//! transport adds. What `--dry-run` shows is this very value.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub use crate::config::Method;
use crate::config::{Call, Destination, PartnerList};

/// One HTTP request, complete but for its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub url: String,
    /// Headers in sending order, without credentials.
    pub headers: Vec<(String, String)>,
    /// The JSON body, already written out.
    pub body: Option<String>,
}

/// Builds the request of a call: base, path with its placeholders filled, query
/// and body.
pub fn build(
    destination: &Destination,
    call: &Call,
    values: &[(impl AsRef<str>, impl AsRef<str>)],
    body: Option<String>,
) -> Request {
    let mut url = destination.base.clone().unwrap_or_default();
    fill(&mut url, &call.path, values);
    for (name, value) in &call.query {
        push_query(&mut url, name, value);
    }
    Request {
        method: call.method,
        url,
        headers: headers(destination, body.is_some()),
        body,
    }
}

/// The request for a page of a list: its address is made of the configured
/// base, never of what an answer says.
pub fn page(
    destination: &Destination,
    list: &PartnerList,
    values: &[(impl AsRef<str>, impl AsRef<str>)],
    number: u64,
) -> Request {
    let mut request = build(destination, &list.call, values, None);
    if let Some(page) = &list.page {
        push_query(&mut request.url, page, &number.to_string());
    }
    request
}

/// Appends a path with its placeholders filled.
fn fill(url: &mut String, path: &str, values: &[(impl AsRef<str>, impl AsRef<str>)]) {
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{')
        && let Some((name, after)) = after.split_once('}')
    {
        url.push_str(before);
        if let Some((_, value)) = values.iter().find(|(known, _)| known.as_ref() == name) {
            push_encoded(url, value.as_ref());
        }
        rest = after;
    }
    url.push_str(rest);
}

/// The headers of every request to a destination, in sending order, without
/// credentials; its own ones win. `body`: it has one.
fn headers(destination: &Destination, body: bool) -> Vec<(String, String)> {
    let own = &destination.headers;
    let is_own = |name: &str| own.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    let mut headers = Vec::new();
    for (name, used) in [("Accept", true), ("Content-Type", body)] {
        if used && !is_own(name) {
            headers.push((name.to_owned(), "application/json".to_owned()));
        }
    }
    headers.extend(own.iter().cloned());
    headers
}

/// Adds `name=value` to an address's query.
pub fn push_query(url: &mut String, name: &str, value: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    push_encoded(url, name);
    url.push('=');
    push_encoded(url, value);
}

fn push_encoded(url: &mut String, text: &str) {
    url.extend(utf8_percent_encode(text, ENCODED));
}

/// RFC 3986's unreserved characters stay as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes a value, so that it can never add a segment or a query of its
/// own.
pub fn encode(text: &str) -> impl Display {
    utf8_percent_encode(text, ENCODED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, values: &[(&str, &str)]) -> String {
        let mut url = String::new();
        fill(&mut url, template, values);
        url
    }

    #[test]
    fn a_value_stays_inside_its_segment() {
        assert_eq!(
            filled(
                "/v1/{tenant}/programs/{program}/r",
                &[("tenant", "a/b?c"), ("program", "é 1")]
            ),
            "/v1/a%2Fb%3Fc/programs/%C3%A9%201/r"
        );
    }
}
