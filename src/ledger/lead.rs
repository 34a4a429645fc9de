//! A stored lead and its attempts, and how they are read: one by its id, or many
//! in the order of their ids without holding them all.

use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::dedup::{self, Scope};
use super::note::{Note, being_sent};
use super::open::connect;
use super::{ExistingLead, Hash16, KeyKind, Ledger, LedgerError};
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
        let note: Option<Note> = row.get("note")?;
        let kind: String = row.get("key_kind")?;
        Ok(Self {
            id: row.get("id")?,
            destination: row.get("name")?,
            state,
            in_flight: since.is_some(),
            reference: row.get("reference")?,
            message: match (since, note) {
                (Some(since), _) if state == State::InDoubt => Some(being_sent(since)),
                (_, Some(note)) => Some(note.words()),
                (_, None) => row.get("message")?,
            },
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

/// Which leads. Empty lists and `None` mean all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub destination: Option<String>,
    pub states: Vec<State>,
    pub ids: Vec<i64>,
    /// Leads of any of these persons.
    pub persons: Vec<Hash16>,
    /// Sent (or read, if never sent) at or after, milliseconds UTC.
    pub since: Option<i64>,
    /// Sent (or read, if never sent) before, milliseconds UTC.
    pub until: Option<i64>,
}

impl Filter {
    /// The conditions, and the values that they ask for.
    fn conditions(&self) -> (String, Vec<Value>) {
        let mut all = vec!["TRUE".to_owned()];
        let mut values = Vec::new();
        let marks = |count: usize| vec!["?"; count].join(", ");
        if let Some(name) = &self.destination {
            all.push("destination = (SELECT id FROM destinations WHERE name = ?)".to_owned());
            values.push(Value::Text(name.clone()));
        }
        if !self.states.is_empty() {
            // By the index on both, whichever destinations are meant.
            let of_states = "destination IN (SELECT id FROM destinations) AND state IN";
            all.push(format!("{of_states} ({})", marks(self.states.len())));
            let words = self.states.iter().map(|state| state.as_str().to_owned());
            values.extend(words.map(Value::Text));
        }
        if !self.ids.is_empty() {
            all.push(format!("id IN ({})", marks(self.ids.len())));
            values.extend(self.ids.iter().copied().map(Value::Integer));
        }
        if !self.persons.is_empty() {
            let marks = marks(self.persons.len());
            all.push(format!("(email IN ({marks}) OR phone IN ({marks}))"));
            let hashes = self.persons.iter().chain(&self.persons);
            values.extend(hashes.map(|hash| Value::Blob(hash.0.to_vec())));
        }
        for (limit, at) in [(">=", self.since), ("<", self.until)] {
            if let Some(at) = at {
                all.push(format!("coalesce(sent_at, read_at) {limit} ?"));
                values.push(Value::Integer(at));
            }
        }
        (all.join(" AND "), values)
    }
}

/// The answer of [`Ledger::leads`].
pub struct Leads<'l> {
    ledger: &'l Ledger,
    ids: std::vec::IntoIter<i64>,
    states: Vec<State>,
}

impl Ledger {
    /// One lead.
    pub fn lead(&self, id: i64) -> Result<Option<StoredLead>, LedgerError> {
        self.read(|conn| by_id(conn, id))
    }

    /// The leads that pass the filter, by id. A lead that changes while they are
    /// read is given as it is when its turn comes.
    pub fn leads(&self, filter: Filter) -> Result<Leads<'_>, LedgerError> {
        let (conditions, values) = filter.conditions();
        let ids: Vec<i64> = self.read(|conn| {
            conn.prepare(&format!(
                "SELECT id FROM leads WHERE {conditions} ORDER BY id"
            ))?
            .query_map(params_from_iter(values), |row| row.get(0))?
            .collect()
        })?;
        Ok(Leads {
            ledger: self,
            ids: ids.into_iter(),
            states: filter.states,
        })
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

impl Iterator for Leads<'_> {
    type Item = Result<StoredLead, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let found = self.ledger.lead(self.ids.next()?).transpose();
            let changed =
                |lead: &StoredLead| !self.states.is_empty() && !self.states.contains(&lead.state);
            match found {
                Some(Ok(lead)) if changed(&lead) => {}
                None => {}
                found => return found,
            }
        }
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
            message: match note {
                Some(note) => Some(note.words()),
                None => row.get("message")?,
            },
            excerpt: row.get("excerpt")?,
        })
    }
}

/// A second look into a ledger that is open already, for another thread. It
/// opens its own connection when it is first asked.
pub struct LedgerReader {
    path: PathBuf,
    conn: Option<Connection>,
    scope: Option<Scope>,
}

impl LedgerReader {
    /// Of the ledger at `path`, which is open: nothing is looked at anew.
    pub fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            conn: None,
            scope: None,
        }
    }

    pub(super) fn of_run(path: &Path, scope: Scope) -> Self {
        let mut reader = Self::of(path);
        reader.scope = Some(scope);
        reader
    }

    /// A stored lead.
    pub fn lead(&mut self, id: i64) -> Result<Option<StoredLead>, LedgerError> {
        let found = by_id(self.conn()?, id);
        found.map_err(|error| LedgerError::sql(&self.path, error))
    }

    /// The leads of these keys that are settled, whatever their rows say today:
    /// what [`super::Journal::intake`] would skip. Of the others it says nothing,
    /// and of nobody while somebody is blocked.
    pub fn settled(
        &mut self,
        keys: &[Option<Hash16>],
    ) -> Result<Vec<Option<ExistingLead>>, LedgerError> {
        let Some(scope) = self.scope else {
            return Ok(vec![None; keys.len()]);
        };
        let settled = dedup::settled(self.conn()?, &scope, keys);
        settled.map_err(|error| LedgerError::sql(&self.path, error))
    }

    fn conn(&mut self) -> Result<&Connection, LedgerError> {
        match &mut self.conn {
            Some(conn) => Ok(conn),
            none => Ok(none.insert(connect(&self.path)?)),
        }
    }
}
