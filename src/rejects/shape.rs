//! The form in which rows are written back: the input's own. Several inputs:
//! JSON if all are, else CSV in the first one's dialect; in UTF-8 where their
//! encodings differ. Without an input (rows from the ledger) the file's name
//! tells, and CSV is what a French spreadsheet opens: UTF-8 with a mark, `;`.

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
    /// An input told it.
    learnt: bool,
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
            learnt: false,
        }
    }

    /// Takes the form of an input; of several, as this module says.
    pub fn learn(&mut self, facts: &Facts) {
        let its = Self::of(facts);
        match (self.learnt, self.form, its.form) {
            (false, ..) => *self = its,
            (true, Form::Array | Form::Lines, Form::Csv) => {
                let encoding = self.encoding;
                *self = its;
                self.agree(encoding);
            }
            (true, ..) => self.agree(its.encoding),
        }
    }

    fn agree(&mut self, encoding: &'static Encoding) {
        if self.encoding != encoding {
            self.encoding = UTF_8;
            self.marked = self.form == Form::Csv;
        }
    }

    fn of(facts: &Facts) -> Self {
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
            learnt: true,
        }
    }
}
