//! The ledger's tables, and the words that stand in them.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::Hash16;
use crate::lead::State;

/// Marks a SQLite file as ours ("lctl").
pub const APPLICATION: i64 = 0x6c63_746c;
pub const VERSION: i64 = 1;

/// Times are milliseconds UTC. In `leads`, what is looked at stands before what
/// is only stored, since SQLite reads a row from its start.
///
/// - `leads.past` is 0 for the current lead of a key, else the lead's own id:
///   the unique index keeps a key to one current lead.
/// - `runs.holds`: it has the destination, so what it took in is its own to send.
/// - `runs.exit` and `runs.states` (JSON) are written by its last words: a run that
///   was killed has none.
/// - `leads.email` and `leads.phone` are hashes, by which a person is known again;
///   their texts are for people to read.
/// - `leads.blank_key`: a field of the key is blank, so a doubt about the same address
///   or number may be about it.
/// - `leads.told` is the state that a user was told last; `leads.faults` says
///   what made the lead invalid, as a hash of its kinds.
/// - `leads.posted` is the state that was posted last (`[leadctl.notify]`), as
///   `destinations.stop_posted` is how a run had stopped; `stop`: how the last one did.
/// - `leads.origin` is the lead's first offer on its `route`, NULL there itself; `passed_on`:
///   it went on from this offer to the next one.
/// - An attempt without `ended_at` is in flight: one a lead at most.
/// - `attempts.request` (JSON) is what was sent, but for the secrets.
/// - `attempts.id` is never given twice: the mark beside the ledger counts by it.
/// - `meta` may hold `copied_at`, where the file is a copy.
/// - `blocked.given` is what was typed, whose leads gave the others.
/// - `replaced` holds what corrected rows took the place of.
/// - `leads.proof` (JSON) is what the row proved of a consent; it outlives a purge, as
///   `wordings` do, by the SHA-256 of each.
/// - `consents`: when a person, as a hash, last agreed and last said no, and when that no
///   was read.
pub const TABLES: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE destinations (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_spec TEXT,
  doubts INTEGER NOT NULL DEFAULT 0, last_success INTEGER, stop TEXT, stop_posted TEXT);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL REFERENCES destinations (id),
  command TEXT NOT NULL, pid INTEGER NOT NULL, holds INTEGER NOT NULL,
  started_at INTEGER NOT NULL, ended_at INTEGER, exit INTEGER, states TEXT);
CREATE INDEX runs_open ON runs (id) WHERE ended_at IS NULL;
CREATE TABLE leads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL REFERENCES destinations (id),
  key BLOB NOT NULL,
  blank_key INTEGER NOT NULL,
  is_change INTEGER NOT NULL,
  past INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  run INTEGER NOT NULL,
  was_pending INTEGER NOT NULL DEFAULT 0,
  told TEXT,
  posted TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  status INTEGER,
  read_at INTEGER NOT NULL,
  sent_at INTEGER,
  decided_at INTEGER,
  expires_at INTEGER,
  request BLOB,
  faults BLOB,
  email BLOB,
  phone BLOB,
  line INTEGER NOT NULL,
  file TEXT NOT NULL,
  source TEXT,
  reference TEXT,
  message TEXT,
  note TEXT,
  label TEXT,
  email_text TEXT,
  phone_text TEXT,
  address TEXT,
  proof TEXT,
  fields TEXT,
  sent TEXT,
  route TEXT,
  origin INTEGER,
  passed_on INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX leads_key ON leads (destination, key, past);
CREATE INDEX leads_state ON leads (destination, state, is_change);
CREATE INDEX leads_came ON leads (coalesce(sent_at, read_at));
CREATE INDEX leads_email ON leads (email) WHERE email IS NOT NULL;
CREATE INDEX leads_phone ON leads (phone) WHERE phone IS NOT NULL;
CREATE INDEX leads_route ON leads (route, state) WHERE route IS NOT NULL AND NOT passed_on;
CREATE INDEX leads_origin ON leads (origin) WHERE origin IS NOT NULL;
CREATE INDEX leads_reference ON leads (destination, reference) WHERE reference IS NOT NULL;
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, lead INTEGER NOT NULL, run INTEGER, trigger TEXT NOT NULL,
  was TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, transport TEXT,
  status INTEGER, state TEXT, reason TEXT, message TEXT, note TEXT, excerpt TEXT,
  request TEXT);
CREATE INDEX attempts_lead ON attempts (lead);
CREATE UNIQUE INDEX attempts_in_flight ON attempts (lead) WHERE ended_at IS NULL;
CREATE TABLE replaced (
  destination INTEGER NOT NULL, key BLOB NOT NULL, request BLOB, lead INTEGER NOT NULL);
CREATE INDEX replaced_key ON replaced (destination, key);
CREATE TABLE calls (bucket BLOB NOT NULL, at INTEGER NOT NULL);
CREATE INDEX calls_bucket ON calls (bucket, at);
CREATE TABLE blocked (
  person BLOB PRIMARY KEY, at INTEGER NOT NULL, given BLOB NOT NULL, typed TEXT) WITHOUT ROWID;
CREATE INDEX blocked_given ON blocked (given);
CREATE TABLE wordings (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE consents (
  person BLOB PRIMARY KEY, given_at INTEGER, withdrawn_at INTEGER, withdrawn_read_at INTEGER)
  WITHOUT ROWID;
";

/// Makes a new ledger of an empty file, all or nothing. `fingerprint`: of its key.
pub fn make_tables(conn: &Connection, fingerprint: Hash16) -> rusqlite::Result<()> {
    let tx = Transaction::new_unchecked(conn, TransactionBehavior::Immediate)?;
    tx.execute_batch(TABLES)?;
    tx.execute(
        "INSERT INTO meta (name, value) VALUES ('key', ?1)",
        [fingerprint],
    )?;
    tx.pragma_update(None, "application_id", APPLICATION)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()
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
        let found = TRIGGERS.iter().find(|(trigger, _)| *trigger == self);
        found.map_or("", |(_, word)| word)
    }

    /// Might the partner have the lead because of it?
    pub fn sends(self) -> bool {
        !matches!(self, Self::Follow | Self::Find | Self::Resolve)
    }
}

impl ToSql for Trigger {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.as_str()))
    }
}

/// An unknown word means a damaged ledger.
impl FromSql for Trigger {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        let found = TRIGGERS.iter().find(|(_, known)| *known == word);
        found
            .map(|(trigger, _)| *trigger)
            .ok_or(FromSqlError::InvalidType)
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
