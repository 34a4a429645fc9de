//! The request that is sent: everything but the secret, which only the
//! transport adds. What `--dry-run` shows is this very value.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::config::Call;
use crate::config::Destination;
pub use crate::config::Method;
use crate::config::PartnerList;

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

/// Builds the request of an operation: base, path with its placeholders
/// filled, query and body.
pub fn build<V: AsRef<str>>(
    destination: &Destination,
    operation: &Call,
    values: &[(&str, V)],
    body: Option<String>,
) -> Request {
    Address::new(destination, operation).request(destination, operation.method, values, body)
}

/// The request for a page of a list: its address is made of the configured
/// base, never of what an answer says.
pub fn page<V: AsRef<str>>(
    destination: &Destination,
    list: &PartnerList,
    values: &[(&str, V)],
    number: u64,
) -> Request {
    let mut request = build(destination, &list.call, values, None);
    if let Some(page) = &list.page {
        push_query(&mut request.url, page, &number.to_string());
    }
    request
}

/// An operation's address, cut where its placeholders stand.
#[derive(Debug, Clone)]
pub struct Address {
    /// A text, and the placeholder behind it.
    parts: Vec<(String, String)>,
    /// What follows the last placeholder.
    end: String,
}

impl Address {
    pub fn new(destination: &Destination, operation: &Call) -> Self {
        let mut address = Self::cut(&operation.path);
        let base = destination.base.as_deref().unwrap_or_default();
        let first = address.parts.first_mut().map(|(text, _)| text);
        first.unwrap_or(&mut address.end).insert_str(0, base);
        // Only the whole tells whether a query has begun already.
        let mut whole = [base, &operation.path].concat();
        let path = whole.len();
        for (name, value) in &operation.query {
            push_query(&mut whole, name, value);
        }
        address.end.push_str(&whole[path..]);
        address
    }

    fn cut(template: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                parts.push((before.to_owned(), String::new()));
                rest = after;
                break;
            };
            parts.push((before.to_owned(), name.to_owned()));
            rest = after;
        }
        Self {
            parts,
            end: rest.to_owned(),
        }
    }

    /// Appends the address with its placeholders filled.
    pub fn push_to<V: AsRef<str>>(&self, url: &mut String, values: &[(&str, V)]) {
        for (text, name) in &self.parts {
            url.push_str(text);
            if let Some((_, value)) = values.iter().find(|(known, _)| known == name) {
                push_encoded(url, value.as_ref());
            }
        }
        url.push_str(&self.end);
    }

    /// The request that goes there.
    pub fn request<V: AsRef<str>>(
        &self,
        destination: &Destination,
        method: Method,
        values: &[(&str, V)],
        body: Option<String>,
    ) -> Request {
        let mut url = String::with_capacity(128);
        self.push_to(&mut url, values);
        let headers = headers(destination, body.is_some());
        Request {
            method,
            url,
            headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
            body,
        }
    }
}

/// The headers of every request to a destination, in sending order, without
/// credentials. `body`: it has one.
pub fn headers(destination: &Destination, body: bool) -> impl Iterator<Item = (&str, &str)> {
    let own = || {
        let own = destination.headers.iter();
        own.map(|(name, value)| (name.as_str(), value.as_str()))
    };
    [("Accept", true), ("Content-Type", body)]
        .into_iter()
        .filter(move |(name, used)| {
            *used && !own().any(|(other, _)| other.eq_ignore_ascii_case(name))
        })
        .map(|(name, _)| (name, "application/json"))
        .chain(own())
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
        Address::cut(template).push_to(&mut url, values);
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
