//! A moment as partners write it, in milliseconds UTC. Pure: the zone of those
//! that name none is given.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

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
}
