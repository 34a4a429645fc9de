//! `Retry-After`: seconds or a date, read leniently.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long the header asks to wait from `now`. Junk, a negative number and a
/// date in the past ask nothing.
pub fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>()
        && !seconds.is_nan()
    {
        // More than a year is as good as for ever; it must not overflow.
        let seconds = seconds.min(366.0 * 86_400.0);
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = UNIX_EPOCH.checked_add(Duration::from_secs(date(value)?))?;
    until.duration_since(now).ok()
}

/// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`. The weekday is not
/// checked: servers get it wrong, and it decides nothing.
fn date(value: &str) -> Option<u64> {
    let words: Vec<&str> = value
        .split([' ', '-', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let start = words
        .iter()
        .position(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let [day, month, year, time] = words.get(start..start + 4)? else {
        return None;
    };
    let day: i8 = day.parse().ok()?;
    let month = month_number(month)?;
    let year: i16 = year.parse().ok()?;
    let year = if year < 100 { year + 2000 } else { year };
    let mut clock = time.split(':').map(str::parse::<i8>);
    let mut next = || clock.next()?.ok();
    let (hour, minute, second) = (next()?, next()?, next().unwrap_or(0).min(59));
    let moment = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let zoned = moment.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?;
    u64::try_from(zoned.timestamp().as_second()).ok()
}

fn month_number(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let start = word.get(..3)?.to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| *month == start)?;
    i8::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> SystemTime {
        // 1994-11-06 08:49:07 UTC
        UNIX_EPOCH + Duration::from_secs(784_111_747)
    }

    #[test]
    fn seconds_and_dates() {
        let half_a_minute = Some(Duration::from_secs(30));
        assert_eq!(parse("30", now()), half_a_minute);
        assert_eq!(parse("Sun, 06 Nov 1994 08:49:37 GMT", now()), half_a_minute);
        // A wrong weekday, and the old two forms.
        assert_eq!(parse("Fri, 06 Nov 1994 08:49:37 GMT", now()), half_a_minute);
        assert_eq!(parse(" 2.5 ", now()), Some(Duration::from_millis(2500)));
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
            assert_eq!(parse(junk, now()), None, "{junk}");
        }
        assert!(parse("1e30", now()) < Some(Duration::from_secs(367 * 86_400)));
    }
}
