//! What was noticed about a run's leads without refusing them: counted, and
//! told once, with a few examples.

use std::collections::BTreeMap;

use crate::lead::{Lead, NoteKind};
use crate::mapping::Mapped;
use crate::output::Warnings;

/// Examples told of one remark at most.
const EXAMPLES: usize = 3;

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
pub struct Remarks(BTreeMap<RemarkKind, Vec<Noticed>>);

/// Of one column; of a default, also its value.
#[derive(Debug)]
struct Noticed {
    column: String,
    value: String,
    rows: u64,
    examples: Vec<(u64, String)>,
}

impl Remarks {
    /// Counts a remark about the row at `line`; its words are asked for only
    /// while there are few examples.
    pub fn add(
        &mut self,
        kind: RemarkKind,
        column: &str,
        line: u64,
        text: impl FnOnce() -> String,
    ) {
        let noticed = self.of(kind, column, "");
        noticed.rows += 1;
        if noticed.examples.len() < EXAMPLES {
            let text = text();
            if noticed.examples.iter().all(|(_, known)| *known != text) {
                noticed.examples.push((line, text));
            }
        }
    }

    /// Counts what was found while a lead was made of a row.
    pub fn add_notes(&mut self, lead: &Lead) {
        for note in &lead.notes {
            let kind = match note.kind {
                NoteKind::Repaired => RemarkKind::Repaired,
                NoteKind::Assumed => RemarkKind::Assumed,
                NoteKind::Refused => continue,
            };
            let column = lead.columns.header_of(note.column);
            self.add(kind, column, lead.record.line, || note.message.to_string());
        }
    }

    /// Counts what was found while the lead at `line` was mapped.
    pub fn add_mapped(&mut self, mapped: &Mapped<'_>, line: u64) {
        let told = [
            (RemarkKind::Doubt, &mapped.doubts),
            (RemarkKind::Repaired, &mapped.repairs),
        ];
        for (kind, told) in told {
            for (column, what) in told {
                self.add(kind, column, line, || what.to_string());
            }
        }
        for (field, value) in &mapped.defaults {
            self.add_default(field, value);
        }
    }

    /// Counts a blank that a default filled.
    pub fn add_default(&mut self, field: &str, value: &str) {
        self.of(RemarkKind::Default, field, value).rows += 1;
    }

    /// A handful a kind at most, so that looking through them costs nothing.
    fn of(&mut self, kind: RemarkKind, column: &str, value: &str) -> &mut Noticed {
        let noticed = self.0.entry(kind).or_default();
        let known = noticed
            .iter()
            .position(|noticed| noticed.column == column && noticed.value == value);
        let at = known.unwrap_or_else(|| {
            noticed.push(Noticed {
                column: column.to_owned(),
                value: value.to_owned(),
                rows: 0,
                examples: Vec::new(),
            });
            noticed.len() - 1
        });
        &mut noticed[at]
    }

    /// Adds what was noticed in later rows.
    pub fn append(&mut self, later: Self) {
        for (kind, noticed) in later.0 {
            for later in noticed {
                let known = self.of(kind, &later.column, &later.value);
                known.rows += later.rows;
                for example in later.examples {
                    let new = known.examples.iter().all(|(_, text)| *text != example.1);
                    if new && known.examples.len() < EXAMPLES {
                        known.examples.push(example);
                    }
                }
            }
        }
    }

    /// Adds what was noticed of each of these.
    pub fn extend(&mut self, later: impl IntoIterator<Item = Self>) {
        later.into_iter().for_each(|later| self.append(later));
    }

    /// Tells them all, and forgets them.
    pub fn tell(&mut self, warnings: &Warnings) {
        let told: Vec<String> = self.in_words().collect();
        self.0.clear();
        for words in told {
            warnings.remark(&words);
        }
    }

    /// Each remark in words.
    pub fn in_words(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .flat_map(|(kind, noticed)| noticed.iter().map(|noticed| noticed.in_words(*kind)))
    }
}

impl Noticed {
    fn in_words(&self, kind: RemarkKind) -> String {
        let column = &self.column;
        let rows = match self.rows {
            1 => "1 row".to_owned(),
            rows => format!("{rows} rows"),
        };
        if kind == RemarkKind::Default {
            return format!("{rows} without {column}: {} used", self.value);
        }
        let what = match kind {
            RemarkKind::Repaired => "repaired",
            RemarkKind::Doubt => "doubtful, sent all the same",
            _ => "taken for granted",
        };
        if let (RemarkKind::Doubt, [(line, text), others @ ..]) = (kind, &*self.examples) {
            let others: Vec<String> = others.iter().map(|(line, _)| line.to_string()).collect();
            let others = match &*others {
                [] => String::new(),
                [other] if self.more().is_empty() => format!("; also in line {other}"),
                _ => format!("; also in lines {}{}", others.join(", "), self.more()),
            };
            return format!("{column}: {what} in {rows} (line {line}: {text}{others})");
        }
        let example = |(line, text): &(u64, String)| format!("line {line}: {text}");
        let examples: Vec<String> = self.examples.iter().map(example).collect();
        format!(
            "{column}: {what} in {rows} ({}{})",
            examples.join("; "),
            self.more()
        )
    }

    /// More rows than examples.
    fn more(&self) -> &'static str {
        match self.rows > self.examples.len() as u64 {
            true => ", …",
            false => "",
        }
    }
}
