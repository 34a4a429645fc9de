//! What leadctl itself says of a lead or an attempt, in place of a partner's
//! words: stored as a kind with its values (JSON), and put in words here.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

use crate::lead::{FilterReason, Hold, State};
use crate::words::say;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerNote {
    /// Its process was stopped between the attempt and the outcome.
    Interrupted {
        at: i64,
    },
    ApprovalExpired,
    /// A person's word; `change`: on a change of a contact.
    Said {
        word: PersonsWord,
        change: bool,
        duplicate: Option<Duplicate>,
        reason: Option<String>,
        /// Of the attempt that it is recorded as: what the lead was.
        before: Option<Box<Before>>,
    },
    /// It was not received, and another lead stands for it.
    NotReceived(Duplicate),
    /// It turned out to be another lead, and was never sent.
    PassedOver {
        duplicate: Duplicate,
        was: State,
        message: Option<String>,
    },
    /// It is not for its destination.
    Filtered {
        reason: FilterReason,
        why: String,
    },
    /// Its person is not to be sent to anybody.
    Objected(Objection),
    /// Its destination takes none now.
    Held(Hold),
    /// Another destination of its group has its person.
    KeptOut(Rival),
    /// By its route, another destination has it.
    Placed {
        lead: i64,
        destination: String,
    },
}

/// What a person says about a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonsWord {
    Delivered,
    NotReceived,
    Approved,
    Rejected,
    Returned,
    /// The last word was wrong.
    TakenBack,
}

/// What of a lead a person's word changes, as it was before: taken back, it is so again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    pub decided_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub after_pending: bool,
    pub message: Option<String>,
    pub note: Option<LedgerNote>,
}

/// The lead that stands for another one, and its state then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    pub lead: i64,
    pub state: State,
}

/// Why a person is not to be sent to anybody. Moments are milliseconds UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objection {
    /// Somebody here said so, for good.
    Blocked { since: i64 },
    /// They took their consent back, and agreed to nothing since.
    Withdrawn { at: i64 },
}

impl Objection {
    pub fn words(self) -> String {
        let day = |at| crate::outcome::moment::near_day(at, &crate::calendar::zone());
        match self {
            Self::Blocked { since } => say!("note-blocked", day = day(since)),
            Self::Withdrawn { at } => say!("note-withdrawn", day = day(at)),
        }
    }
}

/// The lead by which another destination of the group has a person, or may have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rival {
    pub lead: i64,
    pub destination: String,
    pub state: State,
}

impl Rival {
    pub fn words(&self) -> String {
        let (lead, destination) = (self.lead, &self.destination);
        match self.state {
            State::InDoubt => say!("note-rival-in-doubt", destination, lead),
            state => say!("note-rival", destination, lead, state = state.in_words()),
        }
    }
}

impl LedgerNote {
    pub fn words(&self) -> String {
        match self {
            Self::Interrupted { at } => say!("note-interrupted", at = clock(*at)),
            Self::ApprovalExpired => say!("approval-over"),
            Self::Said {
                word: PersonsWord::TakenBack,
                ..
            } => say!("word-taken-back"),
            Self::Said {
                word,
                change,
                duplicate,
                reason,
                ..
            } => {
                let what = match duplicate {
                    Some(duplicate) => never_again(duplicate),
                    None => word.in_words(*change),
                };
                match reason {
                    None => say!("note-by-hand", what),
                    Some(reason) => say!("note-by-hand-because", what, reason),
                }
            }
            Self::NotReceived(duplicate) => never_again(duplicate),
            Self::PassedOver {
                duplicate: Duplicate { lead, state },
                was,
                message,
            } => {
                let (lead, state, was) = (*lead, state.in_words(), was.in_words());
                match message {
                    None => say!("note-passed-over", lead, state, was),
                    Some(message) => say!("note-passed-over-message", lead, state, was, message),
                }
            }
            Self::Filtered { why, .. } => why.clone(),
            Self::Held(hold) => hold.in_words(),
            Self::KeptOut(rival) => rival.words(),
            Self::Placed { lead, destination } => say!("note-placed", destination, lead = *lead),
            Self::Objected(objection) => objection.words(),
        }
    }
}

fn never_again(duplicate: &Duplicate) -> String {
    let (lead, state) = (duplicate.lead, duplicate.state.in_words());
    say!("note-never-again", lead, state)
}

/// A moment as a person here writes it.
pub fn clock(at: i64) -> String {
    crate::outcome::moment::second(at, &crate::calendar::zone())
}

impl ToSql for LedgerNote {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let json = serde_json::to_string(self);
        let json = json.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(ToSqlOutput::from(json))
    }
}

impl FromSql for LedgerNote {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map_err(|_| FromSqlError::InvalidType)
    }
}
