//! Whose clock counts: a time zone by its name.

use jiff::tz::{self, TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;

use super::mistake::meant;
use crate::words::say;

/// The zone of every day and time of day: this machine's unless it is named.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Zone(pub TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::system())
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        TimeZone::get(&name).map(Self).map_err(|_| {
            let known: Vec<String> = tz::db().available().map(|it| it.to_string()).collect();
            let otherwise = match known.is_empty() {
                true => say!("mistake-no-zones"),
                false => say!("mistake-zone-as-in"),
            };
            let hint = meant(&name, known.iter().map(String::as_str), '`', otherwise);
            say!("mistake-zone", name, hint)
        })
    }
}
