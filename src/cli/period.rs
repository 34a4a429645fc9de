//! A time as people write it: a day, a month, `yesterday`, `7d`, `13 months`. Each is a
//! period, which `--since` takes from its beginning and `--until` to its end. Pure: the
//! clock is given.

use jiff::civil::{Date, DateTime, date};
use jiff::{Span, Timestamp, ZonedDateTime};

use crate::config::measure;
use crate::lead::text::fold;

/// From its first instant to the first one after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    pub start: ZonedDateTime,
    pub end: ZonedDateTime,
}

/// English and French, without accents; any beginning that tells them apart will do.
const MONTHS: [[&str; 2]; 12] = [
    ["january", "janvier"],
    ["february", "fevrier"],
    ["march", "mars"],
    ["april", "avril"],
    ["may", "mai"],
    ["june", "juin"],
    ["july", "juillet"],
    ["august", "aout"],
    ["september", "septembre"],
    ["october", "octobre"],
    ["november", "novembre"],
    ["december", "decembre"],
];
/// The least letters of a month.
const ENOUGH: usize = 3;

impl Period {
    /// Reads it as seen from `now`, whose zone is meant where none is named.
    pub fn read(text: &str, now: &ZonedDateTime) -> Option<Self> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(Self::moment(
                moment.to_zoned_datetime(now.time_zone().clone()),
            ));
        }
        if let Some(span) = ago(text) {
            return now.checked_sub(span).ok().map(Self::moment);
        }
        if let Ok(day) = Date::strptime("%d/%m/%Y", text).or_else(|_| text.parse()) {
            // A day may have a time behind it.
            return match text.contains(':') {
                false => Self::of(day, Span::new().days(1), now),
                true => {
                    let moment = text.parse::<DateTime>().ok()?;
                    let moment = moment.to_zoned_datetime(now.time_zone().clone()).ok()?;
                    Some(Self::moment(moment))
                }
            };
        }
        Self::in_words(&fold(text), now)
    }

    /// Of words without accents, capitals and signs.
    fn in_words(words: &str, now: &ZonedDateTime) -> Option<Self> {
        let (month, day) = (Span::new().months(1), Span::new().days(1));
        let words: Vec<&str> = words.split(' ').collect();
        match *words.as_slice() {
            ["today" | "aujourdhui"] | ["aujourd", "hui"] => Self::of(now.date(), day, now),
            ["yesterday" | "hier"] => Self::of(now.date().yesterday().ok()?, day, now),
            [year, number] if year.len() == 4 && self::year(year).is_some() => {
                let number = number.parse().ok()?;
                Self::of(Date::new(self::year(year)?, number, 1).ok()?, month, now)
            }
            [name] if self::month(name).is_some() => {
                let month_there = Self::latest(1, self::month(name)?, now)?;
                Self::of(month_there, month, now)
            }
            [name, year] => {
                let first = Date::new(self::year(year)?, self::month(name)?, 1);
                Self::of(first.ok()?, month, now)
            }
            [year] => {
                let year = self::year(year)?;
                Self::of(Date::new(year, 1, 1).ok()?, Span::new().years(1), now)
            }
            _ => None,
        }
    }

    fn of(first: Date, length: Span, now: &ZonedDateTime) -> Option<Self> {
        let start = |day: Date| day.to_zoned_datetime(now.time_zone().clone()).ok();
        Some(Self {
            start: start(first)?,
            end: start(first.checked_add(length).ok()?)?,
        })
    }

    fn moment(at: ZonedDateTime) -> Self {
        Self {
            start: at.clone(),
            end: at,
        }
    }

    /// The latest such day that has begun.
    fn latest(day: i8, month: i8, now: &ZonedDateTime) -> Option<Date> {
        let of = |year| Date::new(year, month, day).ok();
        of(now.year())
            .filter(|there| *there <= now.date())
            .or_else(|| of(now.year() - 1))
    }
}

/// How long ago: `7d`, `3 weeks`, `13 mois`. Of `13m` nobody knows whether it means
/// minutes or months.
pub fn ago(text: &str) -> Option<Span> {
    let mut words = text.split(|letter: char| !letter.is_alphabetic());
    if words.any(|word| word.eq_ignore_ascii_case("m")) {
        return None;
    }
    let span = measure::span(text)?;
    (!span.is_negative()).then_some(span)
}

/// When today and this month began, milliseconds UTC.
pub fn beginnings(now: &ZonedDateTime) -> [i64; 2] {
    let today = now.date();
    [today, date(today.year(), today.month(), 1)].map(|day| {
        let start = day.to_zoned_datetime(now.time_zone().clone());
        start.map_or(0, |start| start.timestamp().as_millisecond())
    })
}

fn year(word: &str) -> Option<i16> {
    word.parse()
        .ok()
        .filter(|year| (1970..=9999).contains(year))
}

fn month(word: &str) -> Option<i8> {
    let is_it = |names: &[&str; 2]| names.iter().any(|name| name.starts_with(word));
    let mut found = (1..).zip(&MONTHS).filter(|(_, names)| is_it(names));
    let (number, _) = found.next().filter(|_| word.len() >= ENOUGH)?;
    found.next().is_none().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Midwinter in Paris: the month of December has begun, that of January has not.
    fn read(text: &str) -> Option<String> {
        let now: ZonedDateTime = "2026-12-03T10:30:00+01:00[+01:00]".parse().unwrap();
        let period = Period::read(text, &now)?;
        let shown = |at: ZonedDateTime| at.strftime("%F %H:%M").to_string();
        Some(format!("{} - {}", shown(period.start), shown(period.end)))
    }

    #[test]
    fn a_period_is_read_as_people_write_it() {
        let day = "2026-11-22 00:00 - 2026-11-23 00:00";
        let november = "2026-11-01 00:00 - 2026-12-01 00:00";
        for (text, period) in [
            ("2026-11-22", day),
            ("22/11/2026", day),
            ("today", "2026-12-03 00:00 - 2026-12-04 00:00"),
            ("Aujourd'hui", "2026-12-03 00:00 - 2026-12-04 00:00"),
            ("yesterday", "2026-12-02 00:00 - 2026-12-03 00:00"),
            ("2026-11", november),
            ("november", november),
            ("Nov", november),
            ("novembre 2026", november),
            ("août", "2026-08-01 00:00 - 2026-09-01 00:00"),
            ("January", "2026-01-01 00:00 - 2026-02-01 00:00"),
            ("décembre", "2026-12-01 00:00 - 2027-01-01 00:00"),
            ("2025", "2025-01-01 00:00 - 2026-01-01 00:00"),
            ("7d", "2026-11-26 10:30 - 2026-11-26 10:30"),
            ("7j", "2026-11-26 10:30 - 2026-11-26 10:30"),
            ("2 weeks", "2026-11-19 10:30 - 2026-11-19 10:30"),
            ("13 months", "2025-11-03 10:30 - 2025-11-03 10:30"),
            ("13 mois", "2025-11-03 10:30 - 2025-11-03 10:30"),
            ("2 ans", "2024-12-03 10:30 - 2024-12-03 10:30"),
            ("2026-11-22 08:15", "2026-11-22 08:15 - 2026-11-22 08:15"),
            (
                "2026-11-22T08:15:00Z",
                "2026-11-22 09:15 - 2026-11-22 09:15",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Some(period), "{text}");
        }
    }

    #[test]
    fn what_may_mean_two_things_is_not_guessed() {
        for text in [
            "13m", "13 m", "jui", "ma", "22-11", "", "soon", "-7d", "2026-13",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
