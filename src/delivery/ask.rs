//! Asks a partner: about one lead, whose answer is recorded, or for a page of
//! its list. A question is paced, waits and gives up as a send does, but never
//! makes a lead worse off: what it can't settle stays as it was.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::control::{Control, Turn, Way};
use super::engine::Done;
use super::step::{self, Step, Tries};
use super::stop::{Stop, StopKind};
use crate::lead::State;
use crate::ledger::{Attempt, Begun, Bucket, Journal, LedgerError, Settlement, Trigger};
use crate::outcome::{Judge, Meaning, Verdict, moment};
use crate::partner::Destination;
use crate::partner::answer::Then;
use crate::partner::follow::REFERENCE;
use crate::partner::operation::Operation;
use crate::request::Request;
use crate::transport::{Answer, Credential, Reply, Transport};

/// A question about a stored lead.
#[derive(Debug)]
pub struct Question {
    /// The ledger's id.
    pub lead: i64,
    /// [`Trigger::Follow`] or [`Trigger::Find`].
    pub trigger: Trigger,
    /// The states in which it may be settled.
    pub expect: &'static [State],
    /// The state it keeps where the answer settles nothing.
    pub before: State,
    pub request: Request,
    /// The reference it is asked about.
    pub reference: String,
    /// The values of its address, which a refusal may blame.
    pub given: Vec<(String, String)>,
}

/// What a question came to.
#[derive(Debug, Clone)]
pub struct Learnt {
    pub done: Done,
    /// The partner said where the lead stands.
    pub answered: bool,
}

/// Who asks one destination, one question at a time.
pub struct Asker<'r> {
    pub destination: &'r Destination,
    pub control: &'r Control,
    /// `None`: there is no ledger, so nothing about leads can be asked.
    pub journal: Option<Journal>,
    pub transport: Transport,
    pub credential: Option<&'r Credential>,
    pub pace: Option<Arc<Bucket>>,
    /// Questions in a row without a usable answer.
    pub unanswered: Cell<u32>,
}

/// One exchange, judged.
struct Exchange {
    reply: Reply,
    verdict: Verdict,
    step: Step,
}

impl Asker<'_> {
    /// Asks until there is an answer or no sense in asking on, and records it.
    pub fn ask(&self, operation: &Operation, question: &Question) -> Learnt {
        let mut tries = Tries::default();
        let mut attempts = 0;
        loop {
            if let Turn::Stopped(stop) = self.control.enter(&question.given) {
                return Learnt::stays(question, format!("not asked: {}", stop.message), attempts);
            }
            let begun = self.begin(question, attempts);
            let attempt = match begun {
                Ok(Ok(attempt)) => attempt,
                Ok(Err(learnt)) => {
                    self.control.leave(Way::Unknown);
                    return *learnt;
                }
                Err(error) => return self.give_up(question, error, attempts),
            };
            attempts += 1;
            let exchange = self.exchange(operation, &question.request, &mut tries);
            let learnt = match self.record(question, attempt, &exchange, attempts) {
                Ok(learnt) => learnt,
                Err(error) => return self.give_up(question, error, attempts),
            };
            self.control.leave(Way::Unknown);
            match self.go_on(&exchange, &question.given) {
                true => continue,
                false => return learnt,
            }
        }
    }

    /// A page of the list, or why there is none; a stop is raised where it
    /// concerns more than this page.
    pub fn page(
        &self,
        operation: &Operation,
        request: &Request,
        given: &[(String, String)],
    ) -> Result<Answer, Refused> {
        let mut tries = Tries::default();
        loop {
            if let Turn::Stopped(stop) = self.control.enter(given) {
                return Err(Refused::stopped(stop));
            }
            let paced = self.keep_pace();
            if let Err(stop) = paced {
                self.control.leave(Way::Unknown);
                return Err(Refused::stopped(stop));
            }
            let exchange = self.exchange(operation, request, &mut tries);
            self.control.leave(Way::Unknown);
            if let (Meaning::Then(then), Reply::Replied(answer)) =
                (exchange.verdict.meaning, &exchange.reply)
                && then.is_success()
            {
                return Ok(answer.clone());
            }
            if !self.go_on(&exchange, given) {
                return Err(Refused {
                    message: exchange.message(),
                    kind: exchange.step.stop.map(|stop| stop.kind),
                });
            }
        }
    }

    fn exchange(&self, operation: &Operation, request: &Request, tries: &mut Tries) -> Exchange {
        let judge = Judge {
            destination: self.destination,
            operation,
        };
        let reply = self.transport.call(request, self.credential);
        let verdict = judge.verdict(&reply, SystemTime::now());
        match verdict.meaning {
            Meaning::Then(Then::Wait) => tries.waits += 1,
            _ => tries.made += 1,
        }
        // A question may be asked again where the partner broke down, but a
        // whole answer would only be the same again.
        tries.safe_to_repeat = verdict.status.is_none_or(|status| status >= 500);
        let step = step::next(&verdict, self.destination, *tries, self.control.left());
        Exchange {
            reply,
            verdict,
            step,
        }
    }

    /// Waits for another try, or raises the stop that the answer asks for.
    fn go_on(&self, exchange: &Exchange, given: &[(String, String)]) -> bool {
        if let Some(again) = exchange.step.again {
            if again.everybody {
                self.control.pause(again.pause);
                return true;
            }
            return self.control.sleep(again.pause) == Turn::Yours;
        }
        self.raise_stop(exchange, given);
        false
    }

    fn raise_stop(&self, exchange: &Exchange, given: &[(String, String)]) {
        let verdict = &exchange.verdict;
        let silent = verdict.meaning == Meaning::Then(Then::InDoubt)
            && verdict.status.is_none_or(|status| status / 100 != 4);
        let unanswered = if silent { self.unanswered.get() + 1 } else { 0 };
        self.unanswered.set(unanswered);
        if let Some(mut stop) = exchange.step.stop.clone() {
            let blames = verdict.blames.as_deref().unwrap_or_default();
            // An address that is wrong for one reference is so for one lead.
            if blames.iter().any(|field| field == REFERENCE) {
                return;
            }
            let blamed = given.iter().filter(|(field, _)| blames.contains(field));
            stop.only = blamed.cloned().collect();
            self.control.stop(stop);
            return;
        }
        let most = self.destination.stop_after_doubts;
        if most > 0 && unanswered >= most {
            let message = format!(
                "{unanswered} questions in a row got no usable answer: {}",
                verdict.message
            );
            self.control.stop(Stop::all(StopKind::ForNow, message));
        }
    }

    /// Records the attempt, waiting for the pace.
    fn begin(
        &self,
        question: &Question,
        attempts: u32,
    ) -> Result<Result<i64, Box<Learnt>>, LedgerError> {
        let stays = |why: String| Ok(Err(Box::new(Learnt::stays(question, why, attempts))));
        let Some(journal) = &self.journal else {
            return stays("not asked: there is no ledger".to_owned());
        };
        loop {
            let begun = journal.begin(Attempt {
                lead: question.lead,
                trigger: question.trigger,
                payload: None,
                address: None,
                fields: None,
                reason: None,
                expect: question.expect,
                pace: self.pace.clone(),
            })?;
            match begun {
                Begun::Granted(attempt) => return Ok(Ok(attempt)),
                Begun::Taken(state) if state == question.before => {
                    return stays("another run is asking about it".to_owned());
                }
                Begun::Taken(state) => {
                    let mut learnt = Learnt::stays(
                        question,
                        format!("another run settled it meanwhile: {state}"),
                        attempts,
                    );
                    learnt.done.state = state;
                    return Ok(Err(Box::new(learnt)));
                }
                Begun::Wait(pause) => {
                    if let Turn::Stopped(stop) = self.control.sleep(pause) {
                        return stays(format!("not asked: {}", stop.message));
                    }
                }
            }
        }
    }

    /// Waits for the pace of a call that is about no lead.
    fn keep_pace(&self) -> Result<(), Stop> {
        let (Some(journal), Some(pace)) = (&self.journal, &self.pace) else {
            return Ok(());
        };
        loop {
            let paced = journal
                .pace(pace)
                .map_err(|error| Stop::all(StopKind::Ledger, error.message))?;
            let Err(pause) = paced else {
                return Ok(());
            };
            if let Turn::Stopped(stop) = self.control.sleep(pause) {
                return Err(stop);
            }
        }
    }

    fn record(
        &self,
        question: &Question,
        attempt: i64,
        exchange: &Exchange,
        attempts: u32,
    ) -> Result<Learnt, LedgerError> {
        let verdict = &exchange.verdict;
        let now = jiff::Timestamp::now().as_millisecond();
        let expires_at = verdict.expires.as_deref().and_then(moment);
        let state = settled(verdict, expires_at, now);
        let message = match state {
            Some(State::Approved) => approved(&verdict.message, expires_at, now),
            Some(_) => verdict.message.clone(),
            None => format!(
                "asked on {}: {}; it stays {}",
                minute(now),
                exchange.message(),
                question.before.as_str().replace('_', " ")
            ),
        };
        let decided = matches!(
            state,
            Some(
                State::Approved
                    | State::Rejected
                    | State::Expired
                    | State::Delivered
                    | State::Duplicate
            )
        );
        let told_at = verdict.decided.as_deref().and_then(moment);
        let found = state.is_some() && question.trigger == Trigger::Find;
        let Some(journal) = &self.journal else {
            return Ok(Learnt::stays(question, message, attempts));
        };
        let settled = journal.settle(Settlement {
            attempt,
            lead: question.lead,
            state,
            reference: found.then(|| question.reference.clone()),
            message: Some(message.clone()),
            status: verdict.status,
            transport: verdict.transport,
            excerpt: verdict.excerpt.clone(),
            decided_at: decided.then(|| told_at.unwrap_or(now)),
            expires_at,
            to_be_repeated: exchange.step.again.is_some(),
        })?;
        Ok(Learnt {
            done: Done {
                state: settled.state,
                reference: Some(question.reference.clone())
                    .filter(|_| found || !is_doubt(question)),
                message,
                status: verdict.status,
                attempts,
                told: settled.told,
            },
            answered: state.is_some(),
        })
    }

    /// Records of a lead in doubt what a search came to, without settling it.
    pub fn note(&self, lead: i64, message: &str) -> Result<(), LedgerError> {
        let Some(journal) = &self.journal else {
            return Ok(());
        };
        let begun = journal.begin(Attempt {
            lead,
            trigger: Trigger::Find,
            payload: None,
            address: None,
            fields: None,
            reason: None,
            expect: &[State::InDoubt],
            pace: None,
        })?;
        let Begun::Granted(attempt) = begun else {
            return Ok(());
        };
        let noted = journal.settle(Settlement {
            attempt,
            lead,
            state: None,
            reference: None,
            message: Some(message.to_owned()),
            status: None,
            transport: "replied",
            excerpt: None,
            decided_at: None,
            expires_at: None,
            to_be_repeated: false,
        });
        noted.map(drop)
    }

    fn give_up(&self, question: &Question, error: LedgerError, attempts: u32) -> Learnt {
        self.control.leave(Way::Unknown);
        let message = format!("not recorded: {}", error.message);
        self.control
            .stop(Stop::all(StopKind::Ledger, error.message));
        Learnt::stays(question, message, attempts)
    }
}

fn is_doubt(question: &Question) -> bool {
    question.before == State::InDoubt
}

/// Why there is no page.
#[derive(Debug, Clone)]
pub struct Refused {
    pub message: String,
    pub kind: Option<StopKind>,
}

impl Refused {
    fn stopped(stop: Stop) -> Self {
        Self {
            message: stop.message,
            kind: Some(stop.kind),
        }
    }
}

impl Exchange {
    fn message(&self) -> String {
        let replaced = self.step.message.clone();
        let stop = self.step.stop.as_ref().map(|stop| stop.message.clone());
        replaced
            .or(stop)
            .unwrap_or_else(|| self.verdict.message.clone())
    }
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
    fn stays(question: &Question, message: String, attempts: u32) -> Self {
        Self {
            done: Done {
                state: question.before,
                reference: Some(question.reference.clone()).filter(|_| !is_doubt(question)),
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
fn settled(verdict: &Verdict, expires_at: Option<i64>, now: i64) -> Option<State> {
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

fn approved(theirs: &str, expires_at: Option<i64>, now: i64) -> String {
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

fn minute(at: i64) -> String {
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
