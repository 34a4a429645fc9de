//! What was noticed about a run's leads without refusing them: counted, and
//! told once, with a few examples.

use crate::lead::{Lead, NoteKind};
use crate::mapping::Mapped;
use crate::output::Warnings;
use crate::output::text::counted;

/// Examples told of one remark at most.
const EXAMPLES: usize = 3;

/// In the order in which they are told.
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

/// The remarks of a run. A handful, so that looking through them costs nothing.
#[derive(Debug, Default)]
pub struct Remarks(Vec<Remark>);

/// Of one kind and column; of a default, also of its value.
#[derive(Debug)]
struct Remark {
    kind: RemarkKind,
    column: String,
    value: String,
    rows: u64,
    /// Each with its line.
    examples: Vec<(u64, String)>,
}

impl Remarks {
    /// Counts what was found while a lead was made of a row.
    pub fn add_notes(&mut self, lead: &Lead) {
        for note in &lead.notes {
            let kind = match note.kind {
                NoteKind::Repaired => RemarkKind::Repaired,
                NoteKind::Assumed => RemarkKind::Assumed,
                NoteKind::Refused => continue,
            };
            let column = lead.columns.header_of(note.column);
            self.add(kind, column, lead.record.line, &note.finding.to_string());
        }
    }

    /// Counts what was found while the lead at `line` was mapped.
    pub fn add_mapped(&mut self, mapped: &Mapped<'_>, line: u64) {
        for (column, doubt) in &mapped.doubts {
            self.add(RemarkKind::Doubt, column, line, &doubt.to_string());
        }
        for (column, repair) in &mapped.repairs {
            self.add(RemarkKind::Repaired, column, line, &repair.to_string());
        }
        for (field, value) in &mapped.defaults {
            self.of(RemarkKind::Default, field, value).rows += 1;
        }
    }

    fn add(&mut self, kind: RemarkKind, column: &str, line: u64, text: &str) {
        let remark = self.of(kind, column, "");
        remark.rows += 1;
        remark.add_example(line, text);
    }

    fn of(&mut self, kind: RemarkKind, column: &str, value: &str) -> &mut Remark {
        let same = |remark: &Remark| {
            remark.kind == kind && remark.column == column && remark.value == value
        };
        let at = self.0.iter().position(same).unwrap_or_else(|| {
            self.0.push(Remark {
                kind,
                column: column.to_owned(),
                value: value.to_owned(),
                rows: 0,
                examples: Vec::new(),
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Adds what was noticed in later rows.
    pub fn append(&mut self, later: Self) {
        for later in later.0 {
            let known = self.of(later.kind, &later.column, &later.value);
            known.rows += later.rows;
            for (line, text) in &later.examples {
                known.add_example(*line, text);
            }
        }
    }

    /// Tells them all, and forgets them.
    pub fn tell(&mut self, warnings: &Warnings) {
        self.0.sort_by_key(|remark| remark.kind);
        for remark in self.0.drain(..) {
            warnings.remark(&remark.in_words());
        }
    }
}

impl Remark {
    fn add_example(&mut self, line: u64, text: &str) {
        let new = || self.examples.iter().all(|(_, known)| known != text);
        if self.examples.len() < EXAMPLES && new() {
            self.examples.push((line, text.to_owned()));
        }
    }

    fn in_words(&self) -> String {
        let (column, rows) = (&self.column, counted(self.rows, "row", "rows"));
        let more = match self.rows > self.examples.len() as u64 {
            true => ", …",
            false => "",
        };
        let what = match self.kind {
            RemarkKind::Default => return format!("{rows} without {column}: {} used", self.value),
            RemarkKind::Repaired => "repaired",
            RemarkKind::Assumed => "taken for granted",
            RemarkKind::Doubt => "doubtful, sent all the same",
        };
        if let (RemarkKind::Doubt, [(line, text), others @ ..]) = (self.kind, &*self.examples) {
            let lines: Vec<String> = others.iter().map(|(line, _)| line.to_string()).collect();
            let others = match &*lines {
                [] => String::new(),
                [other] if more.is_empty() => format!("; also in line {other}"),
                _ => format!("; also in lines {}{more}", lines.join(", ")),
            };
            return format!("{column}: {what} in {rows} (line {line}: {text}{others})");
        }
        let example = |(line, text): &(u64, String)| format!("line {line}: {text}");
        let examples: Vec<String> = self.examples.iter().map(example).collect();
        format!("{column}: {what} in {rows} ({}{more})", examples.join("; "))
    }
}
