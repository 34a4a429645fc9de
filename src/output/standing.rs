//! How a destination stands this morning: the line that `status` prints.

use jiff::tz::TimeZone;

use super::kind::Kind;
use super::line::{Cells, Line, Put, Value};
use super::time;

/// What is open at one destination, and what to do about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusRow {
    pub destination: String,
    /// Leads in each open state.
    pub pending: u64,
    pub in_doubt: u64,
    pub failed: u64,
    pub unsent: u64,
    /// When the oldest open lead was read; milliseconds since 1970, UTC.
    pub oldest: Option<i64>,
    /// When the partner last took a lead; milliseconds since 1970, UTC.
    pub last_success: Option<i64>,
    /// What to do, the very commands; empty when there is nothing to do.
    pub next: Vec<String>,
}

impl Line for StatusRow {
    fn fields<'a>(&'a self, _: Kind, put: Put<'_, 'a>) {
        put("destination", Value::Text(&self.destination));
        put("pending", Value::count(self.pending));
        put("in_doubt", Value::count(self.in_doubt));
        put("failed", Value::count(self.failed));
        put("unsent", Value::count(self.unsent));
        put("oldest", Value::time(self.oldest));
        put("last_success", Value::time(self.last_success));
        put("next", Value::List(&self.next));
    }

    fn cells(&self, _: Kind, zone: &TimeZone) -> Cells {
        let success = self.last_success.map(|at| time::minute(at, zone));
        Cells {
            cells: vec![
                self.destination.clone(),
                self.pending.to_string(),
                self.in_doubt.to_string(),
                self.failed.to_string(),
                self.unsent.to_string(),
                self.oldest.map_or("-".into(), |at| time::day(at, zone)),
                success.unwrap_or_else(|| "never".into()),
            ],
            state: None,
            notes: self.next.clone(),
        }
    }
}
