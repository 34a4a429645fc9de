//! Partners' numbers that stand for several persons: one answer may have been
//! given to all of them.

use rusqlite::{Connection, OptionalExtension, params};

use super::StoredLead;
use crate::lead::text::said_together;
use crate::words::say;

/// Who a lead is about. Purged ones can't be told apart any more, and a change has
/// its contact's number by right.
const PERSON: &str = "coalesce(email, phone, key)";
const KNOWN: &str = "NOT is_change AND fields IS NOT NULL";

/// A reference that leads of several persons have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedReference {
    pub reference: String,
    /// The leads that have it.
    pub leads: u64,
    /// Further references like it.
    pub others: usize,
}

/// The lead of ours that has a reference already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    AnotherPerson(i64),
    /// Whose ever it is.
    AnotherLead(i64),
}

/// The first lead of another person at this lead's destination that has this
/// reference.
pub fn another_person(
    conn: &Connection,
    lead: &StoredLead,
    reference: &str,
) -> rusqlite::Result<Option<Bearer>> {
    if lead.is_change {
        return Ok(None);
    }
    let person = lead.email.or(lead.phone).unwrap_or(lead.key);
    conn.prepare_cached(&format!(
        "SELECT id FROM leads WHERE destination = ?1 AND reference = ?2 AND id <> ?3
           AND key <> ?4 AND {PERSON} <> ?5 AND {KNOWN} ORDER BY id LIMIT 1"
    ))?
    .query_row(
        params![lead.destination_id, reference, lead.id, lead.key, person],
        |row| row.get(0).map(Bearer::AnotherPerson),
    )
    .optional()
}

/// The first other lead at this lead's destination that has this reference.
pub fn another_lead(
    conn: &Connection,
    lead: &StoredLead,
    reference: &str,
) -> rusqlite::Result<Option<Bearer>> {
    conn.prepare_cached(
        "SELECT id FROM leads WHERE destination = ?1 AND reference = ?2 AND id <> ?3
           AND NOT is_change ORDER BY id LIMIT 1",
    )?
    .query_row(params![lead.destination_id, reference, lead.id], |row| {
        row.get(0).map(Bearer::AnotherLead)
    })
    .optional()
}

/// That, in words, behind a message.
pub fn tell_bearer(message: &mut String, bearer: Option<Bearer>) {
    let told = match bearer {
        None => return,
        Some(Bearer::AnotherPerson(lead)) => say!("reference-of-another-person", lead),
        Some(Bearer::AnotherLead(lead)) => say!("reference-of-another-lead", lead),
    };
    *message = match message.is_empty() {
        true => told,
        false => said_together(&[message, &told]),
    };
}

/// The references of a destination that several persons have, the first by name.
pub fn of_destination(
    conn: &Connection,
    destination: i64,
) -> rusqlite::Result<Option<SharedReference>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT reference, count(*) FROM leads
         WHERE destination = ?1 AND {KNOWN} AND reference IN
           (SELECT reference FROM leads WHERE destination = ?1 AND reference IS NOT NULL
            GROUP BY reference HAVING count(*) > 1)
         GROUP BY reference HAVING count(DISTINCT {PERSON}) > 1 ORDER BY reference"
    ))?;
    let found = statement.query_map([destination], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?))
    })?;
    let found: Vec<(String, i64)> = found.collect::<Result<_, _>>()?;
    let others = found.len().saturating_sub(1);
    let first = found.into_iter().next();
    Ok(first.map(|(reference, leads)| SharedReference {
        reference,
        leads: leads.unsigned_abs(),
        others,
    }))
}
