//! How one value of a request is made from a lead: the words of `fields` and
//! `path`.

use std::fmt;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;

use super::deserialize::{one_or_many, values};

/// A target in the request and the rule that fills it.
#[derive(Debug, Clone)]
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
    #[serde(deserialize_with = "one_or_many")]
    pub from: Vec<String>,
    /// A constant, instead of `from`.
    #[serde(deserialize_with = "constant")]
    pub value: Option<Json>,
    pub required: bool,
    pub format: Option<ValueFormat>,
    /// Accepted values and what is sent for each, matched without regard to
    /// case, accents and punctuation; what would be sent is accepted too.
    #[serde(deserialize_with = "values")]
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
    #[serde(deserialize_with = "one_or_many")]
    pub columns: Vec<String>,
    /// Texts that a value must not contain, whatever their case.
    #[serde(deserialize_with = "one_or_many")]
    pub refuse: Vec<String>,
    /// Typographic apostrophes, quotes, dashes and spaces become plain ones.
    pub plain: bool,
    /// What would be accepted, in words, for the complaint.
    pub expects: Option<String>,
}

/// `false` is a constant too.
fn constant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
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

/// A pattern as the partners write them: PCRE's `\d` and `\w` are ASCII.
#[derive(Clone, Deserialize)]
#[serde(from = "PatternText")]
pub struct Pattern {
    pub text: String,
    /// Compiled at the first use: a run needs few of the catalogue's patterns.
    regex: OnceLock<Option<Regex>>,
}

/// A user's is compiled when it is read, so that a mistake is told.
#[derive(Deserialize)]
#[serde(rename = "(pattern)")]
struct PatternText(String);

impl From<PatternText> for Pattern {
    fn from(PatternText(text): PatternText) -> Self {
        Self {
            text,
            regex: OnceLock::new(),
        }
    }
}

impl Pattern {
    /// Accepts the `/…/i` notation of the partners' documents too.
    pub fn compile(text: &str) -> Result<Regex, String> {
        let (body, insensitive) = match text.strip_prefix('/').and_then(|t| t.rsplit_once('/')) {
            Some((body, flags)) if matches!(flags, "" | "i") => (body, flags == "i"),
            _ => (text, false),
        };
        RegexBuilder::new(&ascii_classes(body))
            .case_insensitive(insensitive)
            .build()
            .map_err(|error| {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().to_owned();
                format!("the pattern `{text}` can't be read: {reason}")
            })
    }

    fn regex(&self) -> Option<&Regex> {
        let made = self.regex.get_or_init(|| Self::compile(&self.text).ok());
        made.as_ref()
    }

    pub fn matches(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    /// The first group (or the whole match), each time that it is found.
    pub fn captures<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let Some(regex) = self.regex() else {
            return Vec::new();
        };
        let found = regex.captures_iter(text);
        found
            .filter_map(|groups| groups.get(1).or_else(|| groups.get(0)))
            .map(|group| group.as_str())
            .collect()
    }

    /// The first group (or the whole match) found in `text`.
    pub fn capture<'t>(&self, text: &'t str) -> Option<&'t str> {
        let groups = self.regex()?.captures(text)?;
        groups.get(1).or_else(|| groups.get(0)).map(|m| m.as_str())
    }
}

/// `\d` and `\w` are ASCII in the partners' PCRE; spelt out, inside a class too.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('d') if in_class => out.push_str("0-9"),
            Some('d') => out.push_str("[0-9]"),
            Some('w') if in_class => out.push_str("A-Za-z0-9_"),
            Some('w') => out.push_str("[A-Za-z0-9_]"),
            other => {
                out.push('\\');
                out.extend(other);
            }
        }
    }
    out
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        PatternText(text.to_owned()).into()
    }

    #[test]
    fn digits_are_ascii_in_and_out_of_classes() {
        let naf = pattern(r"/^(\d){2}[.]?(\d){2}[a-zA-Z]{1}$/");
        assert!(naf.matches("62.01Z") && naf.matches("6201Z"));
        assert!(!naf.matches("٦٢01Z"));
        let number = pattern(r"/^[\d]+$/");
        assert!(number.matches("12") && !number.matches("١٢"));
    }

    #[test]
    fn the_i_flag_and_a_bad_pattern() {
        assert!(pattern("/^abc$/i").matches("ABC"));
        assert!(Pattern::compile("(").is_err());
    }
}
