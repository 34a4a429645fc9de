//! Dates as users write them on the command line.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::error::Failure;

/// The first instant of a day, in milliseconds UTC.
pub fn start(text: &str) -> Result<i64, Failure> {
    instant(text, false)
}

/// The first instant after a day, in milliseconds UTC.
pub fn end(text: &str) -> Result<i64, Failure> {
    instant(text, true)
}

fn instant(text: &str, after: bool) -> Result<i64, Failure> {
    let text = text.trim();
    let moment = text.parse().or_else(|_: jiff::Error| {
        // French dates too: 22/11/2026.
        let day = Date::strptime("%d/%m/%Y", text).or_else(|_| text.parse())?;
        let day = if after { day.tomorrow()? } else { day };
        day.to_zoned_datetime(TimeZone::system())
            .map(Timestamp::from)
    });
    moment.map(Timestamp::as_millisecond).map_err(|_| {
        Failure::usage(format!("\"{text}\" is no date"))
            .hint("write the year, the month and the day, as in 2026-11-22")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments() {
        assert_eq!(start("2026-11-22").unwrap(), start("22/11/2026").unwrap());
        assert!(end("2026-11-22").unwrap() > start("2026-11-22").unwrap());
        assert_eq!(start("1970-01-01T00:00:01Z").unwrap(), 1000);
        assert!(start("22-11").is_err());
    }
}
