//! What a phone cell holds once spaces, dots, dashes and brackets are away:
//! a plus or none, and digits. Knows no country.

use crate::lead::text::{ascii_digit, is_invisible};

/// How every complaint ends: what would be accepted.
pub const ACCEPTED: &str =
    "write one number such as 06 39 98 00 01, or +32 2 555 12 12 with its country code";

/// More digits than any number has, with 00, country code and a trunk 0.
const MOST_DIGITS: usize = 18;

/// The digits of a cell that may be a phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// ASCII digits, so many as `count` says.
    digits: [u8; MOST_DIGITS],
    count: usize,
    pub plus: bool,
    /// It ended in the `.0` of a number that a spreadsheet took for a decimal.
    pub decimal: bool,
}

impl Written {
    const NOTHING: Self = Self {
        digits: [b'0'; MOST_DIGITS],
        count: 0,
        plus: false,
        decimal: false,
    };

    /// The digits of a number as most are written: digits, spaces, a plus, and
    /// points where more than one digit follows.
    fn plain(raw: &str) -> Option<Self> {
        let raw = raw.as_bytes().trim_ascii();
        let mut written = Self::NOTHING;
        for (at, byte) in raw.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    *written.digits.get_mut(written.count)? = *byte;
                    written.count += 1;
                }
                b' ' => {}
                b'.' if at + 2 < raw.len() => {}
                b'+' if at == 0 => written.plus = true,
                _ => return None,
            }
        }
        (written.count > 0).then_some(written)
    }

    /// The digits of `raw`, which may hold the separators that people use.
    ///
    /// # Errors
    /// Letters, other signs, two numbers, no digit or too many, in words.
    pub fn read(raw: &str) -> Result<Self, String> {
        if let Some(written) = Self::plain(raw) {
            return Ok(written);
        }
        let (text, decimal) = without_decimal(raw.trim());
        let mut written = Self {
            decimal,
            ..Self::NOTHING
        };
        for letter in text.chars() {
            let nothing_yet = written.count == 0 && !written.plus;
            let digit = match letter {
                '0'..='9' => Some(letter),
                ' ' | '.' | '-' => continue,
                '+' | '\u{ff0b}' if nothing_yet => {
                    written.plus = true;
                    continue;
                }
                // A spreadsheet's mark for "this is text".
                '\'' | '’' if nothing_yet => continue,
                _ if is_separator(letter) => continue,
                _ => ascii_digit(letter),
            };
            let digit = digit.and_then(|digit| u8::try_from(digit).ok());
            let Some((place, digit)) = written.digits.get_mut(written.count).zip(digit) else {
                return Err(complaint(text));
            };
            *place = digit;
            written.count += 1;
        }
        match written.count {
            0 => Err(format!("holds no digit; {ACCEPTED}")),
            _ => Ok(written),
        }
    }

    pub fn digits(&self) -> &str {
        std::str::from_utf8(&self.digits[..self.count]).unwrap_or_default()
    }
}

/// Spaces, dots, dashes, slashes, brackets, and the invisible marks that come
/// along when a number is copied from an address book.
fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || is_invisible(letter)
        || matches!(
            letter,
            '.' | '-'
                | '/'
                | '('
                | ')'
                | '_'
                | '\u{b7}'
                | '\u{2022}'
                | '\u{ff08}'
                | '\u{ff09}'
                | '\u{ff0e}'
                | '\u{ff0f}'
                | '\u{ff0d}'
                | '\u{fe63}'
                | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
}

/// A long whole number without the `.0` of a decimal, and whether it had one.
fn without_decimal(text: &str) -> (&str, bool) {
    let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0"));
    match whole {
        Some(whole) if whole.len() >= 9 && whole.bytes().all(|byte| byte.is_ascii_digit()) => {
            (whole, true)
        }
        _ => (text, false),
    }
}

/// What is wrong with a text that is no phone number, the likeliest first.
fn complaint(text: &str) -> String {
    if is_scientific(text) {
        return "was shortened by a spreadsheet and its last digits are lost: export it again \
                with that column formatted as text"
            .to_owned();
    }
    if holds_two(text) {
        return format!("holds two phone numbers; {ACCEPTED}");
    }
    if text.chars().any(char::is_alphabetic) {
        return format!("holds letters; {ACCEPTED}");
    }
    let digits = text.chars().filter_map(ascii_digit).count();
    if digits > MOST_DIGITS {
        return format!("has {digits} digits, too many for one phone number; {ACCEPTED}");
    }
    format!("holds a sign that no phone number has; {ACCEPTED}")
}

/// Whether two parts, however parted, each have the digits of a number.
fn holds_two(text: &str) -> bool {
    let mut long_parts = 0;
    let mut digits = 0;
    for letter in text.chars() {
        if ascii_digit(letter).is_some() {
            digits += 1;
            long_parts += usize::from(digits == 8);
        } else if matches!(letter, '/' | '+' | '\n' | '\r') || !is_separator(letter) {
            digits = 0;
        }
    }
    long_parts > 1
}

/// `3,36123E+10`: how a spreadsheet shows a number too wide for its column.
fn is_scientific(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let power = power.trim_start_matches(['+', '-']);
    let all = |text: &str, extra: &[char]| {
        let mut letters = text.chars();
        letters.all(|letter| letter.is_ascii_digit() || extra.contains(&letter))
    };
    !number.is_empty() && !power.is_empty() && all(number, &['.', ',']) && all(power, &[])
}
