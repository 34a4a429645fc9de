//! A mistake in a TOML file: where, what, and what was probably meant.

use std::fmt;

use super::place::Place;

#[derive(Debug, Clone)]
pub struct Mistake {
    pub place: Place,
    pub message: String,
    /// What was probably meant, or what to write.
    pub hint: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line } = &self.place;
        match line {
            0 => write!(f, "{file}: {}", self.message)?,
            _ => write!(f, "{file}:{line}: {}", self.message)?,
        }
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
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
