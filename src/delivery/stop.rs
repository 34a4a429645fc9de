//! Why a run stops before its leads are all sent.

/// A reason to stop, and for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub kind: StopKind,
    /// What happened, for the user.
    pub message: String,
    /// Only leads whose rows gave these values stop; empty: every lead.
    pub only: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopKind {
    /// The key, the address or the request is wrong: somebody must act.
    Wrong,
    /// Nobody answers at the partner's address.
    Unreachable,
    /// A quota, or a wait longer than this run may take.
    ForNow,
    /// Too many leads in doubt in a row.
    Doubts,
    /// The time that the user gave has passed.
    Deadline,
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// The ledger can't record: nothing more may be sent.
    Ledger,
}

impl Stop {
    pub fn all(kind: StopKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            only: Vec::new(),
        }
    }
}
