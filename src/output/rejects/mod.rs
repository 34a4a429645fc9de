//! The file of rows to be corrected: those that were invalid or rejected, in
//! their input's own columns and form, with what is wrong with each. Fed back,
//! its `leadctl_id` says which lead a corrected row replaces.
//! Knows rows and files; knows no partner, no ledger and no table of fields.

mod form;
mod group;
pub(super) mod place;
mod workbook;

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::lead::Record;
use crate::words::say;
use group::Group;
use workbook::Book;

pub use form::{Form, Syntax};
pub use group::Refusal;
pub use place::{Earlier, Error, Knows, WrittenBefore, remove_litter};

/// Different columns at most: each set has a file, or a sheet.
const MOST: usize = 50;

/// Rejects being gathered, and the file or the files that they will fill.
pub struct Rejects {
    /// As the user named it.
    path: PathBuf,
    /// By input, as the user named it.
    inputs: HashMap<String, Form>,
    groups: Vec<Group>,
    /// Tells a workbook of ours.
    knows: Knows,
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
    pub fn create(path: &Path, knows: Knows) -> Result<Self, Error> {
        place::check(path, knows)?;
        // If its folder can't be written, it shows at once.
        let folder = place::folder(path);
        tempfile::tempfile_in(folder).map_err(|source| place::refused(path, &source))?;
        Ok(Self {
            path: path.to_owned(),
            inputs: HashMap::new(),
            groups: Vec::new(),
            knows,
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
        let named = Form::named(&self.path);
        let known = self.inputs.get(&*record.file).copied();
        // A workbook takes the rows of every form.
        let known = known.filter(|_| named.syntax != Syntax::Sheet);
        let form = known.unwrap_or(named);
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
            let many = say!("rejects-many-columns");
            return Err(failure(&self.path, io::Error::other(many)));
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
    pub fn finish(self, memory: Option<&dyn WrittenBefore>) -> Result<Vec<Written>, Error> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        if Form::named(&self.path).syntax == Syntax::Sheet {
            return self.finish_workbook(memory);
        }
        let (mut written, mut taken) = (Vec::new(), Vec::new());
        for group in self.groups {
            let path = match taken.len() {
                0 => self.path.clone(),
                before => place::beside(&self.path, before + 1, &group.form, &taken, self.knows),
            };
            taken.push(path.clone());
            let (rows, from_workbook) = (group.rows, group.form.from_workbook);
            // What stands there was read in this very run.
            let is_input = |input: &String| place::is_same(input, &path);
            let read = !self.in_part && self.inputs.keys().any(is_input);
            let earlier = place::replace(&path, read, memory, self.knows, |out| group.write(out))
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

    /// The same, where every set of columns is a sheet of one workbook.
    fn finish_workbook(self, memory: Option<&dyn WrittenBefore>) -> Result<Vec<Written>, Error> {
        let path = self.path;
        let rows = self.groups.iter().map(|group| group.rows).sum();
        if rows == 0 {
            return Ok(Vec::new());
        }
        let is_input = |input: &String| place::is_same(input, &path);
        let read = !self.in_part && self.inputs.keys().any(is_input);
        let groups = self.groups;
        let write = |out: &mut File| {
            let mut book = Book::new();
            for group in groups {
                group.add_to(&mut book)?;
            }
            book.save(out)
        };
        let earlier = place::replace(&path, read, memory, self.knows, write);
        let earlier = earlier.map_err(|source| failure(&path, source))?;
        let from_workbook = false;
        Ok(vec![Written {
            path,
            rows,
            earlier,
            from_workbook,
        }])
    }
}

fn failure(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    Error::Io { path, source }
}

#[cfg(test)]
mod tests;
