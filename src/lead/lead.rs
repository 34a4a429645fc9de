//! A row whose columns are known, with what was repaired or derived. The cells
//! themselves stay as they were read.

use std::sync::Arc;

use thiserror::Error;

use super::claims::SECONDS;
use super::columns::Columns;
use super::damage::{CellDamage, Repair};
use super::record::Record;
use super::text::{fold, is_blank, quoted};
use crate::words::say;

/// Lead fields that say where somebody is.
const PLACE: [&str; 2] = ["address", "street"];

/// One person who asked to be called back.
#[derive(Debug, Clone)]
pub struct Lead {
    pub record: Record,
    pub columns: Arc<Columns>,
    /// Where it came from, where its file doesn't tell.
    pub source: Option<String>,
    /// What was found while it was prepared.
    pub notes: Vec<Note>,
    /// The column whose cell says that it is a test lead.
    test: Option<usize>,
    /// Values that take the place of a cell, by column.
    pub(super) instead: Vec<(usize, String)>,
}

/// Something to tell about one cell. [`Columns::header_of`] names its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub column: usize,
    pub kind: NoteKind,
    pub finding: NoteContent,
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

/// What was found in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteContent {
    #[error("{}", was_mended(&quoted(value), &damage.to_string(), mended))]
    Mended {
        value: String,
        damage: CellDamage,
        mended: String,
    },
    #[error("{}", say!("note-damaged", value = quoted(value), damage = damage.to_string(), todo = damage.what_to_do()))]
    Damaged { value: String, damage: CellDamage },
    /// First and last name are guessed.
    #[error("{}", say!("note-name-split"))]
    NameSplit,
    #[error("{}", say!("note-joined"))]
    Joined,
}

impl Note {
    /// Was something put right that is only probable?
    pub(super) fn is_of_a_guess(&self) -> bool {
        match &self.finding {
            NoteContent::Mended { damage, .. } => damage.mended(Repair::Safe).is_none(),
            _ => false,
        }
    }
}

/// How rows are prepared.
#[derive(Debug, Clone, Default)]
pub struct Preparation {
    pub repair: Repair,
    /// The country of rows that name none, such as `FR`; empty when unknown.
    pub country: String,
}

/// Makes a lead of a row: takes off a source's prefixes, finds damage, splits a
/// full name. A row with a fault is left as it is.
pub fn prepare(record: Record, columns: &Arc<Columns>, preparation: &Preparation) -> Lead {
    let mut lead = Lead {
        record,
        columns: Arc::clone(columns),
        source: None,
        notes: Vec::new(),
        test: None,
        instead: Vec::new(),
    };
    if lead.record.fault.is_some() {
        return lead;
    }
    for (index, prefixes) in &columns.prefixes {
        let value = lead.cell(*index);
        let bare = prefixes
            .iter()
            .find_map(|prefix| value.strip_prefix(&**prefix));
        if let Some(bare) = bare.map(str::to_owned) {
            lead.put(*index, bare);
        }
    }
    let evidence = lead.record.evidence.as_ref();
    let repair = match evidence.is_some_and(|evidence| evidence.repaired_all) {
        true => Repair::All,
        false => preparation.repair,
    };
    for index in 0..lead.record.cells.len() {
        lead.mend(index, repair);
        if lead.test.is_none() && columns.expected.is_test(lead.cell(index)) {
            lead.test = Some(index);
        }
    }
    for &(index, kind) in &columns.digits {
        let french = || lead.is_french(preparation);
        if let Some(damage) = CellDamage::of_digits(kind, lead.cell(index), french) {
            lead.settle(index, damage, repair);
        }
    }
    for (first, second) in SECONDS {
        lead.stand_in(first, second);
    }
    lead.join_texts();
    if let Some((full, first, last)) = columns.split {
        lead.split_name(full, first, last);
    }
    lead
}

impl Lead {
    /// The value of a column: repaired or derived, else the cell, else what
    /// `--default` gives for a blank; `""` when there is none.
    pub fn get(&self, index: usize) -> &str {
        let cell = self.cell(index);
        match self.columns.set_value(index) {
            Some(set) if is_blank(cell) => set,
            _ => cell,
        }
    }

    /// The same, unless there is nothing but white space in it.
    pub fn filled(&self, index: usize) -> Option<&str> {
        Some(self.get(index)).filter(|value| !is_blank(value))
    }

    /// The value so far, without what `--default` gives.
    fn cell(&self, index: usize) -> &str {
        let mut instead = self.instead.iter();
        match instead.find(|(at, _)| *at == index) {
            Some((_, value)) => value,
            None => self.record.cells.get(index).unwrap_or(""),
        }
    }

    /// The value of a lead field or of a header.
    pub fn field(&self, name: &str) -> &str {
        self.columns
            .index_of(name)
            .map_or("", |index| self.get(index))
    }

    /// Whether the value of a column was given by `--default`.
    pub fn is_set(&self, index: usize) -> bool {
        self.columns.set_value(index).is_some() && is_blank(self.cell(index))
    }

    /// Why it is a test lead, for a person.
    pub fn why_test(&self) -> Option<String> {
        match self.test {
            Some(column) => Some(say!(
                "lead-test-said",
                column = self.columns.header_of(column).trim(),
                value = quoted(self.cell(column))
            )),
            None if self.record.is_test => Some(say!("lead-test")),
            None => None,
        }
    }

    /// Whether nothing says how somebody is reached, nor a first name nor an address,
    /// though other rows of its input do.
    pub fn is_out_of_reach(&self) -> bool {
        let expected = &self.columns.expected;
        let place = PLACE
            .iter()
            .filter_map(|field| self.columns.index_of_field(field));
        let mut all = expected.reach.iter().copied().chain(place);
        // One such column alone is no table of people.
        let is_asked = expected.is_table_of_people && expected.reach.len() > 1;
        is_asked && all.all(|index| self.filled(index).is_none())
    }

    /// Who this is, for a person: the name, else the company, e-mail address
    /// or telephone number, else the line.
    pub fn label(&self) -> String {
        let mut known = self.known_by();
        match (known.next(), known.next()) {
            (Some((0, first)), Some((1, last))) => format!("{first} {last}"),
            (Some((_, name)), _) => name.to_owned(),
            _ => say!("lead-line", line = self.record.line),
        }
    }

    /// Whether nothing says who this is: its label is its line.
    pub fn is_nameless(&self) -> bool {
        self.known_by().next().is_none()
    }

    /// What says who this is: the first name (0), the last name (1)…
    fn known_by(&self) -> impl Iterator<Item = (usize, &str)> {
        let columns = self.columns.label.iter().enumerate();
        columns.filter_map(|(rank, column)| Some((rank, self.filled((*column)?)?.trim())))
    }

    fn put(&mut self, index: usize, value: String) {
        self.instead.retain(|(at, _)| *at != index);
        self.instead.push((index, value));
    }

    /// One damage may hide another: an entity may stand for a mark that nobody sees.
    fn mend(&mut self, column: usize, repair: Repair) {
        while let Some(damage) =
            CellDamage::of_text(self.cell(column), column, &self.columns.expected)
        {
            if !self.settle(column, damage, repair) {
                break;
            }
        }
    }

    /// Repairs or refuses, as allowed, and notes it; whether it is repaired.
    fn settle(&mut self, column: usize, damage: CellDamage, repair: Repair) -> bool {
        let value = self.cell(column).to_owned();
        let kind = match damage {
            CellDamage::PerhapsNothing => NoteKind::Assumed,
            _ => NoteKind::Refused,
        };
        match damage.mended(repair).map(str::to_owned) {
            Some(mended) => {
                self.put(column, mended.clone());
                let finding = NoteContent::Mended {
                    value,
                    damage,
                    mended,
                };
                self.note(column, NoteKind::Repaired, finding);
                true
            }
            None => {
                self.note(column, kind, NoteContent::Damaged { value, damage });
                false
            }
        }
    }

    fn note(&mut self, column: usize, kind: NoteKind, finding: NoteContent) {
        self.notes.push(Note {
            column,
            kind,
            finding,
        });
    }

    /// Whether it is from France, overseas included: numbers begin with 0 there.
    fn is_french(&self, preparation: &Preparation) -> bool {
        let column = self.columns.index_of_field("country");
        let named = column.and_then(|index| self.filled(index));
        let country = fold(named.unwrap_or(&preparation.country));
        country == "france metropolitaine"
            || ["fr", "fra", "france", "re", "gp", "mq", "gf", "yt", "fx"].contains(&&*country)
    }

    /// Who has no first number, or address, is reached by the second, as long as nothing is
    /// wrong with that.
    fn stand_in(&mut self, first: &str, second: &str) {
        let column = |field| self.columns.index_of_field(field);
        let (Some(first), Some(second)) = (column(first), column(second)) else {
            return;
        };
        let mut notes = self.notes.iter();
        let is_refused = notes.any(|it| it.column == second && it.kind == NoteKind::Refused);
        if self.filled(first).is_none()
            && !is_refused
            && let Some(value) = self.filled(second).map(str::to_owned)
        {
            self.put(first, value);
            self.put(second, String::new());
        }
    }

    /// Two columns of free text are one after the other.
    fn join_texts(&mut self) {
        let columns = Arc::clone(&self.columns);
        let Some((first, others)) = columns.joined() else {
            return;
        };
        let mut texts: Vec<&str> = Vec::new();
        for &column in std::iter::once(&first).chain(others) {
            let text = self.cell(column).trim();
            if !is_blank(text) && !texts.contains(&text) {
                texts.push(text);
            }
        }
        let joined = texts.join("\n");
        if joined != self.cell(first).trim() {
            self.put(first, joined);
            self.note(first, NoteKind::Assumed, NoteContent::Joined);
        }
    }

    fn split_name(&mut self, full: usize, first: usize, last: usize) {
        let (first_name, last_name) = split_name(self.cell(full));
        if last_name.is_empty() {
            return;
        }
        if !first_name.is_empty() {
            self.instead.push((first, first_name));
        }
        self.instead.push((last, last_name));
        self.note(full, NoteKind::Assumed, NoteContent::NameSplit);
    }
}

fn was_mended(value: &str, damage: &str, mended: &str) -> String {
    match is_blank(mended) {
        true => say!("note-blanked", value, damage),
        false => say!("note-mended", value, damage, mended = quoted(mended)),
    }
}

/// Words that open a last name.
const PARTICLES: [&str; 22] = [
    "de", "du", "des", "d", "la", "le", "les", "van", "von", "der", "den", "di", "da", "dos",
    "del", "el", "al", "ben", "bin", "ibn", "ter", "ten",
];

/// First and last name of a full one, a guess that is told as such. `Dupont, Jean` and `DUPONT Jean` have the last name
/// first; a particle opens it; else it is the last word. One word is a last
/// name.
fn split_name(full: &str) -> (String, String) {
    if let Some((last, first)) = full.split_once(',')
        && !first.trim().is_empty()
    {
        return (first.trim().to_owned(), last.trim().to_owned());
    }
    let mut words: Vec<&str> = full.split_whitespace().collect();
    if words.len() > 1 && is_title(&fold(words[0])) {
        words.remove(0);
    }
    let count = words.len();
    let capitals = words.iter().take_while(|word| is_capitals(word)).count();
    if (1..count).contains(&capitals) {
        return (words[capitals..].join(" "), words[..capitals].join(" "));
    }
    let trailing = words
        .iter()
        .rev()
        .take_while(|word| is_capitals(word))
        .count();
    let start = match (1..count).contains(&trailing) {
        true => count - trailing,
        false => particle(&words).unwrap_or(count.saturating_sub(1)),
    };
    (words[..start].join(" "), words[start..].join(" "))
}

fn is_title(word: &str) -> bool {
    ["m", "mr", "mme", "mlle", "mrs", "ms", "miss", "dr"].contains(&word)
        || ["monsieur", "madame", "mademoiselle", "docteur"].contains(&word)
}

/// Two letters or more, none of them small. An initial is no such word.
fn is_capitals(word: &str) -> bool {
    let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
    letters > 1 && !word.chars().any(char::is_lowercase)
}

/// The first word after the first name that opens a last name.
fn particle(words: &[&str]) -> Option<usize> {
    let last = words.len().saturating_sub(1);
    (1..last).find(|&index| {
        let word = words[index];
        let folded = fold(word);
        let elided = folded.starts_with("d ") || folded.starts_with("l ");
        elided || PARTICLES.contains(&folded.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_as_people_read_them() {
        let cases = [
            ("Jean Dupont", "Jean", "Dupont"),
            ("DUPONT Jean", "Jean", "DUPONT"),
            ("Jean DUPONT", "Jean", "DUPONT"),
            ("LE GOFF Anne-Marie", "Anne-Marie", "LE GOFF"),
            ("Anne DE LA TOUR", "Anne", "DE LA TOUR"),
            ("JEAN DUPONT", "JEAN", "DUPONT"),
            ("Jean-Pierre de la Tour", "Jean-Pierre", "de la Tour"),
            ("Marie Claire Dupont", "Marie Claire", "Dupont"),
            ("J. Dupont", "J.", "Dupont"),
            ("DUPONT J.", "J.", "DUPONT"),
            ("Dupont, Jean", "Jean", "Dupont"),
            ("Mme Dupont", "", "Dupont"),
            ("M. Jean Dupont", "Jean", "Dupont"),
            ("  Éva\u{a0} MÜLLER ", "Éva", "MÜLLER"),
            ("Dupont", "", "Dupont"),
            ("Paul d’Ormesson Le", "Paul", "d’Ormesson Le"),
            ("", "", ""),
            (",", "", ","),
        ];
        for (full, first, last) in cases {
            assert_eq!(
                split_name(full),
                (first.to_owned(), last.to_owned()),
                "{full}"
            );
        }
    }
}
