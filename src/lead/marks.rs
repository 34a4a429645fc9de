//! Marks that nobody sees in a cell: what a word processor, a chat or a page left
//! there. A joiner that a script or a picture needs is none.

use std::borrow::Cow;

use super::text::is_invisible;

/// A hyphen that breaks no line, as Word writes it; its optional one (U+001F) shows
/// nothing.
const WORDS_HYPHEN: char = '\u{1e}';

/// The cell without such marks; borrowed where there are none.
pub fn without_marks(cell: &str) -> Cow<'_, str> {
    let is_suspect = |letter: char| is_invisible(letter) || is_control(letter);
    if !cell.chars().any(is_suspect) {
        return Cow::Borrowed(cell);
    }
    let letters: Vec<char> = cell.chars().collect();
    let mut text = String::with_capacity(cell.len());
    for (at, &letter) in letters.iter().enumerate() {
        let before = text.chars().next_back();
        let after = letters[at + 1..]
            .iter()
            .copied()
            .find(|next| !is_control(*next));
        match letter {
            WORDS_HYPHEN => text.push('-'),
            _ if is_suspect(letter) && !is_needed(before, letter, after) => {}
            _ => text.push(letter),
        }
    }
    match text == cell {
        true => Cow::Borrowed(cell),
        false => Cow::Owned(text),
    }
}

/// What no keyboard writes into a cell. White space is none, nor are the signs that
/// another encoding has there (U+0080 to U+009F).
fn is_control(letter: char) -> bool {
    letter == '\u{7f}' || letter < ' ' && !matches!(letter, '\t'..='\r')
}

fn is_needed(before: Option<char>, letter: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    let both = |test: fn(char) -> bool| test(before) && after.is_some_and(test);
    match letter {
        '\u{200c}' => both(is_joined),
        '\u{200d}' => both(is_joined) || both(is_picture),
        '\u{180e}' => both(|letter| matches!(letter, '\u{1800}'..='\u{18af}')),
        // The letters of a country's part, after a flag.
        '\u{e0020}'..='\u{e007f}' => {
            matches!(before, '\u{1f3f4}' | '\u{e0020}'..='\u{e007e}')
        }
        _ => false,
    }
}

/// A letter of a script that joins its letters: from Arabic to those of India, of
/// South-East Asia and of Mongolia.
fn is_joined(letter: char) -> bool {
    matches!(letter,
        '\u{600}'..='\u{109f}' | '\u{1700}'..='\u{18af}' | '\u{1a20}'..='\u{1bff}'
        | '\u{a800}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

/// A picture, its colour or its form.
fn is_picture(letter: char) -> bool {
    matches!(letter, '\u{fe0f}' | '\u{20e3}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_out() {
        for (cell, text) in [
            ("\u{feff}Martin", "Martin"),
            ("Mar\u{200b}tin", "Martin"),
            ("\u{200e}Martin\u{200f}", "Martin"),
            ("Mar\u{ad}tin", "Martin"),
            ("Mar\u{1f}tin", "Martin"),
            ("Jean\u{1e}Pierre", "Jean-Pierre"),
            ("\u{202a}+33639980001\u{202c}", "+33639980001"),
            ("a\u{2060}@example.fr\u{3}", "a@example.fr"),
            ("L\u{200d}éa \u{200c}", "Léa "),
            ("\u{200b}", ""),
        ] {
            assert_eq!(without_marks(cell), text, "{cell:?}");
        }
    }

    #[test]
    fn what_a_script_or_a_picture_needs_stays() {
        for cell in [
            "Éva\tMüller\r\n",
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "\u{915}\u{94d}\u{200d}\u{937}",
            "👨\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "👩🏽\u{200d}💻",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        ] {
            assert!(matches!(without_marks(cell), Cow::Borrowed(_)), "{cell}");
        }
    }
}
