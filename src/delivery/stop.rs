//! Why a run stops before its leads are all sent: kinds with their values,
//! whose words are made here alone.

use std::time::Duration;

use crate::config::measure::in_words;

/// A reason to stop, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub kind: StopKind,
    /// Only leads whose rows gave these values stop; empty: every lead.
    pub only: Vec<(String, String)>,
}

/// What happened. `Display` tells it to the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StopKind {
    /// The key, the address or the request is wrong: somebody must act.
    #[error("{0}")]
    Wrong(String),
    /// Nobody answers at the partner's address.
    #[error("{why} (tried {tries} times)")]
    Unreachable { why: String, tries: u32 },
    /// The partner's quota is used up, in the partner's words.
    #[error("{0}")]
    Quota(String),
    #[error("{said}: the partner asks to wait {}, longer than this run waits ({})", in_words(*asked), in_words(*most))]
    WaitTooLong {
        said: String,
        asked: Duration,
        most: Duration,
    },
    #[error("{said}: the partner asks to wait {}, past the deadline of this run", in_words(*asked))]
    WaitPastDeadline { said: String, asked: Duration },
    #[error("{said} (asked to wait {times} times in a row)")]
    WaitsTooMany { said: String, times: u32 },
    /// The partner's headers say that its window is used up.
    #[error("the partner allows no more requests for {}, longer than this run waits ({})", in_words(*pause), in_words(*most))]
    WindowUsedUp { pause: Duration, most: Duration },
    #[error("{questions} questions in a row got no usable answer: {said}")]
    Unanswered { questions: u32, said: String },
    #[error("{0} leads in a row ended in doubt")]
    Doubts(u32),
    #[error("the time given by --deadline has passed")]
    Deadline,
    /// Ctrl-C or SIGTERM.
    #[error("interrupted: the leads in flight are finished first")]
    Interrupted,
    /// The ledger can't record, in its words: nothing more may be sent.
    #[error("{0}")]
    Ledger(String),
}

impl Stop {
    /// A stop of the whole run.
    pub fn all(kind: StopKind) -> Self {
        Self {
            kind,
            only: Vec::new(),
        }
    }
}
