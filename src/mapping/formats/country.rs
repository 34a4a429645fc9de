//! Countries: from what people write to the two letters of ISO 3166-1.
//! Knows no phone codes and no partner's own list.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::config::countries::{COUNTRIES, Country};
use crate::lead::text::fold;

/// The two capital letters of the country that `raw` names: its alpha-2 or
/// alpha-3 code, or its name in French or English, whatever the case, accents
/// and punctuation, with or without an article. `None` when it is not known.
pub fn code(raw: &str) -> Option<&'static str> {
    let name = fold(raw);
    if let Some(code) = BY_NAME.get(&name) {
        return Some(code);
    }
    let (article, rest) = name.split_once(' ')?;
    let is_article = matches!(article, "le" | "la" | "les" | "l" | "the");
    // Two or three letters after an article are a word, not a code.
    match is_article && rest.len() > 3 {
        true => BY_NAME.get(rest).copied(),
        false => None,
    }
}

/// The French name of the country with this alpha-2 code, in either case.
pub fn name_fr(code: &str) -> Option<&'static str> {
    COUNTRIES
        .iter()
        .find(|country| country.alpha2.eq_ignore_ascii_case(code))
        .map(|country| country.french)
}

/// Every folded name and code, to the alpha-2 code.
static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let countries = COUNTRIES.iter();
    let named =
        countries.flat_map(|country| names(country).map(|name| (fold(name), country.alpha2)));
    named.collect()
});

fn names(country: &Country) -> impl Iterator<Item = &'static str> {
    [
        country.alpha2,
        country.alpha3,
        country.french,
        country.english,
    ]
    .into_iter()
    .chain(country.others.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::{COUNTRIES, code, fold, name_fr, names};
    use proptest::prelude::{any, proptest};
    use std::collections::HashMap;

    #[test]
    fn reads_codes_and_names() {
        for (raw, expected) in [
            ("FR", "FR"),
            ("fr", "FR"),
            ("FRA", "FR"),
            ("France", "FR"),
            (" la france ", "FR"),
            ("États-Unis", "US"),
            ("Etats Unis", "US"),
            ("USA", "US"),
            ("U.S.A.", "US"),
            ("Royaume-Uni", "GB"),
            ("UK", "GB"),
            ("Great Britain", "GB"),
            ("Côte d'Ivoire", "CI"),
            ("COTE D’IVOIRE", "CI"),
            ("Ivory Coast", "CI"),
            ("La Réunion", "RE"),
            ("Reunion", "RE"),
            ("Île de la Réunion", "RE"),
            ("Guyane", "GF"),
            ("Mayotte", "YT"),
            ("Belgique", "BE"),
            ("Les Pays-Bas", "NL"),
            ("Deutschland", "DE"),
            ("Tchéquie", "CZ"),
            ("République tchèque", "CZ"),
            ("Corée du Sud", "KR"),
            ("RDC", "CD"),
            ("Congo", "CG"),
            ("Maurice", "MU"),
            ("Türkiye", "TR"),
            ("Suisse", "CH"),
        ] {
            assert_eq!(code(raw), Some(expected), "{raw}");
        }
        for raw in ["", "Paris", "Corée", "the us", "XX", "33"] {
            assert_eq!(code(raw), None, "{raw}");
        }
    }

    #[test]
    fn the_table_is_whole_and_without_contradiction() {
        assert_eq!(COUNTRIES.len(), 249);
        let mut owners: HashMap<String, &str> = HashMap::new();
        for country in COUNTRIES.iter() {
            for name in names(country) {
                let owner = owners.entry(fold(name)).or_insert(country.alpha2);
                assert_eq!(*owner, country.alpha2, "{name}");
                assert_eq!(code(name), Some(country.alpha2), "{name}");
            }
        }
    }

    #[test]
    fn names_in_french() {
        assert_eq!(name_fr("FR"), Some("France"));
        assert_eq!(name_fr("us"), Some("États-Unis"));
        assert_eq!(name_fr("RE"), Some("La Réunion"));
        assert_eq!(name_fr("XX"), None);
    }

    proptest! {
        #[test]
        fn never_panics(raw in any::<String>()) {
            if let Some(found) = code(&raw) {
                assert_eq!(code(found), Some(found));
            }
            let _ = name_fr(&raw);
        }
    }
}
