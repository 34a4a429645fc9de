//! One attempt at a lead: the line that `history ID` prints.

use jiff::tz::TimeZone;

use super::kind::Kind;
use super::line::{Cells, Line, Put, Value};
use super::time;
use crate::lead::State;

/// What was tried for a lead, and what came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptRow {
    /// The lead's number in the ledger.
    pub id: i64,
    /// 1 for the lead's first attempt.
    pub attempt: u32,
    pub destination: String,
    /// Milliseconds since 1970, UTC.
    pub started_at: i64,
    /// `None` while no outcome is known.
    pub ended_at: Option<i64>,
    /// What made it happen: `send`, `resend`, `follow`…
    pub trigger: String,
    /// The user's word for it, where one was asked for.
    pub reason: Option<String>,
    /// `replied`, `unsent` or `silent`.
    pub transport: Option<String>,
    /// The HTTP status, if the partner replied.
    pub status: Option<u16>,
    /// The state that the attempt left the lead in.
    pub state: Option<State>,
    pub message: String,
    /// The beginning of the partner's answer.
    pub excerpt: Option<String>,
    /// A hash of what was sent: equal ones are the same request.
    pub payload: Option<String>,
}

impl Line for AttemptRow {
    fn fields<'a>(&'a self, _: Kind, put: Put<'_, 'a>) {
        let state = self.state.map(State::as_str);
        put("id", Value::Number(self.id));
        put("attempt", Value::Number(i64::from(self.attempt)));
        put("destination", Value::Text(&self.destination));
        put("started_at", Value::Time(self.started_at));
        put("ended_at", Value::time(self.ended_at));
        put("trigger", Value::Text(&self.trigger));
        put("reason", Value::text(&self.reason));
        put("transport", Value::text(&self.transport));
        put("status", Value::number(self.status));
        put("state", state.map_or(Value::Nothing, Value::Text));
        put("message", Value::Text(&self.message));
        put("excerpt", Value::text(&self.excerpt));
        put("payload", Value::text(&self.payload));
    }

    fn cells(&self, _: Kind, zone: &TimeZone) -> Cells {
        let labelled = |label: &str, text: &Option<String>| {
            let text = text.as_deref().filter(|text| !text.is_empty())?;
            Some(format!("{label}: {text}"))
        };
        let notes = [
            Some(self.message.clone()),
            labelled("reason", &self.reason),
            labelled("answer", &self.excerpt),
            labelled("payload", &self.payload),
        ];
        Cells {
            cells: vec![
                self.attempt.to_string(),
                time::second(self.started_at, zone),
                self.trigger.clone(),
                self.transport.clone().unwrap_or_default(),
                self.status.map(|code| code.to_string()).unwrap_or_default(),
                self.state.map(|s| s.to_string()).unwrap_or_default(),
            ],
            state: self.state,
            notes: notes.into_iter().flatten().collect(),
        }
    }
}
