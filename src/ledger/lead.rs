//! A stored lead and its attempts as they are read. What leadctl itself says of
//! one is stored as a kind with its values, and put in words here.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use super::{Hash16, KeyKind, Ledger, LedgerError};
use crate::lead::State;

/// A lead as the ledger knows it. Times are milliseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLead {
    pub id: i64,
    pub destination: String,
    pub state: State,
    /// A call about it is being made now, or its process was killed.
    pub in_flight: bool,
    pub reference: Option<String>,
    pub message: Option<String>,
    /// The last HTTP status.
    pub status: Option<u16>,
    /// Times it was tried.
    pub attempts: u32,
    /// It was `pending` once: a refusal then is a decision, not a mistake to correct.
    pub after_pending: bool,
    /// This state was told by an earlier run.
    pub notified: bool,
    pub key: Hash16,
    pub key_kind: Option<KeyKind>,
    pub source: Option<String>,
    pub file: String,
    pub line: u64,
    pub label: Option<String>,
    /// The row as read (JSON); gone after a purge.
    pub fields: Option<String>,
    /// The body that was sent last, or would be; gone after a purge.
    pub sent: Option<String>,
    /// Where to ask about it (JSON), as it was at sending.
    pub address: Option<String>,
    pub email: Option<Hash16>,
    pub phone: Option<Hash16>,
    pub read_at: i64,
    pub sent_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub purged_at: Option<i64>,
}

impl StoredLead {
    /// Whose it is.
    pub fn person(&self) -> Person<'_> {
        Person {
            email: self.email,
            phone: self.phone,
            label: self.label.as_deref(),
        }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let state = row.get("state")?;
        let since: Option<i64> = row.get("since")?;
        let kind: String = row.get("key_kind")?;
        Ok(Self {
            id: row.get("id")?,
            destination: row.get("name")?,
            state,
            in_flight: since.is_some(),
            reference: row.get("reference")?,
            message: message_of(state, since, row.get("note")?, row.get("message")?),
            status: row.get("status")?,
            attempts: row.get("attempts")?,
            after_pending: row.get("was_pending")?,
            notified: row.get("is_notified")?,
            key: row.get("key")?,
            key_kind: KeyKind::parse(&kind),
            source: row.get("source")?,
            file: row.get("file")?,
            line: row.get::<_, i64>("line")?.unsigned_abs(),
            label: row.get("label")?,
            fields: row.get("fields")?,
            sent: row.get("sent")?,
            address: row.get("address")?,
            email: row.get("email")?,
            phone: row.get("phone")?,
            read_at: row.get("read_at")?,
            sent_at: row.get("sent_at")?,
            decided_at: row.get("decided_at")?,
            expires_at: row.get("expires_at")?,
            purged_at: row.get("purged_at")?,
        })
    }
}

/// What a lead's person is known by.
#[derive(Debug, Clone, Copy)]
pub struct Person<'l> {
    pub email: Option<Hash16>,
    pub phone: Option<Hash16>,
    pub label: Option<&'l str>,
}

impl Person<'_> {
    /// The same address, number or label. Not every lead that a file's
    /// `leadctl_id` names is its row's: the file may come from another ledger.
    pub fn is(&self, other: &Person<'_>) -> bool {
        self.email.is_some() && self.email == other.email
            || self.phone.is_some() && self.phone == other.phone
            || self.label.is_some() && self.label == other.label
    }
}

pub fn by_id(conn: &Connection, id: i64) -> rusqlite::Result<Option<StoredLead>> {
    conn.prepare_cached(
        "SELECT leads.*, name, notified IS leads.state AS is_notified,
           (SELECT started_at FROM attempts WHERE lead = leads.id AND ended_at IS NULL) AS since
         FROM leads JOIN destinations ON destinations.id = destination WHERE leads.id = ?1",
    )?
    .query_row([id], StoredLead::read)
    .optional()
}

impl Ledger {
    /// One lead.
    pub fn lead(&self, id: i64) -> Result<Option<StoredLead>, LedgerError> {
        self.read(|conn| by_id(conn, id))
    }

    /// The attempts of a lead, the oldest first.
    pub fn attempts(&self, lead: i64) -> Result<Vec<PastAttempt>, LedgerError> {
        self.read(|conn| {
            conn.prepare("SELECT * FROM attempts WHERE lead = ?1 ORDER BY id")?
                .query_map([lead], PastAttempt::read)?
                .collect()
        })
    }
}

/// One attempt, or one ruling by hand, as it was recorded. Times are
/// milliseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastAttempt {
    pub lead: i64,
    /// The word of a [`super::Trigger`].
    pub trigger: String,
    pub started_at: i64,
    /// `None`: it is being made now, or its process was killed.
    pub ended_at: Option<i64>,
    /// "replied", "unsent" or "silent".
    pub transport: Option<String>,
    pub status: Option<u16>,
    /// What it made of the lead, if it changed it.
    pub state: Option<State>,
    pub payload: Option<Hash16>,
    /// A person's reason.
    pub reason: Option<String>,
    pub message: Option<String>,
    pub excerpt: Option<String>,
}

impl PastAttempt {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let note: Option<Note> = row.get("note")?;
        Ok(Self {
            lead: row.get("lead")?,
            trigger: row.get("trigger")?,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            transport: row.get("transport")?,
            status: row.get("status")?,
            state: row.get("state")?,
            payload: row.get("payload")?,
            reason: row.get("reason")?,
            message: note.map(|note| note.words()).or(row.get("message")?),
            excerpt: row.get("excerpt")?,
        })
    }
}

/// What leadctl itself notes about a lead or an attempt, in place of a
/// partner's words. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Its process was stopped between the attempt and the outcome.
    Interrupted {
        at: i64,
    },
    ApprovalExpired,
    /// A person's word on a doubt; `change`: on a change of a contact.
    SettledByHand {
        received: bool,
        change: bool,
        duplicate: Option<Duplicate>,
        reason: Option<String>,
    },
    /// It was not received, and another lead stands for it.
    NotReceived(Duplicate),
    /// It turned out to be another lead, and was never sent.
    PassedOver {
        duplicate: Duplicate,
        was: State,
        message: Option<String>,
    },
}

/// The lead that stands for another one, and its state then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    pub lead: i64,
    pub state: State,
}

impl Note {
    fn words(&self) -> String {
        match self {
            Self::Interrupted { at } => format!(
                "leadctl was stopped while it was being sent ({}): the partner may have it",
                clock(*at)
            ),
            Self::ApprovalExpired => "the approval has run out".to_owned(),
            Self::SettledByHand {
                received,
                change,
                duplicate,
                reason,
            } => {
                let what = match (duplicate, received, change) {
                    (Some(duplicate), ..) => never_again(duplicate),
                    (None, true, false) => "the partner has it".to_owned(),
                    (None, true, true) => "the change was made".to_owned(),
                    (None, false, false) => {
                        "the partner did not receive it; the next send sends it".to_owned()
                    }
                    (None, false, true) => {
                        "the change was not made; run its amend command with its file again"
                            .to_owned()
                    }
                };
                let reason = reason.as_ref().map(|reason| format!(" ({reason})"));
                format!("settled by hand: {what}{}", reason.unwrap_or_default())
            }
            Self::NotReceived(duplicate) => never_again(duplicate),
            Self::PassedOver {
                duplicate,
                was,
                message,
            } => {
                let message = message.as_ref().map(|message| format!(", {message}"));
                format!(
                    "{}: never sent (it was {was}{})",
                    same_as(duplicate),
                    message.unwrap_or_default()
                )
            }
        }
    }
}

fn never_again(duplicate: &Duplicate) -> String {
    format!("never sent again: {}", same_as(duplicate))
}

fn same_as(duplicate: &Duplicate) -> String {
    let state = duplicate.state.as_str().replace('_', " ");
    format!("the same lead as {}, which is {state}", duplicate.lead)
}

/// What is to be said of a lead; `since`: it is in flight.
pub fn message_of(
    state: State,
    since: Option<i64>,
    note: Option<Note>,
    message: Option<String>,
) -> Option<String> {
    match since {
        Some(since) if state == State::InDoubt => Some(format!(
            "being sent since {}; its answer is not recorded yet",
            clock(since)
        )),
        _ => note.map(|note| note.words()).or(message),
    }
}

/// A moment as a person here writes it.
fn clock(at: i64) -> String {
    match jiff::Timestamp::from_millisecond(at) {
        Ok(at) => at
            .to_zoned_datetime(jiff::tz::TimeZone::system())
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string(),
        Err(_) => "an unknown time".to_owned(),
    }
}

impl ToSql for Note {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let json = serde_json::to_string(self);
        let json = json.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(ToSqlOutput::from(json))
    }
}

impl FromSql for Note {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map_err(|_| FromSqlError::InvalidType)
    }
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

/// An unknown word means a damaged ledger.
impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}
