//! The request that is sent: everything but the secret, which only the
//! transport adds. What `--dry-run` shows is this very value.

use crate::partner::Destination;
pub use crate::partner::operation::Method;
use crate::partner::operation::Operation;

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
    operation: &Operation,
    values: &[(&str, V)],
    body: Option<String>,
) -> Request {
    let base = destination.base.as_deref().unwrap_or_default();
    let mut url = String::with_capacity(base.len() + operation.path.len() + 32);
    url_to(&mut url, destination, operation, values);
    let headers = headers(destination, body.is_some());
    Request {
        method: operation.method,
        url,
        headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        body,
    }
}

/// Appends an operation's address.
pub fn url_to<V: AsRef<str>>(
    url: &mut String,
    destination: &Destination,
    operation: &Operation,
    values: &[(&str, V)],
) {
    url.push_str(destination.base.as_deref().unwrap_or_default());
    fill(url, &operation.path, values);
    for (name, value) in &operation.query {
        push_query(url, name, value);
    }
}

/// The headers of every request to a destination, in sending order, without
/// credentials. `body`: it has one.
pub fn headers(destination: &Destination, body: bool) -> impl Iterator<Item = (&str, &str)> {
    let json = "application/json";
    let own = destination.headers.iter();
    [("Accept", json)]
        .into_iter()
        .chain(body.then_some(("Content-Type", json)))
        .chain(own.map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Adds `name=value` to an address's query.
pub fn push_query(url: &mut String, name: &str, value: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    encode(url, name);
    url.push('=');
    encode(url, value);
}

fn fill<V: AsRef<str>>(url: &mut String, template: &str, values: &[(&str, V)]) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        url.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            encode(url, value.as_ref());
        }
        rest = after;
    }
    url.push_str(rest);
}

/// Percent-encodes everything but RFC 3986's unreserved characters, so that a
/// value can never add a segment or a query of its own.
fn encode(url: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                url.push(char::from(byte));
            }
            _ => {
                url.push('%');
                url.push(char::from(HEX[usize::from(byte >> 4)]));
                url.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
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
