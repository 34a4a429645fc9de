//! The request left, and no complete answer came back.

use std::sync::mpsc;

use super::partner::Partner;
use super::{anonymous, call, impatient, limits, post, replied, says, short, silent, transport};

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
    let answer = replied(transport.call(&post(&partner.url()), &anonymous()));
    assert_eq!(answer.body.len(), max);
    let words = silent(transport.call(&post(&partner.url()), &anonymous()));
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
