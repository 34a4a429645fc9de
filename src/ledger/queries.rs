//! What is asked of a ledger as a whole: its leads by a filter, each
//! destination's leads by state, whose a partner's references are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params_from_iter};

use super::shared::{self, SharedReference};
use super::{Holder, Ledger, LedgerError, StoredLead};
use crate::lead::State;

/// Which leads. Empty lists and `None` mean all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub destination: Option<String>,
    /// The route by which they were offered.
    pub route: Option<String>,
    pub states: Vec<State>,
    pub ids: Vec<i64>,
    /// Sent (or read, if never sent) at or after, milliseconds UTC.
    pub since: Option<i64>,
    /// Sent (or read, if never sent) before, milliseconds UTC.
    pub until: Option<i64>,
    /// By when they were sent or read, the latest first; else by their numbers.
    pub newest_first: bool,
}

impl Filter {
    /// The numbers of the leads that pass, in their order.
    pub(super) fn ids(&self, conn: &Connection) -> rusqlite::Result<Vec<i64>> {
        let (conditions, values) = self.conditions();
        let order = match self.newest_first {
            true => "coalesce(sent_at, read_at) DESC, id DESC",
            false => "id",
        };
        conn.prepare(&format!(
            "SELECT id FROM leads WHERE {conditions} ORDER BY {order}"
        ))?
        .query_map(params_from_iter(values), |row| row.get(0))?
        .collect()
    }

    /// The conditions, and the values that they ask for.
    fn conditions(&self) -> (String, Vec<Value>) {
        let mut all = vec!["TRUE".to_owned()];
        let mut values = Vec::new();
        let marks = |count: usize| vec!["?"; count].join(", ");
        if let Some(name) = &self.destination {
            all.push("destination = (SELECT id FROM destinations WHERE name = ?)".to_owned());
            values.push(Value::Text(name.clone()));
        }
        if let Some(route) = &self.route {
            all.push("route = ?".to_owned());
            values.push(Value::Text(route.clone()));
        }
        if !self.states.is_empty() {
            // By the index on both, whichever destinations are meant.
            let of_states = "destination IN (SELECT id FROM destinations) AND state IN";
            all.push(format!("{of_states} ({})", marks(self.states.len())));
            let words = self.states.iter().map(|state| state.as_str().to_owned());
            values.extend(words.map(Value::Text));
        }
        if !self.ids.is_empty() {
            // However many: SQLite takes 32,766 values at most.
            all.push("id IN (SELECT value FROM json_each(?))".to_owned());
            values.push(Value::Text(serde_json::json!(self.ids).to_string()));
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

impl Leads<'_> {
    /// How many there still are, unless some change meanwhile.
    pub fn at_most(&self) -> u64 {
        self.ids.len() as u64
    }
}

impl Iterator for Leads<'_> {
    type Item = Result<StoredLead, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let found = self.ledger.lead(self.ids.next()?).transpose();
            match found {
                // It changed since, or is gone.
                Some(Ok(lead)) if !self.states.is_empty() && !self.states.contains(&lead.state) => {
                }
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
    /// How many of them are changes of contacts, which no send makes.
    pub changes: u64,
    /// When the first of them was sent (or read, if never sent), milliseconds UTC.
    pub oldest: i64,
}

/// One destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationStatus {
    pub destination: String,
    /// States that some lead is in, in the order of [`State::ALL`].
    pub counts: Vec<StateCount>,
    /// How many of the leads in doubt are only on their way now: that is known
    /// when their run has an answer.
    pub being_sent: u64,
    /// When a partner last took a lead, milliseconds UTC.
    pub last_success: Option<i64>,
    /// Doubts in a row.
    pub doubts: u32,
    /// A partner's number that leads of several persons have.
    pub shared: Option<SharedReference>,
    /// The run that has it now.
    pub held: Option<Holder>,
}

impl DestinationStatus {
    fn of<T: Default>(&self, state: State, figure: impl Fn(&StateCount) -> T) -> T {
        let found = self.counts.iter().find(|found| found.state == state);
        found.map(figure).unwrap_or_default()
    }

    pub fn count(&self, state: State) -> u64 {
        self.of(state, |found| found.count)
    }

    /// Changes of contacts.
    pub fn changes(&self, state: State) -> u64 {
        self.of(state, |found| found.changes)
    }

    /// All but the changes of contacts.
    pub fn leads(&self, state: State) -> u64 {
        self.of(state, |found| found.count - found.changes)
    }
}

impl Ledger {
    /// The leads that pass the filter, by id. A lead that changes while they are
    /// read is given as it is when its turn comes.
    pub fn leads(&self, filter: Filter) -> Result<Leads<'_>, LedgerError> {
        Ok(Leads {
            ledger: self,
            ids: self.read(|conn| filter.ids(conn))?.into_iter(),
            states: filter.states,
        })
    }

    /// How many leads a destination held, to be sent first.
    pub fn count_held(&self, destination: &str) -> Result<u64, LedgerError> {
        let filter = Filter {
            destination: Some(destination.to_owned()),
            states: vec![State::Held],
            ..Filter::default()
        };
        Ok(self.read(|conn| filter.ids(conn))?.len() as u64)
    }

    /// Every destination that the ledger knows, by name.
    pub fn status(&self) -> Result<Vec<DestinationStatus>, LedgerError> {
        let mut all: Vec<DestinationStatus> = self.read(|conn| {
            // All of it as it is at one moment: a lead that settles meanwhile is
            // counted once.
            let _moment = Transaction::new_unchecked(conn, TransactionBehavior::Deferred)?;
            conn.prepare(
                "SELECT id, name, last_success, doubts,
                   (SELECT count(*) FROM attempts CROSS JOIN leads ON leads.id = lead
                    WHERE ended_at IS NULL AND destination = destinations.id
                      AND leads.state = 'in_doubt' AND trigger NOT IN ('follow', 'find')
                      AND NOT is_change)
                 FROM destinations ORDER BY name",
            )?
            .query_map([], |row| {
                Ok(DestinationStatus {
                    counts: counts(conn, row.get(0)?)?,
                    shared: shared::of_destination(conn, row.get(0)?)?,
                    destination: row.get(1)?,
                    last_success: row.get(2)?,
                    doubts: row.get(3)?,
                    being_sent: row.get::<_, i64>(4)?.unsigned_abs(),
                    held: None,
                })
            })?
            .collect()
        })?;
        for status in &mut all {
            status.held = Holder::of(self.path(), &status.destination)?;
        }
        Ok(all)
    }

    /// How many leads of each destination are in these states and were sent (or read, if
    /// invalid) since a moment, milliseconds UTC. What was sent by other means is none.
    pub fn count_since(
        &self,
        since: i64,
        is_meant: fn(State) -> bool,
    ) -> Result<BTreeMap<String, u64>, LedgerError> {
        let states = State::ALL.into_iter().filter(|state| is_meant(*state));
        let states: Vec<_> = states.map(|state| format!("'{state}'")).collect();
        let query = format!(
            "SELECT name, count(*) FROM leads JOIN destinations ON destinations.id = destination
             WHERE coalesce(sent_at, read_at) >= ?1 AND NOT is_change AND NOT passed_on
               AND (sent_at NOT NULL OR state = 'invalid') AND state IN ({})
             GROUP BY name",
            states.join(", ")
        );
        self.read(|conn| {
            let mut statement = conn.prepare(&query)?;
            let counts = statement.query_map([since], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })?;
            counts.collect()
        })
    }

    /// Is any lead of a destination in doubt, and not only on its way?
    pub fn has_doubts(&self, destination: &str) -> Result<bool, LedgerError> {
        let mut doubts = self.leads(Filter {
            destination: Some(destination.to_owned()),
            states: vec![State::InDoubt],
            ..Filter::default()
        })?;
        // One that can't be read may be one.
        Ok(doubts.any(|lead| !lead.is_ok_and(|lead| lead.in_flight())))
    }

    /// The lead of these destinations that holds a partner's reference (the
    /// latest, if several do).
    pub fn with_reference(
        &self,
        destinations: &[&str],
        reference: &str,
    ) -> Result<Option<i64>, LedgerError> {
        let mut latest = None;
        for destination in destinations {
            let found: Option<i64> = self.read(|conn| {
                conn.prepare_cached(
                    "SELECT max(id) FROM leads WHERE reference = ?2
                       AND destination = (SELECT id FROM destinations WHERE name = ?1)",
                )?
                .query_row((destination, reference), |row| row.get(0))
            })?;
            latest = latest.max(found);
        }
        Ok(latest)
    }

    /// Remembers a file with leads in it that leadctl writes beside the ledger.
    pub(super) fn remember(&self, file: &Path) -> Result<(), LedgerError> {
        let statement = "INSERT OR IGNORE INTO meta (name, value) VALUES (?1, '')";
        self.read(|conn| {
            conn.execute(statement, [FileKind::Persons.name(file)])
                .map(drop)
        })
    }

    /// The files with leads in them that leadctl wrote, or began to write, such as
    /// backups.
    pub fn files_written(&self) -> Result<Vec<PathBuf>, LedgerError> {
        let names: Vec<String> = self.read(|conn| {
            conn.prepare("SELECT name FROM meta WHERE name GLOB 'file *' ORDER BY name")?
                .query_map([], |row| row.get(0))?
                .collect()
        })?;
        let paths = names.iter().filter_map(|name| name.strip_prefix("file "));
        Ok(paths.map(PathBuf::from).collect())
    }

    /// The mark that was kept of a file that leadctl wrote: by it, it knows whether
    /// somebody changed that since.
    pub fn mark_of(&self, kind: FileKind, file: &Path) -> Result<Option<Vec<u8>>, LedgerError> {
        self.read(|conn| {
            let query = "SELECT value FROM meta WHERE name = ?1";
            conn.query_row(query, [kind.name(file)], |row| row.get(0))
                .optional()
        })
    }

    /// Keeps a file's mark in place of an earlier one.
    pub fn keep_mark(&self, kind: FileKind, file: &Path, mark: &[u8]) -> Result<(), LedgerError> {
        let statement = "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)";
        self.read(|conn| conn.execute(statement, (kind.name(file), mark)))?;
        Ok(())
    }
}

fn counts(conn: &Connection, destination: i64) -> rusqlite::Result<Vec<StateCount>> {
    let mut counts: Vec<StateCount> = conn
        .prepare_cached(
            "SELECT grouped.state, number, changes, coalesce(sent_at, read_at) FROM
               (SELECT state, count(*) AS number, sum(is_change) AS changes, min(id) AS first
                FROM leads WHERE destination = ?1 GROUP BY state) AS grouped
             JOIN leads ON leads.id = first",
        )?
        .query_map([destination], |row| {
            Ok(StateCount {
                state: row.get(0)?,
                count: row.get::<_, i64>(1)?.unsigned_abs(),
                changes: row.get::<_, i64>(2)?.unsigned_abs(),
                oldest: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    counts.sort_by_key(|found| found.state);
    Ok(counts)
}

/// What is in a file that leadctl wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Somebody's data, which a purge does not reach there.
    Persons,
    Figures,
}

impl FileKind {
    /// What its mark is kept under.
    fn name(self, file: &Path) -> String {
        match self {
            Self::Persons => format!("file {}", file.display()),
            Self::Figures => format!("figures {}", file.display()),
        }
    }
}
