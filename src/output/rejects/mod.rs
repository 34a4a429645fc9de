//! The file of rows to be corrected: those that were invalid or rejected, in
//! their input's own columns and form, with what is wrong with each. Fed back,
//! its `leadctl_id` says which lead a corrected row replaces.
//! Knows rows and files; knows no partner, no ledger and no table of fields.

mod form;
mod group;
mod place;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{Command, quoted};
use crate::io_words::io_words;
use crate::lead::{Record, State};
use group::Group;

pub use form::{Form, Syntax};
pub use place::Earlier;

/// Different columns at most: each set has a file.
const MOST: usize = 50;

/// Why there is no rejects file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("--rejects {}: {why}", path.display())]
    Place { path: PathBuf, why: Unfit },
    #[error("--rejects {}: the rows of {input} ({format}) are written back as CSV", path.display())]
    NamedJson {
        path: PathBuf,
        input: String,
        format: &'static str,
    },
    #[error(
        "the rows to correct could not be written to {}: they have more than {MOST} different sets of columns, and each needs a file of its own",
        path.display()
    )]
    TooMany { path: PathBuf },
    #[error("the rows to correct could not be written to {}: {}", path.display(), io_words(source))]
    Io { path: PathBuf, source: io::Error },
}

/// Why no rejects file may stand in a place.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub enum Unfit {
    #[error("the rows are written to a file, and `-` is none")]
    StandardOutput,
    #[error("rows are written as CSV or JSON, not as a workbook")]
    Workbook,
    #[error("it is a folder")]
    Folder,
    #[error("this file is there already, and it is no rejects file")]
    Foreign,
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Place { why, .. } => match why {
                Unfit::StandardOutput => "name one, such as --rejects rejects.csv".to_owned(),
                Unfit::Workbook => "name a .csv file: a spreadsheet opens it".to_owned(),
                Unfit::Folder => "name a file in it".to_owned(),
                Unfit::Foreign => "name another file: this one would be lost".to_owned(),
            },
            Self::NamedJson { path, .. } => {
                let csv = path.with_extension("csv").display().to_string();
                format!("--rejects {}", quoted(&csv))
            }
            Self::TooMany { .. } => "name a .jsonl file: it takes them all".to_owned(),
            Self::Io { .. } => {
                let states = ["--state", "invalid", "--state", "rejected"];
                let command = Command::new(["history"]).and(states);
                format!(
                    "the rows are in the ledger: {}",
                    command.and(["--rejects", "FILE"])
                )
            }
        }
    }
}

/// Knows what was written last, so that a file which somebody changed since is
/// not taken for one that nobody needs.
pub trait Memory {
    /// The mark of what was written there last.
    fn mark(&self, path: &Path) -> Option<Vec<u8>>;
    /// Keeps the mark of what is written there now.
    fn keep(&self, path: &Path, mark: &[u8]);
}

/// What is said of a row.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'r> {
    /// The ledger's id; `None` where nothing is kept.
    pub id: Option<i64>,
    pub state: State,
    pub message: &'r str,
}

/// Rejects being gathered, and the file or the files that they will fill.
pub struct Rejects {
    /// As the user named it.
    path: PathBuf,
    /// By input, as the user named it.
    inputs: HashMap<String, Form>,
    groups: Vec<Group>,
    in_part: bool,
    /// Why a row could not be kept; the run goes on without the file.
    failed: Option<Error>,
}

/// A file that [`Rejects::finish`] left on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// As the user named it, or one beside it.
    pub path: PathBuf,
    pub rows: u64,
    pub earlier: Earlier,
    /// The input was a workbook, and this is CSV.
    pub from_workbook: bool,
}

impl Rejects {
    /// Makes ready to write `path`. Nothing is there before [`Self::finish`].
    ///
    /// # Errors
    /// It can't be written there, or what is there is no rejects file.
    pub fn create(path: &Path) -> Result<Self, Error> {
        place::check(path)?;
        // If its folder can't be written, it shows at once.
        tempfile::tempfile_in(place::folder(path)).map_err(|source| failure(path, source))?;
        Ok(Self {
            path: path.to_owned(),
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
    pub fn opened(&mut self, input: &str, form: Form) {
        self.inputs.insert(input.to_owned(), form);
    }

    /// Keeps a row. A disk that fails is told by [`Self::finish`].
    pub fn add(&mut self, record: &Record, refusal: Refusal<'_>) {
        if self.failed.is_none() {
            self.failed = self.try_add(record, refusal).err();
        }
    }

    fn try_add(&mut self, record: &Record, refusal: Refusal<'_>) -> Result<(), Error> {
        let known = self.inputs.get(&*record.file).copied();
        let form = known.unwrap_or_else(|| Form::named(&self.path));
        let read = match form.is_json() {
            true => None,
            false => group::as_read(record),
        };
        let record = read.as_ref().unwrap_or(record);
        let at = self.group(form, record)?;
        let added = self.groups[at].add(&form, record, refusal);
        added.map_err(|source| failure(&self.path, source))
    }

    /// Where rows such as this one are gathered.
    fn group(&mut self, form: Form, record: &Record) -> Result<usize, Error> {
        let names = group::names(&record.header);
        let damaged = record.fault.is_some();
        let find = |like: &dyn Fn(&Group) -> bool| self.groups.iter().position(like);
        let same = find(&|group| group.is_of(&form, &names));
        let alike = || find(&|group| group.may_be_of(&form, &names, damaged));
        if let Some(at) = same.or_else(alike) {
            return Ok(at);
        }
        if self.groups.len() == MOST {
            let path = self.path.clone();
            return Err(Error::TooMany { path });
        }
        let group = Group::create(place::folder(&self.path), form, record);
        self.groups
            .push(group.map_err(|source| failure(&self.path, source))?);
        Ok(self.groups.len() - 1)
    }

    /// Writes each file whole and gives it its name; without rows nothing is
    /// written. The first shape has the file that the user named.
    ///
    /// # Errors
    /// It could not be written.
    pub fn finish(self, memory: Option<&dyn Memory>) -> Result<Vec<Written>, Error> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let (mut written, mut taken) = (Vec::new(), Vec::new());
        for group in self.groups {
            let path = match taken.len() {
                0 => self.path.clone(),
                before => place::beside(&self.path, before + 1, &group.form, &taken),
            };
            taken.push(path.clone());
            let (rows, from_workbook) = (group.rows, group.form.from_workbook);
            // What stands there was read in this very run.
            let is_input = |input: &String| place::is_same(input, &path);
            let read = !self.in_part && self.inputs.keys().any(is_input);
            let earlier = place::replace(&path, read, memory, |out| group.write(out))
                .map_err(|source| failure(&path, source))?;
            written.push(Written {
                path,
                rows,
                earlier,
                from_workbook,
            });
        }
        Ok(written)
    }
}

fn failure(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    Error::Io { path, source }
}

#[cfg(test)]
mod tests;
