//! The file of rows to be corrected: those that were invalid or rejected, in
//! their input's own columns and form, with what is wrong with each. Fed back,
//! its `leadctl_id` says which lead a corrected row replaces.
//! Knows rows and files; knows no partner, no ledger and no table of fields.

mod columns;
mod encode;
mod file;
mod group;
mod shape;
mod spool;
mod write;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::Failure;
use crate::input::Facts;
use crate::io_words::io_words;
use crate::lead::Record;
use file::Replaced;
use group::Group;
use shape::Shape;

pub use file::{Memory, check_form};
pub use group::Verdict;

/// Shapes of rows at most: each has a file.
const MOST: usize = 50;

/// Rejects being gathered, and the file or the files that they will fill.
pub struct Rejects {
    /// As the user named it.
    path: PathBuf,
    /// What the file's name tells.
    named: Shape,
    /// By input, as the user named it.
    inputs: HashMap<String, Shape>,
    groups: Vec<Group>,
    in_part: bool,
    /// Why a row could not be kept; the run goes on without the file.
    failed: Option<Failure>,
}

/// A file that [`Rejects::finish`] left on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// As the user named it, or one beside it.
    pub path: PathBuf,
    pub rows: u64,
    /// An earlier rejects file of that name, and where it is now.
    pub kept: Option<PathBuf>,
    /// The same, of one that somebody changed since it was written.
    pub changed: Option<PathBuf>,
    /// The input was a workbook, and this is CSV.
    pub from_workbook: bool,
    /// It says what it said before.
    pub same: bool,
}

impl Rejects {
    /// Makes ready to write `path`. Nothing is there before [`Self::finish`].
    ///
    /// # Errors
    /// It can't be written there, or what is there is no rejects file.
    pub fn create(path: &Path) -> Result<Self, Failure> {
        file::check(path)?;
        // If its folder can't be written, it shows at once.
        spool::Spool::create(path).map_err(|error| failure(path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            named: Shape::named(path),
            inputs: HashMap::new(),
            groups: Vec::new(),
            in_part: false,
            failed: None,
        })
    }

    /// Only some lines of the inputs are read: what else stands in them is in no
    /// ledger.
    pub fn read_in_part(&mut self) {
        self.in_part = true;
    }

    /// An input is read: its rows are written back in the form it came in.
    pub fn opened(&mut self, input: &str, facts: &Facts) {
        self.inputs.insert(input.to_owned(), Shape::of(facts));
    }

    /// Keeps a row. A disk that fails is told by [`Self::finish`].
    pub fn add(&mut self, record: &Record, verdict: Verdict<'_>) {
        if self.failed.is_none() {
            self.failed = self.try_add(record, verdict).err();
        }
    }

    fn try_add(&mut self, record: &Record, verdict: Verdict<'_>) -> Result<(), Failure> {
        let shape = *self.inputs.get(&*record.file).unwrap_or(&self.named);
        let read = match shape.is_json() {
            true => None,
            false => columns::as_read(record),
        };
        let record = read.as_ref().unwrap_or(record);
        let at = self.group(&shape, record)?;
        let added = self.groups[at].add(&shape, record, verdict);
        added.map_err(|error| failure(&self.path, &error))
    }

    /// Where rows such as this one are gathered.
    fn group(&mut self, shape: &Shape, record: &Record) -> Result<usize, Failure> {
        let names = columns::names(&record.header);
        let damaged = record.fault.is_some();
        let mut groups = self.groups.iter();
        let same = groups.position(|group| group.is_of(shape, &names));
        let alike = || {
            let mut groups = self.groups.iter();
            groups.position(|group| group.may_be_of(shape, &names, damaged))
        };
        if let Some(at) = same.or_else(alike) {
            return Ok(at);
        }
        if self.groups.len() == MOST {
            return Err(Failure::unfinished(format!(
                "the rows to correct could not be written to {}: they have more than {MOST} different sets of columns, and each needs a file of its own",
                self.path.display()
            ))
            .hint("name a .jsonl file: it takes them all"));
        }
        let group = Group::create(&self.path, *shape, record);
        self.groups
            .push(group.map_err(|error| failure(&self.path, &error))?);
        Ok(self.groups.len() - 1)
    }

    /// Writes each file whole and gives it its name; without rows nothing is
    /// written. The first shape has the file that the user named.
    ///
    /// # Errors
    /// It could not be written.
    pub fn finish(self, memory: Option<&dyn Memory>) -> Result<Vec<Written>, Failure> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let mut written: Vec<Written> = Vec::new();
        for group in self.groups {
            let path = match written.last() {
                None => self.path.clone(),
                Some(_) => {
                    let taken: Vec<&Path> = written.iter().map(|one| one.path.as_path()).collect();
                    file::beside(&self.path, taken.len() + 1, group.shape.extension(), &taken)
                }
            };
            let (rows, from_workbook) = (group.rows, group.shape.from_workbook);
            // What stands there was read in this very run.
            let read = !self.in_part && self.inputs.keys().any(|input| file::is_same(input, &path));
            let replaced = file::replace(&path, read, memory, |out| group.write(out));
            let replaced = replaced.map_err(|error| failure(&path, &error))?;
            let same = replaced == Replaced::Same;
            let (kept, changed) = match replaced {
                Replaced::Nothing | Replaced::Same => (None, None),
                Replaced::Old(old) => (Some(old), None),
                Replaced::Changed(changed) => (None, Some(changed)),
            };
            written.push(Written {
                path,
                rows,
                kept,
                changed,
                from_workbook,
                same,
            });
        }
        Ok(written)
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
