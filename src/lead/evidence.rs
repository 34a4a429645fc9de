//! What the cells of an input say together, which one cell alone can't: that a column
//! is written in HTML, that each of its values has a prefix, that a word stands for
//! nothing, that rows say how somebody is reached. Gathered before the first row is
//! judged, and kept with each lead that it decides of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::nothing::{CellKind, Nothing, nothing};

/// What was found out about an input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Headers of columns whose cells are written in HTML, all of them well.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) html: BTreeSet<String>,
    /// What stands before each value of a column, by its header.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) prefixes: BTreeMap<String, String>,
    /// Words that stand for nothing in it, though they may be names elsewhere.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) nothing: BTreeSet<String>,
    /// Rows say how somebody is reached, or a first name.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) contacts: bool,
    /// What is only probable was repaired, too.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) repaired_all: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What sources write into the cells of any file that their columns came into.
#[derive(Debug, Clone, Default)]
pub struct Habits {
    /// A lead field or header, and what is written before its values.
    pub(super) prefixes: Vec<(String, String)>,
    /// Values of test leads, in lower case; the second: anything may follow.
    tests: Vec<(String, bool)>,
}

/// What is known of each column of one header before a cell is read.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    pub(super) columns: Vec<ExpectedColumn>,
    pub(super) habits: Arc<Habits>,
    pub(super) nothing: BTreeSet<String>,
    /// Columns by which somebody is reached, the first name among them.
    pub(super) reach: Vec<usize>,
    /// The input's rows fill some of these.
    pub(super) is_table_of_people: bool,
}

/// Of one column.
#[derive(Debug, Clone, Default)]
pub struct ExpectedColumn {
    pub kind: CellKind,
    /// A number that a spreadsheet may take for a quantity.
    pub is_digits: bool,
    /// Every cell is written in HTML.
    pub html: bool,
    /// Every value has this before it.
    pub prefix: Option<String>,
    /// Sources write these before values of this field.
    pub likely: Vec<String>,
}

impl Habits {
    /// `prefixes`: lead fields or headers, each with what is written before its values;
    /// `tests`: values of test leads, a `*` at the end standing for any text.
    pub fn new<'v>(
        prefixes: impl Iterator<Item = (String, String)>,
        tests: impl Iterator<Item = &'v String>,
    ) -> Self {
        let tests = tests.map(|value| match value.strip_suffix('*') {
            Some(start) => (start.to_lowercase(), true),
            None => (value.to_lowercase(), false),
        });
        Self {
            prefixes: prefixes.collect(),
            tests: tests.collect(),
        }
    }

    /// Is this what a platform writes into a test lead?
    pub fn is_test(&self, cell: &str) -> bool {
        let cell = cell.trim();
        let first = cell.as_bytes().first().map(u8::to_ascii_lowercase);
        let is_it = |(value, is_start): &(String, bool)| {
            let part = match is_start {
                true => cell.get(..value.len()),
                false => Some(cell),
            };
            value.as_bytes().first() == first.as_ref()
                && part.is_some_and(|part| part.eq_ignore_ascii_case(value))
        };
        self.tests.iter().any(is_it)
    }
}

impl Expected {
    pub fn column(&self, index: usize) -> Option<&ExpectedColumn> {
        self.columns.get(index)
    }

    /// Does a cell of this column hold nothing?
    pub fn nothing(&self, index: usize, cell: &str) -> Option<Nothing> {
        let kind = self.column(index).map_or(CellKind::Other, |it| it.kind);
        nothing(cell, kind, &self.nothing)
    }

    pub fn is_test(&self, cell: &str) -> bool {
        self.habits.is_test(cell)
    }
}

impl ExpectedColumn {
    /// The value behind a prefix; and whether the prefix is certainly one.
    pub fn without_prefix<'c>(&self, cell: &'c str) -> Option<(&'c str, bool)> {
        let cell = cell.trim_start();
        if let Some(prefix) = &self.prefix {
            return Some((cell.strip_prefix(&**prefix)?, true));
        }
        let mut likely = self.likely.iter();
        let bare = likely.find_map(|prefix| cell.strip_prefix(&**prefix))?;
        is_number(bare).then_some((bare, false))
    }
}

/// Nothing but what a number is written with.
pub fn is_number(text: &str) -> bool {
    let of_number = |letter: char| letter.is_ascii_digit() || "+.-() \u{a0}".contains(letter);
    text.bytes().any(|byte| byte.is_ascii_digit()) && text.chars().all(of_number)
}
