//! Patterns as the partners write them in their documents.

use std::fmt;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

/// A pattern in which, as in PCRE, `\d` and `\w` are ASCII.
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

    /// The first of these.
    pub fn capture<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.captures(text).into_iter().next()
    }
}

/// `\d` and `\w` are ASCII in the partners' PCRE; spelt out, as a class that may
/// also stand inside one.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some('d')) => out.push_str("[0-9]"),
            ('\\', Some('w')) => out.push_str("[A-Za-z0-9_]"),
            ('\\', Some(other)) => out.extend([c, other]),
            _ => {
                out.push(c);
                continue;
            }
        }
        chars.next();
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
