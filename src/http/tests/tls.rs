//! The same over TLS, where the handshake's bytes do not count.

use std::io::{Read, Write};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, Stream};
use ureq::tls::{RootCerts, TlsConfig};

use super::partner::{Caller, Partner};
use super::{Limits, Reply, Transport};
use super::{OK, anonymous, call, limits, post, replied, says, short, silent, unmade, unsent};

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

/// Time for a handshake on a busy machine, not for much more.
fn hasty() -> Limits {
    Limits {
        timeout: Duration::from_millis(400),
        ..limits()
    }
}

/// A TLS server's certificate for `name`, and a transport's trust in it alone.
fn certified(name: &str) -> (Arc<ServerConfig>, TlsConfig) {
    certified_for(name, rustls::ALL_VERSIONS)
}

fn certified_for(
    name: &str,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> (Arc<ServerConfig>, TlsConfig) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_protocol_versions(versions)
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let root = ureq::tls::Certificate::from_der(made.cert.der()).to_owned();
    let trust = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(vec![root])))
        .build();
    (Arc::new(config), trust)
}

/// Shakes hands, reads one request, says `said`, and leaves or waits.
fn serve(caller: &mut Caller, config: &Arc<ServerConfig>, said: &[u8], stays: bool) -> String {
    let mut tls = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = Stream::new(&mut tls, &mut caller.stream);
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.ends_with(b"}") {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => request.extend_from_slice(&buffer[..count]),
        }
    }
    let _ = stream.write_all(said);
    if stays {
        let _ = stream.read(&mut buffer);
    }
    String::from_utf8(request).unwrap()
}

fn tls_partner(said: &'static str, stays: bool) -> (Partner, TlsConfig) {
    let (config, trust) = certified("localhost");
    let partner = Partner::new(move |caller| {
        serve(caller, &config, said.as_bytes(), stays);
    });
    (partner, trust)
}

fn secure(partner: &Partner) -> String {
    format!("https://localhost:{}/?q3ry", partner.address.port())
}

fn call_trusting(limits: &Limits, partner: &Partner, trust: &TlsConfig) -> Reply {
    Transport::through(limits, Ok(None), trust).call(&post(&secure(partner)), &anonymous())
}

#[test]
fn a_trusted_server_is_answered_over_tls() {
    let (partner, trust) = tls_partner(OK, true);
    let answer = replied(call_trusting(&limits(), &partner, &trust));
    assert_eq!(answer.body, b"{}");
}

#[test]
fn the_version_that_the_server_chose_is_known() {
    for (version, name) in [
        (&rustls::version::TLS12, "TLS 1.2"),
        (&rustls::version::TLS13, "TLS 1.3"),
    ] {
        let (config, trust) = certified_for("localhost", &[version]);
        let partner = Partner::new(move |caller| {
            serve(caller, &config, OK.as_bytes(), true);
        });
        let transport = Transport::through(&limits(), Ok(None), &trust);
        replied(transport.call(&post(&secure(&partner)), &anonymous()));
        assert_eq!(transport.exchange.tls(), Some(name));
    }
}

#[test]
fn what_is_mute_or_cut_after_the_handshake_is_silent() {
    let (partner, trust) = tls_partner("", true);
    let words = silent(call_trusting(&hasty(), &partner, &trust));
    says(&words, "no answer within");
    // Without TLS' own farewell, the end of the connection ends no answer.
    for said in [
        "",
        "HTTP/1.1 200 OK\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
    ] {
        let (partner, trust) = tls_partner(said, false);
        says(
            &silent(call_trusting(&limits(), &partner, &trust)),
            "cut before",
        );
    }
}

#[test]
fn an_untrusted_certificate_is_unsent_and_sees_no_request() {
    let (config, _) = certified("localhost");
    let (told, wait) = mpsc::channel();
    let partner = Partner::new(move |caller| {
        let _ = told.send(serve(caller, &config, b"", false));
    });
    let words = unsent(call(&limits(), &secure(&partner)));
    says(
        &words,
        "the certificate of localhost is not valid: it was not made by",
    );
    assert_eq!(wait.recv().unwrap(), "");
}

#[test]
fn a_certificate_for_another_name_is_unsent() {
    let (partner, trust) = tls_partner(OK, true);
    let url = format!("https://127.0.0.1:{}/?q3ry", partner.address.port());
    let words =
        unsent(Transport::through(&limits(), Ok(None), &trust).call(&post(&url), &anonymous()));
    says(
        &words,
        "the certificate of 127.0.0.1 is not valid: it was made for another name",
    );
}

/// A proxy that opens each tunnel to a TLS server of its own.
fn tunnelled(name: &str, said: &'static str, limits: &Limits) -> Reply {
    let (config, trust) = certified(name);
    let proxy = Partner::new(move |caller| {
        caller.request();
        caller.say(b"HTTP/1.1 200 OK\r\n\r\n");
        serve(caller, &config, said.as_bytes(), true);
    });
    let setting = ureq::Proxy::new(&format!("http://{}", proxy.address)).unwrap();
    let transport = Transport::through(limits, Ok(Some(setting)), &trust);
    transport.call(&post("https://api.example.fr/?q3ry"), &anonymous())
}

#[test]
fn what_is_said_to_a_proxy_is_not_the_request() {
    replied(tunnelled("api.example.fr", OK, &limits()));
    says(
        &silent(tunnelled("api.example.fr", "", &hasty())),
        "no answer within",
    );
    let words = unsent(tunnelled("other.example.fr", OK, &limits()));
    says(&words, "the certificate of api.example.fr is not valid");
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

/// A server that wants a client certificate says so once the handshake is over
/// for the client, whose request is on its way by then.
#[test]
fn a_server_that_wants_a_client_certificate_read_nothing() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let verifier = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let root = ureq::tls::Certificate::from_der(made.cert.der()).to_owned();
    let trust = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(vec![root])))
        .build();
    let config = Arc::new(config);
    let partner = Partner::new(move |caller| {
        serve(caller, &config, b"", false);
        caller.wait_for_close();
    });
    let words = unmade(call_trusting(&limits(), &partner, &trust));
    says(&words, "localhost asks for a client certificate");
}
