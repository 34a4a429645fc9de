//! The request that is sent: everything but the secret, which only the
//! transport adds. What `--dry-run` shows is this very value. And where it may go:
//! https, or http on this machine alone, past a proxy or not.

use std::fmt::Display;
use std::net::{Ipv4Addr, Ipv6Addr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use ureq::http::Uri;

use super::CallError;
pub use crate::config::Method;
use crate::config::{Call, Destination, FieldRule, Paging, PartnerList};
use crate::lead::Pairs;

/// One HTTP request, complete but for its credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "JsonRequest", from = "JsonRequest")]
pub struct Request {
    pub method: Method,
    pub url: String,
    /// Headers in sending order, without credentials.
    pub headers: Vec<(String, String)>,
    /// What is sent, already written out.
    pub body: Option<String>,
}

/// A request as it is shown and recorded: its body as it is sent, byte for byte, which
/// is JSON, or a text where it is a form.
#[derive(Serialize, Deserialize)]
struct JsonRequest {
    method: Method,
    url: String,
    headers: Pairs<String>,
    body: Option<Box<RawValue>>,
}

impl From<Request> for JsonRequest {
    fn from(request: Request) -> Self {
        let text = |body: String| {
            let form = |_| serde_json::value::to_raw_value(&body);
            RawValue::from_string(body.clone()).or_else(form).ok()
        };
        Self {
            method: request.method,
            url: request.url,
            headers: Pairs(request.headers),
            body: request.body.and_then(text),
        }
    }
}

impl From<JsonRequest> for Request {
    fn from(json: JsonRequest) -> Self {
        let text = |body: Box<RawValue>| match serde_json::from_str(body.get()) {
            Ok(form) => form,
            Err(_) => body.get().to_owned(),
        };
        Self {
            method: json.method,
            url: json.url,
            headers: json.headers.0,
            body: json.body.map(text),
        }
    }
}

impl Request {
    /// As it is recorded.
    pub fn as_json(&self) -> String {
        // Texts by name can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Builds the request of a call that is about no row: base, path with its
/// placeholders filled, the constants of query and headers, and body.
pub fn build(
    destination: &Destination,
    call: &Call,
    values: &[(impl AsRef<str>, impl AsRef<str>)],
    body: Option<String>,
) -> Request {
    let constant = |(name, rule): &(String, FieldRule)| Some((name.clone(), rule.constant()?));
    let query: Vec<_> = call.query.iter().filter_map(constant).collect();
    let headers: Vec<_> = destination.headers.iter().filter_map(constant).collect();
    filled(destination, call, values, &query, &headers, body)
}

/// Builds the request of a call: the values of its path's placeholders, of its query
/// and of its headers, each by name, and its body.
pub fn filled(
    destination: &Destination,
    call: &Call,
    values: &[(impl AsRef<str>, impl AsRef<str>)],
    query: &[(impl AsRef<str>, impl AsRef<str>)],
    headers: &[(impl AsRef<str>, impl AsRef<str>)],
    body: Option<String>,
) -> Request {
    let mut url = destination.base.clone().unwrap_or_default();
    fill(&mut url, call, values);
    for (name, value) in query {
        push_query(&mut url, name.as_ref(), value.as_ref());
    }
    let kind = call.body_kind().content_type().filter(|_| body.is_some());
    Request {
        method: call.method,
        url,
        headers: self::headers(headers, kind),
        body,
    }
}

/// The request for a page of a list: its address is made of the configured
/// base, never of what an answer says. `number`: from 1; `cursor`: what the page
/// before called this one.
pub fn page(
    destination: &Destination,
    list: &PartnerList,
    values: &[(impl AsRef<str>, impl AsRef<str>)],
    number: u64,
    cursor: Option<&str>,
) -> Request {
    let mut request = build(destination, &list.call, values, None);
    let url = &mut request.url;
    match (list.paging(), cursor) {
        (Paging::Number(name), _) => push_query(url, name, &number.to_string()),
        (Paging::Offset(offset), _) => {
            let before = number.saturating_sub(1) * u64::from(offset.step);
            push_query(url, &offset.query, &before.to_string());
        }
        (Paging::Cursor(by), Some(cursor)) => push_query(url, &by.query, cursor),
        (Paging::Cursor(_), None) | (Paging::One, _) => {}
    }
    request
}

/// Appends a path with its placeholders filled. Those of secrets stay: a value has no
/// braces there.
fn fill(url: &mut String, call: &Call, values: &[(impl AsRef<str>, impl AsRef<str>)]) {
    let mut rest = call.path.as_str();
    while let Some((before, after)) = rest.split_once('{')
        && let Some((name, after)) = after.split_once('}')
    {
        url.push_str(before);
        if let Some((_, value)) = values.iter().find(|(known, _)| known.as_ref() == name) {
            push_encoded(url, value.as_ref());
        } else if call.secrets.iter().any(|secret| secret == name) {
            url.push_str(&format!("{{{name}}}"));
        }
        rest = after;
    }
    url.push_str(rest);
}

/// The headers of a request in sending order, without credentials; its own ones win.
/// `kind`: of what it sends.
fn headers(
    own: &[(impl AsRef<str>, impl AsRef<str>)],
    kind: Option<&'static str>,
) -> Vec<(String, String)> {
    let is_own = |name: &str| {
        own.iter()
            .any(|(own, _)| own.as_ref().eq_ignore_ascii_case(name))
    };
    let mut headers = Vec::new();
    for (name, value) in [("Accept", Some("application/json")), ("Content-Type", kind)] {
        let value = value.filter(|_| !is_own(name));
        headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
    let is_told = |name: &str| kind.is_some() || !name.eq_ignore_ascii_case("Content-Type");
    let own = own.iter().filter(|(name, _)| is_told(name.as_ref()));
    headers.extend(own.map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned())));
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

/// A body of names and values.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// What the body is, in small letters and without its parameters; empty where
/// nothing says so.
pub fn kind_of_body(request: &Request) -> String {
    let mut headers = request.headers.iter();
    let kind = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let kind = kind.map_or("", |(_, value)| value);
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// RFC 3986's unreserved characters stay as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same, with what hides a secret left as it is.
const OF_SECRETS: &AsciiSet = &ENCODED.remove(b'*');
/// What stands in a path may have several segments, and is often copied from one.
const OF_SECRET_PATHS: &AsciiSet = &OF_SECRETS
    .remove(b'/')
    .remove(b':')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

/// A secret as a query or a form holds it.
pub fn encode_secret(text: &str) -> impl Display {
    utf8_percent_encode(text, OF_SECRETS)
}

/// A secret as a path holds it.
pub fn encode_secret_path(text: &str) -> impl Display {
    utf8_percent_encode(text, OF_SECRET_PATHS)
}

/// Percent-encodes a value, so that it can never add a segment or a query of its
/// own.
pub fn encode(text: &str) -> impl Display {
    utf8_percent_encode(text, ENCODED)
}

/// A URL that may be called.
pub fn parse(url: &str) -> Result<Uri, CallError> {
    let uri: Uri = url.parse().map_err(|_| CallError::no_address(url))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(CallError::no_address(url));
    };
    if authority.as_str().contains('@') {
        return Err(CallError::user_in_address(authority.host()));
    }
    match (scheme, authority.host()) {
        (_, "") => Err(CallError::no_address(url)),
        ("https", _) => Ok(uri),
        ("http", host) if is_loopback(host) => Ok(uri),
        _ => Err(CallError::not_https(scheme, authority.as_str())),
    }
}

/// A proxy never stands between this machine and itself.
pub fn goes_by(proxy: &ureq::Proxy, uri: &Uri) -> bool {
    !is_loopback(uri.host().unwrap_or_default()) && !proxy.is_no_proxy(uri)
}

/// ureq was built without SOCKS and would silently go around such a proxy.
pub fn is_usable(proxy: &ureq::Proxy) -> bool {
    use ureq::ProxyProtocol::{Http, Https};
    matches!(proxy.protocol(), Http | Https)
}

/// Whether `host` is this machine, by its writing alone: 127.0.0.0/8, `[::1]`
/// or `localhost`.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    match bare {
        Some(ip6) => ip6.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback()),
        None => {
            host.eq_ignore_ascii_case("localhost")
                || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, values: &[(&str, &str)]) -> String {
        let call = Call {
            path: template.to_owned(),
            secrets: vec!["token".to_owned()],
            ..Call::default()
        };
        let mut url = String::new();
        fill(&mut url, &call, values);
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
        assert_eq!(
            filled("/{token}/{name}", &[("name", "{token}")]),
            "/{token}/%7Btoken%7D"
        );
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for url in [
            "https://api.example.fr/v1",
            "https://127.0.0.1:1/",
            "http://127.0.0.1:8080/a?b=c",
            "http://127.8.9.10/",
            "http://[::1]:80/",
            "http://LocalHost/",
        ] {
            assert!(parse(url).is_ok(), "{url}");
        }
        for url in [
            "http://api.example.fr/v1?key=s3cret",
            "http://127.0.0.1.example.fr/",
            "http://localhost.example.fr/",
            "http://128.0.0.1/",
            "http://[::2]/",
            "ftp://api.example.fr/",
        ] {
            let words = parse(url).unwrap_err().to_string();
            assert!(words.contains("https"), "{words}");
            assert!(!words.contains("s3cret"), "{words}");
        }
    }

    #[test]
    fn what_is_no_address_is_said_without_its_query() {
        for url in [
            "",
            "/v1/leads?k=s3cret",
            "https://",
            "https://exa mple.fr/?k=s3cret",
            "https://me:s3cret@api.example.fr/",
            "https://api.example.fr/\u{1b}[31m?s3cret",
        ] {
            let words = parse(url).unwrap_err().to_string();
            assert!(!words.contains("s3cret"), "{words}");
            assert!(!words.contains(char::is_control), "{words}");
        }
    }

    #[test]
    fn a_proxy_never_stands_before_this_machine() {
        let proxy = ureq::Proxy::new("http://proxy.example.fr:3128").unwrap();
        let uses = |url| goes_by(&proxy, &parse(url).unwrap());
        assert!(uses("https://api.example.fr/"));
        for url in ["http://127.0.0.1:1/", "https://localhost/", "http://[::1]/"] {
            assert!(!uses(url), "{url}");
        }
        let bypass = ureq::Proxy::builder(ureq::ProxyProtocol::Http)
            .host("proxy.example.fr")
            .no_proxy("api.example.fr")
            .build()
            .unwrap();
        let address = parse("https://api.example.fr/").unwrap();
        assert!(!goes_by(&bypass, &address));
    }
}
