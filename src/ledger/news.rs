//! What is new since somebody was notified last: leads in a state that a person
//! must look at, and runs that stopped. What was posted is marked afterwards, so that
//! whatever a kill or a dead receiver kept back is news still.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::destination::make_known;
use super::{Ledger, LedgerError};
use crate::lead::State;

/// Why a run stopped, or could not begin; without a word of anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStop {
    NotBegun,
    Wrong,
    Unreachable,
    Quota,
    Doubts,
    Refusals,
    Ledger,
}

/// Leads of a destination that came into a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadNews {
    pub destination: String,
    pub state: State,
    /// The ledger's numbers.
    pub ids: Vec<i64>,
}

/// All that nobody was notified of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    pub leads: Vec<LeadNews>,
    pub stops: Vec<(String, RunStop)>,
}

impl News {
    pub fn is_empty(&self) -> bool {
        self.leads.is_empty() && self.stops.is_empty()
    }
}

impl Ledger {
    /// What is new at this destination, or at all. What a run has in hand is that run's
    /// to tell; that a lead which failed was not tried again is nothing new.
    pub fn news(&self, destination: Option<&str>) -> Result<News, LedgerError> {
        self.read(|conn| {
            Ok(News {
                leads: leads(conn, destination)?,
                stops: conn
                    .prepare(
                        "SELECT name, stop FROM destinations
                         WHERE stop IS NOT NULL AND stop IS NOT stop_posted AND name = coalesce(?1, name)
                         ORDER BY name",
                    )?
                    .query_map([destination], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect::<Result<_, _>>()?,
            })
        })
    }

    /// Somebody was notified of all this.
    pub fn mark_posted(&self, news: &News) -> Result<(), LedgerError> {
        if news.is_empty() {
            return Ok(());
        }
        self.write(|conn| {
            let mut lead = conn.prepare("UPDATE leads SET posted = ?2 WHERE id = ?1")?;
            for found in &news.leads {
                for id in &found.ids {
                    lead.execute(params![id, found.state])?;
                }
            }
            let stop = "UPDATE destinations SET stop_posted = ?2 WHERE name = ?1";
            for (destination, stopped) in &news.stops {
                conn.execute(stop, params![destination, stopped])?;
            }
            Ok(())
        })
    }

    /// How the last run to this destination stopped, if it did.
    pub fn stop_of(&self, destination: &str) -> Result<Option<RunStop>, LedgerError> {
        let query = "SELECT stop FROM destinations WHERE name = ?1";
        let stop = self.read(|conn| {
            let found = conn.query_row(query, [destination], |row| row.get(0));
            found.optional()
        })?;
        Ok(stop.flatten())
    }

    /// How the last run to this destination stopped, if it did.
    pub fn set_stop(&self, destination: &str, stop: Option<RunStop>) -> Result<(), LedgerError> {
        self.write(|conn| {
            let destination = make_known(conn, destination)?;
            let update = "UPDATE destinations SET stop = ?2 WHERE id = ?1 AND stop IS NOT ?2";
            conn.execute(update, params![destination, stop]).map(drop)
        })
    }
}

fn leads(conn: &Connection, destination: Option<&str>) -> rusqlite::Result<Vec<LeadNews>> {
    let states = State::ALL.into_iter().filter(|it| it.needs_a_person());
    let states: Vec<String> = states.map(|state| format!("'{state}'")).collect();
    let query = format!(
        "SELECT name, leads.state, leads.id FROM leads
           JOIN destinations ON destinations.id = destination
         WHERE destination IN (SELECT id FROM destinations WHERE name = coalesce(?1, name))
           AND leads.state IN ({}) AND leads.state IS NOT posted AND NOT is_change
           AND NOT passed_on
           AND NOT (leads.state = 'unsent' AND posted IS 'failed')
           AND NOT EXISTS (SELECT 1 FROM attempts WHERE lead = leads.id AND ended_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM runs
             WHERE runs.id = leads.run AND holds AND ended_at IS NULL)
         ORDER BY name, leads.state, leads.id",
        states.join(", ")
    );
    let mut statement = conn.prepare(&query)?;
    let mut rows = statement.query([destination])?;
    let mut found: Vec<LeadNews> = Vec::new();
    while let Some(row) = rows.next()? {
        let (destination, state, id) = (row.get(0)?, row.get(1)?, row.get(2)?);
        match found.last_mut() {
            Some(last) if last.destination == destination && last.state == state => {
                last.ids.push(id);
            }
            _ => found.push(LeadNews {
                destination,
                state,
                ids: vec![id],
            }),
        }
    }
    Ok(found)
}

impl ToSql for RunStop {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let json = serde_json::to_string(self);
        let json = json.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        Ok(ToSqlOutput::from(json))
    }
}

impl FromSql for RunStop {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map_err(|_| FromSqlError::InvalidType)
    }
}
