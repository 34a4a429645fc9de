//! What a question came to, and the words for it. Pure.

use std::time::Duration;

use super::job::Done;
use super::question::Question;
use crate::lead::State;
use crate::outcome::{Meaning, Verdict};
use crate::partner::answer::Then;

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

pub fn approved(theirs: &str, expires_at: Option<i64>, now: i64) -> String {
    let until = match expires_at {
        Some(at) => format!("approved until {}{}", day(at), soon(at, now)),
        None => "approved".to_owned(),
    };
    match theirs.is_empty() {
        true => until,
        false => format!("{until}: {theirs}"),
    }
}

/// `, in 3 days` where that is within a week.
pub fn soon(at: i64, now: i64) -> String {
    let left = Duration::from_millis(at.saturating_sub(now).max(0).unsigned_abs());
    match left.as_secs() / 86_400 {
        0 => ", in less than a day".to_owned(),
        1 => ", in 1 day".to_owned(),
        days @ 2..7 => format!(", in {days} days"),
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
    let at = jiff::Timestamp::from_millisecond(at).ok();
    at.map(|at| {
        at.to_zoned(jiff::tz::TimeZone::system())
            .strftime(pattern)
            .to_string()
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn an_end_within_a_week_is_told() {
        for (left, words) in [
            (0, ", in less than a day"),
            (DAY, ", in 1 day"),
            (7 * DAY - 1, ", in 6 days"),
            (7 * DAY, ""),
        ] {
            assert_eq!(soon(DAY + left, DAY), words);
        }
        let told = approved("nobody known", Some(1_793_689_925_000), 0);
        assert!(told.ends_with(": nobody known") && told.starts_with("approved until 2026-11-0"));
        assert_eq!(approved("", None, 0), "approved");
    }
}
