//! A value in the form that a rule asks for, and what there is to tell of it.

use std::borrow::Cow;

use super::formats::title::title;
use super::formats::{country, email, phone, postcode};
use crate::config::ValueFormat;
use crate::lead::text;

/// A value in the form that was asked.
pub type Formed<'v> = (Cow<'v, str>, Option<Box<Told>>);

/// Seldom anything.
pub struct Told {
    /// Why the value may be wrong; it is sent all the same.
    pub doubt: Option<String>,
    /// What was put right, in words.
    pub repair: Option<String>,
}

impl Told {
    pub fn repair(repair: String) -> Option<Box<Self>> {
        Some(Box::new(Self {
            doubt: None,
            repair: Some(repair),
        }))
    }

    /// What was told already and what is to be told now: of two repairs, the
    /// later one.
    pub fn later(told: Option<Box<Self>>, now: Option<Box<Self>>) -> Option<Box<Self>> {
        match (told, now) {
            (Some(told), Some(mut now)) => {
                now.repair = now.repair.take().or(told.repair);
                Some(now)
            }
            (told, now) => now.or(told),
        }
    }
}

/// Whether a value in this form means another thing in another country.
pub fn is_of_a_country(format: ValueFormat) -> bool {
    matches!(
        format,
        ValueFormat::PhoneE164
            | ValueFormat::PhoneNational
            | ValueFormat::PhoneFrench
            | ValueFormat::Postcode
    )
}

/// The value in a form. `country`: the lead's; `home`: the destination's.
///
/// # Errors
/// What is wrong with it, in words.
pub fn form<'v>(
    value: &'v str,
    format: ValueFormat,
    country: &str,
    home: &str,
) -> Result<Formed<'v>, String> {
    use phone::PhoneForm;
    let about = |complaint: String| format!("{} {complaint}", quoted(value));
    let number = |form| {
        let phone = phone::phone(value, country, home, form).map_err(about)?;
        let told = phone.doubt.is_some() || phone.repair.is_some();
        let told = told.then(|| {
            Box::new(Told {
                doubt: phone.doubt,
                repair: phone
                    .repair
                    .map(|what| about(format!("was put right: {what}"))),
            })
        });
        Ok((phone.text.into(), told))
    };
    let mut told = None;
    let text = match format {
        ValueFormat::PhoneE164 => return number(PhoneForm::E164),
        ValueFormat::PhoneNational => return number(PhoneForm::National),
        ValueFormat::PhoneFrench => return number(PhoneForm::French),
        ValueFormat::Email => email::email(value).map_err(about)?.into(),
        ValueFormat::Title => title(value)
            .map(|title| title.code().into())
            .ok_or_else(|| format!("{} is no title: M., Mme, Mr, Ms…", quoted(value)))?,
        ValueFormat::Country => known_country(value)?.into(),
        ValueFormat::CountryName => {
            let code = known_country(value)?;
            country::name_fr(code).unwrap_or(code).into()
        }
        ValueFormat::Lower => value.trim().to_lowercase().into(),
        ValueFormat::Upper => value.trim().to_uppercase().into(),
        ValueFormat::Digits => text::digits(value).map_err(about)?.into(),
        ValueFormat::Postcode => {
            let (code, repaired) = postcode::postcode(value, country).map_err(about)?;
            if repaired {
                told = Told::repair(about(format!("was put right: {code}")));
            }
            code
        }
    };
    Ok((text, told))
}

fn known_country(value: &str) -> Result<&'static str, String> {
    country::code(value).ok_or_else(|| {
        format!(
            "{} is no country that is known here: write its code, as in FR",
            quoted(value)
        )
    })
}

/// A user's value between quotes: cleaned, and cut to a sensible length.
pub fn quoted(value: &str) -> String {
    format!("\"{}\"", text::clean(value, 60))
}
