//! How one value of a request is made from a lead: the words of `fields` and
//! `path`.

use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value as Json;

use super::extract::Pattern;
use super::reader::any_json;

/// A target in the request and the rule that fills it.
#[derive(Debug, Clone, Deserialize)]
pub struct Field {
    /// The target as written: dotted for nested objects (`properties.email`).
    pub target: String,
    pub rule: FieldRule,
}

/// How a value is taken from a lead, checked and written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename = "a field", default)]
pub struct FieldRule {
    /// Lead fields, or headers as they stand; the first that is not blank is taken.
    #[serde(deserialize_with = "names")]
    pub from: Vec<String>,
    /// A constant, instead of `from`.
    #[serde(deserialize_with = "any_json")]
    pub value: Option<Json>,
    pub required: bool,
    pub format: Option<ValueFormat>,
    /// Accepted values and what is sent for each, matched without regard to
    /// case, accents and punctuation; what would be sent is accepted too.
    pub map: Vec<(String, Json)>,
    /// With `map`: a value that is not in it is sent as it is.
    pub others: bool,
    pub pattern: Option<Pattern>,
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// Characters at most.
    pub max: Option<usize>,
    /// The name that the partner's document gives it; an accepted header.
    pub label: Option<String>,
    /// Further accepted headers for this destination.
    pub columns: Vec<String>,
    /// Texts that a value must not contain, whatever their case.
    pub refuse: Vec<String>,
    /// Typographic apostrophes, quotes, dashes and spaces become plain ones.
    pub plain: bool,
    /// What would be accepted, in words, for the complaint.
    pub expects: Option<String>,
}

fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    match names.is_empty() || names.iter().any(|name| name.trim().is_empty()) {
        false => Ok(names),
        true => Err(de::Error::custom(
            "`from` names no lead field \
             (write its name between the quotes, or remove the whole line)",
        )),
    }
}

impl FieldRule {
    /// A rule that copies the lead field of that name.
    pub fn copy_of(field: &str) -> Self {
        Self {
            from: vec![field.to_owned()],
            ..Self::default()
        }
    }

    /// What is accepted besides the values of `map`: each a short phrase.
    pub fn accepts(&self) -> Vec<String> {
        let mut phrases = Vec::new();
        match (&self.expects, self.format, &self.pattern) {
            (Some(expects), _, _) => phrases.push(expects.clone()),
            (None, Some(format), _) => phrases.push(format.in_words().to_owned()),
            (None, None, Some(pattern)) => phrases.push(format!("must match {}", pattern.text)),
            (None, None, None) => phrases.extend(self.value_type.in_words().map(str::to_owned)),
        }
        if let Some(max) = self.max {
            phrases.push(format!("{max} characters at most"));
        }
        let refused = self.refuse.iter().map(String::as_str);
        let refused: Vec<&str> = refused
            .filter(|text| !text.chars().all(char::is_control))
            .collect();
        if !refused.is_empty() {
            phrases.push(format!("without {}", refused.join(", ")));
        }
        phrases
    }
}

/// The JSON type that is written. Text unless declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    #[default]
    Text,
    Integer,
    Number,
    Boolean,
}

impl ValueType {
    /// `None` for text: anything will do.
    pub fn in_words(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::Integer => Some("a whole number"),
            Self::Number => Some("a number"),
            Self::Boolean => Some("yes or no"),
        }
    }
}

/// A form that a value can be asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueFormat {
    /// `+33639980001`
    PhoneE164,
    /// `0639980001`, as the destination's country dials it; `+…` for others.
    PhoneNational,
    /// `0639980001`, or `+262…`, `+590…`, `+594…`, `+596…`; no foreign number.
    PhoneFrench,
    Email,
    /// `mr` or `ms`
    Title,
    /// ISO 3166 alpha-2
    Country,
    /// The country's name in French
    CountryName,
    Lower,
    Upper,
    /// Digits alone: spaces, dots and dashes are dropped.
    Digits,
    /// A French postcode keeps its five digits.
    Postcode,
}

impl ValueFormat {
    /// What a person writes so that this form can be made of it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::PhoneE164 => "a phone number, sent as +33639980001",
            Self::PhoneNational => {
                "a phone number, sent as its own country dials it, 0639980001 (foreign ones with +)"
            }
            Self::PhoneFrench => "a French phone number, overseas included",
            Self::Email => "an e-mail address",
            Self::Title => "M. or Mme (Mr, Monsieur, Madame, Mlle, Ms… too)",
            Self::Country => "a country, by name or code, sent as FR",
            Self::CountryName => "a country, by name or code, sent as France",
            Self::Lower => "any text, sent in lower case",
            Self::Upper => "any text, sent in capitals",
            Self::Digits => "digits; spaces, dots and dashes are dropped",
            Self::Postcode => "a postcode",
        }
    }
}
