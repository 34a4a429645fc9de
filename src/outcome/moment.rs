//! A moment as partners write it and as people read it, and how long partners ask
//! to wait. Pure, but for `near_day`: the clock and the zone are given.

use std::time::{Duration, SystemTime};

use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::words::say;

/// More than a year is as good as for ever; it must not overflow.
const LONGEST_WAIT: f64 = 366.0 * 86_400.0;

/// How long a `Retry-After` asks to wait from `now`: seconds, a date, or a number
/// of ten or thirteen digits, the seconds or milliseconds since 1970. Junk, a
/// negative number and a moment in the past ask nothing.
pub fn wait(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let until = match value.parse::<f64>() {
        Ok(number) if number.is_nan() => return None,
        Ok(seconds) if (1e9..1e10).contains(&seconds) => since_1970(seconds)?,
        Ok(millis) if (1e12..1e13).contains(&millis) => since_1970(millis / 1000.0)?,
        Ok(seconds) => return Duration::try_from_secs_f64(seconds.min(LONGEST_WAIT)).ok(),
        Err(_) => http_date(value).or_else(|| written(value))?,
    };
    let wait = until.duration_since(now).ok()?;
    Some(wait.min(Duration::from_secs_f64(LONGEST_WAIT)))
}

/// A moment as partners write others: year first, with a zone or in UTC.
fn written(value: &str) -> Option<SystemTime> {
    let millis = start(value, &TimeZone::UTC)?;
    SystemTime::try_from(Timestamp::from_millisecond(millis).ok()?).ok()
}

fn since_1970(seconds: f64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?)
}

/// A date as HTTP headers write it (RFC 9110, 5.6.7), the old asctime too.
pub fn http_date(value: &str) -> Option<SystemTime> {
    // Servers get the weekday wrong, and it decides nothing.
    let dates = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let asctime = || {
        let (_, rest) = value.trim().split_once(' ')?;
        let moment = DateTime::strptime("%b %e %H:%M:%S %Y", rest.trim()).ok()?;
        TimeZone::UTC.to_timestamp(moment).ok()
    };
    let rfc850 = || {
        let (_, rest) = value.trim().split_once(", ")?;
        let moment = DateTime::strptime("%d-%b-%y %H:%M:%S GMT", rest).ok()?;
        TimeZone::UTC.to_timestamp(moment).ok()
    };
    let moment = dates.parse_timestamp(value).ok();
    let moment = moment.or_else(asctime).or_else(rfc850);
    SystemTime::try_from(moment?).ok()
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

/// When something came to be: a moment with its zone, or a number of ten or
/// thirteen digits, the seconds or milliseconds since 1970; in milliseconds UTC.
pub fn created(text: &str) -> Option<i64> {
    let text = text.trim();
    match (text.parse::<i64>(), text.len()) {
        (Ok(seconds), 10) => Some(seconds * 1000),
        (Ok(millis), 13) => Some(millis),
        _ => exact(text),
    }
}

/// A moment (milliseconds UTC) as people in `zone` write it; one that no calendar
/// holds is nothing.
pub fn local(ms: i64, zone: &TimeZone, pattern: &str) -> String {
    there(ms, zone).map_or_else(String::new, |at| at.strftime(pattern).to_string())
}

fn there(ms: i64, zone: &TimeZone) -> Option<ZonedDateTime> {
    let at = Timestamp::from_millisecond(ms).ok()?;
    Some(at.to_zoned_datetime(zone.clone()))
}

/// The local day as people write it: `3 Nov 2026`.
pub fn day(ms: i64, zone: &TimeZone) -> String {
    there(ms, zone).map_or_else(String::new, |at| date(at.date()))
}

/// A day as people write it.
pub fn date(day: Date) -> String {
    say!(
        "date-day",
        day = day.day(),
        month = month(day),
        year = day.year()
    )
}

/// A day of this year.
pub fn day_of_year(day: Date) -> String {
    say!("date-day-of-year", day = day.day(), month = month(day))
}

fn month(day: Date) -> String {
    say!("date-month-short", number = day.month())
}

/// The same with its month's whole name: `3 November 2026`.
pub fn long_date(day: Date) -> String {
    say!(
        "date-day",
        day = day.day(),
        month = long_month(day),
        year = day.year()
    )
}

/// `3 November`
pub fn long_day_of_year(day: Date) -> String {
    say!("date-day-of-year", day = day.day(), month = long_month(day))
}

/// `November 2026`
pub fn month_of_year(day: Date) -> String {
    say!(
        "date-month-of-year",
        month = long_month(day),
        year = day.year()
    )
}

fn long_month(day: Date) -> String {
    say!("date-month-long", number = day.month())
}

/// Where there is little room: `3 Nov`.
pub fn brief_day(day: Date) -> String {
    say!(
        "date-day-of-year",
        day = day.day(),
        month = brief_month(day)
    )
}

/// `Nov`
pub fn brief_month(day: Date) -> String {
    say!("date-month-brief", number = day.month())
}

/// A day and the time on it.
pub fn timed(at: &ZonedDateTime, time: &str) -> String {
    let time = at.strftime(time).to_string();
    say!("date-timed", day = date(at.date()), time)
}

/// The same told in passing: without the year where it is this one.
pub fn near_day(ms: i64, zone: &TimeZone) -> String {
    let now = Timestamp::now().to_zoned_datetime(zone.clone());
    match there(ms, zone) {
        Some(at) if at.year() == now.year() => day_of_year(at.date()),
        _ => day(ms, zone),
    }
}

/// The local day and minute: `3 Nov 2026 08:12`.
pub fn minute(ms: i64, zone: &TimeZone) -> String {
    there(ms, zone).map_or_else(String::new, |at| timed(&at, "%H:%M"))
}

/// The local day and second: `3 Nov 2026 08:12:05`.
pub fn second(ms: i64, zone: &TimeZone) -> String {
    there(ms, zone).map_or_else(String::new, |at| timed(&at, "%H:%M:%S"))
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
            ("Sun Nov  6 08:49:37 1994", 30_000),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 30_000),
            ("1994-11-06T08:49:37Z", 30_000),
            ("1994-11-06 08:49:37", 30_000),
        ] {
            let told = Some(Duration::from_millis(millis));
            assert_eq!(wait(value, now()), told, "{value}");
        }
    }

    #[test]
    fn a_wait_is_told_by_the_second_since_1970_in_which_it_ends() {
        // 2024-01-01 00:00:00 UTC
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200);
        for value in ["1704067237", "1704067237000", "1704067237.0"] {
            assert_eq!(wait(value, now), Some(Duration::from_secs(37)), "{value}");
        }
        assert_eq!(wait("1704067100", now), None, "it is over");
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
