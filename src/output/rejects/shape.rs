//! The form in which rows are written back: their input's own; in UTF-8 where
//! inputs of the same columns differ in their encodings. Without an input (rows
//! from the ledger) the file's name tells, and CSV is what a French spreadsheet
//! opens: UTF-8 with a mark, `;`.

use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use crate::input::{Facts, Format};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Csv,
    /// One JSON array.
    Array,
    /// One JSON object a line.
    Lines,
}

#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub form: Form,
    pub encoding: &'static Encoding,
    /// A byte-order mark comes first.
    pub marked: bool,
    pub delimiter: u8,
    pub crlf: bool,
    pub from_workbook: bool,
}

impl Shape {
    /// What the file's name tells.
    pub fn named(path: &Path) -> Self {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let form = match extension.and_then(Format::of_word) {
            Some(Format::Json) => Form::Array,
            Some(Format::Jsonl) => Form::Lines,
            _ => Form::Csv,
        };
        Self {
            form,
            encoding: UTF_8,
            marked: form == Form::Csv,
            delimiter: b';',
            crlf: true,
            from_workbook: false,
        }
    }

    pub fn is_json(&self) -> bool {
        self.form != Form::Csv
    }

    /// What the file's name should end with.
    pub fn extension(&self) -> &'static str {
        match self.form {
            Form::Csv => "csv",
            Form::Array => "json",
            Form::Lines => "jsonl",
        }
    }

    /// Takes rows of another input in.
    pub fn agree(&mut self, other: &Self) {
        if self.encoding != other.encoding {
            self.encoding = UTF_8;
            self.marked = self.form == Form::Csv;
        }
    }

    /// The form of an input.
    pub fn of(facts: &Facts) -> Self {
        let form = match facts.format {
            Format::Csv | Format::Xlsx => Form::Csv,
            Format::Json => Form::Array,
            Format::Jsonl => Form::Lines,
        };
        let workbook = facts.format == Format::Xlsx;
        Self {
            form,
            encoding: facts.encoding_used,
            marked: facts.marked || workbook,
            delimiter: facts.delimiter.unwrap_or(b';'),
            crlf: facts.crlf || workbook,
            from_workbook: workbook,
        }
    }
}
