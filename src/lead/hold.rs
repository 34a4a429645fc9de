//! Why a lead waits, and for what.

use jiff::civil::{DateTime, Time};
use serde::{Deserialize, Serialize};

/// Why a lead is [`super::State::Held`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// The destination's table says so.
    Paused,
    /// The destination was sent as many as it takes.
    Cap,
    /// It is outside the hours in which the destination takes leads.
    Hours,
}

/// Why a lead is not sent now, and what ends that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub reason: HoldReason,
    /// When it ends, by the destination's clock, where a moment ends it.
    pub until: Option<DateTime>,
}

/// At most so many leads are sent since a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub count: u32,
    /// Milliseconds UTC; `None`: all of them count.
    pub since: Option<i64>,
    /// What becomes of those beyond.
    pub hold: Hold,
}

impl Hold {
    /// Why, for people.
    pub fn why(&self) -> String {
        let until = self.until.map(|at| match at.time() == Time::midnight() {
            true => at.strftime("%a %-d %b"),
            false => at.strftime("%a %-d %b %H:%M"),
        });
        match (self.reason, until) {
            (HoldReason::Paused, _) => "paused".to_owned(),
            (HoldReason::Cap, Some(until)) => format!("beyond the cap until {until}"),
            (HoldReason::Cap, None) => "beyond the cap in all".to_owned(),
            (HoldReason::Hours, Some(until)) => format!("outside the hours until {until}"),
            (HoldReason::Hours, None) => "outside the hours".to_owned(),
        }
    }

    /// As the message of a lead that is held.
    pub fn in_words(&self) -> String {
        format!("{}: kept, to be sent later", self.why())
    }
}
