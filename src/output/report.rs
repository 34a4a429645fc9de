//! The month's figures, finished: what every form of the report (table, CSV, JSON,
//! workbook, page) is made of. Nothing of a person is in it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::text::clean;
use crate::lead::{Dated, Figures, Money, State};
use crate::outcome::moment::{long_date, long_day_of_year, month_of_year};
use crate::words::say;

/// A report. Days are those of `zone`; both ends of the period are included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The period's first and last day; `None`: there is no lead at all.
    pub period: Option<(Date, Date)>,
    pub dated: Dated,
    /// `--as-of`: as it stood at the end of this day.
    pub as_of: Option<Date>,
    /// When it was made, milliseconds UTC.
    pub made_at: i64,
    /// Whose days these are: `Europe/Paris`.
    pub zone: String,
    /// The names of what it is grouped by, and the groups in their order.
    pub by: Vec<String>,
    pub groups: Vec<Group>,
    pub total: Figures,
    /// What was accepted on each day by each destination; days without one are left out.
    pub days: Vec<DayFigures>,
    /// Why partners refused, the most frequent first of each destination.
    pub refusals: Vec<Refusal>,
    /// How long partners took to decide, by destination.
    pub decisions: Vec<DecisionTimes>,
    /// By source, whatever it is grouped by.
    pub sources: Vec<Group>,
    /// What is not decided, and what was not sent, by destination and state.
    pub open: Vec<OpenLeads>,
    /// Accepted leads whose destination had no price for them then.
    pub unpriced: u64,
}

impl Report {
    /// When it was made, on the clock of its days.
    pub fn made(&self) -> ZonedDateTime {
        let zone = TimeZone::get(&self.zone).unwrap_or_else(|_| crate::calendar::zone());
        let made = Timestamp::from_millisecond(self.made_at).unwrap_or_default();
        made.to_zoned_datetime(zone)
    }

    /// The period as people call it.
    pub fn title(&self) -> String {
        let Some((first, last)) = self.period else {
            return say!("report-title-no-lead");
        };
        let last_day = long_date(last);
        let title = match (first.year() == last.year(), first.month() == last.month()) {
            _ if first == last.first_of_month() && last == first.last_of_month() => {
                month_of_year(first)
            }
            _ if first == last.first_of_year() && last == first.last_of_year() => {
                first.year().to_string()
            }
            _ if first == last => last_day,
            (true, true) => say!("report-title-days", first = first.day(), last = last_day),
            (true, false) => {
                let first = long_day_of_year(first);
                say!("report-title-period", first, last = last_day)
            }
            _ => say!(
                "report-title-period",
                first = long_date(first),
                last = last_day
            ),
        };
        let mut letters = title.chars();
        let capital = letters.next().into_iter().flat_map(char::to_uppercase);
        capital.chain(letters.clone()).collect()
    }

    /// By which days it counts, whose days these are, and as of when.
    pub fn about(&self) -> String {
        let zone = &self.zone;
        let dated = match self.dated {
            Dated::Sent => say!("report-dated-sent", zone),
            Dated::Decided => say!("report-dated-decided", zone),
        };
        let made = self.made();
        let time = made.strftime("%H:%M").to_string();
        let stood = match self.as_of {
            Some(day) => say!("report-stood-at-end", day = long_date(day)),
            None => say!("report-stood-at", day = long_date(made.date()), time),
        };
        format!("{dated} {stood}")
    }

    /// What its words mean, and what it leaves out.
    pub fn notes(&self) -> Vec<String> {
        let bills = self.total.amount != Money::default();
        let unpriced = (bills && self.unpriced > 0)
            .then(|| say!("report-unpriced-note", count = self.unpriced));
        [say!("report-meaning")]
            .into_iter()
            .chain(unpriced)
            .collect()
    }

    /// What it is grouped by, for people.
    pub fn heads(&self) -> impl Iterator<Item = String> {
        self.by.iter().map(|by| head(by))
    }
}

/// What a report may be grouped by, for people; a lead's field is called as everywhere.
pub fn head(by: &str) -> String {
    match by {
        "destination" => say!("report-by-destination"),
        "source" => say!("report-by-source"),
        "state" => say!("report-by-state"),
        "day" => say!("report-by-day"),
        "month" => say!("report-by-month"),
        "route" => say!("report-by-route"),
        field => field.to_owned(),
    }
}

/// What a lead has of that, for people; `None`: nothing.
pub fn told(by: &str, value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split('-').collect();
    Some(match (by, parts.as_slice()) {
        (_, [""]) => return None,
        ("state", _) => State::parse(value)?.in_words(),
        ("day", [year, month, day]) => {
            say!("report-of-day", year = *year, month = *month, day = *day)
        }
        ("month", [year, month]) => say!("report-of-month", year = *year, month = *month),
        _ => clean(value).into_owned(),
    })
}

/// Leads that have in common what the report is grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// One value for each name in [`Report::by`]; empty where a lead has none.
    pub of: Vec<String>,
    pub figures: Figures,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayFigures {
    pub day: Date,
    pub destination: String,
    pub figures: Figures,
}

/// Leads that a partner refused with the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub destination: String,
    /// The partner's words, without anybody's data; empty where it gave none.
    pub reason: String,
    pub count: u64,
}

/// Milliseconds from the sending to the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionTimes {
    pub destination: String,
    /// Leads that were decided on.
    pub count: u64,
    /// Half of them took this long at most, nine of ten that, and the last one this.
    pub median: i64,
    pub ninth: i64,
    pub longest: i64,
}

/// Leads of one state that something is to come of still, or that no partner has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLeads {
    pub destination: String,
    pub state: State,
    pub count: u64,
    /// The day of the first of them.
    pub oldest: Date,
}

/// A group as a row of JSON or CSV: what it is grouped by, its figures, and of what
/// they are the figures.
pub struct ReportRow<'r> {
    pub report: &'r Report,
    pub group: &'r Group,
}

impl Serialize for ReportRow<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { report, group } = self;
        let figures = serde_json::to_value(&group.figures).map_err(serde::ser::Error::custom)?;
        let mut row = to.serialize_map(None)?;
        for (name, value) in report.by.iter().zip(&group.of) {
            row.serialize_entry(name, value)?;
        }
        for (name, figure) in figures.as_object().into_iter().flatten() {
            row.serialize_entry(name, figure)?;
        }
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        row.serialize_entry("since", &day(report.period.map(|(first, _)| first)))?;
        row.serialize_entry("until", &day(report.period.map(|(_, last)| last)))?;
        row.serialize_entry("dated", &report.dated)?;
        row.serialize_entry("as_of", &day(report.as_of))?;
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_period_is_told_as_people_call_it() {
        let told = |first: Date, last: Date| {
            Report {
                period: Some((first, last)),
                ..Report::default()
            }
            .title()
        };
        let first = date(2026, 11, 1);
        assert_eq!(told(first, date(2026, 11, 30)), "November 2026");
        assert_eq!(told(first, first), "1 November 2026");
        assert_eq!(told(first, date(2026, 11, 15)), "1 to 15 November 2026");
        assert_eq!(
            told(first, date(2026, 12, 31)),
            "1 November to 31 December 2026"
        );
        assert_eq!(
            told(first, date(2027, 1, 2)),
            "1 November 2026 to 2 January 2027"
        );
        assert_eq!(told(date(2026, 1, 1), date(2026, 12, 31)), "2026");
    }
}
