//! An amount of money, exact to the cent: prices, costs and their sums.

use std::fmt;
use std::iter::Sum;
use std::ops::{AddAssign, Sub};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use super::text::in_quotes;
use crate::words::say;

/// Cents, of whatever currency the prices are in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Money(i64);

/// No lead costs more; sums of millions of leads stay exact.
const MOST: i64 = 1_000_000_000;

impl Money {
    pub const fn of_cents(cents: i64) -> Self {
        Self(cents)
    }

    pub const fn cents(self) -> i64 {
        self.0
    }
}

/// Reads `35`, `35.5`, `35.00` and, as it is written in French, `35,00`.
impl TryFrom<String> for Money {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = || {
            let (whole, part) = text.trim().split_once(['.', ',']).unwrap_or((&text, "0"));
            let whole = whole.trim();
            let are_digits =
                |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
            if !are_digits(whole) || !are_digits(part) || part.len() > 2 {
                return None;
            }
            let cents: i64 = format!("{part:0<2}").parse().ok()?;
            let whole: i64 = whole.parse().ok()?;
            let sum = whole.checked_mul(100)?.checked_add(cents)?;
            (sum < MOST).then_some(Self(sum))
        };
        parts().ok_or_else(|| say!("money-no-amount", text = in_quotes(&text)))
    }
}

/// `35.00`, whatever the language: it is read by scripts too.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}{whole}.{part:02}"))
    }
}

/// As a text: a number of JSON is no exact decimal.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, more: Self) {
        self.0 += more.0;
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, less: Self) -> Self {
        Self(self.0 - less.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        Self(all.map(|money| money.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Money, String> {
        Money::try_from(text.to_owned())
    }

    #[test]
    fn an_amount_is_exact_to_the_cent() {
        for (text, cents) in [
            ("35", 3_500),
            ("35.5", 3_550),
            (" 35.05 ", 3_505),
            ("0,10", 10),
            ("1234.99", 123_499),
        ] {
            assert_eq!(read(text), Ok(Money(cents)), "{text}");
        }
        for text in [
            "", "a", "-1", "1.234", "1.", ".5", "1 000", "35€", "1e3", "10000000", "٣",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let tenth: Money = vec![Money(10); 10].into_iter().sum();
        assert_eq!(tenth.to_string(), "1.00");
        assert_eq!((Money(5) - Money(110)).to_string(), "-1.05");
        assert_eq!(serde_json::to_string(&Money(7)).unwrap(), "\"0.07\"");
    }
}
