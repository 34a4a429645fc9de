//! The language that leadctl speaks, as the file says it.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::de::DeTable;

use super::mistake::meant;
use crate::words;

/// One that there is a catalogue of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Language(pub String);

impl TryFrom<String> for Language {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = words::languages();
        if known.contains(&name) {
            return Ok(Self(name));
        }
        let known_names = known.iter().map(String::as_str);
        let meant = meant(&name, known_names, '`', &known.join(", "));
        Err(format!(
            "`{name}` is no language that is spoken here ({meant})"
        ))
    }
}

/// What a file says before it is read as a whole, so that its mistakes are told in its
/// own language.
pub fn language_of(text: &str) -> Option<String> {
    let (document, _) = DeTable::parse_recoverable(text);
    let own = document.get_ref().get("leadctl")?.get_ref();
    Some(own.get("lang")?.get_ref().as_str()?.to_owned())
}
