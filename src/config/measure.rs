//! Durations and rates as users write them: `30s`, `1h30m`, `180d`, `55/min`.

use std::fmt;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Span, SpanFieldwise, SpanRelativeTo, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::words::{grouped, say};

/// At most `count` requests in any window of `per`, burst included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct Rate {
    pub count: u32,
    pub per: Duration,
}

/// A time in words: `2m`, `1h30m`, `3 weeks`, `7j`, `24 mois`.
pub fn span(text: &str) -> Option<Span> {
    let french = [
        ("mois", "months"),
        ("jours", "days"),
        ("jour", "day"),
        ("semaines", "weeks"),
        ("semaine", "week"),
        ("heures", "hours"),
        ("heure", "hour"),
        ("secondes", "seconds"),
        ("seconde", "second"),
        ("ans", "years"),
        ("an", "year"),
        ("j", "d"),
    ];
    let english = text
        .split_inclusive(|letter: char| !letter.is_alphabetic())
        .map(|piece| {
            let word = piece.trim_end_matches(|letter: char| !letter.is_alphabetic());
            let english = french.iter().find(|(french, _)| *french == word);
            english.map_or(word, |(_, english)| english).to_owned() + &piece[word.len()..]
        });
    english.collect::<String>().trim().parse().ok()
}

/// Reads `500ms`, `30s`, `2m`, `1h30m`, `180d`, `2w`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let read = || {
        let span = span(text)?;
        let days = SpanRelativeTo::days_are_24_hours();
        Duration::try_from(span.to_duration(days).ok()?).ok()
    };
    read().ok_or_else(|| say!("mistake-duration", text))
}

/// A time by the calendar: `24 months`, `5y`, `90d`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Period(SpanFieldwise);

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let span = span(&text)?;
            let whole = Span::new()
                .years(span.get_years())
                .months(span.get_months())
                .weeks(span.get_weeks())
                .days(span.get_days());
            (span.is_positive() && span.fieldwise() == whole).then(|| Self(span.fieldwise()))
        };
        read().ok_or_else(|| say!("mistake-period", text))
    }
}

impl Period {
    pub fn of_years(years: i16) -> Self {
        Self(Span::new().years(years).fieldwise())
    }

    /// The moment at which it is over, milliseconds UTC. `since`: when it begins.
    pub fn end(&self, since: i64) -> i64 {
        shifted(since, self.0.0).unwrap_or(i64::MAX)
    }

    /// The moment at which it began that is over at this one.
    pub fn before(&self, until: i64) -> i64 {
        shifted(until, -self.0.0).unwrap_or(i64::MIN)
    }
}

/// By the calendar, in milliseconds UTC.
fn shifted(at: i64, span: Span) -> Option<i64> {
    let at = Timestamp::from_millisecond(at).ok()?;
    let at = at.to_zoned_datetime(TimeZone::UTC).checked_add(span).ok()?;
    Some(at.timestamp().as_millisecond())
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = self.0.0;
        let years = i32::from(span.get_years());
        let (months, weeks, days) = (span.get_months(), span.get_weeks(), span.get_days());
        let parts = [
            (years > 0).then(|| say!("period-years", count = years)),
            (months > 0).then(|| say!("period-months", count = months)),
            (weeks > 0).then(|| say!("period-weeks", count = weeks)),
            (days > 0).then(|| say!("period-days", count = days)),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(&parts.join(" "))
    }
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
        parts().ok_or_else(|| say!("mistake-rate", text))
    }
}

/// As it is written in the file: `55/min`, `100/10 s`
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
        0..=9 => {
            let seconds = grouped(format!("{:.1}", duration.as_secs_f64()));
            say!("measure-seconds", seconds)
        }
        10..=119 => say!("measure-seconds", seconds),
        120..=5_399 => say!("measure-minutes", minutes = seconds / 60),
        5_400..=172_799 => say!(
            "measure-hours",
            hours = seconds / 3600,
            minutes = format!("{:02}", seconds % 3600 / 60)
        ),
        _ => say!("measure-days", days = seconds / 86_400),
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
            ("7j", 604_800),
            ("3 semaines", 1_814_400),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "30", "s", "3 weks", "-2s", "99999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_by_the_calendar() {
        let end = |text: &str, since: &str| {
            let since: Timestamp = since.parse().unwrap();
            let end = Period::try_from(text.to_owned())
                .unwrap()
                .end(since.as_millisecond());
            Timestamp::from_millisecond(end).unwrap().to_string()
        };
        for (text, expected) in [
            ("24 months", "2026-02-28T10:00:00Z"),
            ("2y", "2026-02-28T10:00:00Z"),
            ("24 mois", "2026-02-28T10:00:00Z"),
            ("1 an 12 mois", "2026-02-28T10:00:00Z"),
            ("1 month 2 days", "2024-03-31T10:00:00Z"),
            ("90d", "2024-05-29T10:00:00Z"),
            ("2 weeks", "2024-03-14T10:00:00Z"),
        ] {
            assert_eq!(end(text, "2024-02-29T10:00:00Z"), expected, "{text}");
        }
        for text in [
            "",
            "24",
            "5m",
            "1h",
            "-2 years",
            "2 years 1 hour",
            "always",
            "0 days",
        ] {
            let told = Period::try_from(text.to_owned()).unwrap_err();
            assert!(told.contains("24 months"), "{told}");
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
