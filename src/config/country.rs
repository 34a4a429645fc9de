//! The country whose numbers and postcodes a destination's leads have: the word
//! `country`.

use super::countries::{COUNTRIES, Country};
use super::mistake::nearest;
use super::reader::Mistakes;
use super::tree::Table;

const USUAL: &str = "FR";

/// The two letters of a country; France's where nothing is said.
pub fn read_country(table: &Table, mistakes: &mut Mistakes) -> String {
    let Some(node) = table.get("country") else {
        return USUAL.to_owned();
    };
    let Some(text) = mistakes.as_text(node, "country") else {
        return USUAL.to_owned();
    };
    let code = text.trim().to_uppercase();
    if COUNTRIES.iter().any(|country| country.alpha2 == code) {
        return code;
    }
    let message = format!("`country` must be the two letters of a country, not \"{text}\"");
    let hint = match meant(text.trim()) {
        Some(meant) => format!("did you mean \"{}\"?", meant.alpha2),
        None => "as in \"FR\", \"BE\", \"CH\"".to_owned(),
    };
    mistakes.hint(&node.place, message, hint);
    USUAL.to_owned()
}

/// The country that a name or a longer code names.
fn meant(text: &str) -> Option<&'static Country> {
    let text = text.to_lowercase();
    let called = |name: &str| {
        let mut all = COUNTRIES.iter();
        all.find(|country| names(country).any(|known| known == name))
    };
    let named = called(&text);
    let misspelt = || {
        let known: Vec<String> = COUNTRIES.iter().flat_map(names).collect();
        called(nearest(&text, known.iter().map(String::as_str))?)
    };
    // Two or three letters are near to too much.
    named.or_else(|| misspelt().filter(|_| text.chars().count() > 3))
}

/// What a country is called, in small letters.
fn names(country: &Country) -> impl Iterator<Item = String> {
    let own = [country.alpha3, country.french, country.english];
    let all = own.into_iter().chain(country.others.iter().copied());
    all.map(str::to_lowercase)
}
