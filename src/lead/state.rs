//! The states a lead can be in, in the words that users, scripts and the
//! ledger share.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::hold::HoldReason;
use super::text::fold;
use crate::words::{in_every_language, say};

/// Where a lead stands at a destination.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The partner proved that it has the lead.
    Delivered,
    /// Received; the partner's decision comes later.
    Pending,
    /// The later decision: taken.
    Approved,
    /// The later decision ran out.
    Expired,
    /// The partner already had this lead.
    Duplicate,
    /// The partner refused this lead.
    Rejected,
    /// The partner gave it back later, as with a wrong number: a person says so. It was
    /// theirs, so its key stays used there.
    Returned,
    /// It broke the destination's own rules here; never sent.
    Invalid,
    /// Not for this destination, as things are: [`FilterReason`] says why. Judged again
    /// when it is read again.
    Filtered,
    /// Not now: [`super::HoldReason`] says why. The next send sends it first of all.
    Held,
    /// Tried, and certainly not received.
    Failed,
    /// Never tried: the run stopped first.
    #[default]
    Unsent,
    /// It may have been received.
    InDoubt,
    /// Nothing to do in this run; the lead keeps its earlier state. Stored only of
    /// one that turned out to be another one, and was never received.
    Skipped,
}

/// Why a lead is [`State::Filtered`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterReason {
    /// Its platform made it, to try out a form.
    Test,
    /// This person is never to be sent to anybody.
    Blocked,
    /// None of its destination's `only` holds.
    Only,
    /// It is older than its destination takes.
    MaxAge,
    /// Another destination of the same group has this person, or may have it.
    Exclusive,
}

/// Why a lead that no partner has is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Filtered(FilterReason),
    Held(HoldReason),
}

impl FilterReason {
    /// It concerns the person or the row: no destination is to have it.
    pub fn is_for_all(self) -> bool {
        match self {
            Self::Test | Self::Blocked | Self::Exclusive => true,
            Self::Only | Self::MaxAge => false,
        }
    }
}

// A state that is forgotten in `ALL` would be counted nowhere.
const _: () = assert!(State::ALL.len() == State::Skipped as usize + 1);

impl State {
    /// In the order in which they are declared; `Skipped` is the last.
    pub const ALL: [State; 14] = [
        Self::Delivered,
        Self::Pending,
        Self::Approved,
        Self::Expired,
        Self::Duplicate,
        Self::Rejected,
        Self::Returned,
        Self::Invalid,
        Self::Filtered,
        Self::Held,
        Self::Failed,
        Self::Unsent,
        Self::InDoubt,
        Self::Skipped,
    ];

    /// The word used in output, in the ledger and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Expired => "expired",
            Self::Duplicate => "duplicate",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Invalid => "invalid",
            Self::Filtered => "filtered",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Unsent => "unsent",
            Self::InDoubt => "in_doubt",
            Self::Skipped => "skipped",
        }
    }

    /// Reads the word back; `None` if it is none of them.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// The same for people.
    pub fn in_words(self) -> String {
        match self {
            Self::Delivered => say!("state-delivered"),
            Self::Pending => say!("state-pending"),
            Self::Approved => say!("state-approved"),
            Self::Expired => say!("state-expired"),
            Self::Duplicate => say!("state-duplicate"),
            Self::Rejected => say!("state-rejected"),
            Self::Returned => say!("state-returned"),
            Self::Invalid => say!("state-invalid"),
            Self::Filtered => say!("state-filtered"),
            Self::Held => say!("state-held"),
            Self::Failed => say!("state-failed"),
            Self::Unsent => say!("state-unsent"),
            Self::InDoubt => say!("state-in-doubt"),
            Self::Skipped => say!("state-skipped"),
        }
    }

    /// Whether this is its word, or how it is called in any language: without accents and
    /// of several leads, too.
    pub fn is_called(self, text: &str) -> bool {
        let id = format!("state-{}", self.as_str().replace('_', "-"));
        let text = fold(text);
        in_every_language(&id).iter().any(|word| {
            let word = fold(word);
            // `échec` is `en échec`.
            let bare = word.strip_prefix("en ").unwrap_or(&word);
            let is_it = |said: &str| said == word || said == bare;
            is_it(&text) || text.strip_suffix('s').is_some_and(is_it)
        })
    }

    /// So many leads of it: `3 delivered`.
    pub fn counted(self, count: u64) -> String {
        match self {
            Self::Delivered => say!("state-count-delivered", count),
            Self::Pending => say!("state-count-pending", count),
            Self::Approved => say!("state-count-approved", count),
            Self::Expired => say!("state-count-expired", count),
            Self::Duplicate => say!("state-count-duplicate", count),
            Self::Rejected => say!("state-count-rejected", count),
            Self::Returned => say!("state-count-returned", count),
            Self::Invalid => say!("state-count-invalid", count),
            Self::Filtered => say!("state-count-filtered", count),
            Self::Held => say!("state-count-held", count),
            Self::Failed => say!("state-count-failed", count),
            Self::Unsent => say!("state-count-unsent", count),
            Self::InDoubt => say!("state-count-in-doubt", count),
            Self::Skipped => say!("state-count-skipped", count),
        }
    }

    /// Somebody has to look at it: a cron job mails these.
    pub fn needs_a_person(self) -> bool {
        match self {
            Self::Rejected | Self::Invalid | Self::Failed | Self::Unsent | Self::InDoubt => true,
            Self::Delivered
            | Self::Pending
            | Self::Approved
            | Self::Expired
            | Self::Duplicate
            | Self::Returned
            | Self::Filtered
            | Self::Held
            | Self::Skipped => false,
        }
    }

    /// The partner got it, or may have got it.
    pub fn was_sent(self) -> bool {
        use State::{
            Approved, Delivered, Duplicate, Expired, InDoubt, Pending, Rejected, Returned,
        };
        matches!(
            self,
            Delivered | Pending | Approved | Expired | Duplicate | Rejected | Returned | InDoubt
        )
    }

    /// The partner took it.
    pub fn is_accepted(self) -> bool {
        matches!(self, Self::Delivered | Self::Approved)
    }

    /// It was refused, by the partner or by its rules: it is to be corrected.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::Invalid | Self::Rejected)
    }

    /// No partner has it, as is certain: what comes later may judge it anew.
    pub fn is_unreceived(self) -> bool {
        use State::{Failed, Filtered, Held, Invalid, Unsent};
        matches!(self, Unsent | Held | Failed | Invalid | Filtered)
    }

    /// A list of this state alone.
    pub fn alone(self) -> &'static [Self] {
        const ALL: &[State] = &State::ALL;
        ALL.get(self as usize..=self as usize).unwrap_or_default()
    }

    /// Something is to come of it still.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Pending | Self::InDoubt | Self::Held | Self::Failed | Self::Unsent
        )
    }

    /// It is sent again when somebody asks for it. A doubt needs more than that:
    /// a person's word.
    pub fn is_resendable(self) -> bool {
        use State::{Expired, Failed, Filtered, Held, Unsent};
        matches!(self, Held | Failed | Unsent | Expired | Filtered) || self.is_refused()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
