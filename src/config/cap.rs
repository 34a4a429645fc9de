//! How many leads a destination takes: the words of `cap`. The clock is given.

use std::fmt;

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, ZonedDateTime};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::lead::{Hold, HoldReason, Limit};
use crate::words::say;

/// At most so many leads in a period of the calendar, or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Cap {
    count: u32,
    per: Period,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Day,
    /// From Monday on.
    Week,
    Month,
    Total,
}

impl Period {
    /// The first day of the period that holds this one, and of the next.
    fn days(self, day: Date) -> Option<[Date; 2]> {
        let (first, next) = match self {
            Self::Day => (day, day.tomorrow()),
            Self::Week => {
                let first = day.saturating_sub(Weekday::Monday.until(day.weekday()).days());
                (first, first.checked_add(7.days()))
            }
            Self::Month => (day.first_of_month(), day.last_of_month().tomorrow()),
            Self::Total => return None,
        };
        Some([first, next.ok()?])
    }
}

impl Cap {
    /// What counts at `now`. A day begins when the zone's clock says so.
    pub fn limit(self, now: &ZonedDateTime) -> Limit {
        let zone = now.time_zone();
        let begins = |day: Date| zone.to_zoned_datetime(day.into()).ok();
        let days = self.per.days(now.date());
        let since = days.and_then(|[first, _]| begins(first));
        let until = days.and_then(|[_, next]| begins(next));
        Limit {
            count: self.count,
            since: since.map(|at| at.timestamp().as_millisecond()),
            hold: Hold {
                reason: HoldReason::Cap,
                until: until.map(|at| at.datetime()),
            },
        }
    }
}

/// As it is written in the file.
impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = match self.per {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
            Period::Total => "total",
        };
        write!(f, "{}/{per}", self.count)
    }
}

impl TryFrom<String> for Cap {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let (count, per) = text.split_once('/')?;
            let per = match per.trim() {
                "day" => Period::Day,
                "week" => Period::Week,
                "month" => Period::Month,
                "total" => Period::Total,
                _ => return None,
            };
            let count = count.trim().parse().ok()?;
            (count > 0).then_some(Self { count, per })
        };
        read().ok_or_else(|| say!("mistake-cap", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Since when, and until when, leads count.
    fn window(cap: &str, now: &str) -> [String; 2] {
        let now: ZonedDateTime = now.parse().unwrap();
        let limit = Cap::try_from(cap.to_owned()).unwrap().limit(&now);
        let since = jiff::Timestamp::from_millisecond(limit.since.unwrap()).unwrap();
        [since.to_string(), limit.hold.until.unwrap().to_string()]
    }

    #[test]
    fn periods_follow_the_calendar_of_the_zone() {
        for (cap, now, expected) in [
            (
                "30/day",
                "2026-11-30T00:30[Europe/Paris]",
                ["2026-11-29T23:00:00Z", "2026-12-01T00:00:00"],
            ),
            (
                "30/week",
                "2026-12-06T23:59[Europe/Paris]",
                ["2026-11-29T23:00:00Z", "2026-12-07T00:00:00"],
            ),
            (
                "30/month",
                "2026-12-31T23:59[Europe/Paris]",
                ["2026-11-30T23:00:00Z", "2027-01-01T00:00:00"],
            ),
            // The nights on which the clock is changed: of 25 hours, and of 23.
            (
                "30/day",
                "2026-10-25T23:30[Europe/Paris]",
                ["2026-10-24T22:00:00Z", "2026-10-26T00:00:00"],
            ),
            (
                "30/day",
                "2026-03-29T00:10[Europe/Paris]",
                ["2026-03-28T23:00:00Z", "2026-03-30T00:00:00"],
            ),
            (
                "30/month",
                "2026-10-31T12:00[Europe/Paris]",
                ["2026-09-30T22:00:00Z", "2026-11-01T00:00:00"],
            ),
            // A day that begins at one o'clock.
            (
                "30/day",
                "2026-04-24T12:00[Africa/Cairo]",
                ["2026-04-23T22:00:00Z", "2026-04-25T00:00:00"],
            ),
        ] {
            assert_eq!(window(cap, now), expected, "{cap} at {now}");
        }
        let now = "2026-11-30T00:30[Europe/Paris]".parse().unwrap();
        let total = Cap::try_from("1000/total".to_owned()).unwrap().limit(&now);
        assert_eq!((total.since, total.hold.until), (None, None));
    }

    #[test]
    fn what_is_no_cap_is_told() {
        for text in ["", "30", "0/day", "30/hour", "-3/day", "many/day"] {
            let told = Cap::try_from(text.to_owned()).unwrap_err();
            assert!(told.contains("is no cap"), "{told}");
        }
    }
}
