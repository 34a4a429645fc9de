//! What this machine and the configuration say of the way to a partner: the proxy,
//! and who vouches for a server.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;
use ureq::Proxy;
use ureq::tls::{
    self, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, TlsProvider, parse_pem,
};

use super::CallError;
use crate::config::Certificate;
use crate::io_words::io_words;
use crate::words::say;

/// Certificates are checked, against the authorities that this machine trusts.
pub fn platform_trust() -> TlsConfig {
    TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .build()
}

/// Who is trusted: the authorities of a file alone, where one is named. And what is
/// shown to who asks for a certificate.
pub fn trust_of(ca: Option<&Path>, own: Option<&Certificate>) -> Result<TlsConfig, CallError> {
    let roots = match ca {
        None => RootCerts::PlatformVerifier,
        Some(ca) => RootCerts::Specific(Arc::new(authorities(ca)?)),
    };
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(roots)
        .client_cert(own.map(shown).transpose()?)
        .build())
}

fn authorities(ca: &Path) -> Result<Vec<tls::Certificate<'static>>, CallError> {
    let wrong = |why: String| CallError::authority(ca, &why);
    let pem = read(ca).map_err(wrong)?;
    certificates(&pem).ok_or_else(|| wrong(say!("certificate-file-empty")))
}

/// The certificate that is shown, and its key. ureq takes for granted that they go
/// together.
fn shown(own: &Certificate) -> Result<ClientCert, CallError> {
    let wrong_cert = |why: String| CallError::own_certificate("cert", &own.cert, &why);
    let wrong_key = |why: String| CallError::own_certificate("key", &own.key, &why);
    let pem = read(&own.cert).map_err(wrong_cert)?;
    let chain = certificates(&pem).ok_or_else(|| wrong_cert(say!("certificate-file-empty")))?;
    let pem = read(&own.key).map_err(wrong_key)?;
    let key = PrivateKey::from_pem(&pem);
    let key = key.map_err(|_| wrong_key(say!("certificate-file-no-key")))?;
    let der = PrivateKeyDer::try_from(key.der().to_vec());
    let der = der.map_err(|_| wrong_key(say!("certificate-file-strange-key")))?;
    let certs = chain.iter().map(|it| it.der().to_vec().into()).collect();
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(certs, der, &provider)
        .map_err(|_| wrong_key(say!("certificate-file-other-key")))?;
    Ok(ClientCert::new_with_certs(&chain, key))
}

/// What a file of certificates holds.
///
/// # Errors
/// Why it can't be read, in words that follow "which".
fn read(path: &Path) -> Result<Vec<u8>, String> {
    /// No list of authorities is longer.
    const MOST: u64 = 4 * 1024 * 1024;
    let mut pem = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST).read_to_end(&mut pem))
        .map_err(|error| say!("certificate-file-unread", why = io_words(&error)))?;
    Ok(pem)
}

/// All of them, unless there are none, or one can't be read.
fn certificates(pem: &[u8]) -> Option<Vec<tls::Certificate<'static>>> {
    let certificates = parse_pem(pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    });
    let all: Vec<_> = certificates.collect::<Result<_, _>>().ok()?;
    (!all.is_empty()).then_some(all)
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
