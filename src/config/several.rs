//! Words after which one value may stand, or a list of them, also where a table is
//! such a value.

use serde::Deserialize;
use serde::de::Deserializer;

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
