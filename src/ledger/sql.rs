//! The statements that every lead passes through, prepared once a run: to look
//! one up in the connection's cache costs some 1,400 instructions each time.

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
        use super::{claim, intake, settlement};
        Ok(Self {
            conn,
            insert: conn.prepare(intake::INSERT)?,
            before: conn.prepare(claim::BEFORE)?,
            launch: conn.prepare(claim::LAUNCH)?,
            land: conn.prepare(settlement::LAND)?,
            put: conn.prepare(settlement::PUT)?,
            note: conn.prepare(settlement::NOTE)?,
        })
    }
}
