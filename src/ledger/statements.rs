//! Statements that run once a lead: to prepare one costs more than to run it,
//! so each is prepared once and held.

use std::borrow::Cow;

use rusqlite::{Connection, PrepFlags, Statement};

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
                let statement = prepare(self.conn, &self.text)?;
                Ok(self.statement.insert(statement))
            }
        }
    }
}

/// The statements that a connection ran so far, by their texts.
pub struct Statements<'c> {
    conn: &'c Connection,
    held: Vec<(&'static str, Statement<'c>)>,
}

impl<'c> Statements<'c> {
    pub fn new(conn: &'c Connection) -> Self {
        Self {
            conn,
            held: Vec::new(),
        }
    }

    pub fn get(&mut self, text: &'static str) -> rusqlite::Result<&mut Statement<'c>> {
        // A few dozen texts: compared by address first, which costs less than a
        // hash. The same text may stand at two addresses, so then by content.
        let same = |held: &&str| std::ptr::eq(*held, text);
        let texts = || self.held.iter().map(|(held, _)| *held);
        let known = texts().position(|held| same(&held));
        let known = known.or_else(|| texts().position(|held| held == text));
        let index = match known {
            Some(index) => index,
            None => {
                self.held.push((text, prepare(self.conn, text)?));
                self.held.len() - 1
            }
        };
        Ok(&mut self.held[index].1)
    }
}

fn prepare<'c>(conn: &'c Connection, text: &str) -> rusqlite::Result<Statement<'c>> {
    conn.prepare_with_flags(text, PrepFlags::SQLITE_PREPARE_PERSISTENT)
}
