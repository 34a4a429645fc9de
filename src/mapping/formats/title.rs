//! Titles: how a person is addressed. Knows no partner's codes but the two
//! that a `map` in a destination can start from: `mr`, and `ms` for Madame and
//! what was once Mademoiselle.

use crate::lead::text::fold;

/// The code of the title that `raw` means, in French or English, whatever its
/// case, accents and punctuation; `None` when it is not one, or more than one.
pub fn code(raw: &str) -> Option<&'static str> {
    match fold(raw).as_str() {
        "m" | "mr" | "mister" | "monsieur" | "mons" | "msieur" | "m r" | "sir" | "h" | "homme"
        | "garcon" | "male" | "man" | "masculin" | "masculine" => Some("mr"),
        "mme" | "madame" | "mrs" | "ms" | "mlle" | "melle" | "mademoiselle" | "miss" | "mis"
        | "madam" | "m me" | "m lle" | "f" | "femme" | "fille" | "female" | "woman" | "feminin"
        | "feminine" => Some("ms"),
        _ => None,
    }
}

/// What people write for a title's code, as examples.
pub fn words(code: &str) -> Option<&'static str> {
    match code {
        "mr" => Some("M., Mr"),
        "ms" => Some("Mme, Ms"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{code, words};
    use proptest::prelude::{any, proptest};

    #[test]
    fn reads_what_forms_hold() {
        for raw in [
            "M",
            "m.",
            "M.",
            "Mr",
            "MR.",
            "Monsieur",
            " monsieur ",
            "Mister",
            "Sir",
            "H",
            "homme",
            "male",
            "Masculin",
        ] {
            assert_eq!(code(raw), Some("mr"), "{raw}");
        }
        for raw in [
            "Mme",
            "MME.",
            "Madame",
            "Mlle",
            "Mademoiselle",
            "Ms",
            "Mrs.",
            "Miss",
            "F",
            "Femme",
            "female",
            "Féminin",
            "M\u{a0}me",
        ] {
            assert_eq!(code(raw), Some("ms"), "{raw}");
        }
    }

    #[test]
    fn leaves_what_is_not_one_title() {
        for raw in ["", "Dr", "Monsieur ou Madame", "M./Mme", "X", "1"] {
            assert_eq!(code(raw), None, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_reads_its_own_code(raw in any::<String>()) {
            if let Some(found) = code(&raw) {
                assert_eq!(code(found), Some(found));
                assert!(words(found).is_some());
            }
        }
    }
}
