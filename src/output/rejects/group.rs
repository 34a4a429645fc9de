//! The rows of one shape: objects, or rows under the same columns. They share a
//! file, so that each reads again as it did in its export: other columns beside
//! it could change what its own mean.

use std::io;
use std::path::Path;

use super::columns::{self, Columns};
use super::shape::Shape;
use super::spool::{Row, Spool};
use super::write;
use crate::lead::{Record, State};

/// What is said of a row.
#[derive(Debug, Clone, Copy)]
pub struct Verdict<'v> {
    /// The ledger's id; `None` where nothing is kept.
    pub id: Option<i64>,
    pub state: State,
    pub message: &'v str,
}

/// Rows of one shape. They wait in a file without a name, so that memory stays
/// flat and a killed run leaves nothing behind.
pub struct Group {
    pub shape: Shape,
    pub rows: u64,
    /// What its columns are called, but ours and those without a name.
    names: Vec<String>,
    /// Every row so far is damaged: columns may be missing.
    damaged: bool,
    columns: Columns,
    spool: Spool,
}

impl Group {
    /// For rows such as this one. `beside`: where the file will stand.
    pub fn create(beside: &Path, shape: Shape, record: &Record) -> io::Result<Self> {
        Ok(Self {
            shape,
            rows: 0,
            names: columns::names(&record.header),
            damaged: true,
            columns: Columns::default(),
            spool: Spool::create(beside)?,
        })
    }

    /// Whether a row has the same columns.
    pub fn is_of(&self, shape: &Shape, names: &[String]) -> bool {
        match (self.shape.is_json(), shape.is_json()) {
            // Every object keeps its own keys.
            (true, true) => true,
            (false, false) => self.names == names,
            _ => false,
        }
    }

    /// Whether it may have them: a damaged row that the ledger kept has no more
    /// than its own cells.
    pub fn may_be_of(&self, shape: &Shape, names: &[String], damaged: bool) -> bool {
        let both = !self.shape.is_json() && !shape.is_json();
        let fewer = damaged && self.names.starts_with(names);
        both && (fewer || self.damaged && names.starts_with(&self.names))
    }

    pub fn add(&mut self, shape: &Shape, record: &Record, verdict: Verdict<'_>) -> io::Result<()> {
        let names = columns::names(&record.header);
        if names.len() > self.names.len() {
            self.names = names;
        }
        self.damaged &= record.fault.is_some();
        self.shape.agree(shape);
        self.rows += 1;
        self.spool.push(&Row {
            id: verdict.id,
            state: verdict.state.as_str().to_owned(),
            message: crate::lead::text::clean(verdict.message, 1000),
            cells: self.columns.place(record),
            surplus: columns::surplus(record),
        })
    }

    pub fn write(self, out: &mut dyn io::Write) -> io::Result<()> {
        let rows = self.spool.rows()?;
        write::rows(out, &self.shape, self.columns.names(), rows)
    }
}
