//! Takes in what was read: every lead is stored, and the standing of its key
//! says whether it may be sent (design: "next `send` of the same lead").

use rusqlite::{OptionalExtension, params};

use super::found::{
    Found, by_key, comes_again, corrected_since, may_change, named, refused_before, repeats,
};
use super::sql::{Prepared, Sql};
use super::{Hash16, Ledger, LedgerError, replaced};
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

/// What the ledger would say of leads that are not taken in.
pub struct Standings<'l> {
    ledger: &'l Ledger,
    sql: Sql<'l>,
    home: Prepared<'l>,
    destination: String,
    again_after: Option<i64>,
}

impl Ledger {
    pub fn standings(
        &self,
        destination: &str,
        again_after: Option<std::time::Duration>,
    ) -> Standings<'_> {
        let mut sql = Sql::new(&self.conn);
        sql.recent = self.recent.take();
        Standings {
            ledger: self,
            sql,
            home: Prepared::new(&self.conn, "SELECT id FROM destinations WHERE name = ?1"),
            destination: destination.to_owned(),
            again_after: again_after
                .map(|after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}

/// What was read of the recent leads serves the next ones too.
impl Drop for Standings<'_> {
    fn drop(&mut self) {
        let recent = std::mem::take(&mut self.sql.recent);
        self.ledger.recent.replace(recent);
    }
}

impl Standings<'_> {
    /// What [`super::Journal::intake`] would say of a lead, without storing
    /// anything; `None`: it is new. Nothing is in this run yet.
    pub fn of(&mut self, lead: &Intake) -> Result<Option<Standing>, LedgerError> {
        let standing = self.peek(lead);
        self.sql.recent.spare();
        self.ledger.named(standing)
    }

    fn peek(&mut self, lead: &Intake) -> rusqlite::Result<Option<Standing>> {
        let sql = &mut self.sql;
        if any_blocked(sql)?
            && let Some(since) = blocked_since(sql, lead)?
        {
            return Ok(Some(Standing::Blocked { since }));
        }
        let known: Option<i64> = self
            .home
            .get()?
            .query_row([&self.destination], |row| row.get(0))
            .optional()?;
        let Some(destination) = known else {
            return Ok(None);
        };
        let by = Intaker {
            run: 0,
            destination,
            again_after: self.again_after,
        };
        let now = super::open::now();
        let Some(found) = by_key(sql, &by, &lead.key)? else {
            let corrected = corrected_since(sql, &by, now, lead)?;
            return Ok(corrected.map(|found| Standing::Skip(found.into_earlier(&by))));
        };
        if comes_again(&by, now, &found) {
            return Ok(None);
        }
        let id = found.id;
        let open = may_change(&by, &found, lead) && !refused_before(sql, &by, &found, lead)?;
        Ok(Some(match open {
            true => standing(&lead.verdict, id, found.told),
            false => Standing::Skip(found.into_earlier(&by)),
        }))
    }
}

/// Takes in one lead, inside a transaction.
pub fn take_in(
    sql: &mut Sql<'_>,
    by: &Intaker,
    now: i64,
    rare: &mut Rare,
    lead: &Intake,
) -> rusqlite::Result<Standing> {
    if rare.blocked
        && let Some(since) = blocked_since(sql, lead)?
    {
        return Ok(Standing::Blocked { since });
    }
    let found = match by_key(sql, by, &lead.key)? {
        Some(found) if comes_again(by, now, &found) || repeats(by, &found, lead) => None,
        Some(found) => Some(found),
        None => match named(sql, by, lead)? {
            Some(found) => Some(found),
            None if !rare.replaced => None,
            None => match corrected_since(sql, by, now, lead)? {
                Some(found) => return Ok(Standing::Skip(found.into_earlier(by))),
                None => None,
            },
        },
    };
    let Some(found) = found else {
        return insert(sql, by, now, lead);
    };
    if !may_change(by, &found, lead) || refused_before(sql, by, &found, lead)? {
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
    update(sql, by, now, &found, lead)
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
    pub fn of(sql: &mut Sql<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            blocked: any_blocked(sql)?,
            replaced: replaced::any(sql)?,
        })
    }
}

pub const ANY_BLOCKED: &str = "SELECT EXISTS (SELECT 1 FROM blocked)";

pub fn any_blocked(sql: &mut Sql<'_>) -> rusqlite::Result<bool> {
    sql.any_blocked.get()?.query_row([], |row| row.get(0))
}

pub const BLOCKED: &str = "SELECT min(at) FROM blocked WHERE person IN (?1, ?2)";

fn blocked_since(sql: &mut Sql<'_>, lead: &Intake) -> rusqlite::Result<Option<i64>> {
    sql.blocked
        .get()?
        .query_row(params![lead.email, lead.phone], |row| row.get(0))
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
    sql.insert.get()?.execute(params![
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

pub const UPDATE: &str =
    "UPDATE leads SET key = ?2, key_kind = ?3, state = ?4, run = ?5, read_at = ?6, decided_at = ?7,
    request = ?8, email = ?9, phone = ?10, line = ?11, file = ?12, source = ?13, message = ?14,
    label = ?15, fields = ?16, sent = ?18, address = ?19, status = NULL, reference = NULL, expires_at = NULL,
    purged_at = NULL, told_state = CASE WHEN ?17 THEN NULL ELSE told_state END
  WHERE id = ?1";

fn update(
    sql: &mut Sql<'_>,
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
        replaced::remember(sql, found.id)?;
    }
    sql.update.get()?.execute(params![
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
