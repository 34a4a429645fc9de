//! Damage to numbers that a spreadsheet took for quantities, and what may be
//! done about any damage: repaired only where it is certain.

/// What may be repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repair {
    /// Nothing: every repair becomes a refusal (`--repair none`).
    None,
    /// What is certain.
    #[default]
    Certain,
    /// What is likely too: text read in the wrong encoding (`--repair all`).
    All,
}

/// What was found in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// In words, with the value.
    pub what: String,
    /// What the user can do about it.
    pub how: &'static str,
    /// The value as it was before, if it can be known.
    pub mended: Option<String>,
    /// No other value is possible.
    pub certain: bool,
}

impl Damage {
    pub fn certain(what: String, mended: String) -> Self {
        Self {
            what,
            how: "correct it in the file, or leave out --repair none",
            mended: Some(mended),
            certain: true,
        }
    }

    pub fn likely(what: String, mended: String, how: &'static str) -> Self {
        Self {
            what,
            how,
            mended: Some(mended),
            certain: false,
        }
    }

    pub fn lost(what: String, how: &'static str) -> Self {
        Self {
            what,
            how,
            mended: None,
            certain: false,
        }
    }
}

/// What a column of digits holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    Phone,
    Zip,
    Siret,
    Id,
}

const AS_TEXT: &str = "format this column as Text in the spreadsheet and export again; \
    digits that are shown as E+ can't be recovered";

/// The damage in a cell of digits. `french`: whether the row is from France.
pub fn damage(kind: Digits, cell: &str, french: impl FnOnce() -> bool) -> Option<Damage> {
    let text = cell.trim();
    let first = *text.as_bytes().first()?;
    if first == b'0' || !(first.is_ascii_digit() || matches!(first, b'+' | b'-')) {
        return None;
    }
    if is_rounded(kind, text) {
        let what = format!(
            "{} is a rounded number: its last digits are lost",
            shown(text)
        );
        return Some(Damage::lost(what, AS_TEXT));
    }
    let whole = without_decimal(kind, text);
    let digits = whole.unwrap_or(text);
    if lost_zero(kind, digits) && french() {
        let what = format!("{} has lost its first 0", shown(text));
        return Some(Damage::certain(what, format!("0{digits}")));
    }
    whole.map(|digits| {
        let what = format!("{} was written as a quantity", shown(text));
        Damage::certain(what, digits.to_owned())
    })
}

/// `3,36123E+10`, `6.12e8`.
fn is_rounded(kind: Digits, text: &str) -> bool {
    let Some((number, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    // An identifier may well be `12E4`.
    let meant = kind != Digits::Id || exponent.starts_with('+');
    let number = number.trim_start_matches(['+', '-']);
    let exponent = exponent.trim_start_matches('+');
    let numeric = |text: &str, more: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || more.contains(&b))
    };
    meant && numeric(number, b".,") && numeric(exponent, b"")
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
    let whole = digits.len() >= shortest && digits.bytes().all(|byte| byte.is_ascii_digit());
    whole.then_some(digits)
}

fn lost_zero(kind: Digits, text: &str) -> bool {
    match kind {
        Digits::Phone => {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let only = |c: char| c.is_ascii_digit() || " .-\u{a0}\u{202f}\u{2009}".contains(c);
            digits == 9 && !text.starts_with(['-', '0']) && text.chars().all(only)
        }
        Digits::Zip => text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()),
        Digits::Siret | Digits::Id => false,
    }
}

/// A value as it stands in a message: quoted, and short.
pub fn shown(value: &str) -> String {
    let value = value.trim();
    let mut short: String = value.chars().take(40).collect();
    if short.len() < value.len() {
        short.push('…');
    }
    format!("\"{short}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(kind: Digits, cell: &str) -> Option<String> {
        damage(kind, cell, || true).and_then(|damage| damage.mended)
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
        assert_eq!(damage(Digits::Zip, "1000", || false), None);
        assert_eq!(damage(Digits::Phone, "470123456", || false), None);
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
            assert_eq!(damage(Digits::Phone, cell, || true), None, "{cell}");
        }
        for cell in ["75001", "01000", "SW1A 1AA", "2A004"] {
            assert_eq!(damage(Digits::Zip, cell, || true), None, "{cell}");
        }
        assert_eq!(damage(Digits::Id, "12E4", || true), None);
    }

    #[test]
    fn a_rounded_number_is_lost() {
        for cell in ["3,36123E+10", "6.12E+08", "6,4e8", "+3.3E10"] {
            let damage = damage(Digits::Phone, cell, || true).expect("damage");
            assert_eq!(damage.mended, None, "{cell}");
        }
        assert!(damage(Digits::Id, "1,2E+12", || true).is_some());
    }
}
