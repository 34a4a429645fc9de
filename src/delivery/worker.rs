//! A worker carries out what the protocol says: it asks the ledger, calls the
//! partner, records, rests, and tells how each lead ended.

use std::sync::Arc;

use super::caller::Caller;
use super::control::{Health, Turn};
use super::control::{Stop, StopKind};
use super::job::{Done, Job, JobQueue};
use super::protocol::{Action, Again, Ending, Event, Heard, Ruling, Tries};
use super::refusals::{RefusalKind, without_data};
use super::words::{approved, if_ours, outcome, soon};
use crate::calendar;
use crate::config::Then;
use crate::lead::State;
use crate::ledger::{
    Attempt, Begun, Bucket, Journal, LedgerError, Settled, Settlement, Trigger, tell_bearer,
};
use crate::outcome::{Judge, Meaning, Verdict};
use crate::trace::{self, Trace, Wait};

/// One worker of a run: its own connection, and the ledger.
pub struct Worker<'r> {
    pub caller: Caller<'r>,
    pub journal: Journal,
}

/// A lead that a worker takes up.
struct LeadInHand<'c> {
    job: Job,
    /// It took over the turn of the one before, and began in the same write as
    /// that one was settled.
    begun: Option<(Turn<'c>, Result<Begun, LedgerError>)>,
}

/// What a worker holds while it delivers a lead.
struct Bench<'w> {
    jobs: Option<&'w JobQueue>,
    turn: Turn<'w>,
    /// The lead after this one, and what came of its wish to begin, if the turn
    /// is to be its own.
    next: Option<(Job, Option<Result<Begun, LedgerError>>)>,
}

/// One try that was answered, as it is recorded and told.
struct Tried<'t> {
    job: &'t Job,
    attempt: i64,
    heard: &'t Heard,
    ruling: &'t Ruling,
    /// Calls made in this run.
    attempts: u32,
}

impl<'r> Worker<'r> {
    /// Delivers jobs until there are no more, and tells how each lead ended.
    pub fn run(&self, jobs: &JobQueue, mut tell: impl FnMut(u64, Done)) {
        let mut next = None;
        let fresh = || jobs.take().map(LeadInHand::fresh);
        while let Some(lead) = next.take().or_else(fresh) {
            let place = lead.job.place;
            let (done, following) = self.take_up(lead, Some(jobs));
            next = following;
            tell(place, done);
        }
    }

    /// Delivers one job, or asks its question.
    pub fn deliver(&self, job: Job) -> Done {
        self.take_up(LeadInHand::fresh(job), None).0
    }

    /// Delivers a lead, and changes the contact where the partner knows the
    /// person and the destination wants that.
    fn take_up<'w>(
        &'w self,
        lead: LeadInHand<'w>,
        jobs: Option<&'w JobQueue>,
    ) -> (Done, Option<LeadInHand<'w>>) {
        let job = lead.job;
        let (turn, begun) = match lead.begun {
            Some((turn, begun)) => (turn, Some(begun)),
            None => match self.caller.control.enter(&job.given) {
                Ok(turn) => (turn, None),
                Err(stop) => return (job.not_tried(&stop), None),
            },
        };
        let mut bench = Bench {
            jobs,
            turn,
            next: None,
        };
        let mut done = self.carry_out(&job, begun, &mut bench);
        if let Some(change) = job.change_of_known(&done, self.caller.destination) {
            done = self.carry_out(&change, None, &mut bench).after(done);
        }
        let turn = bench.turn;
        let next = bench.next.map(|(job, begun)| LeadInHand {
            job,
            begun: begun.map(|begun| (turn, begun)),
        });
        (done, next)
    }

    /// From the wish to begin to the end.
    fn carry_out<'w>(
        &'w self,
        job: &Job,
        begun: Option<Result<Begun, LedgerError>>,
        bench: &mut Bench<'w>,
    ) -> Done {
        let mut tries = Tries {
            safe_to_repeat: job.safe_to_repeat,
            doubtful: job.before == State::InDoubt,
            asks: job.asks(),
            searches: job.searches(),
            ..Tries::default()
        };
        // What the last try came to.
        let mut last: Option<Done> = None;
        let mut event = self.begun(begun.unwrap_or_else(|| self.begin(job, None)));
        loop {
            event = match tries.next(event, self.caller.destination) {
                Action::Begin => self.begun(self.begin(job, last.as_ref())),
                Action::Call(attempt) => {
                    let verdict = self.call(job, tries.all() + 1);
                    Event::Answered(attempt, self.caller.heard(verdict))
                }
                Action::Record(attempt, heard, ruling) => {
                    let tried = Tried {
                        job,
                        attempt,
                        heard: &heard,
                        ruling: &ruling,
                        attempts: tries.all(),
                    };
                    match self.record(&tried, bench) {
                        Ok(done) => {
                            last = Some(done);
                            Event::Recorded(ruling.again)
                        }
                        Err(error) => {
                            last = Some(job.unrecorded(&heard, tried.attempts));
                            self.stop_for(&error);
                            Event::NotRecorded
                        }
                    }
                }
                Action::Rest(again) => match self.rest(job, again) {
                    Ok(()) => Event::Rested,
                    Err(stop) => Event::Stopped(stop),
                },
                Action::End(Ending::Taken(state)) => return job.taken(state),
                Action::End(Ending::HeldBack(doubt)) => return job.held_back(doubt),
                // A doubt that a try left stays one.
                Action::End(Ending::KeptBack(why)) => {
                    let last = last.filter(|done| !done.state.is_unreceived());
                    return last.unwrap_or_else(|| job.kept_back(&why));
                }
                Action::End(Ending::Stopped(stop)) => {
                    return last.unwrap_or_else(|| job.not_tried(&stop));
                }
                Action::End(Ending::Tried) => {
                    return last.unwrap_or_else(|| job.left(String::new()));
                }
            }
        }
    }

    /// Whoever is killed while a token is fetched has begun nothing.
    fn begin(&self, job: &Job, last: Option<&Done>) -> Result<Begun, LedgerError> {
        self.caller.prepare();
        self.journal.begin(self.wish(job, last))
    }

    fn begun(&self, begun: Result<Begun, LedgerError>) -> Event {
        match begun {
            Ok(Begun::Granted(attempt)) => Event::Granted(attempt),
            Ok(Begun::Wait(pause)) => Event::Paced(pause),
            Ok(Begun::HeldBack(doubt)) => Event::HeldBack(doubt),
            Ok(Begun::KeptBack(why)) => Event::KeptBack(why),
            Ok(Begun::Taken(state)) => Event::Taken(state),
            Err(error) => Event::Stopped(self.stop_for(&error)),
        }
    }

    /// What can't be recorded is never sent.
    fn stop_for(&self, error: &LedgerError) -> Stop {
        let stop = Stop::all(StopKind::Ledger(error.to_string()));
        self.caller.control.stop(stop.clone());
        stop
    }

    /// `number`: which try of this run it is.
    fn call(&self, job: &Job, number: u32) -> Verdict {
        let destination = self.caller.destination;
        trace::tell(&Trace::Try {
            lead: job.lead,
            call: if job.asks() { "asked about" } else { "sent" },
            destination: &destination.name,
            number,
        });
        let asked = match job.trigger {
            Trigger::Amend => return self.caller.amend(job.change.as_ref(), job.before),
            Trigger::Find if job.searches() => destination.call("find"),
            Trigger::Follow | Trigger::Find => destination.follow.as_ref(),
            _ => None,
        };
        let call = asked.unwrap_or(&destination.send);
        let judge = Judge::new(destination, call).about(job.about());
        self.caller.judged(judge, &job.request).1
    }

    /// The pause between two tries.
    fn rest(&self, job: &Job, again: Again) -> Result<(), Stop> {
        let control = &self.caller.control;
        match again.why {
            Wait::Asked => control.pause(again.why, again.pause),
            _ => control.sleep(again.why, again.pause)?,
        }
        control.go_on(&job.given)
    }

    /// The wish to begin an attempt, as the earlier try of this run left the lead.
    fn wish(&self, job: &Job, last: Option<&Done>) -> Attempt {
        let (trigger, expect): (_, &'static [State]) = match last.map(|done| done.state) {
            Some(State::InDoubt) if !job.asks() => (Trigger::Repeat, &[State::InDoubt]),
            Some(state) if !job.asks() => (Trigger::Retry, state.alone()),
            _ => (job.trigger, job.expect),
        };
        let (destination, now) = (self.caller.destination, calendar::now());
        Attempt {
            hold: destination.hold(&now),
            limits: destination.limits(&now),
            lead: job.lead,
            trigger,
            payload: job.payload,
            // A change is made of what is read first.
            request: match job.trigger {
                Trigger::Amend => None,
                trigger => trigger.sends().then(|| job.request.as_json()),
            },
            sent: job.request.body.clone().filter(|_| !job.stored),
            address: job.address.clone().filter(|_| !job.stored),
            reason: job.reason.clone(),
            expect,
            taken_in_by: job.taken_in_by,
            pace: self.caller.pace.as_ref().map(|(_, bucket)| bucket.clone()),
        }
    }

    /// Records an outcome. Where nothing speaks against it, the next lead takes
    /// over the turn and begins in the same write. What stops or concerns the
    /// others is said before the turn is given back.
    fn record(&self, tried: &Tried<'_>, bench: &mut Bench<'_>) -> Result<Done, LedgerError> {
        let (job, ruling) = (tried.job, tried.ruling);
        bench.turn.health = match job.asks() {
            true => Health::Unknown,
            false => health(&tried.heard.verdict),
        };
        if ruling.again.is_none() && !job.asks() {
            self.count_refusals(job, &tried.heard.verdict, ruling);
        }
        // A lead whose contact may have to be changed keeps its turn for that.
        let ends = job.change.is_none() || job.trigger == Trigger::Amend;
        let over = ends && ruling.again.is_none() && bench.turn.health == Health::Answers;
        let next = bench.jobs.filter(|_| over).and_then(JobQueue::take_waiting);
        let passes = |next: &&Job| {
            let caller = &self.caller;
            caller.credentials.are_at_hand() && caller.control.passes_on(&next.given)
        };
        let pace = self.caller.pace.as_ref().map(|(_, bucket)| bucket);
        let end = tried.settlement(pace);
        let recorded = match next.as_ref().filter(passes) {
            Some(next) => {
                let both = self.journal.settle_and_begin(end, self.wish(next, None));
                both.map(|(settled, begun)| (settled, Some(Ok(begun))))
            }
            None => self.journal.settle(end).map(|settled| (settled, None)),
        };
        let (settled, begun) = match recorded {
            Ok((settled, begun)) => (Ok(settled), begun),
            Err(error) => (Err(error), None),
        };
        if begun.is_some() {
            bench.turn.health = Health::Unknown;
        }
        bench.next = next.map(|next| (next, begun));
        let settled = settled?;
        trace::tell(&Trace::Judged {
            lead: job.lead,
            state: ruling.state.map(State::as_str),
            again: ruling.again.is_some(),
        });
        if ruling.again.is_none() {
            self.raise_stop(job, &tried.heard.verdict, ruling, settled);
        }
        Ok(tried.done(settled))
    }

    /// A stop that the answer asks for, or that the doubts in a row ask for.
    fn raise_stop(&self, job: &Job, verdict: &Verdict, ruling: &Ruling, settled: Settled) {
        if let Some(kind) = &ruling.stop {
            self.caller.raise(verdict, kind.clone(), &job.given);
        }
        let most = self.caller.destination.stop_after_doubts;
        if job.asks() {
            self.caller.count_unanswered(verdict);
        } else if ruling.state == Some(State::InDoubt) && most > 0 && settled.doubts >= most {
            let kind = StopKind::Doubts(settled.doubts);
            self.caller.control.stop(Stop::all(kind));
        }
    }

    /// What is refused to many leads in the same way is hardly their own fault.
    fn count_refusals(&self, job: &Job, verdict: &Verdict, ruling: &Ruling) {
        let control = &self.caller.control;
        let most = self.caller.destination.stop_after_refusals;
        match ruling.state {
            Some(State::Rejected) => {
                let kind = RefusalKind::of(verdict, job.request.body.as_deref());
                let count = control.refused(kind);
                if most > 0 && count >= most {
                    let said = verdict.message.clone();
                    control.stop(Stop::all(StopKind::Refusals { count, said }));
                }
            }
            // That it is known already is no word about anybody else.
            Some(State::Duplicate) => {}
            _ => control.not_refused(),
        }
    }
}

impl LeadInHand<'_> {
    fn fresh(job: Job) -> Self {
        Self { job, begun: None }
    }
}

impl Tried<'_> {
    fn if_ours(&self) -> Option<String> {
        // A change makes no lead that could be in its way.
        let makes = self.job.trigger != Trigger::Amend;
        self.ruling.state.filter(|_| makes).and_then(if_ours)
    }

    fn settlement(&self, pace: Option<&Arc<Bucket>>) -> Settlement {
        let (job, heard, state) = (self.job, self.heard, self.ruling.state);
        let verdict = &heard.verdict;
        // An approval is a decision, also where it comes at once.
        let decides = match state {
            Some(State::Approved | State::Expired) => true,
            Some(State::Rejected | State::Delivered | State::Duplicate) => job.asks(),
            _ => false,
        };
        Settlement {
            attempt: self.attempt,
            lead: job.lead,
            state,
            reference: match job.reference.is_some() {
                true => job.reference.clone().filter(|_| state.is_some()),
                false => verdict.reference.clone(),
            },
            message: Some(outcome(job, heard, self.ruling)),
            if_ours: self.if_ours(),
            status: verdict.status,
            transport: verdict.transport,
            excerpt: verdict.excerpt.clone(),
            refusal: (state == Some(State::Rejected)).then(|| {
                let query = job.request.url.split_once('?').map(|(_, query)| query);
                let body = job.request.body.as_deref().or(query);
                without_data(&verdict.message, job.sent.as_deref().or(body))
            }),
            request: verdict.sent.as_ref().map(|request| request.as_json()),
            decided_at: heard.decided_at.or(decides.then_some(heard.at)),
            expires_at: heard.expires_at,
            to_be_repeated: self.ruling.again.is_some(),
            paced: pace.cloned().zip(heard.left_at),
        }
    }

    /// As it is told: in the state that is stored, since a repeat that failed
    /// leaves the earlier try's doubt.
    fn done(&self, settled: Settled) -> Done {
        let (job, heard) = (self.job, self.heard);
        let said = &heard.verdict.message;
        let mut message = match (self.ruling.state, heard.expires_at) {
            (Some(State::Approved), Some(at)) => {
                approved(said, heard.expires_at, soon(at, heard.at))
            }
            _ => outcome(job, heard, self.ruling),
        };
        if let Some(ours) = self.if_ours().filter(|_| settled.ours) {
            message = format!("{message} ({ours})");
        }
        tell_bearer(&mut message, settled.bearer);
        Done {
            state: settled.state,
            reason: None,
            reference: match job.reference.is_some() {
                true => job.reference_known(settled.state),
                false if settled.state == State::InDoubt && job.asks() => None,
                false => heard.verdict.reference.clone(),
            },
            message,
            status: heard.verdict.status,
            attempts: self.attempts,
            told: settled.notified,
            answered: self.ruling.state.is_some(),
        }
    }
}

/// Did the partner really answer about this lead?
fn health(verdict: &Verdict) -> Health {
    match verdict.meaning {
        Meaning::Then(then) if then.is_of_a_lead() => Health::Answers,
        Meaning::Then(Then::InDoubt) => Health::Doubtful,
        _ => Health::Unknown,
    }
}
