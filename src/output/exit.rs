//! The exit code: what a cron job or a script learns from a run. Pure.

use super::counts::Counts;
use crate::lead::State;

/// How a run ended, the gravest first: of several, the first one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Stopped by the user.
    Interrupted,
    /// Could not finish: a file, the ledger, a lock.
    Unfinished,
    /// A wrong command, configuration or credential.
    Usage,
    /// Some leads are in doubt.
    InDoubt,
    /// Some leads are invalid or rejected.
    Refused,
    /// Some leads failed or were not sent: run again.
    Again,
    /// Nothing to do.
    Done,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unfinished => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::InDoubt => 4,
            Self::Again => 5,
            Self::Interrupted => 130,
        }
    }
}

/// How a run ended, from its leads and from what stopped it. A skipped lead
/// counts as the state that it keeps.
pub fn code(states: &Counts, stop: Option<Exit>) -> Exit {
    let worst = [
        (State::InDoubt, Exit::InDoubt),
        (State::Rejected, Exit::Refused),
        (State::Invalid, Exit::Refused),
        (State::Failed, Exit::Again),
        (State::Unsent, Exit::Again),
    ];
    let found = worst
        .into_iter()
        .find(|(state, _)| states.standing(*state) > 0);
    let leads = found.map_or(Exit::Done, |(_, exit)| exit);
    stop.map_or(leads, |stop| stop.min(leads))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(states: &[State], stop: Option<Exit>) -> u8 {
        let mut counts = Counts::new();
        for &state in states {
            counts.add(state, None);
        }
        code(&counts, stop).code()
    }

    #[test]
    fn each_state_has_its_code() {
        let expected = [
            (State::Delivered, 0),
            (State::Pending, 0),
            (State::Approved, 0),
            (State::Expired, 0),
            (State::Duplicate, 0),
            (State::Rejected, 3),
            (State::Invalid, 3),
            (State::Failed, 5),
            (State::Unsent, 5),
            (State::InDoubt, 4),
            (State::Skipped, 0),
        ];
        for (state, code) in expected {
            assert_eq!(exit(&[state], None), code, "{state}");
            let mut skipped = Counts::new();
            skipped.add(State::Skipped, Some(state));
            assert_eq!(super::code(&skipped, None).code(), code, "skipped {state}");
        }
        assert_eq!(exit(&[], None), 0);
    }

    #[test]
    fn the_gravest_of_several_wins() {
        use State::{Failed, InDoubt, Pending, Rejected};
        let all = [Pending, Failed, Rejected, InDoubt];
        assert_eq!(exit(&all, Some(Exit::Interrupted)), 130);
        assert_eq!(exit(&all, Some(Exit::Unfinished)), 1);
        assert_eq!(exit(&all, Some(Exit::Usage)), 2);
        assert_eq!(exit(&all, Some(Exit::Again)), 4);
        assert_eq!(exit(&all, None), 4);
        assert_eq!(exit(&all[..3], None), 3);
        assert_eq!(exit(&all[..2], None), 5);
        assert_eq!(exit(&all[..1], Some(Exit::Again)), 5);
        assert_eq!(exit(&all[..1], Some(Exit::Done)), 0);
    }
}
