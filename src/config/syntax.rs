//! What is no TOML: the parser's words for it in those of our readers.

use std::ops::Range;

use toml::de::DeTable;

use crate::words::say;

/// What is wrong at `span` of `text`. `parser`: what the parser says of it; `line_of`:
/// the line that an offset is in.
pub fn mistake(
    text: &str,
    span: Range<usize>,
    parser: &str,
    line_of: impl Fn(usize) -> usize,
) -> String {
    let word = word_at(text, span.start);
    let mistake = match parser.starts_with("invalid boolean") && !is_nearly_boolean(word) {
        true => say!("toml-unquoted"),
        false => in_words(parser.replace('\n', ", ")),
    };
    let key = text.get(span.clone()).unwrap_or_default();
    let before = text.get(..span.start).unwrap_or_default();
    // Windows' paths, of which TOML reads `\` as a sign of its own.
    let value = before.rsplit('"').next().unwrap_or_default();
    if value.contains('\\') || key.contains('\\') {
        return say!("mistake-backslash", mistake);
    }
    let lines_before = &before[..before.rfind('\n').unwrap_or(0)];
    let (before, _) = DeTable::parse_recoverable(lines_before);
    match last_of_name(before.get_ref(), key) {
        Some(first) => say!("mistake-twice", mistake, key, line = line_of(first)),
        None => mistake,
    }
}

/// The word of which this is a place.
fn word_at(text: &str, place: usize) -> &str {
    let is_end = |c: char| !c.is_alphanumeric();
    let (before, after) = text.split_at_checked(place).unwrap_or((text, ""));
    let start = before.rfind(is_end).map_or(0, |at| {
        at + before[at..].chars().next().map_or(0, char::len_utf8)
    });
    let end = place + after.find(is_end).unwrap_or(after.len());
    text.get(start..end).unwrap_or_default()
}

/// The parser takes every word that begins with `t` or `f` for one.
fn is_nearly_boolean(word: &str) -> bool {
    let word = word.to_lowercase();
    let is_near = |it: &&str| strsim::osa_distance(&word, it) <= 1;
    ["true", "false"].iter().any(is_near)
}

/// The slips that are made most; of others the parser's own words stay.
fn in_words(parser: String) -> String {
    match &*parser {
        "string values must be quoted, expected literal string" => say!("toml-unquoted"),
        "invalid basic string, expected `\"`" => say!("toml-open-text"),
        "invalid literal string, expected `'`" => say!("toml-open-literal"),
        "unclosed table, expected `]`" => say!("toml-open-heading"),
        "unclosed array, expected `]`" => say!("toml-open-list"),
        "unclosed inline table, expected `}`" => say!("toml-open-table"),
        "key with no value, expected `=`" => say!("toml-no-value"),
        "unexpected key or value, expected newline, `#`" => say!("toml-too-much"),
        "invalid unquoted key, expected letters, numbers, `-`, `_`" => say!("toml-key-letters"),
        "unquoted keys cannot be empty, expected letters, numbers, `-`, `_`" => {
            say!("toml-empty-key")
        }
        "extra assignment between key-value pairs, expected `,`" => say!("toml-no-comma"),
        "extra comma in array, expected value" => say!("toml-extra-comma"),
        "invalid boolean, expected `true`" => say!("toml-true"),
        "invalid boolean, expected `false`" => say!("toml-false"),
        "missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\\`, `\"`, `x`, `u`, `U`" => {
            say!("toml-backslash")
        }
        "too few unicode value digits, expected unicode hexadecimal value" => {
            say!("toml-backslash-u")
        }
        "duplicate key" => say!("toml-duplicate"),
        _ => say!("toml-other", parser),
    }
}

/// Where the last key of this name stands.
fn last_of_name(table: &DeTable<'_>, name: &str) -> Option<usize> {
    let places = table.iter().map(|(key, node)| {
        let own = (key.get_ref() == name).then_some(key.span().start);
        let inside = node.get_ref().as_table();
        own.max(inside.and_then(|table| last_of_name(table, name)))
    });
    places.max().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new version of the parser may say it otherwise.
    #[test]
    fn the_slips_that_are_made_most_are_told_in_our_words() {
        for slip in [
            "a = oui",
            "a = \"b",
            "a = 'b",
            "[x",
            "a = [1",
            "a = { b = 1",
            "a : 1",
            "a = 1 b = 2",
            "é = 1",
            "= 1",
            "a = { b = 1 c = 2 }",
            "a = [1,,2]",
            "a = True",
            "a = False",
            "a = 1\na = 2",
            r#"a = "C:\leads""#,
            r#"a = "C:\Users""#,
        ] {
            let told = DeTable::parse(slip).unwrap_err();
            let parser = told.message().replace('\n', ", ");
            let file = include_str!("syntax.rs");
            assert!(file.contains(&format!("{parser:?} =>")), "{slip}: {parser}");
        }
    }
}
