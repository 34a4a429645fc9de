//! A lead to be delivered or to be asked about, and how that ended.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::amend::Change;
use super::control::Stop;
use super::protocol::Heard;
use crate::config::Destination;
use crate::http::request::Request;
use crate::lead::{Kept, State};
use crate::ledger::{Hash16, KeptBack, Trigger};
use crate::outcome::About;
use crate::words::say;

/// A stored lead, ready to be sent, changed or asked about.
#[derive(Debug)]
pub struct Job {
    /// Its place in the results.
    pub place: u64,
    /// The ledger's id.
    pub lead: i64,
    pub trigger: Trigger,
    /// The states in which it may be claimed.
    pub expect: &'static [State],
    /// The run that had taken it in when this was made of it.
    pub taken_in_by: Option<i64>,
    /// The state it is left in if its turn never comes.
    pub before: State,
    /// An earlier run already told that state.
    pub told: bool,
    pub request: Request,
    /// Hash of what is sent; a question has none.
    pub payload: Option<Hash16>,
    /// The ledger took in this very request, and where to ask about it.
    pub stored: bool,
    /// Where to ask about it later (JSON).
    pub address: Option<String>,
    /// Values that the row itself gave, which a refusal may blame.
    pub given: Vec<(String, String)>,
    /// With [`Trigger::Amend`]: the change that is made instead of the request.
    /// Else the change to make where the partner knows the lead already.
    pub change: Option<Change>,
    /// A question: the partner's number it is asked about. [`Trigger::Find`]
    /// without one asks for the person.
    pub reference: Option<String>,
    /// With that: what was there before this moment (milliseconds UTC) is another
    /// lead.
    pub since: Option<i64>,
    /// A question: what was sent of the lead (JSON), where that is still known.
    pub sent: Option<String>,
    pub safe_to_repeat: bool,
    /// A person's reason to send a lead in doubt.
    pub reason: Option<String>,
}

/// How a lead ended in this run.
#[derive(Debug, Clone)]
pub struct Done {
    pub state: State,
    /// Why it is held, or filtered.
    pub reason: Option<Kept>,
    pub reference: Option<String>,
    pub message: String,
    pub status: Option<u16>,
    /// Tries made in this run.
    pub attempts: u32,
    /// An earlier run already told this state.
    pub told: bool,
    /// The partner said where the lead stands.
    pub answered: bool,
}

/// Leads that wait at most: enough to outlast one of the producer's writes.
const WAITING: usize = 512;

/// The workers' end of the bounded channel that brings their jobs. When its
/// sender is dropped they finish what waits.
#[derive(Debug)]
pub struct JobQueue(Mutex<Receiver<Job>>);

impl JobQueue {
    pub fn new() -> (SyncSender<Job>, Self) {
        let (sender, receiver) = sync_channel(WAITING);
        (sender, Self(Mutex::new(receiver)))
    }

    /// The next lead; waits for one. `None`: there are no more.
    pub fn take(&self) -> Option<Job> {
        self.0.lock().ok()?.recv().ok()
    }

    /// The next lead, if one waits and no other worker is waiting for it.
    pub fn take_waiting(&self) -> Option<Job> {
        self.0.try_lock().ok()?.try_recv().ok()
    }
}

impl Job {
    /// It asks about the lead; nothing is made by that.
    pub(super) fn asks(&self) -> bool {
        !self.trigger.sends()
    }

    /// It asks for the person: that nobody is there proves that nothing was taken in.
    pub(super) fn searches(&self) -> bool {
        self.trigger == Trigger::Find && self.reference.is_none()
    }

    /// The lead that an answer must be about.
    pub(super) fn about(&self) -> About<'_> {
        About {
            reference: self.reference.as_deref(),
            since: self.since,
            sent: self
                .sent
                .as_ref()
                .or(self.request.body.as_ref())
                .map(String::as_str),
        }
    }

    /// The job that changes the contact which `sent` found to be there, where
    /// the destination wants it.
    pub(super) fn change_of_known(&self, sent: &Done, destination: &Destination) -> Option<Self> {
        let wanted = destination.on_duplicate.is_some() && destination.amend.is_some();
        let duplicate = sent.state == State::Duplicate && sent.attempts > 0;
        let reference = sent.reference.clone()?;
        let change = self.change.clone()?;
        let next = self.trigger != Trigger::Amend && wanted && duplicate;
        next.then(|| Self {
            trigger: Trigger::Amend,
            expect: &[State::Duplicate],
            before: State::Duplicate,
            request: self.request.clone(),
            address: None,
            given: self.given.clone(),
            change: Some(Change {
                reference,
                ..change
            }),
            reference: None,
            since: None,
            sent: None,
            safe_to_repeat: true,
            reason: None,
            ..*self
        })
    }

    /// It is left as it was before this run, without an attempt.
    pub fn left(&self, message: String) -> Done {
        Done {
            reference: self.reference_known(self.before),
            told: self.told,
            ..Done::left(self.before, message)
        }
    }

    /// Its turn never came.
    pub(super) fn not_tried(&self, stop: &Stop) -> Done {
        let why = stop.kind.to_string();
        self.left(match self.asks() {
            true => say!("job-not-asked", why),
            false => say!("job-not-tried", why),
        })
    }

    /// Somebody else has it, or settled it.
    pub(super) fn taken(&self, state: State) -> Done {
        let settled = || say!("job-dealt-with", state = state.in_words());
        let (state, message) = match (self.asks(), state) {
            (true, state) if state == self.before => (state, say!("job-asked-by-another")),
            (true, state) => (state, settled()),
            (false, State::Skipped) => (state, say!("job-gone")),
            (false, state) if state.is_unreceived() => (state, say!("job-read-anew")),
            (false, _) => (State::Skipped, settled()),
        };
        let told = false;
        Done {
            state,
            told,
            ..self.left(message)
        }
    }

    /// It may be the person of another lead, which is in doubt.
    pub(super) fn held_back(&self, doubt: i64) -> Done {
        self.left(say!("job-held-back", doubt))
    }

    /// It is not sent now, or not here. What a partner has, or may have, stays that.
    pub(super) fn kept_back(&self, why: &KeptBack) -> Done {
        match self.before.is_unreceived() {
            false => self.left(say!("job-kept-back", why = why.why())),
            true => Done {
                reason: Some(why.reason()),
                // Nobody asked about one that waited before.
                told: self.before == State::Held && self.trigger == Trigger::Send,
                ..Done::left(why.state(), why.note().words())
            },
        }
    }

    /// It was called, and what came of it is not on disk.
    pub(super) fn unrecorded(&self, heard: &Heard, attempts: u32) -> Done {
        let verdict = &heard.verdict;
        let left = self.left(say!("job-unrecorded", said = &verdict.message));
        Done {
            state: if self.asks() {
                self.before
            } else {
                State::InDoubt
            },
            reference: verdict.reference.clone().or(left.reference),
            status: verdict.status,
            attempts,
            told: false,
            ..left
        }
    }

    /// The reference a question is about; of a lead that stays in doubt it is
    /// only a guess.
    pub(super) fn reference_known(&self, state: State) -> Option<String> {
        self.reference.clone().filter(|_| state != State::InDoubt)
    }
}

impl Done {
    /// Nothing was tried: the lead stays in `state`.
    pub fn left(state: State, message: String) -> Self {
        Self {
            state,
            reason: None,
            reference: None,
            message,
            status: None,
            attempts: 0,
            told: false,
            answered: false,
        }
    }

    /// A lead that was sent, then changed, as one.
    pub(super) fn after(self, sent: Done) -> Self {
        let message = match self.attempts {
            0 => say!("job-not-amended", said = sent.message, why = self.message),
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
