//! E-mail addresses: whether a text can be one, and what is wrong when not.
//! Asks no server, and knows no partner's own pattern.

use crate::lead::text::trim;
use crate::mapping::complaint::EmailFault;

/// The address in `raw` without the spaces around it, its case kept.
///
/// # Errors
/// What keeps it from being one, the likeliest mistake first.
pub fn email(raw: &str) -> Result<&str, EmailFault> {
    let address = trim(raw);
    let is_blank = |letter: char| letter.is_whitespace() || letter.is_control();
    Err(match address.split_once('@') {
        None if address.is_empty() => EmailFault::Empty,
        None => EmailFault::NoAt,
        Some((local, domain)) if is_local(local) && is_domain(domain) => return Ok(address),
        Some(_) if address.matches('@').count() > 1 => EmailFault::TwoAts,
        Some(_) if address.contains(is_blank) => EmailFault::Space,
        Some(_) if address.contains(',') => EmailFault::Comma,
        Some(_) if !address.is_ascii() => EmailFault::NotAscii,
        Some((local, _)) if !is_local(local) => EmailFault::Local,
        Some((_, domain)) if !domain.contains('.') => EmailFault::NoPoint,
        Some(_) => EmailFault::Domain,
    })
}

/// The address in lower case, to tell people apart; `None` when it is none.
pub fn key(raw: &str) -> Option<String> {
    email(raw).ok().map(str::to_ascii_lowercase)
}

/// What may stand before the `@`.
fn is_local(local: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    local.len() <= 64 && local.bytes().all(allowed) && local.split('.').all(|part| !part.is_empty())
}

/// What may stand after it: labels, of which the last one has two letters at
/// least, and is never a number (`fr`, `com`, `xn--p1ai`).
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(allowed)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let ending = domain.rsplit_once('.').map_or("", |(_, ending)| ending);
    domain.len() <= 185
        && domain.split('.').all(is_label)
        && ending.len() >= 2
        && ending.starts_with(|letter: char| letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::{email, key};
    use proptest::prelude::{any, prop_assert_eq, proptest};

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
            ("@example.fr", "before the @"),
            ("jean@", "no point after the @"),
            ("jean@example", "no point"),
            ("jean@example,fr", "comma instead of a point"),
            ("jean dupont@example.fr", "a space"),
            ("jean\u{a0}dupont@example.fr", "a space"),
            ("jean\u{7}@example.fr", "a space or a control"),
            ("jérôme@example.fr", "accent"),
            ("jean@exa_mple.fr", "can't be a domain"),
            ("<jean@example.fr>", "before the @"),
            ("jean..d@example.fr", "before the @"),
            ("jean@example..fr", "can't be a domain"),
            ("jean@example.fr.", "can't be a domain"),
            ("jean@-example.fr", "can't be a domain"),
            ("jean@127.0.0.1", "can't be a domain"),
            ("jean@example.f", "can't be a domain"),
        ] {
            let error = email(raw).expect_err(raw).to_string();
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
        fn never_panics(raw in any::<String>()) {
            let _ = email(&raw);
            let _ = key(&raw);
        }
    }
}
