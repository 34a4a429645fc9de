//! A row whose columns are known, with what was repaired or derived. The cells
//! themselves stay as they were read.

use std::borrow::Cow;
use std::sync::Arc;

use super::columns::Columns;
use super::record::Record;
use super::text::is_blank;

/// One person who asked to be called back.
#[derive(Debug, Clone)]
pub struct Lead {
    pub record: Record,
    pub columns: Arc<Columns>,
    /// Where it came from, where its file doesn't tell.
    pub source: Option<String>,
    /// What was found while it was prepared.
    pub notes: Vec<Note>,
    /// Values that take the place of a cell, by column.
    pub(super) instead: Vec<(usize, String)>,
}

/// Something to tell about one cell. [`Columns::header_of`] names its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub column: usize,
    pub kind: NoteKind,
    /// In words, with the value.
    pub message: Cow<'static, str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// The value was put right.
    Repaired,
    /// The value can't be used: this lead is invalid where it is needed.
    Refused,
    /// The value is a guess, told once a run.
    Assumed,
}

impl Lead {
    /// The value of a column: repaired or derived, else the cell, else what
    /// `--default` gives for a blank; `""` when there is none.
    pub fn get(&self, index: usize) -> &str {
        let cell = self.cell(index);
        let set = || self.columns.set_value(index);
        match is_blank(cell) && !self.is_instead(index) {
            true => set().unwrap_or(cell),
            false => cell,
        }
    }

    /// The same, unless there is nothing but white space in it.
    pub fn filled(&self, index: usize) -> Option<&str> {
        let cell = self.cell(index);
        if !is_blank(cell) {
            return Some(cell);
        }
        let value = self.get(index);
        (!is_blank(value)).then_some(value)
    }

    /// The value so far, without what `--default` gives.
    pub(super) fn cell(&self, index: usize) -> &str {
        let mut instead = self.instead.iter();
        match instead.find(|(at, _)| *at == index) {
            Some((_, value)) => value,
            None => self.record.cells.get(index).unwrap_or(""),
        }
    }

    fn is_instead(&self, index: usize) -> bool {
        self.instead.iter().any(|(at, _)| *at == index)
    }

    /// The value of a lead field or of a header.
    pub fn field(&self, name: &str) -> &str {
        self.columns
            .index_of(name)
            .map_or("", |index| self.get(index))
    }

    /// Whether the value of a column was given by `--default`.
    pub fn is_set(&self, index: usize) -> bool {
        self.columns.set_value(index).is_some()
            && !self.is_instead(index)
            && is_blank(self.record.cells.get(index).unwrap_or(""))
    }

    /// Who this is, for a person: the name, else the company, e-mail address
    /// or telephone number, else the line.
    pub fn label(&self) -> String {
        let plan = &self.columns.plan;
        let (first, last) = (self.of(plan.first_name), self.of(plan.last_name));
        if !first.is_empty() && !last.is_empty() {
            return [first, last].join(" ");
        }
        match self.name() {
            Some(name) => name.to_owned(),
            None => format!("line {}", self.record.line),
        }
    }

    /// Whether nothing says who this is: its label is its line.
    pub fn is_nameless(&self) -> bool {
        self.name().is_none()
    }

    /// The first of what a person is known by that is not empty.
    fn name(&self) -> Option<&str> {
        let plan = &self.columns.plan;
        [
            plan.first_name,
            plan.last_name,
            plan.full_name,
            plan.company,
            plan.email,
            plan.phone,
        ]
        .into_iter()
        .map(|index| self.of(index))
        .find(|value| !value.is_empty())
    }

    fn of(&self, index: Option<usize>) -> &str {
        index.map_or("", |index| self.get(index)).trim()
    }
}
