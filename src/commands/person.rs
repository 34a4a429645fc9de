//! A person, as the command line names one: an e-mail address or a phone.

use crate::error::Failure;
use crate::ledger::{Hash16, Hasher};
use crate::mapping::formats::{email, phone};
use crate::output::Warnings;

/// The ledger's hashes of that address or number.
pub fn hashes(text: &str, hasher: &Hasher) -> Result<Vec<Hash16>, Failure> {
    let text = text.trim();
    let found = match text.contains('@') {
        true => email::key(text).map(|email| hasher.person("email", &email)),
        false => phone::key(text, "FR", "FR").map(|number| hasher.person("phone", &number)),
    };
    found.map(|hash| vec![hash]).ok_or_else(|| {
        Failure::usage(format!(
            "\"{text}\" is neither an e-mail address nor a phone number"
        ))
        .hint("as in --person jean.dupont@example.fr or --person \"06 39 98 00 01\"")
    })
}

/// What is to be said of a number that doesn't tell its country: leads that said
/// another one are known by the whole number.
pub fn tell_doubt(text: &str, warnings: &Warnings) {
    let text = text.trim();
    if !text.contains('@') && !text.starts_with(['+', '(']) && !text.starts_with("00") {
        warnings.remark(&format!(
            "{text} is taken for a French number: one of another country is found with its country's code, as in --person +32…"
        ));
    }
}
