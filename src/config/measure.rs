//! Durations and rates as users write them: `30s`, `1h30m`, `180d`, `55/min`.

use std::fmt;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use schemars::JsonSchema;
use serde::Deserialize;

/// At most `count` requests in any window of `per`, burst included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct Rate {
    pub count: u32,
    pub per: Duration,
}

/// Reads `500ms`, `30s`, `2m`, `1h30m`, `180d`, `2w`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let span = || {
        let span: Span = text.trim().parse().ok()?;
        let days = SpanRelativeTo::days_are_24_hours();
        Duration::try_from(span.to_duration(days).ok()?).ok()
    };
    span().ok_or_else(|| {
        format!("`{text}` is not a duration: write a number and a unit, as in 30s, 2m, 1h, 180d")
    })
}

/// Reads `55/min`, `950/h`, `100/10s`.
impl TryFrom<String> for Rate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = || {
            let (count, per) = text.split_once('/')?;
            let per = per.trim();
            let per = match per.starts_with(|c: char| c.is_ascii_digit()) {
                true => duration(per),
                false => duration(&format!("1{per}")),
            };
            let (count, per) = (count.trim().parse().ok()?, per.ok()?);
            (count > 0 && !per.is_zero()).then_some(Self { count, per })
        };
        parts().ok_or_else(|| {
            format!("`{text}` is not a rate: write it as 55/min, 950/h, 9/s or 100/10s")
        })
    }
}

/// `55/min`, `100/10 s`
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count;
        match self.per.as_secs() {
            1 => write!(f, "{count}/s"),
            60 => write!(f, "{count}/min"),
            3_600 => write!(f, "{count}/h"),
            86_400 => write!(f, "{count}/day"),
            _ => write!(f, "{count}/{} s", self.per.as_secs_f64()),
        }
    }
}

/// A duration in the words of a message: `45 s`, `3 min`, `2 h 05`, `9 days`.
pub fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=9 => format!("{:.1} s", duration.as_secs_f64()),
        10..=119 => format!("{seconds} s"),
        120..=5_399 => format!("{} min", seconds / 60),
        5_400..=172_799 => format!("{} h {:02}", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("30s", 30),
            ("2m", 120),
            ("1h30m", 5400),
            ("180d", 15_552_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "30", "s", "3 weks", "-2s", "99999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates() {
        let rate = |text: &str| Rate::try_from(text.to_owned());
        let minute = Duration::from_secs(60);
        assert_eq!(
            rate("55/min"),
            Ok(Rate {
                count: 55,
                per: minute
            })
        );
        assert_eq!(rate("100/10s").map(|r| r.per), Ok(Duration::from_secs(10)));
        for text in ["55", "0/s", "x/min", "5/", "5/parsec"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rate_reads_as_it_is_written() {
        let rate = |text: &str| Rate::try_from(text.to_owned());
        for text in ["55/min", "950/h", "9/s", "1000/day", "100/10 s"] {
            assert_eq!(rate(text).map(|rate| rate.to_string()), Ok(text.to_owned()));
        }
        let wrong = rate("55 per minute").unwrap_err();
        assert_eq!(
            wrong,
            "`55 per minute` is not a rate: write it as 55/min, 950/h, 9/s or 100/10s"
        );
    }
}
