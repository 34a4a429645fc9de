//! A stored lead, and the ways to read many of them in the order of their ids
//! without holding them all.

use std::collections::VecDeque;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter, types::Value};

use super::flight::being_sent;
use super::sql::Sql;
use super::statements::Prepared;
use super::{Hash16, KeyKind, Ledger, LedgerError};
use crate::lead::State;

/// Leads read at a time.
const PAGE: usize = 256;

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
    pub told: bool,
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
    /// An attempt is on its way: what is in the lead's own row is the past.
    fn is_being_sent(&mut self, since: i64) {
        self.told &= self.state == State::InDoubt;
        self.state = State::InDoubt;
        self.message = Some(being_sent(since));
        self.status = None;
        self.attempts += 1;
        self.sent_at = Some(since);
        self.decided_at = None;
    }
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

const COLUMNS: &str =
    "leads.id, destinations.name, state, flights.lead IS NOT NULL, reference, message, status, attempts,
    was_pending, told_state IS state, key, key_kind, source, file, line, label, fields, address, email, phone,
    read_at, sent_at, decided_at, expires_at, purged_at, sent,
    iif(sends, started_at, NULL)";

// CROSS keeps the leads first, in the order of their ids.
const FROM: &str = "leads CROSS JOIN destinations ON destinations.id = leads.destination
    LEFT JOIN flights ON flights.lead = leads.id";

/// When a lead was last sent, or read if it never was.
const AT: &str = "coalesce(iif(sends, started_at, NULL), sent_at, read_at)";

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

fn read(row: &Row<'_>) -> rusqlite::Result<StoredLead> {
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
        told: row.get(9)?,
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
    /// One lead. (Many: [`Ledger::finder`].)
    pub fn lead(&self, id: i64) -> Result<Option<StoredLead>, LedgerError> {
        self.finder().lead(id)
    }

    /// Finds leads by their ids, one after another.
    pub fn finder(&self) -> Finder<'_> {
        Finder {
            ledger: self,
            by_id: ById::new(&self.conn),
        }
    }

    /// The leads that pass the filter, by id, a page at a time. A lead that
    /// changes while they are read is given as it is when its turn comes.
    pub fn leads(&self, filter: Filter) -> Result<Leads<'_>, LedgerError> {
        let mut cursors = Vec::new();
        if filter.ids.is_empty() && !filter.states.is_empty() {
            for destination in
                self.named(destination_ids(&self.conn, filter.destination.as_deref()))?
            {
                for &state in &filter.states {
                    cursors.push(Cursor::over(Some((destination, state))));
                }
            }
            // In doubt, whatever their own rows say.
            cursors.push(Cursor::over(None));
        }
        let mut ids = filter.ids.clone();
        ids.sort_unstable();
        ids.dedup();
        let held = |text: &'static str| Prepared::new(&self.conn, text);
        Ok(Leads {
            ledger: self,
            by_id: ById::new(&self.conn),
            of_state: held(OF_STATE),
            flying: held(FLYING),
            scan: None,
            filter,
            ids: ids.into(),
            cursors,
            page: VecDeque::new(),
            last: 0,
            done: false,
        })
    }
}

/// The answer of [`Ledger::finder`].
pub struct Finder<'l> {
    ledger: &'l Ledger,
    by_id: ById<'l>,
}

impl Finder<'_> {
    pub fn lead(&mut self, id: i64) -> Result<Option<StoredLead>, LedgerError> {
        let found = self.by_id.lead(id);
        self.ledger.named(found)
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

fn destination_ids(conn: &Connection, name: Option<&str>) -> rusqlite::Result<Vec<i64>> {
    conn.prepare("SELECT id FROM destinations WHERE ?1 IS NULL OR name = ?1")?
        .query_map([name], |row| row.get(0))?
        .collect()
}

/// Ids in their order: of one state at one destination, straight from the
/// index, or of what is on its way.
struct Cursor {
    of: Option<(i64, State)>,
    ids: VecDeque<i64>,
    done: bool,
}

const OF_STATE: &str =
    "SELECT id FROM leads WHERE destination = ?1 AND state = ?2 AND id > ?3 ORDER BY id LIMIT ?4";
const FLYING: &str = "SELECT lead FROM flights WHERE lead > ?1 ORDER BY lead LIMIT ?2";

impl Cursor {
    fn over(of: Option<(i64, State)>) -> Self {
        Self {
            of,
            ids: VecDeque::new(),
            done: false,
        }
    }

    fn peek(
        &mut self,
        of_state: &mut Prepared<'_>,
        flying: &mut Prepared<'_>,
        last: i64,
    ) -> rusqlite::Result<Option<i64>> {
        while self.ids.front().is_some_and(|&id| id <= last) {
            self.ids.pop_front();
        }
        if self.ids.is_empty() && !self.done {
            self.ids = match self.of {
                Some((destination, state)) => of_state
                    .get()?
                    .query_map((destination, state.as_str(), last, PAGE as i64), |row| {
                        row.get(0)
                    })?
                    .collect::<Result<_, _>>()?,
                None => flying
                    .get()?
                    .query_map((last, PAGE as i64), |row| row.get(0))?
                    .collect::<Result<_, _>>()?,
            };
            self.done = self.ids.is_empty();
        }
        Ok(self.ids.front().copied())
    }
}

/// The answer of [`Ledger::leads`].
pub struct Leads<'a> {
    ledger: &'a Ledger,
    by_id: ById<'a>,
    of_state: Prepared<'a>,
    flying: Prepared<'a>,
    scan: Option<Prepared<'a>>,
    filter: Filter,
    ids: VecDeque<i64>,
    cursors: Vec<Cursor>,
    page: VecDeque<StoredLead>,
    last: i64,
    done: bool,
}

impl Iterator for Leads<'_> {
    type Item = Result<StoredLead, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.find();
        self.ledger.named(found).transpose()
    }
}

impl Leads<'_> {
    fn find(&mut self) -> rusqlite::Result<Option<StoredLead>> {
        if self.filter.ids.is_empty() && self.filter.states.is_empty() {
            return self.scan();
        }
        while let Some(id) = self.next_id()? {
            self.last = id;
            if let Some(lead) = self.by_id.lead(id)?
                && self.filter.passes(&lead)
            {
                return Ok(Some(lead));
            }
        }
        Ok(None)
    }

    fn next_id(&mut self) -> rusqlite::Result<Option<i64>> {
        if !self.filter.ids.is_empty() {
            return Ok(self.ids.pop_front());
        }
        let mut least = None;
        for cursor in &mut self.cursors {
            let id = cursor.peek(&mut self.of_state, &mut self.flying, self.last)?;
            least = [least, id].into_iter().flatten().min();
        }
        Ok(least)
    }

    fn scan(&mut self) -> rusqlite::Result<Option<StoredLead>> {
        if self.page.is_empty() && !self.done {
            let (conditions, values) = self.filter.conditions(self.last);
            // The same conditions every time, with other values.
            let scan = self.scan.get_or_insert_with(|| {
                let text = format!(
                    "SELECT {COLUMNS} FROM {FROM} WHERE {conditions} ORDER BY leads.id LIMIT {PAGE}"
                );
                Prepared::new(&self.ledger.conn, text)
            });
            self.page = scan
                .get()?
                .query_map(params_from_iter(values), read)?
                .collect::<Result<_, _>>()?;
            self.done = self.page.len() < PAGE;
        }
        let lead = self.page.pop_front();
        if let Some(lead) = &lead {
            self.last = lead.id;
        }
        Ok(lead)
    }
}

impl Filter {
    /// The same as [`Filter::conditions`], for a lead found by its id.
    fn passes(&self, lead: &StoredLead) -> bool {
        let at = lead.sent_at.unwrap_or(lead.read_at);
        let person = |hash: Option<Hash16>| hash.is_some_and(|hash| self.persons.contains(&hash));
        (self.states.is_empty() || self.states.contains(&lead.state))
            && self
                .destination
                .as_ref()
                .is_none_or(|name| *name == lead.destination)
            && self.since.is_none_or(|since| at >= since)
            && self.until.is_none_or(|until| at < until)
            && (self.persons.is_empty() || person(lead.email) || person(lead.phone))
    }

    fn conditions(&self, after: i64) -> (String, Vec<Value>) {
        let mut conditions = String::from("leads.id > ?");
        let mut values = vec![Value::Integer(after)];
        let mut add = |condition: &str, value: Value| {
            conditions.push_str(" AND ");
            conditions.push_str(condition);
            values.push(value);
        };
        if let Some(name) = &self.destination {
            add("destinations.name = ?", Value::Text(name.clone()));
        }
        if let Some(since) = self.since {
            add(&format!("{AT} >= ?"), Value::Integer(since));
        }
        if let Some(until) = self.until {
            add(&format!("{AT} < ?"), Value::Integer(until));
        }
        if !self.persons.is_empty() {
            let marks = vec!["?"; self.persons.len()].join(", ");
            conditions.push_str(&format!(" AND (email IN ({marks}) OR phone IN ({marks}))"));
            for _ in 0..2 {
                values.extend(self.persons.iter().map(|hash| Value::Blob(hash.0.to_vec())));
            }
        }
        (conditions, values)
    }
}
