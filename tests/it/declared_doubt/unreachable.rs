//! No byte left: the lead is certainly not received, the run stops, and the
//! next one sends it.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};

use crate::common::desk::{Desk, HASTY, persons, willing};
use crate::common::{Act, Partner, nobody, unaccepting};

/// Three leads for a `base` where nothing can be sent; then there is a partner.
#[track_caller]
fn is_unreachable(base: &str, timeout: &str, words: &str) {
    let desk = Desk::with(base, &format!("{HASTY}timeout = \"{timeout}\"\n"), "");
    let file = desk.export("leads.csv", 1, 3);
    let first = desk.send(&[&file]).expect_code(5);
    assert_eq!(desk.states(), ["failed", "unsent", "unsent"]);
    assert_eq!(first.column("state"), ["failed", "unsent", "unsent"]);
    let told = &first.column("message")[0];
    assert!(told.contains(words), "{told}");
    assert!(first.stderr.contains("tried 2 times"), "{}", first.stderr);

    let partner = willing();
    desk.configure(&partner.base(), HASTY, "");
    let second = desk.send(&[&file]).expect_code(0);
    assert_eq!(second.column("state"), ["delivered"; 3]);
    assert_eq!(
        persons(&partner),
        ["lead1@example.fr", "lead2@example.fr", "lead3@example.fr"]
    );
}

#[test]
fn a_name_that_nobody_knows() {
    is_unreachable("https://leads.invalid", "30s", "leads.invalid");
}

#[test]
fn nobody_at_the_door() {
    is_unreachable(&nobody(), "30s", "connection refused");
}

#[test]
fn a_connection_that_is_never_made() {
    let (_full, address, _queued) = unaccepting();
    is_unreachable(&format!("http://{address}"), "200ms", "no connection");
}

#[test]
fn a_plain_server_where_tls_is_expected() {
    let plain = Partner::always(Act::json(201, "{\"id\":1}"));
    is_unreachable(
        &plain.base().replace("http:", "https:"),
        "30s",
        "closed the connection",
    );
    assert_eq!(plain.count(), 0);
}

#[test]
fn a_certificate_that_nobody_trusts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let (plain, read) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut bytes = Vec::new();
            let _ = rustls::Stream::new(&mut tls, &mut stream).read_to_end(&mut bytes);
            let _ = plain.send(bytes);
        }
    });
    is_unreachable(&format!("https://localhost:{port}"), "30s", "certificate");
    // Two tries, and not a byte of a lead in either.
    for bytes in read.iter().take(2) {
        assert!(bytes.is_empty(), "{bytes:?}");
    }
}
