//! Text: made plain for patterns that know only ASCII signs, and made harmless
//! for a terminal. Knows no field and no partner.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::octets::{holds, holds_below};

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
/// and dashes that part them; a leading zero stays.
///
/// # Errors
/// Any other character, or no digit at all, in words.
pub fn digits(raw: &str) -> Result<String, String> {
    let is_gap = |letter: char| {
        letter.is_whitespace()
            || is_invisible(letter)
            || matches!(letter, '.' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    let digits: Option<String> = raw
        .chars()
        .filter(|letter| !is_gap(*letter))
        .map(ascii_digit)
        .collect();
    digits
        .filter(|digits| !digits.is_empty())
        .ok_or_else(|| "is not made of digits only; write digits, spaces may part them".to_owned())
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

/// Nothing but white space, no-break spaces included.
#[inline]
pub fn is_blank(text: &str) -> bool {
    match text.as_bytes().first() {
        None => true,
        Some(first) if first.is_ascii_graphic() => false,
        Some(_) => text.chars().all(char::is_whitespace),
    }
}

/// Without the white space at both ends, no-break spaces included.
#[inline]
pub fn bare(raw: &str) -> &str {
    let ends = [raw.as_bytes().first(), raw.as_bytes().last()];
    if ends.iter().all(|end| end.is_some_and(u8::is_ascii_graphic)) {
        return raw;
    }
    raw.trim()
}

/// Without the white space and the invisible marks at both ends.
#[inline]
pub fn trim(raw: &str) -> &str {
    let ends = [raw.as_bytes().first(), raw.as_bytes().last()];
    if ends.iter().all(|end| end.is_some_and(u8::is_ascii_graphic)) {
        return raw;
    }
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
/// become spaces, white space is squeezed, and what exceeds `max_chars`
/// characters is cut with `…` (counted).
pub fn clean(text: &str, max_chars: usize) -> String {
    if let Some(clean) = clean_as_it_is(text, max_chars) {
        return clean.to_owned();
    }
    let mut clean = Cleaned::new(text, max_chars);
    let mut gap = false;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        // Plain letters are taken by the word, others one by one.
        let bytes = &rest.as_bytes()[..rest.len().min(clean.left().saturating_add(1))];
        let word = graphic(bytes);
        let (piece, after) = rest.split_at(word.max(letter.len_utf8()));
        rest = after;
        if word == 0 && (letter.is_control() || letter.is_whitespace() || is_invisible(letter)) {
            gap = clean.count > 0;
            continue;
        }
        let fits =
            (!std::mem::take(&mut gap) || clean.push(" ", 1)) && clean.push(piece, word.max(1));
        if !fits {
            return clean.cut();
        }
    }
    clean.text
}

/// So many bytes from the start are plain letters and signs.
fn graphic(bytes: &[u8]) -> usize {
    let (octets, _) = bytes.as_chunks::<8>();
    let plain = octets.iter().take_while(|octet| {
        let number = u64::from_le_bytes(**octet);
        octet.is_ascii() && !holds_below(number, b'!') && !holds(number, 0x7f)
    });
    let from = 8 * plain.count();
    let rest = bytes[from..].iter();
    from + rest.take_while(|byte| byte.is_ascii_graphic()).count()
}

/// Text that grows up to so many characters.
struct Cleaned {
    text: String,
    count: usize,
    most: usize,
    /// Where to cut so that there is room for the `…`.
    room: usize,
}

impl Cleaned {
    fn new(text: &str, most: usize) -> Self {
        Self {
            text: String::with_capacity(text.len().min(most.saturating_mul(2))),
            count: 0,
            most,
            room: 0,
        }
    }

    /// Characters that still fit.
    fn left(&self) -> usize {
        self.most - self.count
    }

    /// Adds a piece of `letters` characters, of ASCII where there are several;
    /// false if not all of it fits.
    fn push(&mut self, piece: &str, letters: usize) -> bool {
        let fits = letters.min(self.left());
        let taken = if fits == letters {
            piece
        } else {
            &piece[..fits]
        };
        if self.count + fits < self.most {
            self.room = self.text.len() + taken.len();
        } else if fits > 1 {
            self.room = self.text.len() + fits - 1;
        }
        self.text.push_str(taken);
        self.count += fits;
        fits == letters
    }

    fn cut(mut self) -> String {
        self.text.truncate(self.room);
        self.text.truncate(self.text.trim_end().len());
        self.text.push_str(if self.most > 0 { "…" } else { "" });
        self.text
    }
}

/// Short printable ASCII without a double space needs no cleaning.
fn clean_as_it_is(text: &str, max_chars: usize) -> Option<&str> {
    let text = text.trim_matches(' ');
    let sound = text.len() <= max_chars
        && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.as_bytes().windows(2).all(|pair| pair != b"  ");
    sound.then_some(text)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
