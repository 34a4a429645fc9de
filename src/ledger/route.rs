//! A lead on its route: what each destination that it was offered to made of it. The
//! offers of a lead are rows of `leads` with one `origin`; a destination has it by one
//! of them at most, since an attempt begins only where none of the others may have it.

use std::collections::BTreeMap;

use rusqlite::{Connection, params, params_from_iter};

use super::destination::decides;
use super::lead::{self, StoredLead};
use super::note::LedgerNote;
use super::{Hash16, Ledger, LedgerError};
use crate::lead::{FilterReason, State};

/// That a lead is taken in as an offer of its route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub route: String,
    /// The lead's first offer; `None`: this is the first.
    pub origin: Option<i64>,
    /// The offer that it goes on from, and the no in which that stands: where another run
    /// changed it since, it goes on from there no more.
    pub from: Option<(i64, State)>,
    /// What it cost stands at another destination that is sent it too.
    pub is_paid: bool,
}

impl StoredLead {
    /// The lead's first offer on its route.
    pub fn first_offer(&self) -> i64 {
        self.origin.unwrap_or(self.id)
    }

    /// No other destination is to have it either.
    pub fn is_for_nobody(&self) -> bool {
        self.filtered().is_some_and(FilterReason::is_for_all)
    }

    /// Its destination has it or may have it, and it did not go on from there.
    pub fn holds(&self) -> bool {
        self.in_flight() || decides(self.state) && !self.passed_on
    }
}

/// All offers of a lead, the first one first.
pub fn offers(conn: &Connection, lead: &StoredLead) -> rusqlite::Result<Vec<StoredLead>> {
    match lead.route {
        None => Ok(vec![lead.clone()]),
        Some(_) => lead::offers(conn, lead.first_offer()),
    }
}

/// Another offer of the lead, by which a destination has it or may have it.
pub fn placed_elsewhere(
    conn: &Connection,
    lead: &StoredLead,
) -> rusqlite::Result<Option<StoredLead>> {
    if lead.route.is_none() {
        return Ok(None);
    }
    let mut others = offers(conn, lead)?.into_iter();
    Ok(others.find(|other| other.id != lead.id && other.holds()))
}

/// A destination has the lead: its other offers wait for nothing any more.
pub fn release_others(conn: &Connection, lead: &StoredLead) -> rusqlite::Result<()> {
    // What is on its way is decided once its attempt has ended.
    if lead.route.is_none() || !decides(lead.state) || lead.passed_on {
        return Ok(());
    }
    for mut other in offers(conn, lead)? {
        let waits = matches!(other.state, State::Held | State::Unsent | State::Failed);
        if other.id != lead.id && waits && !other.in_flight() {
            let note = LedgerNote::Placed {
                lead: lead.id,
                destination: lead.destination.clone(),
            };
            other.set(State::Skipped, note);
            other.save(conn)?;
        }
    }
    Ok(())
}

/// The lead goes on from this offer: another destination is asked. Unless it stands
/// otherwise by now, or one has it: that is returned.
pub fn pass_on(conn: &Connection, offer: &Offer) -> rusqlite::Result<Option<StoredLead>> {
    let Some((from, state)) = offer.from else {
        return Ok(None);
    };
    let Some(lead) = lead::by_id(conn, from)? else {
        return Ok(None);
    };
    if lead.state != state || lead.in_flight() {
        return Ok(Some(lead));
    }
    if let Some(placed) = placed_elsewhere(conn, &lead)? {
        return Ok(Some(placed));
    }
    conn.prepare_cached("UPDATE leads SET passed_on = TRUE WHERE id = ?1")?
        .execute([from])?;
    Ok(None)
}

/// The states of a lead that a destination has, or may get still, as SQL.
fn standing() -> String {
    let waits = |state: State| matches!(state, State::Unsent | State::Failed | State::Held);
    let has = |state: State| decides(state) && state != State::Returned;
    let all = State::ALL.into_iter().filter(|it| has(*it) || waits(*it));
    let all: Vec<String> = all.map(|state| format!("'{state}'")).collect();
    all.join(", ")
}

impl Ledger {
    /// All offers of a lead, the first one first.
    pub fn offers(&self, lead: &StoredLead) -> Result<Vec<StoredLead>, LedgerError> {
        self.read(|conn| offers(conn, lead))
    }

    /// The lead of this person that a destination has by this route, or may have, which is
    /// no more among these.
    pub fn left_behind(
        &self,
        route: &str,
        along: &[&str],
        person: [Option<Hash16>; 2],
    ) -> Result<Option<StoredLead>, LedgerError> {
        let which = "(email = ?1 OR phone = ?2) AND route = ?3 ORDER BY leads.id";
        let [email, phone] = person;
        let theirs = self.read(|conn| lead::all(conn, which, params![email, phone, route]))?;
        let is_left = |lead: &StoredLead| !along.contains(&&*lead.destination) && lead.holds();
        Ok(theirs.into_iter().find(is_left))
    }

    /// Another offer of the lead, by which a destination has it or may have it.
    pub fn placed_elsewhere(&self, lead: &StoredLead) -> Result<Option<StoredLead>, LedgerError> {
        self.read(|conn| placed_elsewhere(conn, lead))
    }

    /// The offers of a route at these destinations that stand in one of these states and from which the lead did
    /// not go on yet, in the order in which the leads came.
    pub fn standing_offers(
        &self,
        route: &str,
        destinations: &[&str],
        states: &[State],
    ) -> Result<Vec<StoredLead>, LedgerError> {
        let marks = |count: usize| vec!["?"; count].join(", ");
        let which = format!(
            "route = ? AND NOT passed_on AND leads.state IN ({}) AND name IN ({})
             AND fields IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM attempts WHERE lead = leads.id AND ended_at IS NULL)
             ORDER BY coalesce(origin, leads.id), leads.id",
            marks(states.len()),
            marks(destinations.len())
        );
        let states = states.iter().map(|state| state.as_str());
        let values = std::iter::once(route)
            .chain(states)
            .chain(destinations.iter().copied());
        self.read(|conn| lead::all(conn, &which, params_from_iter(values)))
    }

    /// How many leads were offered along a route and neither stand nor wait anywhere.
    pub fn taken_by_nobody(&self, route: &str) -> Result<u64, LedgerError> {
        let query = format!(
            "SELECT count(*) FROM (SELECT max(state IN ({}) AND NOT passed_on) AS stands
               FROM leads WHERE route = ?1 GROUP BY coalesce(origin, id)) WHERE NOT stands",
            standing()
        );
        self.read(|conn| conn.query_row(&query, [route], |row| row.get::<_, i64>(0)))
            .map(i64::unsigned_abs)
    }

    /// How many leads each destination has, or may get still, by a route: by its name.
    pub fn taken_by_route(&self, route: &str) -> Result<BTreeMap<String, u64>, LedgerError> {
        let query = format!(
            "SELECT name, count(*) FROM leads JOIN destinations ON destinations.id = destination
             WHERE route = ?1 AND NOT passed_on AND state IN ({}) GROUP BY name",
            standing()
        );
        self.read(|conn| {
            let mut statement = conn.prepare(&query)?;
            let counts = statement.query_map(params![route], |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })?;
            counts.collect()
        })
    }
}
