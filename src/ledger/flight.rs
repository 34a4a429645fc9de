//! Attempts that have begun and whose outcome is not recorded yet. On disk they
//! are the few rows of `flights`; the writer remembers its own here, so that to
//! end one needs no look at what began it.

use std::collections::HashMap;

use super::attempt::Trigger;
use super::clock::clock;
use super::{Hash16, LedgerError, Settlement};
use crate::lead::State;

/// One attempt on its way.
#[derive(Debug, Clone)]
pub struct Flight {
    pub lead: i64,
    /// The run that makes it, and its number there.
    pub run: i64,
    pub number: i64,
    pub trigger: Trigger,
    /// The lead's state before it.
    pub was: State,
    /// Milliseconds UTC.
    pub started_at: i64,
    pub payload: Option<Hash16>,
    /// A person's reason.
    pub reason: Option<String>,
    /// The state of the lead that was told last.
    pub notified: Option<State>,
}

/// The attempts of one run that are on their way, by lead.
#[derive(Debug)]
pub struct Flights {
    run: i64,
    begun: i64,
    open: HashMap<i64, Flight>,
}

/// What a transaction changes of the flights, once it is on disk.
#[derive(Debug)]
pub enum Change {
    Begun(Flight),
    /// The lead's attempt is over.
    Over(i64),
    /// The present state of this lead was told.
    Told(i64),
}

impl Flights {
    pub fn of(run: i64) -> Self {
        Self {
            run,
            begun: 0,
            open: HashMap::new(),
        }
    }

    /// The run, and a number that none of its attempts had yet.
    pub fn next(&mut self) -> (i64, i64) {
        self.begun += 1;
        (self.run, self.begun)
    }

    /// The attempt that `end` is about, if it is on its way.
    pub fn of_settlement(&self, end: &Settlement) -> Result<&Flight, LedgerError> {
        let flight = self.open.get(&end.lead);
        flight
            .filter(|flight| flight.number == end.attempt)
            .ok_or_else(|| not_open(end))
    }

    pub fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Begun(flight) => drop(self.open.insert(flight.lead, flight)),
                Change::Over(lead) => drop(self.open.remove(&lead)),
                Change::Told(lead) => {
                    if let Some(flight) = self.open.get_mut(&lead) {
                        flight.notified = Some(flight.was);
                    }
                }
            }
        }
    }
}

/// What is to be said of a lead while it is sent.
pub fn being_sent(started_at: i64) -> String {
    format!(
        "being sent since {}; its answer is not recorded yet",
        clock(started_at)
    )
}

pub fn not_open(end: &Settlement) -> LedgerError {
    LedgerError::refused(format!(
        "attempt {} of lead {} is not open: its outcome could not be recorded",
        end.attempt, end.lead
    ))
}
