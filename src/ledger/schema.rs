//! The tables, and how an older ledger becomes today's. Knows no lead.

use rusqlite::{Connection, TransactionBehavior};

use super::{Kind, LedgerError};

/// Marks a SQLite file as ours ("lead").
pub const APPLICATION: i32 = 0x6c65_6164;

/// Each step brings a ledger from its index to the next version. A released
/// step never changes; a new one is added at the end.
pub const STEPS: &[&str] = &[FIRST, SENT, REPLACED, FLIGHTS, KEYS, TWINS];

// In `leads` what is looked at stands before what is only stored: SQLite reads
// a row from its start.
const FIRST: &str = "
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE destinations (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_spec TEXT,
  doubts INTEGER NOT NULL DEFAULT 0, last_success INTEGER);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL REFERENCES destinations (id),
  command TEXT NOT NULL, pid INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER);
CREATE TABLE leads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL REFERENCES destinations (id),
  key BLOB NOT NULL, key_kind TEXT NOT NULL, state TEXT NOT NULL, flight INTEGER,
  run INTEGER NOT NULL, was_pending INTEGER NOT NULL DEFAULT 0, told_state TEXT,
  attempts INTEGER NOT NULL DEFAULT 0, status INTEGER,
  read_at INTEGER NOT NULL, sent_at INTEGER, decided_at INTEGER, expires_at INTEGER,
  purged_at INTEGER, request BLOB, email BLOB, phone BLOB,
  line INTEGER NOT NULL, file TEXT NOT NULL, source TEXT, reference TEXT,
  message TEXT, label TEXT, address TEXT, fields TEXT);
CREATE INDEX leads_key ON leads (destination, key);
CREATE INDEX leads_state ON leads (destination, state);
CREATE INDEX leads_flight ON leads (flight) WHERE flight IS NOT NULL;
CREATE TABLE attempts (
  id INTEGER PRIMARY KEY, lead INTEGER NOT NULL, run INTEGER, trigger TEXT NOT NULL,
  was TEXT, started_at INTEGER NOT NULL, ended_at INTEGER, transport TEXT, status INTEGER,
  state TEXT, payload BLOB, reason TEXT, message TEXT, excerpt TEXT);
CREATE INDEX attempts_lead ON attempts (lead);
CREATE TABLE calls (bucket BLOB NOT NULL, at INTEGER NOT NULL);
CREATE INDEX calls_bucket ON calls (bucket, at);
CREATE TABLE blocked (person BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
";

// The body of the request, beside what was read.
const SENT: &str = "ALTER TABLE leads ADD COLUMN sent TEXT;";

// What corrected rows took the place of.
const REPLACED: &str = "
CREATE TABLE replaced (
  destination INTEGER NOT NULL, key BLOB NOT NULL, request BLOB, lead INTEGER NOT NULL);
CREATE INDEX replaced_key ON replaced (destination, key);";

// An attempt without an outcome stands in `flights`, a few short rows, and
// comes to `attempts` when it is over. While it stands there its lead is in
// doubt, unless the partner is only asked, whatever the lead's own row says.
const FLIGHTS: &str = "
CREATE TABLE flights (
  lead INTEGER PRIMARY KEY, run INTEGER NOT NULL, number INTEGER NOT NULL, sends INTEGER NOT NULL,
  trigger TEXT NOT NULL, started_at INTEGER NOT NULL, payload BLOB, reason TEXT);
INSERT INTO flights SELECT leads.id, coalesce(attempts.run, 0), attempts.id,
    trigger NOT IN ('follow', 'find'), trigger, started_at, payload, reason
  FROM leads JOIN attempts ON attempts.id = flight;
UPDATE leads SET state = coalesce((SELECT was FROM attempts WHERE attempts.id = flight), state),
  attempts = attempts - coalesce((SELECT sends FROM flights WHERE flights.lead = leads.id), 0)
  WHERE flight IS NOT NULL;
DELETE FROM attempts WHERE id IN (SELECT flight FROM leads WHERE flight IS NOT NULL);
DROP INDEX leads_flight;
ALTER TABLE leads DROP COLUMN flight;";

// Every lead by its key: in `recent_keys` since it was taken in, in `keys` once
// there were many, or its key was changed. See `recent.rs`.
const KEYS: &str = "
CREATE TABLE keys (
  destination INTEGER NOT NULL, key BLOB NOT NULL, lead INTEGER NOT NULL,
  PRIMARY KEY (destination, key, lead)) WITHOUT ROWID;
CREATE TABLE recent_keys (lead INTEGER PRIMARY KEY, destination INTEGER NOT NULL, key BLOB NOT NULL);
CREATE TABLE sealed_keys (last INTEGER PRIMARY KEY, hints BLOB NOT NULL);
INSERT INTO keys SELECT destination, key, id FROM leads ORDER BY destination, key, id;
DROP INDEX leads_key;
CREATE TRIGGER lead_came AFTER INSERT ON leads BEGIN
  INSERT INTO recent_keys VALUES (new.id, new.destination, new.key);
END;
CREATE TRIGGER lead_changed_key AFTER UPDATE OF destination, key ON leads
  WHEN old.destination IS NOT new.destination OR old.key IS NOT new.key BEGIN
  DELETE FROM recent_keys WHERE lead = old.id;
  DELETE FROM keys WHERE destination = old.destination AND key = old.key AND lead = old.id;
  INSERT INTO keys VALUES (new.destination, new.key, new.id);
END;
CREATE TRIGGER lead_gone AFTER DELETE ON leads BEGIN
  DELETE FROM recent_keys WHERE lead = old.id;
  DELETE FROM keys WHERE destination = old.destination AND key = old.key AND lead = old.id;
END;";

// Leads in doubt whose key became another's too. See `twins.rs`. And the runs
// that did not end, which a start looks for.
const TWINS: &str = "
CREATE TABLE twins (lead INTEGER PRIMARY KEY, other INTEGER NOT NULL);
CREATE INDEX runs_open ON runs (id) WHERE ended_at IS NULL;";

/// What a file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// No table yet.
    Empty,
    /// An older leadctl wrote it.
    Older,
    Current,
}

/// Reads the file's version. Refuses a newer one and what is no ledger.
pub fn inspect(conn: &Connection, steps: &[&str]) -> Result<Found, LedgerError> {
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i32 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    if version == 0 && application == 0 && tables == 0 {
        return Ok(Found::Empty);
    }
    if application != APPLICATION || version < 1 {
        return Err(LedgerError::new(
            Kind::NotOurs,
            "this file is a database, but not a ledger of leadctl",
        )
        .hint("name another file with --ledger"));
    }
    match usize::try_from(version) {
        Ok(version) if version == steps.len() => Ok(Found::Current),
        Ok(version) if version < steps.len() => Ok(Found::Older),
        _ => Err(LedgerError::new(
            Kind::Newer,
            format!(
                "a newer leadctl wrote this ledger (version {version}, this leadctl knows {})",
                steps.len()
            ),
        )
        .hint("update leadctl; nothing was changed")),
    }
}

/// Creates the tables or brings older ones up to date, all or nothing.
pub fn bring_up(conn: &mut Connection, steps: &[&str]) -> Result<(), LedgerError> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for step in steps
        .iter()
        .skip(usize::try_from(version).unwrap_or(usize::MAX))
    {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION)?;
    tx.pragma_update(None, "user_version", steps.len() as i64)?;
    tx.commit()?;
    Ok(())
}
