//! The language that leadctl speaks, as the file says it.

use toml::de::DeTable;

/// What a file says before it is read as a whole, so that its mistakes are told in its
/// own language.
pub fn language_of(text: &str) -> Option<String> {
    let (document, _) = DeTable::parse_recoverable(text);
    let own = document.get_ref().get("leadctl")?.get_ref();
    Some(own.get("lang")?.get_ref().as_str()?.to_owned())
}
