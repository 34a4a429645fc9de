//! What is at hand of a ledger where leads are looked up and written.

use rusqlite::Connection;

use super::hints::Recent;
use super::statements::Statements;

/// A connection, its statements, and what it knows of the recent keys.
pub struct Sql<'c> {
    pub conn: &'c Connection,
    pub held: Statements<'c>,
    pub recent: Recent,
}

impl<'c> Sql<'c> {
    pub fn new(conn: &'c Connection) -> Self {
        Self {
            conn,
            held: Statements::new(conn),
            recent: Recent::default(),
        }
    }
}
