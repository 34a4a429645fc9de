//! The address that a destination's paths are added to: https, or this machine.

use super::reader::Mistakes;
use super::tree::Table;

/// Reads `base`, without its last slash.
pub fn read_base(table: &Table, mistakes: &mut Mistakes) -> Option<String> {
    let node = table.get("base")?;
    let base = mistakes.as_text(node, "base")?;
    let base = base.trim().trim_end_matches('/').to_owned();
    match check_base(&base) {
        Ok(()) => Some(base),
        Err(message) => {
            mistakes.add(&node.place, message);
            None
        }
    }
}

/// `https`, or `http` to this machine.
fn check_base(base: &str) -> Result<(), String> {
    let (scheme, rest) = base
        .split_once("://")
        .ok_or_else(|| format!("`base` is no address: \"{base}\" must begin with https://"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains(char::is_whitespace) {
        return Err(format!("`base` names no host: \"{base}\""));
    }
    if authority.contains('@') {
        return Err("`base` must hold no user or password: use `auth`".into());
    }
    match scheme {
        "https" => Ok(()),
        "http" if is_loopback(authority) => Ok(()),
        "http" => Err(format!(
            "`base` must begin with https:// (http:// is for this machine only): \"{base}\""
        )),
        _ => Err(format!("`base` must begin with https://: \"{base}\"")),
    }
}

/// This machine: `localhost`, 127.0.0.0/8 or `[::1]`, with or without a port.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host),
    };
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
            "http://127.0.0.1:8080/hook",
            "http://localhost",
            "http://[::1]:9",
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
}
