//! Every way in which an answer comes or does not come, over real sockets.

mod partner;
mod replied;
mod silent;
mod tls;
mod unsent;

use std::time::Duration;

use super::surroundings::platform_trust;
use super::{Answer, Credentials, Limits, Reply, Transport};
use crate::http::request::{Method, Request};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Ref: 12\r\n\r\n{}";

fn limits() -> Limits {
    Limits {
        timeout: Duration::from_secs(20),
        patience: Duration::from_secs(40),
        max_body: 64 * 1024,
    }
}

fn short() -> Limits {
    Limits {
        timeout: Duration::from_millis(80),
        ..limits()
    }
}

fn impatient() -> Limits {
    Limits {
        patience: Duration::from_millis(300),
        ..limits()
    }
}

fn post(url: &str) -> Request {
    Request {
        method: Method::Post,
        url: url.to_owned(),
        headers: vec![
            ("Accept".into(), "application/json".into()),
            ("Content-Type".into(), "application/json".into()),
        ],
        body: Some(r#"{"email":"anne@example.fr"}"#.to_owned()),
    }
}

/// Nobody asks who calls.
fn anonymous() -> Credentials {
    Credentials::default()
}

/// With one secret, in a header.
fn with_header(name: &str, value: &str) -> Credentials {
    Credentials {
        headers: vec![(name.to_owned(), value.to_owned())],
        ..anonymous()
    }
}

/// A transport that no environment's proxy disturbs.
fn transport(limits: &Limits) -> Transport {
    Transport::through(limits, Ok(None), &platform_trust())
}

fn call(limits: &Limits, url: &str) -> Reply {
    transport(limits).call(&post(url), &anonymous())
}

#[track_caller]
fn replied(reply: Reply) -> Answer {
    match reply {
        Reply::Replied(answer) => answer,
        other => panic!("{other:?}"),
    }
}

/// The words, which never tell the query, nor hold a control character.
#[track_caller]
fn unsent(reply: Reply) -> String {
    match reply {
        Reply::Unsent(error) => fit(error.to_string()),
        other => panic!("{other:?}"),
    }
}

/// Nothing that could be sent: words for whoever wrote the configuration.
fn unmade(reply: Reply) -> String {
    match reply {
        Reply::Unmade(error) => fit(error.to_string()),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn silent(reply: Reply) -> String {
    match reply {
        Reply::Silent(error) => fit(error.to_string()),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn fit(words: String) -> String {
    assert!(!words.contains("q3ry"), "{words}");
    assert!(!words.contains(char::is_control), "{words}");
    assert!(!words.contains("Error"), "{words}");
    words
}

#[track_caller]
fn says(words: &str, part: &str) {
    assert!(words.contains(part), "{words}");
}
