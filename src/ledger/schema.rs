//! The ledger's tables, and the words that stand in them.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::Hash16;
use crate::lead::{LeadFacts, Money, State};

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
///   their texts are for people to read. `leads.others`: the hashes, one after the
///   other, of all else by which they may be blocked.
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
/// - `leads.first_read_at` and `leads.cost` are of its first reading, whatever is read
///   later; `leads.price` and `leads.billable_on` (the one state in which it is paid for,
///   else both) of the first time that it was accepted. `leads.facts` (JSON) are lead
///   fields that are about no person.
/// - `attempts.became` is the state that the lead had after it, where it said anything of
///   it, `attempts.decided_at` when that was decided, where it was not just then, and
///   `attempts.refusal` the words of a refusal without anybody's data. The figures are
///   made of these alone, so the index holds them.
/// - `leads.recorded_at`: the user said then that it was sent by other means. That is no
///   attempt, for these tell the ledger's age.
/// - `forgotten` is what the figures need of leads that were deleted.
/// - A block is of somebody who was named, as `typed`, or of a list: then `file` is its
///   name. `mark` tells a list that is read at each run, and what was last read of it.
/// - `replaced` holds what corrected rows took the place of.
/// - `leads.proof` (JSON) is what the row proved of a consent; it outlives a purge, as
///   `wordings` do, by the SHA-256 of each.
/// - `consents`: when a person, as a hash, last agreed; `noes`: each time that they said
///   no, and when that was read.
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
  first_read_at INTEGER NOT NULL,
  cost INTEGER,
  price INTEGER,
  billable_on TEXT,
  recorded_at INTEGER,
  sent_at INTEGER,
  decided_at INTEGER,
  expires_at INTEGER,
  request BLOB,
  faults BLOB,
  email BLOB,
  phone BLOB,
  others BLOB,
  line INTEGER NOT NULL,
  file TEXT NOT NULL,
  source TEXT,
  facts TEXT,
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
CREATE INDEX leads_placed ON leads (destination, sent_at, state, is_change)
  WHERE NOT is_change AND state IN
  ('delivered', 'pending', 'approved', 'expired', 'duplicate', 'in_doubt');
CREATE INDEX leads_came ON leads (coalesce(sent_at, read_at));
CREATE INDEX leads_email ON leads (email) WHERE email IS NOT NULL;
CREATE INDEX leads_phone ON leads (phone) WHERE phone IS NOT NULL;
CREATE INDEX leads_route ON leads (route, state) WHERE route IS NOT NULL AND NOT passed_on;
CREATE INDEX leads_origin ON leads (origin) WHERE origin IS NOT NULL;
CREATE INDEX leads_reference ON leads (destination, reference) WHERE reference IS NOT NULL;
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, lead INTEGER NOT NULL, run INTEGER, trigger TEXT NOT NULL,
  was TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, transport TEXT,
  status INTEGER, state TEXT, became TEXT, decided_at INTEGER, refusal TEXT, reason TEXT,
  message TEXT, note TEXT, excerpt TEXT, request TEXT);
CREATE INDEX attempts_lead ON attempts
  (lead, id, trigger, started_at, ended_at, became, decided_at, refusal);
CREATE UNIQUE INDEX attempts_in_flight ON attempts (lead) WHERE ended_at IS NULL;
CREATE TABLE forgotten (
  id INTEGER PRIMARY KEY, destination INTEGER NOT NULL REFERENCES destinations (id),
  state TEXT NOT NULL, first_read_at INTEGER NOT NULL, cost INTEGER, price INTEGER,
  billable_on TEXT, source TEXT, facts TEXT, route TEXT, recorded_at INTEGER);
CREATE INDEX forgotten_placed ON forgotten (destination, state);
CREATE TABLE replaced (
  destination INTEGER NOT NULL, key BLOB NOT NULL, request BLOB, lead INTEGER NOT NULL);
CREATE INDEX replaced_key ON replaced (destination, key);
CREATE TABLE calls (bucket BLOB NOT NULL, at INTEGER NOT NULL);
CREATE INDEX calls_bucket ON calls (bucket, at);
CREATE TABLE blocks (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, typed TEXT, note TEXT, file TEXT, mark BLOB);
CREATE TABLE wordings (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE consents (person BLOB PRIMARY KEY, given_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE noes (
  person BLOB NOT NULL, at INTEGER NOT NULL, read_at INTEGER NOT NULL,
  PRIMARY KEY (person, at)) WITHOUT ROWID;
CREATE TABLE blocked (
  person BLOB NOT NULL, block INTEGER NOT NULL REFERENCES blocks (id) ON DELETE CASCADE,
  at INTEGER NOT NULL, PRIMARY KEY (person, block)) WITHOUT ROWID;
CREATE INDEX blocked_block ON blocked (block);
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
    /// The time of an approval was over.
    Expire,
}

const TRIGGERS: [(Trigger, &str); 9] = [
    (Trigger::Send, "send"),
    (Trigger::Retry, "retry"),
    (Trigger::Resend, "resend"),
    (Trigger::Amend, "amend"),
    (Trigger::Repeat, "repeat"),
    (Trigger::Follow, "follow"),
    (Trigger::Find, "find"),
    (Trigger::Resolve, "resolve"),
    (Trigger::Expire, "expire"),
];

impl Trigger {
    /// The word in the ledger and in `history`.
    pub fn as_str(self) -> &'static str {
        let found = TRIGGERS.iter().find(|(trigger, _)| *trigger == self);
        found.map_or("", |(_, word)| word)
    }

    /// Might the partner have the lead because of it?
    pub fn sends(self) -> bool {
        use Trigger::{Amend, Repeat, Resend, Retry, Send};
        matches!(self, Send | Retry | Resend | Amend | Repeat)
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

impl ToSql for Money {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.cents()))
    }
}

impl FromSql for Money {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::of_cents)
    }
}

/// As JSON; nothing where there is none.
impl ToSql for LeadFacts {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let json = self.to_json().map_or(Value::Null, Value::Text);
        Ok(ToSqlOutput::Owned(json))
    }
}

impl FromSql for LeadFacts {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let json = value.as_str_or_null()?;
        json.map_or(Ok(Self::default()), |json| {
            Self::from_json(json).ok_or(FromSqlError::InvalidType)
        })
    }
}
