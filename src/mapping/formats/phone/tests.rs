//! Phones: a golden table, and the short way held to the library's answers.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use rlibphonenumber::{PhoneNumber, PhoneNumberFormat, Region};

use super::{OVERSEAS, PhoneForm, is_french_plan, key};
use crate::mapping::complaint::PhoneFault;
use crate::mapping::formats::Formed;

fn phone(raw: &str, country: &str, form: PhoneForm) -> Result<Formed<'static>, PhoneFault> {
    super::phone(raw, country, country, form)
}

fn e164(raw: &str) -> String {
    match phone(raw, "FR", PhoneForm::E164) {
        Ok(phone) => phone.text.into_owned(),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn reads_what_exports_hold() {
    for (raw, expected) in [
        ("0613131312", "+33613131312"),
        ("06 13 13 13 12", "+33613131312"),
        ("06.13.13.13.12", "+33613131312"),
        ("06-13-13-13-12", "+33613131312"),
        ("06/13/13/13/12", "+33613131312"),
        ("06_13_13_13_12", "+33613131312"),
        ("06\u{a0}13\u{a0}13\u{a0}13\u{a0}12", "+33613131312"),
        ("06\u{202f}13\u{2009}13\u{2007}13\u{2008}12", "+33613131312"),
        ("06\u{2011}13\u{2013}13\u{2212}13\u{2010}12", "+33613131312"),
        ("０６１３１３１３１２", "+33613131312"),
        ("＋３３６１３１３１３１２", "+33613131312"),
        ("+33613131312", "+33613131312"),
        ("+33 6 13 13 13 12", "+33613131312"),
        ("+33 (0)6 13 13 13 12", "+33613131312"),
        ("(+33) 06 13 13 13 12", "+33613131312"),
        ("+33(0)613131312", "+33613131312"),
        ("0033613131312", "+33613131312"),
        ("00 33 6 13 13 13 12", "+33613131312"),
        ("0033 (0)6 13 13 13 12", "+33613131312"),
        ("33613131312", "+33613131312"),
        ("33 (0) 6 13 13 13 12", "+33613131312"),
        ("613131312", "+33613131312"),
        ("613131312.0", "+33613131312"),
        ("33613131312.0", "+33613131312"),
        ("33613131312,0", "+33613131312"),
        ("'0613131312", "+33613131312"),
        ("\u{202a}+33 6 13 13 13 12\u{202c}", "+33613131312"),
        ("\u{feff}0613131312\u{200b}", "+33613131312"),
        (" 0613131312\t", "+33613131312"),
        ("0199000001", "+33199000001"),
        ("01 99 00 00 01", "+33199000001"),
        ("0261910001", "+33261910001"),
        ("0353010001", "+33353010001"),
        ("0465710001", "+33465710001"),
        ("0536490001", "+33536490001"),
        ("0639980001", "+33639980001"),
        ("0712345678", "+33712345678"),
        ("0800123456", "+33800123456"),
        ("0912345678", "+33912345678"),
        ("0262161234", "+262262161234"),
        ("0263012345", "+262263012345"),
        ("0692 12 34 56", "+262692123456"),
        ("0693123456", "+262693123456"),
        ("692123456", "+262692123456"),
        ("0269601234", "+262269601234"),
        ("0639012345", "+262639012345"),
        ("0590201234", "+590590201234"),
        ("0690001234", "+590690001234"),
        ("0691001234", "+590691001234"),
        ("0594101234", "+594594101234"),
        ("0694201234", "+594694201234"),
        ("0596301234", "+596596301234"),
        ("0696201234", "+596696201234"),
        ("0697201234", "+596697201234"),
        ("+262692123456", "+262692123456"),
        ("+262 (0)692 12 34 56", "+262692123456"),
        ("00262692123456", "+262692123456"),
        ("262692123456", "+262692123456"),
        ("0709301234", "+594709301234"),
        ("+32 470 12 34 56", "+32470123456"),
        ("0032470123456", "+32470123456"),
        ("32470123456", "+32470123456"),
        ("+41 (0)78 123 45 67", "+41781234567"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("+49 (0)30 123456", "+4930123456"),
        ("+39 02 1234 5678", "+390212345678"),
        ("+1 (201) 555-0123", "+12015550123"),
        ("+352 621 123 456", "+352621123456"),
        ("+212 650-123456", "+212650123456"),
        ("+377 6 12 34 56 78", "+377612345678"),
    ] {
        assert_eq!(e164(raw), expected, "{raw}");
        assert_eq!(e164(expected), expected, "{raw}, the second time");
    }
}

#[test]
fn refuses_in_words() {
    for (raw, reason) in [
        ("", "no digit"),
        ("   ", "no digit"),
        ("+", "no digit"),
        ("néant", "letters"),
        ("06 13 13 13 12 poste 4", "letters"),
        ("O613131312", "letters"),
        ("06 13 13 13", "too short"),
        ("1234", "too short"),
        ("3631", "too short"),
        ("06 13 13 13 12 34", "too long"),
        ("+33 6 13 13 13 12 34", "too long"),
        ("0613131312 / 0712345678", "two phone numbers"),
        ("06 13 13 13 12 ou 07 12 34 56 78", "two phone numbers"),
        ("0613131312;0712345678", "two phone numbers"),
        ("+33613131312+33712345678", "two phone numbers"),
        ("0613131312 0712345678", "too many"),
        ("3,36123E+10", "spreadsheet"),
        ("3.36123e10", "spreadsheet"),
        ("+999 123 456 789", "country code"),
        ("06*13131312", "a sign"),
        ("06,13,13,13,12", "a sign"),
    ] {
        let error = phone(raw, "FR", PhoneForm::E164)
            .expect_err(raw)
            .to_string();
        assert!(error.contains(reason), "{raw}: {error}");
    }
    let fault = phone("0613131312", "", PhoneForm::E164).expect_err("no country");
    assert_eq!(fault, PhoneFault::NoCountry);
}

#[test]
fn tells_doubt_and_repair() {
    let told = |raw| {
        let Formed { doubt, repair, .. } = phone(raw, "FR", PhoneForm::E164).expect(raw);
        (doubt.is_some(), repair.is_some())
    };
    assert_eq!(told("0613131312"), (false, false));
    assert_eq!(told("+33 6 13 13 13 12"), (false, false));
    assert_eq!(told("33613131312"), (false, false));
    assert_eq!(told("613131312"), (false, true));
    assert_eq!(told("33613131312.0"), (false, true));
    assert_eq!(told("0639980001"), (true, false));
    assert_eq!(told("+33692123456"), (true, false));
    assert_eq!(told("+32470123456"), (false, false));
}

#[test]
fn writes_each_form() {
    for (raw, national, french) in [
        ("+33613131312", "0613131312", Ok("0613131312")),
        ("0692123456", "0692123456", Ok("+262692123456")),
        ("+590690001234", "0690001234", Ok("+590690001234")),
        ("+594694201234", "0694201234", Ok("+594694201234")),
        ("+596696201234", "0696201234", Ok("+596696201234")),
        ("+32470123456", "+32470123456", Err(())),
        ("+12015550123", "+12015550123", Err(())),
    ] {
        let written = |form| phone(raw, "FR", form).map(|phone| phone.text.into_owned());
        assert_eq!(written(PhoneForm::National).as_deref(), Ok(national));
        let found = written(PhoneForm::French);
        assert_eq!(found.as_deref().map_err(|_| ()), french, "{found:?}");
    }
}

#[test]
fn the_national_form_is_that_of_the_destinations_country() {
    for (raw, country, expected) in [
        ("0470 12 34 56", "BE", "0470123456"),
        ("+32 470 12 34 56", "be", "0470123456"),
        ("02 550 12 34", "BE", "025501234"),
        ("+33613131312", "BE", "+33613131312"),
        ("022 345 67 89", "CH", "0223456789"),
        ("+39 06 6982 1234", "IT", "0669821234"),
        ("(201) 555-0123", "US", "2015550123"),
        ("0692123456", "RE", "0692123456"),
        ("+32470123456", "FR", "+32470123456"),
        ("+32470123456", "", "+32470123456"),
    ] {
        let written = phone(raw, country, PhoneForm::National).map(|phone| phone.text.into_owned());
        assert_eq!(written.as_deref(), Ok(expected), "{raw} {country}");
    }
}

/// The pattern is one that a partner documents.
#[test]
fn the_french_form_fits_a_french_pattern() {
    let pattern = regex::Regex::new(concat!(
        r"^(\+33|0033|\+262|00262|\+590|00590|\+594|00594|\+596|00596|0)",
        r"[\.\- ]?[0-9]([\.\- ]?[0-9]{2}){4}$"
    ))
    .expect("a pattern");
    for raw in [
        "+33 (0)6 13 13 13 12",
        "33613131312",
        "613131312",
        "0692123456",
        "0269601234",
        "0690001234",
        "0694201234",
        "0696201234",
        "0639980001",
    ] {
        let text = phone(raw, "FR", PhoneForm::French).expect(raw).text;
        assert!(pattern.is_match(&text), "{raw}: {text}");
    }
}

#[test]
fn the_country_decides_for_numbers_without_code() {
    let text =
        |raw, country| phone(raw, country, PhoneForm::E164).map(|phone| phone.text.into_owned());
    assert_eq!(text("0470 12 34 56", "BE").as_deref(), Ok("+32470123456"));
    assert_eq!(text("0470 12 34 56", "be").as_deref(), Ok("+32470123456"));
    assert_eq!(text("0613131312", "RE").as_deref(), Ok("+33613131312"));
    assert_eq!(text("0692123456", "RE").as_deref(), Ok("+262692123456"));
    assert_eq!(text("33613131312", "BE").as_deref(), Ok("+33613131312"));
    assert_eq!(text("201 555 0123", "US").as_deref(), Ok("+12015550123"));
    assert_eq!(text("0033613131312", "").as_deref(), Ok("+33613131312"));
}

#[test]
fn one_key_for_one_person() {
    for raw in ["06 13 13 13 12", "33613131312", "+33 (0)613131312"] {
        assert_eq!(key(raw, "FR", "FR").as_deref(), Some("+33613131312"));
    }
    assert_eq!(key("n/a", "FR", "FR"), None);
}

/// What the library alone says: E.164 and validity.
fn library(text: &str, region: Region) -> Option<(String, bool)> {
    let number = PhoneNumber::parse(text, Some(region)).ok()?;
    let e164 = number.format_as(PhoneNumberFormat::E164).into_owned();
    Some((e164, number.is_valid()))
}

fn ours(text: &str) -> Option<(String, bool)> {
    let phone = phone(text, "FR", PhoneForm::E164).ok()?;
    Some((phone.text.into_owned(), phone.doubt.is_none()))
}

/// Every four first digits, behind +33: the table can't drift from the library.
#[test]
fn the_short_way_agrees_on_every_prefix() {
    for prefix in 1_000_u32..10_000 {
        // A different ending each, so that no ending hides a rule.
        let ending = prefix.wrapping_mul(48_271) % 100_000;
        let text = format!("+33{prefix}{ending:05}");
        assert_eq!(ours(&text), library(&text, Region::FR), "{text}");
    }
}

proptest! {
    #[test]
    fn the_short_way_agrees_whatever_is_typed(
        before in proptest::sample::select(vec![
            "0", "", "+33", "+33 0", "0033", "0033 (0)", "33", "33 0",
        ]),
        national in 100_000_000_u32..1_000_000_000,
        gap in proptest::sample::select(vec!["", " ", ".", "-", "\u{a0}", "/"]),
    ) {
        let pairs: Vec<String> = national
            .to_string()
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).into_owned())
            .collect();
        let text = format!("{before}{gap}{}", pairs.join(gap));
        let dialled = text.replace(gap, "");
        let theirs = library(&dialled, Region::FR);
        let national_form = before == "0" || before.is_empty();
        let found = ours(&text);
        // Where a number has an overseas prefix, or France's own rules fail,
        // the library must say the same when told that region.
        let overseas = matches!(&found, Some((e164, _)) if !e164.starts_with("+33"));
        if national_form && overseas {
            let regions = OVERSEAS;
            let same = regions.iter().any(|region| library(&dialled, *region) == found);
            prop_assert!(same, "{}", text);
        } else {
            prop_assert_eq!(found, theirs, "{}", text);
        }
    }

    #[test]
    fn an_accepted_number_maps_to_itself(
        raw in "[+0]{0,2}[0-9]{4,15}",
        country in proptest::sample::select(vec![
            "FR", "RE", "BE", "US", "IT", "AR", "MX", "BR", "DE", "SM", "GG", "CI", "",
        ]),
    ) {
        if let Ok(first) = phone(&raw, country, PhoneForm::E164) {
            let second = phone(&first.text, country, PhoneForm::E164).map(|phone| phone.text.into_owned());
            prop_assert_eq!(second.as_deref(), Ok(&*first.text));
            // France's own way needs no library, and takes numbers nobody has.
            if !is_french_plan(country) {
                let national = phone(&raw, country, PhoneForm::National).map(|phone| phone.text.into_owned());
                let back = national.and_then(|text| phone(&text, country, PhoneForm::E164));
                prop_assert_eq!(back.map(|phone| phone.text), Ok(first.text));
            }
        }
    }

    #[test]
    fn never_panics(raw in any::<String>(), country in any::<String>()) {
        for form in [PhoneForm::E164, PhoneForm::National, PhoneForm::French] {
            let _ = phone(&raw, &country, form);
            let _ = phone(&raw, "FR", form);
        }
    }
}

#[test]
fn the_short_way_agrees_on_the_numbers_of_fiction() {
    for last in (0..10_000).step_by(97) {
        for text in [format!("+3363998{last:04}"), format!("063998{last:04}")] {
            assert_eq!(ours(&text), library(&text, Region::FR), "{text}");
        }
    }
}

#[test]
fn a_number_is_its_own_countrys_and_is_dialled_from_home() {
    for (raw, country, home, form, expected) in [
        ("0470 12 34 56", "BE", "FR", PhoneForm::E164, "+32470123456"),
        ("470123456", "BE", "FR", PhoneForm::E164, "+32470123456"),
        ("07700 900123", "GB", "FR", PhoneForm::E164, "+447700900123"),
        (
            "0470 12 34 56",
            "BE",
            "FR",
            PhoneForm::National,
            "+32470123456",
        ),
        (
            "06 13 13 13 12",
            "FR",
            "BE",
            PhoneForm::National,
            "+33613131312",
        ),
        (
            "0692 00 00 00",
            "RE",
            "FR",
            PhoneForm::E164,
            "+262692000000",
        ),
        // Who moved to Belgium has a French number still.
        (
            "06 13 13 13 12",
            "BE",
            "FR",
            PhoneForm::E164,
            "+33613131312",
        ),
        ("613131312", "BE", "FR", PhoneForm::National, "0613131312"),
        (
            "+33 6 13 13 13 12",
            "BE",
            "FR",
            PhoneForm::E164,
            "+33613131312",
        ),
    ] {
        let phone = super::phone(raw, country, home, form).expect(raw);
        assert_eq!(phone.text, expected, "{raw} of {country}");
    }
    let error = super::phone("0470 12 34 56", "BE", "FR", PhoneForm::French).expect_err("foreign");
    assert_eq!(error, PhoneFault::Foreign(32));
}

#[test]
fn lists_write_a_number_in_further_ways() {
    for (key, others) in [
        ("+33639980001", &["33639980001", "0639980001"][..]),
        ("+262692000000", &["262692000000", "0692000000"]),
        ("+32470123456", &["32470123456", "0470123456", "470123456"]),
    ] {
        assert_eq!(super::other_forms(key), others);
    }
}
