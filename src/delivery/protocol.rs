//! What becomes of a lead once its turn has come. Pure: where it stands (its
//! [`Tries`]) and what just happened (an [`Event`]) give what its worker does
//! next (an [`Action`]); the worker only carries that out. Every rule
//! about sending twice within a run stands here; across runs it is the ledger's.

use std::time::Duration;

use super::control::{Stop, StopKind};
use crate::config::Destination;
use crate::config::Then;
use crate::lead::State;
use crate::ledger::KeptBack;
use crate::outcome::{Meaning, Verdict};
use crate::trace::Wait;

/// How often a partner may ask one lead to wait before the run stops for now.
pub(super) const WAITS: u32 = 8;
/// The longest pause between two tries of our own choosing.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// The lead is tried again after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Again {
    pub pause: Duration,
    /// Where the partner asked for it, every worker pauses, not just this lead's.
    pub why: Wait,
}

/// What just happened.
#[derive(Debug)]
pub enum Event {
    /// The attempt of this number is on disk.
    Granted(i64),
    /// Nothing is recorded: the pace asks to wait first.
    Paced(Duration),
    /// That lead is in doubt, and may be the same person.
    HeldBack(i64),
    /// It is not sent now, or not here.
    KeptBack(KeptBack),
    /// Another run has the lead, or settled it.
    Taken(State),
    /// What came of this attempt's call.
    Answered(i64, Box<Heard>),
    /// The outcome is on disk, and whether the lead is to be tried again.
    Recorded(Option<Again>),
    /// It is not: the next start declares the lead in doubt.
    NotRecorded,
    Rested,
    /// The run stopped, by the ledger too: what can't be recorded is not sent.
    Stopped(Stop),
}

/// A judged answer, and the clock's part.
#[derive(Debug, Clone)]
pub struct Heard {
    pub verdict: Verdict,
    /// Milliseconds UTC, as all that follow: when it came, when its approval
    /// ends, and when the partner says that it decided.
    pub at: i64,
    /// When the request had left, for the pace; `None` where it did not.
    pub left_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub decided_at: Option<i64>,
    /// What remains of the run's time, if it is limited.
    pub left: Option<Duration>,
    /// 0.0 to 1.0: workers don't come back together.
    pub chance: f64,
}

/// What the worker does next; each is answered by an [`Event`].
#[derive(Debug)]
pub enum Action {
    Begin,
    /// Makes the call of this attempt.
    Call(i64),
    Record(i64, Box<Heard>, Ruling),
    Rest(Again),
    End(Ending),
}

/// How it ended.
#[derive(Debug)]
pub enum Ending {
    /// As its last try did.
    Tried,
    /// As it was recorded before; where it was never tried, this is why.
    Stopped(Stop),
    Taken(State),
    HeldBack(i64),
    KeptBack(KeptBack),
}

/// What is known of the lead's tries so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Tries {
    /// Tries made; waits asked by the partner not counted.
    pub made: u32,
    /// Times the partner asked to wait.
    pub waits: u32,
    /// An earlier try may have been received.
    pub doubtful: bool,
    /// The same request may be sent again after a lost answer.
    pub safe_to_repeat: bool,
    /// It is a question: it makes nothing, and what it can't settle stays.
    pub asks: bool,
    /// It is the question whether the partner has the lead: a no is proof.
    pub searches: bool,
    /// It was tried again with another token.
    pub renewed: bool,
}

/// What happens to the lead, and to the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Recorded now, also when the lead is tried again. `None` leaves it as it
    /// is: only of a question.
    pub state: Option<State>,
    pub again: Option<Again>,
    pub stop: Option<StopKind>,
}

/// The state that an answer gives the lead, if it gives one. An approval whose
/// time has passed has expired, whatever the partner still calls it.
fn decided(then: Then, heard: &Heard) -> Option<State> {
    Some(match then {
        Then::Approved if heard.expires_at.is_some_and(|at| at <= heard.at) => State::Expired,
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

impl Tries {
    /// The next step.
    pub fn next(&mut self, event: Event, destination: &Destination) -> Action {
        match event {
            Event::Granted(attempt) => Action::Call(attempt),
            Event::Paced(pause) => Action::Rest(Again {
                pause,
                why: Wait::Pace,
            }),
            Event::Answered(attempt, heard) => {
                let ruling = self.rule(&heard, destination);
                Action::Record(attempt, heard, ruling)
            }
            Event::Recorded(Some(again)) => Action::Rest(again),
            Event::Rested => Action::Begin,
            Event::Recorded(None) | Event::NotRecorded => Action::End(Ending::Tried),
            Event::HeldBack(doubt) => Action::End(Ending::HeldBack(doubt)),
            Event::KeptBack(why) => Action::End(Ending::KeptBack(why)),
            Event::Taken(state) => Action::End(Ending::Taken(state)),
            Event::Stopped(stop) => Action::End(Ending::Stopped(stop)),
        }
    }

    /// Counts the try that was `heard`, and rules.
    pub fn rule(&mut self, heard: &Heard, destination: &Destination) -> Ruling {
        let verdict = &heard.verdict;
        match verdict.meaning {
            Meaning::Then(Then::Wait) => self.waits += 1,
            _ => self.made += 1,
        }
        if verdict.stale_token && !std::mem::replace(&mut self.renewed, true) {
            return Ruling {
                state: self.undecided(),
                again: Some(Again {
                    pause: Duration::ZERO,
                    why: Wait::Retry,
                }),
                stop: None,
            };
        }
        let absent = self.searches && verdict.meaning == Meaning::Then(Then::NotProcessed);
        let repeats = match verdict.meaning {
            _ if absent => false,
            Meaning::Unreachable | Meaning::Then(Then::NotProcessed) => true,
            Meaning::Then(Then::InDoubt) => self.may_repeat(heard),
            Meaning::Then(_) => false,
        };
        let again = repeats && self.made < destination.tries;
        let again = again.then(|| backoff(heard, destination, self));
        let said = || verdict.message.clone();
        let (again, stop) = match verdict.meaning {
            Meaning::Then(Then::Wait) => match wait(heard, destination, self) {
                Ok(again) => (Some(again), None),
                Err(stop) => (None, Some(stop)),
            },
            Meaning::Then(Then::Stop) => (None, Some(StopKind::Wrong(said()))),
            Meaning::Then(Then::StopForNow) => (None, Some(StopKind::Quota(said()))),
            Meaning::Unreachable if again.is_none() => {
                let (why, tries) = (said(), self.made);
                (None, Some(StopKind::Unreachable { why, tries }))
            }
            _ => (again, None),
        };
        let state = match verdict.meaning {
            _ if absent => Some(State::Failed),
            Meaning::Then(then) => decided(then, heard),
            Meaning::Unreachable => None,
        };
        self.doubtful |= verdict.meaning == Meaning::Then(Then::InDoubt);
        Ruling {
            state: state.or_else(|| self.undecided()),
            again,
            stop,
        }
    }

    /// Calls made, waits included.
    pub fn all(&self) -> u32 {
        self.made + self.waits
    }

    /// Certainly not received by a try that is not doubtful itself; an earlier
    /// one may have been.
    fn undecided(&self) -> Option<State> {
        match (self.asks, self.doubtful) {
            (true, _) => None,
            (false, true) => Some(State::InDoubt),
            (false, false) => Some(State::Failed),
        }
    }

    /// A question may be asked again where the partner broke down; a whole
    /// answer would only be the same again.
    fn may_repeat(&self, heard: &Heard) -> bool {
        let broke_down = heard.verdict.status.is_none_or(|status| status >= 500);
        self.safe_to_repeat || self.asks && broke_down
    }
}

/// As long as the partner asks; an error is why this run doesn't wait.
fn wait(heard: &Heard, destination: &Destination, tries: &Tries) -> Result<Again, StopKind> {
    let own = || backoff(heard, destination, tries).pause;
    let asked = heard.verdict.wait.unwrap_or_else(own);
    let (said, most) = (heard.verdict.message.clone(), destination.longest_wait);
    if asked > most {
        return Err(StopKind::WaitTooLong { said, asked, most });
    }
    if heard.left.is_some_and(|left| asked >= left) {
        return Err(StopKind::WaitPastDeadline { said, asked });
    }
    if tries.waits >= WAITS {
        let times = tries.waits;
        return Err(StopKind::WaitsTooMany { said, times });
    }
    Ok(Again {
        // Not before the moment told: a little after it.
        pause: asked + asked.mul_f64(heard.chance * 0.05),
        why: Wait::Asked,
    })
}

/// Doubles from try to try, and never falls together with another worker's.
fn backoff(heard: &Heard, destination: &Destination, tries: &Tries) -> Again {
    let doublings = tries.all().saturating_sub(1).min(16);
    let pause = destination.backoff.saturating_mul(1 << doublings);
    Again {
        pause: pause.min(LONGEST_BACKOFF).mul_f64(0.5 + heard.chance),
        why: Wait::Retry,
    }
}
