//! A courier takes a lead from the queue to its settled state: turn, record,
//! call, judge, record; and again if the step says so.

use std::time::{Duration, SystemTime};

use super::control::{Turn, Way};
use super::courier::Courier;
use super::job::{Done, Job};
use super::learnt::{approved, decision_of, end_of, settled};
use super::queue::Queue;
use super::step::{self, Again, Step, Tries};
use super::stop::{Stop, StopKind};
use crate::config::Then;
use crate::lead::State;
use crate::ledger::{Attempt, Begun, LedgerError, Settled, Settlement, Trigger};
use crate::outcome::{Meaning, Verdict};

/// A courier's next lead, and what was said to its wish to begin.
struct Next {
    job: Job,
    /// Its turn is taken. `None`: it is still to wait for one.
    begun: Option<Result<Begun, LedgerError>>,
}

/// What one try came to.
enum Tried {
    Over(Done, Way),
    Again(Again, Done),
}

impl Courier<'_> {
    /// Delivers what the queue holds until it is closed and empty, and tells
    /// how each lead ended. Failures of the ledger stop the run: what can't be
    /// recorded is never sent.
    pub fn work(&self, queue: &Queue, mut tell: impl FnMut(u64, Done)) {
        let mut next: Option<Next> = None;
        loop {
            let fresh = || queue.take().map(|job| Next { job, begun: None });
            let Some(Next { job, begun }) = next.take().or_else(fresh) else {
                return;
            };
            let done = self.deliver(&job, begun, queue, &mut next);
            tell(job.place, done);
        }
    }

    /// Delivers one lead, whose attempt may have `begun`, and changes the
    /// contact where the partner knows the person and the destination wants
    /// that. The lead after it may begin in the same write as it is settled.
    fn deliver(
        &self,
        job: &Job,
        begun: Option<Result<Begun, LedgerError>>,
        queue: &Queue,
        next: &mut Option<Next>,
    ) -> Done {
        if begun.is_none()
            && let Turn::Stopped(stop) = self.control.enter(&job.given)
        {
            return Done::stopped(job, &stop);
        }
        let (done, way) = self.try_often(job, begun, queue, next);
        let (done, way) = match job.change_of_known(&done, self.judge.destination) {
            Some(change) => {
                let (amended, way) = self.try_often(&change, None, queue, next);
                (amended.after(done), way)
            }
            None => (done, way),
        };
        // Whatever stops or pauses the others was said before the turn is given back.
        if next.as_ref().is_none_or(|next| next.begun.is_none()) {
            self.control.leave(way);
        }
        done
    }

    /// Tries until it is over.
    fn try_often(
        &self,
        job: &Job,
        mut begun: Option<Result<Begun, LedgerError>>,
        queue: &Queue,
        next: &mut Option<Next>,
    ) -> (Done, Way) {
        let mut tries = Tries {
            safe_to_repeat: job.safe_to_repeat,
            doubtful: job.before == State::InDoubt,
            ..Tries::default()
        };
        let mut last: Option<Done> = None;
        loop {
            let begun = match begun.take() {
                Some(begun) => begun,
                None => self.journal.begin(self.wish(job, last.as_ref())),
            };
            match self.attempt(job, &mut tries, last.as_ref(), begun, (queue, next)) {
                Ok(Tried::Over(done, way)) => return (done, way),
                Ok(Tried::Again(again, done)) => {
                    if let Turn::Stopped(_) = self.rest(job, again) {
                        return (done, Way::Unknown);
                    }
                    last = Some(done);
                }
                Err(error) => {
                    let stop = Stop::all(StopKind::Ledger, error.to_string());
                    self.control.stop(stop.clone());
                    let done = last.unwrap_or_else(|| Done::stopped(job, &stop));
                    return (done, Way::Unknown);
                }
            }
        }
    }

    /// The pause between two tries.
    fn rest(&self, job: &Job, again: Again) -> Turn {
        if again.everybody {
            self.control.pause(again.pause);
        } else if let Turn::Stopped(stop) = self.control.sleep(again.pause) {
            return Turn::Stopped(stop);
        }
        self.control.go_on(&job.given)
    }

    /// One try, from its record to its settlement.
    fn attempt(
        &self,
        job: &Job,
        tries: &mut Tries,
        last: Option<&Done>,
        begun: Result<Begun, LedgerError>,
        (queue, next): (&Queue, &mut Option<Next>),
    ) -> Result<Tried, LedgerError> {
        let attempt = match self.begin(job, last, begun?)? {
            Ok(attempt) => attempt,
            Err(done) => return Ok(Tried::Over(done, Way::Unknown)),
        };
        let mut verdict = match job.trigger {
            Trigger::Amend => self.amend(job),
            _ => {
                let reply = self.transport.call(&job.request, self.credential);
                self.judge.verdict(&reply, SystemTime::now())
            }
        };
        match verdict.meaning {
            Meaning::Then(Then::Wait) => tries.waits += 1,
            _ => tries.made += 1,
        }
        let clear = way(&verdict) == Way::Clear;
        if !clear {
            tries.chance = chance();
        }
        let attempts = tries.made + tries.waits;
        if let Some(pause) = verdict.exhausted {
            match step::too_long(pause, self.judge.destination) {
                Some(stop) => self.control.stop_next(stop),
                None => self.control.pause(pause),
            }
        }
        let mut step = step::next(
            &verdict,
            self.judge.destination,
            *tries,
            self.control.left(),
        );
        if verdict.meaning == Meaning::Then(Then::InDoubt) {
            tries.doubtful = true;
        }
        if step.state == State::Approved {
            let (expires_at, now) = (end_of(&verdict), jiff::Timestamp::now());
            step.message = Some(approved(&verdict.message, expires_at, ""));
            step.state = settled(&verdict, expires_at, now.as_millisecond()).unwrap_or(step.state);
        }
        let end = settlement(job, attempt, &mut verdict, &step);
        // A lead whose contact may have to be changed keeps its turn for that.
        let ends = job.change.is_none() || job.trigger == Trigger::Amend;
        if ends && clear && step.again.is_none() && step.stop.is_none() {
            *next = self.following(queue);
        }
        let settled = match self.settle(end, next) {
            Ok(settled) => settled,
            // Sent, and the outcome is not on disk: the next start declares it.
            Err(error) => {
                self.control
                    .stop(Stop::all(StopKind::Ledger, error.to_string()));
                let done = Done::unrecorded(&verdict, attempts);
                return Ok(Tried::Over(done, Way::Unknown));
            }
        };
        let message = step.message.take();
        let message = message.unwrap_or_else(|| verdict.message.clone());
        let done = Done {
            // A repeat that failed leaves the earlier try's doubt.
            state: settled.state,
            reference: verdict.reference.clone(),
            message: match settled.ours {
                true => message + step::if_ours(step.state).unwrap_or_default(),
                false => message,
            },
            status: verdict.status,
            attempts,
            told: settled.notified,
        };
        if let Some(again) = step.again {
            return Ok(Tried::Again(again, done));
        }
        self.raise_stop(job, &verdict, step, settled);
        Ok(Tried::Over(done, way(&verdict)))
    }

    /// The attempt's id once the pace allows it; the lead itself is settled
    /// where it was taken meanwhile or the run stopped.
    fn begin(
        &self,
        job: &Job,
        last: Option<&Done>,
        mut begun: Begun,
    ) -> Result<Result<i64, Done>, LedgerError> {
        loop {
            let pause = match begun {
                Begun::Granted(attempt) => return Ok(Ok(attempt)),
                Begun::Taken(state) => return Ok(Err(Done::taken(state))),
                Begun::Wait(pause) => pause,
            };
            let again = Again {
                pause,
                everybody: false,
            };
            if let Turn::Stopped(stop) = self.rest(job, again) {
                let done = last.cloned();
                return Ok(Err(done.unwrap_or_else(|| Done::stopped(job, &stop))));
            }
            begun = self.journal.begin(self.wish(job, last))?;
        }
    }

    /// The wish to begin an attempt, as the earlier try of this run left the lead.
    fn wish(&self, job: &Job, last: Option<&Done>) -> Attempt {
        let (trigger, expect): (_, &'static [State]) = match last.map(|done| done.state) {
            None => (job.trigger, job.expect),
            Some(State::InDoubt) => (Trigger::Repeat, &[State::InDoubt]),
            Some(_) => (Trigger::Retry, &[State::Failed]),
        };
        Attempt {
            lead: job.lead,
            trigger,
            payload: Some(job.payload),
            sent: job.request.body.clone().filter(|_| !job.stored),
            address: job.address.clone().filter(|_| !job.stored),
            fields: job.fields.clone(),
            reason: job.reason.clone(),
            expect,
            pace: self.pace.clone(),
        }
    }

    /// The lead that waits next. Where nothing speaks against it, it takes over
    /// the turn of the one that the partner just answered for.
    fn following(&self, queue: &Queue) -> Option<Next> {
        let job = queue.take_waiting()?;
        // Replaced by the ledger's answer.
        let begun = match self.control.pass_on(&job.given) {
            true => Some(Ok(Begun::Wait(Duration::ZERO))),
            false => None,
        };
        Some(Next { job, begun })
    }

    /// Records the outcome and, in the same write, the beginning of the next
    /// lead whose turn it is.
    fn settle(&self, end: Settlement, next: &mut Option<Next>) -> Result<Settled, LedgerError> {
        match next {
            Some(Next {
                job,
                begun: Some(answer),
            }) => {
                let wish = self.wish(job, None);
                let (settled, begun) = self.journal.settle_and_begin(end, wish)?;
                *answer = begun;
                Ok(settled)
            }
            _ => self.journal.settle(end),
        }
    }

    /// A stop that the step asks for, or that the doubts in a row ask for.
    fn raise_stop(&self, job: &Job, verdict: &Verdict, step: Step, settled: Settled) {
        if let Some(mut stop) = step.stop {
            let blames = verdict.blames.as_deref().unwrap_or_default();
            let given = job.given.iter();
            stop.only = given
                .filter(|(field, _)| blames.contains(field))
                .cloned()
                .collect();
            self.control.stop(stop);
        }
        let most = self.judge.destination.stop_after_doubts;
        if step.state == State::InDoubt && most > 0 && settled.doubts >= most {
            self.control.stop(Stop::all(
                StopKind::Doubts,
                format!("{} leads in a row ended in doubt", settled.doubts),
            ));
        }
    }
}

/// Takes the excerpt out of the verdict: only the ledger keeps it.
fn settlement(job: &Job, attempt: i64, verdict: &mut Verdict, step: &Step) -> Settlement {
    let message = step.message.as_ref().unwrap_or(&verdict.message);
    let now = || jiff::Timestamp::now().as_millisecond();
    Settlement {
        attempt,
        lead: job.lead,
        state: Some(step.state),
        reference: verdict.reference.clone(),
        message: Some(message.clone()),
        // A change makes no lead that could be in its way.
        if_ours: step::if_ours(step.state).filter(|_| job.trigger != Trigger::Amend),
        status: verdict.status,
        transport: verdict.transport,
        excerpt: verdict.excerpt.take(),
        // An approval is a decision, also where it comes at once.
        decided_at: decision_of(verdict)
            .or_else(|| matches!(step.state, State::Approved | State::Expired).then(now)),
        expires_at: end_of(verdict),
        to_be_repeated: step.again.is_some(),
    }
}

/// Did the partner really answer about this lead?
fn way(verdict: &Verdict) -> Way {
    match verdict.meaning {
        Meaning::Then(
            Then::Delivered
            | Then::Pending
            | Then::Approved
            | Then::Expired
            | Then::Duplicate
            | Then::Rejected,
        ) => Way::Clear,
        Meaning::Then(Then::InDoubt) => Way::Doubtful,
        _ => Way::Unknown,
    }
}

/// 0.0 to 1.0, so that workers don't come back together.
fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}
