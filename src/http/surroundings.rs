//! What this machine and the configuration say of the way to a partner: the proxy,
//! and who vouches for a server.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ureq::Proxy;
use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use super::CallError;
use crate::io_words::io_words;

/// Certificates are checked against the authorities of this file alone.
pub fn trust_of(ca: &Path) -> Result<TlsConfig, CallError> {
    /// No list of authorities is longer.
    const MOST: u64 = 4 * 1024 * 1024;
    let mut pem = Vec::new();
    File::open(ca)
        .and_then(|file| file.take(MOST).read_to_end(&mut pem))
        .map_err(|error| {
            CallError::authority(ca, &format!("can't be read: {}", io_words(&error)))
        })?;
    let certificates = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    });
    match certificates.collect::<Result<Vec<_>, _>>() {
        Ok(roots) if !roots.is_empty() => Ok(TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .build()),
        _ => Err(CallError::authority(
            ca,
            "holds no certificate that can be read (-----BEGIN CERTIFICATE-----)",
        )),
    }
}

/// The proxy that the environment names, by the first of these that says one.
pub fn proxy_of_environment() -> Result<Option<Proxy>, CallError> {
    const NAMES: [&str; 6] = [
        "ALL_PROXY",
        "all_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
    ];
    let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let Some(name) = NAMES.into_iter().find(set) else {
        return Ok(None);
    };
    let value = std::env::var(name).unwrap_or_default();
    match Proxy::new(&value).is_ok_and(|proxy| is_whole(&proxy)) {
        // It also reads NO_PROXY.
        true => Ok(Proxy::try_from_env()),
        false => Err(CallError::ProxySetting(name)),
    }
}

/// A port that is no number would be taken for none.
fn is_whole(proxy: &Proxy) -> bool {
    let authority = proxy.uri().authority();
    authority.is_some_and(|authority| {
        let place = authority.as_str().rsplit('@').next().unwrap_or_default();
        let after_host = place.strip_prefix(authority.host()).unwrap_or_default();
        !authority.host().is_empty() && (after_host.is_empty() || authority.port_u16().is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_without_a_host_or_with_a_strange_port_is_none() {
        let whole = |setting: &str| Proxy::new(setting).is_ok_and(|proxy| is_whole(&proxy));
        for setting in [
            "proxy.example.fr",
            "proxy.example.fr:3128",
            "http://me:s3cret@proxy.example.fr:3128/",
            "https://[::1]:3128",
        ] {
            assert!(whole(setting), "{setting}");
        }
        for setting in [
            "http://proxy.example.fr:port",
            "http://proxy.example.fr:99999",
            "http://:3128",
            "htp://proxy.example.fr",
            "http//proxy.example.fr",
            "my proxy",
        ] {
            assert!(!whole(setting), "{setting}");
        }
    }
}
