//! A person, as the command line names one: an e-mail address or a phone.

use crate::failure::Failure;
use crate::ledger::{Hash16, Hasher};
use crate::mapping::formats::{email, phone};

/// The ledger's hashes of that address or number.
pub fn hashes(text: &str, hasher: &Hasher) -> Result<Vec<Hash16>, Failure> {
    let text = text.trim();
    let found = match text.contains('@') {
        true => email::key(text).map(|email| hasher.person("email", &email)),
        false => {
            phone::digits_for_key(text, "FR", "FR").map(|number| hasher.person("phone", &number))
        }
    };
    found.map(|hash| vec![hash]).ok_or_else(|| {
        Failure::usage(format!(
            "\"{text}\" is neither an e-mail address nor a phone number"
        ))
        .hint("as in --person jean.dupont@example.fr or --person \"06 39 98 00 01\"")
    })
}
