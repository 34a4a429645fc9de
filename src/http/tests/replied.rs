//! Complete answers, and what was sent to get them.

use std::sync::mpsc;

use super::partner::Partner;
use super::{Method, OK, Request};
use super::{anonymous, call, limits, post, replied, says, transport, with_header};

#[test]
fn a_complete_answer_is_told_whole() {
    let partner = Partner::answering(OK);
    let answer = replied(call(&limits(), &partner.url()));
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"{}"[..]));
    assert!(answer.headers.contains(&("x-ref".into(), "12".into())));
}

#[test]
fn only_what_is_needed_is_sent() {
    let partner = Partner::answering(OK);
    let mut request = post(&partner.url());
    request.headers.push(("X-Source".into(), "salon".into()));
    let credentials = with_header("X-API-Key", "s3cret");
    replied(transport(&limits()).call(&request, &credentials));
    let seen = partner.requests().remove(0);
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("POST /v1/leads?key=q3ry HTTP/1.1"));
    let mut headers: Vec<&str> = lines.collect();
    headers.sort_unstable();
    let host = format!("host: {}", partner.address);
    let agent = concat!("user-agent: leadctl/", env!("CARGO_PKG_VERSION"));
    let expected = [
        "accept: application/json",
        "content-length: 27",
        "content-type: application/json",
        &host,
        agent,
        "x-api-key: s3cret",
        "x-source: salon",
    ];
    assert_eq!(headers, expected);
    assert_eq!(body, r#"{"email":"anne@example.fr"}"#);
}

#[test]
fn a_get_has_no_body_and_its_own_headers_win() {
    let partner = Partner::answering("HTTP/1.1 204 No Content\r\n\r\n");
    let request = Request {
        method: Method::Get,
        headers: vec![("accept".into(), "text/plain".into())],
        body: None,
        ..post(&partner.url())
    };
    let answer = replied(transport(&limits()).call(&request, &anonymous()));
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    let seen = partner.requests().remove(0).to_lowercase();
    assert!(!seen.contains("content-"), "{seen}");
    assert_eq!(seen.matches("accept").count(), 1, "{seen}");
    says(&seen, "accept: text/plain");
}

#[test]
fn refusals_and_errors_are_answers_and_keep_the_connection() {
    for status in [
        "302 Found",
        "401 No",
        "404 No",
        "429 Slow",
        "500 Oops",
        "304 Same",
    ] {
        let body = if status.starts_with("304") { "" } else { "no" };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let partner = Partner::answering(answer);
        let transport = transport(&limits());
        for _ in 0..3 {
            let answer = replied(transport.call(&post(&partner.url()), &anonymous()));
            assert!(status.starts_with(&answer.status.to_string()));
            assert_eq!(answer.body, body.as_bytes());
        }
        assert_eq!(partner.connections(), 1, "{status}");
    }
}

#[test]
fn one_connection_serves_many_calls_whatever_the_framing() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    for answer in [
        OK,
        chunked,
        "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
    ] {
        let partner = Partner::answering(answer);
        let transport = transport(&limits());
        for _ in 0..20 {
            replied(transport.call(&post(&partner.url()), &anonymous()));
        }
        assert_eq!(partner.connections(), 1);
        assert_eq!(partner.requests().len(), 20);
    }
}

#[test]
fn a_connection_that_the_server_closed_is_not_used_again() {
    let (closed, wait) = mpsc::channel();
    let partner = Partner::new(move |caller| {
        if caller.request().is_some() {
            caller.say(OK.as_bytes());
            // A copy of the handle would keep the connection open.
            let _ = caller.stream.shutdown(std::net::Shutdown::Both);
            let _ = closed.send(());
        }
    });
    let transport = transport(&limits());
    for round in 1..=3 {
        replied(transport.call(&post(&partner.url()), &anonymous()));
        wait.recv().unwrap();
        assert_eq!(partner.connections(), round);
    }
}

#[test]
fn an_old_answer_that_ends_with_the_connection_is_complete() {
    let partner = Partner::saying_once("HTTP/1.0 200 OK\r\n\r\n{\"id\":1}");
    let answer = replied(call(&limits(), &partner.url()));
    assert_eq!(answer.body, b"{\"id\":1}");
}

#[test]
fn a_redirect_is_not_followed() {
    let target = Partner::answering(OK);
    for status in [301, 302, 303, 307, 308] {
        let said = format!(
            "HTTP/1.1 {status} Moved\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
            target.url()
        );
        let partner = Partner::answering(said);
        assert_eq!(replied(call(&limits(), &partner.url())).status, status);
    }
    assert_eq!(target.connections(), 0);
}

#[test]
fn a_transport_can_be_given_to_a_worker() {
    let transport = transport(&limits());
    let partner = Partner::answering(OK);
    let request = post(&partner.url());
    let worker = std::thread::spawn(move || transport.call(&request, &anonymous()));
    replied(worker.join().unwrap());
}

#[test]
fn a_packed_answer_is_its_status_without_a_body() {
    for (header, packed) in [
        ("Content-Encoding: gzip", "gzip"),
        ("content-encoding: identity, BR", "br"),
        ("content-encoding: own", ""),
    ] {
        let said = format!("HTTP/1.1 401 No\r\n{header}\r\nContent-Length: 2\r\n\r\n{{}}");
        let partner = Partner::answering(said);
        let answer = replied(call(&limits(), &partner.url()));
        assert_eq!((answer.status, answer.packed), (401, Some(packed)));
        assert!(answer.body.is_empty());
    }
}
