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
    let Some((local, domain)) = address.split_once('@') else {
        return Err(match address.is_empty() {
            true => EmailFault::Empty,
            false => EmailFault::NoAt,
        });
    };
    match check_local(local).and_then(|()| check_domain(domain)) {
        Ok(()) => Ok(address),
        Err(fault) => Err(general_fault(address).unwrap_or(fault)),
    }
}

/// The address in lower case, to tell people apart; `None` when it is none.
pub fn key(raw: &str) -> Option<String> {
    email(raw).ok().map(str::to_ascii_lowercase)
}

/// What is wrong with an address wherever it stands in it.
fn general_fault(address: &str) -> Option<EmailFault> {
    if address.matches('@').count() > 1 {
        Some(EmailFault::TwoAts)
    } else if address.chars().any(char::is_control) {
        Some(EmailFault::Control)
    } else if address.chars().any(char::is_whitespace) {
        Some(EmailFault::Space)
    } else if address.contains(',') {
        Some(EmailFault::Comma)
    } else if !address.is_ascii() {
        Some(EmailFault::NotAscii)
    } else {
        None
    }
}

fn check_local(local: &str) -> Result<(), EmailFault> {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    if local.is_empty() {
        Err(EmailFault::NoLocal)
    } else if local.len() > 64 {
        Err(EmailFault::LongLocal)
    } else if !local.bytes().all(allowed) {
        Err(EmailFault::SignInLocal)
    } else if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        Err(EmailFault::PointInLocal)
    } else {
        Ok(())
    }
}

fn check_domain(domain: &str) -> Result<(), EmailFault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    let odd = |label: &str| label.len() > 63 || label.starts_with('-') || label.ends_with('-');
    if domain.is_empty() {
        Err(EmailFault::NoDomain)
    } else if domain.len() > 185 {
        Err(EmailFault::LongDomain)
    } else if !domain.bytes().all(allowed) {
        Err(EmailFault::SignInDomain)
    } else if !domain.contains('.') {
        Err(EmailFault::NoPoint)
    } else if domain.split('.').any(str::is_empty) {
        Err(EmailFault::PointInDomain)
    } else if domain.split('.').any(odd) {
        Err(EmailFault::OddDomain)
    } else if !ends_like_a_domain(domain) {
        Err(EmailFault::Ending)
    } else {
        Ok(())
    }
}

/// `fr`, `com`, `xn--p1ai`: two letters at least, and never digits alone.
fn ends_like_a_domain(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    last.len() >= 2 && last.starts_with(|letter: char| letter.is_ascii_alphabetic())
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
