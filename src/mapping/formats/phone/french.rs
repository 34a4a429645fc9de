//! The numbering plan of France: the shapes of a French number, its overseas
//! prefixes, and which numbers are certainly in use. Tests hold it to the
//! library's answers.

use rlibphonenumber::Region;

use super::written::Written;

/// The overseas departments that share France's plan but not its +33.
pub const OVERSEAS: [Region; 5] = [Region::RE, Region::YT, Region::GP, Region::GF, Region::MQ];

/// Whether people in `country` (ISO 3166 alpha-2) dial by France's plan.
pub fn is_plan_of(country: &str) -> bool {
    if country == "FR" {
        return true;
    }
    let country = country.trim();
    ["FR", "RE", "YT", "GP", "GF", "MQ", "BL", "MF"]
        .iter()
        .any(|code| country.eq_ignore_ascii_case(code))
}

/// A number written as French ones are: nine digits behind 0, 33, 0033, +33…
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape<'a> {
    /// The nine digits behind the trunk 0; the first is never 0.
    pub national: &'a str,
    /// It bears the country code 33.
    pub international: bool,
    /// Nine digits alone: a spreadsheet took the 0 for a number's.
    pub lost_zero: bool,
}

impl<'a> Shape<'a> {
    /// The shape of what was written; `None` when it is none of these.
    pub fn of(written: &'a Written) -> Option<Self> {
        let digits = written.digits();
        let cut = digits.len().checked_sub(9)?;
        let (before, national) = digits.split_at(cut);
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

    /// The overseas department whose prefix a number without country code has.
    pub fn overseas(&self) -> Option<Region> {
        if self.international {
            return None;
        }
        match self.national.as_bytes() {
            [b'2', b'6', b'2' | b'3', ..] | [b'6', b'9', b'2' | b'3', ..] => Some(Region::RE),
            // 06 39 98 is metropolitan.
            [b'6', b'3', b'9', ..] if !self.is_fiction() => Some(Region::YT),
            [b'2', b'6', b'9', ..] => Some(Region::YT),
            [b'5', b'9', b'0', ..] | [b'6', b'9', b'0' | b'1', ..] => Some(Region::GP),
            [b'5' | b'6', b'9', b'4', ..] => Some(Region::GF),
            [b'5', b'9', b'6', ..] | [b'6', b'9', b'6' | b'7', ..] => Some(Region::MQ),
            _ => None,
        }
    }

    /// Whether it is of the range kept for films and examples: a whole number,
    /// and nobody's. By the same rules as the library's.
    pub fn is_fiction(&self) -> bool {
        matches!(self.national.as_bytes(), [b'6', b'3', b'9', b'9', b'8', ..])
    }

    /// Whether every number of +33 with these first digits is in use, by the
    /// same rules as the library's. `false` means only: ask the library.
    pub fn surely_valid(&self) -> bool {
        match self.national.as_bytes() {
            [b'1' | b'3', ..] => true,
            [b'2', b'6', third, ..] => matches!(third, b'0' | b'1' | b'3'..=b'9'),
            [b'2', second, ..] => matches!(second, b'0'..=b'5' | b'7'..=b'9'),
            [b'4', second, ..] => *second != b'0',
            [b'5', b'9', third, ..] => matches!(third, b'1'..=b'3' | b'5'..=b'9'),
            [b'5', ..] => true,
            [b'6', b'3', third, ..] => *third != b'9',
            [b'6', b'9', third, ..] => matches!(third, b'5' | b'8' | b'9'),
            [b'6', ..] => true,
            [b'7', second, ..] => matches!(second, b'3'..=b'9'),
            _ => false,
        }
    }
}
