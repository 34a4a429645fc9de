//! The words for how a lead stands. Nothing reads them back.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::job::Job;
use super::protocol::{Heard, Ruling};
use crate::calendar;
use crate::config::Then;
use crate::lead::State;
use crate::lead::text::said_of;
use crate::outcome::moment::{day, minute};
use crate::outcome::{Meaning, expired};
use crate::words::say;

/// What is recorded of an answer, in words.
pub fn outcome(job: &Job, heard: &Heard, ruling: &Ruling) -> String {
    let (said, meaning) = (&heard.verdict.message, heard.verdict.meaning);
    match ruling.state {
        Some(State::Approved) => approved(said, heard.expires_at, None),
        Some(State::Expired) if meaning == Meaning::Then(Then::Approved) => expired(said),
        Some(State::InDoubt) if meaning != Meaning::Then(Then::InDoubt) => {
            // Its own words would say that nothing can have arrived.
            say!("outcome-earlier-try", said)
        }
        Some(State::Failed) if job.searches() => say!("outcome-not-there", said),
        Some(_) => said.clone(),
        None => {
            let why = ruling.stop.as_ref().map(ToString::to_string);
            say!(
                "outcome-stays",
                at = minute(heard.at, &calendar::zone()),
                said = why.as_ref().unwrap_or(said),
                state = job.before.in_words()
            )
        }
    }
}

/// What is said of a lead that the partner has already, where an earlier try of
/// ours may have put it there.
pub fn if_ours(state: State) -> Option<String> {
    match state {
        State::Duplicate => Some(say!("if-ours-duplicate")),
        // They don't say in one word whether that is the reason.
        State::Rejected => Some(say!("if-ours-rejected")),
        _ => None,
    }
}

/// `soon`: how soon the end is, where that is told.
pub fn approved(theirs: &str, expires_at: Option<i64>, soon: Option<String>) -> String {
    let until = match (expires_at.map(|at| day(at, &calendar::zone())), soon) {
        (None, _) => say!("approved"),
        (Some(day), None) => say!("approved-until", day),
        (Some(day), Some(soon)) => say!("approved-until-soon", day, soon),
    };
    match theirs.is_empty() {
        true => until,
        false => said_of(&until, theirs),
    }
}

/// `in 3 days` where that is within a week: days of the calendar, since
/// the day itself is told beside it. It is true today: told, never recorded.
pub fn soon(at: i64, now: i64) -> Option<String> {
    soon_in(&calendar::zone(), at, now)
}

pub(super) fn soon_in(zone: &TimeZone, at: i64, now: i64) -> Option<String> {
    let date = |at| {
        let moment = Timestamp::from_millisecond(at).ok()?;
        Some(moment.to_zoned_datetime(zone.clone()).date())
    };
    match date(now)?.duration_until(date(at)?).as_hours() / 24 {
        ..=0 => Some(say!("soon-today")),
        1 => Some(say!("soon-tomorrow")),
        days @ 2..=7 => Some(say!("soon-in-days", days)),
        _ => None,
    }
}
