//! What went wrong, for people who do not program: no error chains, no control
//! characters, never a secret nor a URL's query. Words only: whether anything was
//! sent is decided elsewhere.

use std::io::ErrorKind;
use std::time::Duration;

use ureq::{Error, Proxy, Timeout};

use super::address::Address;
use super::agent::MAX_HEADERS;
use super::conceal::shown;
use super::counting::BrokenOff;
use super::limits::Limits;

/// Why nothing was sent to `address`; `proxy` is the one that was to be used.
pub fn unsent(error: &Error, address: &Address, proxy: Option<&Proxy>, limits: &Limits) -> String {
    // With a proxy, names and connections are the proxy's.
    let (place, name) = match proxy {
        Some(proxy) => (
            named(proxy),
            format!("name of the proxy, {},", proxy.host()),
        ),
        None => (
            address.place().to_owned(),
            format!("name {}", address.host()),
        ),
    };
    let target = address.place();
    if let Some(words) = certificate(error, address.host()) {
        return words;
    }
    match error {
        Error::HostNotFound => {
            format!("the {name} could not be found: check its spelling and the network")
        }
        Error::Timeout(_) => {
            let limit = seconds(limits.timeout);
            format!("no connection to {place} could be made within {limit}")
        }
        Error::ConnectProxyFailed(reason) if reason.contains("407") => {
            format!("{place} asks for a user name and a password: put them in the proxy setting")
        }
        Error::ConnectProxyFailed(reason) if reason.contains("responded") => {
            format!("{place} refused to connect to {target}")
        }
        Error::Rustls(_) | Error::Tls(_) | Error::TlsRequired => no_tls(target),
        Error::Io(e) => match e.kind() {
            ErrorKind::ConnectionRefused => {
                format!("nothing answers at {place} (connection refused)")
            }
            ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::AddrNotAvailable => {
                format!("{place} cannot be reached: check the network")
            }
            ErrorKind::InvalidData => no_tls(target),
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe => closed_early(&place),
            _ => format!("the connection to {place} could not be made"),
        },
        Error::Other(_) | Error::ConnectProxyFailed(_) => closed_early(&place),
        _ => format!("the request to {target} could not be made"),
    }
}

fn closed_early(place: &str) -> String {
    format!("{place} closed the connection before anything was sent")
}

fn no_tls(place: &str) -> String {
    format!("no secure connection could be made with {place}: it does not answer as https does")
}

fn named(proxy: &Proxy) -> String {
    format!("the proxy {}:{}", proxy.host(), proxy.port())
}

/// Words for a refused certificate. Only rustls' text tells: its types are not
/// ureq's to give, and inside a handshake they come wrapped as an I/O error.
fn certificate(error: &Error, host: &str) -> Option<String> {
    let text = error.to_string().to_lowercase();
    if text.contains("no ca certificates") {
        let words = "this machine has no list of trusted certificate authorities: \
            install its package ca-certificates";
        return Some(words.to_owned());
    }
    let why = text.split_once("invalid peer certificate:")?.1;
    let why = if why.contains("notvalidyet") || why.contains("not valid yet") {
        "it is not valid yet (is this machine's clock right?)"
    } else if why.contains("expired") {
        "it has expired (is this machine's clock right?)"
    } else if why.contains("for name") || why.contains("forname") {
        "it was made for another name"
    } else if why.contains("revoked") {
        "it was revoked"
    } else if why.contains("unknownissuer") || why.contains("caused") {
        "it was not made by an authority that this machine trusts"
    } else {
        "it could not be verified"
    };
    Some(format!("the certificate of {host} is not valid: {why}"))
}

/// Why no answer came back, up to the end of its headers.
pub fn silent(error: &Error, limits: &Limits) -> String {
    match error {
        Error::Protocol(e) if e.to_string().contains("too many headers") => headers_too_large(),
        Error::LargeResponseHeader(..) => headers_too_large(),
        Error::Protocol(_) => "what came back is not an HTTP answer".to_owned(),
        other => interrupted(other, limits),
    }
}

/// Why the answer's body was not complete.
pub fn silent_body(error: &Error, limits: &Limits) -> String {
    match error {
        Error::Protocol(_) | Error::BodyStalled => {
            "the answer came back damaged: its parts do not fit together".to_owned()
        }
        other => interrupted(other, limits),
    }
}

fn interrupted(error: &Error, limits: &Limits) -> String {
    match error {
        Error::Timeout(Timeout::Global) => {
            let limit = seconds(limits.patience);
            format!("the answer was not complete within {limit}")
        }
        Error::Timeout(Timeout::PerWrite) => {
            let limit = seconds(limits.timeout);
            format!("the request was not taken within {limit}")
        }
        Error::Timeout(_) => format!("no answer within {}", seconds(limits.timeout)),
        Error::Other(e) if !e.is::<BrokenOff>() => "the exchange failed on the way".to_owned(),
        _ => "the connection was cut before the answer was complete".to_owned(),
    }
}

fn headers_too_large() -> String {
    format!("the answer's headers were more than {}", bytes(MAX_HEADERS))
}

pub fn too_large(max: usize) -> String {
    format!("answered more than {}", bytes(max))
}

/// Only a coding's own name is repeated: a server may echo anything there.
pub fn undecodable(coding: &str) -> String {
    let known = [
        "gzip",
        "x-gzip",
        "deflate",
        "compress",
        "x-compress",
        "br",
        "zstd",
    ];
    let coding = match known.contains(&coding) {
        true => coding,
        false => "in an unknown way",
    };
    format!("the answer is undecodable: it came compressed ({coding}), which was not asked for")
}

pub fn bad_header(name: &str) -> String {
    let name = shown(name);
    format!(
        "the header `{name}` cannot be sent: its name or value holds a line break or a sign that no header may hold"
    )
}

pub fn bad_credential(name: &str) -> String {
    let name = shown(name);
    format!(
        "the secret for the header `{name}` cannot be sent: it holds a line break, an accent or \
         another sign that no header may hold; check how it was copied"
    )
}

pub fn unusable_proxy(proxy: &Proxy) -> String {
    let proxy = named(proxy);
    format!("{proxy} is a SOCKS proxy, which is not supported: set HTTPS_PROXY to an HTTP one")
}

fn seconds(limit: Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}

fn bytes(count: usize) -> String {
    const MB: usize = 1024 * 1024;
    match count {
        c if c >= MB && c % MB == 0 => format!("{} MB", c / MB),
        c if c >= 1024 && c % 1024 == 0 => format!("{} kB", c / 1024),
        c => format!("{c} bytes"),
    }
}
