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

/// One step down a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Item(usize),
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

/// A word of [leadctl] that whoever appends it writes into the last table.
const LEDGER: &str = "ledger";
/// Words that had another name before, with the table in which they stood.
const RENAMED: [(&str, &str, &str); 1] = [("a field", "headers", "columns")];

/// Why a value can't be read, and where: the innermost step comes first.
#[derive(Debug)]
pub struct Refusal {
    pub path: Vec<Step>,
    pub fault: Fault,
}

#[derive(Debug)]
pub enum Fault {
    /// Another type was asked for.
    Type {
        expected: String,
        found: String,
    },
    /// One of a few words was asked for.
    Choice {
        found: String,
        known: Vec<&'static str>,
    },
    /// A table has a word that means nothing there.
    Unknown {
        word: String,
        of: &'static str,
        known: Vec<&'static str>,
    },
    Missing(&'static str),
    /// What the value's own type said.
    Said(String),
}

impl Refusal {
    pub fn new(fault: Fault) -> Self {
        Self {
            path: Vec::new(),
            fault,
        }
    }

    pub fn under(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }

    fn in_words(&self) -> String {
        let mut steps = self.path.iter().rev();
        let key = steps.find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item(_) => None,
        });
        let key = key.unwrap_or("this table");
        match &self.fault {
            Fault::Type { expected, found } => format!("`{key}` must be {expected}, not {found}"),
            Fault::Choice { found, known } => {
                let hint = match nearest(found, known.iter().copied()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("one of: {}", known.join(", ")),
                };
                format!("`{key}` can't be \"{found}\" ({hint})")
            }
            Fault::Unknown { word, of, known } => {
                let renamed = RENAMED
                    .iter()
                    .find(|(table, old, _)| table == of && old == word);
                let hint = match (nearest(word, known.iter().copied()), renamed) {
                    _ if word == LEDGER => {
                        "it stands in a table of its own, at the top of the file: [leadctl]"
                            .to_owned()
                    }
                    (_, Some((_, _, new))) => format!("it is called `{new}` now"),
                    (Some(near), None) => format!("did you mean `{near}`?"),
                    (None, None) => format!("the words are: {}", known.join(", ")),
                };
                format!("`{word}` is not a word of {of} ({hint})")
            }
            Fault::Missing(word) => format!("`{key}` needs `{word}`"),
            Fault::Said(message) => message.clone(),
        }
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words())
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(Fault::Said(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(Fault::Type {
            expected: expected.to_string(),
            found: match found {
                Unexpected::Str(text) => format!("the text \"{text}\""),
                Unexpected::Seq => "a list".to_owned(),
                Unexpected::Map => "a table".to_owned(),
                Unexpected::Bool(flag) => flag.to_string(),
                Unexpected::Signed(number) => number.to_string(),
                Unexpected::Other(other) => other.to_owned(),
                other => other.to_string(),
            },
        })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::new(Fault::Choice {
            found: found.to_owned(),
            known: known.to_vec(),
        })
    }

    fn unknown_field(word: &str, known: &'static [&'static str]) -> Self {
        Self::new(Fault::Unknown {
            word: word.to_owned(),
            of: "this table",
            known: known.to_vec(),
        })
    }

    fn missing_field(word: &'static str) -> Self {
        Self::new(Fault::Missing(word))
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
