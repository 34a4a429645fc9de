//! Statements that run once a lead: to prepare one costs more than to run it,
//! so each is prepared once and held.

use std::borrow::Cow;

use rusqlite::{Connection, PrepFlags, Statement};

use super::recent::{self, Recent};
use super::{claim, found, intake, pace, replaced, settlement, writer};

/// A statement, prepared when it is first asked for.
pub struct Prepared<'c> {
    conn: &'c Connection,
    text: Cow<'static, str>,
    statement: Option<Statement<'c>>,
}

impl<'c> Prepared<'c> {
    pub fn new(conn: &'c Connection, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            conn,
            text: text.into(),
            statement: None,
        }
    }

    pub fn get(&mut self) -> rusqlite::Result<&mut Statement<'c>> {
        match self.statement {
            Some(ref mut statement) => Ok(statement),
            None => {
                let statement = self
                    .conn
                    .prepare_with_flags(&self.text, PrepFlags::SQLITE_PREPARE_PERSISTENT)?;
                Ok(self.statement.insert(statement))
            }
        }
    }
}

/// A connection with the statements of a run. Each is explained where it is used.
pub struct Sql<'c> {
    pub conn: &'c Connection,
    pub begin: Prepared<'c>,
    pub commit: Prepared<'c>,
    pub insert: Prepared<'c>,
    pub update: Prepared<'c>,
    pub sealed: Prepared<'c>,
    pub scan_recent: Prepared<'c>,
    pub recent_since: Prepared<'c>,
    pub recent: Recent,
    pub by_key: Prepared<'c>,
    pub by_id: Prepared<'c>,
    pub any_blocked: Prepared<'c>,
    pub blocked: Prepared<'c>,
    pub any_replaced: Prepared<'c>,
    pub replaced: Prepared<'c>,
    pub remember: Prepared<'c>,
    pub before: Prepared<'c>,
    pub now_of: Prepared<'c>,
    pub launch: Prepared<'c>,
    pub rewrite: Prepared<'c>,
    pub land: Prepared<'c>,
    pub put: Prepared<'c>,
    pub note: Prepared<'c>,
    pub told: Prepared<'c>,
    pub invalidate: Prepared<'c>,
    pub destination: Prepared<'c>,
    pub calls: pace::Calls<'c>,
}

impl<'c> Sql<'c> {
    /// What records an outcome is prepared before anything is sent: a ledger
    /// that can't take the outcome must not be found out by a lead.
    pub fn ready_to_settle(&mut self) -> rusqlite::Result<()> {
        for statement in [&mut self.land, &mut self.put, &mut self.note] {
            statement.get()?;
        }
        Ok(())
    }

    pub fn new(conn: &'c Connection) -> Self {
        let held = |text: &'static str| Prepared::new(conn, text);
        Self {
            conn,
            begin: held("BEGIN IMMEDIATE"),
            commit: held("COMMIT"),
            insert: held(intake::INSERT),
            update: held(intake::UPDATE),
            sealed: held(recent::SEALED),
            scan_recent: held(recent::SCAN),
            recent_since: held(recent::SINCE),
            recent: Recent::default(),
            by_key: held(&found::BY_KEY),
            by_id: held(&found::BY_ID),
            any_blocked: held(intake::ANY_BLOCKED),
            blocked: held(intake::BLOCKED),
            any_replaced: held(replaced::ANY),
            replaced: held(replaced::LEAD_OF),
            remember: held(replaced::REMEMBER),
            before: held(claim::BEFORE),
            now_of: held(claim::NOW_OF),
            launch: held(claim::LAUNCH),
            rewrite: held(claim::REWRITE),
            land: held(settlement::LAND),
            put: held(settlement::PUT),
            note: held(settlement::NOTE),
            told: held(writer::TOLD),
            invalidate: held(writer::INVALIDATE),
            destination: held(writer::DESTINATION),
            calls: pace::Calls::new(conn),
        }
    }
}
