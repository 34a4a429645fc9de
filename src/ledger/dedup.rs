//! What is known of a lead's key, and what that makes of a row that comes: a new
//! lead, one that is sent anew, or nothing to do. Asked and stored in one
//! transaction, so that the same key is never stored twice.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::lead::{Person, message_of};
use super::{
    DedupOutcome, ExistingLead, Hash16, Intake, Judgement, KeyKind, Ledger, LedgerError, now,
};
use crate::lead::State;

/// For whom leads are looked up and taken in.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    pub run: i64,
    pub destination: i64,
    /// Milliseconds after which the same key is a new lead.
    pub again_after: Option<i64>,
}

/// An existing lead, and what bears on its being sent anew.
struct Known {
    lead: ExistingLead,
    in_flight: bool,
    was_pending: bool,
    came_at: i64,
    request: Option<Hash16>,
    key: Hash16,
    label: Option<String>,
    email: Option<Hash16>,
    phone: Option<Hash16>,
}

const KNOWN: &str = "SELECT leads.id, leads.state, leads.run, was_pending,
    notified IS leads.state, request, sent_at, coalesce(sent_at, decided_at, read_at), line, file,
    reference, leads.message, leads.note, key, label, email, phone, open.started_at
  FROM leads LEFT JOIN attempts AS open ON open.lead = leads.id AND open.ended_at IS NULL
  WHERE destination = ?1 AND ";

/// The current lead with this key.
fn by_key(conn: &Connection, scope: &Scope, key: &Hash16) -> rusqlite::Result<Option<Known>> {
    let current = format!("{KNOWN} key = ?2 AND past = 0");
    conn.prepare_cached(&current)?
        .query_row(params![scope.destination, key], |row| {
            Known::read(row, scope)
        })
        .optional()
}

fn by_id(conn: &Connection, scope: &Scope, id: i64) -> rusqlite::Result<Option<Known>> {
    conn.prepare_cached(&format!("{KNOWN} leads.id = ?2"))?
        .query_row([scope.destination, id], |row| Known::read(row, scope))
        .optional()
}

impl Known {
    fn read(row: &Row<'_>, scope: &Scope) -> rusqlite::Result<Self> {
        let state = row.get(1)?;
        let since: Option<i64> = row.get(17)?;
        let message = message_of(state, since, row.get(12)?, row.get(11)?);
        let same_run = row.get::<_, i64>(2)? == scope.run;
        Ok(Self {
            lead: ExistingLead {
                id: row.get(0)?,
                state,
                reference: row.get(10)?,
                message,
                sent_at: row.get(6)?,
                file: row.get(9)?,
                line: row.get::<_, i64>(8)?.unsigned_abs(),
                same_run,
                in_flight: since.is_some() && !same_run,
                notified: row.get(4)?,
            },
            in_flight: since.is_some(),
            was_pending: row.get(3)?,
            came_at: row.get(7)?,
            request: row.get(5)?,
            key: row.get(13)?,
            label: row.get(14)?,
            email: row.get(15)?,
            phone: row.get(16)?,
        })
    }

    /// Is it the same person's, or one of which nothing tells?
    fn is_same_person(&self, lead: &Intake) -> bool {
        // Known by one thing alone, which is what was corrected.
        let scant = self.email.is_none() || self.phone.is_none();
        let refused = matches!(self.lead.state, State::Invalid | State::Rejected);
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
    fn is_closed(&self) -> bool {
        let open = matches!(
            self.lead.state,
            State::Unsent | State::Failed | State::Invalid | State::Rejected
        );
        self.in_flight || !open
    }

    /// `again_after`: enough time has passed for the same person to be a new lead.
    /// A lead in doubt waits for its settlement all the same.
    fn comes_again(&self, scope: &Scope, now: i64) -> bool {
        let settled = matches!(
            self.lead.state,
            State::Delivered
                | State::Pending
                | State::Approved
                | State::Expired
                | State::Duplicate
                | State::Rejected
        );
        let lapsed = |after| now.saturating_sub(self.came_at) > after;
        settled && !self.lead.same_run && scope.again_after.is_some_and(lapsed)
    }

    /// A change that was made, or stands twice in the input, is made once more: to
    /// say again what is so harms nobody, and between the two it may have changed.
    fn is_repeated(&self, lead: &Intake) -> bool {
        let open = matches!(
            self.lead.state,
            State::Unsent | State::Failed | State::InDoubt | State::Invalid
        );
        lead.key_kind == KeyKind::Amendment && (self.lead.same_run || !self.in_flight && !open)
    }

    /// May it be judged and sent anew, with this row's content?
    fn may_change(&self, lead: &Intake) -> bool {
        // One that was not made, or perhaps not, is settled by making it again.
        if lead.key_kind == KeyKind::Amendment {
            return !self.in_flight;
        }
        if self.is_closed() {
            return false;
        }
        match self.lead.state {
            // A later row may be the corrected one.
            State::Invalid => true,
            State::Failed | State::Unsent => !self.lead.same_run,
            State::Rejected => {
                let elsewhere = matches!(lead.judgement, Judgement::Elsewhere(_));
                let changed = lead.request.is_some() && lead.request != self.request;
                // A decision that came later is not a mistake to correct, unless a
                // person corrected this very lead.
                let open = !self.was_pending || lead.replaces == Some(self.lead.id);
                !self.lead.same_run && open && (changed || elsewhere)
            }
            _ => false,
        }
    }

    /// Was this very content refused before, and what took its place refused too?
    fn refused_before(
        &self,
        conn: &Connection,
        scope: &Scope,
        lead: &Intake,
    ) -> rusqlite::Result<bool> {
        let elsewhere = matches!(lead.judgement, Judgement::Elsewhere(_));
        if self.lead.state != State::Rejected || lead.replaces == Some(self.lead.id) || elsewhere {
            return Ok(false);
        }
        Ok(replaced_by(conn, scope, lead)? == Some(self.lead.id))
    }

    /// Was a user told already what this row makes of it?
    fn stays_notified(&self, lead: &Intake) -> bool {
        let (state, message) = lead.judgement.state();
        let same = match lead.judgement {
            Judgement::Invalid(_) => {
                self.lead.state == state && self.lead.message.as_deref() == message
            }
            _ => matches!(self.lead.state, State::Unsent | State::Failed),
        };
        self.lead.notified && same
    }
}

/// The lead that took this very row's place: an export that comes again holds
/// the old row still.
fn replaced_by(conn: &Connection, scope: &Scope, lead: &Intake) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached(
        "SELECT lead FROM replaced WHERE destination = ?1 AND key = ?2 AND request IS ?3
         ORDER BY rowid DESC LIMIT 1",
    )?
    .query_row(params![scope.destination, lead.key, lead.request], |row| {
        row.get(0)
    })
    .optional()
}

/// What a row comes to.
enum Decision {
    /// A new lead. The one that has its key, if any, is past.
    Insert(Option<i64>),
    /// A stored lead is judged and sent anew, with this row's content.
    Update(Box<Known>),
    Answer(DedupOutcome),
}

fn decide(conn: &Connection, scope: &Scope, now: i64, lead: &Intake) -> rusqlite::Result<Decision> {
    if let Some(blocked) = blocked(conn, lead)? {
        return Ok(Decision::Answer(blocked));
    }
    let known = match by_key(conn, scope, &lead.key)? {
        Some(known) if known.comes_again(scope, now) || known.is_repeated(lead) => {
            return Ok(Decision::Insert(Some(known.lead.id)));
        }
        Some(known) => known,
        None => match corrected(conn, scope, lead)? {
            Some(known) => known,
            None => return replaced_or_new(conn, scope, now, lead),
        },
    };
    if known.may_change(lead) && !known.refused_before(conn, scope, lead)? {
        return Ok(Decision::Update(Box::new(known)));
    }
    let refused = known.lead.state == State::Rejected && !known.lead.same_run;
    Ok(Decision::Answer(match lead.judgement {
        // It stays rejected in the ledger, but the row's fault is worth telling.
        Judgement::Invalid(_) if refused => DedupOutcome::Invalid {
            id: known.lead.id,
            notified: false,
        },
        _ => DedupOutcome::Skip(known.lead),
    }))
}

/// The lead that this row corrects, as its file says.
fn corrected(conn: &Connection, scope: &Scope, lead: &Intake) -> rusqlite::Result<Option<Known>> {
    let Some(id) = lead.replaces else {
        return Ok(None);
    };
    let known = by_id(conn, scope, id)?;
    // One that is passed over corrects nothing: with another key it is a lead.
    Ok(known.filter(|known| known.is_same_person(lead) && known.lead.state != State::Skipped))
}

fn replaced_or_new(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    lead: &Intake,
) -> rusqlite::Result<Decision> {
    let known = match replaced_by(conn, scope, lead)? {
        Some(id) => by_id(conn, scope, id)?,
        None => None,
    };
    Ok(match known {
        Some(known) if !known.comes_again(scope, now) => {
            Decision::Answer(DedupOutcome::Skip(known.lead))
        }
        _ => Decision::Insert(None),
    })
}

fn blocked(conn: &Connection, lead: &Intake) -> rusqlite::Result<Option<DedupOutcome>> {
    let since: Option<i64> = conn
        .prepare_cached("SELECT min(at) FROM blocked WHERE person IN (?1, ?2)")?
        .query_row([lead.email, lead.phone], |row| row.get(0))?;
    Ok(since.map(|since| DedupOutcome::Blocked { since }))
}

/// Takes in one lead, inside a transaction.
pub fn take_in(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    lead: &Intake,
) -> rusqlite::Result<DedupOutcome> {
    match decide(conn, scope, now, lead)? {
        Decision::Answer(outcome) => Ok(outcome),
        Decision::Update(known) => update(conn, scope, now, &known, lead),
        Decision::Insert(past) => {
            if let Some(past) = past {
                conn.prepare_cached("UPDATE leads SET past = id WHERE id = ?1")?
                    .execute([past])?;
            }
            store(conn, INSERT, None, scope, now, lead)?;
            Ok(lead.judgement.outcome(conn.last_insert_rowid(), false))
        }
    }
}

/// `id`: `None` makes a new one.
fn store(
    conn: &Connection,
    statement: &str,
    id: Option<i64>,
    scope: &Scope,
    now: i64,
    lead: &Intake,
) -> rusqlite::Result<()> {
    let (state, message) = lead.judgement.state();
    conn.prepare_cached(statement)?.execute(params![
        id,
        scope.destination,
        scope.run,
        now,
        lead.key,
        lead.key_kind.as_str(),
        state,
        (state == State::Delivered).then_some(now),
        lead.request,
        lead.email,
        lead.phone,
        lead.line.cast_signed(),
        lead.file,
        lead.source,
        message,
        lead.label,
        lead.fields,
        lead.sent,
        lead.address,
    ])?;
    Ok(())
}

const INSERT: &str =
    "INSERT INTO leads (id, destination, run, read_at, key, key_kind, state, decided_at, request,
       email, phone, line, file, source, message, label, fields, sent, address)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";

const UPDATE: &str = "UPDATE leads SET destination = ?2, run = ?3, read_at = ?4, key = ?5,
       key_kind = ?6, state = ?7, decided_at = ?8, request = ?9, email = ?10, phone = ?11,
       line = ?12, file = ?13, source = ?14, message = ?15, label = ?16, fields = ?17, sent = ?18,
       address = ?19, past = 0, note = NULL, status = NULL, reference = NULL, expires_at = NULL,
       purged_at = NULL
     WHERE id = ?1";

fn update(
    conn: &Connection,
    scope: &Scope,
    now: i64,
    known: &Known,
    lead: &Intake,
) -> rusqlite::Result<DedupOutcome> {
    let (id, was) = (known.lead.id, known.lead.state);
    let refused = matches!(was, State::Invalid | State::Rejected);
    let other = known.key != lead.key || was == State::Rejected;
    if refused && other && lead.key_kind != KeyKind::Amendment {
        conn.prepare_cached(
            "INSERT INTO replaced (destination, key, request, lead)
             SELECT destination, key, request, id FROM leads WHERE id = ?1",
        )?
        .execute([id])?;
    }
    store(conn, UPDATE, Some(id), scope, now, lead)?;
    if known.key != lead.key {
        restore_current(conn, scope.destination, &known.key)?;
    }
    let notified = known.stays_notified(lead);
    // A lead that was told to have failed, and fails again, was told. One that was
    // refused and is another now is news, whatever becomes of it.
    let invalid = matches!(lead.judgement, Judgement::Invalid(_));
    if invalid && !notified || was == State::Rejected {
        conn.prepare_cached("UPDATE leads SET notified = NULL WHERE id = ?1")?
            .execute([id])?;
    }
    Ok(lead.judgement.outcome(id, notified))
}

/// The current lead of a key is gone: the one before it is current again.
pub fn restore_current(conn: &Connection, destination: i64, key: &Hash16) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE leads SET past = 0 WHERE id =
           (SELECT max(id) FROM leads WHERE destination = ?1 AND key = ?2 AND state <> 'skipped')",
    )?
    .execute(params![destination, key])?;
    Ok(())
}

/// What the ledger would say of leads that are not taken in.
pub struct IntakePreview<'l> {
    ledger: &'l Ledger,
    /// Of today and of earlier.
    names: Vec<String>,
    again_after: Option<i64>,
}

impl Ledger {
    /// `formerly`: names whose leads belong to the destination, though they are
    /// still stored under them.
    pub fn intake_preview(
        &self,
        destination: &str,
        formerly: &[String],
        again_after: Option<Duration>,
    ) -> IntakePreview<'_> {
        IntakePreview {
            ledger: self,
            names: [&[destination.to_owned()], formerly].concat(),
            again_after: again_after.map(millis),
        }
    }
}

impl IntakePreview<'_> {
    /// What [`super::Journal::intake`] would say of a lead, without storing
    /// anything; `None`: it is new. Nothing is in this run yet.
    pub fn of(&self, lead: &Intake) -> Result<Option<DedupOutcome>, LedgerError> {
        self.ledger.read(|conn| {
            for name in &self.names {
                let Some(destination) = destination_id(conn, name)? else {
                    continue;
                };
                let scope = Scope {
                    run: 0,
                    destination,
                    again_after: self.again_after,
                };
                match decide(conn, &scope, now(), lead)? {
                    Decision::Answer(outcome) => return Ok(Some(outcome)),
                    Decision::Update(known) => {
                        let notified = known.stays_notified(lead);
                        return Ok(Some(lead.judgement.outcome(known.lead.id, notified)));
                    }
                    Decision::Insert(_) => {}
                }
            }
            blocked(conn, lead)
        })
    }
}

pub fn destination_id(conn: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT id FROM destinations WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// As the ledger writes it.
pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
