//! A lead as it was read, and what is to be done with it. Pure.

use super::Hash16;
use crate::lead::State;

/// What a lead's key was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The key fields that the destination names.
    Fields,
    /// The whole request, since a key field is empty.
    Request,
    /// The row as read: no request could be made of it.
    Row,
    /// A change of a contact that is there: never the key of a lead to send.
    Amendment,
}

impl KeyKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Request => "request",
            Self::Row => "row",
            Self::Amendment => "amend",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Fields, Self::Request, Self::Row, Self::Amendment]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// What this run thinks of a lead, before the ledger is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It can be sent.
    Ready,
    /// It breaks the destination's rules, for these reasons.
    Invalid(String),
    /// It was delivered by other means, says the user with this note.
    Elsewhere(String),
}

impl Judgement {
    /// The state and the message that it gives.
    pub(super) fn state(&self) -> (State, Option<&str>) {
        match self {
            Self::Ready => (State::Unsent, None),
            Self::Invalid(why) => (State::Invalid, Some(why)),
            Self::Elsewhere(note) => (State::Delivered, Some(note)),
        }
    }

    pub(super) fn outcome(&self, id: i64, notified: bool) -> DedupOutcome {
        match self {
            Self::Ready => DedupOutcome::Send { id, notified },
            Self::Invalid(_) => DedupOutcome::Invalid { id, notified },
            Self::Elsewhere(_) => DedupOutcome::Recorded { id },
        }
    }
}

/// One lead as it was read.
#[derive(Debug, Clone)]
pub struct Intake {
    pub key: Hash16,
    pub key_kind: KeyKind,
    /// [`super::Hasher::request`] of what would be sent; `None` if invalid.
    pub request: Option<Hash16>,
    pub source: Option<String>,
    pub file: String,
    /// 1-based.
    pub line: u64,
    /// A few words by which a person knows the lead.
    pub label: String,
    /// The row as read, a JSON object.
    pub fields: String,
    /// The body that would be sent; `None` if invalid.
    pub sent: Option<String>,
    /// Where to ask about it later (JSON).
    pub address: Option<String>,
    pub email: Option<Hash16>,
    pub phone: Option<Hash16>,
    pub judgement: Judgement,
    /// The stored lead that this row corrects (a rejects file names it).
    pub replaces: Option<i64>,
}

/// What is to be done with a lead that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DedupOutcome {
    /// Stored as `unsent`; [`super::Journal::begin`] may claim it. `notified`: an
    /// earlier run already told that it was not sent.
    Send { id: i64, notified: bool },
    /// Stored with its complaints. `notified`: an earlier run said the same.
    Invalid { id: i64, notified: bool },
    /// Stored as delivered by other means.
    Recorded { id: i64 },
    /// Nothing to do: the key is taken.
    Skip(ExistingLead),
    /// This person is never to be sent again (`purge --block`); nothing stored.
    Blocked {
        /// Milliseconds UTC.
        since: i64,
    },
}

/// The lead that already has the key. Times are milliseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingLead {
    pub id: i64,
    pub state: State,
    pub reference: Option<String>,
    pub message: Option<String>,
    pub sent_at: Option<i64>,
    pub file: String,
    pub line: u64,
    /// It came in this very run: the lead is twice in the input.
    pub same_run: bool,
    /// Another run is sending it at this moment.
    pub in_flight: bool,
    /// Its state was told by an earlier run ([`super::Journal::mark_notified`]).
    pub notified: bool,
}
