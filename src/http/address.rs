//! Where a request goes: https, or http on this machine alone, and whether the
//! environment's proxy stands in between. It opens nothing.

use std::net::{Ipv4Addr, Ipv6Addr};

use ureq::http::Uri;

use super::CallError;

/// A URL that may be called.
pub fn parse(url: &str) -> Result<Uri, CallError> {
    let uri: Uri = url.parse().map_err(|_| CallError::no_address(url))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(CallError::no_address(url));
    };
    if authority.as_str().contains('@') {
        return Err(CallError::user_in_address(authority.host()));
    }
    match (scheme, authority.host()) {
        (_, "") => Err(CallError::no_address(url)),
        ("https", _) => Ok(uri),
        ("http", host) if is_loopback(host) => Ok(uri),
        _ => Err(CallError::not_https(scheme, authority.as_str())),
    }
}

/// A proxy never stands between this machine and itself.
pub fn goes_by(proxy: &ureq::Proxy, uri: &Uri) -> bool {
    !is_loopback(uri.host().unwrap_or_default()) && !proxy.is_no_proxy(uri)
}

/// ureq was built without SOCKS and would silently go around such a proxy.
pub fn is_usable(proxy: &ureq::Proxy) -> bool {
    use ureq::ProxyProtocol::{Http, Https};
    matches!(proxy.protocol(), Http | Https)
}

/// Whether `host` is this machine, by its writing alone: 127.0.0.0/8, `[::1]`
/// or `localhost`.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    match bare {
        Some(ip6) => ip6.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback()),
        None => {
            host.eq_ignore_ascii_case("localhost")
                || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for url in [
            "https://api.example.fr/v1",
            "https://127.0.0.1:1/",
            "http://127.0.0.1:8080/a?b=c",
            "http://127.8.9.10/",
            "http://[::1]:80/",
            "http://LocalHost/",
        ] {
            assert!(parse(url).is_ok(), "{url}");
        }
        for url in [
            "http://api.example.fr/v1?key=s3cret",
            "http://127.0.0.1.example.fr/",
            "http://localhost.example.fr/",
            "http://128.0.0.1/",
            "http://[::2]/",
            "ftp://api.example.fr/",
        ] {
            let words = parse(url).unwrap_err().to_string();
            assert!(words.contains("https"), "{words}");
            assert!(!words.contains("s3cret"), "{words}");
        }
    }

    #[test]
    fn what_is_no_address_is_said_without_its_query() {
        for url in [
            "",
            "/v1/leads?k=s3cret",
            "https://",
            "https://exa mple.fr/?k=s3cret",
            "https://me:s3cret@api.example.fr/",
            "https://api.example.fr/\u{1b}[31m?s3cret",
        ] {
            let words = parse(url).unwrap_err().to_string();
            assert!(!words.contains("s3cret"), "{words}");
            assert!(!words.contains(char::is_control), "{words}");
        }
    }

    #[test]
    fn a_proxy_never_stands_before_this_machine() {
        let proxy = ureq::Proxy::new("http://proxy.example.fr:3128").unwrap();
        let uses = |url| goes_by(&proxy, &parse(url).unwrap());
        assert!(uses("https://api.example.fr/"));
        for url in ["http://127.0.0.1:1/", "https://localhost/", "http://[::1]/"] {
            assert!(!uses(url), "{url}");
        }
        let bypass = ureq::Proxy::builder(ureq::ProxyProtocol::Http)
            .host("proxy.example.fr")
            .no_proxy("api.example.fr")
            .build()
            .unwrap();
        let address = parse("https://api.example.fr/").unwrap();
        assert!(!goes_by(&bypass, &address));
    }
}
