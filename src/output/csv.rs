//! A line as CSV cells that a spreadsheet opens without running any of them.

use std::borrow::Cow;

use super::kind::Kind;
use super::line::{Line, Value};
use super::{text, time};
use crate::lead::csv_injection;

/// Appends the names of `line`'s fields.
pub fn header(buffer: &mut Vec<u8>, line: &dyn Line, kind: Kind) {
    let mut names = Vec::new();
    line.fields(kind, &mut |name, _| names.push(Cow::Borrowed(name)));
    record(buffer, &names);
}

/// Appends `line`'s fields.
pub fn write(buffer: &mut Vec<u8>, line: &dyn Line, kind: Kind) {
    let mut cells = Vec::with_capacity(16);
    line.fields(kind, &mut |_, value| cells.push(cell(value)));
    record(buffer, &cells);
}

/// Appends a row of texts, made harmless.
pub fn texts<'t>(buffer: &mut Vec<u8>, texts: impl Iterator<Item = &'t str>) {
    let cells: Vec<_> = texts.map(defuse).collect();
    record(buffer, &cells);
}

/// A row of texts, made harmless, for a page that is written as a whole.
pub fn csv_line<'t>(out: &mut String, cells: impl Iterator<Item = &'t str>) {
    let mut line = Vec::new();
    texts(&mut line, cells);
    out.push_str(&String::from_utf8_lossy(&line));
}

fn record(buffer: &mut Vec<u8>, cells: &[Cow<'_, str>]) {
    let mut writer = ::csv::WriterBuilder::new()
        .buffer_capacity(1024)
        .from_writer(buffer);
    // Writing to memory can't fail, and the record is alone, so always even.
    _ = writer.write_record(cells.iter().map(|cell| cell.as_bytes()));
    _ = writer.flush();
}

fn cell(value: Value<'_>) -> Cow<'_, str> {
    match value {
        Value::Text(text) => defuse(text),
        Value::Number(number) => number.to_string().into(),
        Value::Time(ms) => time::rfc3339(ms).unwrap_or_default().into(),
        Value::List(texts) => texts.join("; ").into(),
        Value::Nothing => "".into(),
    }
}

/// Fit for a spreadsheet: no control character, and nothing that would run.
fn defuse(raw: &str) -> Cow<'_, str> {
    let safe = text::harmless(raw);
    match csv_injection::is_formula(raw) {
        true => format!("'{safe}").into(),
        false => safe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_harmless_and_phones_left_alone() {
        assert_eq!(defuse("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(defuse("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(defuse("\t=1"), "' =1");
        assert_eq!(defuse("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
        assert_eq!(defuse("-1+cmd"), "'-1+cmd");
        assert_eq!(defuse("+33 6 39 98 00 01"), "+33 6 39 98 00 01");
        assert_eq!(defuse("-"), "-");
        assert_eq!(defuse("a=b"), "a=b");
        assert_eq!(defuse("two\nlines\u{1b}"), "two lines ");
    }
}
