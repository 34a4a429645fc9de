//! A stored lead: one row of `leads`, read and written here alone.

use std::path::Path;

use rusqlite::types::{FromSql, ToSql};
use rusqlite::{Connection, OptionalExtension, Params, Row, params, params_from_iter};

use super::note::{LedgerNote, clock};
use super::proof::Proof;
use super::{Hash16, Holder, Ledger, LedgerError, locks};
use crate::lead::{FilterReason, HoldReason, LeadFacts, Money, State};
use crate::words::say;

/// A lead as the ledger knows it. Times are milliseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLead {
    pub id: i64,
    pub destination: String,
    pub(super) destination_id: i64,
    pub key: Hash16,
    /// A field of the destination's key is blank.
    pub(super) blank_key: bool,
    /// A change of a contact, which no send makes.
    pub is_change: bool,
    pub state: State,
    /// The run that took it in last.
    pub run: i64,
    /// It was `pending` once: a refusal then is a decision, not a mistake to correct.
    pub after_pending: bool,
    /// The state that a user was told last.
    pub(super) told: Option<State>,
    /// The state that was posted last.
    pub(super) posted: Option<State>,
    /// Times it was tried.
    pub attempts: u32,
    /// The last HTTP status.
    pub status: Option<u16>,
    pub read_at: i64,
    pub(super) first_read_at: i64,
    /// What it cost, by its source when it was first read.
    pub(super) cost: Option<Money>,
    /// What it brings, as its destination said when it was first accepted.
    pub(super) price: Option<Money>,
    /// The one state in which it brings that; else both.
    pub(super) billable_on: Option<State>,
    /// When it was recorded as sent by other means.
    pub(super) recorded_at: Option<i64>,
    pub sent_at: Option<i64>,
    pub decided_at: Option<i64>,
    pub expires_at: Option<i64>,
    /// What was sent, or would be.
    pub(super) request: Option<Hash16>,
    /// What made it invalid.
    pub(super) faults: Option<Hash16>,
    pub email: Option<Hash16>,
    pub phone: Option<Hash16>,
    /// All else by which they may be blocked.
    pub(super) others: Vec<Hash16>,
    pub line: u64,
    pub file: String,
    pub source: Option<String>,
    /// What of it is about no person, and what else its price depends on.
    pub facts: LeadFacts,
    pub reference: Option<String>,
    /// A partner's words, or what is wrong with it.
    pub(super) message: Option<String>,
    /// What leadctl says instead.
    pub(super) note: Option<LedgerNote>,
    pub label: Option<String>,
    /// Their address and number, to be read by people; gone after a purge.
    pub email_text: Option<String>,
    pub phone_text: Option<String>,
    /// Where to ask about it (JSON), as it was at sending.
    pub address: Option<String>,
    /// What its row proved of a consent.
    pub proof: Option<Proof>,
    /// The row as read (JSON); gone after a purge.
    pub fields: Option<String>,
    /// The body that was sent last, or would be; gone after a purge.
    pub sent: Option<String>,
    /// The route by which it was offered here.
    pub route: Option<String>,
    /// The lead's first offer on that route, if this is a later one.
    pub(super) origin: Option<i64>,
    /// It went on from here to the next destination of its route.
    pub passed_on: bool,
    /// When the attempt began that is in flight.
    pub(super) since: Option<i64>,
}

const SELECT: &str = "SELECT
    leads.id,
    name,
    destination,
    key,
    blank_key,
    is_change,
    leads.state,
    run,
    was_pending,
    told,
    posted,
    attempts,
    status,
    read_at,
    first_read_at,
    cost,
    price,
    billable_on,
    recorded_at,
    sent_at,
    decided_at,
    expires_at,
    request,
    faults,
    email,
    phone,
    others,
    line,
    file,
    source,
    facts,
    reference,
    message,
    note,
    label,
    email_text,
    phone_text,
    address,
    proof,
    fields,
    sent,
    route,
    origin,
    passed_on,
    (SELECT started_at FROM attempts WHERE lead = leads.id AND ended_at IS NULL)
  FROM leads JOIN destinations ON destinations.id = destination WHERE ";

/// A column that is written, and its value.
pub type Column<'v> = (&'static str, &'v dyn ToSql);

/// Writes a new row; its number.
pub fn insert(conn: &Connection, columns: &[Column<'_>]) -> rusqlite::Result<i64> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let insert = format!("INSERT INTO leads ({}) VALUES ({marks})", names.join(", "));
    let values = columns.iter().map(|(_, value)| *value);
    conn.prepare_cached(&insert)?
        .execute(params_from_iter(values))?;
    Ok(conn.last_insert_rowid())
}

/// The next column of a row.
pub fn next<T: FromSql>(row: &Row<'_>, at: &mut usize) -> rusqlite::Result<T> {
    *at += 1;
    row.get(*at - 1)
}

/// Hashes that stand one after the other.
pub fn hashes(text: Option<Vec<u8>>) -> Vec<Hash16> {
    text.unwrap_or_default().as_chunks().0.to_vec()
}

impl StoredLead {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let at = &mut 0;
        Ok(Self {
            id: next(row, at)?,
            destination: next(row, at)?,
            destination_id: next(row, at)?,
            key: next(row, at)?,
            blank_key: next(row, at)?,
            is_change: next(row, at)?,
            state: next(row, at)?,
            run: next(row, at)?,
            after_pending: next(row, at)?,
            told: next(row, at)?,
            posted: next(row, at)?,
            attempts: next(row, at)?,
            status: next(row, at)?,
            read_at: next(row, at)?,
            first_read_at: next(row, at)?,
            cost: next(row, at)?,
            price: next(row, at)?,
            billable_on: next(row, at)?,
            recorded_at: next(row, at)?,
            sent_at: next(row, at)?,
            decided_at: next(row, at)?,
            expires_at: next(row, at)?,
            request: next(row, at)?,
            faults: next(row, at)?,
            email: next(row, at)?,
            phone: next(row, at)?,
            others: hashes(next(row, at)?),
            line: next::<i64>(row, at)?.unsigned_abs(),
            file: next(row, at)?,
            source: next(row, at)?,
            facts: next(row, at)?,
            reference: next(row, at)?,
            message: next(row, at)?,
            note: next(row, at)?,
            label: next(row, at)?,
            email_text: next(row, at)?,
            phone_text: next(row, at)?,
            address: next(row, at)?,
            proof: next(row, at)?,
            fields: next(row, at)?,
            sent: next(row, at)?,
            route: next(row, at)?,
            origin: next(row, at)?,
            passed_on: next(row, at)?,
            since: next(row, at)?,
        })
    }

    /// Writes what becomes of a lead; who it is and where it was read stay.
    pub(super) fn save(&self, conn: &Connection) -> rusqlite::Result<()> {
        let columns: &[Column<'_>] = &[
            ("state", &self.state),
            ("was_pending", &self.after_pending),
            ("told", &self.told),
            ("posted", &self.posted),
            ("attempts", &self.attempts),
            ("status", &self.status),
            ("price", &self.price),
            ("billable_on", &self.billable_on),
            ("sent_at", &self.sent_at),
            ("decided_at", &self.decided_at),
            ("expires_at", &self.expires_at),
            ("request", &self.request),
            ("faults", &self.faults),
            ("facts", &self.facts),
            ("reference", &self.reference),
            ("message", &self.message),
            ("note", &self.note),
            ("label", &self.label),
            ("address", &self.address),
            ("proof", &self.proof),
            ("fields", &self.fields),
            ("sent", &self.sent),
            ("passed_on", &self.passed_on),
        ];
        let names: Vec<String> = columns
            .iter()
            .map(|(name, _)| format!("{name} = ?"))
            .collect();
        let update = format!("UPDATE leads SET {} WHERE id = ?", names.join(", "));
        let values = columns
            .iter()
            .map(|(_, value)| *value)
            .chain([&self.id as _]);
        conn.prepare_cached(&update)?
            .execute(params_from_iter(values))?;
        Ok(())
    }

    /// Was this what was sent, or would be?
    pub fn is_of_request(&self, request: Hash16) -> bool {
        self.request == Some(request)
    }

    /// A state and what leadctl says of it.
    pub(super) fn set(&mut self, state: State, note: LedgerNote) {
        self.state = state;
        self.message = None;
        self.note = Some(note);
    }

    /// Its key is not its own any more: the one before it is current again.
    pub(super) fn give_up_key(&self, conn: &Connection) -> rusqlite::Result<()> {
        step_back(conn, self.id)?;
        conn.prepare_cached(
            "UPDATE leads SET past = 0 WHERE id = (SELECT max(id) FROM leads
               WHERE destination = ?1 AND key = ?2 AND id <> ?3 AND state <> 'skipped')",
        )?
        .execute(params![self.destination_id, self.key, self.id])?;
        Ok(())
    }

    /// A call about it is being made now, or its process was killed.
    pub fn in_flight(&self) -> bool {
        self.since.is_some()
    }

    /// Another run that took it in and is at work: it sends the lead as it read it.
    pub(super) fn holder(&self, conn: &Connection, run: i64) -> rusqlite::Result<Option<Holder>> {
        let waits = matches!(self.state, State::Unsent | State::Held | State::Failed);
        if self.run == run || !waits && !self.is_change {
            return Ok(None);
        }
        let query = "SELECT pid, started_at FROM runs WHERE id = ?1 AND holds AND ended_at IS NULL";
        let mut statement = conn.prepare_cached(query)?;
        let holder = statement.query_row([self.run], |row| {
            Ok(Holder {
                pid: row.get(0)?,
                since: row.get(1)?,
            })
        });
        let ledger = Path::new(conn.path().unwrap_or_default());
        let holder = holder.optional()?;
        Ok(holder.filter(|_| locks::is_at_work(ledger, self.run)))
    }

    /// Its state was told by an earlier run.
    pub fn notified(&self) -> bool {
        self.told == Some(self.state)
    }

    /// When it was sent, by whatever means; else read.
    pub fn came_at(&self) -> i64 {
        let sent = self.sent_at.or(self.decided_at);
        sent.unwrap_or(self.read_at)
    }

    /// What is to be said of it.
    pub fn message(&self) -> Option<String> {
        match self.since {
            Some(since) if self.state == State::InDoubt => {
                Some(say!("note-being-sent", since = clock(since)))
            }
            _ => self
                .note
                .as_ref()
                .map(LedgerNote::words)
                .or(self.message.clone()),
        }
    }

    /// Why it is filtered.
    pub fn filtered(&self) -> Option<FilterReason> {
        match self.note {
            Some(LedgerNote::Filtered { reason, .. }) if self.state == State::Filtered => {
                Some(reason)
            }
            Some(LedgerNote::KeptOut(_)) if self.state == State::Filtered => {
                Some(FilterReason::Exclusive)
            }
            Some(LedgerNote::Objected(_)) if self.state == State::Filtered => {
                Some(FilterReason::Blocked)
            }
            _ => None,
        }
    }

    /// The hashes of all its addresses and numbers.
    pub fn contacts(&self) -> impl Iterator<Item = Hash16> + Clone {
        let own = [self.email, self.phone].into_iter().flatten();
        own.chain(self.others.iter().copied())
    }

    /// When its person agreed, as its own row proved (milliseconds UTC).
    pub(super) fn given_at(&self) -> Option<i64> {
        self.proof.as_ref().map(|proof| proof.at)
    }

    /// Why it is held.
    pub fn held(&self) -> Option<HoldReason> {
        match self.note {
            Some(LedgerNote::Held(hold)) if self.state == State::Held => Some(hold.reason),
            _ => None,
        }
    }

    /// Is it this person's: the same address, number or label? Not every lead that a
    /// file's `leadctl_id` names is its row's: the file may come from another ledger.
    pub fn is_of(&self, email: Option<Hash16>, phone: Option<Hash16>, label: &str) -> bool {
        self.email.is_some() && self.email == email
            || self.phone.is_some() && self.phone == phone
            || self.label.as_deref() == Some(label)
    }
}

fn one(
    conn: &Connection,
    which: &str,
    values: impl Params,
) -> rusqlite::Result<Option<StoredLead>> {
    let mut statement = conn.prepare_cached(&format!("{SELECT}{which}"))?;
    statement.query_row(values, StoredLead::read).optional()
}

pub fn by_id(conn: &Connection, id: i64) -> rusqlite::Result<Option<StoredLead>> {
    one(conn, "leads.id = ?1", [id])
}

/// The current lead with this key.
pub fn by_key(
    conn: &Connection,
    destination: i64,
    key: Hash16,
) -> rusqlite::Result<Option<StoredLead>> {
    let current = "destination = ?1 AND key = ?2 AND past = 0";
    one(conn, current, params![destination, key])
}

pub fn all(
    conn: &Connection,
    which: &str,
    values: impl Params,
) -> rusqlite::Result<Vec<StoredLead>> {
    conn.prepare_cached(&format!("{SELECT}{which}"))?
        .query_map(values, StoredLead::read)?
        .collect()
}

/// All with the key of this lead, the oldest first, but for those passed over.
pub fn with_same_key(conn: &Connection, lead: &StoredLead) -> rusqlite::Result<Vec<StoredLead>> {
    let same = "destination = ?1 AND key = ?2 AND leads.state <> 'skipped' ORDER BY leads.id";
    all(conn, same, params![lead.destination_id, lead.key])
}

/// All offers on a route of the lead that was offered as this one first.
pub fn offers(conn: &Connection, first: i64) -> rusqlite::Result<Vec<StoredLead>> {
    all(
        conn,
        "leads.id = ?1 OR origin = ?1 ORDER BY leads.id",
        [first],
    )
}

/// The leads of a destination with this reference of the partner's, or with this address
/// or number; changes of contacts are none.
pub fn named_so(
    conn: &Connection,
    destination: i64,
    reference: Option<&str>,
    [email, phone]: [Option<Hash16>; 2],
) -> rusqlite::Result<Vec<StoredLead>> {
    // The plus keeps SQLite from walking through all of a destination instead.
    let (named, by): (_, &[&dyn ToSql]) = match &reference {
        Some(reference) => (
            "destination = ?1 AND reference = ?2",
            &[&destination, reference],
        ),
        None => (
            "+destination = ?1 AND (email = ?2 OR phone = ?3)",
            &[&destination, &email, &phone],
        ),
    };
    conn.prepare_cached(&format!(
        "{SELECT}{named} AND NOT is_change ORDER BY leads.id"
    ))?
    .query_map(by, StoredLead::read)?
    .collect()
}

/// A lead in doubt at the same destination with the same address or number, where the
/// key of one of the two is not whole: they may be one person.
pub fn doubt_about(conn: &Connection, lead: &StoredLead) -> rusqlite::Result<Option<StoredLead>> {
    let same = "(email = ?1 OR phone = ?2) AND destination = ?3 AND leads.state = 'in_doubt'
      AND NOT is_change AND leads.id <> ?4 AND (blank_key OR ?5) ORDER BY leads.id LIMIT 1";
    let whose = params![
        lead.email,
        lead.phone,
        lead.destination_id,
        lead.id,
        lead.blank_key
    ];
    one(conn, same, whose)
}

/// It is not the current lead of its key any more.
pub fn step_back(conn: &Connection, id: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE leads SET past = id WHERE id = ?1")?
        .execute([id])
        .map(drop)
}

/// The user has now been told the present states of these leads.
pub fn mark_told(conn: &Connection, ids: &[i64]) -> rusqlite::Result<()> {
    // One that another run has in flight was told as it was before.
    let mut mark = conn.prepare_cached(
        "UPDATE leads SET told = coalesce((SELECT was FROM attempts
           WHERE lead = leads.id AND ended_at IS NULL), state) WHERE id = ?1",
    )?;
    ids.iter().try_for_each(|id| mark.execute([id]).map(drop))
}

impl Ledger {
    /// The user has now been told the present states of these leads.
    pub fn mark_told(&self, ids: &[i64]) -> Result<(), LedgerError> {
        self.write(|conn| mark_told(conn, ids))
    }

    /// One lead.
    pub fn lead(&self, id: i64) -> Result<Option<StoredLead>, LedgerError> {
        self.read(|conn| by_id(conn, id))
    }
}
