//! Rows as the text of a rejects file.

use std::io::{self, Write};

use super::encode::Encoded;
use super::shape::{Form, Shape};
use super::spool::Row;
use crate::lead::csv_injection::{defuse, is_formula};
use crate::lead::{OURS, json_text};

/// Writes all rows under these columns.
pub fn rows(
    out: &mut dyn Write,
    shape: &Shape,
    names: &[String],
    rows: impl Iterator<Item = io::Result<Row>>,
) -> io::Result<()> {
    let mut out = Encoded::new(out, shape.encoding, shape.marked)?;
    match shape.form {
        Form::Csv => csv_rows(&mut out, shape, names, rows)?,
        Form::Lines => json_rows(&mut out, names, rows, ["", "\n", "\n"])?,
        Form::Array => json_rows(&mut out, names, rows, ["[\n", ",\n", "\n]\n"])?,
    }
    out.finish()
}

fn csv_rows(
    out: &mut Encoded<'_>,
    shape: &Shape,
    names: &[String],
    rows: impl Iterator<Item = io::Result<Row>>,
) -> io::Result<()> {
    // A name that we defuse in an earlier file has its `'` already.
    let heads = names.iter().map(|name| match is_formula(name) {
        true => format!("'{name}"),
        false => name.clone(),
    });
    let ours = OURS.iter().map(|&name| name.to_owned());
    record(out, shape, heads.chain(ours))?;
    for row in rows {
        let row = row?;
        let mut cells = vec![String::new(); names.len()];
        for (column, text) in &row.cells {
            cells[*column] = defuse(text).into_owned();
        }
        cells.push(row.id.map_or_else(String::new, |id| id.to_string()));
        cells.push(row.state);
        cells.push(defuse(&row.message).into_owned());
        cells.extend(row.surplus.iter().map(|text| defuse(text).into_owned()));
        record(out, shape, cells.into_iter())?;
    }
    Ok(())
}

fn record(
    out: &mut Encoded<'_>,
    shape: &Shape,
    cells: impl Iterator<Item = String>,
) -> io::Result<()> {
    let terminator = match shape.crlf {
        true => csv::Terminator::CRLF,
        false => csv::Terminator::Any(b'\n'),
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(shape.delimiter)
        .terminator(terminator)
        .flexible(true)
        .from_writer(Vec::new());
    writer.write_record(cells.map(String::into_bytes))?;
    let line = writer.into_inner().map_err(|error| error.into_error())?;
    out.write(&String::from_utf8_lossy(&line))
}

/// `around`: what stands before, between and after the objects.
fn json_rows(
    out: &mut Encoded<'_>,
    names: &[String],
    rows: impl Iterator<Item = io::Result<Row>>,
    around: [&str; 3],
) -> io::Result<()> {
    let mut before = around[0];
    for row in rows {
        let row = row?;
        out.write(before)?;
        before = around[1];
        out.write(&object(names, &row))?;
    }
    out.write(around[2])
}

fn object(names: &[String], row: &Row) -> String {
    let mut json = String::from("{");
    for (index, (column, text)) in row.cells.iter().enumerate() {
        let name = &names[*column];
        // Such as the text of an object that could not be read.
        match name.trim().is_empty() {
            true => json_text(&mut json, &format!("column {}", index + 1)),
            false => json_text(&mut json, name),
        }
        json.push(':');
        json_text(&mut json, text);
        json.push(',');
    }
    let id = row
        .id
        .map_or_else(|| "null".to_owned(), |id| id.to_string());
    json.push_str(&format!("\"{}\":{id},\"{}\":", OURS[0], OURS[1]));
    json_text(&mut json, &row.state);
    json.push_str(&format!(",\"{}\":", OURS[2]));
    json_text(&mut json, &row.message);
    json.push('}');
    json
}
