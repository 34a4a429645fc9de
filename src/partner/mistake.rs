//! A mistake in a TOML file: where, what, and what was probably meant.

use std::fmt;

use super::tree::Place;

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

/// From 0 to 1. One slip of the finger in a short word (`kye`) is a likeness too.
fn likeness(word: &str, candidate: &str) -> f64 {
    let letters = word.chars().count().min(candidate.chars().count());
    let slip = letters >= 3 && strsim::osa_distance(word, candidate) == 1;
    let alike = strsim::jaro_winkler(word, candidate);
    if slip { alike.max(0.9) } else { alike }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let known = ["key", "base", "fields", "auth"];
        for (word, meant) in [("kye", "key"), ("feilds", "fields"), ("bas", "base")] {
            assert_eq!(nearest(word, known), Some(meant), "{word}");
        }
        for word in ["zzz", "colour", "k"] {
            assert_eq!(nearest(word, known), None, "{word}");
        }
    }
}
