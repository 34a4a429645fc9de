//! CSV injection: text that a spreadsheet would run as a formula is made
//! harmless with a `'` before it, and put back as it was. Knows no file.

use std::borrow::Cow;

/// Whether a spreadsheet would run this cell. A phone or a number such as
/// `+33 6 39 98 00 01` or `-5.5` runs nothing.
pub fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches(' ');
    let mut letters = text.chars();
    let harmless = |letter: char| {
        letter.is_ascii_digit() || matches!(letter, ' ' | '.' | '\u{a0}' | '\u{202f}')
    };
    match letters.next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '＝' | '＠') => true,
        Some('+' | '-' | '＋' | '－') => !letters.all(harmless),
        _ => false,
    }
}

/// The cell with a `'` before it where it would run. One that looks as if it
/// had got its `'` already gets another, so that [`restore`] is exact.
pub fn defuse(text: &str) -> Cow<'_, str> {
    match is_formula(text.trim_start_matches('\'')) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// The cell that [`defuse`] was given.
pub fn restore(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(bare) if is_formula(bare.trim_start_matches('\'')) => bare,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn formulas_are_defused_and_names_and_phones_left_alone() {
        for cell in [
            "=1+1",
            "@SUM(A1)",
            "\t=1",
            "+cmd|' /C calc'!A0",
            "-1+cmd",
            " =1",
            "＝1",
        ] {
            assert_eq!(defuse(cell), format!("'{cell}"), "{cell}");
        }
        for cell in [
            "",
            "O'Neil",
            "'t Hooft",
            "-",
            "+33 6 39 98 00 01",
            "+33.6.39",
            "-5.5",
            "a=b",
        ] {
            assert_eq!(defuse(cell), cell);
            assert_eq!(restore(cell), cell);
        }
    }

    proptest! {
        #[test]
        fn what_was_defused_comes_back(cell in any::<String>(), start in "['=+@ -]{0,4}") {
            let cell = format!("{start}{cell}");
            let safe = defuse(&cell);
            prop_assert!(!is_formula(&safe));
            prop_assert_eq!(restore(&safe), cell.as_str());
        }
    }
}
