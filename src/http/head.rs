//! The head of a request, checked and ready: where it goes and its headers,
//! the secret among them. Requests to one operation mostly have the same one,
//! so it is made once and kept.

use ureq::http::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, Uri};

use super::address::Address;
use super::conceal::Secrets;
use super::credential::Credential;
use super::{agent, words};
use crate::http::request::{Method, Request};

/// A head, and what it was made of.
#[derive(Debug)]
pub struct Head {
    pub address: Address,
    /// As ureq takes it.
    pub ready: http::Request<()>,
    /// What no answer may repeat.
    pub secrets: Secrets,
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    has_body: bool,
    credential: Option<Credential>,
}

impl Head {
    /// The error is in words and never tells a value.
    pub fn new(request: &Request, credential: Option<&Credential>) -> Result<Self, String> {
        let address = Address::parse(&request.url)?;
        let mut ready = http::Request::new(());
        *ready.method_mut() = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Patch => http::Method::PATCH,
        };
        *ready.headers_mut() = headers(request, credential, &address.uri)?;
        *ready.uri_mut() = address.uri.clone();
        Ok(Self {
            address,
            ready,
            secrets: credential.map(Secrets::of).unwrap_or_default(),
            method: request.method,
            url: request.url.clone(),
            headers: request.headers.clone(),
            has_body: request.body.is_some(),
            credential: credential.cloned(),
        })
    }

    /// Is this the head of `request` too?
    pub fn is_of(&self, request: &Request, credential: Option<&Credential>) -> bool {
        self.method == request.method
            && self.has_body == request.body.is_some()
            && self.url == request.url
            && self.headers == request.headers
            && self.credential.as_ref() == credential
    }
}

fn headers(
    request: &Request,
    credential: Option<&Credential>,
    uri: &Uri,
) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let (Ok(known), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value))
        else {
            return Err(words::bad_header(name));
        };
        headers.append(known, value);
    }
    // What ureq would make anew for each request.
    let mut otherwise = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    if request.body.is_some() {
        otherwise(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    otherwise(ACCEPT, HeaderValue::from_static("application/json"));
    otherwise(USER_AGENT, HeaderValue::from_static(agent::NAME));
    if let Ok(host) = HeaderValue::from_str(host(uri)) {
        otherwise(HOST, host);
    }
    if let Some(credential) = credential {
        let (name, value) =
            secret(credential).ok_or_else(|| words::bad_credential(&credential.name))?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// The host as a header tells it: with its port where that is not the usual one.
fn host(uri: &Uri) -> &str {
    let host = uri.host().unwrap_or_default();
    match (uri.scheme_str(), uri.port_u16()) {
        (_, None) | (Some("https"), Some(443)) | (Some("http"), Some(80)) => host,
        _ => uri.authority().map_or(host, http::uri::Authority::as_str),
    }
}

/// A secret is plain ASCII: servers differ on how they read anything else.
fn secret(credential: &Credential) -> Option<(HeaderName, HeaderValue)> {
    let name = credential.name.parse().ok()?;
    let plain = credential.value.bytes().all(|b| matches!(b, b' '..=b'~'));
    let mut value = HeaderValue::from_str(&credential.value)
        .ok()
        .filter(|_| plain)?;
    value.set_sensitive(true);
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str) -> Request {
        Request {
            method: Method::Post,
            url: url.to_owned(),
            headers: vec![("X-Source".into(), "salon".into())],
            body: Some("{}".into()),
        }
    }

    #[test]
    fn the_host_is_told_with_a_port_that_is_not_the_usual_one() {
        for (url, told) in [
            ("https://api.example.fr/v1", "api.example.fr"),
            ("https://api.example.fr:443/v1", "api.example.fr"),
            ("https://api.example.fr:80/v1", "api.example.fr:80"),
            ("https://api.example.fr:8443/v1", "api.example.fr:8443"),
            ("http://127.0.0.1:80/", "127.0.0.1"),
            ("http://[::1]:8080/", "[::1]:8080"),
            ("https://api.example.fr:/", "api.example.fr"),
        ] {
            let head = Head::new(&request(url), None).expect("a head");
            assert_eq!(head.ready.headers()[HOST], told, "{url}");
        }
    }

    #[test]
    fn a_head_is_that_of_the_same_request_only() {
        let of = request("https://api.example.fr/a");
        let key = |value: &str| Credential {
            name: "X-Key".into(),
            value: value.into(),
        };
        let head = Head::new(&of, Some(&key("1"))).expect("a head");
        let is_of = |change: &dyn Fn(&mut Request), value| {
            let mut request = of.clone();
            change(&mut request);
            head.is_of(&request, Some(&key(value)))
        };
        assert!(is_of(&|request| request.body = Some("[1]".into()), "1"));
        assert!(!is_of(&|_| {}, "2") && !head.is_of(&of, None));
        assert!(!is_of(&|request| request.body = None, "1"));
        assert!(!is_of(&|request| request.method = Method::Put, "1"));
        assert!(!is_of(&|request| request.url.push('b'), "1"));
        assert!(!is_of(&|request| request.headers.clear(), "1"));
    }
}
