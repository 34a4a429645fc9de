//! The stored lead that a row finds: the one with its key, or the one that it
//! corrects; and what may still become of it.

use std::sync::LazyLock;

use rusqlite::{OptionalExtension, Row, params};

use super::flight::being_sent;
use super::intake::{ExistingLead, Intake, Intaker, Judgement, KeyKind};
use super::kin::Person;
use super::lead::state_at;
use super::sql::Sql;
use super::{Hash16, recent, replaced};
use crate::lead::State;

/// A stored lead, as it bears on what is taken in.
pub struct Found {
    pub id: i64,
    pub state: State,
    pub in_flight: bool,
    pub run: i64,
    pub was_pending: bool,
    pub notified: bool,
    pub request: Option<Hash16>,
    pub sent_at: Option<i64>,
    pub came_at: i64,
    pub line: i64,
    pub file: String,
    pub reference: Option<String>,
    pub message: Option<String>,
    pub key: Hash16,
    pub label: Option<String>,
    pub email: Option<Hash16>,
    pub phone: Option<Hash16>,
}

const COLUMNS: &str =
    "id, state, flights.lead IS NOT NULL, leads.run, was_pending, told_state IS state, request,
    sent_at, coalesce(sent_at, decided_at, read_at), line, file, reference, message,
    leads.key, label, email, phone, iif(sends, started_at, NULL)";

const FROM: &str = "leads LEFT JOIN flights ON flights.lead = leads.id";

impl Found {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut found = Self {
            id: row.get(0)?,
            state: state_at(row, 1)?,
            in_flight: row.get(2)?,
            run: row.get(3)?,
            was_pending: row.get(4)?,
            notified: row.get(5)?,
            request: row.get(6)?,
            sent_at: row.get(7)?,
            came_at: row.get(8)?,
            line: row.get(9)?,
            file: row.get(10)?,
            reference: row.get(11)?,
            message: row.get(12)?,
            key: row.get(13)?,
            label: row.get(14)?,
            email: row.get(15)?,
            phone: row.get(16)?,
        };
        if let Some(since) = row.get(17)? {
            found.notified &= found.state == State::InDoubt;
            found.state = State::InDoubt;
            found.message = Some(being_sent(since));
            found.sent_at = Some(since);
        }
        Ok(found)
    }

    /// Is it the same person's, or one of which nothing tells?
    fn is_kin(&self, lead: &Intake) -> bool {
        // Known by one thing alone, which is what was corrected.
        let scant = self.email.is_none() || self.phone.is_none();
        let refused = matches!(self.state, State::Invalid | State::Rejected);
        let own = Person {
            email: self.email,
            phone: self.phone,
            label: self.label.as_deref(),
        };
        let theirs = Person {
            email: lead.email,
            phone: lead.phone,
            label: Some(&lead.label),
        };
        own.is(&theirs) || scant && refused
    }

    /// Nothing that a row says changes what becomes of it.
    pub fn is_closed(&self) -> bool {
        let open = matches!(
            self.state,
            State::Unsent | State::Failed | State::Invalid | State::Rejected
        );
        self.in_flight || !open
    }

    pub fn same_run(&self, by: &Intaker) -> bool {
        self.run == by.run
    }

    pub fn into_earlier(self, by: &Intaker) -> ExistingLead {
        ExistingLead {
            same_run: self.same_run(by),
            in_flight: self.in_flight && !self.same_run(by),
            id: self.id,
            state: self.state,
            reference: self.reference,
            message: self.message,
            sent_at: self.sent_at,
            file: self.file,
            line: self.line.unsigned_abs(),
            notified: self.notified,
        }
    }
}

static BY_KEY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {COLUMNS} FROM {FROM}
         WHERE leads.id = (SELECT max(lead) FROM keys WHERE destination = ?1 AND key = ?2)"
    )
});

/// The latest lead with this key.
pub fn by_key(sql: &mut Sql<'_>, by: &Intaker, key: &Hash16) -> rusqlite::Result<Option<Found>> {
    let recent = recent::with_key(sql, by.destination, key)?;
    let mut found = sql
        .held
        .get(&BY_KEY)?
        .query_row(params![by.destination, key], Found::read)
        .optional()?;
    for lead in recent {
        let hinted = by_id(sql, by, lead)?.filter(|hinted| hinted.key == *key);
        found = found.into_iter().chain(hinted).max_by_key(|found| found.id);
    }
    Ok(found)
}

static BY_ID: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {COLUMNS} FROM {FROM} WHERE id = ?1 AND leads.destination = ?2")
});

fn by_id(sql: &mut Sql<'_>, by: &Intaker, id: i64) -> rusqlite::Result<Option<Found>> {
    sql.held
        .get(&BY_ID)?
        .query_row(params![id, by.destination], Found::read)
        .optional()
}

/// The lead that this row corrects, as its file says.
pub fn named(sql: &mut Sql<'_>, by: &Intaker, lead: &Intake) -> rusqlite::Result<Option<Found>> {
    let found = match lead.replaces {
        Some(id) => by_id(sql, by, id)?,
        None => None,
    };
    // One that is passed over corrects nothing: with another key it is a lead.
    Ok(found.filter(|found| found.is_kin(lead) && found.state != State::Skipped))
}

/// The lead that this very row was, until a corrected one took its place.
pub fn corrected_since(
    sql: &mut Sql<'_>,
    by: &Intaker,
    now: i64,
    lead: &Intake,
) -> rusqlite::Result<Option<Found>> {
    let id = replaced_by(sql, by, lead)?;
    let found = match id {
        Some(id) => by_id(sql, by, id)?,
        None => None,
    };
    Ok(found.filter(|found| !comes_again(by, now, found)))
}

/// Did the partner refuse this very content already, before a correction that
/// it refused too?
pub fn refused_before(
    sql: &mut Sql<'_>,
    by: &Intaker,
    found: &Found,
    lead: &Intake,
) -> rusqlite::Result<bool> {
    if found.state != State::Rejected || lead.replaces == Some(found.id) {
        return Ok(false);
    }
    let elsewhere = matches!(lead.judgement, Judgement::Elsewhere(_));
    let before = replaced_by(sql, by, lead)?;
    Ok(!elsewhere && before == Some(found.id))
}

/// The stored lead that took this very row's place.
fn replaced_by(sql: &mut Sql<'_>, by: &Intaker, lead: &Intake) -> rusqlite::Result<Option<i64>> {
    replaced::lead_of(sql, by.destination, &lead.key, lead.request.as_ref())
}

/// `again_after`: enough time has passed for the same person to be a new lead.
/// A lead in doubt waits for its settlement all the same.
pub fn comes_again(by: &Intaker, now: i64, found: &Found) -> bool {
    let settled = matches!(
        found.state,
        State::Delivered
            | State::Pending
            | State::Approved
            | State::Expired
            | State::Duplicate
            | State::Rejected
    );
    match by.again_after {
        Some(after) => settled && !found.same_run(by) && now.saturating_sub(found.came_at) > after,
        None => false,
    }
}

/// A change that was made, or stands twice in the input, is made once more: to
/// say again what is so harms nobody, and between the two it may have changed.
pub fn repeats(by: &Intaker, found: &Found, lead: &Intake) -> bool {
    let open = matches!(
        found.state,
        State::Unsent | State::Failed | State::InDoubt | State::Invalid
    );
    lead.key_kind == KeyKind::Amendment && (found.same_run(by) || !found.in_flight && !open)
}

/// May the stored lead be judged and sent anew, with this row's content?
pub fn may_change(by: &Intaker, found: &Found, lead: &Intake) -> bool {
    // One that was not made, or perhaps not, is settled by making it again.
    if lead.key_kind == KeyKind::Amendment {
        return !found.in_flight;
    }
    if found.is_closed() {
        return false;
    }
    match found.state {
        // A later row may be the corrected one.
        State::Invalid => true,
        State::Failed | State::Unsent => !found.same_run(by),
        State::Rejected => {
            let elsewhere = matches!(lead.judgement, Judgement::Elsewhere(_));
            let changed = lead.request.is_some() && lead.request != found.request;
            // A decision that came later is not a mistake to correct, unless a
            // person corrected this very lead.
            let corrected = lead.replaces == Some(found.id);
            let open = !found.was_pending || corrected;
            !found.same_run(by) && open && (changed || elsewhere)
        }
        _ => false,
    }
}
