//! A time that was typed. It is checked at once and read when it is needed: whose
//! calendar counts is said by the configuration, which is read after the command line.

use jiff::{ToSpan as _, ZonedDateTime};

use super::period::{Period, ago};
use crate::calendar;
use crate::error::Failure;
use crate::lead::text::quoted;
use crate::words::say;

/// As it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When(String);

impl When {
    /// # Errors
    /// It is no time, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        period(text, &calendar::now()).map(|_| Self(text.to_owned()))
    }

    /// A whole month.
    ///
    /// # Errors
    /// It is none, in words.
    pub fn month(text: &str) -> Result<Self, String> {
        let Period { start, end } = period(text, &calendar::now())?;
        let (first, after) = (start.date(), end.date());
        match first.day() == 1 && first.first_of_month().saturating_add(1.month()) == after {
            true => Ok(Self(text.to_owned())),
            false => Err(say!("typed-month", typed = quoted(text))),
        }
    }

    /// Where what is old begins: who says how long ago speaks of days at least.
    ///
    /// # Errors
    /// It is no such time, in words.
    pub fn before(text: &str) -> Result<Self, String> {
        let now = calendar::now();
        let before = period(text, &now)?.start;
        match ago(text).is_some() && before > now.saturating_sub(24.hours()) {
            true => Err(say!("typed-less-than-a-day", typed = quoted(text))),
            false => Ok(Self(text.to_owned())),
        }
    }

    /// The period that it means as seen from `now`.
    ///
    /// # Errors
    /// No calendar of that zone holds it.
    pub fn on(&self, now: &ZonedDateTime) -> Result<Period, Failure> {
        period(&self.0, now).map_err(Failure::usage)
    }

    /// When it begins, milliseconds UTC.
    ///
    /// # Errors
    /// Those of [`When::on`].
    pub fn start(&self) -> Result<i64, Failure> {
        let start = self.on(&calendar::now())?.start;
        Ok(start.timestamp().as_millisecond())
    }

    /// The first instant after it, milliseconds UTC.
    ///
    /// # Errors
    /// Those of [`When::on`].
    pub fn end(&self) -> Result<i64, Failure> {
        let end = self.on(&calendar::now())?.end;
        Ok(end.timestamp().as_millisecond())
    }
}

fn period(text: &str, now: &ZonedDateTime) -> Result<Period, String> {
    Period::read(text, now).ok_or_else(|| {
        let minutes = text.trim().ends_with(['m', 'M']);
        let number = text.trim().trim_end_matches(['m', 'M', ' ']);
        match minutes && number.parse::<u64>().is_ok() {
            true => say!("typed-months-or-minutes", typed = quoted(text), number),
            false => say!("typed-no-date", typed = quoted(text)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments() {
        let when = |text| When::read(text).unwrap();
        assert_eq!(
            when("2026-11-22").start().unwrap(),
            when("22/11/2026").start().unwrap()
        );
        assert!(when("2026-11-22").end().unwrap() > when("2026-11-22").start().unwrap());
        assert_eq!(when("1970-01-01T00:00:01Z").start().unwrap(), 1000);
        let told = When::read("22-11").unwrap_err();
        assert!(told.contains("\"22-11\" is no date"), "{told}");
        let told = When::before("13m").unwrap_err();
        assert!(told.contains("write \"13 months\", or 13min"), "{told}");
        let before = |text| When::before(text).unwrap().start().unwrap();
        assert!(before("13 months") < before("7d"));
        assert!(
            When::before("13min")
                .unwrap_err()
                .contains("less than a day")
        );
    }

    #[test]
    fn a_month_is_a_whole_one() {
        for text in ["2026-11", "november", "février 2026", "2025-02"] {
            assert_eq!(When::month(text), Ok(When(text.to_owned())));
        }
        for text in ["2026", "2026-11-01", "7d", "30 days", "soon"] {
            assert!(When::month(text).is_err(), "{text}");
        }
    }

    /// Half an hour before midnight in UTC, the next day has begun in Paris.
    #[test]
    fn a_day_is_one_of_the_zone_that_counts() {
        let span = |text: &str, now: &str| {
            let now: ZonedDateTime = now.parse().unwrap();
            let period = When::read(text).unwrap().on(&now).unwrap();
            [period.start, period.end].map(|at| at.timestamp().to_string())
        };
        let utc = "2026-11-19T23:30:00+00:00[UTC]";
        let paris = "2026-11-20T00:30:00+01:00[Europe/Paris]";
        for (text, now, start, end) in [
            (
                "2026-11-20",
                utc,
                "2026-11-20T00:00:00Z",
                "2026-11-21T00:00:00Z",
            ),
            (
                "2026-11-20",
                paris,
                "2026-11-19T23:00:00Z",
                "2026-11-20T23:00:00Z",
            ),
            ("today", utc, "2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z"),
            (
                "today",
                paris,
                "2026-11-19T23:00:00Z",
                "2026-11-20T23:00:00Z",
            ),
            (
                "2026-10",
                paris,
                "2026-09-30T22:00:00Z",
                "2026-10-31T23:00:00Z",
            ),
        ] {
            assert_eq!(span(text, now), [start, end], "{text} at {now}");
        }
    }
}
