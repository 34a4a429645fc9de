//! Titles: how a person is addressed. Knows no partner's codes but the two
//! that a `map` in a destination can start from.

use crate::lead::fold::folded;

/// How a person is addressed, as far as partners distinguish it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Title {
    /// Monsieur.
    Mr,
    /// Madame, and what was once Mademoiselle.
    Ms,
}

impl Title {
    /// The title as a short code: `mr` or `ms`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mr => "mr",
            Self::Ms => "ms",
        }
    }

    /// What people write for it, as examples.
    pub fn words(self) -> &'static str {
        match self {
            Self::Mr => "M., Mr",
            Self::Ms => "Mme, Ms",
        }
    }
}

/// The title that `raw` means, in French or English, whatever its case,
/// accents and punctuation; `None` when it is not one, or more than one.
pub fn title(raw: &str) -> Option<Title> {
    folded(raw, |word| match word {
        "m" | "mr" | "mister" | "monsieur" | "mons" | "msieur" | "m r" | "sir" | "h" | "homme"
        | "garcon" | "male" | "man" | "masculin" | "masculine" => Some(Title::Mr),
        "mme" | "madame" | "mrs" | "ms" | "mlle" | "melle" | "mademoiselle" | "miss" | "mis"
        | "madam" | "m me" | "m lle" | "f" | "femme" | "fille" | "female" | "woman" | "feminin"
        | "feminine" => Some(Title::Ms),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Title, title};
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
            assert_eq!(title(raw), Some(Title::Mr), "{raw}");
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
            assert_eq!(title(raw), Some(Title::Ms), "{raw}");
        }
    }

    #[test]
    fn leaves_what_is_not_one_title() {
        for raw in ["", "Dr", "Monsieur ou Madame", "M./Mme", "X", "1"] {
            assert_eq!(title(raw), None, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_reads_its_own_code(raw in any::<String>()) {
            if let Some(found) = title(&raw) {
                assert_eq!(title(found.code()), Some(found));
            }
        }
    }
}
