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
pub fn build(
    destination: &Destination,
    operation: &Operation,
    values: &[(&str, String)],
    body: Option<String>,
) -> Request {
    let base = destination.base.as_deref().unwrap_or_default();
    let mut url = String::with_capacity(base.len() + operation.path.len() + 32);
    url.push_str(base);
    fill(&mut url, &operation.path, values);
    for (name, value) in &operation.query {
        push_query(&mut url, name, value);
    }
    let mut headers = Vec::with_capacity(2 + destination.headers.len());
    headers.push(("Accept".to_owned(), "application/json".to_owned()));
    if body.is_some() {
        headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    headers.extend(destination.headers.iter().cloned());
    Request {
        method: operation.method,
        url,
        headers,
        body,
    }
}

/// Adds `name=value` to an address's query.
pub fn push_query(url: &mut String, name: &str, value: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    encode(url, name);
    url.push('=');
    encode(url, value);
}

fn fill(url: &mut String, template: &str, values: &[(&str, String)]) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        url.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            encode(url, value);
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
        let values: Vec<_> = values.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
        let mut url = String::new();
        fill(&mut url, template, &values);
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
