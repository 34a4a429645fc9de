//! The statements that every lead passes through, prepared once a run: to look
//! one up costs a third of what it does.

use rusqlite::{Connection, Statement};

/// A connection with its statements. Each is explained where it is used.
pub struct Sql<'c> {
    pub conn: &'c Connection,
    pub insert: Statement<'c>,
    pub before: Statement<'c>,
    pub launch: Statement<'c>,
    pub land: Statement<'c>,
    pub put: Statement<'c>,
    pub note: Statement<'c>,
}

impl<'c> Sql<'c> {
    pub fn new(conn: &'c Connection) -> rusqlite::Result<Self> {
        use super::{attempt, intake};
        Ok(Self {
            conn,
            insert: conn.prepare(intake::INSERT)?,
            before: conn.prepare(attempt::BEFORE)?,
            launch: conn.prepare(attempt::LAUNCH)?,
            land: conn.prepare(attempt::LAND)?,
            put: conn.prepare(attempt::PUT)?,
            note: conn.prepare(attempt::NOTE)?,
        })
    }
}
