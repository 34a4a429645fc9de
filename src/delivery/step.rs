//! What to do after a verdict. Pure: one place decides what is tried again,
//! what is left in doubt, and what stops the run.

use std::time::Duration;

use super::stop::{Stop, StopKind};
use crate::config::Destination;
use crate::config::Then;
use crate::config::measure::in_words;
use crate::lead::State;
use crate::outcome::{Meaning, Verdict};

/// How often a partner may ask one lead to wait before the run stops for now.
const WAITS: u32 = 8;
/// The longest pause between two tries of our own choosing.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// What happens to the lead, and to the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Recorded now, also when the lead is tried again.
    pub state: State,
    pub again: Option<Again>,
    pub stop: Option<Stop>,
    /// Replaces the verdict's message.
    pub message: Option<String>,
}

/// The lead is tried again after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    pub pause: Duration,
    /// Every worker pauses, not just this lead's.
    pub everybody: bool,
}

/// What is known of the lead's tries so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tries {
    /// Tries made, this one included; waits asked by the partner not counted.
    pub made: u32,
    /// Times the partner asked to wait, this one included.
    pub waits: u32,
    /// An earlier try of this lead may have been received.
    pub doubtful: bool,
    /// The same request may be sent again after a lost answer.
    pub safe_to_repeat: bool,
    /// 0.0 to 1.0, for the jitter.
    pub chance: f64,
}

impl Step {
    fn settle(state: State) -> Self {
        Self {
            state,
            again: None,
            stop: None,
            message: None,
        }
    }

    fn again(state: State, pause: Duration, everybody: bool) -> Self {
        Self {
            again: Some(Again { pause, everybody }),
            ..Self::settle(state)
        }
    }

    fn stop(state: State, kind: StopKind, message: String) -> Self {
        Self {
            stop: Some(Stop::all(kind, message)),
            ..Self::settle(state)
        }
    }
}

/// What is said of a lead that the partner has already, where an earlier try of
/// ours may have put it there.
pub fn if_ours(state: State) -> Option<&'static str> {
    match state {
        State::Duplicate => Some(" (it may be our own: an earlier try of this lead got no answer)"),
        // They don't say in one word whether that is the reason.
        State::Rejected => Some(
            " (an earlier try of this lead got no answer: if it is refused as already there, that may be our own)",
        ),
        _ => None,
    }
}

/// Decides. `left` is what remains of the run's time, if it is limited.
pub fn next(
    verdict: &Verdict,
    destination: &Destination,
    tries: Tries,
    left: Option<Duration>,
) -> Step {
    let mut step = decide(verdict, destination, tries, left);
    let doubtful = verdict.meaning == Meaning::Then(Then::InDoubt);
    if step.state == State::InDoubt && !doubtful {
        // Its own words would say that nothing can have arrived.
        let words = step.message.as_ref().unwrap_or(&verdict.message);
        step.message = Some(format!(
            "an earlier try may have arrived; this one did not: {words}"
        ));
    }
    step
}

fn decide(
    verdict: &Verdict,
    destination: &Destination,
    tries: Tries,
    left: Option<Duration>,
) -> Step {
    match verdict.meaning {
        Meaning::Unreachable => unreachable(verdict, destination, tries),
        Meaning::Then(then) => match then {
            Then::Delivered => Step::settle(State::Delivered),
            Then::Pending => Step::settle(State::Pending),
            Then::Approved => Step::settle(State::Approved),
            Then::Expired => Step::settle(State::Expired),
            Then::Rejected => Step::settle(State::Rejected),
            Then::Duplicate => Step::settle(State::Duplicate),
            Then::Wait => wait(verdict, destination, tries, left),
            Then::Stop => Step::stop(
                not_received(tries),
                StopKind::Wrong,
                verdict.message.clone(),
            ),
            Then::StopForNow => Step::stop(
                not_received(tries),
                StopKind::ForNow,
                verdict.message.clone(),
            ),
            Then::NotProcessed => not_processed(destination, tries),
            Then::InDoubt => in_doubt(destination, tries),
        },
    }
}

/// Certainly not received by this try; an earlier one may have been.
fn not_received(tries: Tries) -> State {
    match tries.doubtful {
        true => State::InDoubt,
        false => State::Failed,
    }
}

fn unreachable(verdict: &Verdict, destination: &Destination, tries: Tries) -> Step {
    let state = not_received(tries);
    if tries.made < destination.tries {
        return Step::again(state, backoff(destination, tries), false);
    }
    let message = format!("{} (tried {} times)", verdict.message, tries.made);
    Step::stop(state, StopKind::Unreachable, message)
}

fn not_processed(destination: &Destination, tries: Tries) -> Step {
    let state = not_received(tries);
    match tries.made < destination.tries {
        true => Step::again(state, backoff(destination, tries), false),
        false => Step::settle(state),
    }
}

fn in_doubt(destination: &Destination, tries: Tries) -> Step {
    match tries.safe_to_repeat && tries.made < destination.tries {
        true => Step::again(State::InDoubt, backoff(destination, tries), false),
        false => Step::settle(State::InDoubt),
    }
}

fn wait(
    verdict: &Verdict,
    destination: &Destination,
    tries: Tries,
    left: Option<Duration>,
) -> Step {
    let state = not_received(tries);
    let pause = verdict.wait.unwrap_or_else(|| backoff(destination, tries));
    let stop = |why: String| Step::stop(state, StopKind::ForNow, why);
    if pause > destination.longest_wait {
        let asked = in_words(pause);
        let most = in_words(destination.longest_wait);
        return stop(format!(
            "{}: the partner asks to wait {asked}, longer than this run waits ({most})",
            verdict.message
        ));
    }
    if left.is_some_and(|left| pause >= left) {
        let asked = in_words(pause);
        return stop(format!(
            "{}: the partner asks to wait {asked}, past the deadline of this run",
            verdict.message
        ));
    }
    if tries.waits >= WAITS {
        return stop(format!(
            "{} (asked to wait {} times in a row)",
            verdict.message, tries.waits
        ));
    }
    // Not before the moment told: a little after it.
    let pause = pause + pause.mul_f64(tries.chance * 0.05);
    Step::again(state, pause, true)
}

/// The stop for now that is due where no request is allowed for longer than
/// the run may wait.
pub fn too_long(pause: Duration, destination: &Destination) -> Option<Stop> {
    let most = destination.longest_wait;
    (pause > most).then(|| {
        let (pause, most) = (in_words(pause), in_words(most));
        let message = format!(
            "the partner allows no more requests for {pause}, longer than this run waits ({most})"
        );
        Stop::all(StopKind::ForNow, message)
    })
}

/// Doubles from try to try, and never falls together with another worker's.
fn backoff(destination: &Destination, tries: Tries) -> Duration {
    let doublings = (tries.made + tries.waits).saturating_sub(1).min(16);
    let pause = destination.backoff.saturating_mul(1 << doublings);
    pause.min(LONGEST_BACKOFF).mul_f64(0.5 + tries.chance)
}
