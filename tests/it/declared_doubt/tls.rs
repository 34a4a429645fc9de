//! A partner over TLS: who vouches for it, and what it wants of who calls. Nothing
//! of that is a doubt, for no request was read.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use base64::Engine as _;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream};

use crate::common::desk::{Desk, HASTY};

/// A TLS server named localhost that takes every lead.
struct Secure {
    port: u16,
    /// The certificate of who vouches for it: its own.
    pem: String,
    /// The key of that certificate.
    key: String,
    seen: Arc<Seen>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<String>,
    over: AtomicBool,
}

impl Secure {
    /// `asks`: only who shows a certificate is heard.
    fn start(asks: bool) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let config = match asks {
            true => {
                let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build();
                ServerConfig::builder().with_client_cert_verifier(verifier.unwrap())
            }
            false => ServerConfig::builder().with_no_client_auth(),
        };
        let config = config.with_single_cert(vec![made.cert.der().clone()], key);
        let config = Arc::new(config.unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming().map(Result::unwrap) {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                shared.connections.fetch_add(1, Ordering::SeqCst);
                serve(&config, stream, &shared.requests);
            }
        });
        Self {
            port,
            pem: pem("CERTIFICATE", made.cert.der()),
            key: pem("PRIVATE KEY", &made.signing_key.serialize_der()),
            seen,
            accepting: Some(accepting),
        }
    }

    fn desk(&self, more: &str) -> (Desk, String) {
        let base = format!("https://localhost:{}", self.port);
        let desk = Desk::with(&base, &format!("{HASTY}{more}"), "");
        let file = desk.export("leads.csv", 1, 1);
        (desk, file)
    }

    fn requests(&self) -> String {
        self.seen.requests.lock().unwrap().clone()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.seen.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = self.accepting.take().map(JoinHandle::join);
    }
}

fn pem(what: &str, der: &[u8]) -> String {
    let coded = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {what}-----\n{coded}\n-----END {what}-----\n")
}

/// A certificate that nobody knows, by a name of its own, and its key.
fn unknown() -> (String, String) {
    let mut params = rcgen::CertificateParams::new(vec!["client.example.fr".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let name = rcgen::DnType::CommonName;
    params.distinguished_name.push(name, "client.example.fr");
    let key = rcgen::KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap();
    (
        pem("CERTIFICATE", cert.der()),
        pem("PRIVATE KEY", &key.serialize_der()),
    )
}

/// One connection, until the caller leaves.
fn serve(config: &Arc<ServerConfig>, mut stream: TcpStream, requests: &Mutex<String>) {
    let mut tls = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut plain = Stream::new(&mut tls, &mut stream);
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = plain.read(&mut buffer) {
        let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
        requests.lock().unwrap().push_str(&text);
        if text.ends_with('}') {
            let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 8\r\n\r\n{\"id\":1}";
            let _ = plain.write_all(answer);
        }
    }
    // What it was told must reach the caller before the connection is gone.
    while matches!(stream.read(&mut buffer), Ok(1..)) {}
}

#[test]
fn a_partner_is_trusted_by_its_own_authority_alone() {
    let partner = Secure::start(false);
    let (desk, file) = partner.desk("ca = \"ours.pem\"\n");
    desk.home.write("ours.pem", &partner.pem);
    desk.send(&[&file]).expect_code(0);
    assert!(partner.requests().contains("lead1@example.fr"));
    // Without it the machine's authorities decide, and with another that one.
    let other = Secure::start(false);
    for more in ["", "ca = \"other.pem\"\n"] {
        let partner = Secure::start(false);
        let (desk, file) = partner.desk(more);
        desk.home.write("other.pem", &other.pem);
        let run = desk.send(&[&file]).expect_code(5);
        let words = "the certificate of localhost is not valid";
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert_eq!(run.column("state"), ["failed"]);
        assert_eq!(partner.requests(), "");
    }
}

#[test]
fn an_authority_that_can_not_be_read_stops_the_run() {
    let partner = Secure::start(false);
    for (pem, words) in [
        (None, "there is no such file"),
        (Some("no certificate"), "holds no certificate"),
    ] {
        let (desk, file) = partner.desk("ca = \"ours.pem\"\n");
        if let Some(pem) = pem {
            desk.home.write("ours.pem", pem);
        }
        let run = desk.send(&[&file]).expect_code(2);
        assert!(run.stderr.contains("`ca` names"), "{}", run.stderr);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        let check = desk.home.run(&["check", "--to", "desk"]).expect_code(2);
        let all = check.stdout + &check.stderr;
        assert!(all.contains(words), "{all}");
    }
    assert_eq!(partner.seen.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn a_partner_that_wants_a_client_certificate_leaves_no_doubt() {
    let partner = Secure::start(true);
    let (desk, file) = partner.desk("ca = \"ours.pem\"\n");
    desk.home.write("ours.pem", &partner.pem);
    let run = desk.send(&[&file]).expect_code(2);
    assert_eq!(run.column("state"), ["failed"]);
    let words = "localhost asks for a client certificate";
    assert!(run.column("message")[0].contains(words), "{}", run.stdout);
    assert_eq!(partner.requests(), "");
    assert_eq!(desk.states(), ["failed"]);
}

/// The one that it trusts: its own.
const SHOWN: &str =
    "ca = \"ours.pem\"\nauth.certificate = { cert = \"ours.pem\", \"key\" = \"ours.key\" }\n";

#[test]
fn a_client_certificate_is_shown_to_who_asks_for_one() {
    for asks in [true, false] {
        let partner = Secure::start(asks);
        let (desk, file) = partner.desk(SHOWN);
        desk.home.write("ours.pem", &partner.pem);
        let key = desk.home.write("ours.key", &partner.key);
        let run = desk.send(&[&file]).expect_code(0);
        assert!(partner.requests().contains("lead1@example.fr"));
        // A key is a secret.
        assert!(run.stderr.contains("chmod 600"), "{}", run.stderr);
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let check = desk.home.run(&["check", "--to", "desk"]).expect_code(0);
        let all = check.stdout + &check.stderr;
        assert!(!all.contains("chmod"), "{all}");
    }
}

#[test]
fn a_client_certificate_that_cannot_be_shown_stops_the_run() {
    let (partner, other) = (Secure::start(true), Secure::start(true));
    for (cert, key, words) in [
        (
            None,
            Some(&*partner.key),
            "`cert` of auth.certificate names",
        ),
        (
            Some("no certificate"),
            Some(&*partner.key),
            "holds no certificate that can be read",
        ),
        (Some(&*partner.pem), None, "`key` of auth.certificate names"),
        (
            Some(&*partner.pem),
            Some("no key"),
            "holds no key that can be read",
        ),
        (
            Some(&*partner.pem),
            Some(&*other.key),
            "is not the key of this `cert`",
        ),
    ] {
        let (desk, file) = partner.desk(&SHOWN.replacen("ours.pem", "ca.pem", 1));
        desk.home.write("ca.pem", &partner.pem);
        for (name, text) in [("ours.pem", cert), ("ours.key", key)] {
            text.map(|text| desk.home.write(name, text));
        }
        let run = desk.send(&[&file]).expect_code(2);
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        let check = desk.home.run(&["check", "--to", "desk"]).expect_code(2);
        let all = check.stdout + &check.stderr;
        let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(all.contains(words), "{words}: {all}");
        assert_eq!(desk.states(), ["failed"]);
    }
    assert_eq!(partner.seen.connections.load(Ordering::SeqCst), 0);
    // One that the partner does not know leaves no doubt either.
    let (desk, file) = partner.desk(&SHOWN.replacen("ours.pem", "ca.pem", 1));
    desk.home.write("ca.pem", &partner.pem);
    let (cert, key) = unknown();
    desk.home.write("ours.pem", cert);
    desk.home.write("ours.key", key);
    let run = desk.send(&[&file]).expect_code(2);
    let words = "asks for a client certificate";
    assert!(run.column("message")[0].contains(words), "{}", run.stdout);
    assert_eq!(partner.requests(), "");
}

#[test]
fn a_proxy_setting_that_can_not_be_read_stops_the_run() {
    for setting in ["http://proxy:port", "htp://proxy.example.fr", "a b"] {
        let mut desk = Desk::at("https://desk.example.invalid");
        let file = desk.export("leads.csv", 1, 1);
        desk.home.set("HTTPS_PROXY", setting);
        let run = desk.send(&[&file]).expect_code(2);
        let words = "HTTPS_PROXY cannot be read as the address of a proxy";
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    // For this machine no proxy is asked for.
    let partner = crate::common::desk::willing();
    let mut desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.home.set("HTTPS_PROXY", "a b");
    desk.send(&[&file]).expect_code(0);
}
