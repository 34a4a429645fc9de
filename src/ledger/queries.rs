//! What is asked of a ledger as a whole: its leads by a filter, each
//! destination's leads by state, whose a partner's references are.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{
    Connection, OptionalExtension, Transaction, TransactionBehavior, params, params_from_iter,
};

use super::dedup::destination_id;
use super::{Hash16, Holder, KeyKind, Ledger, LedgerError, StoredLead};
use crate::lead::State;

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

/// The leads of one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateCount {
    pub state: State,
    pub count: u64,
    /// When the first of them was sent (or read, if never sent), milliseconds UTC.
    pub oldest: i64,
}

/// One destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationStatus {
    pub destination: String,
    /// States that some lead is in, in the order of [`State::ALL`].
    pub counts: Vec<StateCount>,
    /// How many of those are changes of contacts, by state.
    pub changes: Vec<(State, u64)>,
    /// How many of the leads in doubt are only on their way now: that is known
    /// when their run has an answer.
    pub being_sent: u64,
    /// When a partner last took a lead, milliseconds UTC.
    pub last_success: Option<i64>,
    /// Doubts in a row.
    pub doubts: u32,
    /// The run that has it now.
    pub held: Option<Holder>,
}

impl DestinationStatus {
    pub fn count(&self, state: State) -> u64 {
        let found = self.counts.iter().find(|found| found.state == state);
        found.map_or(0, |found| found.count)
    }

    /// Changes of contacts, which no send makes.
    pub fn changes(&self, state: State) -> u64 {
        let found = self.changes.iter().find(|(found, _)| *found == state);
        found.map_or(0, |(_, count)| *count)
    }

    /// All but the changes of contacts.
    pub fn leads(&self, state: State) -> u64 {
        self.count(state).saturating_sub(self.changes(state))
    }
}

impl Ledger {
    /// Every destination that the ledger knows, by name.
    pub fn status(&self) -> Result<Vec<DestinationStatus>, LedgerError> {
        let mut all: Vec<DestinationStatus> = self.read(|conn| {
            // All of it as it is at one moment: a lead that settles meanwhile is
            // counted once.
            let _moment = Transaction::new_unchecked(conn, TransactionBehavior::Deferred)?;
            let ids: Vec<i64> = conn
                .prepare("SELECT id FROM destinations ORDER BY name")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            ids.into_iter().map(|id| status(conn, id)).collect()
        })?;
        for status in &mut all {
            status.held = Holder::of(self.path(), &status.destination)?;
        }
        Ok(all)
    }

    /// Is any lead of a destination in doubt, and not only on its way?
    pub fn has_doubts(&self, destination: &str) -> Result<bool, LedgerError> {
        self.read(|conn| {
            conn.query_row(
                "SELECT EXISTS (SELECT 1 FROM leads
                   WHERE destination = (SELECT id FROM destinations WHERE name = ?1)
                     AND state = 'in_doubt' AND id NOT IN
                       (SELECT lead FROM attempts WHERE ended_at IS NULL))",
                [destination],
                |row| row.get(0),
            )
        })
    }

    /// Is anything stored for the destination?
    pub fn has_leads(&self, destination: &str) -> Result<bool, LedgerError> {
        self.read(|conn| {
            conn.query_row(
                "SELECT EXISTS (SELECT 1 FROM leads
                   WHERE destination = (SELECT id FROM destinations WHERE name = ?1))",
                [destination],
                |row| row.get(0),
            )
        })
    }
}

fn status(conn: &Connection, id: i64) -> rusqlite::Result<DestinationStatus> {
    let (destination, last_success, doubts) = conn.query_row(
        "SELECT name, last_success, doubts FROM destinations WHERE id = ?1",
        [id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let being_sent: i64 = conn.query_row(
        "SELECT count(*) FROM attempts CROSS JOIN leads ON leads.id = lead
         WHERE ended_at IS NULL AND destination = ?1 AND leads.state = 'in_doubt'
           AND trigger NOT IN ('follow', 'find') AND key_kind <> ?2",
        params![id, KeyKind::Amendment.as_str()],
        |row| row.get(0),
    )?;
    let mut counts: Vec<StateCount> = Vec::new();
    let mut changes: Vec<(State, u64)> = Vec::new();
    let mut found = conn.prepare(
        "SELECT groups.state, changes, count, coalesce(sent_at, read_at) FROM
           (SELECT state, key_kind = ?2 AS changes, count(*) AS count, min(id) AS first FROM leads
            WHERE destination = ?1 GROUP BY state, key_kind = ?2) AS groups
         JOIN leads ON leads.id = first",
    )?;
    let mut rows = found.query(params![id, KeyKind::Amendment.as_str()])?;
    while let Some(row) = rows.next()? {
        let (state, oldest) = (row.get(0)?, row.get(3)?);
        let count = row.get::<_, i64>(2)?.unsigned_abs();
        if row.get(1)? {
            changes.push((state, count));
        }
        match counts.iter_mut().find(|known| known.state == state) {
            Some(known) => {
                known.count += count;
                known.oldest = known.oldest.min(oldest);
            }
            None => counts.push(StateCount {
                state,
                count,
                oldest,
            }),
        }
    }
    counts.sort_by_key(|found| found.state);
    Ok(DestinationStatus {
        destination,
        counts,
        changes,
        being_sent: being_sent.unsigned_abs(),
        last_success,
        doubts,
        held: None,
    })
}

/// Which of a partner's references are ours.
pub struct References<'l> {
    ledger: &'l Ledger,
    destinations: Vec<i64>,
}

impl Ledger {
    /// The references of these destinations.
    pub fn references(&self, destinations: &[&str]) -> Result<References<'_>, LedgerError> {
        let ids = destinations
            .iter()
            .map(|name| self.read(|conn| destination_id(conn, name)));
        let ids: Vec<Option<i64>> = ids.collect::<Result<_, _>>()?;
        Ok(References {
            ledger: self,
            destinations: ids.into_iter().flatten().collect(),
        })
    }
}

impl References<'_> {
    /// The lead that holds the reference (the latest, if several do).
    pub fn find(&mut self, reference: &str) -> Result<Option<i64>, LedgerError> {
        let mut latest = None;
        for destination in &self.destinations {
            let found: Option<i64> = self.ledger.read(|conn| {
                conn.prepare_cached(
                    "SELECT max(id) FROM leads WHERE destination = ?1 AND reference = ?2",
                )?
                .query_row((destination, reference), |row| row.get(0))
            })?;
            latest = latest.max(found);
        }
        Ok(latest)
    }
}

/// Marks of files that leadctl wrote: by them it knows whether somebody changed
/// one since.
impl Ledger {
    /// The mark that was kept of a file.
    pub fn mark_of(&self, file: &Path) -> Result<Option<Vec<u8>>, LedgerError> {
        self.read(|conn| {
            let query = "SELECT value FROM meta WHERE name = ?1";
            conn.query_row(query, [mark_name(file)], |row| row.get(0))
                .optional()
        })
    }

    /// Keeps a file's mark in place of an earlier one.
    pub fn keep_mark(&self, file: &Path, mark: &[u8]) -> Result<(), LedgerError> {
        let statement = "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)";
        self.read(|conn| conn.execute(statement, (mark_name(file), mark)))?;
        Ok(())
    }
}

fn mark_name(file: &Path) -> String {
    format!("file {}", file.display())
}
