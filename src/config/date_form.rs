//! Dates as people and exports write them, and the forms in which a partner
//! wants them: the words of `format = "date"`.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::words::say;

/// A moment, in the zone of those who name none.
#[derive(Debug, Clone)]
pub struct Moment(ZonedDateTime);

impl From<ZonedDateTime> for Moment {
    fn from(zoned: ZonedDateTime) -> Self {
        Self(zoned)
    }
}

impl Default for Moment {
    fn default() -> Self {
        Self(Timestamp::UNIX_EPOCH.to_zoned_datetime(TimeZone::UTC))
    }
}

impl Moment {
    /// Milliseconds UTC.
    pub fn millis(&self) -> i64 {
        self.0.timestamp().as_millisecond()
    }

    /// The moment that people wrote. `reads`: how they write it; where that isn't said,
    /// as it can only be meant, in this zone where they name none. With its year first, as
    /// a spreadsheet's own dates come, it can be read besides.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(&self, text: &str, reads: &[DateForm]) -> Result<Self, DateFault> {
        let (text, zone) = (text.trim(), self.0.time_zone());
        let read = match reads {
            [] => any(text, zone)?,
            reads => {
                let mut read = reads.iter().filter_map(|form| form.read(text, zone));
                let iso = || {
                    year_first(text, zone).filter(|_| !reads.iter().any(DateForm::has_day_second))
                };
                read.next().or_else(iso).ok_or(DateFault::None)?
            }
        };
        match YEARS.contains(&read.year()) {
            true => Ok(Self(read)),
            false => Err(DateFault::None),
        }
    }

    /// How long ago this was, at `now`. What is a day alone lasted till its end.
    pub fn age(&self, now: &Self) -> Duration {
        let end = match self.0.time() == Time::midnight() {
            true => self.0.tomorrow().unwrap_or_else(|_| self.0.clone()),
            false => self.0.clone(),
        };
        let age = now.0.timestamp().duration_since(end.timestamp());
        age.try_into().unwrap_or_default()
    }

    /// As RFC 3339, with the zone's own hours.
    pub fn written(&self) -> String {
        DateForm::Rfc3339.write(&self.0)
    }
}

/// How a date is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub enum DateForm {
    /// Seconds since 1970.
    Unix,
    UnixMs,
    Rfc3339,
    /// `%Y-%m-%d`
    Pattern(String),
}

impl TryFrom<String> for DateForm {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let sample = Moment::default().0;
        Ok(match text.as_str() {
            "unix" => Self::Unix,
            "unix-ms" => Self::UnixMs,
            "rfc3339" => Self::Rfc3339,
            _ if text.contains('%') && strtime::format(&text, &sample).is_ok() => {
                Self::Pattern(text)
            }
            _ => return Err(say!("mistake-date-form", text)),
        })
    }
}

/// Why a text is no date that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFault {
    None,
    /// It is one day where the day comes first, and another where the month does.
    Two {
        day_first: String,
        month_first: String,
    },
}

/// Years that a lead can speak of; another one is a slip.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

impl DateForm {
    fn write(&self, at: &ZonedDateTime) -> String {
        match self {
            Self::Unix => at.timestamp().as_second().to_string(),
            Self::UnixMs => at.timestamp().as_millisecond().to_string(),
            Self::Rfc3339 if at.offset().is_zero() => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Self::Rfc3339 => at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            // Tried with another date when the file was read.
            Self::Pattern(pattern) => strtime::format(pattern, at).unwrap_or_default(),
        }
    }

    fn read(&self, text: &str, zone: &TimeZone) -> Option<ZonedDateTime> {
        match self {
            Self::Unix => Some(
                Timestamp::from_second(text.parse().ok()?)
                    .ok()?
                    .to_zoned_datetime(zone.clone()),
            ),
            Self::UnixMs => {
                let at = Timestamp::from_millisecond(text.parse().ok()?).ok()?;
                Some(at.to_zoned_datetime(zone.clone()))
            }
            Self::Rfc3339 => with_offset(text).or_else(|| iso(text, zone)),
            Self::Pattern(pattern) => {
                let read = BrokenDownTime::parse(pattern, text).ok()?;
                let date = read.to_date().ok()?;
                let at = date.to_datetime(read.to_time().unwrap_or(Time::midnight()));
                let zone = read.offset().map_or_else(|| zone.clone(), TimeZone::fixed);
                at.to_zoned_datetime(zone).ok()
            }
        }
    }

    /// The year, the day, the month: `2026-11-02` is no 2 November.
    fn has_day_second(&self) -> bool {
        matches!(self, Self::Pattern(pattern) if pattern.starts_with("%Y-%d"))
    }

    /// Can this pattern be read back? One without a year names no day.
    pub fn names_a_day(&self) -> bool {
        let sample = Moment::default().0;
        self.read(&self.write(&sample), &TimeZone::UTC).is_some()
    }

    /// Is this a date in this form?
    pub fn fits(&self, text: &str) -> bool {
        let free = matches!(self, Self::Pattern(_)) && !self.names_a_day();
        free || self.read(text, &TimeZone::UTC).is_some()
    }

    /// A date that people wrote, in this form. A time that names its zone keeps its
    /// own day.
    ///
    /// # Errors
    /// Those of [`Moment::read`].
    pub fn written(&self, text: &str, reads: &[Self], now: &Moment) -> Result<String, DateFault> {
        Ok(self.write(&now.read(text, reads)?.0))
    }
}

impl std::fmt::Display for DateForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unix => "unix",
            Self::UnixMs => "unix-ms",
            Self::Rfc3339 => "rfc3339",
            Self::Pattern(pattern) => pattern,
        })
    }
}

/// A date and time that names its offset.
fn with_offset(text: &str) -> Option<ZonedDateTime> {
    let pieces = Pieces::parse(text).ok()?;
    let offset = pieces.to_numeric_offset().or_else(|| {
        // A `Z`, which names no numbers.
        pieces.offset().map(|_| jiff::tz::Offset::UTC)
    })?;
    let at = pieces.date().to_datetime(pieces.time()?);
    at.to_zoned_datetime(TimeZone::fixed(offset)).ok()
}

/// `2026-11-29`, with a time or without.
fn iso(text: &str, zone: &TimeZone) -> Option<ZonedDateTime> {
    let at: DateTime = text.parse().ok()?;
    at.to_zoned_datetime(zone.clone()).ok()
}

/// A date in ISO's form, with a time or without.
fn year_first(text: &str, zone: &TimeZone) -> Option<ZonedDateTime> {
    // Digits alone may be a number of anything.
    let parted = text.contains(|c: char| !c.is_ascii_digit());
    let read = || with_offset(text).or_else(|| iso(text, zone));
    parted.then(read)?
}

/// The one date that a text can mean.
fn any(text: &str, zone: &TimeZone) -> Result<ZonedDateTime, DateFault> {
    if let Some(read) = year_first(text, zone) {
        return Ok(read);
    }
    let (day, time) = text.split_at(text.find([' ', 'T', ',']).unwrap_or(text.len()));
    let time = time.trim_start_matches([' ', 'T', ',']);
    let time = time_of_day(time).ok_or(DateFault::None)?;
    let sign = day.find(['/', '.', '-']).ok_or(DateFault::None)?;
    let sign = &day[sign..=sign];
    let numbers: Vec<&str> = day.split(sign).collect();
    let number = |at: usize| numbers.get(at).and_then(|it| it.parse::<i16>().ok());
    let date = |year: Option<i16>, month: Option<i16>, day: Option<i16>| {
        let small = |number: Option<i16>| i8::try_from(number?).ok();
        Date::new(year?, small(month)?, small(day)?).ok()
    };
    let (first, second, third) = (number(0), number(1), number(2));
    let found = match (numbers.as_slice(), sign) {
        ([year, _, _], _) if year.len() == 4 => date(first, second, third),
        ([_, _, year], _) if year.len() == 4 => {
            let day_first = date(third, second, first);
            // Nobody writes the month first with points.
            let month_first = date(third, first, second).filter(|_| sign != ".");
            if let (Some(one), Some(other)) = (day_first, month_first)
                && one != other
            {
                return Err(DateFault::Two {
                    day_first: one.to_string(),
                    month_first: other.to_string(),
                });
            }
            day_first.or(month_first)
        }
        _ => None,
    };
    let found = found.ok_or(DateFault::None)?;
    let at = found.to_datetime(time).to_zoned_datetime(zone.clone());
    at.map_err(|_| DateFault::None)
}

/// A time of day; midnight where there is none.
fn time_of_day(text: &str) -> Option<Time> {
    if text.is_empty() {
        return Some(Time::midnight());
    }
    let forms = [
        "%H:%M:%S%.f",
        "%H:%M",
        "%Hh%M",
        "%I:%M:%S %p",
        "%I:%M %p",
        "%I:%M%p",
    ];
    let mut read = forms.iter().filter_map(|form| {
        let read = BrokenDownTime::parse(form, text).ok()?;
        read.to_time().ok()
    });
    read.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> DateForm {
        DateForm::try_from(text.to_owned()).unwrap()
    }

    /// Paris in winter: an hour ahead.
    fn now() -> Moment {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        Timestamp::UNIX_EPOCH.to_zoned_datetime(zone).into()
    }

    fn written(text: &str, to: &str, reads: &[&str]) -> Result<String, DateFault> {
        let reads: Vec<_> = reads.iter().map(|it| form(it)).collect();
        form(to).written(text, &reads, &now())
    }

    #[test]
    fn a_date_that_can_only_be_one_is_read() {
        for text in [
            "2026-11-29",
            "2026/11/29",
            "29/11/2026",
            "11/29/2026",
            "29.11.2026",
            "29-11-2026",
            " 2026-11-29 18:05:00 ",
            "2026-11-29T18:05",
            "2026-11-29 18:05:00.250",
            "29/11/2026 18:05",
            "29/11/2026 18h05",
            "11/29/2026 6:05 PM",
            "11/29/2026, 6:05:00 PM",
            "2026-11-29T23:30:00-05:00",
            "2026-11-29T23:30:00-0500",
            "2026-11-29T23:30:00Z",
        ] {
            assert_eq!(
                written(text, "%Y-%m-%d", &[]).as_deref(),
                Ok("2026-11-29"),
                "{text}"
            );
        }
        assert_eq!(
            written("03.04.2026", "%Y-%m-%d", &[]).as_deref(),
            Ok("2026-04-03")
        );
        assert_eq!(written("05/05/2026", "%d/%m", &[]).as_deref(), Ok("05/05"));
        let both = written("03/04/2026", "%Y-%m-%d", &[]);
        assert_eq!(
            both,
            Err(DateFault::Two {
                day_first: "2026-04-03".into(),
                month_first: "2026-03-04".into()
            })
        );
        for text in [
            "",
            "demain",
            "20261129",
            "1764453678",
            "29/11/26",
            "32/01/2026",
            "2026-02-30",
            "0026-11-29",
            "29/11/2026 25:00",
            "11/29",
            "46355",
            "29/11/2026 x",
        ] {
            assert_eq!(
                written(text, "%Y-%m-%d", &[]),
                Err(DateFault::None),
                "{text}"
            );
        }
    }

    #[test]
    fn how_it_is_written_may_be_said() {
        for (text, reads, expected) in [
            ("03/04/2026", "%m/%d/%Y", Some("2026-03-04")),
            ("03/04/2026", "%d/%m/%Y", Some("2026-04-03")),
            ("29/11/26", "%d/%m/%y", Some("2026-11-29")),
            ("29/11/26", "%d/%m/%Y", None),
            ("1764453678", "unix", Some("2025-11-29")),
            ("1764453678000", "unix-ms", Some("2025-11-29")),
            ("2026-11-29T00:10:00+02:00", "rfc3339", Some("2026-11-29")),
            ("20261129", "%Y%m%d", Some("2026-11-29")),
            ("11/29/2026", "%d/%m/%Y", None),
            // A spreadsheet's own date.
            ("2026-11-02 14:03:00", "%d/%m/%Y", Some("2026-11-02")),
            ("2026-11-02", "%d/%m/%Y", Some("2026-11-02")),
            ("2026-11-02T14:03:00Z", "%d/%m/%Y", Some("2026-11-02")),
            ("2026-11-02", "%Y-%d-%m", Some("2026-02-11")),
            ("2026-11-29", "%Y-%d-%m", None),
            ("20261129", "%d/%m/%Y", None),
        ] {
            let read = written(text, "%Y-%m-%d", &[reads]).ok();
            assert_eq!(read.as_deref(), expected, "{text} as {reads}");
        }
        let two = written("29/11/2026", "%Y-%m-%d", &["%m/%d/%Y", "%d/%m/%Y"]);
        assert_eq!(two.as_deref(), Ok("2026-11-29"));
    }

    #[test]
    fn what_the_partner_wants() {
        for (text, to, expected) in [
            ("2026-11-29 18:05", "rfc3339", "2026-11-29T18:05:00+01:00"),
            ("2026-11-29T18:05:00Z", "rfc3339", "2026-11-29T18:05:00Z"),
            ("2026-11-29T18:05:00Z", "unix", "1795975500"),
            ("2026-11-29 19:05", "unix-ms", "1795975500000"),
            ("2026-11-29", "unix", "1795906800"),
            ("29/11/2026", "%d.%m.%y %H:%M", "29.11.26 00:00"),
        ] {
            assert_eq!(
                written(text, to, &[]).as_deref(),
                Ok(expected),
                "{text} as {to}"
            );
        }
        assert_eq!(now().written(), "1970-01-01T01:00:00+01:00");
    }

    #[test]
    fn what_is_no_form_is_told() {
        for text in ["", "date", "Y-m-d", "%Y-%!", "%"] {
            let told = DateForm::try_from(text.to_owned()).unwrap_err();
            assert!(told.contains("is no form of a date"), "{told}");
        }
        assert!(form("%d/%m/%Y").names_a_day() && !form("%d/%m").names_a_day());
        assert!(form("%d/%m").fits("x") && form("unix").fits("12") && !form("unix").fits("x"));
    }
}
