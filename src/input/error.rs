//! Why an input can't be read, and what can be wrong with a row of it. The words
//! for people stand beside each kind.

use std::env;
use std::fmt;
use std::io;

use thiserror::Error;

use crate::io_words::io_words;
use crate::lead::text::{all_of, counted, one_of};

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
    #[error("this file can't be read: {}", io_words(.0))]
    Io(#[from] io::Error),
    #[error("this file is read by way of {}, which failed: {}", env::temp_dir().display(), io_words(.0))]
    Scratch(#[source] io::Error),
    #[error("this can't be read as an {0}: it is damaged")]
    Damaged(String, #[source] Option<Box<calamine::Error>>),
    #[error(
        "the letters of this file can be read in two ways, one as likely as the other: {}",
        in_words(.0)
    )]
    TwoEncodings(Vec<Reading>),
    #[error("the letters of this file make no words in any usual encoding: {}", in_words(.0))]
    NoEncoding(Vec<Reading>),
    #[error("from here on this can't be read as JSON: its leads are missing")]
    LostJson,
    #[error("no leads can be read: it is {what}")]
    Strange {
        what: &'static str,
        hint: &'static str,
    },
    #[error("it is protected by a password")]
    Protected,
    #[error("this archive holds several exports: {}", .0.join(", "))]
    SeveralExports(Vec<String>),
    #[error("this archive holds no export: {}", named_or_nothing(.0))]
    NoExport(Vec<String>),
    #[error("this can't be unpacked to its end: {}", io_words(.0))]
    CutArchive(#[source] io::Error),
    #[error("unpacked, this is more than 2 GB: it is no export")]
    TooLarge,
    #[error("this table is written column by column, and longer than 4 MB")]
    LongTable,
    #[error("no leads can be read: it isn't JSON that starts with {{ or [{{")]
    NoJson,
    #[error("hidden or filtered out in this workbook: {0}")]
    Hidden(Concealed),
    #[error("this workbook lists the sheet \"{}\", but nothing of it is there", .0.join("\", \""))]
    LostSheets(Vec<String>),
    #[error("a cell of this sheet holds {0}, which can't be read")]
    ErrorCell(String),
    #[error("this page holds bytes that are not {0} text, as which it is read")]
    Encoding(String),
    #[error("this workbook has no sheet named \"{wanted}\"")]
    UnknownSheet { wanted: String, sheets: Vec<String> },
    #[error("the row of column names can't be read: {0}")]
    Header(String),
    #[error("the first row is already a lead (it holds \"{0}\"): the column names are missing")]
    HeaderIsLead(String),
    #[error("there is no row on this line that could name the columns")]
    NoHeaderThere,
    #[error(
        "no row of column names is found: the first row says only \"{first}\", and the rows below \
         it have more cells"
    )]
    NoHeader { first: String, wider: u64 },
    #[error("here stands a lead, above the row of column names (line {header})")]
    LeadsAbove { header: u64 },
}

const ELSEWHERE: &str = match cfg!(windows) {
    true => "free some space there, or name another folder in the variable TEMP",
    false => "free some space there, or name another folder: TMPDIR=/some/folder",
};

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
        let sheets = names.map(|name| format!("the sheet \"{name}\""));
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
    let one = |reading: &Reading| format!("as {} ({})", reading.name, reading.words.join(", "));
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
        let hint = match &self.kind {
            Kind::Io(error) if error.kind() == io::ErrorKind::IsADirectory => {
                "name the file in it that holds the leads"
            }
            Kind::Io(_) | Kind::Header(_) => return None,
            Kind::UnknownSheet { sheets, .. } => {
                return Some(format!("its sheets are: {}", sheets.join(", ")));
            }
            Kind::Scratch(_) => ELSEWHERE,
            Kind::Damaged(..) => {
                "open it in Excel, which may mend it, and save it as .xlsx; or get it again"
            }
            Kind::TwoEncodings(readings) => {
                let flag = |reading: &Reading| format!("--encoding {}", reading.label);
                let flags: Vec<String> = readings.iter().map(flag).collect();
                return Some(format!("say which one is right: {}", one_of(&flags)));
            }
            Kind::NoEncoding(_) => {
                "name its encoding, such as --encoding windows-1251, or export it as UTF-8"
            }
            Kind::LostJson => {
                "get the whole file again, or put right what is told of the row before"
            }
            Kind::LongTable => {
                "have it written row by row, as a list of objects (pandas: orient=\"records\"), or \
                 as CSV"
            }
            Kind::Hidden(_) => {
                "who filters or hides mostly means the rest to stay: show it again, or say what is \
                 meant:\n--hidden skip   leaves it out\n--hidden send   sends it with the others"
            }
            Kind::LostSheets(_) => {
                "open it in Excel, which may mend it, or get it again; to read another of its \
                 sheets, name it: --sheet NAME"
            }
            Kind::Encoding(_) => "name its encoding, such as --encoding windows-1252",
            Kind::ErrorCell(_) => "put that cell right in Excel, or empty it",
            Kind::Strange { hint, .. } => hint,
            Kind::Protected => "open it with its password, and save it without one",
            Kind::SeveralExports(_) => "unpack it, and name those that are meant:",
            Kind::NoExport(_) => {
                "exports are .csv, .xlsx, .xls, .xlsb, .ods, .json, .jsonl or .html"
            }
            Kind::CutArchive(_) => "get the whole file again",
            Kind::TooLarge => "is it the right file? If it is, unpack it and split it",
            Kind::NoJson => {
                "a lead is an object, such as [{\"email\": \"lea@example.fr\"}]; if it is a CSV \
                 file, say so with --input-format csv"
            }
            Kind::HeaderIsLead(_)
            | Kind::NoHeaderThere
            | Kind::NoHeader { .. }
            | Kind::LeadsAbove { .. } => return self.header_hint(),
        };
        Some(hint.to_owned())
    }

    /// Where the column names are to stand, or may.
    fn header_hint(&self) -> Option<String> {
        Some(match &self.kind {
            ErrorKind::NoHeaderThere => {
                "the line is the file's own, blank lines counted; --header-row names another".into()
            }
            ErrorKind::NoHeader { wider, .. } => {
                format!("say on which line the column names stand, as in --header-row {wider}")
            }
            ErrorKind::LeadsAbove { header } => format!(
                "move the column names to the first line; if the lines above them are no leads, \
                 say so: --header-row {header}"
            ),
            _ => "add a first line that names each column, such as Nom;Prénom;E-mail;Téléphone"
                .into(),
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
    #[error("this row is longer than 1 MB, so it is no lead: was the file damaged?")]
    TooLong,
    #[error(
        "this row has {} where the first line names {}: is it cut short?",
        in_cells(*.count), in_columns(*.columns)
    )]
    TooFew { count: usize, columns: usize },
    #[error(
        "this row has {} where the first line names {}: a cell that holds {} needs quotes \
         around it",
        in_cells(*.count), in_columns(*.columns), delimiter_in_words(*.delimiter)
    )]
    TooMany {
        count: usize,
        columns: usize,
        delimiter: u8,
    },
    #[error(
        "this row holds bytes that are not {encoding} text, {}: save the file again as UTF-8, or \
         name its encoding with --encoding", after(.before)
    )]
    Encoding { encoding: String, before: String },
    #[error("the cell in column {0} {1}, so this row is no lead: was the file damaged?")]
    StrangeCell(usize, &'static str),
    #[error("a lead is written {{…}} in JSON, and here stands: {0}")]
    NoObject(String),
    #[error("this isn't valid JSON (line {line}, {})", after(.before))]
    Syntax { line: u64, before: String },
    #[error("this isn't valid JSON: its quotes or brackets don't match, so its end is unknown")]
    Unbalanced,
    #[error("the input ends inside this object: get the whole file again")]
    CutObject,
    #[error(
        "the input ends before the {0} that closes its list or page: leads may be missing after \
         the last one, so get the whole file again"
    )]
    CutList(char),
    #[error(
        "this row has {} where the table has {}: which ones are meant?",
        in_cells(*.count), in_columns(*.columns)
    )]
    Wider { count: usize, columns: usize },
    #[error("this lead has no list of answers (\"{0}\"): is it only the notice that there is one?")]
    NoPairs(String),
    #[error("the key \"{0}\" stands twice in this object: which one is meant?")]
    KeyTwice(String),
    #[error("this object is empty")]
    EmptyObject,
}

fn named_or_nothing(names: &[String]) -> String {
    match names {
        [] => "it is empty".to_owned(),
        names => names.join(", "),
    }
}

fn open_quote(line: Option<u64>) -> String {
    const CLOSE: &str = "close it at the end of the cell, or remove it";
    match line {
        None => format!("a quote (\") opens a cell of this row and is never closed: {CLOSE}"),
        Some(line) => {
            format!("a quote (\") opens a cell on line {line} and is never closed: {CLOSE}")
        }
    }
}

fn stray_quote(line: Option<u64>) -> String {
    const TWICE: &str = "write quotes inside a cell twice (\"\"), or remove them";
    match line {
        None => format!(
            "a cell of this row opens with a quote (\") that does not close where the cell ends: \
             {TWICE}"
        ),
        Some(line) => format!(
            "a cell opens with a quote (\") on line {line} that does not close where the cell \
             ends: {TWICE}"
        ),
    }
}

fn in_rows(count: usize) -> String {
    counted(count as u64, "row", "rows")
}

fn in_columns(count: usize) -> String {
    counted(count as u64, "column", "columns")
}

fn in_cells(count: usize) -> String {
    counted(count as u64, "cell", "cells")
}

fn delimiter_in_words(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "a tab".to_owned(),
        other => format!("\"{}\"", char::from(other)),
    }
}

fn after(before: &str) -> String {
    match before.trim() {
        "" => "at its start".to_owned(),
        before => format!("after \"{before}\""),
    }
}
