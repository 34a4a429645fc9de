//! The partner of the fault suite is a witness: here it is examined itself.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::common::{Act, Door, Gate, Home, Part, Partner};

const REQUEST: &[u8] =
    b"POST /leads?a=b HTTP/1.1\r\nX-Key: k\r\nContent-Length: 7\r\n\r\n{\"a\":1}";

fn call(partner: &Partner) -> TcpStream {
    let mut stream = TcpStream::connect(partner.address()).unwrap();
    stream.write_all(REQUEST).unwrap();
    stream
}

/// All that comes back until the partner ends the connection.
fn rest(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

/// What comes back to a client that says that it has finished.
fn whole(partner: &Partner) -> Vec<u8> {
    let stream = call(partner);
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    rest(stream)
}

#[test]
fn counts_and_keeps_what_arrived() {
    let partner = Partner::playing(vec![Act::json(201, "{}"), Act::status(404)]);
    let mut stream = call(&partner);
    stream.write_all(REQUEST).unwrap();
    stream
        .write_all(b"PUT /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")
        .unwrap();
    // This one never arrives whole.
    stream.write_all(&REQUEST[..REQUEST.len() - 1]).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let text = String::from_utf8(rest(stream)).unwrap();
    assert_eq!(text.matches("HTTP/1.1 ").count(), 3);
    assert!(text.starts_with("HTTP/1.1 201 ") && text.contains("HTTP/1.1 404 "));

    partner.await_count(3);
    let arrived = partner.arrived();
    assert_eq!((partner.count(), partner.connections()), (3, 1));
    assert_eq!(arrived[0].target, "/leads?a=b");
    assert_eq!(arrived[0].header("x-key"), Some("k"));
    assert_eq!(arrived[1].json()["a"], 1);
    assert_eq!(
        (&*arrived[2].method, &*arrived[2].body),
        ("PUT", &b"ab"[..])
    );
}

#[test]
fn holds_until_released() {
    let gate = Gate::new();
    let partner = Partner::always(Act::status(200).held(&gate));
    let streams = [call(&partner), call(&partner)];
    gate.await_held(2);
    assert_eq!(partner.count(), 2);
    gate.release();
    for mut stream in streams {
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
    }
}

#[test]
fn closes_and_resets() {
    for act in [Act::Close, Act::Reset] {
        let resets = matches!(act, Act::Reset);
        let partner = Partner::always(act);
        let end = call(&partner).read(&mut [0; 9]);
        match resets {
            true => assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset),
            false => assert_eq!(end.unwrap(), 0),
        }
        assert_eq!(partner.count(), 1);
    }
    for door in [
        Door::Close,
        Door::Reset,
        Door::CloseAfterHead,
        Door::ResetAfterHead,
    ] {
        let partner = Partner::with_door(move |_| door, |_| Act::status(200));
        let mut stream = TcpStream::connect(partner.address()).unwrap();
        // The door may be shut before a byte was written.
        let _ = stream.write_all(REQUEST);
        assert!(!matches!(stream.read(&mut [0; 9]), Ok(1..)));
        assert_eq!(partner.count(), 0);
    }
}

#[test]
fn mute_and_deaf_end_with_the_partner() {
    let mute = Partner::always(Act::Mute);
    let mut heard = call(&mute);
    mute.await_count(1);
    drop(mute);
    assert!(!matches!(heard.read(&mut [0; 9]), Ok(1..)));

    let deaf = Partner::with_door(|_| Door::Deaf, |_| Act::status(200));
    let mut unheard = call(&deaf);
    assert_eq!(deaf.count(), 0);
    drop(deaf);
    assert!(!matches!(unheard.read(&mut [0; 9]), Ok(1..)));
}

#[test]
fn slow_answers_are_whole() {
    for from in [Part::Head, Part::Body] {
        let partner = Partner::always(Act::Trickle {
            from,
            pause: Duration::from_micros(10),
            status: 200,
            body: b"{}".to_vec(),
        });
        assert!(whole(&partner).ends_with(b"content-length: 2\r\n\r\n{}"));
    }
}

#[test]
fn broken_answers() {
    let body = || b"{\"id\":".to_vec();
    let status = 201;
    for (act, end) in [
        (
            Act::Truncated {
                status,
                body: body(),
            },
            "content-length: 106\r\n\r\n{\"id\":",
        ),
        (
            Act::TruncatedChunk {
                status,
                body: body(),
            },
            "\r\n\r\n6a\r\n{\"id\":",
        ),
        (
            Act::Unended {
                status,
                body: body(),
            },
            "\r\n\r\n6\r\n{\"id\":\r\n",
        ),
        (
            Act::UntilClose {
                status,
                body: body(),
            },
            "connection: close\r\n\r\n{\"id\":",
        ),
        (Act::Raw(b"\x00garbage".to_vec()), "\x00garbage"),
        (
            Act::redirect(307, "http://127.0.0.1:9/x"),
            "location: http://127.0.0.1:9/x\r\n\r\n",
        ),
        (Act::html(200, "<p>"), "text/html; charset=utf-8\r\n\r\n<p>"),
    ] {
        let partner = Partner::always(act);
        let text = String::from_utf8(whole(&partner)).unwrap();
        assert!(text.ends_with(end), "{text}");
    }
}

#[test]
fn giants() {
    let bytes = 300_000;
    for (act, least) in [
        (Act::GiantBody { bytes }, bytes),
        (Act::GiantChunks { bytes }, bytes),
        (Act::GiantHeaders { bytes }, bytes),
        (Act::GzipBomb { bytes }, bytes / 160),
    ] {
        let partner = Partner::always(act);
        assert!(whole(&partner).len() > least);
    }
}

#[test]
fn the_binary_runs_in_a_home_of_its_own() {
    let mut home = Home::new();
    home.config("ledger = \"x\"\n");
    assert_eq!(home.read("partners.toml"), "ledger = \"x\"\n");
    home.set("A_KEY", "1");
    let command = home.command(&["--version"]);
    assert!(command.get_envs().any(|(name, _)| name == "A_KEY"));
    assert_eq!(command.get_current_dir(), Some(home.path()));
    assert!(home.run_with(&["--version"], "nothing").code.is_some());
}
