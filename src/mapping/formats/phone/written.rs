//! What a phone cell holds once spaces, dots, dashes and brackets are away: a
//! plus or none, and digits; and what of that is written as French numbers are.

use crate::lead::is_rounded;
use crate::lead::text::{ascii_digit, is_invisible};
use crate::mapping::complaint::PhoneFault;

/// More digits than any number has, with 00, country code and a trunk 0.
const MOST_DIGITS: usize = 18;

/// The digits of a cell that may be a phone number.
#[derive(Debug, Default)]
pub struct PhoneDigits {
    /// ASCII digits.
    pub digits: String,
    pub plus: bool,
    /// It ended in the `.0` of a number that a spreadsheet took for a decimal.
    pub decimal: bool,
}

impl PhoneDigits {
    /// The digits of `raw`, which may hold the separators that people use.
    ///
    /// # Errors
    /// Letters, other signs, two numbers, no digit or too many.
    pub fn read(raw: &str) -> Result<Self, PhoneFault> {
        let (text, decimal) = without_decimal(raw.trim());
        let mut written = Self {
            digits: String::with_capacity(MOST_DIGITS),
            plus: false,
            decimal,
        };
        for letter in text.chars() {
            let nothing_yet = written.digits.is_empty() && !written.plus;
            match letter {
                '+' | '\u{ff0b}' if nothing_yet => written.plus = true,
                // A spreadsheet's mark for "this is text".
                '\'' | '’' if nothing_yet => {}
                _ => match ascii_digit(letter) {
                    Some(digit) if written.digits.len() < MOST_DIGITS => written.digits.push(digit),
                    None if is_separator(letter) => {}
                    _ => return Err(fault(text)),
                },
            }
        }
        match written.digits.is_empty() {
            true => Err(PhoneFault::NoDigit),
            false => Ok(written),
        }
    }
}

/// Spaces, dots, dashes, slashes, brackets, and the invisible marks that come
/// along when a number is copied from an address book.
fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || "./()_-·•（）．／－﹣−".contains(letter)
        || ('\u{2010}'..='\u{2015}').contains(&letter)
        || is_invisible(letter)
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
fn fault(text: &str) -> PhoneFault {
    let digits = text.chars().filter_map(ascii_digit).count();
    if is_rounded(text) {
        PhoneFault::Rounded
    } else if holds_two(text) {
        PhoneFault::Two
    } else if text.chars().any(char::is_alphabetic) {
        PhoneFault::Letters
    } else if digits > MOST_DIGITS {
        PhoneFault::Digits(digits)
    } else {
        PhoneFault::Sign
    }
}

/// Whether two parts, however parted, each have the digits of a number.
fn holds_two(text: &str) -> bool {
    let parts = text.split(|letter| {
        matches!(letter, '/' | '+' | '\n' | '\r')
            || !(is_separator(letter) || ascii_digit(letter).is_some())
    });
    let digits = |part: &str| part.chars().filter_map(ascii_digit).count();
    parts.filter(|part| digits(part) >= 8).count() > 1
}

/// A number written as French ones are: nine digits behind 0, 33, 0033, +33…
#[derive(Debug)]
pub struct French<'w> {
    /// The nine digits behind the trunk 0; the first is never 0.
    pub national: &'w str,
    /// It bears the country code 33.
    pub international: bool,
    /// Nine digits alone: a spreadsheet took the 0 for a number's.
    pub lost_zero: bool,
}

impl<'w> French<'w> {
    /// What was written; `None` when it is none of these.
    pub fn of(written: &'w PhoneDigits) -> Option<Self> {
        let cut = written.digits.len().checked_sub(9)?;
        let (before, national) = written.digits.split_at(cut);
        let (international, lost_zero) = match (written.plus, before) {
            (false, "0") => (false, false),
            (false, "") => (false, true),
            (_, "33" | "330") | (false, "0033" | "00330") => (true, false),
            _ => return None,
        };
        (!national.starts_with('0')).then_some(Self {
            national,
            international,
            lost_zero,
        })
    }

    /// The country code of the overseas department whose prefix a number without
    /// country code has.
    pub fn overseas(&self) -> Option<&'static str> {
        match self.national.get(..3)? {
            _ if self.international || self.is_fiction() => None,
            "262" | "263" | "692" | "693" | "269" | "639" => Some("262"),
            "590" | "690" | "691" => Some("590"),
            "594" | "694" => Some("594"),
            "596" | "696" | "697" => Some("596"),
            _ => None,
        }
    }

    /// Whether it is of the metropolitan range kept for films and examples: a
    /// whole number, and nobody's.
    pub fn is_fiction(&self) -> bool {
        self.national.starts_with("63998")
    }

    /// Whether every number of +33 with these first digits is in use, by the
    /// same rules as the library's. `false` means only: ask the library.
    pub fn is_surely_in_use(&self) -> bool {
        match self.national.as_bytes() {
            [b'1' | b'3', ..] | [b'2', b'0'..=b'5' | b'7'..=b'9', ..] => true,
            [b'2', b'6', third, ..] => *third != b'2',
            [b'4', second, ..] => *second != b'0',
            [b'5', b'9', third, ..] => matches!(third, b'1'..=b'3' | b'5'..=b'9'),
            [b'5', ..] => true,
            [b'6', b'3', third, ..] => *third != b'9',
            [b'6', b'9', third, ..] => matches!(third, b'5' | b'8' | b'9'),
            [b'6', ..] => true,
            [b'7', second, ..] => *second >= b'3',
            _ => false,
        }
    }
}
