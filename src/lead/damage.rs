//! Damage in cells: numbers that a spreadsheet took for quantities, text read in
//! the wrong encoding, letters in pieces or gone, a spreadsheet's error words; and
//! what a program wrote around a value or in its place.

use std::borrow::Cow;

use clap::ValueEnum;
use encoding_rs::WINDOWS_1252;
use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::entities;
use super::evidence::{Expected, is_number};
use super::marks::without_marks;
use super::nothing::Nothing;
use crate::words::say;

/// What is repaired of damaged values: `--repair`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, ValueEnum)]
pub enum Repair {
    #[value(help = say!("value-repair-none"))]
    None,
    #[default]
    #[value(help = say!("value-repair-safe"))]
    Safe,
    #[value(help = say!("value-repair-all"))]
    All,
}

/// What is wrong with a cell; with the value as it was before, if it can be known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CellDamage {
    #[error("{}", say!("damage-lost-letters"))]
    LostLetters,
    #[error("{}", say!("damage-misread"))]
    Misread(Option<String>),
    #[error("{}", say!("damage-accents-apart"))]
    AccentsApart(String),
    #[error("{}", say!("damage-not-calculated"))]
    NotCalculated,
    #[error("{}", say!("damage-error-word"))]
    ErrorWord,
    /// `="01000"`, `'01000`
    #[error("{}", say!("damage-kept-as-text"))]
    KeptAsText(String),
    #[error("{}", say!("damage-html"))]
    Html { text: String, certain: bool },
    /// `p:+33639980001`
    #[error("{}", say!("damage-prefixed"))]
    Prefixed { bare: String, certain: bool },
    #[error("{}", say!("damage-marks"))]
    Marks(String),
    #[error("{}", say!("damage-nothing"))]
    Nothing,
    #[error("{}", say!("damage-perhaps-nothing"))]
    PerhapsNothing,
    /// `3,36123E+10`
    #[error("{}", say!("damage-rounded"))]
    Rounded,
    #[error("{}", say!("damage-lost-zero"))]
    LostZero(String),
    /// `612345678.0`
    #[error("{}", say!("damage-quantity"))]
    Quantity(String),
}

/// What a column of digits holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    Phone,
    Zip,
    Siret,
    Id,
}

/// What Excel shows for a formula that it can't calculate, and a workbook's reader
/// for one that the program that wrote it left to Excel.
pub const NOT_CALCULATED: &str = "#CALC!";

const ERROR_WORDS: [&str; 10] = [
    "#REF!", "#NAME?", "#NOM?", "#VALUE!", "#VALEUR!", "#DIV/0!", "#NULL!", "#NUL!", "#NUM!",
    "#NOMBRE!",
];

impl CellDamage {
    /// The first damage of a cell, whatever its column holds. Only what is damaged is
    /// told: other texts arrive byte for byte.
    pub fn of_text(cell: &str, column: usize, expected: &Expected) -> Option<Self> {
        if cell.is_empty() {
            return None;
        }
        let known = expected.column(column);
        if let Some(inside) = kept_as_text(cell, || known.is_some_and(|it| it.is_digits)) {
            return Some(Self::KeptAsText(inside));
        }
        if let Some((bare, certain)) = known.and_then(|column| column.without_prefix(cell)) {
            let bare = bare.to_owned();
            return Some(Self::Prefixed { bare, certain });
        }
        if let Some(decoded) = entities::decode(cell).filter(|decoded| decoded.text != cell) {
            return Some(Self::Html {
                certain: decoded.well_formed && known.is_some_and(|column| column.html),
                text: decoded.text,
            });
        }
        if let Cow::Owned(text) = without_marks(cell) {
            return Some(Self::Marks(text));
        }
        match expected.nothing(column, cell) {
            Some(Nothing::Certain) => Some(Self::Nothing),
            Some(Nothing::Perhaps) => Some(Self::PerhapsNothing),
            None => Self::of_letters(cell),
        }
    }

    /// The damage to the letters of a cell.
    fn of_letters(cell: &str) -> Option<Self> {
        if cell.is_ascii() {
            return match cell.trim() {
                NOT_CALCULATED => Some(Self::NotCalculated),
                word if word.starts_with('#') && ERROR_WORDS.contains(&word) => {
                    Some(Self::ErrorWord)
                }
                _ => None,
            };
        }
        if cell.contains('\u{fffd}') {
            return Some(Self::LostLetters);
        }
        if is_misread(cell) {
            return Some(Self::Misread(reread(cell)));
        }
        let accents = cell
            .chars()
            .any(|letter| ('\u{300}'..='\u{36f}').contains(&letter));
        (accents && !is_nfc(cell)).then(|| Self::AccentsApart(cell.nfc().collect()))
    }

    /// The damage in a cell of digits. `french`: whether the row is from France.
    pub fn of_digits(kind: Digits, cell: &str, french: impl FnOnce() -> bool) -> Option<Self> {
        let text = cell.trim();
        if !text.starts_with(|first: char| matches!(first, '1'..='9' | '+' | '-')) {
            return None;
        }
        // An identifier may well be `12E4`.
        let is_meant = kind != Digits::Id || text.contains('+');
        if is_meant && is_rounded(text) {
            return Some(Self::Rounded);
        }
        let whole = without_decimal(kind, text);
        let digits = whole.unwrap_or(text);
        if lost_zero(kind, digits) && french() {
            return Some(Self::LostZero(format!("0{digits}")));
        }
        whole.map(|digits| Self::Quantity(digits.to_owned()))
    }

    /// The value as it was before, where that may be put in its place.
    pub fn mended(&self, repair: Repair) -> Option<&str> {
        let (mended, certain) = match self {
            Self::AccentsApart(text)
            | Self::LostZero(text)
            | Self::Quantity(text)
            | Self::KeptAsText(text)
            | Self::Marks(text) => (text.as_str(), true),
            Self::Html { text, certain } => (text.as_str(), *certain),
            Self::Prefixed { bare, certain } => (bare.as_str(), *certain),
            Self::Nothing => ("", true),
            Self::ErrorWord => ("", false),
            Self::Misread(Some(text)) => (text.as_str(), false),
            _ => return None,
        };
        let needed = match certain {
            true => Repair::Safe,
            false => Repair::All,
        };
        (repair >= needed).then_some(mended)
    }

    /// What a user does about it.
    pub fn what_to_do(&self) -> String {
        match self {
            Self::LostLetters | Self::Misread(None) => say!("damaged-correct-or-export"),
            Self::Misread(Some(_)) => say!("damaged-export-or-repair"),
            Self::NotCalculated => say!("damaged-save-workbook"),
            Self::ErrorWord => say!("damaged-correct-formula"),
            Self::Html { certain: false, .. } => say!("damaged-html-in-part"),
            Self::Prefixed { certain: false, .. } => say!("damaged-prefix-in-part"),
            Self::Rounded => say!("damaged-format-as-text"),
            Self::PerhapsNothing => say!("damaged-taken-for-name"),
            _ => say!("damaged-correct-in-file"),
        }
    }
}

/// What stands in a cell that is written as a formula, or with an apostrophe, so that
/// a spreadsheet doesn't take it for a number. `'t Hooft` is a name.
fn kept_as_text(cell: &str, is_digits: impl FnOnce() -> bool) -> Option<String> {
    let cell = cell.trim();
    if let Some(formula) = cell.strip_prefix('=') {
        let inner = formula.trim_start().strip_prefix('"')?.strip_suffix('"')?;
        let whole = inner.replace("\"\"", "");
        return (!whole.contains('"')).then(|| inner.replace("\"\"", "\""));
    }
    let number = cell.strip_prefix('\'')?;
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    // What a spreadsheet would change as a number.
    let changes = || number.starts_with(['0', '+']) && digits > 1 || digits > 11;
    (is_number(number) && (is_digits() || changes())).then(|| number.to_owned())
}

/// UTF-8 that was taken for Windows-1252 shows as a certain letter and then
/// signs that never follow it: `Ã©`, `â€™`, `Å“`.
fn is_misread(cell: &str) -> bool {
    let mut letters = cell.chars();
    while let Some(letter) = letters.next() {
        let follows = match letter {
            // Windows-1252 that was taken for Latin-1.
            '\u{80}'..='\u{9f}' => return true,
            'Â' | 'Ã' | 'Ä' | 'Å' => 1,
            'â' => 2,
            'ð' => 3,
            _ => continue,
        };
        let rest = letters.clone();
        if rest.take(follows).filter(|&next| is_inner(next)).count() == follows {
            return true;
        }
    }
    false
}

/// Whether Windows-1252 writes this as a byte that only stands inside a letter
/// of UTF-8 (0x80 to 0xBF).
fn is_inner(letter: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, unknown) = WINDOWS_1252.encode(letter.encode_utf8(&mut buffer));
    !unknown && matches!(bytes.as_ref(), [0x80..=0xBF])
}

/// The text as it was before it was misread, if that is certain for all of it.
fn reread(cell: &str) -> Option<String> {
    // Latin-1 has controls where Windows-1252 has signs.
    let printed = |letter: char| match u8::try_from(letter) {
        Ok(byte @ 0x80..=0x9f) => WINDOWS_1252.decode(&[byte]).0.chars().next(),
        _ => Some(letter),
    };
    let shown: String = cell.chars().filter_map(printed).collect();
    if shown != cell {
        return match is_misread(&shown) {
            true => reread(&shown),
            false => Some(shown),
        };
    }
    let (bytes, _, unknown) = WINDOWS_1252.encode(cell);
    String::from_utf8(bytes.into_owned())
        .ok()
        .filter(|_| !unknown)
}

/// `3,36123E+10`, `6.12e8`: how a spreadsheet shows a number too wide for its column.
pub fn is_rounded(text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let number = number.trim_start_matches(['+', '-']);
    let number = number.replace(['.', ','], "0");
    are_digits(&number) && are_digits(exponent.trim_start_matches('+'))
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of `612345678.0`.
fn without_decimal(kind: Digits, text: &str) -> Option<&str> {
    let digits = text
        .strip_suffix(".0")
        .or_else(|| text.strip_suffix(",0"))?;
    let shortest = match kind {
        Digits::Phone => 9,
        Digits::Zip => 4,
        Digits::Siret | Digits::Id => 1,
    };
    (digits.len() >= shortest && are_digits(digits)).then_some(digits)
}

fn lost_zero(kind: Digits, text: &str) -> bool {
    match kind {
        Digits::Phone => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let only = |c: char| c.is_ascii_digit() || " .-\u{a0}\u{202f}\u{2009}".contains(c);
            digits == 9 && !text.starts_with(['-', '0']) && text.chars().all(only)
        }
        Digits::Zip => text.len() == 4 && are_digits(text),
        Digits::Siret | Digits::Id => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_text_is_left_alone() {
        let sound = [
            "Éva",
            "château",
            "L’Haÿ-les-Roses",
            "SÃO PAULO",
            "Ångström",
            "« Â »",
            "œuvre",
            "#12",
            "日本",
            "Å",
            "ð",
        ];
        for text in sound {
            assert_eq!(CellDamage::of_letters(text), None, "{text}");
        }
    }

    #[test]
    fn misread_text_is_put_right_where_it_can_be() {
        let mended = |text| {
            let damage = CellDamage::of_letters(text).expect("damage");
            damage.mended(Repair::All).map(str::to_owned)
        };
        assert_eq!(mended("AndrÃ©"), Some("André".into()));
        assert_eq!(mended("Lâ€™Ã‰cole Å“uvre"), Some("L’École œuvre".into()));
        assert_eq!(mended("Ã\u{a0} Lyon"), Some("à Lyon".into()));
        assert_eq!(mended("AndrÃ© et Éva"), None);
    }

    #[test]
    fn letters_in_pieces_are_joined() {
        let found = CellDamage::of_letters("e\u{301}te\u{301}").expect("damage");
        assert_eq!(found.mended(Repair::Safe), Some("été"));
    }

    #[test]
    fn what_is_gone_is_told() {
        assert_eq!(CellDamage::of_letters("Éva Müller"), None);
        for lost in ["Andr\u{fffd}", "#CALC!"] {
            let found = CellDamage::of_letters(lost).expect("damage");
            assert_eq!(found.mended(Repair::All), None, "{lost}");
        }
        let error = CellDamage::of_letters(" #REF! ").expect("damage");
        assert_eq!(error.mended(Repair::Safe), None);
        assert_eq!(error.mended(Repair::All), Some(""));
    }

    #[test]
    fn latin_1_was_windows_1252() {
        for (cell, text) in [
            ("L\u{92}Ha\u{ff}", "L’Haÿ"),
            ("Ren\u{c3}\u{a9}", "René"),
            ("\u{c3}\u{89}va", "Éva"),
            ("l\u{e2}\u{80}\u{99}or", "l’or"),
        ] {
            let found = CellDamage::of_letters(cell).expect("damage");
            assert_eq!(found.mended(Repair::Safe), None, "{cell:?}");
            assert_eq!(found.mended(Repair::All), Some(text), "{cell:?}");
        }
    }

    #[test]
    fn what_was_written_for_a_spreadsheet_is_its_inside() {
        let inside = |cell| kept_as_text(cell, || false);
        for (cell, text) in [
            ("=\"01000\"", "01000"),
            (" = \"Martin\" ", "Martin"),
            ("=\"\"", ""),
            ("=\"a \"\"b\"\"\"", "a \"b\""),
            ("'01000", "01000"),
            ("'+33 6 39 98 00 01", "+33 6 39 98 00 01"),
            ("'12345678901234", "12345678901234"),
        ] {
            assert_eq!(inside(cell).as_deref(), Some(text), "{cell}");
        }
        for cell in [
            "",
            "=",
            "=A1",
            "=\"a\"&B1&\"c\"",
            "=\"",
            "=SUM(1)",
            "'t Hooft",
            "'68",
            "'",
            "'0",
            "'Martin'",
            "\"01000\"",
            "'-1+cmd",
        ] {
            assert_eq!(inside(cell), None, "{cell}");
        }
        assert_eq!(kept_as_text("'69001", || true).as_deref(), Some("69001"));
    }

    fn mended(kind: Digits, cell: &str) -> Option<String> {
        let damage = CellDamage::of_digits(kind, cell, || true)?;
        damage.mended(Repair::Safe).map(str::to_owned)
    }

    #[test]
    fn a_lost_zero_is_put_back_for_france_only() {
        for (cell, whole) in [
            ("639980123", "0639980123"),
            (" 6 39 98 01 23", "06 39 98 01 23"),
            ("6.39.98.01.23", "06.39.98.01.23"),
            ("639980123.0", "0639980123"),
        ] {
            assert_eq!(mended(Digits::Phone, cell), Some(whole.into()), "{cell}");
        }
        assert_eq!(mended(Digits::Zip, "1000"), Some("01000".into()));
        assert_eq!(mended(Digits::Zip, "1000.0"), Some("01000".into()));
        assert_eq!(CellDamage::of_digits(Digits::Zip, "1000", || false), None);
        assert_eq!(
            CellDamage::of_digits(Digits::Phone, "470123456", || false),
            None
        );
    }

    #[test]
    fn sound_digits_are_left_alone() {
        for cell in [
            "0639980123",
            "+33639980123",
            "33639980123",
            "",
            "112",
            "n/a",
        ] {
            assert_eq!(
                CellDamage::of_digits(Digits::Phone, cell, || true),
                None,
                "{cell}"
            );
        }
        for cell in ["75001", "01000", "SW1A 1AA", "2A004"] {
            assert_eq!(
                CellDamage::of_digits(Digits::Zip, cell, || true),
                None,
                "{cell}"
            );
        }
        assert_eq!(CellDamage::of_digits(Digits::Id, "12E4", || true), None);
    }

    #[test]
    fn a_rounded_number_is_lost() {
        for cell in ["3,36123E+10", "6.12E+08", "6,4e8", "+3.3E10"] {
            let damage = CellDamage::of_digits(Digits::Phone, cell, || true).expect("damage");
            assert_eq!(damage, CellDamage::Rounded, "{cell}");
        }
        assert!(CellDamage::of_digits(Digits::Id, "1,2E+12", || true).is_some());
    }
}
