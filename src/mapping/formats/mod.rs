//! The forms that a value can be asked in: phones, titles, countries, e-mail…
//! Each takes text as people typed it, and says in kinds what is wrong with it.

pub mod email;
pub mod phone;

use std::borrow::Cow;

use phone::PhoneForm;

use super::complaint::{Formed, Problem, PutRight};
use crate::config::{ValueFormat, countries};
use crate::lead::text::{self, ascii_digit, fold, is_invisible, trim};

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
            return postcode(value, country()).ok_or_else(|| Problem::NotPostcode(owned()));
        }
        ValueFormat::Email => email::email(value)
            .map_err(|fault| Problem::Email {
                value: owned(),
                fault,
            })?
            .into(),
        ValueFormat::Title => title_code(value)
            .ok_or_else(|| Problem::NotTitle(owned()))?
            .into(),
        ValueFormat::Country => known_country(value)?.into(),
        ValueFormat::CountryName => {
            let code = known_country(value)?;
            countries::name_fr(code).unwrap_or(code).into()
        }
        // Its form is the rule's own.
        ValueFormat::Date => value.trim().to_owned().into(),
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
    countries::code(value).ok_or_else(|| Problem::NotCountry(value.to_owned()))
}

/// The code of the title that `raw` means (`mr`, or `ms` for Madame and what was
/// once Mademoiselle), in French or English, whatever its
/// case, accents and punctuation; `None` when it is not one, or more than one.
pub fn title_code(raw: &str) -> Option<&'static str> {
    match fold(raw).as_str() {
        "m" | "mr" | "mister" | "monsieur" | "mons" | "msieur" | "m r" | "sir" | "h" | "homme"
        | "garcon" | "male" | "man" | "masculin" | "masculine" => Some("mr"),
        "mme" | "madame" | "mrs" | "ms" | "mlle" | "melle" | "mademoiselle" | "miss" | "mis"
        | "madam" | "m me" | "m lle" | "f" | "femme" | "fille" | "female" | "woman" | "feminin"
        | "feminine" => Some("ms"),
        _ => None,
    }
}

/// What people write for a title's code, as examples.
pub fn title_words(code: &str) -> Option<&'static str> {
    match code {
        "mr" => Some("M., Mr"),
        "ms" => Some("Mme, Ms"),
        _ => None,
    }
}

/// The postcode in `raw`: a French one that lost its leading zero to a
/// spreadsheet gets it back, `None` where it is not five digits. `country` is an
/// ISO 3166 alpha-2 code; a code of any country but France, its overseas
/// departments and Monaco is only trimmed.
fn postcode<'r>(raw: &'r str, country: &str) -> Option<Formed<'r>> {
    let text = trim(raw);
    if !is_french(country) {
        return Some(Formed::plain(text));
    }
    let whole = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0"));
    let code: Option<String> = without_country(whole.unwrap_or(text))
        .chars()
        .filter(|letter| !letter.is_whitespace() && !is_invisible(*letter))
        .map(ascii_digit)
        .collect();
    let (code, repaired) = match code? {
        code if code.len() == 5 => (code, whole.is_some()),
        code if code.len() == 4 && !code.starts_with('0') => (format!("0{code}"), true),
        _ => return None,
    };
    let value = raw.to_owned();
    let repair = repaired.then(|| PutRight::Postcode {
        value,
        code: code.clone(),
    });
    Some(Formed {
        repair,
        ..Formed::plain(code)
    })
}

/// Without the `F-` or `FR-` that some write before the digits.
fn without_country(text: &str) -> &str {
    ["FR-", "fr-", "F-", "f-"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
        .unwrap_or(text)
}

fn is_french(country: &str) -> bool {
    let country = country.trim();
    [
        "FR", "RE", "YT", "GP", "GF", "MQ", "BL", "MF", "PM", "NC", "PF", "WF", "MC",
    ]
    .iter()
    .any(|code| country.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests;
