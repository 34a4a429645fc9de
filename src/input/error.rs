//! Why an input can't be read, and what can be wrong with a row of it. The words
//! for people stand beside each kind.

use std::env;
use std::fmt;
use std::io;

use thiserror::Error;

use crate::io_words::io_words;
use crate::lead::text::{all_of, in_quotes, one_of};
use crate::words::say;

/// An input that can't be read (further).
#[derive(Debug, Error)]
#[error("{file}: {kind}")]
pub struct Error {
    /// The file as the user named it, or `-`.
    pub file: String,
    /// 1-based line, where there is one to show.
    pub line: Option<u64>,
    #[source]
    pub kind: ErrorKind,
}

#[derive(Debug, Error)]
pub enum ErrorKind {
    #[error("{}", say!("input-unreadable", why = io_words(.0)))]
    Io(#[from] io::Error),
    #[error("{}", say!("input-scratch", folder = env::temp_dir().as_path(), why = io_words(.0)))]
    Scratch(#[source] io::Error),
    #[error("{}", say!("input-damaged", format = .0))]
    Damaged(String, #[source] Option<Box<calamine::Error>>),
    #[error("{}", say!("input-two-encodings", readings = in_words(.0)))]
    TwoEncodings(Vec<Reading>),
    #[error("{}", say!("input-no-encoding", readings = in_words(.0)))]
    NoEncoding(Vec<Reading>),
    #[error("{}", say!("input-lost-json"))]
    LostJson,
    #[error("{}", say!("input-strange", what))]
    Strange { what: String, hint: String },
    #[error("{}", say!("input-protected"))]
    Protected,
    #[error("{}", say!("input-several-exports", names = .0.join(", ")))]
    SeveralExports(Vec<String>),
    #[error("{}", no_export(.0))]
    NoExport(Vec<String>),
    #[error("{}", say!("input-cut-archive", why = io_words(.0)))]
    CutArchive(#[source] io::Error),
    #[error("{}", say!("input-too-large"))]
    TooLarge,
    #[error("{}", say!("input-long-table"))]
    LongTable,
    #[error("{}", say!("input-no-json"))]
    NoJson,
    #[error("{}", say!("input-hidden", what = .0.to_string()))]
    Hidden(Concealed),
    #[error("{}", say!("input-lost-sheets", sheets = all_quoted(.0)))]
    LostSheets(Vec<String>),
    #[error("{}", say!("input-error-cell", word = .0))]
    ErrorCell(String),
    #[error("{}", say!("input-page-encoding", encoding = .0))]
    Encoding(String),
    #[error("{}", say!("input-unknown-sheet", wanted))]
    UnknownSheet { wanted: String, sheets: Vec<String> },
    #[error("{}", say!("input-header", why = .0))]
    Header(String),
    #[error("{}", say!("input-header-is-lead", value = .0))]
    HeaderIsLead(String),
    #[error("{}", say!("input-no-header-there"))]
    NoHeaderThere,
    #[error("{}", say!("input-no-header", first))]
    NoHeader { first: String, wider: u64 },
    #[error("{}", say!("input-leads-above", header = *header))]
    LeadsAbove { header: u64 },
}

/// What is hidden in a workbook and holds something.
#[derive(Debug, Default)]
pub struct Concealed {
    pub sheets: Vec<String>,
    pub rows: usize,
    pub columns: usize,
}

impl Concealed {
    pub fn is_nothing(&self) -> bool {
        self.sheets.is_empty() && self.rows + self.columns == 0
    }
}

impl fmt::Display for Concealed {
    /// `3 rows and the sheet "Archive"`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = (self.rows > 0).then(|| in_rows(self.rows));
        let columns = (self.columns > 0).then(|| in_columns(self.columns));
        let names = self.sheets.iter();
        let sheets = names.map(|name| say!("input-hidden-sheet", name));
        let all: Vec<String> = rows.into_iter().chain(columns).chain(sheets).collect();
        f.write_str(&all_of(&all))
    }
}

/// A way to read a text: its encoding's name and label, and some words.
#[derive(Debug, PartialEq, Eq)]
pub struct Reading {
    pub name: String,
    pub label: String,
    pub words: Vec<String>,
}

fn in_words(readings: &[Reading]) -> String {
    let one = |Reading { name, words, .. }: &Reading| {
        say!("input-reading", encoding = name, words = words.join(", "))
    };
    one_of(&readings.iter().map(one).collect::<Vec<_>>())
}

impl Error {
    pub fn new(file: &str, line: Option<u64>, kind: ErrorKind) -> Self {
        let file = file.to_owned();
        Self { file, line, kind }
    }

    /// The input or an option is not what it should be, so the user corrects it;
    /// else the bytes could not be got or are not whole.
    pub fn is_usage(&self) -> bool {
        !matches!(
            self.kind,
            ErrorKind::Io(_)
                | ErrorKind::Scratch(_)
                | ErrorKind::Damaged(..)
                | ErrorKind::CutArchive(_)
                | ErrorKind::LostJson
        )
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        use ErrorKind as Kind;
        Some(match &self.kind {
            Kind::Io(error) if error.kind() == io::ErrorKind::IsADirectory => {
                say!("input-is-folder-hint")
            }
            Kind::Io(_) | Kind::Header(_) => return None,
            Kind::UnknownSheet { sheets, .. } => {
                say!("input-unknown-sheet-hint", sheets = sheets.join(", "))
            }
            Kind::Scratch(_) if cfg!(windows) => say!("input-scratch-hint-windows"),
            Kind::Scratch(_) => say!("input-scratch-hint"),
            Kind::Damaged(..) => say!("input-damaged-hint"),
            Kind::TwoEncodings(readings) => {
                let flag = |reading: &Reading| format!("--encoding {}", reading.label);
                let flags: Vec<String> = readings.iter().map(flag).collect();
                say!("input-two-encodings-hint", flags = one_of(&flags))
            }
            Kind::NoEncoding(_) => say!("input-no-encoding-hint"),
            Kind::LostJson => say!("input-lost-json-hint"),
            Kind::LongTable => say!("input-long-table-hint"),
            Kind::Hidden(_) => say!("input-hidden-hint"),
            Kind::LostSheets(_) => say!("input-lost-sheets-hint"),
            Kind::Encoding(_) => say!("input-page-encoding-hint"),
            Kind::ErrorCell(_) => say!("input-error-cell-hint"),
            Kind::Strange { hint, .. } => hint.clone(),
            Kind::Protected => say!("input-protected-hint"),
            Kind::SeveralExports(_) => say!("input-several-exports-hint"),
            Kind::NoExport(_) => say!("input-no-export-hint"),
            Kind::CutArchive(_) => say!("input-cut-archive-hint"),
            Kind::TooLarge => say!("input-too-large-hint"),
            Kind::NoJson => say!("input-no-json-hint"),
            Kind::HeaderIsLead(_) => say!("input-header-is-lead-hint"),
            Kind::NoHeaderThere => say!("input-no-header-there-hint"),
            Kind::NoHeader { wider, .. } => say!("input-no-header-hint", line = *wider),
            Kind::LeadsAbove { header } => say!("input-leads-above-hint", header = *header),
        })
    }
}

/// What can be wrong with one row; the others are read all the same.
#[derive(Debug, Error)]
pub enum Fault {
    #[error("{}", open_quote(*.0))]
    OpenQuote(Option<u64>),
    #[error("{}", stray_quote(*.0))]
    StrayQuote(Option<u64>),
    #[error("{}", say!("input-row-too-long"))]
    TooLong,
    #[error("{}", say!("input-row-too-few", cells = in_cells(*count), columns = in_columns(*columns)))]
    TooFew { count: usize, columns: usize },
    #[error("{}", too_many(*count, *columns, *delimiter))]
    TooMany {
        count: usize,
        columns: usize,
        delimiter: u8,
    },
    #[error("{}", say!("input-row-encoding", encoding, place = after(before)))]
    Encoding { encoding: String, before: String },
    #[error("{}", say!("input-cell-too-long", column = *.0))]
    LongCell(usize),
    #[error("{}", say!("input-cell-nul", column = *.0))]
    NulCell(usize),
    #[error("{}", say!("input-no-object", what = .0))]
    NoObject(String),
    #[error("{}", say!("input-json-syntax", line = *line, place = after(before)))]
    Syntax { line: u64, before: String },
    #[error("{}", say!("input-json-unbalanced"))]
    Unbalanced,
    #[error("{}", say!("input-json-cut-object"))]
    CutObject,
    #[error("{}", say!("input-json-cut-list", closing = .0.to_string()))]
    CutList(char),
    #[error("{}", say!("input-row-wider", cells = in_cells(*count), columns = in_columns(*columns)))]
    Wider { count: usize, columns: usize },
    #[error("{}", say!("input-no-pairs", key = .0))]
    NoPairs(String),
    #[error("{}", say!("input-key-twice", key = .0))]
    KeyTwice(String),
    #[error("{}", say!("input-empty-object"))]
    EmptyObject,
}

fn no_export(names: &[String]) -> String {
    match names {
        [] => say!("input-no-export-empty"),
        names => say!("input-no-export", names = names.join(", ")),
    }
}

fn open_quote(line: Option<u64>) -> String {
    match line {
        None => say!("input-open-quote"),
        Some(line) => say!("input-open-quote-line", line),
    }
}

fn stray_quote(line: Option<u64>) -> String {
    match line {
        None => say!("input-stray-quote"),
        Some(line) => say!("input-stray-quote-line", line),
    }
}

fn too_many(count: usize, columns: usize, delimiter: u8) -> String {
    let delimiter = match delimiter {
        b'\t' => say!("input-a-tab"),
        other => in_quotes(&char::from(other).to_string()),
    };
    let (cells, columns) = (in_cells(count), in_columns(columns));
    say!("input-row-too-many", cells, columns, delimiter)
}

fn in_rows(count: usize) -> String {
    say!("input-rows", count)
}

fn in_columns(count: usize) -> String {
    say!("input-columns", count)
}

fn in_cells(count: usize) -> String {
    say!("input-cells", count)
}

/// `"a", "b"`
pub fn all_quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| in_quotes(name)).collect();
    names.join(", ")
}

fn after(before: &str) -> String {
    match before.trim() {
        "" => say!("input-at-start"),
        before => say!("input-after", before),
    }
}
