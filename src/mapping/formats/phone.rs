//! Phone numbers by Google's rules, with France's overseas prefixes mapped
//! first. Knows no partner: only the forms that partners ask for.

mod written;

use std::cell::RefCell;

use rlibphonenumber::{
    NumberLengthType, ParseError, PhoneNumber, PhoneNumberFormat, Region, ValidationError,
};

use crate::mapping::complaint::{Doubt, Formed, PhoneFault, PutRight};
use written::{French, PhoneDigits};

/// How a partner wants its phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneForm {
    /// `+33612345678`, any country.
    E164,
    /// As people of the destination's country dial it (`0612345678` in France and
    /// its overseas departments, `0470123456` in Belgium), `+…` for others.
    National,
    /// `0612345678` for metropolitan France, `+262692…`, `+590…`, `+594…` and
    /// `+596…` overseas; a foreign number is refused.
    French,
}

/// Reads a phone number as people type it and writes it in `form`. `country`
/// (ISO 3166 alpha-2) is where a number without a country code belongs, `home`
/// where it is to be dialled. A number that nobody is known to have is doubtful.
///
/// # Errors
/// Why it is no number, or none that is taken.
pub fn phone(
    raw: &str,
    country: &str,
    home: &str,
    form: PhoneForm,
) -> Result<Formed<'static>, PhoneFault> {
    let PhoneRead {
        number,
        lost_zero,
        decimal,
    } = read(raw, country, home)?;
    let text = number.write(form, home)?;
    let value = || raw.to_owned();
    Ok(Formed {
        repair: match (lost_zero, decimal) {
            (true, decimal) => Some(PutRight::LostZero {
                value: value(),
                decimal,
            }),
            (false, true) => Some(PutRight::Decimal(value())),
            (false, false) => None,
        },
        doubt: (!number.valid).then(|| Doubt::UnknownNumber(text.clone())),
        text: text.into(),
    })
}

/// The number in E.164 whatever way it was typed, to tell people apart; `None`
/// when it can't be read.
pub fn key(raw: &str, country: &str, home: &str) -> Option<String> {
    let read = read(raw, country, home).ok()?;
    Some(read.number.e164())
}

/// How else lists write the number that [`key`] gave: without its plus, and as it is
/// dialled in its country.
pub fn other_forms(key: &str) -> Vec<String> {
    let bare = key.trim_start_matches('+');
    let national = |code| bare.strip_prefix(code).filter(|rest| rest.len() == 9);
    if let Some(national) = FRENCH_CODES.into_iter().find_map(national) {
        return vec![bare.to_owned(), format!("0{national}")];
    }
    // Some countries dial a 0 first, some don't.
    let number = Number::parse(key, None).map(|number| number.national);
    let dialled = number.map(|national| [format!("0{national}"), national]);
    std::iter::once(bare.to_owned())
        .chain(dialled.into_iter().flatten())
        .collect()
}

/// What a text was read as.
#[derive(Debug, Clone)]
struct PhoneRead {
    number: Number,
    /// A spreadsheet took its 0 away.
    lost_zero: bool,
    /// A spreadsheet made a decimal of it.
    decimal: bool,
}

/// What was asked (text, country, home), and the answer.
type LastRead = Option<([String; 3], Result<PhoneRead, PhoneFault>)>;

thread_local! {
    /// A lead's number is asked for by its field, its key and its person, one
    /// after the other, and reading it is the dearest part of judging a lead.
    static LAST: RefCell<LastRead> = const { RefCell::new(None) };
}

fn read(raw: &str, country: &str, home: &str) -> Result<PhoneRead, PhoneFault> {
    let asked = [raw, country, home];
    LAST.with_borrow_mut(|last| match last {
        Some((known, answer)) if *known == asked => answer.clone(),
        _ => {
            let answer = read_anew(raw, country, home);
            *last = Some((asked.map(str::to_owned), answer.clone()));
            answer
        }
    })
}

fn read_anew(raw: &str, country: &str, home: &str) -> Result<PhoneRead, PhoneFault> {
    let written = PhoneDigits::read(raw)?;
    let (number, lost_zero) = read_at(&written, country, home)?;
    Ok(PhoneRead {
        number,
        lost_zero,
        decimal: written.decimal,
    })
}

/// A number of `country`; where it can be none of it, one of `home` if it is in
/// use there: people keep their numbers when they move. With it, whether a
/// spreadsheet took its 0 away.
fn read_at(written: &PhoneDigits, country: &str, home: &str) -> Result<(Number, bool), PhoneFault> {
    let own = read_in(written, country);
    if country == home || matches!(&own, Ok((number, _)) if number.valid) {
        return own;
    }
    match read_in(written, home) {
        Ok(kept) if kept.0.valid => Ok(kept),
        _ => own,
    }
}

fn read_in(written: &PhoneDigits, country: &str) -> Result<(Number, bool), PhoneFault> {
    if is_french_plan(country)
        && let Some(french) = French::of(written)
    {
        return Ok((Number::french(written, &french)?, french.lost_zero));
    }
    Ok((Number::read(written, region_of(country))?, false))
}

/// The country codes of France and its overseas departments.
const FRENCH_CODES: [&str; 5] = ["33", "262", "590", "594", "596"];

/// The overseas departments that share France's plan but not its +33.
const OVERSEAS: [Region; 5] = [Region::RE, Region::YT, Region::GP, Region::GF, Region::MQ];

/// Whether people in `country` (ISO 3166 alpha-2) dial by France's plan.
fn is_french_plan(country: &str) -> bool {
    ["FR", "RE", "YT", "GP", "GF", "MQ", "BL", "MF"]
        .iter()
        .any(|code| country.trim().eq_ignore_ascii_case(code))
}

fn region_of(country: &str) -> Option<Region> {
    match is_french_plan(country) {
        true => Some(Region::FR),
        false => Region::from_code(country.trim()).ok(),
    }
}

/// A number that was read: what E.164 needs, and whether Google knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Number {
    country_code: i32,
    /// The national significant number: no trunk 0, digits only.
    national: String,
    valid: bool,
}

impl Number {
    /// A number of France or its overseas departments: without the library where
    /// the answer is certain, since nearly every row of an export is such a one.
    fn french(written: &PhoneDigits, french: &French<'_>) -> Result<Self, PhoneFault> {
        let overseas = french.overseas();
        let valid = french.is_surely_in_use();
        if overseas.is_none() && (valid || french.is_fiction()) {
            return Ok(Self {
                country_code: 33,
                national: french.national.to_owned(),
                valid,
            });
        }
        let number = match overseas {
            Some(code) => Self::parse(&format!("+{code}{}", french.national), None)?,
            None => Self::read(written, Some(Region::FR))?,
        };
        if number.valid || french.international || overseas.is_some() {
            return Ok(number);
        }
        let elsewhere = OVERSEAS
            .iter()
            .filter_map(|region| Self::read(written, Some(*region)).ok())
            .find(|number| number.valid);
        Ok(elsewhere.unwrap_or(number))
    }

    /// Reads by the library; without a `+` also as if it had been forgotten,
    /// which is believed only when that makes a valid number.
    fn read(written: &PhoneDigits, region: Option<Region>) -> Result<Self, PhoneFault> {
        let digits = &written.digits;
        if written.plus {
            return Self::parse(&format!("+{digits}"), None);
        }
        let is_valid = |number: &Self| number.valid;
        let (bare, dialled_abroad) = match digits.strip_prefix("00") {
            Some(bare) => (bare, true),
            None => (digits.as_str(), false),
        };
        let international = || {
            let possible = bare.len() >= 10 && !bare.starts_with('0');
            let number = possible.then(|| Self::parse(&format!("+{bare}"), None).ok())?;
            number.filter(is_valid)
        };
        if dialled_abroad && let Some(number) = international() {
            return Ok(number);
        }
        let number = Self::parse(digits, region);
        if dialled_abroad || number.as_ref().is_ok_and(is_valid) {
            return number;
        }
        international().map_or(number, Ok)
    }

    /// Takes what reading the number's own E.164 gives, so that a number sent
    /// once is the same number when an export brings it back.
    fn parse(text: &str, region: Option<Region>) -> Result<Self, PhoneFault> {
        let mut text = text.to_owned();
        let mut region = region;
        for _ in 0..4 {
            let number = PhoneNumber::parse(&text, region)
                .map_err(|error| unreadable(&error, region, text.starts_with('+')))?;
            match number.is_possible_with_reason() {
                Ok(NumberLengthType::IsPossible) => {}
                Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => {
                    return Err(PhoneFault::TooShort);
                }
                Err(ValidationError::TooLong) => return Err(PhoneFault::TooLong),
                Err(ValidationError::InvalidCountryCode) => return Err(PhoneFault::NoSuchCountry),
                Err(_) => return Err(PhoneFault::Length),
            }
            let read = Self {
                country_code: number.country_code,
                national: number.get_national_significant_number(),
                valid: false,
            };
            if read.e164() == text {
                let valid = number.is_valid();
                return Ok(Self { valid, ..read });
            }
            (text, region) = (read.e164(), None);
        }
        Err(PhoneFault::Ambiguous)
    }

    fn e164(&self) -> String {
        format!("+{}{}", self.country_code, self.national)
    }

    /// The number in a form, for a destination in `home`.
    fn write(&self, form: PhoneForm, home: &str) -> Result<String, PhoneFault> {
        let nine = self.national.len() == 9;
        let metropolitan = self.country_code == 33 && nine;
        let overseas = matches!(self.country_code, 262 | 590 | 594 | 596) && nine;
        match form {
            PhoneForm::National if !is_french_plan(home) => {
                Ok(self.dialled_in(home).unwrap_or_else(|| self.e164()))
            }
            PhoneForm::National if metropolitan || overseas => Ok(format!("0{}", self.national)),
            PhoneForm::French if metropolitan => Ok(format!("0{}", self.national)),
            PhoneForm::French if !overseas => Err(PhoneFault::Foreign(self.country_code)),
            _ => Ok(self.e164()),
        }
    }

    /// What people in `country` dial for it; `None` where that is not read as
    /// this very number again, as a foreign one's isn't.
    fn dialled_in(&self, country: &str) -> Option<String> {
        let number = PhoneNumber::parse(self.e164(), None).ok()?;
        let mut dialled = number.format_as(PhoneNumberFormat::National).into_owned();
        dialled.retain(|c| c.is_ascii_digit());
        let written = PhoneDigits::read(&dialled).ok()?;
        let again = Self::read(&written, Some(region_of(country)?)).ok()?;
        (again.e164() == self.e164()).then_some(dialled)
    }
}

fn unreadable(error: &ParseError, region: Option<Region>, plus: bool) -> PhoneFault {
    match error {
        ParseError::InvalidCountryCode if plus => PhoneFault::NoSuchCountry,
        ParseError::InvalidCountryCode if region.is_none() => PhoneFault::NoCountry,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneFault::TooShort,
        ParseError::TooLongNsn => PhoneFault::TooLong,
        _ => PhoneFault::NoNumber,
    }
}

#[cfg(test)]
mod tests;
