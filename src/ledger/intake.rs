//! A lead as it was read, what the run thinks of it, and what comes of taking it in.

use super::consent::Consent;
use super::note::{LedgerNote, Objection, Rival};
use super::proof::Proof;
use super::route::Offer;
use super::{Hash16, Holder, StoredLead};
use crate::lead::{FilterReason, Hold, LeadFacts, Money, State};

/// What this run thinks of a lead, before the ledger is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It can be sent.
    Ready,
    /// It breaks the destination's rules. `faults`: a hash of their kinds and
    /// values, by which the same faults are known again.
    Invalid { why: String, faults: Hash16 },
    /// It is not for the destination.
    Filtered { reason: FilterReason, why: String },
    /// Its person is not to be sent to anybody.
    Objected(Objection),
    /// It can be sent, and not now.
    Held(Hold),
    /// Another destination of the group has its person.
    KeptOut(Rival),
    /// It was delivered by other means, says the user with this note.
    Elsewhere(String),
}

/// One lead as it was read.
#[derive(Debug, Clone)]
pub struct Intake {
    pub key: Hash16,
    /// A field of the destination's key is blank.
    pub blank_key: bool,
    /// A change of a contact that is there: its key is none that a lead has.
    pub is_change: bool,
    /// [`super::Hasher::request`] of what would be sent; `None` if invalid.
    pub request: Option<Hash16>,
    pub source: Option<String>,
    /// What it costs there.
    pub cost: Option<Money>,
    pub facts: LeadFacts,
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
    /// The same for people to read.
    pub email_text: Option<String>,
    pub phone_text: Option<String>,
    /// Further addresses and numbers of theirs, and further ways to write them, by which
    /// they may be blocked.
    pub others: Vec<Hash16>,
    pub judgement: Judgement,
    /// What the person said, where their consent is asked for.
    pub consent: Option<Consent>,
    /// The stored lead that this row corrects (a rejects file names it).
    pub replaces: Option<i64>,
    /// It comes by a route.
    pub offer: Option<Offer>,
}

/// What is to be done with a lead that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DedupOutcome {
    /// Stored as `unsent`; [`super::Journal::begin`] may claim it. `notified`: an
    /// earlier run already told that it was not sent.
    Send { id: i64, notified: bool },
    /// Stored with its complaints. `notified`: an earlier run said the same.
    Invalid { id: i64, notified: bool },
    /// Stored with its reason, filtered or held. `notified`: it was filtered before.
    Kept { id: i64, notified: bool },
    /// Stored as delivered by other means.
    Recorded { id: i64 },
    /// Nothing to do: an earlier lead has the key. `same_run`: it came in this
    /// very run, so the lead is twice in the input. `held`: the run that is sending
    /// what it took in; nothing of it is changed meanwhile.
    Skip {
        earlier: Box<StoredLead>,
        same_run: bool,
        held: Option<Holder>,
    },
    /// Stored as filtered: another destination of the group has this person. `notified`:
    /// it was filtered before.
    KeptOut {
        id: Option<i64>,
        notified: bool,
        rival: Rival,
    },
    /// This person is not to be sent to anybody. `id`: of what is stored of it.
    Objected {
        id: Option<i64>,
        objection: Objection,
    },
}

impl DedupOutcome {
    /// The lead that is stored of it, or that it is.
    pub fn id(&self) -> Option<i64> {
        match self {
            Self::Send { id, .. }
            | Self::Invalid { id, .. }
            | Self::Kept { id, .. }
            | Self::Recorded { id } => Some(*id),
            Self::Skip { earlier, .. } => Some(earlier.id),
            Self::Objected { id, .. } | Self::KeptOut { id, .. } => *id,
        }
    }
}

impl Intake {
    /// The state and the message that its judgement gives.
    pub(super) fn state(&self) -> (State, Option<&str>) {
        match &self.judgement {
            Judgement::Ready => (State::Unsent, None),
            Judgement::Invalid { why, .. } => (State::Invalid, Some(why)),
            // Its note says why.
            Judgement::Filtered { .. } | Judgement::Objected(_) | Judgement::KeptOut(_) => {
                (State::Filtered, None)
            }
            Judgement::Held(_) => (State::Held, None),
            Judgement::Elsewhere(note) => (State::Delivered, Some(note)),
        }
    }

    pub(super) fn note(&self) -> Option<LedgerNote> {
        match &self.judgement {
            Judgement::Filtered { reason, why } => Some(LedgerNote::Filtered {
                reason: *reason,
                why: why.clone(),
            }),
            Judgement::Held(hold) => Some(LedgerNote::Held(*hold)),
            Judgement::Objected(objection) => Some(LedgerNote::Objected(*objection)),
            Judgement::KeptOut(rival) => Some(LedgerNote::KeptOut(rival.clone())),
            _ => None,
        }
    }

    pub(super) fn proof(&self) -> Option<&Proof> {
        match &self.consent {
            Some(Consent::Given { proof, .. }) => Some(proof),
            _ => None,
        }
    }

    /// By which its person is known.
    pub fn contacts(&self) -> impl Iterator<Item = Hash16> + Clone {
        let own = [self.email, self.phone].into_iter().flatten();
        own.chain(self.others.iter().copied())
    }

    /// Its person is not to be sent.
    pub(super) fn is_objected(&self) -> bool {
        matches!(self.judgement, Judgement::Objected(_))
    }

    pub(super) fn faults(&self) -> Option<Hash16> {
        match self.judgement {
            Judgement::Invalid { faults, .. } => Some(faults),
            _ => None,
        }
    }

    pub(super) fn outcome(&self, id: i64, notified: bool) -> DedupOutcome {
        match self.judgement {
            Judgement::Ready => DedupOutcome::Send { id, notified },
            Judgement::Invalid { .. } => DedupOutcome::Invalid { id, notified },
            Judgement::Filtered { .. } | Judgement::Held(_) => DedupOutcome::Kept { id, notified },
            Judgement::Objected(objection) => DedupOutcome::Objected {
                id: Some(id),
                objection,
            },
            Judgement::KeptOut(ref rival) => DedupOutcome::KeptOut {
                id: Some(id),
                notified,
                rival: rival.clone(),
            },
            Judgement::Elsewhere(_) => DedupOutcome::Recorded { id },
        }
    }
}
