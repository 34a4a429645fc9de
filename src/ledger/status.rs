//! What a morning starts with: each destination's leads by state.

use rusqlite::{Transaction, TransactionBehavior};

use super::{Holder, KeyKind, Ledger, LedgerError, lead};
use crate::lead::State;

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
    /// How many of those that are in doubt, failed or unsent are changes of
    /// contacts, by state.
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
        self.counts
            .iter()
            .find(|found| found.state == state)
            .map_or(0, |found| found.count)
    }

    /// Changes of contacts, which no send makes: in doubt, failed or unsent.
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
        // All of it as it is at one moment: a lead that settles meanwhile is
        // counted once.
        let moment = Transaction::new_unchecked(&self.conn, TransactionBehavior::Deferred);
        let _moment = self.named(moment)?;
        let found: rusqlite::Result<Vec<(i64, String, _, _)>> = self
            .conn
            .prepare("SELECT id, name, last_success, doubts FROM destinations ORDER BY name")
            .and_then(|mut found| {
                found
                    .query_map([], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                    })?
                    .collect()
            });
        let mut all = Vec::new();
        for (id, destination, last_success, doubts) in self.named(found)? {
            let held = self.held(&destination)?;
            all.push(DestinationStatus {
                counts: self.named(self.counts(id))?,
                changes: self.named(self.changes(id))?,
                being_sent: self.named(self.leads_being_sent(id))?,
                destination,
                last_success,
                doubts,
                held,
            });
        }
        Ok(all)
    }

    fn counts(&self, destination: i64) -> rusqlite::Result<Vec<StateCount>> {
        let mut counts = self.settled(destination)?;
        let (count, since) = self.being_sent(destination)?;
        if let Some(since) = since {
            let doubts = counts
                .iter_mut()
                .find(|found| found.state == State::InDoubt);
            match doubts {
                Some(doubts) => {
                    doubts.count += count;
                    doubts.oldest = doubts.oldest.min(since);
                }
                None => counts.push(StateCount {
                    state: State::InDoubt,
                    count,
                    oldest: since,
                }),
            }
        }
        counts.sort_by_key(|found| found.state);
        Ok(counts)
    }

    /// How many leads are on their way, and since when.
    fn being_sent(&self, destination: i64) -> rusqlite::Result<(u64, Option<i64>)> {
        self.conn
            .prepare(
                "SELECT count(*), min(started_at) FROM flights CROSS JOIN leads ON leads.id = flights.lead
                 WHERE sends AND destination = ?1",
            )?
            .query_row([destination], |row| {
                Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))
            })
    }

    fn leads_being_sent(&self, destination: i64) -> rusqlite::Result<u64> {
        self.conn
            .prepare(
                "SELECT count(*) FROM flights CROSS JOIN leads ON leads.id = flights.lead
                 WHERE sends AND destination = ?1 AND key_kind <> ?2",
            )?
            .query_row((destination, KeyKind::Amendment.as_str()), |row| {
                Ok(row.get::<_, i64>(0)?.unsigned_abs())
            })
    }

    /// Is any lead of a destination in doubt, and not only on its way?
    pub fn has_doubts(&self, destination: &str) -> Result<bool, LedgerError> {
        let any = self.conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM leads
               WHERE destination = (SELECT id FROM destinations WHERE name = ?1)
                 AND state = 'in_doubt' AND id NOT IN (SELECT lead FROM flights WHERE sends))",
            [destination],
            |row| row.get(0),
        );
        self.named(any)
    }

    /// The changes of contacts among what is open; nothing else is looked at,
    /// for the settled leads are many.
    fn changes(&self, destination: i64) -> rusqlite::Result<Vec<(State, u64)>> {
        self.conn
            .prepare(
                "SELECT iif(id IN (SELECT lead FROM flights WHERE sends), 'in_doubt', state) AS now, count(*)
                 FROM leads WHERE destination = ?1 AND state IN ('in_doubt', 'failed', 'unsent')
                   AND key_kind = ?2
                 GROUP BY now",
            )?
            .query_map((destination, KeyKind::Amendment.as_str()), |row| {
                Ok((lead::state_at(row, 0)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })?
            .collect()
    }

    /// The leads that are not on their way.
    fn settled(&self, destination: i64) -> rusqlite::Result<Vec<StateCount>> {
        self.conn
            .prepare(
                "SELECT first.state, first.count, coalesce(sent_at, read_at) FROM
                   (SELECT state, count(*) AS count, min(id) AS id FROM leads
                    WHERE destination = ?1 AND id NOT IN (SELECT lead FROM flights WHERE sends)
                    GROUP BY state) AS first
                 JOIN leads ON leads.id = first.id",
            )?
            .query_map([destination], |row| {
                Ok(StateCount {
                    state: lead::state_at(row, 0)?,
                    count: row.get::<_, i64>(1)?.unsigned_abs(),
                    oldest: row.get(2)?,
                })
            })?
            .collect()
    }
}
