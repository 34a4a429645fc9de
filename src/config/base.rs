//! The address that a destination's paths are added to: https, or this machine.

use super::reader::Mistakes;
use super::tree::Table;
use super::url;

/// What is wrong with an address, and what to write instead.
type Wrong = (String, String);

/// Reads `base`, without its last slash.
pub fn read_base(table: &Table, mistakes: &mut Mistakes) -> Option<String> {
    let node = table.get("base")?;
    let base = mistakes.as_text(node, "base")?;
    let base = base.trim().trim_end_matches('/').to_owned();
    match check_base(&base) {
        Ok(()) => Some(base),
        Err((message, hint)) => {
            mistakes.hint(&node.place, message, hint);
            None
        }
    }
}

/// `https`, or `http` to this machine; a host, a port, a path and a query. That
/// no path follows the query is looked at where the calls are known.
fn check_base(base: &str) -> Result<(), Wrong> {
    // A query, or what stands before an @, may be a secret.
    let shown = base.split(['?', '#']).next().unwrap_or_default();
    let shown = shown.rsplit('@').next().unwrap_or_default();
    let wrong = |what: &str, hint: &str| Err((format!("{what}: \"{shown}\""), hint.to_owned()));
    let Some((scheme, rest)) = base.split_once("://") else {
        return wrong(
            "`base` is no address",
            "it begins with https://, as in https://api.example.fr",
        );
    };
    if base.contains(char::is_whitespace) {
        return wrong("`base` has a space in it", "an address has none");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        let what = "`base` must hold no user or password".to_owned();
        return Err((what, "use `auth`".to_owned()));
    }
    if base.contains('#') {
        return wrong(
            "`base` must end before the #",
            "what follows it is never sent",
        );
    }
    if base.contains(['{', '}']) {
        return wrong(
            "a {placeholder} can't stand in `base`",
            "put it in the `path` of each call, as in path = \"/{tenant}/leads\"",
        );
    }
    check_host(authority).or_else(|(what, hint)| wrong(&what, &hint))?;
    let behind = &rest[authority.len()..];
    let (path, query) = behind.split_once('?').unwrap_or((behind, ""));
    if let Some(written) = url::encoded(path) {
        return wrong(
            "`base` holds a letter that an address can't hold",
            &format!("write {scheme}://{authority}{written}"),
        );
    }
    if url::encoded(query).is_some() {
        return wrong(
            "the query of `base` holds a letter that an address can't hold",
            "write it encoded, as in %C3%A9 for é",
        );
    }
    match scheme {
        "https" => Ok(()),
        "http" if is_loopback(authority) => Ok(()),
        "http" => wrong(
            "`base` must begin with https://",
            "http:// is for this machine only",
        ),
        _ => wrong("`base` must begin with https://", "no other way is safe"),
    }
}

/// A host's name or number, and perhaps a port.
fn check_host(authority: &str) -> Result<(), Wrong> {
    let wrong = |what: &str, hint: &str| Err((what.to_owned(), hint.to_owned()));
    let (host, port) = split_port(authority);
    if host.is_empty() {
        return wrong(
            "`base` names no host",
            "write one behind the ://, as in https://api.example.fr",
        );
    }
    let port: Option<u16> = port.map(|port| port.parse().unwrap_or(0));
    if port == Some(0) {
        return wrong(
            "the port of `base` is none",
            "behind the colon stands a number from 1 to 65535, or leave both out",
        );
    }
    if !host.is_ascii() {
        return wrong(
            "the host of `base` is not written as the network writes it",
            "accented names have a form that begins with xn--: a browser's address bar gives it",
        );
    }
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let known = match bare {
        Some(number) => number.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.trim_end_matches('.').split('.').all(is_label),
    };
    match known {
        true => Ok(()),
        false => wrong(
            "`base` names a host that can't be one",
            "letters, digits, dashes and dots, as in https://api.example.fr",
        ),
    }
}

fn is_label(label: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !label.is_empty() && label.bytes().all(letter)
}

/// The host, and what follows its colon.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    let end = authority.rfind(']').map_or(0, |end| end + 1);
    match authority[end..].find(':') {
        Some(colon) => (
            &authority[..end + colon],
            Some(&authority[end + colon + 1..]),
        ),
        None => (authority, None),
    }
}

/// This machine: `localhost`, 127.0.0.0/8 or `[::1]`, with or without a port.
fn is_loopback(authority: &str) -> bool {
    let (host, _) = split_port(authority);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine() {
        for good in [
            "https://api.example.fr",
            "https://api.example.fr./v1",
            "https://api.example.fr:8443/a%20b/index.php",
            "https://hooks.example.fr/leads?k=v",
            "http://127.0.0.1:8080/hook",
            "http://localhost",
            "http://[::1]:9",
            "http://[::1]",
        ] {
            assert_eq!(check_base(good), Ok(()), "{good}");
        }
        for bad in [
            "http://api.example.fr",
            "http://127.0.0.1.example.fr",
            "ftp://example.fr",
            "example.fr",
            "https://",
            "https://me:secret@example.fr",
        ] {
            assert!(check_base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_could_not_be_called_is_told_before_it_is() {
        for (base, words) in [
            ("https://api.example.fr:port", "from 1 to 65535"),
            ("https://api.example.fr:99999", "from 1 to 65535"),
            ("https://api.example.fr:0", "from 1 to 65535"),
            ("https://api.example.fr:", "from 1 to 65535"),
            ("https://:8080", "names no host"),
            ("https:///v1", "names no host"),
            ("https://api..example.fr", "can't be one"),
            ("https://[::zz]", "can't be one"),
            ("https://api.exam<ple.fr", "can't be one"),
            ("https://api example.fr", "a space"),
            ("https://api.example.fr/v 1", "a space"),
            ("https://api.example.fr/v1?key=s3cret&é", "%C3%A9 for é"),
            ("https://me:s3cret@api example.fr/?k=s3cret", "a space"),
            ("https://api.example.fr#top", "never sent"),
            ("https://{tenant}.example.fr", "`path` of each call"),
            ("https://api.example.fr/{tenant}", "`path` of each call"),
            ("https://écoles.example.fr", "xn--"),
            (
                "https://api.example.fr/été",
                "https://api.example.fr/%C3%A9t%C3%A9",
            ),
        ] {
            let (what, hint) = check_base(base).unwrap_err();
            let told = format!("{what} ({hint})");
            assert!(told.contains(words) && !told.contains("s3cret"), "{told}");
        }
    }
}
