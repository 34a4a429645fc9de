//! E-mail addresses: whether a text can be one, and what is wrong when not.
//! Asks no server, and knows no partner's own pattern.

use crate::lead::text::trim;

/// How every complaint ends: what would be accepted.
const ACCEPTED: &str = "write one address such as jean.dupont@example.fr";

/// The address in `raw` without the spaces around it, its case kept.
///
/// # Errors
/// What is wrong, in words, with what would be accepted.
pub fn email(raw: &str) -> Result<&str, String> {
    let address = trim(raw);
    if is_usual(address) {
        return Ok(address);
    }
    match fault(address) {
        None => Ok(address),
        Some(fault) => Err(format!("{fault}; {ACCEPTED}")),
    }
}

/// The address in lower case, to tell people apart; `None` when it is none.
pub fn key(raw: &str) -> Option<String> {
    email(raw).ok().map(str::to_ascii_lowercase)
}

/// Whether `address` is surely one: words of letters and digits with single
/// signs between them. Nearly all are, and this takes one look at each byte.
fn is_usual(address: &str) -> bool {
    let address = address.as_bytes();
    let (mut at, mut point, mut in_word) = (None, None, false);
    for (index, byte) in address.iter().enumerate() {
        if OF_WORD[usize::from(*byte)] {
            in_word = true;
            continue;
        }
        if !std::mem::replace(&mut in_word, false) {
            return false;
        }
        match byte {
            b'@' if at.is_none() => at = Some(index),
            b'.' => point = Some(index),
            b'-' => {}
            b'_' | b'+' if at.is_none() => {}
            _ => return false,
        }
    }
    let (Some(at), Some(point)) = (at, point) else {
        return false;
    };
    let ending = &address[point + 1..];
    // A domain so short has no part that is too long.
    in_word
        && at <= 64
        && address.len() - at <= 64
        && point > at
        && ending.len() >= 2
        && ending[0].is_ascii_alphabetic()
}

/// By byte: whether it is a letter or a digit of ASCII.
const OF_WORD: [bool; 256] = {
    let mut of_word = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        of_word[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    of_word
};

/// What keeps `address` from being one, the likeliest mistake first.
fn fault(address: &str) -> Option<&'static str> {
    if address.is_empty() {
        return Some("is empty");
    }
    let mut parts = address.split('@');
    let (local, domain) = match (parts.next(), parts.next(), parts.next()) {
        (Some(local), Some(domain), None) => (local, domain),
        (_, None, _) => return Some("has no @"),
        _ => return Some("has two @: it may hold two addresses"),
    };
    if address.chars().any(char::is_control) {
        return Some("holds a control character");
    }
    if address.chars().any(char::is_whitespace) {
        return Some("holds a space");
    }
    if address.contains(',') {
        return Some("holds a comma instead of a point");
    }
    if !address.is_ascii() {
        return Some("holds an accent or a sign that addresses don't have");
    }
    fault_of_local(local).or_else(|| fault_of_domain(domain))
}

fn fault_of_local(local: &str) -> Option<&'static str> {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    if local.is_empty() {
        Some("has nothing before the @")
    } else if local.len() > 64 {
        Some("is too long before the @")
    } else if !local.bytes().all(allowed) {
        Some("holds a sign before the @ that addresses don't have")
    } else if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        Some("has a point too many before the @")
    } else {
        None
    }
}

fn fault_of_domain(domain: &str) -> Option<&'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    let mut labels = domain.split('.');
    if domain.is_empty() {
        Some("has no domain after the @")
    } else if domain.len() > 185 {
        Some("is too long after the @")
    } else if !domain.bytes().all(allowed) {
        Some("holds a sign after the @ that addresses don't have")
    } else if !domain.contains('.') {
        Some("has no point after the @")
    } else if labels.clone().any(str::is_empty) {
        Some("has a point too many after the @")
    } else if labels.any(|label| label.len() > 63 || label.starts_with('-') || label.ends_with('-'))
    {
        Some("has a domain after the @ that can't be one")
    } else if !ends_like_a_domain(domain) {
        Some("has an ending that no domain has")
    } else {
        None
    }
}

/// `fr`, `com`, `xn--p1ai`: two letters at least, and never digits alone.
fn ends_like_a_domain(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    last.len() >= 2 && last.starts_with(|letter: char| letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::{email, fault, is_usual, key};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn takes_addresses_as_they_come() {
        for (raw, expected) in [
            ("jean.dupont@example.fr", "jean.dupont@example.fr"),
            ("  Jean.Dupont@Example.FR\u{a0}", "Jean.Dupont@Example.FR"),
            ("\u{feff}a+b@c.example.fr\u{200b}", "a+b@c.example.fr"),
            ("o'neil@example.fr", "o'neil@example.fr"),
            ("a@mon-site.example", "a@mon-site.example"),
            ("a@example.xn--p1ai", "a@example.xn--p1ai"),
        ] {
            assert_eq!(email(raw), Ok(expected));
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (raw, reason) in [
            ("", "is empty"),
            (" \u{a0} ", "is empty"),
            ("jean.dupont", "no @"),
            ("a@example.fr;b@example.fr", "two @"),
            ("a@@example.fr", "two @"),
            ("@example.fr", "nothing before"),
            ("jean@", "no domain after the @"),
            ("jean@example", "no point"),
            ("jean@example,fr", "comma instead of a point"),
            ("jean dupont@example.fr", "a space"),
            ("jean\u{a0}dupont@example.fr", "a space"),
            ("jean\u{7}@example.fr", "control"),
            ("jérôme@example.fr", "accent"),
            ("jean@exa_mple.fr", "a sign after"),
            ("<jean@example.fr>", "a sign"),
            ("jean..d@example.fr", "a point too many before"),
            ("jean@example..fr", "a point too many after"),
            ("jean@example.fr.", "a point too many after"),
            ("jean@-example.fr", "can't be one"),
            ("jean@127.0.0.1", "ending"),
            ("jean@example.f", "ending"),
        ] {
            let error = email(raw).expect_err(raw);
            assert!(error.contains(reason), "{raw}: {error}");
        }
    }

    #[test]
    fn one_key_whatever_the_case() {
        assert_eq!(key(" Jean@Example.FR "), key("jean@example.fr"));
        assert_eq!(key("jean"), None);
    }

    proptest! {
        #[test]
        fn an_accepted_address_is_accepted_again(raw in "\\PC{0,4}[a-z.@]{0,9}@[a-z.]{0,9}\\PC{0,3}") {
            if let Ok(address) = email(&raw) {
                prop_assert_eq!(email(address), Ok(address));
            }
        }

        #[test]
        fn the_usual_address_is_one(raw in "[a-zA-Z0-9._+-]{0,70}@[a-z0-9.-]{0,70}", any in any::<String>()) {
            for raw in [raw, any] {
                prop_assert!(!is_usual(&raw) || fault(&raw).is_none());
            }
        }

        #[test]
        fn never_panics(raw in any::<String>()) {
            let _ = email(&raw);
            let _ = key(&raw);
        }
    }
}
