//! How one value of a request is made from a lead: the words of `fields` and
//! `path`.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value as Json;

use super::date_form::DateForm;
use super::extract::Pattern;
use super::several::any_json;
use super::target::Target;
use super::template::Template;
use crate::words::say;
use crate::words::spoken::Spoken;

/// A target in the request and the rule that fills it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Field {
    pub target: Target,
    pub rule: FieldRule,
}

/// How a value is taken from a lead, checked and written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename = "a field", default)]
pub struct FieldRule {
    /// Lead fields, or headers as they stand; the first that is not blank is taken.
    #[serde(deserialize_with = "names")]
    pub from: Vec<String>,
    /// A constant, instead of `from`.
    #[serde(deserialize_with = "any_json")]
    pub value: Option<Json>,
    /// A text that lead fields fill, instead of `from`.
    pub template: Option<Template>,
    /// What stands between the parts of `template`.
    pub join: Option<String>,
    pub required: bool,
    pub format: Option<ValueFormat>,
    /// The form of a date that is sent.
    #[serde(rename = "as")]
    pub date_form: Option<DateForm>,
    /// The forms in which leads have it; the first that fits.
    pub reads: Vec<DateForm>,
    /// Accepted values and what is sent for each, matched without regard to
    /// case, accents and punctuation; what would be sent is accepted too.
    pub map: Vec<(String, Json)>,
    /// Numbers, and what is sent for those in each range.
    pub ranges: Vec<(NumberRange, Json)>,
    /// With `map` or `ranges`: a value that is not in it is sent as it is.
    pub others: bool,
    pub pattern: Option<Pattern>,
    #[serde(rename = "type")]
    pub value_type: Option<ValueType>,
    /// Of what would be sent, only this is.
    pub hash: Option<Hash>,
    /// What is sent where there is nothing.
    pub blank: Option<String>,
    /// Characters at most.
    pub max: Option<usize>,
    /// The name that the partner's document gives it; an accepted header.
    pub label: Option<Spoken>,
    /// Further accepted headers for this destination.
    pub columns: Vec<String>,
    /// Texts that a value must not contain, whatever their case.
    pub refuse: Vec<String>,
    /// Typographic apostrophes, quotes, dashes and spaces become plain ones.
    pub plain: bool,
    /// What would be accepted, in words, for the complaint.
    pub expects: Option<Spoken>,
}

pub fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    match names.is_empty() || names.iter().any(|name| name.trim().is_empty()) {
        false => Ok(names),
        true => Err(de::Error::custom(say!("mistake-from-nothing"))),
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

    /// The lead fields, or headers, that it takes its value from.
    pub fn sources(&self) -> impl Iterator<Item = &String> {
        self.from
            .iter()
            .chain(self.template.iter().flat_map(Template::fields))
    }

    /// Where it goes, and what the partner's document calls it: `note ("Remarque")`.
    pub fn in_words(&self, target: &str) -> String {
        match &self.label {
            Some(label) => say!("field-labelled", field = target, label = &**label),
            None => target.to_owned(),
        }
    }

    /// Does only a lead fill it?
    pub fn needs_lead(&self) -> bool {
        let given = self.value.is_some() || self.blank.is_some();
        let by_template = self.template.as_ref().is_none_or(Template::needs_lead);
        !given && by_template && self.sources().next().is_some()
    }

    /// A constant as text.
    pub fn constant(&self) -> Option<String> {
        let value = self.value.as_ref()?;
        Some(
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        )
    }

    /// Is it another at each reading or sending, of the same lead?
    pub fn varies(&self) -> bool {
        self.template.as_ref().is_some_and(Template::varies)
    }

    /// The numbers that are accepted, where `ranges` says which.
    pub fn numbers_in_words(&self) -> Option<String> {
        let ranges: Vec<String> = self.ranges.iter().map(|(it, _)| it.to_string()).collect();
        (!ranges.is_empty()).then(|| say!("accepts-numbers", ranges = ranges.join(", ")))
    }

    /// What is accepted besides the values of `map`: each a short phrase.
    pub fn accepts(&self) -> Vec<String> {
        let mut phrases = Vec::new();
        match (&self.expects, self.format, &self.pattern) {
            (Some(expects), _, _) => phrases.push(expects.to_string()),
            (None, Some(format), _) => phrases.push(format.in_words()),
            (None, None, Some(pattern)) => {
                phrases.push(say!("accepts-pattern", pattern = &pattern.text));
            }
            (None, None, None) => {
                phrases.extend(self.value_type.and_then(ValueType::in_words));
            }
        }
        phrases.extend(self.numbers_in_words());
        if let Some(max) = self.max {
            phrases.push(say!("accepts-length", max));
        }
        let refused = self.refuse.iter().map(String::as_str);
        let refused: Vec<&str> = refused
            .filter(|text| !text.chars().all(char::is_control))
            .collect();
        if !refused.is_empty() {
            phrases.push(say!("accepts-without", texts = refused.join(", ")));
        }
        phrases
    }
}

/// Numbers from one to another, both included.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct NumberRange {
    text: String,
    first: f64,
    last: f64,
}

impl TryFrom<String> for NumberRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bound = |text: &str, open| match text.trim() {
            "" => Some(open),
            text => number(text),
        };
        let bounds = match text.split_once('-') {
            Some((from, to)) => bound(from, f64::NEG_INFINITY).zip(bound(to, f64::INFINITY)),
            None => number(&text).map(|one| (one, one)),
        };
        match bounds {
            Some((first, last)) if first <= last && (first.is_finite() || last.is_finite()) => {
                Ok(Self { text, first, last })
            }
            _ => Err(say!("mistake-range", text)),
        }
    }
}

impl fmt::Display for NumberRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl NumberRange {
    /// Does it hold the number, or all of the range (`10 à 19`, `50+`), that a person
    /// wrote?
    pub fn holds(&self, written: &str) -> bool {
        let written = written.trim();
        let (from, to) = match written.strip_suffix('+') {
            Some(from) => (from, None),
            None => match written.split_once(['-', '–', '—', 'à']) {
                Some((from, to)) => (from, Some(to)),
                None => (written, Some(written)),
            },
        };
        let last = to.map_or(Some(f64::INFINITY), number);
        let both = number(from).zip(last);
        both.is_some_and(|(first, last)| self.first <= first && first <= last && last <= self.last)
    }

    /// Is a number in both?
    pub fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// A number without a sign: `12`, `1 200`, `12,5`. What may be a thousand in one
/// country and a fraction in another (`1.200`) is none.
fn number(text: &str) -> Option<f64> {
    let (whole, fraction) = text.trim().split_once(['.', ',']).unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let mut groups = whole.split_whitespace();
    let first = groups.next()?;
    let parted = groups.all(|group| group.len() == 3 && is_digits(group) && first.len() <= 3);
    let is_number = is_digits(first) && parted && is_digits(fraction) && fraction.len() != 3;
    let whole: String = whole.split_whitespace().collect();
    is_number.then(|| format!("{whole}.{fraction}").parse().ok())?
}

/// What is made of a text that is not to be read there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// In 64 hexadecimal digits.
    Sha256,
}

/// The JSON type that is written. Where none is declared, what comes of a lead is
/// text, and what a `map` says is as it is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    Text,
    Integer,
    Number,
    Boolean,
}

impl ValueType {
    /// `None` for text: anything will do.
    pub fn in_words(self) -> Option<String> {
        match self {
            Self::Text => None,
            Self::Integer => Some(say!("type-integer")),
            Self::Number => Some(say!("type-number")),
            Self::Boolean => Some(say!("type-boolean")),
        }
    }
}

/// A form that a value can be asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
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
    /// As `as` says.
    Date,
}

impl ValueFormat {
    /// What a person writes so that this form can be made of it.
    pub fn in_words(self) -> String {
        match self {
            Self::PhoneE164 => say!("format-phone"),
            Self::PhoneNational => say!("format-phone-national"),
            Self::PhoneFrench => say!("format-phone-french"),
            Self::Email => say!("format-email"),
            Self::Title => say!("format-title"),
            Self::Country => say!("format-country"),
            Self::CountryName => say!("format-country-name"),
            Self::Lower => say!("format-lower"),
            Self::Upper => say!("format-upper"),
            Self::Digits => say!("format-digits"),
            Self::Postcode => say!("format-postcode"),
            Self::Date => say!("format-date"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> NumberRange {
        NumberRange::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_number_or_a_whole_range_is_held() {
        for written in [
            "10", "19", " 12 ", "12,5", "12.0", "10 - 19", "11 à 14", "10–19",
        ] {
            assert!(range("10-19").holds(written), "{written}");
        }
        for written in [
            "9",
            "20",
            "19,5",
            "",
            "-12",
            "1e1",
            "5-12",
            "12-",
            "12+",
            "douze",
            "12 salariés",
            "1 2",
            "12.345",
            "inf",
            "NaN",
            "19-10",
            "+12",
        ] {
            assert!(!range("10-19").holds(written), "{written}");
        }
        for written in ["50", "1 200", "1\u{202f}200", "1200", "50+", "50 - 99"] {
            assert!(range("50-").holds(written), "{written}");
        }
        // A thousand in one country, a fraction in another.
        for written in ["1.200", "1,200", "49+", "+50"] {
            assert!(!range("50-").holds(written), "{written}");
        }
        assert!(range("-4").holds("0") && range("7").holds("7") && !range("7").holds("7,5"));
    }

    #[test]
    fn what_is_no_range_is_told() {
        for text in ["", "-", "a", "1-b", "9-1", "1 to 4", "50+", "1--4", "--4"] {
            let told = NumberRange::try_from(text.to_owned()).unwrap_err();
            assert!(told.contains("is no range of numbers"), "{told}");
        }
    }

    #[test]
    fn ranges_that_share_a_number_overlap() {
        assert!(range("1-5").overlaps(&range("5-9")) && range("-9").overlaps(&range("3-")));
        assert!(!range("1-4").overlaps(&range("5-9")) && !range("50-").overlaps(&range("20-49")));
    }
}
