//! What a question came to, and the words for it. Pure.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::job::Done;
use super::question::Question;
use crate::config::Then;
use crate::lead::State;
use crate::outcome::{Meaning, Verdict, moment};

/// What a question came to.
#[derive(Debug, Clone)]
pub struct Learnt {
    pub done: Done,
    /// The partner said where the lead stands.
    pub answered: bool,
}

impl Learnt {
    /// Nothing could be asked: the lead stays in `state`.
    pub fn nothing(state: State, message: String) -> Self {
        Self {
            done: Done {
                state,
                reference: None,
                message,
                status: None,
                attempts: 0,
                told: false,
            },
            answered: false,
        }
    }

    /// Nothing was learnt: the lead stays as it is.
    pub fn stays(question: &Question, message: String, attempts: u32) -> Self {
        Self {
            done: Done {
                state: question.before,
                reference: Some(question.reference.clone()).filter(|_| !question.is_of_doubt()),
                message,
                status: None,
                attempts,
                told: false,
            },
            answered: false,
        }
    }
}

/// Until when the approval holds, as far as that can be read. Who names no zone
/// means ours.
pub fn end_of(verdict: &Verdict) -> Option<i64> {
    moment::end(verdict.expires.as_deref()?, &TimeZone::system())
}

/// When the partner decided.
pub fn decision_of(verdict: &Verdict) -> Option<i64> {
    moment::start(verdict.decided.as_deref()?, &TimeZone::system())
}

/// The state that an answer gives the lead, if it gives one. An approval whose
/// time has passed has expired, whatever the partner still calls it.
pub fn settled(verdict: &Verdict, expires_at: Option<i64>, now: i64) -> Option<State> {
    let Meaning::Then(then) = verdict.meaning else {
        return None;
    };
    Some(match then {
        Then::Approved if expires_at.is_some_and(|at| at <= now) => State::Expired,
        Then::Approved => State::Approved,
        Then::Rejected => State::Rejected,
        Then::Expired => State::Expired,
        Then::Pending => State::Pending,
        Then::Delivered => State::Delivered,
        Then::Duplicate => State::Duplicate,
        Then::Wait | Then::Stop | Then::StopForNow | Then::InDoubt | Then::NotProcessed => {
            return None;
        }
    })
}

/// `soon`: how soon the end is, where that is told.
pub fn approved(theirs: &str, expires_at: Option<i64>, soon: &str) -> String {
    let until = match expires_at {
        Some(at) => format!("approved until {}{soon}", day(at)),
        None => "approved".to_owned(),
    };
    match theirs.is_empty() {
        true => until,
        false => format!("{until}: {theirs}"),
    }
}

/// `, in 3 days` where that is within a week: days of the calendar here, since
/// the day itself is told beside it.
pub fn soon(at: i64, now: i64) -> String {
    soon_in(&TimeZone::system(), at, now)
}

fn soon_in(zone: &TimeZone, at: i64, now: i64) -> String {
    let date = |at| {
        Some(
            Timestamp::from_millisecond(at)
                .ok()?
                .to_zoned_datetime(zone.clone())
                .date(),
        )
    };
    let (Some(end), Some(today)) = (date(at), date(now)) else {
        return String::new();
    };
    match today.duration_until(end).as_hours() / 24 {
        ..=0 => ", today".to_owned(),
        1 => ", tomorrow".to_owned(),
        days @ 2..=7 => format!(", in {days} days"),
        _ => String::new(),
    }
}

fn day(at: i64) -> String {
    local(at, "%Y-%m-%d")
}

pub fn minute(at: i64) -> String {
    local(at, "%Y-%m-%d %H:%M")
}

fn local(at: i64, pattern: &str) -> String {
    let at = Timestamp::from_millisecond(at).ok();
    at.map(|at| {
        at.to_zoned_datetime(TimeZone::system())
            .strftime(pattern)
            .to_string()
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn an_end_within_a_week_is_told_in_days_of_the_calendar() {
        let paris = TimeZone::fixed(jiff::tz::offset(1));
        // 2026-11-26 15:00 in Paris.
        let now = 1_795_701_600_000;
        for (left, words) in [
            (0, ", today"),
            (9 * HOUR - 1, ", today"),
            (9 * HOUR, ", tomorrow"),
            (3 * DAY - 10 * HOUR, ", in 3 days"),
            (7 * DAY, ", in 7 days"),
            (8 * DAY, ""),
        ] {
            assert_eq!(soon_in(&paris, now + left, now), words, "{left}");
        }
    }

    #[test]
    fn an_approval_tells_its_end_and_their_words() {
        let told = approved("nobody known", Some(1_793_689_925_000), "");
        assert!(told.ends_with(": nobody known") && told.starts_with("approved until 2026-11-0"));
        assert_eq!(approved("", None, ""), "approved");
    }
}
