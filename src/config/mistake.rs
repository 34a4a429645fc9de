//! A mistake in a TOML file: where, what, and what was probably meant.

use std::fmt::{self, Display};

use serde::de::{self, Unexpected};

use super::document::{Documents, Node, OF_A_LEAD, Place, address};
use crate::words::say;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub place: Place,
    /// What is wrong, and in parentheses what to write instead.
    pub message: String,
}

impl Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// Where mistakes are collected, so that all of a file's are told at once.
pub struct Mistakes<'d> {
    pub documents: &'d Documents,
    pub found: Vec<Mistake>,
}

impl<'d> Mistakes<'d> {
    pub fn new(documents: &'d Documents) -> Self {
        Self {
            documents,
            found: Vec::new(),
        }
    }

    /// What is wrong with what stands at this offset.
    pub fn add(&mut self, offset: usize, message: impl Into<String>) {
        let mistake = Mistake {
            place: self.documents.place(offset),
            message: message.into(),
        };
        // Two destinations may share the line that is wrong: told once.
        if !self.found.contains(&mistake) {
            self.found.push(mistake);
        }
    }

    /// The same with what to write instead.
    pub fn hint(&mut self, node: &Node<'_>, message: impl Display, hint: impl Display) {
        self.add(node.span().start, format!("{message} ({hint})"));
    }
}

/// "did you mean …?", where a known word is near; else what is to be said.
pub fn meant<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    quote: char,
    otherwise: impl Into<String>,
) -> String {
    match nearest(word, known) {
        Some(near) if quote == '`' => say!("mistake-meant-word", near),
        Some(near) => say!("mistake-meant-name", near),
        None => otherwise.into(),
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

/// What to write in place of a word that a table doesn't have.
pub fn instead_of(word: &str, known: &[&str]) -> String {
    let shown = known.iter().filter(|word| !word.starts_with('('));
    let shown: Vec<&str> = shown.copied().collect();
    let all = say!("mistake-known-words", words = shown.join(", "));
    match word {
        // Whoever appends it writes it into the last table.
        "ledger" => say!("mistake-ledger-elsewhere"),
        "headers" if known.contains(&"columns") => say!("mistake-called-columns"),
        "same" if known.contains(&"by_email") => say!("mistake-called-echo"),
        _ => meant(word, shown, '`', all),
    }
}

/// What is wrong with where a rule's words say that its value comes from, and which
/// word is: it is one value, of one source, and a template is made of its own fields.
pub fn wrong_source<'w>(words: &[&'w str]) -> Option<(Option<&'w str>, String)> {
    let has = |word: &str| words.contains(&word);
    let first = |wrong: &dyn Fn(&str) -> bool| words.iter().find(|it| wrong(it)).copied();
    if has("value") {
        let beside = first(&|it| OF_A_LEAD.contains(&it));
        return beside.map(|word| (Some(word), say!("mistake-beside-value")));
    } else if has("template") {
        let beside = first(&|it| ["from", "columns"].contains(&it));
        return beside.map(|word| (Some(word), say!("mistake-beside-template")));
    }
    (!has("from")).then(|| (None, say!("mistake-no-source")))
}

/// Why a value can't be read, and which.
#[derive(Debug)]
pub struct ReadError {
    pub message: String,
    /// The message goes on after the key.
    of_key: bool,
    /// The innermost value that it went through: its address and its offset.
    pub at: Option<(usize, usize)>,
}

impl ReadError {
    /// What a key must be, can't be, needs…
    pub fn of_key(message: impl Into<String>) -> Self {
        let message = message.into();
        let of_key = true;
        Self {
            message,
            of_key,
            at: None,
        }
    }

    /// It is about this value, unless about one inside.
    #[must_use]
    pub fn within(mut self, key: &str, node: &Node<'_>) -> Self {
        if self.at.is_none() {
            if self.of_key {
                self.message = format!("`{key}` {}", self.message);
            }
            self.at = Some((address(node), node.span().start));
        }
        self
    }
}

impl Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: Display>(message: T) -> Self {
        Self {
            message: message.to_string(),
            of_key: false,
            at: None,
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let (expected, found) = (expected.to_string(), found.to_string());
        Self::of_key(say!("mistake-must-be", expected, found))
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        let all = say!("mistake-one-of", words = known.join(", "));
        let hint = meant(found, known.iter().copied(), '"', all);
        Self::of_key(say!("mistake-cant-be", found, hint))
    }

    fn missing_field(word: &'static str) -> Self {
        Self::of_key(say!("mistake-needs", word))
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
