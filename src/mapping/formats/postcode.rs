//! Postcodes: those of France checked and repaired, others left as they are.

use std::borrow::Cow;

use crate::lead::text::{ascii_digit, is_invisible, trim};

/// The postcode in `raw`, and whether it was repaired: a French one that lost
/// its leading zero to a spreadsheet gets it back. `country` is an ISO 3166
/// alpha-2 code; a code of any country but France, its overseas departments
/// and Monaco is only trimmed.
///
/// # Errors
/// A French postcode that is not five digits, in words.
pub fn postcode<'r>(raw: &'r str, country: &str) -> Result<(Cow<'r, str>, bool), String> {
    let text = trim(raw);
    let sound = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if sound || !is_french(country) {
        return Ok((Cow::Borrowed(text), false));
    }
    let (text, decimal) = match text.strip_suffix(".0").or_else(|| text.strip_suffix(",0")) {
        Some(whole) => (whole, true),
        None => (text, false),
    };
    let digits: Option<String> = without_country(text)
        .chars()
        .filter(|letter| !letter.is_whitespace() && !is_invisible(*letter))
        .map(ascii_digit)
        .collect();
    match digits {
        Some(digits) if digits.len() == 5 => Ok((digits.into(), decimal)),
        Some(digits) if digits.len() == 4 && !digits.starts_with('0') => {
            Ok((format!("0{digits}").into(), true))
        }
        _ => Err("is not a French postcode; write five digits such as 01000".to_owned()),
    }
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
mod tests {
    use super::postcode;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    #[test]
    fn repairs_only_what_is_certain() {
        for (raw, country, expected) in [
            ("75001", "FR", Ok(("75001", false))),
            (" 75 001 ", "FR", Ok(("75001", false))),
            ("F-75001", "fr", Ok(("75001", false))),
            ("75\u{a0}001", "FR", Ok(("75001", false))),
            ("７５００１", "FR", Ok(("75001", false))),
            ("1000", "FR", Ok(("01000", true))),
            ("1000.0", "FR", Ok(("01000", true))),
            ("75001.0", "FR", Ok(("75001", true))),
            ("97400", "RE", Ok(("97400", false))),
            ("1000", "BE", Ok(("1000", false))),
            (" SW1A 1AA", "GB", Ok(("SW1A 1AA", false))),
            ("", "FR", Err(())),
            ("750", "FR", Err(())),
            ("0100", "FR", Err(())),
            ("750011", "FR", Err(())),
            ("2A004", "FR", Err(())),
            ("Paris", "FR", Err(())),
        ] {
            let found = postcode(raw, country);
            let found = found
                .as_ref()
                .map(|(code, repaired)| (code.as_ref(), *repaired));
            assert_eq!(found.map_err(|_| ()), expected, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_repairs_once(raw in any::<String>(), digits in "[0-9 ]{0,7}") {
            let _ = postcode(&raw, "FR");
            if let Ok((code, _)) = postcode(&digits, "FR") {
                prop_assert_eq!(postcode(&code, "FR"), Ok((code.clone(), false)));
            }
        }
    }
}
