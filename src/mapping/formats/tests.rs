//! Titles and postcodes.

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{postcode, title_code, title_words};

#[test]
fn reads_the_titles_that_forms_hold() {
    for raw in [
        "M",
        "m.",
        "M.",
        "Mr",
        "MR.",
        "Monsieur",
        " monsieur ",
        "Mister",
        "Sir",
        "H",
        "homme",
        "male",
        "Masculin",
    ] {
        assert_eq!(title_code(raw), Some("mr"), "{raw}");
    }
    for raw in [
        "Mme",
        "MME.",
        "Madame",
        "Mlle",
        "Mademoiselle",
        "Ms",
        "Mrs.",
        "Miss",
        "F",
        "Femme",
        "female",
        "Féminin",
        "M\u{a0}me",
    ] {
        assert_eq!(title_code(raw), Some("ms"), "{raw}");
    }
}

#[test]
fn leaves_what_is_not_one_title() {
    for raw in ["", "Dr", "Monsieur ou Madame", "M./Mme", "X", "1"] {
        assert_eq!(title_code(raw), None, "{raw}");
    }
}

proptest! {
    #[test]
    fn a_title_is_its_own_code(raw in any::<String>()) {
        if let Some(found) = title_code(&raw) {
            assert_eq!(title_code(found), Some(found));
            assert!(title_words(found).is_some());
        }
    }
}

#[test]
fn repairs_only_the_postcodes_that_are_certain() {
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
    fn a_postcode_is_repaired_once(raw in any::<String>(), digits in "[0-9 ]{0,7}") {
        let _ = postcode(&raw, "FR");
        if let Some(once) = postcode(&digits, "FR") {
            let twice = postcode(&once.text, "FR").unwrap();
            prop_assert_eq!(&twice.text, &once.text);
            prop_assert!(twice.repair.is_none());
        }
    }
}
