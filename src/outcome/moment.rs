//! A moment as partners write it and as people read it, and how long partners ask
//! to wait. Pure: the clock and the zone are given.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

/// More than a year is as good as for ever; it must not overflow.
const LONGEST_WAIT: f64 = 366.0 * 86_400.0;

/// How long a `Retry-After` (seconds or a date) asks to wait from `now`. Junk, a
/// negative number and a date in the past ask nothing.
pub fn wait(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>()
        && !seconds.is_nan()
    {
        return Duration::try_from_secs_f64(seconds.min(LONGEST_WAIT)).ok();
    }
    // Servers get the weekday wrong, and it decides nothing.
    let dates = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let until = SystemTime::try_from(dates.parse_timestamp(value).ok()?).ok()?;
    until.duration_since(now).ok()
}

/// When something ended: what is a day alone ends with that day.
pub fn end(text: &str, zone: &TimeZone) -> Option<i64> {
    read(text, zone, |day| day.at(23, 59, 59, 0))
}

/// When something began: what is a day alone begins with that day.
pub fn start(text: &str, zone: &TimeZone) -> Option<i64> {
    read(text, zone, |day| day.at(0, 0, 0, 0))
}

/// Can it be read at all?
pub fn is_readable(text: &str) -> bool {
    start(text, &TimeZone::UTC).is_some()
}

/// A moment with its zone, in milliseconds UTC.
pub fn exact(text: &str) -> Option<i64> {
    let moment: Timestamp = text.trim().parse().ok()?;
    Some(moment.as_millisecond())
}

/// A moment (milliseconds UTC) as people in `zone` write it; one that no calendar
/// holds is nothing.
pub fn local(ms: i64, zone: &TimeZone, pattern: &str) -> String {
    let at = Timestamp::from_millisecond(ms).ok();
    let at = at.map(|at| at.to_zoned_datetime(zone.clone()));
    at.map_or_else(String::new, |at| at.strftime(pattern).to_string())
}

fn read(text: &str, zone: &TimeZone, of_day: impl Fn(Date) -> DateTime) -> Option<i64> {
    if let Some(exact) = exact(text) {
        return Some(exact);
    }
    let text = year_first(text.trim());
    let there = match text.contains(':') {
        true => text.parse().ok()?,
        false => of_day(text.parse().ok()?),
    };
    let moment = there.to_zoned_datetime(zone.clone()).ok()?;
    Some(moment.timestamp().as_millisecond())
}

/// `31/01/2027 10:00` as `2027-01-31 10:00`; anything else as it stands.
fn year_first(text: &str) -> String {
    let (day, time) = text.split_once(' ').unwrap_or((text, ""));
    let parts: Vec<&str> = day.split('/').collect();
    match parts.as_slice() {
        [day, month, year] => format!("{year}-{month:0>2}-{day:0>2} {time}")
            .trim()
            .to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In Paris, in winter.
    fn told(text: &str) -> [Option<String>; 2] {
        let paris = TimeZone::fixed(jiff::tz::offset(1));
        [start(text, &paris), end(text, &paris)].map(|at| {
            let at = Timestamp::from_millisecond(at?).ok()?;
            Some(at.to_string())
        })
    }

    #[test]
    fn a_moment_is_read_as_partners_write_it() {
        for (text, moment) in [
            ("2027-01-31T10:00:00Z", "2027-01-31T10:00:00Z"),
            ("2027-01-31T10:00:00.000000+01:00", "2027-01-31T09:00:00Z"),
            ("2027-01-31T10:00:00", "2027-01-31T09:00:00Z"),
            ("2027-01-31 10:00:00", "2027-01-31T09:00:00Z"),
            (" 2027-01-31 10:00 ", "2027-01-31T09:00:00Z"),
            ("31/01/2027 10:00", "2027-01-31T09:00:00Z"),
            ("1/2/2027 10:00:00", "2027-02-01T09:00:00Z"),
        ] {
            let expected = Some(moment.to_owned());
            assert_eq!(told(text), [expected.clone(), expected], "{text}");
        }
    }

    #[test]
    fn a_day_is_begun_with_its_first_and_over_with_its_last_second() {
        for text in ["2027-01-31", "31/01/2027", " 31/1/2027 "] {
            let expected = ["2027-01-30T23:00:00Z", "2027-01-31T22:59:59Z"];
            assert_eq!(told(text), expected.map(|at| Some(at.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "soon",
            "01/31/2027",
            "2027-02-30",
            "31/01/27",
            "2027",
            "10:00",
            "1798675200",
            "2027-01-31 25:00",
            "2027-01-31 morning",
            "//",
        ] {
            assert!(!is_readable(text), "{text}");
        }
    }

    fn now() -> SystemTime {
        // 1994-11-06 08:49:07 UTC
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_747)
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_by_a_date() {
        for (value, millis) in [
            ("30", 30_000),
            (" 2.5 ", 2500),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 30_000),
            // A wrong weekday, and none.
            ("Fri, 06 Nov 1994 08:49:37 GMT", 30_000),
            ("6 Nov 1994 08:49:37 +0000", 30_000),
        ] {
            let told = Some(Duration::from_millis(millis));
            assert_eq!(wait(value, now()), told, "{value}");
        }
    }

    #[test]
    fn junk_asks_nothing() {
        for junk in [
            "-5",
            "",
            "soon",
            "NaN",
            "Sun, 06 Nov 1993 08:49:37 GMT",
            "99 Foo 1 x",
        ] {
            assert_eq!(wait(junk, now()), None, "{junk}");
        }
        assert!(wait("1e30", now()) < Some(Duration::from_secs(367 * 86_400)));
    }
}
