//! The forms that a value can be asked in: phones, titles, countries, e-mail…
//! Each takes text as people typed it, and says in kinds what is wrong with it.

pub mod country;
pub mod email;
pub mod phone;
pub mod postcode;
pub mod title;

use std::borrow::Cow;

use phone::PhoneForm;

use super::complaint::{Doubt, Problem, PutRight};
use crate::config::ValueFormat;
use crate::lead::text;

/// A value in the form that was asked, and what there is to tell of it.
#[derive(Debug)]
pub struct Formed<'v> {
    pub text: Cow<'v, str>,
    pub repair: Option<PutRight>,
    pub doubt: Option<Doubt>,
}

impl<'v> Formed<'v> {
    /// A text of which there is nothing to tell.
    pub fn plain(text: impl Into<Cow<'v, str>>) -> Self {
        Self {
            text: text.into(),
            repair: None,
            doubt: None,
        }
    }
}

/// The value in a form. `country`: the lead's; `home`: the destination's.
///
/// # Errors
/// What is wrong with it.
pub fn form<'v>(
    value: &'v str,
    format: ValueFormat,
    country: impl FnOnce() -> &'v str,
    home: &str,
) -> Result<Formed<'v>, Problem> {
    let owned = || value.to_owned();
    let text: Cow<'v, str> = match format {
        ValueFormat::PhoneE164 => return number(value, country(), home, PhoneForm::E164),
        ValueFormat::PhoneNational => return number(value, country(), home, PhoneForm::National),
        ValueFormat::PhoneFrench => return number(value, country(), home, PhoneForm::French),
        ValueFormat::Postcode => {
            return postcode::postcode(value, country())
                .ok_or_else(|| Problem::NotPostcode(owned()));
        }
        ValueFormat::Email => email::email(value)
            .map_err(|fault| Problem::Email {
                value: owned(),
                fault,
            })?
            .into(),
        ValueFormat::Title => title::code(value)
            .ok_or_else(|| Problem::NotTitle(owned()))?
            .into(),
        ValueFormat::Country => known_country(value)?.into(),
        ValueFormat::CountryName => {
            let code = known_country(value)?;
            country::name_fr(code).unwrap_or(code).into()
        }
        ValueFormat::Lower => value.trim().to_lowercase().into(),
        ValueFormat::Upper => value.trim().to_uppercase().into(),
        ValueFormat::Digits => text::digits(value)
            .ok_or_else(|| Problem::NotDigits(owned()))?
            .into(),
    };
    Ok(Formed::plain(text))
}

fn number(
    value: &str,
    country: &str,
    home: &str,
    form: PhoneForm,
) -> Result<Formed<'static>, Problem> {
    phone::phone(value, country, home, form).map_err(|fault| Problem::Phone {
        value: value.to_owned(),
        fault,
    })
}

fn known_country(value: &str) -> Result<&'static str, Problem> {
    country::code(value).ok_or_else(|| Problem::NotCountry(value.to_owned()))
}
