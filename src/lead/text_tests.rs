//! Text: what each function promises, and that nothing breaks it.

use super::{clean, digits, fold, plain, trim};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

#[test]
fn plain_is_what_a_keyboard_types() {
    for (raw, expected) in [
        ("O’Neil", "O'Neil"),
        ("l‘eau", "l'eau"),
        ("« oui »", "\" oui \""),
        ("“x”", "\"x\""),
        ("Saint\u{2011}Denis – 93", "Saint-Denis - 93"),
        ("a\u{a0}b\u{202f}c\u{2009}d", "a b c d"),
        ("Zoe\u{301}", "Zoé"),
        ("e\u{200b}\u{301}", "é"),
        ("\u{feff}Nom", "Nom"),
    ] {
        let (text, changed) = plain(raw);
        assert_eq!((text.as_ref(), changed), (expected, true), "{raw}");
    }
    for raw in ["", "O'Neil", "Zoé", "日本", "Œ"] {
        let (text, changed) = plain(raw);
        assert_eq!((text.as_ref(), changed), (raw, false));
    }
}

#[test]
fn folds_what_headers_look_like() {
    for (text, expected) in [
        ("", ""),
        (" - ", ""),
        ("E-mail", "e mail"),
        ("Tél.", "tel"),
        ("  Nom de la société (SIRET) ", "nom de la societe siret"),
        ("prénom", "prenom"),
        ("pre\u{301}nom", "prenom"),
        (
            "Œuvre, Cæsar, STRASSE, Straße",
            "oeuvre caesar strasse strasse",
        ),
        ("ŒUVRE ÆSOP ẞ", "oeuvre aesop ss"),
        ("phone_number", "phone number"),
        ("N°\u{a0}de\u{202f}tél", "n de tel"),
        ("İstanbul", "istanbul"),
        ("Côte d’Ivoire", "cote d ivoire"),
    ] {
        assert_eq!(fold(text), expected, "{text}");
    }
}

#[test]
fn digits_keep_zeros_and_refuse_the_rest() {
    assert_eq!(
        digits("012 345 678 00019").as_deref(),
        Some("01234567800019")
    );
    assert_eq!(digits("123.456\u{a0}789-0").as_deref(), Some("1234567890"));
    for raw in ["", " ", "12a", "1,5", "1.2E+13"] {
        assert!(digits(raw).is_none(), "{raw}");
    }
}

#[test]
fn trims_what_is_not_seen() {
    assert_eq!(trim("\u{feff} \u{a0}x y\u{200b}\n"), "x y");
}

#[test]
fn clean_forges_nothing() {
    assert_eq!(clean("a\u{1b}[31mb", 20), "a [31mb");
    assert_eq!(clean("  a \r\n\t b  ", 20), "a b");
    assert_eq!(clean("abc\u{202e}fdp", 20), "abc fdp");
    assert_eq!(clean("ab\u{9b}c\u{7f}d", 20), "ab c d");
    assert_eq!(clean("abcdef", 6), "abcdef");
    assert_eq!(clean("abcdefg", 6), "abcde…");
    assert_eq!(clean("abcd efg", 6), "abcd…");
    assert_eq!(clean("abc   ", 3), "abc");
    assert_eq!(clean("abc", 1), "…");
    assert_eq!(clean("abc", 0), "");
}

proptest! {
    #[test]
    fn plain_twice_changes_nothing(raw in any::<String>()) {
        let (once, _) = plain(&raw);
        let (twice, changed) = plain(&once);
        prop_assert_eq!(twice.as_ref(), once.as_ref());
        prop_assert!(!changed);
    }

    #[test]
    fn clean_holds_its_bounds(text in any::<String>(), most in 0..40_usize) {
        let once = clean(&text, most);
        prop_assert!(once.chars().count() <= most);
        prop_assert!(!once.chars().any(char::is_control));
        prop_assert_eq!(clean(&once, most), once);
    }

    #[test]
    fn folding_twice_changes_nothing(text in any::<String>(), ascii in "[ -~]{0,40}") {
        for text in [text, ascii] {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.as_str());
            // As if no text were plain.
            let whole = fold(&format!("é {text}"));
            prop_assert_eq!(whole.strip_prefix('e').unwrap().trim_start(), once);
        }
    }

    #[test]
    fn never_panics(raw in any::<String>()) {
        let _ = (digits(&raw), trim(&raw));
    }
}
