//! One call to a partner about one lead: its beginning is on disk before the
//! first byte leaves, its outcome before anybody is told.

use std::sync::Arc;
use std::time::Duration;

use super::{Bucket, Hash16};
use crate::lead::State;

/// Why a partner is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    Send,
    /// The same lead once more in the same run.
    Retry,
    Resend,
    Amend,
    /// A lead in doubt where repeating is declared safe.
    Repeat,
    /// Asks for a decision.
    Follow,
    /// Looks for a lead in doubt.
    Find,
    /// A person's word, no call at all.
    Resolve,
}

impl Trigger {
    const ALL: [Self; 8] = [
        Self::Send,
        Self::Retry,
        Self::Resend,
        Self::Amend,
        Self::Repeat,
        Self::Follow,
        Self::Find,
        Self::Resolve,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Retry => "retry",
            Self::Resend => "resend",
            Self::Amend => "amend",
            Self::Repeat => "repeat",
            Self::Follow => "follow",
            Self::Find => "find",
            Self::Resolve => "resolve",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|trigger| trigger.as_str() == word)
    }

    /// Might the partner have the lead because of it?
    pub fn sends(self) -> bool {
        matches!(
            self,
            Self::Send | Self::Retry | Self::Resend | Self::Amend | Self::Repeat
        )
    }
}

/// An attempt about to be made. Text that is `None` leaves what is stored.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub lead: i64,
    pub trigger: Trigger,
    /// [`super::Hasher::request`] of what is sent.
    pub payload: Option<Hash16>,
    /// The body that is sent, where it is not the one taken in.
    pub sent: Option<String>,
    /// Where to ask about it later (JSON).
    pub address: Option<String>,
    /// The lead's fields (JSON), where they were rewritten.
    pub fields: Option<String>,
    /// A person's reason to send a lead in doubt.
    pub reason: Option<String>,
    /// The states in which the lead may be claimed.
    pub expect: &'static [State],
    pub pace: Option<Arc<Bucket>>,
}

/// What came of the wish to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// On disk: the request may leave. The attempt's number in its run.
    Granted(i64),
    /// The pace asks to wait, then to begin again; nothing is recorded.
    Wait(Duration),
    /// The lead is in this state, or in flight: it is not ours to send. `skipped`:
    /// it is there no more.
    Taken(State),
}

/// How an attempt ended. What is `None` leaves the lead as it is.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// As [`Begun::Granted`] gave it.
    pub attempt: i64,
    pub lead: i64,
    pub state: Option<State>,
    pub reference: Option<String>,
    pub message: Option<String>,
    /// Added to the message where an earlier attempt of ours got no answer.
    pub if_ours: Option<&'static str>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// "replied", "unsent" or "silent".
    pub transport: &'static str,
    /// The start of the answer, for `history`.
    pub excerpt: Option<String>,
    /// Milliseconds UTC: when the partner decided.
    pub decided_at: Option<i64>,
    /// Milliseconds UTC: when an approval ends.
    pub expires_at: Option<i64>,
    /// The same lead is tried again at once: a doubt is not counted yet.
    pub to_be_repeated: bool,
}

/// What a settlement changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// What is stored now. Not always what was asked: a failed repeat of a lead
    /// in doubt leaves it in doubt.
    pub state: State,
    /// Leads in doubt in a row at this destination, this one included.
    pub doubts: u32,
    /// An earlier run told this state of this lead already, or that it was
    /// unsent where it failed: to a person these are one piece of news.
    pub notified: bool,
    /// [`Settlement::if_ours`] was added.
    pub ours: bool,
}
