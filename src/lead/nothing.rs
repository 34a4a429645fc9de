//! Words that stand for nothing: what a database, a program or a person writes into
//! a cell that has no value. Some of them are names too.

use std::collections::BTreeSet;

use super::text::{fold, is_one_of};

/// What a column may hold, as far as words for nothing go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellKind {
    /// A value of its own form, which no word is: an address, a number, a date.
    Formed,
    /// Whose name it is: Jennifer Null is somebody.
    Name,
    #[default]
    Other,
}

/// How sure it is that a cell holds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    Certain,
    /// It may as well be a name.
    Perhaps,
}

const FORMED: &str = "email|email2|phone|phone2|zip|siret|naf|id|id_client|created_at|country|title|\
    street_number|employees|consent";
const NAMES: &str = "first_name|last_name|full_name";

/// No name, in any case of letters.
const ALWAYS: [&str; 4] = ["undefined", "n/a", "#n/a", "#n/a n/a"];
/// As they stand: they may be a word or a name. Where another column of the same
/// input, whose values they can't be, has the same word, its writer means nothing.
const AMBIGUOUS: [&str; 11] = [
    "NULL", "null", "Null", "None", "none", "NONE", "nil", "Nil", "NIL", "nan", "NAN",
];
/// Between brackets.
const BRACKETED: &str = "vide|vides|blank|blanks|empty|null|none|nil|not set|not provided|\
    non renseigne|non defini|aucun";
/// What people and forms write; of an answer it may be one.
const PHRASES: &str = "non renseigne|non renseignee|non communique|non communiquee|non defini|\
    not provided|not specified|not set";
/// Bytes that such a word has at most.
const LONGEST: usize = 24;

impl CellKind {
    /// What the column of a lead field holds.
    pub fn of_field(field: Option<&str>) -> Self {
        match field {
            Some(field) if is_one_of(FORMED, field) => Self::Formed,
            Some(field) if is_one_of(NAMES, field) => Self::Name,
            _ => Self::Other,
        }
    }
}

/// Whether a word is one that only its input can make certain.
pub fn is_ambiguous(cell: &str) -> bool {
    AMBIGUOUS.contains(&cell.trim())
}

/// Does this cell hold nothing? `known`: ambiguous words that stand for nothing in
/// its input.
pub fn nothing(cell: &str, kind: CellKind, known: &BTreeSet<String>) -> Option<Nothing> {
    let word = cell.trim();
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    if is_certain(word, kind) || known.contains(word) {
        return Some(Nothing::Certain);
    }
    match kind {
        _ if !AMBIGUOUS.contains(&word) => None,
        CellKind::Formed => Some(Nothing::Certain),
        CellKind::Name => Some(Nothing::Perhaps),
        CellKind::Other => matches!(word, "NULL" | "null").then_some(Nothing::Certain),
    }
}

fn is_certain(word: &str, kind: CellKind) -> bool {
    let is_dash = |letter| matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '_');
    let inner = || {
        let pairs = [('(', ')'), ('[', ']'), ('<', '>')].into_iter();
        let mut inner =
            pairs.filter_map(|(open, close)| word.strip_prefix(open)?.strip_suffix(close));
        inner.next()
    };
    let is_phrase = || kind != CellKind::Other && is_one_of(PHRASES, &fold(word));
    match word.as_bytes()[0] {
        b'\\' => word == "\\N",
        b'(' | b'[' | b'<' => inner().is_some_and(|inner| is_one_of(BRACKETED, &fold(inner))),
        b'#' | b'n' | b'N' | b'u' | b'U' => {
            let same = |known: &&str| word.eq_ignore_ascii_case(known);
            word == "NaN" || ALWAYS.iter().any(same) || is_phrase()
        }
        b'.' | b'/' => matches!(word, "." | "..." | "/"),
        _ => word.chars().all(is_dash),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(cell: &str, kind: CellKind) -> Option<Nothing> {
        nothing(cell, kind, &BTreeSet::new())
    }

    #[test]
    fn words_that_are_no_value_anywhere() {
        for cell in [
            "undefined",
            "N/A",
            "n/a",
            "#N/A",
            "\\N",
            "NaN",
            "-",
            " — ",
            "--",
            "(vide)",
            "[null]",
            "<null>",
            "(blank)",
            "(non renseigné)",
        ] {
            for kind in [CellKind::Formed, CellKind::Name, CellKind::Other] {
                assert_eq!(found(cell, kind), Some(Nothing::Certain), "{cell}");
            }
        }
        assert_eq!(
            found("Non renseigné", CellKind::Name),
            Some(Nothing::Certain)
        );
        assert_eq!(found("Non renseigné", CellKind::Other), None);
    }

    #[test]
    fn a_name_is_a_name_until_its_input_says_otherwise() {
        for cell in ["Null", "NULL", "None", "nan", "Nil"] {
            assert_eq!(
                found(cell, CellKind::Name),
                Some(Nothing::Perhaps),
                "{cell}"
            );
            assert_eq!(
                found(cell, CellKind::Formed),
                Some(Nothing::Certain),
                "{cell}"
            );
            let known = BTreeSet::from([cell.to_owned()]);
            let found = nothing(cell, CellKind::Name, &known);
            assert_eq!(found, Some(Nothing::Certain), "{cell}");
        }
        // An answer to a question.
        assert_eq!(found("None", CellKind::Other), None);
        assert_eq!(found("null", CellKind::Other), Some(Nothing::Certain));
    }

    #[test]
    fn values_are_left_alone() {
        for cell in [
            "",
            " ",
            "Nan Li",
            "Nulle",
            "Nonette",
            "0",
            "-5",
            "1/2",
            "Nathan",
            "NA",
            "(06)",
            "#1",
            "\\n",
            "M.",
            "Unterlinden",
            "<vide",
            "non",
        ] {
            for kind in [CellKind::Formed, CellKind::Name, CellKind::Other] {
                assert_eq!(found(cell, kind), None, "{cell}");
            }
        }
    }
}
