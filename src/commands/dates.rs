//! Dates as users write them on the command line.

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
    let refused = || {
        Failure::usage(format!("\"{text}\" is no date"))
            .hint("write the year, the month and the day, as in 2026-11-22")
    };
    let text = text.trim();
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(moment.as_millisecond());
    }
    let day: Date = text
        .parse()
        .or_else(|_| french(text))
        .map_err(|()| refused())?;
    let day = match after {
        true => day.tomorrow().map_err(|_| refused())?,
        false => day,
    };
    let zoned = day
        .to_zoned_datetime(TimeZone::system())
        .map_err(|_| refused())?;
    Ok(zoned.timestamp().as_millisecond())
}

/// `22/11/2026`
fn french(text: &str) -> Result<Date, ()> {
    let mut parts = text.split('/');
    let mut next = || parts.next().ok_or(());
    let (day, month, year) = (next()?, next()?, next()?);
    Date::new(
        year.parse().map_err(|_| ())?,
        month.parse().map_err(|_| ())?,
        day.parse().map_err(|_| ())?,
    )
    .map_err(|_| ())
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
