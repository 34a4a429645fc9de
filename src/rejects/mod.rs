//! The file of rows to be corrected: those that were invalid or rejected, in
//! their input's own columns and form, with what is wrong with each. Fed back,
//! its `leadctl_id` says which lead a corrected row replaces.
//! Knows rows and files; knows no partner, no ledger and no table of fields.

mod columns;
mod encode;
mod file;
mod shape;
mod spool;
mod write;

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::input::Facts;
use crate::io_words::io_words;
use crate::lead::{Record, State};
use columns::Columns;
use shape::Shape;
use spool::{Row, Spool};

/// A rejects file being filled. Rows wait in a file without a name, so that
/// memory stays flat and a killed run leaves nothing behind.
pub struct Rejects {
    /// As the user named it.
    path: PathBuf,
    shape: Shape,
    columns: Columns,
    spool: Spool,
    rows: u64,
    /// Why a row could not be kept; the run goes on without the file.
    failed: Option<std::io::Error>,
}

/// What is said of a row.
#[derive(Debug, Clone, Copy)]
pub struct Verdict<'v> {
    /// The ledger's id; `None` where nothing is kept.
    pub id: Option<i64>,
    pub state: State,
    pub message: &'v str,
}

/// What [`Rejects::finish`] left on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// As the user named it.
    pub path: PathBuf,
    pub rows: u64,
    /// An earlier rejects file of that name, and where it is now.
    pub kept: Option<PathBuf>,
    /// The input was a workbook, and this is CSV.
    pub from_workbook: bool,
}

impl Rejects {
    /// Makes ready to write `path`. Nothing is there before [`Self::finish`].
    ///
    /// # Errors
    /// It can't be written there, or what is there is no rejects file.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        file::check(path)?;
        let spool = Spool::create(path).map_err(|error| failure(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            shape: Shape::named(path),
            columns: Columns::default(),
            spool,
            rows: 0,
            failed: None,
        })
    }

    /// An input is read: its rows are written back in the form it came in.
    pub fn opened(&mut self, facts: &Facts) {
        self.shape.learn(facts);
    }

    /// Keeps a row. A disk that fails is told by [`Self::finish`].
    pub fn add(&mut self, record: &Record, verdict: Verdict<'_>) {
        let row = Row {
            id: verdict.id,
            state: verdict.state.as_str().to_owned(),
            message: crate::lead::text::clean(verdict.message, 1000),
            cells: self.columns.place(record),
            surplus: columns::surplus(record),
        };
        match self.spool.push(&row) {
            Ok(()) => self.rows += 1,
            Err(error) => self.failed = self.failed.take().or(Some(error)),
        }
    }

    /// Writes the file whole and gives it its name; without rows nothing is
    /// written, and `None` is given.
    ///
    /// # Errors
    /// It could not be written.
    pub fn finish(self) -> Result<Option<Written>, Failure> {
        let fail = |error: &std::io::Error| failure(&self.path, error);
        if let Some(error) = &self.failed {
            return Err(fail(error));
        }
        if self.rows == 0 {
            return Ok(None);
        }
        let rows = self.spool.rows().map_err(|error| fail(&error))?;
        let kept = file::replace(&self.path, |out| {
            write::rows(out, &self.shape, self.columns.names(), rows)
        });
        Ok(Some(Written {
            kept: kept.map_err(|error| fail(&error))?,
            rows: self.rows,
            from_workbook: self.shape.from_workbook,
            path: self.path,
        }))
    }
}

fn failure(path: &Path, error: &std::io::Error) -> Failure {
    Failure::unfinished(format!(
        "the rows to correct could not be written to {}: {}",
        path.display(),
        io_words(error)
    ))
}

#[cfg(test)]
mod tests;
