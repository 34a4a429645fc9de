//! The places of a destination: where it has a lead, or may have it, one is taken. A
//! cap says how many there are, and of a group's destinations one has a person. Asked in
//! the very transaction that claims a lead: no two processes take one place.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::destination::number_of;
use super::lead::{self, StoredLead};
use super::note::{LedgerNote, Rival};
use super::{Hash16, Ledger, LedgerError, locks};
use crate::lead::{FilterReason, Hold, Kept, Limit, State};

/// Why a lead is not sent when its turn comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptBack {
    /// Its destination takes none now.
    Held(Hold),
    /// Another destination of the group has its person.
    Out(Rival),
}

impl KeptBack {
    /// What becomes of a lead that no partner has.
    pub fn state(&self) -> State {
        match self {
            Self::Held(_) => State::Held,
            Self::Out(_) => State::Filtered,
        }
    }

    pub fn reason(&self) -> Kept {
        match self {
            Self::Held(hold) => Kept::Held(hold.reason),
            Self::Out(_) => Kept::Filtered(FilterReason::Exclusive),
        }
    }

    /// Why, in words.
    pub fn why(&self) -> String {
        match self {
            Self::Held(hold) => hold.why(),
            Self::Out(rival) => rival.words(),
        }
    }

    /// As it is kept with the lead.
    pub fn note(&self) -> LedgerNote {
        match self {
            Self::Held(hold) => LedgerNote::Held(*hold),
            Self::Out(rival) => LedgerNote::KeptOut(rival.clone()),
        }
    }
}

/// The leads of a destination that take a place, in the words of the index over them.
macro_rules! placed {
    ($rest:literal) => {
        concat!(
            "SELECT count(*) FROM leads WHERE destination = ?1 AND NOT is_change AND state IN \
             ('delivered', 'pending', 'approved', 'expired', 'duplicate', 'in_doubt') ",
            $rest
        )
    };
}

/// Why no more leads are sent: of several caps the one that lasts longest. `lead`: its
/// own place, if it has one, is none that another takes.
pub fn beyond(
    conn: &Connection,
    destination: i64,
    limits: &[Limit],
    lead: i64,
) -> rusqlite::Result<Option<Hold>> {
    let mut holds = Vec::new();
    for limit in limits {
        if taken(conn, destination, limit.since, lead)? >= i64::from(limit.count) {
            holds.push(limit.hold);
        }
    }
    let longest = holds.into_iter();
    Ok(longest.max_by_key(|hold| (hold.until.is_none(), hold.until)))
}

/// Leads that were sent since then and take a place. Of those that a purge forgot, no
/// moment is known: they count in all.
fn taken(
    conn: &Connection,
    destination: i64,
    since: Option<i64>,
    lead: i64,
) -> rusqlite::Result<i64> {
    let since_then = placed!("AND sent_at >= ?2 AND id <> ?3");
    let in_all = placed!(
        "AND sent_at >= ?2 AND id <> ?3 UNION ALL SELECT count(*) FROM forgotten
         WHERE destination = ?1 AND state IN
           ('delivered', 'pending', 'approved', 'expired', 'duplicate', 'in_doubt')"
    );
    let query = since.map_or(in_all, |_| since_then);
    let mut statement = conn.prepare_cached(query)?;
    let counts = statement.query_map(
        params![destination, since.unwrap_or(i64::MIN), lead],
        |row| row.get::<_, i64>(0),
    )?;
    counts.sum()
}

/// Is this run sending another lead at this moment? Its place may be free again soon.
pub fn is_sending(conn: &Connection, run: i64, lead: i64) -> rusqlite::Result<bool> {
    let open = "SELECT EXISTS (SELECT 1 FROM attempts
      WHERE ended_at IS NULL AND run = ?1 AND lead <> ?2)";
    conn.prepare_cached(open)?
        .query_row([run, lead], |row| row.get(0))
}

/// The lead by which one of the `rivals` has the person with these addresses and numbers,
/// or may have them. From where a route went on it is held no more.
pub fn rival(
    conn: &Connection,
    contacts: impl Iterator<Item = Hash16>,
    rivals: &[String],
) -> rusqlite::Result<Option<StoredLead>> {
    let contacts: Vec<Value> = contacts.map(|it| Value::Blob(it.to_vec())).collect();
    if rivals.is_empty() || contacts.is_empty() {
        return Ok(None);
    }
    let marks = |count| vec!["?"; count].join(", ");
    let (persons, names) = (marks(contacts.len()), marks(rivals.len()));
    let which = format!(
        "(email IN ({persons}) OR phone IN ({persons})) AND name IN ({names})
         AND NOT is_change AND NOT passed_on AND leads.state IN
           ('delivered', 'pending', 'approved', 'expired', 'duplicate', 'in_doubt')
         ORDER BY leads.id LIMIT 1"
    );
    let names = rivals.iter().map(|name| Value::Text(name.clone()));
    let twice = contacts.iter().chain(&contacts).cloned();
    let found = lead::all(conn, &which, params_from_iter(twice.chain(names)))?;
    Ok(found.into_iter().next())
}

/// Is it being sent at this moment, by a run that is there? Soon more is known of it.
pub fn is_on_its_way(conn: &Connection, lead: &StoredLead) -> rusqlite::Result<bool> {
    if !lead.in_flight() || lead.state != State::InDoubt {
        return Ok(false);
    }
    let run = "SELECT run FROM attempts WHERE lead = ?1 AND ended_at IS NULL";
    let run: Option<i64> = conn
        .prepare_cached(run)?
        .query_row([lead.id], |row| row.get(0))?;
    let ledger = Path::new(conn.path().unwrap_or_default());
    Ok(run.is_some_and(|run| locks::is_at_work(ledger, run)))
}

impl From<StoredLead> for Rival {
    fn from(lead: StoredLead) -> Self {
        Self {
            lead: lead.id,
            destination: lead.destination,
            state: lead.state,
        }
    }
}

impl Ledger {
    /// Which of the `rivals` has a stored lead's person, or may have them. What is on its
    /// way there now may be free soon: its turn will tell.
    pub fn rival(
        &self,
        lead: &StoredLead,
        rivals: &[String],
    ) -> Result<Option<Rival>, LedgerError> {
        let found = self.read(|conn| rival(conn, lead.contacts(), rivals))?;
        Ok(found.filter(|it| !it.in_flight()).map(Rival::from))
    }

    /// Why a destination is sent no more leads for now.
    pub fn beyond_cap(
        &self,
        destination: &str,
        limits: &[Limit],
    ) -> Result<Option<Hold>, LedgerError> {
        self.read(|conn| match number_of(conn, destination)? {
            Some(number) => beyond(conn, number, limits, 0),
            None => Ok(None),
        })
    }

    /// How many more leads a destination may be sent under each of these.
    pub fn room(&self, destination: &str, limits: &[Limit]) -> Result<Vec<u64>, LedgerError> {
        self.read(|conn| {
            let number = number_of(conn, destination)?;
            let free = limits.iter().map(|limit| {
                let taken = number.map(|number| taken(conn, number, limit.since, 0));
                let taken = taken.transpose()?.unwrap_or_default().unsigned_abs();
                Ok(u64::from(limit.count).saturating_sub(taken))
            });
            free.collect()
        })
    }
}

#[cfg(test)]
impl Ledger {
    /// How SQLite counts places.
    pub fn plan_of_places(&self) -> Result<String, LedgerError> {
        let query = placed!("AND sent_at >= ?2 AND id <> ?3");
        self.read(|conn| {
            conn.query_row(
                &format!("EXPLAIN QUERY PLAN {query}"),
                params![1, 2, 3],
                |row| row.get(3),
            )
        })
    }
}
