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
use crate::words::say;

/// Why a request was not sent, or not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("{}", say!("call-no-address", address = .0))]
    NoAddress(String),
    #[error("{}", say!("call-user-in-address", host = .0))]
    UserInAddress(String),
    #[error("{}", say!("call-not-https", address = .0))]
    NotHttps(String),
    #[error("{}", say!("call-socks-proxy", proxy = .0))]
    SocksProxy(String),
    #[error("{}", say!("call-proxy-setting", name = *.0))]
    ProxySetting(&'static str),
    #[error("{}", say!("call-authority", file = .0, why = .1))]
    Authority(String, String),
    #[error("{}", say!("call-header", name = .0))]
    Header(String),
    #[error("{}", say!("call-credential", name = .0))]
    Credential(String),
    #[error("{}", say!("call-no-place", target = .0))]
    NoPlace(String),
    #[error("{}", say!("call-token", host = .0, why = .1))]
    Token(String, String),
    #[error("{}", say!("call-own-certificate", word = *.0, file = .1, why = .2))]
    OwnCertificate(&'static str, String, String),

    #[error("{}", say!("call-name-not-found", host = .0))]
    NameNotFound(String),
    #[error("{}", say!("call-proxy-not-found", host = .0))]
    ProxyNotFound(String),
    #[error("{}", say!("call-connect-timeout", place, limit = seconds(.limit)))]
    ConnectTimeout { place: String, limit: Duration },
    #[error("{}", say!("call-proxy-asks-for-user", proxy = .0))]
    ProxyAsksForUser(String),
    #[error("{}", say!("call-proxy-refused", proxy = .0, target = .1))]
    ProxyRefused(String, String),
    #[error("{}", say!("call-no-tls", place = .0))]
    NoTls(String),
    #[error("{}", say!("call-no-authorities"))]
    NoAuthorities,
    #[error("{}", say!("call-certificate", host = .0, why = .1.to_string()))]
    Certificate(String, BadCertificate),
    #[error("{}", say!("call-client-certificate", host = .0, fault = .1.to_string()))]
    ClientCertificate(String, OwnCertificateFault),
    #[error("{}", say!("call-connection-refused", place = .0))]
    ConnectionRefused(String),
    #[error("{}", say!("call-network-unreachable", place = .0))]
    NetworkUnreachable(String),
    #[error("{}", say!("call-closed-early", place = .0))]
    ClosedEarly(String),
    #[error("{}", say!("call-not-connected", place = .0))]
    NotConnected(String),

    #[error("{}", say!("call-patience", limit = seconds(.0)))]
    Patience(Duration),
    #[error("{}", say!("call-write-timeout", limit = seconds(.0)))]
    WriteTimeout(Duration),
    #[error("{}", say!("call-read-timeout", limit = seconds(.0)))]
    ReadTimeout(Duration),
    #[error("{}", say!("call-cut"))]
    Cut,
    #[error("{}", say!("call-failed"))]
    Failed,
    #[error("{}", say!("call-not-http"))]
    NotHttp,
    #[error("{}", say!("call-damaged"))]
    Damaged,
    #[error("{}", say!("call-headers-too-large", size = bytes(.0)))]
    HeadersTooLarge(usize),
    #[error("{}", say!("call-body-too-large", size = bytes(.0)))]
    BodyTooLarge(usize),
}

/// What is wrong with a partner's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    #[error("{}", say!("certificate-not-valid-yet"))]
    NotValidYet,
    #[error("{}", say!("certificate-expired"))]
    Expired,
    #[error("{}", say!("certificate-other-name"))]
    OtherName,
    #[error("{}", say!("certificate-revoked"))]
    Revoked,
    #[error("{}", say!("certificate-untrusted"))]
    Untrusted,
    #[error("{}", say!("certificate-unverified"))]
    Unverified,
}

/// What a partner has against the certificate that it got, or didn't get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OwnCertificateFault {
    #[error("{}", say!("own-certificate-none"))]
    None,
    #[error("{}", say!("own-certificate-expired"))]
    Expired,
    #[error("{}", say!("own-certificate-revoked"))]
    Revoked,
    #[error("{}", say!("own-certificate-untrusted"))]
    Untrusted,
    #[error("{}", say!("own-certificate-refused"))]
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
    say!(
        "call-proxy",
        place = format!("{}:{}", proxy.host(), proxy.port())
    )
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
        count if count >= MB && count % MB == 0 => say!("size-mb", count = count / MB),
        count if count >= 1024 && count % 1024 == 0 => say!("size-kb", count = count / 1024),
        count => say!("size-bytes", count),
    }
}
