//! The form in which rows are written back: their input's own; in UTF-8 where
//! inputs of the same columns differ in their encodings. Without an input (rows
//! from the ledger) the file's name tells, and CSV is what a French spreadsheet
//! opens: UTF-8 with a mark, `;`.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::lead::Ours;
use crate::lead::csv_injection::{defuse, is_formula};

/// A row that waits until all columns are known.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    pub id: Option<i64>,
    pub state: String,
    pub message: String,
    /// Column and text.
    pub cells: Vec<(usize, String)>,
    /// Cells beyond the header of a row that doesn't fit: they follow our
    /// columns, so that it still doesn't until somebody corrects it.
    pub surplus: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Csv,
    /// One JSON array.
    Array,
    /// One JSON object a line.
    Lines,
    /// A workbook's sheet.
    Sheet,
}

#[derive(Debug, Clone, Copy)]
pub struct Form {
    pub syntax: Syntax,
    pub encoding: &'static Encoding,
    /// A byte-order mark comes first.
    pub marked: bool,
    pub delimiter: u8,
    pub crlf: bool,
    pub from_workbook: bool,
}

impl Form {
    /// What the file's name tells.
    pub fn named(path: &Path) -> Self {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let syntax = match extension.to_str() {
            Some("json") => Syntax::Array,
            Some("jsonl" | "ndjson") => Syntax::Lines,
            Some("xlsx") => Syntax::Sheet,
            _ => Syntax::Csv,
        };
        Self {
            syntax,
            encoding: UTF_8,
            marked: syntax == Syntax::Csv,
            delimiter: b';',
            crlf: true,
            from_workbook: false,
        }
    }

    pub fn is_json(&self) -> bool {
        matches!(self.syntax, Syntax::Array | Syntax::Lines)
    }

    /// What the file's name should end with.
    pub fn extension(&self) -> &'static str {
        match self.syntax {
            Syntax::Csv => "csv",
            Syntax::Array => "json",
            Syntax::Lines => "jsonl",
            Syntax::Sheet => "xlsx",
        }
    }

    /// Takes rows of another input in.
    pub fn agree(&mut self, other: &Self) {
        if self.encoding != other.encoding {
            self.encoding = UTF_8;
            self.marked = self.syntax == Syntax::Csv;
        }
    }

    /// Writes all rows under these columns.
    pub fn write(
        &self,
        out: &mut dyn Write,
        names: &[String],
        rows: impl Iterator<Item = io::Result<Kept>>,
    ) -> io::Result<()> {
        let mut out = io::BufWriter::new(out);
        // UTF-16 always gets a mark: a short text without it is not recognised.
        let sixteen = self.encoding == UTF_16LE || self.encoding == UTF_16BE;
        if sixteen || self.marked && self.encoding == UTF_8 {
            self.put(&mut out, "\u{feff}")?;
        }
        let [mut before, between, after] = match self.syntax {
            Syntax::Array => ["[\n", ",\n", "\n]\n"],
            Syntax::Lines => ["", "\n", "\n"],
            Syntax::Csv | Syntax::Sheet => ["", "", ""],
        };
        if self.syntax == Syntax::Csv {
            self.put(&mut out, &self.csv(heads(names))?)?;
        }
        for row in rows {
            let row = row?;
            self.put(&mut out, std::mem::replace(&mut before, between))?;
            let text = match self.is_json() {
                true => object(names, row).to_string(),
                false => self.csv(cells(names.len(), &row))?,
            };
            self.put(&mut out, &text)?;
        }
        self.put(&mut out, after)?;
        out.flush()
    }

    /// A CSV record with its end.
    fn csv(&self, cells: Vec<String>) -> io::Result<String> {
        let terminator = match self.crlf {
            true => csv::Terminator::CRLF,
            false => csv::Terminator::Any(b'\n'),
        };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .terminator(terminator)
            .from_writer(Vec::new());
        writer.write_record(cells)?;
        let line = writer.into_inner().map_err(|error| error.into_error())?;
        String::from_utf8(line).map_err(io::Error::other)
    }

    /// Writes `text` in the encoding; what that doesn't have becomes `?`.
    fn put(&self, out: &mut impl Write, text: &str) -> io::Result<()> {
        let encoded = |text: &str| match self.encoding.encode(text) {
            (bytes, _, false) => Some(bytes.into_owned()),
            (_, _, true) => None,
        };
        let units = text.encode_utf16();
        let bytes = match self.encoding {
            wide if wide == UTF_16LE => Cow::Owned(units.flat_map(u16::to_le_bytes).collect()),
            wide if wide == UTF_16BE => Cow::Owned(units.flat_map(u16::to_be_bytes).collect()),
            utf8 if utf8 == UTF_8 => Cow::Borrowed(text.as_bytes()),
            _ => Cow::Owned(encoded(text).unwrap_or_else(|| {
                let one = |c: char| encoded(c.encode_utf8(&mut [0; 4])).unwrap_or(vec![b'?']);
                text.chars().flat_map(one).collect()
            })),
        };
        out.write_all(&bytes)
    }
}

/// The names of all columns, ours at the end.
fn heads(names: &[String]) -> Vec<String> {
    let own = names.iter().map(|name| head_of(name).into_owned());
    own.chain(Ours::ALL.map(Ours::name)).collect()
}

/// A column's name, made harmless. One that was in an earlier file is so already.
pub fn head_of(name: &str) -> Cow<'_, str> {
    match is_formula(name) {
        true => Cow::Owned(format!("'{name}")),
        false => Cow::Borrowed(name),
    }
}

/// A row's cells under `columns` columns and ours; what has no column follows.
fn cells(columns: usize, row: &Kept) -> Vec<String> {
    let mut cells = vec![String::new(); columns];
    for (column, text) in &row.cells {
        cells[*column] = defuse(text).into_owned();
    }
    cells.push(row.id.map_or_else(String::new, |id| id.to_string()));
    cells.push(row.state.clone());
    let rest = std::iter::once(&row.message).chain(&row.surplus);
    cells.extend(rest.map(|text| defuse(text).into_owned()));
    cells
}

fn object(names: &[String], row: Kept) -> Json {
    let named = |(at, (column, text)): (usize, (usize, String))| {
        let name = match names[column].trim() {
            // Such as the text of an object that could not be read.
            "" => format!("column {}", at + 1),
            name => name.to_owned(),
        };
        (name, Json::from(text))
    };
    let mut object: Map<String, Json> = row.cells.into_iter().enumerate().map(named).collect();
    let ours = [row.id.into(), row.state.into(), row.message.into()];
    object.extend(Ours::ALL.map(Ours::name).into_iter().zip(ours));
    Json::Object(object)
}
