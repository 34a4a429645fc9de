//! One entry of a partner's own list.

use jiff::tz::TimeZone;

use super::kind::Kind;
use super::line::{Cells, Line, Put, Value};
use super::time;

/// An entry as `list` prints it for people; scripts get the partner's own JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// The partner's number.
    pub reference: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub created: Option<i64>,
    /// The partner's word.
    pub state: Option<String>,
    /// The ledger's id, where the lead is ours.
    pub ours: Option<i64>,
    /// What else of it is shown.
    pub besides: String,
}

impl Line for Listed {
    fn fields<'a>(&'a self, _: Kind, put: Put<'_, 'a>) {
        put("reference", Value::text(&self.reference));
        put("created_at", Value::time(self.created));
        put("state", Value::text(&self.state));
        put("ours", Value::number(self.ours));
        put("about", Value::Text(&self.besides));
    }

    fn cells(&self, _: Kind, zone: &TimeZone) -> Cells {
        Cells {
            cells: vec![
                self.reference.clone().unwrap_or_default(),
                self.created
                    .map(|at| time::minute(at, zone))
                    .unwrap_or_default(),
                self.state.clone().unwrap_or_default(),
                self.ours.map(|id| id.to_string()).unwrap_or_default(),
                self.besides.clone(),
            ],
            state: None,
            notes: Vec::new(),
        }
    }
}
