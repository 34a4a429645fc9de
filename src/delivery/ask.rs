//! Asks a partner about one lead and records what it said. A question is paced,
//! waits and gives up as a send does, but never makes a lead worse off: what it
//! can't settle stays as it was.

use super::asker::Asker;
use super::control::{Turn, Way};
use super::exchange::Exchange;
use super::job::Done;
use super::learnt::{Learnt, approved, decision_of, end_of, minute, settled, soon};
use super::question::Question;
use super::step::{Tries, if_ours};
use super::stop::{Stop, StopKind};
use crate::config::Call;
use crate::config::Then;
use crate::lead::State;
use crate::ledger::{Attempt, Begun, LedgerError, Settlement, Trigger};
use crate::outcome::{Meaning, expired};

impl Asker<'_> {
    /// Asks until there is an answer or no sense in asking on, and records it.
    pub fn ask(&self, operation: &Call, question: &Question) -> Learnt {
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
                sent: None,
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

    fn record(
        &self,
        question: &Question,
        attempt: i64,
        exchange: &Exchange,
        attempts: u32,
    ) -> Result<Learnt, LedgerError> {
        let verdict = &exchange.verdict;
        let now = jiff::Timestamp::now().as_millisecond();
        let expires_at = end_of(verdict);
        let state = settled(verdict, expires_at, now);
        let message = match state {
            Some(State::Approved) => approved(&verdict.message, expires_at, ""),
            Some(State::Expired) if verdict.meaning == Meaning::Then(Then::Approved) => {
                expired(&verdict.message)
            }
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
        let told_at = decision_of(verdict);
        let found = state.is_some() && question.trigger == Trigger::Find;
        let Some(journal) = &self.journal else {
            return Ok(Learnt::stays(question, message, attempts));
        };
        let if_ours = state.and_then(if_ours);
        let settled = journal.settle(Settlement {
            attempt,
            lead: question.lead,
            state,
            reference: found.then(|| question.reference.clone()),
            message: Some(message.clone()),
            if_ours,
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
                    .filter(|_| found || !question.is_of_doubt()),
                // How soon that is, is true today: told, never recorded.
                message: match (state, expires_at) {
                    (Some(State::Approved), Some(at)) => {
                        approved(&verdict.message, expires_at, &soon(at, now))
                    }
                    _ if settled.ours => message + if_ours.unwrap_or_default(),
                    _ => message,
                },
                status: verdict.status,
                attempts,
                told: settled.notified,
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
            sent: None,
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
            if_ours: None,
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
        let message = format!("not recorded: {error}");
        self.control
            .stop(Stop::all(StopKind::Ledger, error.to_string()));
        Learnt::stays(question, message, attempts)
    }
}
