//! The countries of ISO 3166-1 with their French and English names.

use std::sync::LazyLock;

use serde::de::{self, Deserialize, Deserializer};

use super::mistake::nearest;

/// One country or territory that has a code of its own.
pub struct Country {
    pub alpha2: &'static str,
    pub alpha3: &'static str,
    pub french: &'static str,
    pub english: &'static str,
    /// Other names that people write, official or not.
    pub others: Vec<&'static str>,
}

/// Every country, in the order of its two letters.
pub static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let lines = include_str!("countries.csv").lines();
    let rows = lines.filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| {
        let [alpha2, alpha3, french, english, others] =
            *row.split(',').collect::<Vec<_>>().as_array()?;
        Some(Country {
            alpha2,
            alpha3,
            french,
            english,
            others: others.split(';').filter(|name| !name.is_empty()).collect(),
        })
    })
    .collect()
});

impl Country {
    /// What it is called, but for its two letters.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        let own = [self.alpha3, self.french, self.english];
        own.into_iter().chain(self.others.iter().copied())
    }
}

/// The two letters of a country in the TOML, in either case.
pub fn country<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is = |name: &str| name.to_lowercase() == text.trim().to_lowercase();
    if let Some(country) = COUNTRIES.iter().find(|country| is(country.alpha2)) {
        return Ok(country.alpha2.to_owned());
    }
    let names = || COUNTRIES.iter().flat_map(Country::names);
    // Two or three letters are near to too much.
    let near = || nearest(&text, names()).filter(|_| text.chars().count() > 3);
    let meant = names().find(|name| is(name)).or_else(near);
    let mut all = COUNTRIES.iter();
    let hint = match all.find(|country| country.names().any(|name| Some(name) == meant)) {
        Some(meant) => format!("did you mean \"{}\"?", meant.alpha2),
        None => "as in \"FR\", \"BE\", \"CH\"".to_owned(),
    };
    Err(de::Error::custom(format!(
        "`country` must be the two letters of a country, not \"{text}\" ({hint})"
    )))
}
