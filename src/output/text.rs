//! Text made safe and measured for a terminal: what a partner or a file says
//! can neither move the cursor nor break a column.

use std::borrow::Cow;

use memchr::{memchr, memrchr};
use unicode_width::UnicodeWidthChar;

use crate::lead::text::is_invisible;

/// `text` on one line: every control character becomes a space, runs of spaces
/// become one, and none is left at the ends.
pub fn clean(text: &str) -> Cow<'_, str> {
    let text = match harmless(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(' ')),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(' ').to_owned()),
    };
    if !text.contains("  ") {
        return text;
    }
    let words = text.split(' ').filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// `text` with every control character made a space and nothing else changed,
/// so that what was aligned stays aligned.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(is_unsafe, " "))
}

/// The first line of `text` without its end, and what follows: as `lines`
/// parts them, and faster.
pub fn first_line(text: &str) -> (&str, &str) {
    match memchr(b'\n', text.as_bytes()) {
        Some(end) => {
            let line = &text[..end];
            (line.strip_suffix('\r').unwrap_or(line), &text[end + 1..])
        }
        None => (text, ""),
    }
}

/// Bytes of the lines at the start of `text` that are seen at a glance to be
/// harmless, ends included: most lines of most texts.
pub fn harmless_lines(text: &str) -> usize {
    let bytes = text.as_bytes();
    let end = bytes.iter().position(begins_unsafe).unwrap_or(bytes.len());
    memrchr(b'\n', &bytes[..end]).map_or(0, |last| last + 1)
}

/// A control that doesn't end a line, or what unsafe characters begin with in
/// UTF-8; letters of French do not.
fn begins_unsafe(byte: &u8) -> bool {
    matches!(byte, 0..=0x09 | 0x0b..=0x1f | 0x7f | 0xc2 | 0xcd | 0xd8 | 0xe1..)
}

/// Controls, ends of lines, and the marks that reorder or hide text.
fn is_unsafe(c: char) -> bool {
    c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Terminal columns that `text` takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// `text` in at most `columns` columns; what is lost at the end shows as `…`.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let (head, _) = split(text, columns.saturating_sub(1));
    Cow::Owned(format!("{}…", head.trim_end()))
}

/// Like [`cut`], but loses the beginning: for `folder/file.csv:12`.
pub fn cut_start(text: &str, columns: usize) -> Cow<'_, str> {
    let whole = width(text);
    if whole <= columns {
        return Cow::Borrowed(text);
    }
    let mut lost = 0;
    let tail = text.char_indices().find(|&(_, c)| {
        let enough = whole - lost < columns && char_width(c) > 0;
        lost += char_width(c);
        enough
    });
    Cow::Owned(format!("…{}", tail.map_or("", |(at, _)| &text[at..])))
}

/// `text` followed by the spaces that make it `columns` wide; never cut.
pub fn pad(text: &str, columns: usize) -> String {
    let mut padded = text.to_owned();
    let missing = columns.saturating_sub(width(text));
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// Cuts `text` where `columns` are filled, keeping accents with their letter.
fn split(text: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += char_width(c);
        if used > columns {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// `text` in lines of at most `columns`, broken at spaces, and inside a word
/// only where the word alone is wider. An empty text is one empty line.
pub fn wrap(text: &str, columns: usize) -> Vec<&str> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    let mut rest = text;
    while width(rest) > columns {
        let (head, tail) = split(rest, columns);
        // The space that ends a full line may be the first of the tail.
        let at = match head.rfind(' ') {
            _ if tail.starts_with(' ') => head.len(),
            Some(space) if space > 0 => space,
            _ => head.len(),
        };
        lines.push(rest[..at].trim_end_matches(' '));
        rest = rest[at..].trim_start_matches(' ');
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest);
    }
    lines
}

/// `1 lead`, `2 leads`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_single_spaces() {
        assert_eq!(clean("a\u{1b}[31mb\r\n\tc\u{7f}\u{9b}d"), "a [31mb c d");
        assert_eq!(clean("\u{202e}abc\u{200b}\u{feff}def\u{2066}"), "abc def");
        assert_eq!(clean("  Élodie   N'Guyen "), "Élodie N'Guyen");
        assert!(matches!(clean("plain"), Cow::Borrowed("plain")));
        assert_eq!(harmless("a  \u{1b} b"), "a    b");
    }

    #[test]
    fn no_unsafe_character_passes_by() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let unsafe_here = c != '\n' && is_unsafe(c);
            for text in [
                format!("one\nt{c}o\n"),
                format!("one\n       {c}é\nthree\n"),
            ] {
                let sound = harmless_lines(&text);
                assert!(sound <= 4 || sound == text.len() && !unsafe_here, "{c:?}");
            }
        }
        let french = "Élodie N'Guyen\nœuvre à Orléans, où ?\n";
        assert_eq!(harmless_lines(french), french.len());
        assert_eq!(harmless_lines("no end"), 0);
    }

    #[test]
    fn cut_counts_columns_and_not_bytes() {
        assert_eq!(cut("Élodie", 6), "Élodie");
        assert_eq!(cut("Élodie", 5), "Élod…");
        assert_eq!(cut("株式会社テスト", 7), "株式会…");
        assert_eq!(cut("株式会社テスト", 6), "株式…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("Jean Dupont", 6), "Jean…");
    }

    #[test]
    fn cut_start_keeps_the_end() {
        assert_eq!(cut_start("leads.csv:12", 12), "leads.csv:12");
        assert_eq!(cut_start("leads-november.csv:12", 10), "…er.csv:12");
        assert_eq!(cut_start("株式会社", 4), "…社");
    }

    #[test]
    fn pad_counts_columns() {
        assert_eq!(pad("é", 3), "é  ");
        assert_eq!(pad("社", 3), "社 ");
        assert_eq!(pad("long", 2), "long");
    }

    #[test]
    fn wrap_breaks_at_spaces_and_loses_no_word() {
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("株式会社", 5), ["株式", "会社"]);
        assert_eq!(wrap("社社", 1), ["社", "社"]);
    }
}
