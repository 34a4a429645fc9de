//! A lead to be delivered, and how it ended.

use super::change::Change;
use super::stop::Stop;
use crate::config::Destination;
use crate::http::request::Request;
use crate::lead::State;
use crate::ledger::{Hash16, Trigger};
use crate::outcome::Verdict;

/// A stored lead, ready to be sent.
#[derive(Debug)]
pub struct Job {
    /// Its place in the results.
    pub place: u64,
    /// The ledger's id.
    pub lead: i64,
    pub request: Request,
    /// The ledger took in this very request, and where to ask about it.
    pub stored: bool,
    pub payload: Hash16,
    /// Where to ask about it later (JSON).
    pub address: Option<String>,
    /// The lead's fields (JSON), where they were rewritten.
    pub fields: Option<String>,
    /// Values that the row itself gave, which a refusal may blame.
    pub given: Vec<(String, String)>,
    /// With [`Trigger::Amend`]: the change that is made instead of the request.
    /// Else the change to make where the partner knows the lead already.
    pub change: Option<Change>,
    pub safe_to_repeat: bool,
    pub trigger: Trigger,
    /// The states in which it may be sent.
    pub expect: &'static [State],
    /// A person's reason to send a lead in doubt.
    pub reason: Option<String>,
    /// The state it is left in if its turn never comes.
    pub before: State,
    /// An earlier run already told that it was not sent.
    pub told: bool,
}

/// How a lead ended in this run.
#[derive(Debug, Clone)]
pub struct Done {
    pub state: State,
    pub reference: Option<String>,
    pub message: String,
    pub status: Option<u16>,
    /// Tries made in this run.
    pub attempts: u32,
    /// An earlier run already told this state.
    pub told: bool,
}

impl Job {
    /// The job that changes the contact which `sent` found to be there, where
    /// the destination wants it.
    pub(super) fn change_of_known(&self, sent: &Done, destination: &Destination) -> Option<Self> {
        let wanted = destination.amend_duplicates && destination.amend.is_some();
        let duplicate = sent.state == State::Duplicate && sent.attempts > 0;
        let reference = sent.reference.clone()?;
        let change = self.change.clone()?;
        let next = self.trigger != Trigger::Amend && wanted && duplicate;
        next.then(|| Self {
            request: self.request.clone(),
            address: None,
            fields: None,
            given: self.given.clone(),
            change: Some(Change {
                reference,
                ..change
            }),
            safe_to_repeat: true,
            trigger: Trigger::Amend,
            expect: &[State::Duplicate],
            reason: None,
            before: State::Duplicate,
            ..*self
        })
    }
}

impl Done {
    /// Its turn never came.
    pub(super) fn stopped(job: &Job, stop: &Stop) -> Self {
        Self {
            state: job.before,
            reference: None,
            message: format!("not tried: {}", stop.message),
            status: None,
            attempts: 0,
            told: job.told,
        }
    }

    /// Somebody else settled it.
    pub(super) fn taken(state: State) -> Self {
        Self {
            state: State::Skipped,
            reference: None,
            message: match state {
                State::Skipped => {
                    "not sent: it was purged meanwhile, or turned out to be another lead".to_owned()
                }
                state => format!("another run settled it meanwhile: {state}"),
            },
            status: None,
            attempts: 0,
            told: false,
        }
    }

    /// It was sent, and what came of it is not on disk.
    pub(super) fn unrecorded(verdict: &Verdict, attempts: u32) -> Self {
        Self {
            state: State::InDoubt,
            reference: verdict.reference.clone(),
            message: format!(
                "its outcome could not be recorded; the partner said: {}",
                verdict.message
            ),
            status: verdict.status,
            attempts,
            told: false,
        }
    }

    /// Two steps of one lead as one.
    pub(super) fn after(self, sent: Done) -> Self {
        let message = match self.attempts {
            0 => format!("{}; not amended: {}", sent.message, self.message),
            _ => self.message,
        };
        Self {
            message,
            attempts: sent.attempts + self.attempts,
            reference: self.reference.or(sent.reference),
            status: self.status.or(sent.status),
            ..self
        }
    }
}
