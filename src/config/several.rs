//! Words after which a value of any kind may stand, one value or a list of them, also
//! where a table is such a value.

use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::Value as Json;

/// Known to the reader of tables by its name.
#[derive(Deserialize)]
#[serde(rename = "(several)")]
struct Several<T>(Vec<T>);

/// One, or a list of them.
pub fn several<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Several::deserialize(deserializer).map(|Several(all)| all)
}

/// A value of any kind, among which `false` is one too.
pub fn any_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}
