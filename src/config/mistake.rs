//! A mistake in a TOML file: where, what, and what was probably meant.

use std::fmt::{self, Display};
use std::sync::Arc;

use serde::de::{self, Unexpected};

/// What the shipped table is called in messages.
pub const BUILT_IN: &str = "partners.toml (built in)";

/// A file and a line in it, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<str>,
    /// 1-based; 0 where no line is known.
    pub line: usize,
}

impl Place {
    /// In the shipped table, which our tests have proven?
    pub fn is_built_in(&self) -> bool {
        &*self.file == BUILT_IN
    }
}

impl Default for Place {
    fn default() -> Self {
        Self {
            file: BUILT_IN.into(),
            line: 0,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub place: Place,
    /// What is wrong, and in parentheses what to write instead.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Where mistakes are collected, so that all of a file's are told at once.
#[derive(Debug, Default)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    pub fn add(&mut self, place: &Place, message: impl Into<String>) {
        let mistake = Mistake {
            place: place.clone(),
            message: message.into(),
        };
        // Two destinations may share the line that is wrong: told once.
        if !self.0.contains(&mistake) {
            self.0.push(mistake);
        }
    }

    /// The same with what to write instead.
    pub fn hint(&mut self, place: &Place, message: impl fmt::Display, hint: impl fmt::Display) {
        self.add(place, format!("{message} ({hint})"));
    }
}

/// The known word nearest to a misspelt one, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (likeness(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// A slip of one key, two letters swapped included, comes before all else:
/// `form` is rather `from` than `format`.
fn likeness(word: &str, candidate: &str) -> f64 {
    let slip = word.len() >= 3 && strsim::osa_distance(word, candidate) == 1;
    strsim::jaro_winkler(word, candidate) + if slip { 1.0 } else { 0.0 }
}

/// Where the ledger's path is written.
pub const LEDGER: &str = "`ledger` stands in a table of its own, at the top of the file: [leadctl]";

/// Why a value can't be read, and which.
#[derive(Debug)]
pub struct Refusal {
    pub message: String,
    /// The message goes on after the key.
    of_key: bool,
    /// The innermost value that it went through: its identity and its place.
    pub at: Option<(usize, Place)>,
    /// Something was taken out of that value, and that has been told.
    pub is_told: bool,
}

impl Refusal {
    /// What a key must be, can't be, needs…
    pub fn of_key(message: String) -> Self {
        Self {
            of_key: true,
            ..de::Error::custom(message)
        }
    }

    /// A table has a word that means nothing there.
    pub fn unknown_word(word: &str, table: &str, known: &[&str]) -> Self {
        let hint = match nearest(word, known.iter().copied()) {
            // Whoever appends it writes it into the last table.
            _ if word == "ledger" => LEDGER.to_owned(),
            _ if word == "headers" && known.contains(&"columns") => {
                "it is called `columns` now".to_owned()
            }
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let words = known.iter().filter(|word| !word.starts_with('('));
                let words: Vec<&str> = words.copied().collect();
                format!("the words are: {}", words.join(", "))
            }
        };
        de::Error::custom(format!("`{word}` is not a word of {table} ({hint})"))
    }

    /// It is about this value, unless about one inside.
    #[must_use]
    pub fn within(mut self, key: &str, id: usize, place: &Place, is_told: bool) -> Self {
        if self.at.is_none() {
            if self.of_key {
                self.message = format!("`{key}` {}", self.message);
            }
            self.is_told = is_told;
            self.at = Some((id, place.clone()));
        }
        self
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: Display>(message: T) -> Self {
        Self {
            message: message.to_string(),
            of_key: false,
            at: None,
            is_told: false,
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            Unexpected::Str(text) => format!("the text \"{text}\""),
            Unexpected::Seq => "a list".to_owned(),
            Unexpected::Map => "a table".to_owned(),
            Unexpected::Bool(flag) => flag.to_string(),
            Unexpected::Signed(number) => number.to_string(),
            Unexpected::Other(other) => other.to_owned(),
            other => other.to_string(),
        };
        Self::of_key(format!("must be {expected}, not {found}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        let hint = match nearest(found, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("one of: {}", known.join(", ")),
        };
        Self::of_key(format!("can't be \"{found}\" ({hint})"))
    }

    fn unknown_field(word: &str, known: &'static [&'static str]) -> Self {
        Self::unknown_word(word, "this table", known)
    }

    fn missing_field(word: &'static str) -> Self {
        Self::of_key(format!("needs `{word}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant() {
        let words = ["from", "format", "required", "map", "max"];
        assert_eq!(nearest("form", words), Some("from"));
        assert_eq!(nearest("formt", words), Some("format"));
        assert_eq!(nearest("requird", words), Some("required"));
        assert_eq!(nearest("colour", words), None);
        assert_eq!(nearest("kye", ["base", "key"]), Some("key"));
        assert_eq!(nearest("zzz", ["base", "key"]), None);
    }
}
