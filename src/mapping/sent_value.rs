//! A value as it is sent, and the JSON types that a text can be made of.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value as Json;

use super::complaint::Problem;
use crate::config::ValueType;
use crate::lead::text::fold;

/// A value as it is sent.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum SentValue<'v> {
    Text(Cow<'v, str>),
    Json(Cow<'v, Json>),
}

impl<'v> SentValue<'v> {
    pub fn into_owned(self) -> SentValue<'static> {
        match self {
            Self::Text(text) => SentValue::Text(Cow::Owned(text.into_owned())),
            Self::Json(json) => SentValue::Json(Cow::Owned(json.into_owned())),
        }
    }

    /// The value as text, for a placeholder of an address.
    pub fn into_text(self) -> Cow<'v, str> {
        match self {
            Self::Text(text) => text,
            Self::Json(json) => Cow::Owned(match json.into_owned() {
                Json::String(text) => text,
                other => other.to_string(),
            }),
        }
    }
}

/// The value as this type; text where none is declared.
///
/// # Errors
/// It can't be read as one.
pub fn typed(value: Cow<'_, str>, wanted: Option<ValueType>) -> Result<SentValue<'_>, Problem> {
    let trimmed = value.trim();
    let wanted = wanted.unwrap_or(ValueType::Text);
    let json = match wanted {
        ValueType::Text => return Ok(SentValue::Text(value)),
        ValueType::Integer => trimmed.parse::<i64>().ok().map(Json::from),
        ValueType::Number => number(&trimmed.replace(',', ".")),
        ValueType::Boolean => match fold(trimmed).as_str() {
            "true" | "yes" | "oui" | "vrai" | "1" | "x" => Some(Json::Bool(true)),
            "false" | "no" | "non" | "faux" | "0" => Some(Json::Bool(false)),
            _ => None,
        },
    };
    match json {
        Some(json) => Ok(SentValue::Json(Cow::Owned(json))),
        None => Err(Problem::WrongType {
            value: trimmed.to_owned(),
            wanted,
        }),
    }
}

/// `12` and `12,0` are whole numbers.
fn number(text: &str) -> Option<Json> {
    let number = text.parse::<f64>().ok()?;
    match number.fract() == 0.0 && number.abs() < 1e15 {
        true => Some(Json::from(number as i64)),
        false => serde_json::Number::from_f64(number).map(Json::Number),
    }
}
