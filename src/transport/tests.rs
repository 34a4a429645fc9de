//! Every way in which an answer comes or does not come, over real sockets.

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;

use super::partner::Partner;
use super::*;

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
        headers: Vec::new(),
        body: Some(r#"{"email":"anne@example.fr"}"#.to_owned()),
    }
}

/// A transport that no environment's proxy disturbs.
fn transport(limits: &Limits) -> Transport {
    Transport::through(limits, None)
}

fn call(limits: &Limits, url: &str) -> Reply {
    transport(limits).call(&post(url), None)
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
        Reply::Unsent(words) => fit(words),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn silent(reply: Reply) -> String {
    match reply {
        Reply::Silent(words) => fit(words),
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
    request.headers = vec![("X-Source".into(), "salon".into())];
    let credential = Credential {
        name: "X-API-Key".into(),
        value: "s3cret".into(),
    };
    replied(transport(&limits()).call(&request, Some(&credential)));
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
    let answer = replied(transport(&limits()).call(&request, None));
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
            let answer = replied(transport.call(&post(&partner.url()), None));
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
            replied(transport.call(&post(&partner.url()), None));
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
        replied(transport.call(&post(&partner.url()), None));
        wait.recv().unwrap();
        assert_eq!(partner.connections(), round);
    }
}

#[test]
fn a_port_where_nothing_listens_is_unsent() {
    // A caller's own port: taken as long as it is held, and nobody listens.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let held = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let address = held.local_addr().unwrap();
    let words = unsent(call(&limits(), &format!("http://{address}/?q3ry")));
    assert_eq!(
        words,
        format!("nothing answers at {address} (connection refused)")
    );
}

#[test]
fn a_name_that_does_not_exist_is_unsent() {
    let words = unsent(call(&limits(), "https://nowhere.invalid/v1?q3ry"));
    says(&words, "the name nowhere.invalid could not be found");
}

#[test]
fn plain_http_leaves_this_machine_for_nobody() {
    let words = unsent(call(&limits(), "http://api.example.fr/v1?q3ry"));
    says(&words, "https");
}

#[test]
fn tls_with_a_server_that_speaks_none_is_unsent() {
    let partner = Partner::new(|caller| {
        let _ = std::io::Read::read(&mut caller.stream, &mut [0; 4096]);
        caller.say(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        caller.wait_for_close();
    });
    let url = format!("https://{}/?q3ry", partner.address);
    says(&unsent(call(&limits(), &url)), "no secure connection");
}

#[test]
fn tls_with_a_mute_server_is_unsent() {
    let partner = Partner::new(|caller| caller.wait_for_close());
    let url = format!("https://{}/?q3ry", partner.address);
    says(&unsent(call(&short(), &url)), "within 80 ms");
}

#[test]
fn a_server_that_hangs_up_before_tls_is_unsent() {
    let partner = Partner::new(|_| {});
    let url = format!("https://{}/?q3ry", partner.address);
    says(&unsent(call(&limits(), &url)), "before anything was sent");
}

#[test]
fn a_mute_server_is_silent() {
    let (came, wait) = mpsc::channel();
    let partner = Partner::new(move |caller| {
        let _ = came.send(caller.request().is_some());
        caller.wait_for_close();
    });
    let words = silent(call(&short(), &partner.url()));
    assert_eq!(words, "no answer within 80 ms");
    assert!(wait.recv().unwrap(), "the request had left");
}

#[test]
fn a_server_that_trickles_is_silent_after_the_patience() {
    for start in [
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n",
    ] {
        let partner = Partner::new(move |caller| {
            caller.request();
            caller.say(start.as_bytes());
            caller.trickle(b"A: b\r\n");
        });
        let words = silent(call(&impatient(), &partner.url()));
        assert_eq!(words, "the answer was not complete within 300 ms");
    }
}

#[test]
fn a_cut_before_the_end_is_silent() {
    for said in [
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"id\":1}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"id\":",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"id\":1}\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        let partner = Partner::saying_once(said);
        let words = silent(call(&limits(), &partner.url()));
        assert_eq!(
            words, "the connection was cut before the answer was complete",
            "{said}"
        );
    }
}

/// Closes with the request unread, which resets the connection.
fn resetting(said: &'static str) -> Partner {
    Partner::new(move |caller| {
        let mut first = [0];
        let _ = caller.stream.peek(&mut first);
        caller.say(said.as_bytes());
    })
}

#[test]
fn a_reset_is_silent_also_where_it_could_pass_for_the_end() {
    for said in ["", "HTTP/1.1 200 OK\r\n\r\n{\"id\":1}"] {
        let partner = resetting(said);
        says(&silent(call(&limits(), &partner.url())), "cut before");
    }
}

#[test]
fn an_old_answer_that_ends_with_the_connection_is_complete() {
    let partner = Partner::saying_once("HTTP/1.0 200 OK\r\n\r\n{\"id\":1}");
    let answer = replied(call(&limits(), &partner.url()));
    assert_eq!(answer.body, b"{\"id\":1}");
}

#[test]
fn what_is_not_http_is_silent() {
    for said in [
        "SSH-2.0-OpenSSH_9.6\r\n",
        "\u{15}\u{3}\u{3}\0\u{2}\u{2}F",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
    ] {
        let partner = Partner::saying_once(said);
        let words = silent(call(&limits(), &partner.url()));
        assert_eq!(words, "what came back is not an HTTP answer", "{said}");
    }
}

#[test]
fn a_damaged_chunk_is_silent() {
    let said = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n";
    let partner = Partner::saying_once(said);
    says(&silent(call(&limits(), &partner.url())), "damaged");
}

#[test]
fn a_body_is_read_up_to_its_limit_and_no_further() {
    let max = limits().max_body;
    let partner = Partner::new(move |caller| {
        caller.request();
        caller.say(format!("HTTP/1.1 200 OK\r\nContent-Length: {max}\r\n\r\n").as_bytes());
        caller.say(&vec![b' '; max]);
        // The connection was kept: this is the second call.
        caller.request();
        caller.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
        while std::io::Write::write_all(&mut caller.stream, &[b' '; 4096]).is_ok() {}
    });
    let transport = transport(&limits());
    let answer = replied(transport.call(&post(&partner.url()), None));
    assert_eq!(answer.body.len(), max);
    let words = silent(transport.call(&post(&partner.url()), None));
    assert_eq!(words, "answered more than 64 kB");
    assert_eq!(partner.connections(), 1);
}

#[test]
fn headers_without_end_are_silent() {
    let one_line = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "a".repeat(200_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-A: b\r\n".repeat(1000));
    for said in [one_line, many] {
        let partner = Partner::saying_once(said);
        let words = silent(call(&limits(), &partner.url()));
        says(&words, "headers");
    }
}

#[test]
fn a_compressed_answer_is_silent() {
    for header in ["Content-Encoding: gzip", "content-encoding: identity, BR"] {
        let said = format!("HTTP/1.1 200 OK\r\n{header}\r\nContent-Length: 2\r\n\r\n{{}}");
        let partner = Partner::answering(said);
        says(&silent(call(&limits(), &partner.url())), "undecodable");
    }
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
fn a_proxy_is_used_for_others_and_its_refusal_is_unsent() {
    let partner = Partner::answering(OK);
    for (answer, part) in [
        (
            "HTTP/1.1 403 No\r\n\r\n",
            "refused to connect to api.example.fr",
        ),
        ("HTTP/1.1 407 Who\r\n\r\n", "asks for a user name"),
        ("", "closed the connection"),
    ] {
        let proxy = Partner::saying_once(answer);
        let setting = ureq::Proxy::new(&format!("http://{}", proxy.address)).unwrap();
        let transport = Transport::through(&limits(), Some(setting));
        replied(transport.call(&post(&partner.url()), None));
        assert_eq!(proxy.connections(), 0, "never for this machine");
        let words = unsent(transport.call(&post("https://api.example.fr/?q3ry"), None));
        says(&words, &format!("the proxy {}", proxy.address));
        says(&words, part);
        let asked = proxy.requests().remove(0);
        assert!(asked.starts_with("CONNECT api.example.fr:443 "), "{asked}");
        assert!(!asked.contains("anne"), "{asked}");
    }
}

#[test]
fn a_proxy_that_cannot_be_used_is_not_gone_around() {
    let setting = ureq::Proxy::new("socks5://127.0.0.1:1").unwrap();
    let transport = Transport::through(&limits(), Some(setting));
    says(
        &unsent(transport.call(&post("https://api.example.fr/"), None)),
        "SOCKS",
    );
}

#[test]
fn a_secret_that_no_header_can_hold_is_refused_and_not_told() {
    let partner = Partner::answering(OK);
    for (name, value) in [
        ("X-Key", "s3cret\r\nX-Other: 1"),
        ("X-Key", "s3cret\n"),
        ("X-Key", "s3crét"),
        ("X Key", "s3cret"),
        ("", "s3cret"),
    ] {
        let (name, value) = (name.to_owned(), value.to_owned());
        let credential = Credential { name, value };
        let reply = transport(&limits()).call(&post(&partner.url()), Some(&credential));
        assert!(!unsent(reply).contains("s3cr"));
        assert!(!format!("{credential:?}").contains("s3cr"));
    }
    assert_eq!(partner.connections(), 0);
}

#[test]
fn a_transport_can_be_given_to_a_worker() {
    let transport = transport(&limits());
    let partner = Partner::answering(OK);
    let request = post(&partner.url());
    let worker = std::thread::spawn(move || transport.call(&request, None));
    replied(worker.join().unwrap());
}
