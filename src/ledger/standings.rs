//! What the ledger would say of leads, without taking them in.

use rusqlite::OptionalExtension;

use super::blocked::{any_blocked, blocked_since};
use super::clock::now;
use super::found::{by_key, comes_again, corrected_since, may_change, refused_before};
use super::intake::{DedupOutcome, Intake, Intaker};
use super::sql::Sql;
use super::taking::standing;
use super::{Ledger, LedgerError};

/// What the ledger would say of leads that are not taken in.
pub struct IntakePreview<'l> {
    ledger: &'l Ledger,
    sql: Sql<'l>,
    /// Under which they may be stored: today's first.
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
        again_after: Option<std::time::Duration>,
    ) -> IntakePreview<'_> {
        let mut sql = Sql::new(&self.conn);
        sql.recent = self.recent.take();
        IntakePreview {
            ledger: self,
            sql,
            names: std::iter::once(destination.to_owned())
                .chain(formerly.iter().cloned())
                .collect(),
            again_after: again_after
                .map(|after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}

/// What was read of the recent leads serves the next ones too.
impl Drop for IntakePreview<'_> {
    fn drop(&mut self) {
        let recent = std::mem::take(&mut self.sql.recent);
        self.ledger.recent.replace(recent);
    }
}

impl IntakePreview<'_> {
    /// What [`super::Journal::intake`] would say of a lead, without storing
    /// anything; `None`: it is new. Nothing is in this run yet.
    pub fn of(&mut self, lead: &Intake) -> Result<Option<DedupOutcome>, LedgerError> {
        let standing = self.peek(lead);
        self.sql.recent.spare();
        self.ledger.named(standing)
    }

    fn peek(&mut self, lead: &Intake) -> rusqlite::Result<Option<DedupOutcome>> {
        let sql = &mut self.sql;
        if any_blocked(sql)?
            && let Some(since) = blocked_since(sql, lead)?
        {
            return Ok(Some(DedupOutcome::Blocked { since }));
        }
        let now = now();
        for name in &self.names {
            let known = sql
                .held
                .get("SELECT id FROM destinations WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?;
            let Some(destination) = known else {
                continue;
            };
            let by = Intaker {
                run: 0,
                destination,
                again_after: self.again_after,
            };
            if let Some(standing) = stands(sql, &by, now, lead)? {
                return Ok(Some(standing));
            }
        }
        Ok(None)
    }
}

/// How it stands with a lead at one destination.
fn stands(
    sql: &mut Sql<'_>,
    by: &Intaker,
    now: i64,
    lead: &Intake,
) -> rusqlite::Result<Option<DedupOutcome>> {
    let Some(found) = by_key(sql, by, &lead.key)? else {
        let corrected = corrected_since(sql, by, now, lead)?;
        return Ok(corrected.map(|found| DedupOutcome::Skip(found.into_earlier(by))));
    };
    if comes_again(by, now, &found) {
        return Ok(None);
    }
    let id = found.id;
    let open = may_change(by, &found, lead) && !refused_before(sql, by, &found, lead)?;
    Ok(Some(match open {
        true => standing(&lead.judgement, id, found.notified),
        false => DedupOutcome::Skip(found.into_earlier(by)),
    }))
}
