//! The vocabulary in words for people: what a value must be, what an answer
//! means, how fast is allowed.

use std::time::Duration;

use super::answer::Then;
use super::measure::Rate;
use super::rule::{FieldRule, ValueFormat, ValueType};

/// What a rule accepts besides the values of its `map`: each a short phrase.
pub fn accepts(rule: &FieldRule) -> Vec<String> {
    let mut phrases = Vec::new();
    match (&rule.expects, rule.format, &rule.pattern) {
        (Some(expects), _, _) => phrases.push(expects.clone()),
        (None, Some(format), _) => phrases.push(format.in_words().to_owned()),
        (None, None, Some(pattern)) => phrases.push(format!("must match {}", pattern.text)),
        (None, None, None) => phrases.extend(rule.value_type.in_words().map(str::to_owned)),
    }
    if let Some(max) = rule.max {
        phrases.push(format!("{max} characters at most"));
    }
    let refused: Vec<&str> = rule
        .refuse
        .iter()
        .map(String::as_str)
        .filter(|text| !text.chars().all(char::is_control))
        .collect();
    if !refused.is_empty() {
        phrases.push(format!("without {}", refused.join(", ")));
    }
    phrases
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

impl Then {
    /// What an answer read as this means for the lead and the run.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Delivered => "the partner has the lead",
            Self::Pending => "received; the partner decides later",
            Self::Approved => "accepted by the partner",
            Self::Expired => "the partner's approval ran out",
            Self::Duplicate => "the partner already had this lead: it is not sent again",
            Self::Rejected => "this lead is refused; the others go on",
            Self::Wait => "the partner asks to wait; the lead is tried again",
            Self::Stop => {
                "wrong for every lead: the run stops, the rest stays unsent, somebody must act"
            }
            Self::StopForNow => "a quota is used up: the rest stays unsent, run again later",
            Self::InDoubt => "the partner may have the lead: never sent again unasked",
            Self::NotProcessed => "not taken in; the lead is tried again",
        }
    }
}

/// `55/min`, `100/10 s`
pub fn rate(rate: &Rate) -> String {
    const UNITS: [(u64, &str); 4] = [(1, "s"), (60, "min"), (3_600, "h"), (86_400, "day")];
    let unit = UNITS
        .iter()
        .find(|(seconds, _)| rate.per == Duration::from_secs(*seconds));
    match unit {
        Some((_, name)) => format!("{}/{name}", rate.count),
        None => format!("{}/{} s", rate.count, rate.per.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::measure;
    use super::*;

    #[test]
    fn a_rate_reads_as_it_is_written() {
        for text in ["55/min", "950/h", "9/s"] {
            assert_eq!(measure::rate(text).map(|read| rate(&read)), Ok(text.into()));
        }
        let odd = measure::rate("100/10s").map(|read| rate(&read));
        assert_eq!(odd, Ok("100/10 s".into()));
    }
}
