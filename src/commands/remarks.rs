//! What was noticed about a run's leads without refusing them: counted, and
//! told once, with a few examples.

use std::collections::BTreeMap;

use crate::report::Warnings;

/// Examples told of one remark at most.
const EXAMPLES: usize = 3;

/// Something to be told of a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    pub kind: RemarkKind,
    /// The column or field concerned.
    pub column: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkKind {
    /// A default filled a blank.
    Default,
    /// A damaged value was repaired.
    Repaired,
    /// Something was taken for granted.
    Assumed,
    /// A value looks wrong, and is sent all the same.
    Doubt,
}

/// The remarks of a run, by kind and column.
#[derive(Debug, Default)]
pub struct Remarks(BTreeMap<(RemarkKind, String), Noticed>);

#[derive(Debug, Default)]
struct Noticed {
    rows: u64,
    examples: Vec<(u64, String)>,
}

impl Remarks {
    /// Counts a remark about the row at `line`.
    pub fn add(&mut self, remark: Remark, line: u64) {
        // A default is told by its value: rows without it differ in nothing.
        let key = match remark.kind {
            RemarkKind::Default => (remark.kind, remark.text.clone()),
            kind => (kind, remark.column.clone()),
        };
        let noticed = self.0.entry(key).or_default();
        noticed.rows += 1;
        let known = noticed
            .examples
            .iter()
            .any(|(_, text)| *text == remark.text);
        if noticed.examples.len() < EXAMPLES && !known {
            noticed.examples.push((line, remark.text));
        }
    }

    /// Tells them all, and forgets them.
    pub fn tell(&mut self, warnings: &Warnings) {
        for ((kind, column), noticed) in std::mem::take(&mut self.0) {
            warnings.remark(&noticed.in_words(kind, &column));
        }
    }

    /// Each remark in words.
    pub fn in_words(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .map(|((kind, column), noticed)| noticed.in_words(*kind, column))
    }
}

impl Noticed {
    fn in_words(&self, kind: RemarkKind, column: &str) -> String {
        let rows = match self.rows {
            1 => "1 row".to_owned(),
            rows => format!("{rows} rows"),
        };
        if kind == RemarkKind::Default {
            return format!("{rows} {column}");
        }
        let what = match kind {
            RemarkKind::Repaired => "repaired",
            RemarkKind::Doubt => "doubtful, sent all the same",
            _ => "taken for granted",
        };
        let example = |(line, text): &(u64, String)| format!("line {line}: {text}");
        let examples: Vec<String> = self.examples.iter().map(example).collect();
        let more = if self.rows > self.examples.len() as u64 {
            "; …"
        } else {
            ""
        };
        format!("{column}: {what} in {rows} ({}{more})", examples.join("; "))
    }
}
