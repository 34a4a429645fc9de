//! Postcodes: those of France checked and repaired, others left as they are.

use super::Formed;
use crate::lead::text::{ascii_digit, is_invisible, trim};
use crate::mapping::complaint::PutRight;

/// The postcode in `raw`: a French one that lost its leading zero to a
/// spreadsheet gets it back, `None` where it is not five digits. `country` is an
/// ISO 3166 alpha-2 code; a code of any country but France, its overseas
/// departments and Monaco is only trimmed.
pub fn postcode<'r>(raw: &'r str, country: &str) -> Option<Formed<'r>> {
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
mod tests {
    use super::postcode;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

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
            let found = found.as_ref().map(|it| (&*it.text, it.repair.is_some()));
            assert_eq!(found.ok_or(()), expected, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_repairs_once(raw in any::<String>(), digits in "[0-9 ]{0,7}") {
            let _ = postcode(&raw, "FR");
            if let Some(once) = postcode(&digits, "FR") {
                let twice = postcode(&once.text, "FR").unwrap();
                prop_assert_eq!(&twice.text, &once.text);
                prop_assert!(twice.repair.is_none());
            }
        }
    }
}
