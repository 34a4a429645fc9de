//! What was noticed about a run's leads without refusing them: counted, and
//! told once, with a few examples.

use std::cmp::Reverse;

use serde::Serialize;

use crate::lead::text::said_of;
use crate::lead::{Lead, NoteKind};
use crate::mapping::{Doubt, Mapped};
use crate::output::Warnings;
use crate::words::say;

/// Examples told of one remark at most.
const EXAMPLES: usize = 3;
/// Columns told one by one: objects may each have keys of their own.
const COLUMNS: usize = 200;
const OTHERS: &str = "other columns";

/// In the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    /// A default filled a blank.
    Default,
    /// A damaged value was repaired.
    Repaired,
    /// Something was taken for granted.
    Assumed,
    /// Another column is filled too, and is not sent.
    PassedOver,
    /// A value looks wrong, and is sent all the same.
    Doubt,
    /// A row that is for nobody: so its own row says.
    Filtered,
    /// A value can't be used: its own lead's row says so.
    Refused,
    /// Nothing gives a value that is needed: so too.
    Missing,
    /// A row that nobody can use: so too.
    Unusable,
}

/// The remarks of a run. A handful, so that looking through them costs nothing.
#[derive(Debug, Default)]
pub struct Remarks(Vec<Remark>);

/// Of one kind and column; of a default, also of its value.
#[derive(Debug, Serialize)]
pub struct Remark {
    pub kind: RemarkKind,
    pub column: String,
    #[serde(skip)]
    value: String,
    pub rows: u64,
    pub examples: Vec<Example>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Example {
    pub line: u64,
    pub message: String,
}

impl Remarks {
    /// Counts what was found while a lead was made of a row.
    pub fn add_notes(&mut self, lead: &Lead) {
        for note in &lead.notes {
            let kind = match note.kind {
                NoteKind::Repaired => RemarkKind::Repaired,
                NoteKind::Assumed => RemarkKind::Assumed,
                NoteKind::Refused => RemarkKind::Refused,
            };
            let column = lead.columns.header_of(note.column);
            self.add(kind, column, lead.record.line, &note.finding.to_string());
        }
    }

    /// Counts what was found while the lead at `line` was mapped.
    pub fn add_mapped(&mut self, mapped: &Mapped<'_>, line: u64) {
        for (column, doubt) in &mapped.doubts {
            let kind = match doubt {
                Doubt::PassedOver { .. } => RemarkKind::PassedOver,
                Doubt::UnknownNumber(_) => RemarkKind::Doubt,
            };
            self.add(kind, column, line, &doubt.to_string());
        }
        for (column, repair) in &mapped.repairs {
            self.add(RemarkKind::Repaired, column, line, &repair.to_string());
        }
        for (field, value) in &mapped.defaults {
            self.of(RemarkKind::Default, field, value).rows += 1;
        }
    }

    /// Counts a row, `text` is said of it.
    pub fn add(&mut self, kind: RemarkKind, column: &str, line: u64, text: &str) {
        let remark = self.of(kind, column, "");
        remark.rows += 1;
        remark.add_example(line, text);
    }

    fn of(&mut self, kind: RemarkKind, column: &str, value: &str) -> &mut Remark {
        let same = |remark: &Remark| {
            remark.kind == kind && remark.column == column && remark.value == value
        };
        if let Some(at) = self.0.iter().position(same) {
            return &mut self.0[at];
        }
        if self.0.len() >= COLUMNS && column != OTHERS {
            return self.of(kind, OTHERS, "");
        }
        self.0.push(Remark {
            kind,
            column: column.to_owned(),
            value: value.to_owned(),
            rows: 0,
            examples: Vec::new(),
        });
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    /// All of them, the gravest first, and of these the most frequent.
    pub fn into_gravest(mut self) -> Vec<Remark> {
        self.0
            .sort_by_key(|remark| Reverse((remark.kind, remark.rows)));
        self.0
    }

    /// Adds what was noticed in later rows.
    pub fn append(&mut self, later: Self) {
        for later in later.0 {
            let known = self.of(later.kind, &later.column, &later.value);
            known.rows += later.rows;
            for example in &later.examples {
                known.add_example(example.line, &example.message);
            }
        }
    }

    /// Tells what no row tells by itself, and forgets it all.
    pub fn tell(&mut self, warnings: &Warnings) {
        self.0.sort_by_key(|remark| remark.kind);
        let told = self.0.drain(..);
        for remark in told.filter(|remark| remark.kind <= RemarkKind::Doubt) {
            warnings.remark(&remark.in_words());
        }
    }
}

impl Remark {
    fn add_example(&mut self, line: u64, text: &str) {
        let new = || self.examples.iter().all(|known| known.message != text);
        if self.examples.len() < EXAMPLES && new() {
            let message = text.to_owned();
            self.examples.push(Example { line, message });
        }
    }

    /// `Mail: repaired in 3 rows (line 7: …; also line 9, …)`
    pub fn in_words(&self) -> String {
        let (rows, examples) = (self.rows, self.examples_in_words());
        let column = match self.column.as_str() {
            OTHERS => say!("remark-other-columns"),
            column => column.to_owned(),
        };
        let what = match self.kind {
            RemarkKind::Default => {
                return say!("remark-default", rows, column, value = &self.value);
            }
            RemarkKind::Repaired => say!("remark-repaired", rows, examples),
            RemarkKind::Assumed => say!("remark-assumed", rows, examples),
            RemarkKind::PassedOver => say!("remark-passed-over", rows, examples),
            RemarkKind::Doubt => say!("remark-doubt", rows, examples),
            RemarkKind::Filtered => say!("remark-filtered", rows, examples),
            RemarkKind::Refused => say!("remark-refused", rows, examples),
            RemarkKind::Missing => say!("remark-missing", rows, examples),
            RemarkKind::Unusable => say!("remark-unusable", rows, examples),
        };
        // No column is named where a whole row is meant.
        match column.is_empty() {
            true => what,
            false => said_of(&column, &what),
        }
    }

    fn examples_in_words(&self) -> String {
        let [first, others @ ..] = &self.examples[..] else {
            return String::new();
        };
        let (line, message) = (first.line, &first.message);
        let others: Vec<String> = others.iter().map(|it| it.line.to_string()).collect();
        let mut told = match others.is_empty() {
            true => say!("remark-example", line, message),
            false => say!(
                "remark-example-also",
                count = others.len(),
                line,
                message,
                others = others.join(", ")
            ),
        };
        if self.rows > self.examples.len() as u64 {
            told += ", …";
        }
        told
    }
}
