//! The ledger's tables, and the words that stand in them.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::lead::State;

/// Marks a SQLite file as ours ("lctl").
pub const APPLICATION: i64 = 0x6c63_746c;
/// The mark of what was made before version 1.
pub const PRE_RELEASE: i64 = 0x6c65_6164;
pub const VERSION: i64 = 1;

/// Times are milliseconds UTC. In `leads`, what is looked at stands before what
/// is only stored, since SQLite reads a row from its start.
///
/// - `leads.past` is 0 for the current lead of a key, else the lead's own id:
///   the unique index keeps a key to one current lead.
/// - `leads.told` is the state that a user was told last; `leads.faults` says
///   what made the lead invalid, as a hash of its kinds.
/// - An attempt without `ended_at` is in flight: one a lead at most.
/// - `replaced` holds what corrected rows took the place of.
pub const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE destinations (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_spec TEXT,
  doubts INTEGER NOT NULL DEFAULT 0, last_success INTEGER);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL REFERENCES destinations (id),
  command TEXT NOT NULL, pid INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER);
CREATE INDEX runs_open ON runs (id) WHERE ended_at IS NULL;
CREATE TABLE leads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL REFERENCES destinations (id),
  key BLOB NOT NULL, key_kind TEXT NOT NULL, past INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL, run INTEGER NOT NULL, was_pending INTEGER NOT NULL DEFAULT 0,
  told TEXT, attempts INTEGER NOT NULL DEFAULT 0, status INTEGER,
  read_at INTEGER NOT NULL, sent_at INTEGER, decided_at INTEGER, expires_at INTEGER,
  purged_at INTEGER, request BLOB, faults BLOB, email BLOB, phone BLOB,
  line INTEGER NOT NULL, file TEXT NOT NULL, source TEXT, reference TEXT,
  message TEXT, note TEXT, label TEXT, address TEXT, fields TEXT, sent TEXT);
CREATE UNIQUE INDEX leads_key ON leads (destination, key, past);
CREATE INDEX leads_state ON leads (destination, state, key_kind);
CREATE INDEX leads_email ON leads (email) WHERE email IS NOT NULL;
CREATE INDEX leads_phone ON leads (phone) WHERE phone IS NOT NULL;
CREATE INDEX leads_reference ON leads (destination, reference) WHERE reference IS NOT NULL;
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY, lead INTEGER NOT NULL, run INTEGER, trigger TEXT NOT NULL,
  was TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, transport TEXT,
  status INTEGER, state TEXT, payload BLOB, reason TEXT, message TEXT, note TEXT, excerpt TEXT);
CREATE INDEX attempts_lead ON attempts (lead);
CREATE UNIQUE INDEX attempts_in_flight ON attempts (lead) WHERE ended_at IS NULL;
CREATE TABLE replaced (
  destination INTEGER NOT NULL, key BLOB NOT NULL, request BLOB, lead INTEGER NOT NULL);
CREATE INDEX replaced_key ON replaced (destination, key);
CREATE TABLE calls (bucket BLOB NOT NULL, at INTEGER NOT NULL);
CREATE INDEX calls_bucket ON calls (bucket, at);
CREATE TABLE blocked (person BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
";

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

const KEY_KINDS: [(KeyKind, &str); 4] = [
    (KeyKind::Fields, "fields"),
    (KeyKind::Request, "request"),
    (KeyKind::Row, "row"),
    (KeyKind::Amendment, "amend"),
];

const TRIGGERS: [(Trigger, &str); 8] = [
    (Trigger::Send, "send"),
    (Trigger::Retry, "retry"),
    (Trigger::Resend, "resend"),
    (Trigger::Amend, "amend"),
    (Trigger::Repeat, "repeat"),
    (Trigger::Follow, "follow"),
    (Trigger::Find, "find"),
    (Trigger::Resolve, "resolve"),
];

impl Trigger {
    /// The word in the ledger and in `history`.
    pub fn as_str(self) -> &'static str {
        word_of(&TRIGGERS, self)
    }

    /// Might the partner have the lead because of it?
    pub fn sends(self) -> bool {
        !matches!(self, Self::Follow | Self::Find | Self::Resolve)
    }
}

fn word_of<T: Copy + PartialEq>(words: &[(T, &'static str)], wanted: T) -> &'static str {
    let found = words.iter().find(|(value, _)| *value == wanted);
    found.map_or("", |(_, word)| word)
}

/// An unknown word means a damaged ledger.
fn read_word<T: Copy>(words: &[(T, &str)], value: ValueRef<'_>) -> FromSqlResult<T> {
    let text = value.as_str()?;
    let found = words.iter().find(|(_, word)| *word == text);
    found
        .map(|(value, _)| *value)
        .ok_or(FromSqlError::InvalidType)
}

impl ToSql for KeyKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(word_of(&KEY_KINDS, *self)))
    }
}

impl FromSql for KeyKind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        read_word(&KEY_KINDS, value)
    }
}

impl ToSql for Trigger {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl FromSql for Trigger {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        read_word(&TRIGGERS, value)
    }
}

impl ToSql for State {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

impl FromSql for State {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}
