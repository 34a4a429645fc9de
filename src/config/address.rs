//! What may stand in an address and in a header's name: `base`, the paths of
//! calls, `headers`. Mistakes come with what to write instead.

use std::net::IpAddr;
use std::sync::LazyLock;

use regex::Regex;
use serde::de::{self, Deserialize, Deserializer};

use super::secret_name::names_secret;
use crate::words::say;

/// A text in the TOML of which nothing is wrong.
pub fn checked<'de, D: Deserializer<'de>>(
    deserializer: D,
    wrong: fn(&str) -> Option<String>,
) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    wrong(&text).map_or(Ok(text), |wrong| Err(de::Error::custom(wrong)))
}

/// The same, or `false`.
fn checked_if_any<'de, D: Deserializer<'de>>(
    deserializer: D,
    wrong: fn(&str) -> Option<String>,
) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let told = text.as_deref().and_then(wrong);
    told.map_or(Ok(text), |wrong| Err(de::Error::custom(wrong)))
}

/// The `base` in the TOML, without its last slash.
pub fn base<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let base = checked_if_any(deserializer, wrong_base)?;
    Ok(base.map(|base| base.trim().trim_end_matches('/').to_owned()))
}

/// The address that gives tokens, in the TOML.
pub fn token<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let address = checked(deserializer, |address| wrong_address("token", address))?;
    Ok(address.trim().to_owned())
}

/// An address: scheme, host, port, path and query.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let host = r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?";
    Regex::new(&format!(
        r"^([A-Za-z]+)://({host})(?::([^/?]*))?(?:/[^?]*)?(?:\?.*)?$"
    ))
    .ok()
});

/// That no path follows the query is looked at where the calls are known.
fn wrong_base(base: &str) -> Option<String> {
    wrong_address("base", base)
}

/// `https`, or `http` to this machine; a host, a port, a path and a query. `word`:
/// whose address it is.
fn wrong_address(word: &str, address: &str) -> Option<String> {
    let base = address.trim();
    let (_, rest) = base.split_once("://").unwrap_or_default();
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    let parts = ADDRESS.as_ref().and_then(|address| address.captures(base));
    let part = |at| Some(parts.as_ref()?.get(at)?.as_str());
    let mistake = match part(1) {
        _ if !base.contains("://") => say!("address-none"),
        _ if base.contains(char::is_whitespace) => say!("address-space"),
        _ if authority.contains('@') => say!("address-user"),
        _ if base.contains('#') => say!("address-fragment"),
        _ if base.contains(['{', '}']) => say!("address-placeholder"),
        _ if !authority.is_ascii() => say!("address-host-letters"),
        _ if encoded(behind).is_some() => say!("address-letter"),
        None => say!("address-host"),
        _ if part(3).is_some_and(|port| !matches!(port.parse::<u16>(), Ok(1..))) => {
            say!("address-port")
        }
        Some("https") => return None,
        Some("http") if part(2).is_some_and(is_this_machine) => return None,
        Some(_) => say!("address-https"),
    };
    // A query, or what stands before an @, may be a secret.
    let shown = base.split(['?', '#']).next().unwrap_or_default();
    let shown = shown.rsplit('@').next().unwrap_or_default();
    Some(say!("mistake-address", word, mistake, shown))
}

/// `localhost`, 127.0.0.0/8 or `[::1]`.
fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let number = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || number.is_ok_and(|number| number.is_loopback())
}

/// A call's path in the TOML.
pub fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, wrong_path)
}

/// The same, or `false`.
pub fn path_if_any<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    checked_if_any(d, wrong_path)
}

/// With a slash before it, and fit for a URL.
fn wrong_path(path: &str) -> Option<String> {
    let mistake = match encoded(path) {
        _ if !path.is_empty() && !path.starts_with(['/', '?']) => say!("path-slash"),
        _ if !are_closed(path) => say!("path-brace"),
        _ if path.contains('#') => say!("path-fragment"),
        _ if colon_name(path).is_some() => {
            let name = colon_name(path).unwrap_or_default();
            say!("path-colon", name)
        }
        Some(written) => say!("path-letter", written),
        None => return None,
    };
    Some(say!("mistake-path", path, mistake))
}

/// The name in a segment `:name`, as other tools write a placeholder.
fn colon_name(path: &str) -> Option<&str> {
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    let mut names = path
        .split('/')
        .filter_map(|segment| segment.strip_prefix(':'));
    names.find(|name| name.starts_with(char::is_alphabetic))
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

/// The name of the header of `auth` in the TOML.
pub fn header_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, wrong_header)
}

/// The same, or `false`.
pub fn header_name_if_any<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    checked_if_any(d, wrong_header)
}

/// A header's name: letters, digits and dashes, more or less.
fn wrong_header(name: &str) -> Option<String> {
    let stands = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if !name.is_empty() && name.chars().all(stands) {
        return None;
    }
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    Some(match words.is_empty() {
        true => say!("header-name-as-in", name),
        false => say!("header-name-perhaps", name, near = words.join("-")),
    })
}

const FORM: &str = "application/x-www-form-urlencoded";

/// A kind of JSON is JSON.
fn is_of(value: &str, kind: &str) -> bool {
    let word = if kind == FORM { FORM } else { "json" };
    value.to_ascii_lowercase().contains(word)
}

/// Headers that say where the request goes and how long it is.
const OURS: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];
/// What is wrong with a header of this value, empty where a lead gives it.
/// `credentials`: the headers of `auth`; `sent`: what is told of what is sent.
pub fn wrong_constant_header(
    name: &str,
    value: &str,
    credentials: &[&str],
    sent: Option<&str>,
) -> Option<String> {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    let mistake = match wrong_header(name) {
        Some(wrong) => return Some(wrong),
        None if OURS.into_iter().any(is) => say!("header-ours"),
        None if credentials.iter().copied().any(is) => say!("header-of-auth"),
        None if !value.is_empty() && names_secret(name) => say!("header-secret", name),
        None if is("content-type") && sent.is_none_or(|kind| !is_of(value, kind)) => match sent {
            Some(FORM) => say!("header-of-form"),
            Some(_) => say!("header-of-json"),
            None => say!("header-of-nothing"),
        },
        None if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) => say!("header-letter"),
        None => return None,
    };
    Some(say!("mistake-header", name, mistake))
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
            assert_eq!(wrong_base(good), None, "{good}");
        }
        for bad in [
            "http://api.example.fr",
            "http://127.0.0.1.example.fr",
            "ftp://example.fr",
            "example.fr",
            "https://",
            "https://me:secret@example.fr",
        ] {
            assert!(wrong_base(bad).is_some(), "{bad}");
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
            ("https://api.example.fr/été", "%C3%A9 for é"),
        ] {
            let told = wrong_base(base).unwrap();
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
        let json = Some("application/json");
        let check = |name, value| wrong_constant_header(name, value, &["X-Token"], json);
        for (name, value) in [
            ("Host", "x"),
            ("authorization", "Bearer sesame"),
            ("X-Api-Key", "sesame"),
            ("x-token", "sesame"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ] {
            let told = check(name, value).unwrap();
            assert!(!told.contains("sesame"), "{told}");
        }
        for (name, value) in [
            ("Content-Type", "application/vnd.api+json"),
            ("X-Account", "42"),
            ("Accept", "text/plain"),
        ] {
            assert_eq!(check(name, value), None);
        }
    }
}
