//! Why a request had no complete answer: kinds with their values, and their words
//! for people who do not program, without control characters, never with a secret
//! nor a URL's query. Whether anything was sent is decided elsewhere.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rustls::CertificateError;
use ureq::http::Uri;
use ureq::http::uri::Authority;
use ureq::{Error, Proxy, Timeout};

use super::agent::{Limits, MAX_HEADERS};
use super::byte_counter::BrokenOff;

/// Why a request was not sent, or not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("`{0}` is not an address that can be called: it should look like https://host/path")]
    NoAddress(String),
    #[error("the address of {0} holds a user name or a password: put them in `auth` instead")]
    UserInAddress(String),
    #[error(
        "{0} is not secure: only https is used, and http on this machine (127.0.0.1, localhost)"
    )]
    NotHttps(String),
    #[error("{0} is a SOCKS proxy, which is not supported: set HTTPS_PROXY to an HTTP one")]
    SocksProxy(String),
    #[error(
        "the environment variable {0} cannot be read as the address of a proxy: it should look \
         like http://proxy.example.fr:3128 (an empty one means none)"
    )]
    ProxySetting(&'static str),
    #[error("`ca` names {0}, which {1}")]
    Authority(String, String),
    #[error(
        "the header `{0}` cannot be sent: its name or value holds a line break or a sign that no \
         header may hold"
    )]
    Header(String),
    #[error(
        "the secret for the header `{0}` cannot be sent: it holds a line break, an accent or \
         another sign that no header may hold; check how it was copied"
    )]
    Credential(String),
    #[error(
        "the secret for `{0}` of `auth.body` has no place in what is sent: no object stands there"
    )]
    NoPlace(String),
    #[error("no access token could be had from {0}: {1}")]
    Token(String, String),
    #[error("`{0}` of auth.certificate names {1}, which {2}")]
    OwnCertificate(&'static str, String, String),

    #[error("the name {0} could not be found: check its spelling and the network")]
    NameNotFound(String),
    #[error("the name of the proxy, {0}, could not be found: check its spelling and the network")]
    ProxyNotFound(String),
    #[error("no connection to {place} could be made within {}", seconds(.limit))]
    ConnectTimeout { place: String, limit: Duration },
    #[error("{0} asks for a user name and a password: put them in the proxy setting")]
    ProxyAsksForUser(String),
    #[error("{0} refused to connect to {1}")]
    ProxyRefused(String, String),
    #[error("no secure connection could be made with {0}: it does not answer as https does")]
    NoTls(String),
    #[error(
        "this machine has no list of trusted certificate authorities: install its package \
         ca-certificates"
    )]
    NoAuthorities,
    #[error("the certificate of {0} is not valid: {1}")]
    Certificate(String, BadCertificate),
    #[error("{0} {1}: nothing was read of the request")]
    ClientCertificate(String, OwnCertificateFault),
    #[error("nothing answers at {0} (connection refused)")]
    ConnectionRefused(String),
    #[error("{0} cannot be reached: check the network")]
    NetworkUnreachable(String),
    #[error("{0} closed the connection before anything was sent")]
    ClosedEarly(String),
    #[error("the connection to {0} could not be made")]
    NotConnected(String),

    #[error("the answer was not complete within {}", seconds(.0))]
    Patience(Duration),
    #[error("the request was not taken within {}", seconds(.0))]
    WriteTimeout(Duration),
    #[error("no answer within {}", seconds(.0))]
    ReadTimeout(Duration),
    #[error("the connection was cut before the answer was complete")]
    Cut,
    #[error("the exchange failed on the way")]
    Failed,
    #[error("what came back is not an HTTP answer")]
    NotHttp,
    #[error("the answer came back damaged: its parts do not fit together")]
    Damaged,
    #[error("the answer's headers were more than {}", bytes(.0))]
    HeadersTooLarge(usize),
    #[error("answered more than {}", bytes(.0))]
    BodyTooLarge(usize),
}

/// What is wrong with a partner's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    #[error("it is not valid yet (is this machine's clock right?)")]
    NotValidYet,
    #[error("it has expired (is this machine's clock right?)")]
    Expired,
    #[error("it was made for another name")]
    OtherName,
    #[error("it was revoked")]
    Revoked,
    #[error("it was not made by an authority that this machine trusts")]
    Untrusted,
    #[error("it could not be verified")]
    Unverified,
}

/// What a partner has against the certificate that it got, or didn't get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OwnCertificateFault {
    #[error("asks for a client certificate")]
    None,
    #[error("asks for a client certificate, and the one it got has expired")]
    Expired,
    #[error("asks for a client certificate, and the one it got was revoked")]
    Revoked,
    #[error("asks for a client certificate, made by an authority that it trusts")]
    Untrusted,
    #[error("asks for a client certificate, and does not take the one it got")]
    Refused,
}

impl CallError {
    pub(super) fn no_address(url: &str) -> Self {
        let place = url.split(['?', '#']).next().unwrap_or_default();
        // What stands before an `@` may be a password.
        Self::NoAddress(shown(place.rsplit('@').next().unwrap_or_default()))
    }

    pub(super) fn user_in_address(host: &str) -> Self {
        Self::UserInAddress(shown(host))
    }

    pub(super) fn not_https(scheme: &str, place: &str) -> Self {
        Self::NotHttps(shown(&format!("{scheme}://{place}")))
    }

    pub(super) fn socks_proxy(proxy: &Proxy) -> Self {
        Self::SocksProxy(named(proxy))
    }

    pub(super) fn authority(ca: &Path, why: &str) -> Self {
        Self::Authority(shown(&ca.display().to_string()), shown(why))
    }

    pub(super) fn header(name: &str) -> Self {
        Self::Header(shown(name))
    }

    pub(super) fn credential(name: &str) -> Self {
        Self::Credential(shown(name))
    }

    pub(super) fn no_place(target: &str) -> Self {
        Self::NoPlace(shown(target))
    }

    /// `address`: where it was asked for.
    pub(super) fn no_token(address: &str, why: &str) -> Self {
        let uri = address.parse::<Uri>().ok();
        let host = uri.as_ref().and_then(|uri| Some(uri.authority()?.as_str()));
        let why: String = why.chars().filter(|c| !c.is_control()).take(400).collect();
        Self::Token(shown(host.unwrap_or_default()), why)
    }

    /// `word`: which of its two files.
    pub(super) fn own_certificate(word: &'static str, path: &Path, why: &str) -> Self {
        Self::OwnCertificate(word, shown(&path.display().to_string()), shown(why))
    }

    /// Why nothing was sent to `uri`; `proxy` is the one that was to be used.
    pub(super) fn before_sending(
        error: &Error,
        uri: &Uri,
        proxy: Option<&Proxy>,
        limits: &Limits,
    ) -> Self {
        let host = uri.host().unwrap_or_default();
        let target = || uri.authority().map_or(host, Authority::as_str).to_owned();
        // With a proxy, names and connections are the proxy's.
        let place = || proxy.map_or_else(target, named);
        if let Some(error) = of_tls(error, host) {
            return error;
        }
        match error {
            Error::HostNotFound => match proxy {
                Some(proxy) => Self::ProxyNotFound(proxy.host().to_owned()),
                None => Self::NameNotFound(host.to_owned()),
            },
            Error::Timeout(_) => Self::ConnectTimeout {
                place: place(),
                limit: limits.timeout,
            },
            Error::ConnectProxyFailed(reason) if reason.contains("407") => {
                Self::ProxyAsksForUser(place())
            }
            Error::ConnectProxyFailed(reason) if reason.contains("responded") => {
                Self::ProxyRefused(place(), target())
            }
            Error::Rustls(_) | Error::Tls(_) | Error::TlsRequired => Self::NoTls(target()),
            Error::Io(error) => match error.kind() {
                ErrorKind::ConnectionRefused => Self::ConnectionRefused(place()),
                ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::AddrNotAvailable => Self::NetworkUnreachable(place()),
                ErrorKind::InvalidData => Self::NoTls(target()),
                ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe => Self::ClosedEarly(place()),
                _ => Self::NotConnected(place()),
            },
            Error::Other(_) | Error::ConnectProxyFailed(_) => Self::ClosedEarly(place()),
            _ => Self::NotConnected(place()),
        }
    }

    /// Why no answer came back, up to the end of its headers.
    pub(super) fn after_sending(error: &Error, limits: &Limits) -> Self {
        match error {
            Error::Protocol(error) if error.to_string().contains("too many headers") => {
                Self::HeadersTooLarge(MAX_HEADERS)
            }
            Error::LargeResponseHeader(..) => Self::HeadersTooLarge(MAX_HEADERS),
            Error::Protocol(_) => Self::NotHttp,
            other => Self::interrupted(other, limits),
        }
    }

    /// Why the answer's body was not complete.
    pub(super) fn in_body(error: &Error, limits: &Limits) -> Self {
        match error {
            Error::Protocol(_) | Error::BodyStalled => Self::Damaged,
            other => Self::interrupted(other, limits),
        }
    }

    fn interrupted(error: &Error, limits: &Limits) -> Self {
        match error {
            Error::Timeout(Timeout::Global) => Self::Patience(limits.patience),
            Error::Timeout(Timeout::PerWrite) => Self::WriteTimeout(limits.timeout),
            Error::Timeout(_) => Self::ReadTimeout(limits.timeout),
            Error::Other(error) if !error.is::<BrokenOff>() => Self::Failed,
            _ => Self::Cut,
        }
    }
}

/// What TLS itself says; inside a handshake it comes wrapped as an I/O error.
fn of_tls(error: &Error, host: &str) -> Option<CallError> {
    let error = match error {
        // The setting up, before any connection.
        Error::Rustls(rustls::Error::General(_)) => return Some(CallError::NoAuthorities),
        Error::Rustls(error) => error,
        Error::Io(error) => error.get_ref()?.downcast_ref()?,
        _ => return None,
    };
    let rustls::Error::InvalidCertificate(why) = error else {
        return None;
    };
    use CertificateError as Why;
    let why = match why {
        Why::NotValidYet | Why::NotValidYetContext { .. } => BadCertificate::NotValidYet,
        Why::Expired | Why::ExpiredContext { .. } => BadCertificate::Expired,
        Why::NotValidForName | Why::NotValidForNameContext { .. } => BadCertificate::OtherName,
        Why::Revoked => BadCertificate::Revoked,
        // One that signed itself is among the others.
        Why::UnknownIssuer | Why::Other(_) => BadCertificate::Untrusted,
        _ => BadCertificate::Unverified,
    };
    Some(CallError::Certificate(host.to_owned(), why))
}

/// The server's word, once the handshake was over for us, that it does not take
/// the client certificate, or wants one: it read nothing of the request.
pub(super) fn of_client_certificate(error: &Error, uri: &Uri) -> Option<CallError> {
    use rustls::AlertDescription as Alert;
    let error: &rustls::Error = match error {
        Error::Rustls(error) => error,
        Error::Io(error) => error.get_ref()?.downcast_ref()?,
        _ => return None,
    };
    let rustls::Error::AlertReceived(alert) = error else {
        return None;
    };
    let why = match alert {
        Alert::CertificateRequired => OwnCertificateFault::None,
        Alert::CertificateExpired => OwnCertificateFault::Expired,
        Alert::CertificateRevoked => OwnCertificateFault::Revoked,
        Alert::UnknownCA => OwnCertificateFault::Untrusted,
        Alert::BadCertificate | Alert::UnsupportedCertificate | Alert::CertificateUnknown => {
            OwnCertificateFault::Refused
        }
        _ => return None,
    };
    let host = uri.host().unwrap_or_default();
    Some(CallError::ClientCertificate(host.to_owned(), why))
}

fn named(proxy: &Proxy) -> String {
    format!("the proxy {}:{}", proxy.host(), proxy.port())
}

/// Printable, and not longer than a line or two.
fn shown(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable.take(120).collect()
}

fn seconds(limit: &Duration) -> String {
    match limit.subsec_millis() {
        0 => format!("{} s", limit.as_secs()),
        _ => format!("{} ms", limit.as_millis()),
    }
}

fn bytes(count: &usize) -> String {
    const MB: usize = 1024 * 1024;
    match *count {
        count if count >= MB && count % MB == 0 => format!("{} MB", count / MB),
        count if count >= 1024 && count % 1024 == 0 => format!("{} kB", count / 1024),
        count => format!("{count} bytes"),
    }
}
