//! Text: made comparable, made plain for patterns that know only ASCII signs,
//! made harmless for a terminal. Knows no field and no partner.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::words::say;

/// `text` in lower case, without accents (œ→oe, æ→ae, ß→ss); every run of
/// characters that are neither letter nor digit becomes one space, and none
/// stands at either end. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        for letter in text.chars() {
            push_folded(&mut folded, letter.to_ascii_lowercase());
        }
    } else {
        let letters = text.nfkd().flat_map(char::to_lowercase);
        for letter in letters.filter(|letter| !is_combining_mark(*letter)) {
            push_folded(&mut folded, letter);
        }
    }
    folded.truncate(folded.trim_end_matches(' ').len());
    folded
}

fn push_folded(folded: &mut String, letter: char) {
    match letter {
        'œ' => folded.push_str("oe"),
        'æ' => folded.push_str("ae"),
        'ß' => folded.push_str("ss"),
        'ø' => folded.push('o'),
        'ł' => folded.push('l'),
        _ if letter.is_alphanumeric() => folded.push(letter),
        _ if folded.is_empty() || folded.ends_with(' ') => {}
        _ => folded.push(' '),
    }
}

/// [`fold`] without its spaces: `E-mail`, `e mail` and `Email` are one header.
pub fn squeeze(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|letter| letter != ' ');
    folded
}

/// `raw` with typographic apostrophes, quotes, dashes and spaces turned into
/// those of a keyboard, invisible marks dropped and letters composed (NFC);
/// and whether that changed anything.
pub fn plain(raw: &str) -> (Cow<'_, str>, bool) {
    if raw.is_ascii() || (is_nfc(raw) && !raw.chars().any(|letter| plain_sign(letter).is_some())) {
        return (Cow::Borrowed(raw), false);
    }
    let mut signs = String::with_capacity(raw.len());
    // Composed before and after: some composed signs are typographic ones, and
    // a dropped mark may part a letter from its accent.
    for letter in raw.nfc() {
        match plain_sign(letter) {
            Some(sign) => signs.push_str(sign),
            None => signs.push(letter),
        }
    }
    (Cow::Owned(signs.nfc().collect()), true)
}

/// What stands on a keyboard for a typographic sign; `None` for what may stay.
fn plain_sign(letter: char) -> Option<&'static str> {
    match letter {
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2bc}' | '\u{b4}' | '\u{ff07}' => Some("'"),
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '«' | '»' | '\u{ff02}' => Some("\""),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => Some("-"),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some(" ")
        }
        '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => Some(""),
        _ => None,
    }
}

/// The digits of a SIRET or another long number, without the spaces, points
/// and dashes that part them; a leading zero stays. `None` where there is any
/// other character, or no digit at all.
pub fn digits(raw: &str) -> Option<String> {
    let is_gap = |letter: &char| {
        letter.is_whitespace()
            || is_invisible(*letter)
            || matches!(letter, '.' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    let letters = raw.chars().filter(|letter| !is_gap(letter));
    let digits: Option<String> = letters.map(ascii_digit).collect();
    digits.filter(|digits| !digits.is_empty())
}

/// The ASCII digit that `letter` stands for, also full-width and Arabic ones.
pub fn ascii_digit(letter: char) -> Option<char> {
    let zero = match letter {
        '0'..='9' => return Some(letter),
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        _ => return None,
    };
    char::from_digit(u32::from(letter) - zero, 10)
}

/// Whether a word is one of these, between which `|` stands.
pub fn is_one_of(words: &str, word: &str) -> bool {
    words.split('|').any(|one| one == word)
}

/// Nothing but white space, no-break spaces included.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// Without the white space and the invisible marks at both ends.
pub fn trim(raw: &str) -> &str {
    raw.trim_matches(|letter: char| letter.is_whitespace() || is_invisible(letter))
}

/// Marks without width, and those that turn the direction of what follows:
/// they show nothing and can make one text look like another.
pub fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Untrusted text made fit for a terminal: controls, line and direction marks
/// become spaces, white space is squeezed but for no-break spaces, and what exceeds
/// `max_chars` characters is cut with `…` (counted).
pub fn clean(text: &str, max_chars: usize) -> String {
    let is_gap = |letter: char| {
        let is_kept = matches!(letter, '\u{a0}' | '\u{202f}');
        letter.is_control() || is_invisible(letter) || letter.is_whitespace() && !is_kept
    };
    let words: Vec<&str> = text.split(is_gap).filter(|word| !word.is_empty()).collect();
    let mut clean = words.join(" ");
    if clean.chars().count() > max_chars {
        let room = max_chars.saturating_sub(1);
        let end = clean.char_indices().nth(room).map_or(0, |(at, _)| at);
        clean.truncate(clean[..end].trim_end().len());
        clean.push_str(if max_chars > 0 { "…" } else { "" });
    }
    clean
}

/// `a`, `a and b`, `a, b and c`.
pub fn all_of<T: AsRef<str>>(items: &[T]) -> String {
    listed(items, |items, last| say!("list-and", items, last))
}

/// `a`, `a or b`, `a, b or c`.
pub fn one_of<T: AsRef<str>>(items: &[T]) -> String {
    listed(items, |items, last| say!("list-or", items, last))
}

fn listed<T: AsRef<str>>(items: &[T], ended: impl Fn(&str, &str) -> String) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [others @ .., last] => ended(&others.join(", "), last),
    }
}

/// `a; b; c`: what is said one after the other.
pub fn said_together<T: AsRef<str>>(parts: &[T]) -> String {
    let parts = parts.iter().map(|part| part.as_ref().to_owned());
    let all = parts.reduce(|first, then| say!("list-together", first, then));
    all.unwrap_or_default()
}

/// `a: b`: what something is, or whose, and then what is said of it.
pub fn said_of(what: &str, said: &str) -> String {
    say!("of-said", what, said)
}

/// A value as it stands in a message: between quotes, cleaned, and short.
pub fn quoted(value: &str) -> String {
    in_quotes(&clean(value, 60))
}

/// A text between quotes, as it stands.
pub fn in_quotes(text: &str) -> String {
    say!("value-quoted", value = text)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
