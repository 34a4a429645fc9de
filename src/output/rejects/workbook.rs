//! Rows to correct as a workbook. What is wrong stands first in each row, and
//! every cell is text, also one that a person fills: a spreadsheet takes no zero
//! off a number and makes no date of a name.

use std::fs::File;
use std::io;

use rust_xlsxwriter::{Format, IgnoreError, Workbook, XlsxError};

use super::form::{Kept, head_of};
use crate::lead::Ours;
use crate::lead::csv_injection::defuse;
use crate::words::say;

/// Characters of a sheet's name at most.
const LONGEST_NAME: usize = 31;
/// How wide the column of messages is shown, and the others, in characters.
const WIDTHS: [f64; 2] = [60.0, 18.0];

/// A workbook that is being written.
pub struct Book {
    book: Workbook,
    /// Of its sheets, in small letters.
    names: Vec<String>,
}

impl Book {
    pub fn new() -> Self {
        Self {
            book: Workbook::new(),
            names: Vec::new(),
        }
    }

    /// Adds the rows of an input, named after it, under these columns.
    pub fn add(
        &mut self,
        input: &str,
        columns: &[String],
        rows: impl Iterator<Item = io::Result<Kept>>,
    ) -> io::Result<()> {
        let name = self.name(input);
        let text = Format::new().set_num_format("@");
        let head = text.clone().set_bold();
        let sheet = self.book.add_worksheet_with_constant_memory();
        let sheet = sheet.map_err(in_words)?;
        let write = || -> Result<(), XlsxError> {
            sheet.set_name(name)?.set_freeze_panes(1, 0)?;
            let [id, state, message] = Ours::ALL.map(Ours::name);
            let heads = [&message].into_iter().chain(columns).chain([&id, &state]);
            for (at, name) in (0..).zip(heads) {
                sheet.set_column_format(at, &text)?;
                sheet.set_column_width(at, WIDTHS[usize::from(at > 0)])?;
                sheet.write_string_with_format(0, at, head_of(name), &head)?;
            }
            // Text that looks like a number is meant.
            let last = columns.len() as u16 + 2;
            sheet.ignore_error_range(0, 0, 1_048_575, last, IgnoreError::NumberStoredAsText)?;
            for (row, kept) in (1..).zip(rows) {
                let kept = kept.map_err(XlsxError::IoError)?;
                let id = kept.id.map_or_else(String::new, |id| id.to_string());
                let mut cells = vec![(0, kept.message)];
                cells.extend(kept.cells.into_iter().map(|(at, cell)| (at + 1, cell)));
                cells.extend([(columns.len() + 1, id), (columns.len() + 2, kept.state)]);
                cells.sort_by_key(|(at, _)| *at);
                for (at, cell) in cells.iter().filter(|(_, cell)| !cell.is_empty()) {
                    let at = u16::try_from(*at).unwrap_or(u16::MAX);
                    sheet.write_string_with_format(row, at, defuse(cell), &text)?;
                }
            }
            Ok(())
        };
        write().map_err(in_words)
    }

    pub fn save(mut self, out: &mut File) -> io::Result<()> {
        self.book.save_to_writer(out).map_err(in_words)
    }

    /// What a sheet is called: as its input's file, as far as a sheet may be.
    fn name(&mut self, input: &str) -> String {
        let file = input.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let may = |letter: &char| !letter.is_control() && !"[]:*?/\\'".contains(*letter);
        let stem: String = stem.chars().filter(may).collect();
        let stem = match stem.trim().trim_matches('-') {
            "" => say!("rejects-sheet"),
            stem => stem.to_owned(),
        };
        let numbered = |number: usize| {
            let end = match number {
                1 => String::new(),
                number => format!(" {number}"),
            };
            let start = stem.chars().take(LONGEST_NAME - end.len());
            start.chain(end.chars()).collect::<String>()
        };
        let free = |name: &String| !self.names.contains(&name.to_lowercase());
        let name = (1..).map(numbered).find(free).unwrap_or_default();
        self.names.push(name.to_lowercase());
        name
    }
}

fn in_words(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        XlsxError::MaxStringLengthExceeded => io::Error::other(say!("rejects-long-cell")),
        XlsxError::RowColumnLimitError => io::Error::other(say!("rejects-many-rows")),
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_named_after_its_input() {
        let mut book = Book::new();
        for (input, name) in [
            ("exports/Leads [été].csv", "Leads été"),
            ("C:\\x\\leads.2026.xlsx", "leads.2026"),
            ("LEADS été.json", "LEADS été 2"),
            ("-", "leads"),
            ("leads", "leads 2"),
            (
                "un nom qui est trop long pour Excel.csv",
                "un nom qui est trop long pour E",
            ),
            (
                "un nom qui est trop long pour Excel.csv",
                "un nom qui est trop long pour 2",
            ),
        ] {
            assert_eq!(book.name(input), name);
        }
    }
}
