//! Takes in what was read: every lead is stored, and the standing of its key
//! says whether it may be sent (design: "next `send` of the same lead").

use std::sync::LazyLock;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::flight::being_sent;
use super::sql::Sql;
use super::{Hash16, replaced};
use crate::lead::State;

/// What a lead's key was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The key fields that the destination names.
    Fields,
    /// The whole request, since a key field is empty.
    Request,
    /// The row as read: no request could be made of it.
    Row,
    /// A change of a contact that is there: never the key of a lead to send.
    Amendment,
}

impl KeyKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Request => "request",
            Self::Row => "row",
            Self::Amendment => "amend",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Fields, Self::Request, Self::Row, Self::Amendment]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// What this run thinks of a lead, before the ledger is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It can be sent.
    Ready,
    /// It breaks the destination's rules, for these reasons.
    Invalid(String),
    /// It was delivered by other means, says the user with this note.
    Elsewhere(String),
}

/// One lead as it was read.
#[derive(Debug, Clone)]
pub struct Intake {
    pub key: Hash16,
    pub key_kind: KeyKind,
    /// [`super::Hasher::request`] of what would be sent; `None` if invalid.
    pub request: Option<Hash16>,
    pub source: Option<String>,
    pub file: String,
    /// 1-based.
    pub line: u64,
    /// A few words by which a person knows the lead.
    pub label: String,
    /// The row as read, a JSON object.
    pub fields: String,
    /// The body that would be sent; `None` if invalid.
    pub sent: Option<String>,
    /// Where to ask about it later (JSON).
    pub address: Option<String>,
    pub email: Option<Hash16>,
    pub phone: Option<Hash16>,
    pub verdict: Verdict,
    /// The stored lead that this row corrects (a rejects file names it).
    pub replaces: Option<i64>,
}

/// What is to be done with a lead that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Stored as `unsent`; [`super::Journal::begin`] may claim it. `told`: an
    /// earlier run already told that it was not sent.
    Send { id: i64, told: bool },
    /// Stored with its complaints. `told`: an earlier run said the same.
    Invalid { id: i64, told: bool },
    /// Stored as delivered by other means.
    Recorded { id: i64 },
    /// Nothing to do: the key is taken.
    Skip(Earlier),
    /// This person is never to be sent again (`purge --block`); nothing stored.
    Blocked {
        /// Milliseconds UTC.
        since: i64,
    },
}

/// The lead that already has the key. Times are milliseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    pub id: i64,
    pub state: State,
    pub reference: Option<String>,
    pub message: Option<String>,
    pub sent_at: Option<i64>,
    pub file: String,
    pub line: u64,
    /// It came in this very run: the lead is twice in the input.
    pub same_run: bool,
    /// Its state was told by an earlier run ([`super::Journal::mark_told`]).
    pub told: bool,
}

/// The run that takes leads in.
#[derive(Debug, Clone, Copy)]
pub struct Intaker {
    pub run: i64,
    pub destination: i64,
    /// Milliseconds after which the same key is a new lead.
    pub again_after: Option<i64>,
}

impl super::Ledger {
    /// What [`super::Journal::intake`] would say of a lead, without storing
    /// anything; `None`: it is new. Nothing is in this run yet.
    pub fn standing(
        &self,
        destination: &str,
        again_after: Option<std::time::Duration>,
        lead: &Intake,
    ) -> Result<Option<Standing>, super::LedgerError> {
        self.named(peek(&self.conn, destination, again_after, lead))
    }
}

fn peek(
    conn: &Connection,
    destination: &str,
    again_after: Option<std::time::Duration>,
    lead: &Intake,
) -> rusqlite::Result<Option<Standing>> {
    if any_blocked(conn)?
        && let Some(since) = blocked_since(conn, lead)?
    {
        return Ok(Some(Standing::Blocked { since }));
    }
    let known: Option<i64> = conn
        .prepare_cached("SELECT id FROM destinations WHERE name = ?1")?
        .query_row([destination], |row| row.get(0))
        .optional()?;
    let Some(destination) = known else {
        return Ok(None);
    };
    let by = Intaker {
        run: 0,
        destination,
        again_after: again_after.map(|after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX)),
    };
    let now = super::open::now();
    let Some(found) = by_key(conn, &by, &lead.key)? else {
        let corrected = corrected_since(conn, &by, now, lead)?;
        return Ok(corrected.map(|found| Standing::Skip(found.into_earlier(&by))));
    };
    if comes_again(&by, now, &found) {
        return Ok(None);
    }
    let id = found.id;
    let open = may_change(&by, &found, lead) && !refused_before(conn, &by, &found, lead)?;
    Ok(Some(match open {
        true => standing(&lead.verdict, id, found.told),
        false => Standing::Skip(found.into_earlier(&by)),
    }))
}

/// Takes in one lead, inside a transaction.
pub fn take_in(
    sql: &mut Sql<'_>,
    by: &Intaker,
    now: i64,
    rare: &mut Rare,
    lead: &Intake,
) -> rusqlite::Result<Standing> {
    let conn = sql.conn;
    if rare.blocked
        && let Some(since) = blocked_since(conn, lead)?
    {
        return Ok(Standing::Blocked { since });
    }
    let found = match by_key(conn, by, &lead.key)? {
        Some(found) if comes_again(by, now, &found) || repeats(by, &found, lead) => None,
        Some(found) => Some(found),
        None => match named(conn, by, lead)? {
            Some(found) => Some(found),
            None if !rare.replaced => None,
            None => match corrected_since(conn, by, now, lead)? {
                Some(found) => return Ok(Standing::Skip(found.into_earlier(by))),
                None => None,
            },
        },
    };
    let Some(found) = found else {
        return insert(sql, by, now, lead);
    };
    if !may_change(by, &found, lead) || refused_before(conn, by, &found, lead)? {
        return Ok(match &lead.verdict {
            // It stays rejected in the ledger, but the row's fault is worth telling.
            Verdict::Invalid(_) if found.state == State::Rejected && !found.same_run(by) => {
                Standing::Invalid {
                    id: found.id,
                    told: false,
                }
            }
            _ => Standing::Skip(found.into_earlier(by)),
        });
    }
    rare.replaced = true;
    update(conn, by, now, &found, lead)
}

/// What is asked once a batch, since the answer is nearly always no.
#[derive(Debug, Clone, Copy)]
pub struct Rare {
    /// Somebody is never to be sent again.
    blocked: bool,
    /// A corrected row may have taken the place of another.
    replaced: bool,
}

impl Rare {
    pub fn of(conn: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            blocked: any_blocked(conn)?,
            replaced: replaced::any(conn)?,
        })
    }
}

fn any_blocked(conn: &Connection) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM blocked)")?
        .query_row([], |row| row.get(0))
}

fn blocked_since(conn: &Connection, lead: &Intake) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT min(at) FROM blocked WHERE person IN (?1, ?2)")?
        .query_row(params![lead.email, lead.phone], |row| row.get(0))
}

struct Found {
    id: i64,
    state: State,
    in_flight: bool,
    run: i64,
    was_pending: bool,
    told: bool,
    request: Option<Hash16>,
    sent_at: Option<i64>,
    came_at: i64,
    line: i64,
    file: String,
    reference: Option<String>,
    message: Option<String>,
    key: Hash16,
    label: Option<String>,
    email: Option<Hash16>,
    phone: Option<Hash16>,
}

const COLUMNS: &str =
    "id, state, flights.lead IS NOT NULL, leads.run, was_pending, told_state IS state, request,
    sent_at, coalesce(sent_at, decided_at, read_at), line, file, reference, message,
    key, label, email, phone, iif(sends, started_at, NULL)";

const FROM: &str = "leads LEFT JOIN flights ON flights.lead = leads.id";

impl Found {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let mut found = Self {
            id: row.get(0)?,
            state: super::lead::state_at(row, 1)?,
            in_flight: row.get(2)?,
            run: row.get(3)?,
            was_pending: row.get(4)?,
            told: row.get(5)?,
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
            found.told &= found.state == State::InDoubt;
            found.state = State::InDoubt;
            found.message = Some(being_sent(since));
            found.sent_at = Some(since);
        }
        Ok(found)
    }

    /// Is it the same person's? Not every lead that a file's `leadctl_id` names
    /// is: the file may come from another ledger.
    fn is_kin(&self, lead: &Intake) -> bool {
        // Known by one thing alone, which is what was corrected.
        let scant = self.email.is_none() || self.phone.is_none();
        let refused = matches!(self.state, State::Invalid | State::Rejected);
        self.email.is_some() && self.email == lead.email
            || self.phone.is_some() && self.phone == lead.phone
            || self.label.as_ref() == Some(&lead.label)
            || scant && refused
    }

    fn same_run(&self, by: &Intaker) -> bool {
        self.run == by.run
    }

    fn into_earlier(self, by: &Intaker) -> Earlier {
        Earlier {
            same_run: self.same_run(by),
            id: self.id,
            state: self.state,
            reference: self.reference,
            message: self.message,
            sent_at: self.sent_at,
            file: self.file,
            line: self.line.unsigned_abs(),
            told: self.told,
        }
    }
}

fn by_key(conn: &Connection, by: &Intaker, key: &Hash16) -> rusqlite::Result<Option<Found>> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE destination = ?1 AND key = ?2 ORDER BY id DESC LIMIT 1"
        )
    });
    conn.prepare_cached(&SQL)?
        .query_row(params![by.destination, key], Found::read)
        .optional()
}

fn by_id(conn: &Connection, by: &Intaker, id: i64) -> rusqlite::Result<Option<Found>> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!("SELECT {COLUMNS} FROM {FROM} WHERE id = ?1 AND destination = ?2")
    });
    conn.prepare_cached(&SQL)?
        .query_row(params![id, by.destination], Found::read)
        .optional()
}

/// The lead that this row corrects, as its file says.
fn named(conn: &Connection, by: &Intaker, lead: &Intake) -> rusqlite::Result<Option<Found>> {
    let found = match lead.replaces {
        Some(id) => by_id(conn, by, id)?,
        None => None,
    };
    Ok(found.filter(|found| found.is_kin(lead)))
}

/// The lead that this very row was, until a corrected one took its place.
fn corrected_since(
    conn: &Connection,
    by: &Intaker,
    now: i64,
    lead: &Intake,
) -> rusqlite::Result<Option<Found>> {
    let id = replaced::lead_of(conn, by.destination, &lead.key, lead.request.as_ref())?;
    let found = match id {
        Some(id) => by_id(conn, by, id)?,
        None => None,
    };
    Ok(found.filter(|found| !comes_again(by, now, found)))
}

/// Did the partner refuse this very content already, before a correction that
/// it refused too?
fn refused_before(
    conn: &Connection,
    by: &Intaker,
    found: &Found,
    lead: &Intake,
) -> rusqlite::Result<bool> {
    if found.state != State::Rejected || lead.replaces == Some(found.id) {
        return Ok(false);
    }
    let elsewhere = matches!(lead.verdict, Verdict::Elsewhere(_));
    let before = replaced::lead_of(conn, by.destination, &lead.key, lead.request.as_ref())?;
    Ok(!elsewhere && before == Some(found.id))
}

/// `again_after`: enough time has passed for the same person to be a new lead.
/// A lead in doubt waits for its settlement all the same.
fn comes_again(by: &Intaker, now: i64, found: &Found) -> bool {
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
fn repeats(by: &Intaker, found: &Found, lead: &Intake) -> bool {
    let open = matches!(
        found.state,
        State::Unsent | State::Failed | State::InDoubt | State::Invalid
    );
    lead.key_kind == KeyKind::Amendment && (found.same_run(by) || !found.in_flight && !open)
}

/// May the stored lead be judged and sent anew, with this row's content?
fn may_change(by: &Intaker, found: &Found, lead: &Intake) -> bool {
    if found.in_flight {
        return false;
    }
    // One that was not made, or perhaps not, is settled by making it again.
    if lead.key_kind == KeyKind::Amendment {
        return true;
    }
    match found.state {
        // A later row may be the corrected one.
        State::Invalid => true,
        State::Failed | State::Unsent => !found.same_run(by),
        State::Rejected => {
            let elsewhere = matches!(lead.verdict, Verdict::Elsewhere(_));
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

/// The state and the message that a verdict gives.
fn judged(verdict: &Verdict) -> (State, Option<&str>) {
    match verdict {
        Verdict::Ready => (State::Unsent, None),
        Verdict::Invalid(why) => (State::Invalid, Some(why)),
        Verdict::Elsewhere(note) => (State::Delivered, Some(note)),
    }
}

fn standing(verdict: &Verdict, id: i64, told: bool) -> Standing {
    match verdict {
        Verdict::Ready => Standing::Send { id, told },
        Verdict::Invalid(_) => Standing::Invalid { id, told },
        Verdict::Elsewhere(_) => Standing::Recorded { id },
    }
}

pub const INSERT: &str =
    "INSERT INTO leads (destination, key, key_kind, state, run, read_at, decided_at, request,
    email, phone, line, file, source, message, label, fields, sent, address)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

fn insert(sql: &mut Sql<'_>, by: &Intaker, now: i64, lead: &Intake) -> rusqlite::Result<Standing> {
    let (state, message) = judged(&lead.verdict);
    sql.insert.execute(params![
        by.destination,
        lead.key,
        lead.key_kind.as_str(),
        state.as_str(),
        by.run,
        now,
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
    let id = sql.conn.last_insert_rowid();
    Ok(standing(&lead.verdict, id, false))
}

fn update(
    conn: &Connection,
    by: &Intaker,
    now: i64,
    found: &Found,
    lead: &Intake,
) -> rusqlite::Result<Standing> {
    let (state, message) = judged(&lead.verdict);
    let told = match lead.verdict {
        Verdict::Invalid(_) => {
            found.told && found.state == state && found.message.as_deref() == message
        }
        _ => found.told && matches!(found.state, State::Unsent | State::Failed),
    };
    // A lead that was told to have failed, and fails again, was told.
    let forget = state == State::Invalid && !told;
    let refused = matches!(found.state, State::Invalid | State::Rejected);
    let other = found.key != lead.key || found.state == State::Rejected;
    if refused && other && lead.key_kind != KeyKind::Amendment {
        replaced::remember(conn, found.id)?;
    }
    conn.prepare_cached(
        "UPDATE leads SET key = ?2, key_kind = ?3, state = ?4, run = ?5, read_at = ?6, decided_at = ?7,
           request = ?8, email = ?9, phone = ?10, line = ?11, file = ?12, source = ?13, message = ?14,
           label = ?15, fields = ?16, sent = ?18, address = ?19, status = NULL, reference = NULL, expires_at = NULL,
           purged_at = NULL, told_state = CASE WHEN ?17 THEN NULL ELSE told_state END
         WHERE id = ?1",
    )?
    .execute(params![
        found.id,
        lead.key,
        lead.key_kind.as_str(),
        state.as_str(),
        by.run,
        now,
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
        forget,
        lead.sent,
        lead.address,
    ])?;
    Ok(standing(&lead.verdict, found.id, told))
}
