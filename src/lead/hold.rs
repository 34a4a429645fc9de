//! Why a lead waits, and for what.

use jiff::civil::{DateTime, Time};
use serde::{Deserialize, Serialize};

use crate::words::say;

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
        match (self.reason, self.until.map(told)) {
            (HoldReason::Paused, _) => say!("held-paused"),
            (HoldReason::Cap, Some(until)) => say!("held-cap-until", until),
            (HoldReason::Cap, None) => say!("held-cap"),
            (HoldReason::Hours, Some(until)) => say!("held-hours-until", until),
            (HoldReason::Hours, None) => say!("held-hours"),
        }
    }

    /// As the message of a lead that is held.
    pub fn in_words(&self) -> String {
        say!("held", why = self.why())
    }
}

/// A moment soon to come: by its day of the week, and midnight by its day alone.
fn told(at: DateTime) -> String {
    let weekday = at.weekday().to_monday_one_offset();
    let weekday = say!("date-weekday-short", number = weekday);
    let month = say!("date-month-short", number = at.month());
    let day = say!("date-day-of-year", day = at.day(), month);
    let day = say!("date-weekday", weekday, day);
    match at.time() == Time::midnight() {
        true => day,
        false => say!("date-timed", day, time = at.strftime("%H:%M").to_string()),
    }
}
