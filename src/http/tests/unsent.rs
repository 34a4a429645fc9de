//! Nothing left this machine.

use std::net::{TcpListener, TcpStream};

use super::super::surroundings::platform_trust;
use super::partner::Partner;
use super::{
    OK, Transport, anonymous, call, limits, post, replied, says, transport, unmade, unsent,
    with_header,
};

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
    let words = unmade(call(&limits(), "http://api.example.fr/v1?q3ry"));
    says(&words, "https");
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
        let transport = Transport::through(&limits(), Ok(Some(setting)), &platform_trust());
        replied(transport.call(&post(&partner.url()), &anonymous()));
        assert_eq!(proxy.connections(), 0, "never for this machine");
        let words = unsent(transport.call(&post("https://api.example.fr/?q3ry"), &anonymous()));
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
    let transport = Transport::through(&limits(), Ok(Some(setting)), &platform_trust());
    says(
        &unmade(transport.call(&post("https://api.example.fr/"), &anonymous())),
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
        let credentials = with_header(name, value);
        let reply = transport(&limits()).call(&post(&partner.url()), &credentials);
        assert!(!unmade(reply).contains("s3cr"));
        assert!(!format!("{credentials:?}").contains("s3cr"));
    }
    assert_eq!(partner.connections(), 0);
}
