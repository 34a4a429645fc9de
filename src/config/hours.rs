//! When a destination takes leads: the words of `hours`. The clock is given.

use jiff::ZonedDateTime;
use jiff::civil::{Date, DateTime, Time, Weekday};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::words::say;

/// Spans of the week, less some days of the calendar; always where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(from = "Vec<Entry>")]
#[schemars(with = "Vec<Entry>")]
pub struct Hours {
    open: Vec<Span>,
    closed: Vec<[Date; 2]>,
    written: Vec<String>,
}

/// `Mon-Fri 09:00-12:00,14:00-18:00`
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    days: Vec<Weekday>,
    /// Minutes of a day: from the first up to the last, which is not in it.
    times: Vec<[u16; 2]>,
}

/// One text of the list, and what it says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
struct Entry(String, Says);

#[derive(Debug)]
enum Says {
    Open(Span),
    /// From the first day to the last.
    Closed([Date; 2]),
}

/// As far as an opening is looked for.
const DAYS_AHEAD: usize = 400;
const DAY: u16 = 24 * 60;

impl Hours {
    /// As it was written.
    pub fn written(&self) -> &[String] {
        &self.written
    }

    /// Does it take leads when the zone's clock says so?
    pub fn is_open(&self, at: DateTime) -> bool {
        let minute = minute_of(at.time());
        let within = |[from, to]: &[u16; 2]| (*from..*to).contains(&minute);
        self.times_of(at.date()).any(|times| within(&times))
    }

    /// When it takes leads again after `now`, by the zone's clock; `None` where that is
    /// not to be seen.
    pub fn next_opening(&self, now: &ZonedDateTime) -> Option<DateTime> {
        let days = std::iter::successors(Some(now.date()), |day| day.tomorrow().ok());
        days.take(DAYS_AHEAD).find_map(|day| {
            let openings = self
                .times_of(day)
                .filter_map(|[from, _]| begins(day, from, now));
            openings.filter(|at| at > now).min().map(|at| at.datetime())
        })
    }

    fn times_of(&self, day: Date) -> impl Iterator<Item = [u16; 2]> {
        let is_closed = self
            .closed
            .iter()
            .any(|[from, to]| (*from..=*to).contains(&day));
        let always = self.open.is_empty().then_some([0, DAY]);
        let spans = self.open.iter();
        let spans = spans.filter(move |span| span.days.contains(&day.weekday()));
        let times = spans.flat_map(|span| span.times.iter().copied());
        times.chain(always).filter(move |_| !is_closed)
    }
}

/// The moment at which the zone's clock shows this minute, or where it leaps over it:
/// then it is open from the leap on.
fn begins(day: Date, minute: u16, now: &ZonedDateTime) -> Option<ZonedDateTime> {
    let zone = now.time_zone();
    let time = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).ok()?;
    let shown = day.to_datetime(time);
    let at = zone.to_zoned_datetime(shown).ok()?;
    match at.datetime() == shown {
        true => Some(at),
        false => {
            let leap = zone.preceding(at.timestamp()).next()?;
            Some(leap.timestamp().to_zoned_datetime(zone.clone()))
        }
    }
}

fn minute_of(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

impl From<Vec<Entry>> for Hours {
    fn from(entries: Vec<Entry>) -> Self {
        let mut hours = Self::default();
        for Entry(text, says) in entries {
            hours.written.push(text);
            match says {
                Says::Open(span) => hours.open.push(span),
                Says::Closed(days) => hours.closed.push(days),
            }
        }
        hours
    }
}

impl TryFrom<String> for Entry {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let says = match text.split_once(' ') {
            Some(("not", days)) => closed(days),
            _ => open(&text),
        };
        let says = says.ok_or_else(|| say!("mistake-hours", text = &text))?;
        Ok(Self(text, says))
    }
}

/// `2026-12-25`, or `2026-12-24..2027-01-02`
fn closed(text: &str) -> Option<Says> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let days: [Date; 2] = [from.trim().parse().ok()?, to.trim().parse().ok()?];
    (days[0] <= days[1]).then_some(Says::Closed(days))
}

fn open(text: &str) -> Option<Says> {
    let (mut days, mut times) = (Vec::new(), Vec::new());
    for word in text.split_whitespace() {
        match word.contains(':') {
            true if times.is_empty() => {
                times = word.split(',').map(span_of_time).collect::<Option<_>>()?;
            }
            false if days.is_empty() && times.is_empty() => {
                for part in word.split(',') {
                    days.extend(span_of_days(part)?);
                }
            }
            _ => return None,
        }
    }
    let says = !days.is_empty() || !times.is_empty();
    if days.is_empty() {
        days = span_of_days("Mon-Sun")?;
    }
    if times.is_empty() {
        times.push([0, DAY]);
    }
    says.then_some(Says::Open(Span { days, times }))
}

/// `09:00-19:00`
fn span_of_time(text: &str) -> Option<[u16; 2]> {
    let minute = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        let all = hour * 60 + minute;
        (hour <= 24 && minute < 60 && all <= DAY).then_some(all)
    };
    let (from, to) = text.split_once('-')?;
    let times = [minute(from)?, minute(to)?];
    (times[0] < times[1]).then_some(times)
}

/// `Mon`, or `Mon-Fri`
fn span_of_days(text: &str) -> Option<Vec<Weekday>> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (weekday(from)?, weekday(to)?);
    let days = (0..=from.until(to)).map(|after| from.wrapping_add(after));
    Some(days.collect())
}

/// By its English name, or the first three letters of it.
fn weekday(text: &str) -> Option<Weekday> {
    let names = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let text = text.trim().to_lowercase();
    let mut names = names.iter();
    let found = names.find(|(name, _)| *name == text || name[..3] == text);
    found.map(|(_, day)| *day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(entries: &[&str]) -> Hours {
        let entries = entries
            .iter()
            .map(|it| Entry::try_from((*it).to_owned()).unwrap());
        entries.collect::<Vec<_>>().into()
    }

    fn is_open(hours: &Hours, at: &str) -> bool {
        hours.is_open(at.parse().unwrap())
    }

    fn next(hours: &Hours, now: &str) -> Option<String> {
        let now = format!("{now}[Europe/Paris]").parse().unwrap();
        hours.next_opening(&now).map(|at| at.to_string())
    }

    #[test]
    fn open_from_the_first_minute_up_to_the_last() {
        let week = hours(&[
            "Mon-Fri 09:00-12:00,14:00-19:00",
            "Sat 10:00-12:00",
            "not 2026-12-25",
        ]);
        for (at, expected) in [
            ("2026-11-30T08:59:59", false),
            ("2026-11-30T09:00:00", true),
            ("2026-11-30T11:59:59", true),
            ("2026-11-30T12:00:00", false),
            ("2026-11-30T14:00:00", true),
            ("2026-11-30T19:00:00", false),
            ("2026-12-05T10:30:00", true),
            ("2026-12-06T10:30:00", false),
            ("2026-12-25T10:30:00", false),
        ] {
            assert_eq!(is_open(&week, at), expected, "{at}");
        }
        let next = |now| next(&week, now);
        assert_eq!(
            next("2026-11-30T08:00").as_deref(),
            Some("2026-11-30T09:00:00")
        );
        assert_eq!(
            next("2026-11-30T12:00").as_deref(),
            Some("2026-11-30T14:00:00")
        );
        assert_eq!(
            next("2026-12-05T13:00").as_deref(),
            Some("2026-12-07T09:00:00")
        );
        assert_eq!(
            next("2026-12-24T19:00").as_deref(),
            Some("2026-12-26T10:00:00")
        );
        let weekend = hours(&["Sat-Mon", "not 2026-12-05..2026-12-06"]);
        assert!(is_open(&weekend, "2026-11-30T23:59:59"));
        assert!(!is_open(&weekend, "2026-12-01T00:00:00"));
        assert!(!is_open(&weekend, "2026-12-06T12:00:00"));
        let always = hours(&["not 2026-12-25"]);
        assert!(is_open(&always, "2026-11-30T03:00:00"));
        assert!(Hours::default().is_open("2026-11-30T03:00:00".parse().unwrap()));
        let evening = hours(&["22:00-24:00"]);
        assert!(is_open(&evening, "2026-11-30T23:59:59"));
    }

    /// In Paris the clock leaps from 02:00 to 03:00 on 29 March, and goes back from 03:00
    /// to 02:00 on 25 October.
    #[test]
    fn the_nights_on_which_the_clock_is_changed() {
        let night = hours(&["02:30-04:00"]);
        assert_eq!(
            next(&night, "2026-03-29T01:00").as_deref(),
            Some("2026-03-29T03:00:00")
        );
        assert_eq!(
            next(&night, "2026-03-29T04:00").as_deref(),
            Some("2026-03-30T02:30:00")
        );
        assert_eq!(
            next(&night, "2026-10-25T01:00").as_deref(),
            Some("2026-10-25T02:30:00")
        );
        let day = hours(&["Sun 09:00-19:00"]);
        for (date, utc) in [("2026-03-29", "T07:00:00Z"), ("2026-10-25", "T08:00:00Z")] {
            let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
            let opens: jiff::Timestamp = format!("{date}{utc}").parse().unwrap();
            let before = opens - jiff::SignedDuration::from_secs(1);
            let is_open = |at: jiff::Timestamp| {
                let at = at.to_zoned_datetime(paris.clone());
                day.is_open(at.datetime())
            };
            assert!(is_open(opens) && !is_open(before), "{date}");
        }
    }

    #[test]
    fn what_names_no_hours_is_told() {
        for text in [
            "",
            "Mon-Fri 19:00-09:00",
            "Mon-Fri 9-19",
            "Lun-Ven 09:00-19:00",
            "09:00-19:00 Mon",
            "Mon Tue",
            "25:00-26:00",
            "09:00-24:30",
            "not 25/12/2026",
            "not 2026-12-26..2026-12-25",
            "not Sunday",
        ] {
            let told = Entry::try_from(text.to_owned()).unwrap_err();
            assert!(told.contains("names no hours"), "{told}");
        }
        assert_eq!(
            next(
                &hours(&["Mon", "not 2020-01-01..2030-01-01"]),
                "2026-11-30T08:00"
            ),
            None
        );
    }
}
