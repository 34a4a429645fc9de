//! What may stand in an address and in a header's name: `base`, the paths of
//! calls, `headers`. Mistakes come with what to write instead.

use std::net::{IpAddr, Ipv6Addr};

/// What is wrong, and what to write instead.
pub type Wrong = (String, String);

fn wrong(message: impl Into<String>, hint: impl Into<String>) -> Result<(), Wrong> {
    Err((message.into(), hint.into()))
}

/// `https`, or `http` to this machine; a host, a port, a path and a query. That
/// no path follows the query is looked at where the calls are known.
pub fn check_base(base: &str) -> Result<(), Wrong> {
    // A query, or what stands before an @, may be a secret.
    let shown = base.split(['?', '#']).next().unwrap_or_default();
    let shown = shown.rsplit('@').next().unwrap_or_default();
    let wrong = |what: &str, hint: &str| wrong(format!("{what}: \"{shown}\""), hint);
    let Some((scheme, rest)) = base.split_once("://") else {
        return wrong(
            "`base` is no address",
            "it begins with https://, as in https://api.example.fr",
        );
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    if base.contains(char::is_whitespace) {
        return wrong("`base` has a space in it", "an address has none");
    }
    if authority.contains('@') {
        return wrong("`base` must hold no user or password", "use `auth`");
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
    let host = match check_authority(authority) {
        Ok(host) => host,
        Err((what, hint)) => return wrong(what, hint),
    };
    let (path, query) = behind.split_once('?').unwrap_or((behind, ""));
    if let Some(written) = encoded(path) {
        return wrong(
            "`base` holds a letter that an address can't hold",
            &format!("write {scheme}://{authority}{written}"),
        );
    }
    if encoded(query).is_some() {
        return wrong(
            "the query of `base` holds a letter that an address can't hold",
            "write it encoded, as in %C3%A9 for é",
        );
    }
    match scheme {
        "https" => Ok(()),
        "http" if is_this_machine(host) => Ok(()),
        "http" => wrong(
            "`base` must begin with https://",
            "http:// is for this machine only",
        ),
        _ => wrong("`base` must begin with https://", "no other way is safe"),
    }
}

/// The host of an authority, which may end with a port.
fn check_authority(authority: &str) -> Result<&str, (&str, &str)> {
    let bracket = authority.rfind(']').map_or(0, |end| end + 1);
    let colon = authority[bracket..].find(':').map(|at| bracket + at);
    let (host, port) = match colon {
        Some(colon) => (&authority[..colon], Some(&authority[colon + 1..])),
        None => (authority, None),
    };
    let is_label = |label: &str| {
        let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        !label.is_empty() && label.bytes().all(letter)
    };
    let is_host = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(number) => number.parse::<Ipv6Addr>().is_ok(),
        None => host.trim_end_matches('.').split('.').all(is_label),
    };
    Err(if host.is_empty() {
        (
            "`base` names no host",
            "write one behind the ://, as in https://api.example.fr",
        )
    } else if port.is_some_and(|port| !matches!(port.parse::<u16>(), Ok(1..))) {
        (
            "the port of `base` is none",
            "behind the colon stands a number from 1 to 65535, or leave both out",
        )
    } else if !host.is_ascii() {
        (
            "the host of `base` is not written as the network writes it",
            "accented names have a form that begins with xn--: a browser's address bar gives it",
        )
    } else if !is_host {
        (
            "`base` names a host that can't be one",
            "letters, digits, dashes and dots, as in https://api.example.fr",
        )
    } else {
        return Ok(host);
    })
}

/// `localhost`, 127.0.0.0/8 or `[::1]`.
fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let number = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || number.is_ok_and(|number| number.is_loopback())
}

/// A call's path: with a slash before it, and fit for a URL. `name`: what it is
/// called in messages.
pub fn check_path(name: &str, path: &str) -> Result<(), Wrong> {
    if !path.is_empty() && !path.starts_with(['/', '?']) {
        return wrong(
            format!("`{name}` must begin with /"),
            "the host stands in `base`",
        );
    }
    if !are_closed(path) {
        return wrong(
            format!("`{name}` has a brace without its other half: \"{path}\""),
            "a placeholder is written {program}",
        );
    }
    if path.contains('#') {
        return wrong(
            format!("`{name}` has a #: what follows it is never sent"),
            "write %23 for the character itself",
        );
    }
    match encoded(path) {
        Some(written) => wrong(
            format!("`{name}` holds a space or a letter that an address can't hold: \"{path}\""),
            format!("write \"{written}\""),
        ),
        None => Ok(()),
    }
}

fn are_closed(path: &str) -> bool {
    let mut open = false;
    for c in path.chars().filter(|c| matches!(c, '{' | '}')) {
        if open == (c == '{') {
            return false;
        }
        open = !open;
    }
    !open
}

/// `text` as a URL takes it; `None` where it stands well as it is. Braces are
/// left: they hold placeholders.
fn encoded(text: &str) -> Option<String> {
    let stands = |b: u8| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'`');
    if text.bytes().all(stands) {
        return None;
    }
    let letter = |byte: u8| match stands(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    Some(text.bytes().map(letter).collect())
}

/// A header's name: letters, digits and dashes, more or less.
pub fn check_header(name: &str) -> Result<(), Wrong> {
    let stands = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.is_empty() && name.chars().all(stands) {
        return Ok(());
    }
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let hint = match words.is_empty() {
        true => "letters, digits and dashes, as in X-Api-Key".to_owned(),
        false => format!(
            "letters, digits and dashes alone: perhaps \"{}\"?",
            words.join("-")
        ),
    };
    wrong(format!("\"{name}\" can't be a header's name"), hint)
}

/// Headers that say where the request goes and how long it is.
const OURS: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];
/// Headers that carry a secret wherever they are used.
const SECRET: &str = "authorization proxy-authorization cookie api-key x-api-key apikey x-apikey \
     api-token x-api-token auth-token x-auth-token access-token x-access-token x-auth-key";

/// A header with a constant value. `credential`: the header of `auth`.
pub fn check_constant_header(
    name: &str,
    value: &str,
    credential: Option<&str>,
) -> Result<(), Wrong> {
    check_header(name)?;
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if OURS.into_iter().any(is) {
        return wrong(
            format!("the header `{name}` is written by leadctl itself"),
            "remove it",
        );
    }
    if credential.is_some_and(is) {
        return wrong(
            format!("the header `{name}` is the one of `auth` already"),
            "remove it here",
        );
    }
    if SECRET.split_whitespace().any(is) {
        return wrong(
            format!("the header `{name}` carries a secret, which is never written in this file"),
            format!(
                "auth.header = {{ name = \"{name}\", secret = \"NAME_OF_AN_ENVIRONMENT_VARIABLE\" }}"
            ),
        );
    }
    if is("content-type") && !value.to_ascii_lowercase().contains("json") {
        return wrong(
            "what is sent is JSON, and no other `Content-Type` can be told of it",
            "remove it, or name a kind of JSON, such as application/vnd.api+json",
        );
    }
    Ok(())
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

    #[test]
    fn what_a_url_can_not_hold_is_proposed_as_it_can() {
        assert_eq!(encoded("/a/{b}?c=d%20&e[f]=g"), None);
        assert_eq!(
            encoded("/été du jour").as_deref(),
            Some("/%C3%A9t%C3%A9%20du%20jour")
        );
    }

    #[test]
    fn braces_stand_in_pairs() {
        for (path, closed) in [
            ("/a/{b}/{c}", true),
            ("/a", true),
            ("/{a", false),
            ("/a}", false),
            ("/{a{b}}", false),
        ] {
            assert_eq!(are_closed(path), closed, "{path}");
        }
    }

    #[test]
    fn what_can_not_be_a_constant_header_is_a_mistake() {
        let check = |name, value| check_constant_header(name, value, Some("X-Token"));
        for (name, value) in [
            ("Host", "x"),
            ("authorization", "Bearer sesame"),
            ("X-Api-Key", "sesame"),
            ("x-token", "sesame"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ] {
            let (told, _) = check(name, value).unwrap_err();
            assert!(!told.contains("sesame"), "{told}");
        }
        for (name, value) in [
            ("Content-Type", "application/vnd.api+json"),
            ("X-Account", "42"),
            ("Accept", "text/plain"),
        ] {
            assert_eq!(check(name, value), Ok(()));
        }
    }
}
