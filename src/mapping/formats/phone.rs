//! Phone numbers by Google's rules, with France's overseas prefixes mapped
//! first. Knows no partner: only the forms that partners ask for.

mod french;
mod written;

use std::borrow::Cow;

use rlibphonenumber::{
    NumberLengthType, ParseError, PhoneNumber, PhoneNumberFormat, Region, ValidationError,
};

use french::Shape;
use written::{ACCEPTED, Written};

/// How a partner wants its phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// A phone number in the form that was asked, and what there is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    pub text: String,
    /// Why the number may not exist, in words; it is sent all the same.
    pub doubt: Option<String>,
    /// What was repaired, in words: damage that only a spreadsheet does.
    pub repair: Option<String>,
}

/// Reads a phone number as people type it and writes it in `form`. `country`
/// (ISO 3166 alpha-2) is where a number without a country code belongs, `home`
/// where it is to be dialled.
///
/// # Errors
/// What is wrong, in words, with what would be accepted.
pub fn phone(raw: &str, country: &str, home: &str, form: PhoneForm) -> Result<Phone, String> {
    let written = Written::read(raw)?;
    let (number, shape) = read(&written, country, home)?;
    let mut text = String::with_capacity(LONGEST);
    number.write(form, home, &mut text)?;
    Ok(Phone {
        doubt: (!number.valid).then(|| {
            format!("no number like {text} is known to be in use in its country: check it")
        }),
        repair: repairs(&written, shape.as_ref()),
        text,
    })
}

/// The number in E.164 whatever way it was typed, to tell people apart; `None`
/// when it can't be read.
pub fn key(raw: &str, country: &str, home: &str) -> Option<String> {
    let written = Written::read(raw).ok()?;
    let (number, _) = read(&written, country, home).ok()?;
    let mut key = String::with_capacity(LONGEST);
    number.write(PhoneForm::E164, home, &mut key).ok()?;
    Some(key)
}

/// A number of `country`; where it can be none of it, one of `home` if it is in
/// use there: people keep their numbers when they move.
fn read<'w>(
    written: &'w Written,
    country: &str,
    home: &str,
) -> Result<(Number<'w>, Option<Shape<'w>>), String> {
    let shape = shape_of(written, country);
    let number = Number::of(written, shape.as_ref(), country);
    let valid = matches!(&number, Ok(number) if number.valid);
    if valid || country == home || same_plan(country, home) {
        return Ok((number?, shape));
    }
    let there = shape_of(written, home);
    match Number::of(written, there.as_ref(), home) {
        Ok(kept) if kept.valid => Ok((kept, there)),
        _ => Ok((number?, shape)),
    }
}

/// Whether numbers without a country code are the same in both countries.
fn same_plan(one: &str, other: &str) -> bool {
    region_of(one) == region_of(other)
}

/// What was written, as a number of France's plan, where that is dialled.
fn shape_of<'w>(written: &'w Written, country: &str) -> Option<Shape<'w>> {
    french::is_plan_of(country)
        .then(|| Shape::of(written))
        .flatten()
}

fn region_of(country: &str) -> Option<Region> {
    if french::is_plan_of(country) {
        return Some(Region::FR);
    }
    Region::from_code(country.trim()).ok()
}

fn repairs(written: &Written, shape: Option<&Shape>) -> Option<String> {
    let zero = shape.is_some_and(|shape| shape.lost_zero);
    match (zero, written.decimal) {
        (true, false) => Some("the 0 that a spreadsheet took away is put back".to_owned()),
        (false, true) => Some("the “.0” that a spreadsheet added is taken away".to_owned()),
        (true, true) => Some(
            "the 0 that a spreadsheet took away is put back, and its “.0” taken away".to_owned(),
        ),
        (false, false) => None,
    }
}

/// A number of France or its overseas departments: without the library where
/// the answer is certain, since nearly every row of an export is such a one.
fn french_number<'w>(written: &Written, shape: &Shape<'w>) -> Result<Number<'w>, String> {
    let overseas = shape.overseas();
    let valid = shape.surely_valid();
    if overseas.is_none() && (valid || shape.is_fiction()) {
        return Ok(Number {
            country_code: 33,
            national: Cow::Borrowed(shape.national),
            valid,
        });
    }
    let number = Number::read(written, Some(overseas.unwrap_or(Region::FR)))?;
    if number.valid || shape.international || overseas.is_some() {
        return Ok(number);
    }
    let elsewhere = french::OVERSEAS
        .iter()
        .filter_map(|region| Number::read(written, Some(*region)).ok())
        .find(|number| number.valid);
    Ok(elsewhere.unwrap_or(number))
}

/// A number that was read: what E.164 needs, and whether Google knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Number<'w> {
    country_code: i32,
    /// The national significant number: no trunk 0, digits only.
    national: Cow<'w, str>,
    valid: bool,
}

impl<'w> Number<'w> {
    fn of(written: &Written, shape: Option<&Shape<'w>>, country: &str) -> Result<Self, String> {
        match shape {
            Some(shape) => french_number(written, shape),
            None => Self::read(written, region_of(country)),
        }
    }

    /// Reads by the library; without a `+` also as if it had been forgotten,
    /// which is believed only when that makes a valid number.
    fn read(written: &Written, region: Option<Region>) -> Result<Self, String> {
        let digits = written.digits();
        if written.plus {
            return Self::parse(&format!("+{digits}"), None);
        }
        let number = Self::parse(digits, region);
        if matches!(&number, Ok(number) if number.valid) {
            return number;
        }
        let bare = digits.strip_prefix("00").unwrap_or(digits);
        let may_be_international = bare.len() >= 10 && !bare.starts_with('0');
        may_be_international
            .then(|| Self::parse(&format!("+{bare}"), None).ok())
            .flatten()
            .filter(|other| other.valid)
            .map_or(number, Ok)
    }

    fn parse(text: &str, region: Option<Region>) -> Result<Self, String> {
        let number = PhoneNumber::parse(text, region)
            .map_err(|error| unreadable(&error, region, text.starts_with('+')))?;
        match number.is_possible_with_reason() {
            Ok(NumberLengthType::IsPossible) => {}
            Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => {
                return Err(wrong_length("too short"));
            }
            Err(ValidationError::TooLong) => return Err(wrong_length("too long")),
            Err(ValidationError::InvalidCountryCode) => {
                return Err(unreadable(&ParseError::InvalidCountryCode, region, true));
            }
            Err(_) => return Err(wrong_length("not of the right length")),
        }
        Self::settle(number)
    }

    /// Takes what reading the number's own E.164 gives, so that a number sent
    /// once is the same number when an export brings it back.
    fn settle(mut number: PhoneNumber) -> Result<Self, String> {
        for _ in 0..3 {
            let national = number.get_national_significant_number();
            let again = PhoneNumber::parse(format!("+{}{national}", number.country_code), None)
                .map_err(|error| unreadable(&error, None, true))?;
            if again.country_code == number.country_code
                && again.get_national_significant_number() == national
            {
                return Ok(Self {
                    country_code: number.country_code,
                    national: national.into(),
                    valid: number.is_valid(),
                });
            }
            number = again;
        }
        Err(format!("can be read in several ways; {ACCEPTED}"))
    }

    /// What people in `country` dial for it; `None` where that is not read as
    /// this very number again, as a foreign one's isn't.
    fn dialled_in(&self, country: &str) -> Option<String> {
        let region = region_of(country)?;
        let whole = format!("+{}{}", self.country_code, self.national);
        let number = PhoneNumber::parse(whole, None).ok()?;
        let mut dialled = number.format_as(PhoneNumberFormat::National).into_owned();
        dialled.retain(|c| c.is_ascii_digit());
        let written = Written::read(&dialled).ok()?;
        let again = Self::read(&written, Some(region)).ok()?;
        let same = again.country_code == self.country_code && again.national == self.national;
        same.then_some(dialled)
    }

    /// Appends the number; nothing where it is refused.
    fn write(&self, form: PhoneForm, country: &str, out: &mut String) -> Result<(), String> {
        if form == PhoneForm::National && !french::is_plan_of(country) {
            match self.dialled_in(country) {
                Some(dialled) => out.push_str(&dialled),
                None => self.write(PhoneForm::E164, country, out)?,
            }
            return Ok(());
        }
        let metropolitan = self.country_code == 33 && self.national.len() == 9;
        let overseas =
            matches!(self.country_code, 262 | 590 | 594 | 596) && self.national.len() == 9;
        match form {
            PhoneForm::National if metropolitan || overseas => out.push('0'),
            PhoneForm::French if metropolitan => out.push('0'),
            PhoneForm::French if !overseas => {
                return Err(format!(
                    "is a number from another country (+{}); only French numbers are taken here, \
                     such as 06 39 98 00 01",
                    self.country_code
                ));
            }
            _ if self.country_code == 33 => out.push_str("+33"),
            _ => out.push_str(&format!("+{}", self.country_code)),
        }
        out.push_str(&self.national);
        Ok(())
    }
}

/// Bytes of a number in the longest form, and some more.
const LONGEST: usize = 24;

fn wrong_length(how: &str) -> String {
    format!("is {how} for a phone number; {ACCEPTED}")
}

fn unreadable(error: &ParseError, region: Option<Region>, plus: bool) -> String {
    match error {
        ParseError::InvalidCountryCode if plus => {
            format!("begins with a country code that no country has; {ACCEPTED}")
        }
        ParseError::InvalidCountryCode if region.is_none() => {
            format!("does not say its country; {ACCEPTED}")
        }
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => wrong_length("too short"),
        ParseError::TooLongNsn => wrong_length("too long"),
        _ => format!("is not a phone number; {ACCEPTED}"),
    }
}

#[cfg(test)]
mod tests;
