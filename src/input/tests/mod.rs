//! Whole inputs through the reader, as they come.

use std::io::Cursor;

use super::{Error, Facts, Options, from_stream};
use crate::lead::Record;

mod corpus;
mod csv;
mod files;
mod json;
mod kind;
mod never_panics;
mod object;
mod pairs;
mod python;
mod sheets;
mod tables;
mod titles;
mod workbook;

/// Everything that an input gives.
fn read_with(bytes: impl Into<Vec<u8>>, options: &Options) -> Result<(Facts, Vec<Record>), Error> {
    let stream = Cursor::new(bytes.into());
    let reader = from_stream(stream, "leads", options)?;
    let facts = reader.facts().clone();
    let rows: Result<Vec<_>, _> = reader.collect();
    Ok((facts, rows?))
}

fn read(bytes: impl Into<Vec<u8>>) -> (Facts, Vec<Record>) {
    read_with(bytes, &Options::default()).expect("a readable input")
}

fn refused(bytes: impl Into<Vec<u8>>) -> Error {
    match read_with(bytes, &Options::default()) {
        Ok((facts, _)) => panic!("read: {facts:?}"),
        Err(error) => error,
    }
}

/// A row for comparison: its line, cells joined by `|`, and whether it is sound.
fn brief(row: &Record) -> (u64, String, bool) {
    let cells: Vec<&str> = row.cells.iter().collect();
    (row.line, cells.join("|"), row.fault.is_none())
}

fn briefs(rows: &[Record]) -> Vec<(u64, String, bool)> {
    rows.iter().map(brief).collect()
}

fn sound(line: u64, cells: &str) -> (u64, String, bool) {
    (line, cells.to_owned(), true)
}

fn fault(row: &Record) -> &str {
    row.fault.as_deref().unwrap_or("")
}
