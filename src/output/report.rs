//! The month's figures, finished: what every form of the report (table, CSV, JSON,
//! workbook, page) is made of. Nothing of a person is in it.

use jiff::civil::Date;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::lead::{Dated, Figures, State};

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
