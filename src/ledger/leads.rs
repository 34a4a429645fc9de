//! Many leads in the order of their ids, without holding them all.

use std::collections::VecDeque;

use rusqlite::{Connection, params_from_iter, types::Value};

use super::lead::{ById, COLUMNS, FROM, StoredLead, read};
use super::statements::Prepared;
use super::{Hash16, Ledger, LedgerError};
use crate::lead::State;

/// Leads read at a time.
const PAGE: usize = 256;

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

/// When a lead was last sent, or read if it never was.
const AT: &str = "coalesce(iif(sends, started_at, NULL), sent_at, read_at)";

impl Ledger {
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
