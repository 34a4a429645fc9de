//! The countries of ISO 3166-1 with their French and English names: from what
//! people write to the two letters. Knows no phone codes and no partner's own
//! list.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::de::{self, Deserialize, Deserializer};

use super::mistake::nearest;
use crate::lead::text::fold;
use crate::words::say;

/// One country or territory that has a code of its own.
struct Country {
    alpha2: &'static str,
    french: &'static str,
    /// All that it is called: its codes, its names in French and English, and
    /// other names that people write, official or not.
    names: Vec<&'static str>,
}

/// Every country, in the order of its two letters.
static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let lines = include_str!("countries.csv").lines();
    let rows = lines.filter(|line| !line.starts_with('#'));
    let country = |row: &'static str| {
        let (columns, others) = row.rsplit_once(',')?;
        let columns: Vec<&str> = columns.split(',').collect();
        let [alpha2, _, french, _] = *columns.as_array()?;
        let others = others.split(';').filter(|name| !name.is_empty());
        Some(Country {
            alpha2,
            french,
            names: columns.into_iter().chain(others).collect(),
        })
    };
    rows.filter_map(country).collect()
});

/// Every folded name and code, to the alpha-2 code.
static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let named = |country: &'static Country| {
        let names = country.names.iter();
        names.map(|name| (fold(name), country.alpha2))
    };
    COUNTRIES.iter().flat_map(named).collect()
});

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
    let mut all = COUNTRIES.iter();
    let country = all.find(|country| country.alpha2.eq_ignore_ascii_case(code))?;
    Some(country.french)
}

/// The two letters of a country in the TOML, in either case.
pub fn country<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let letters = text.trim().to_uppercase();
    if COUNTRIES.iter().any(|country| country.alpha2 == letters) {
        return Ok(letters);
    }
    // Two or three letters are near to too much.
    let names = || COUNTRIES.iter().flat_map(|country| &country.names).copied();
    let near = || nearest(&text, names()).filter(|_| text.chars().count() > 3);
    let hint = match code(&text).or_else(|| code(near()?)) {
        Some(near) => say!("mistake-meant-name", near),
        None => say!("mistake-country-as-in"),
    };
    Err(de::Error::custom(say!("mistake-country", text, hint)))
}

#[cfg(test)]
mod tests {
    use super::{COUNTRIES, code, fold, name_fr};
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
            for name in &country.names {
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
