//! What can be wrong with a row, in words for the user, whatever its format.

use std::borrow::Cow;

use crate::lead::Cells;

/// A cell longer than this is no cell of a lead.
pub const LONGEST_CELL: usize = 256 * 1024;

/// Bytes kept of what can't be read, so that a person recognises it.
pub const SHOWN: usize = 4096;

pub const OPEN_QUOTE: &str = "a quote (\") opens a cell of this row and is never closed: \
    close it at the end of the cell, or remove it";

pub const STRAY_QUOTE: &str = "a cell of this row opens with a quote (\") that does not close \
    where the cell ends: write quotes inside a cell twice (\"\"), or remove them";

pub fn too_few(count: usize, columns: usize) -> String {
    let cells = plural(count, "cell");
    format!("this row has {cells} where the first line names {columns} columns: is it cut short?")
}

pub fn too_many(count: usize, columns: usize, delimiter: u8) -> String {
    let cells = plural(count, "cell");
    let delimiter = delimiter_word(delimiter);
    format!(
        "this row has {cells} where the first line names {}: a cell that holds {delimiter} \
         needs quotes around it",
        plural(columns, "column")
    )
}

pub fn too_long() -> String {
    "this row is longer than 1 MB, so it is no lead: was the file damaged?".to_owned()
}

/// A delimiter as a person calls it.
pub fn delimiter_word(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "a tab".to_owned(),
        other => format!("\"{}\"", char::from(other)),
    }
}

fn plural(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// The row as text; where bytes mean nothing in the encoding, what could be
/// read, and the fault.
pub fn text<'r>(row: &'r [u8], encoding: &str) -> (Cow<'r, str>, Option<String>) {
    match std::str::from_utf8(row) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(error) => {
            let readable = String::from_utf8_lossy(&row[..error.valid_up_to()]);
            let mut near: Vec<char> = readable.chars().rev().take(12).collect();
            near.reverse();
            let near: String = near.into_iter().collect();
            let place = match near.trim() {
                "" => "at its start".to_owned(),
                near => format!("after \"{near}\""),
            };
            let fault = format!(
                "this row holds bytes that are not {encoding} text, {place}: \
                 save the file again as UTF-8, or name its encoding with --encoding"
            );
            (String::from_utf8_lossy(row), Some(fault))
        }
    }
}

/// What no cell may hold. A monstrous cell is cut, so that nobody carries it on.
pub fn of_cells(cells: &mut Cells) -> Option<String> {
    let longest = |cells: &Cells| cells.iter().position(|cell| cell.len() > LONGEST_CELL);
    if cells.as_slice().len() > LONGEST_CELL
        && let Some(index) = longest(cells)
    {
        *cells = cells.iter().map(|cell| cut(cell, SHOWN)).collect();
        return Some(format!(
            "the cell in column {} is longer than 256 kB, so this row is no lead: \
             was the file damaged?",
            index + 1
        ));
    }
    if memchr::memchr(0, cells.as_slice().as_bytes()).is_some()
        && let Some(index) = cells.iter().position(|cell| cell.contains('\0'))
    {
        return Some(format!(
            "the cell in column {} holds a NUL character, which no text has: \
             was the file damaged?",
            index + 1
        ));
    }
    None
}

/// At most `length` bytes of a text.
pub fn cut(text: &str, length: usize) -> &str {
    &text[..text.floor_char_boundary(length)]
}
