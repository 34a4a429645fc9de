//! A stored lead, and how it is read by its id.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};

use super::flight::being_sent;
use super::kin::Person;
use super::sql::Sql;
use super::statements::Prepared;
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

    /// An attempt is on its way: what is in the lead's own row is the past.
    fn is_being_sent(&mut self, since: i64) {
        self.notified &= self.state == State::InDoubt;
        self.state = State::InDoubt;
        self.message = Some(being_sent(since));
        self.status = None;
        self.attempts += 1;
        self.sent_at = Some(since);
        self.decided_at = None;
    }
}

/// What [`read`] reads.
pub const COLUMNS: &str =
    "leads.id, destinations.name, state, flights.lead IS NOT NULL, reference, message, status, attempts,
    was_pending, told_state IS state, key, key_kind, source, file, line, label, fields, address, email, phone,
    read_at, sent_at, decided_at, expires_at, purged_at, sent,
    iif(sends, started_at, NULL)";

/// Where it stands. CROSS keeps the leads first, in the order of their ids.
pub const FROM: &str = "leads CROSS JOIN destinations ON destinations.id = leads.destination
    LEFT JOIN flights ON flights.lead = leads.id";

const NOW_OF: &str =
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM flights WHERE lead = ?1 AND sends) THEN 'in_doubt' ELSE state END
  FROM leads WHERE id = ?1";

/// The lead's state, what is on its way included.
pub fn now_of(sql: &mut Sql<'_>, lead: i64) -> rusqlite::Result<State> {
    sql.held
        .get(NOW_OF)?
        .query_row([lead], |row| state_at(row, 0))
}

/// Reads a state's word; an unknown one means a damaged ledger.
pub fn state_at(row: &Row<'_>, index: usize) -> rusqlite::Result<State> {
    let value = row.get_ref(index)?;
    State::parse(value.as_str()?)
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(index, "state".to_owned(), Type::Text))
}

/// Reads a lead from a row of [`COLUMNS`].
pub fn read(row: &Row<'_>) -> rusqlite::Result<StoredLead> {
    let kind: String = row.get(11)?;
    let mut lead = StoredLead {
        id: row.get(0)?,
        destination: row.get(1)?,
        state: state_at(row, 2)?,
        in_flight: row.get(3)?,
        reference: row.get(4)?,
        message: row.get(5)?,
        status: row.get(6)?,
        attempts: row.get(7)?,
        after_pending: row.get(8)?,
        notified: row.get(9)?,
        key: row.get(10)?,
        key_kind: KeyKind::parse(&kind),
        source: row.get(12)?,
        file: row.get(13)?,
        line: row.get::<_, i64>(14)?.unsigned_abs(),
        label: row.get(15)?,
        fields: row.get(16)?,
        address: row.get(17)?,
        email: row.get(18)?,
        phone: row.get(19)?,
        read_at: row.get(20)?,
        sent_at: row.get(21)?,
        decided_at: row.get(22)?,
        expires_at: row.get(23)?,
        purged_at: row.get(24)?,
        sent: row.get(25)?,
    };
    if let Some(since) = row.get(26)? {
        lead.is_being_sent(since);
    }
    Ok(lead)
}

impl Ledger {
    /// One lead.
    pub fn lead(&self, id: i64) -> Result<Option<StoredLead>, LedgerError> {
        let found = ById::new(&self.conn).lead(id);
        self.named(found)
    }
}

/// The same inside the ledger.
pub struct ById<'c>(Prepared<'c>);

impl<'c> ById<'c> {
    pub fn new(conn: &'c Connection) -> Self {
        let text = format!("SELECT {COLUMNS} FROM {FROM} WHERE leads.id = ?1");
        Self(Prepared::new(conn, text))
    }

    pub fn lead(&mut self, id: i64) -> rusqlite::Result<Option<StoredLead>> {
        self.0.get()?.query_row([id], read).optional()
    }
}
