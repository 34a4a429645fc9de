//! The tables and choices of words that the vocabulary consists of, as far as they are
//! known: which is to be asked about next.

use serde_json::{Value as Json, json};

/// Texts to give where one is asked for: where only some are taken, one of these is.
const SAMPLES: [&str; 6] = ["/a", "1-4", "55/min", "30s", "A", "status"];
/// A word that is asked for so often and takes none of them holds anything.
const TRIES: usize = 3 * SAMPLES.len();

/// What was taken down so far.
#[derive(Default)]
pub struct Book {
    /// In the order in which they were met.
    pub types: Vec<Type>,
    /// How often the types were asked.
    pub round: usize,
}

/// A table or a choice of words.
pub struct Type {
    /// Its own name, in letters and dashes.
    pub key: String,
    pub name: String,
    pub is_choice: bool,
    pub words: Vec<Word>,
}

pub struct Word {
    pub word: &'static str,
    /// As a schema, in which `list`, `several`, `names` and `pair` are still to be drawn; null:
    /// nothing but itself.
    pub holds: Option<Json>,
    asked: usize,
}

impl Type {
    /// What refers to it.
    pub fn reference(&self) -> Json {
        json!({ "$ref": format!("#/definitions/{}", self.key) })
    }
}

impl Book {
    /// The type that is referred to.
    pub fn find(&self, reference: &Json) -> Option<&Type> {
        let mut types = self.types.iter();
        types.find(|known| known.reference() == *reference)
    }

    /// Is something unknown of what is referred to here?
    pub fn is_open(&self, holds: &Json, depth: usize) -> bool {
        match holds {
            // A type that holds itself is known already.
            _ if depth > 40 => false,
            Json::Array(items) => items.iter().any(|item| self.is_open(item, depth + 1)),
            Json::Object(parts) if parts.contains_key("$ref") => {
                let known = self.find(holds);
                let mut words = known.iter().flat_map(|known| &known.words);
                words.any(|word| self.is_word_open(word, depth))
            }
            Json::Object(parts) => parts.values().any(|part| self.is_open(part, depth + 1)),
            _ => false,
        }
    }

    fn is_word_open(&self, word: &Word, depth: usize) -> bool {
        match &word.holds {
            None => word.asked < TRIES,
            Some(holds) => self.is_open(holds, depth + 1),
        }
    }

    /// The type, and which of its words to ask about next: an unknown one first.
    pub fn next(&mut self, name: &str, words: &[&'static str], is_choice: bool) -> Place {
        let is_it = |known: &Type| {
            known.name == name
                && known
                    .words
                    .iter()
                    .map(|it| it.word)
                    .eq(words.iter().copied())
        };
        let known = self.types.iter().position(is_it);
        let at = known.unwrap_or_else(|| self.add(name, words, is_choice));
        let words = self.types[at].words.iter().enumerate();
        let open = words.filter(|(_, word)| self.is_word_open(word, 0));
        let next = open.min_by_key(|(_, word)| (word.holds.is_some(), word.asked));
        let word = next.map(|(word, _)| word);
        if let Some(word) = word {
            self.types[at].words[word].asked += 1;
        }
        Place { at, word }
    }

    fn add(&mut self, name: &str, words: &[&'static str], is_choice: bool) -> usize {
        let letters = name.split(|letter: char| !letter.is_ascii_alphanumeric());
        let parts: Vec<&str> = letters.filter(|part| !part.is_empty()).collect();
        let namesakes = self.types.iter().filter(|known| known.name == name).count();
        let key = parts.join("-");
        let word = |word: &&'static str| Word {
            word,
            holds: None,
            asked: 0,
        };
        self.types.push(Type {
            key: match namesakes {
                0 => key,
                more => format!("{key}-{}", more + 1),
            },
            name: name.to_owned(),
            is_choice,
            words: words.iter().map(word).collect(),
        });
        self.types.len() - 1
    }

    pub fn note(&mut self, place: Place, holds: Option<Json>) {
        if let Some(word) = place.word {
            let word = &mut self.types[place.at].words[word];
            word.holds = holds.or(word.holds.take());
        }
    }

    /// A text to give. Their order moves on by one each time round, so that no word
    /// whose turn comes at even distances meets the same one again and again.
    pub fn sample(&self) -> &'static str {
        let turns = self.round / SAMPLES.len();
        SAMPLES[(self.round + turns) % SAMPLES.len()]
    }
}

/// A type, and the word of it that is asked about; `None`: all are known.
#[derive(Clone, Copy)]
pub struct Place {
    pub at: usize,
    pub word: Option<usize>,
}
