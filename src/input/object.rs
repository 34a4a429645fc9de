//! One JSON object as a row of text, and where the next one begins behind a broken
//! one.

use serde_json::value::RawValue;

use crate::lead::{Cells, Pairs};

/// Where, after a broken element that starts `bytes` with the byte `opens`, the next
/// one starts.
/// `indent`: spaces before the broken element when it stood first on its line;
/// then the next one stands as far to the right. What stands in a list of the
/// broken one is part of it, and never taken for the next one. Quotes say
/// nothing here: one of them may be what is broken.
pub fn next_element(bytes: &[u8], opens: u8, indent: Option<usize>) -> Option<usize> {
    // Its own list, where lists are elements.
    let own = usize::from(opens == b'[');
    // Objects that are open, and how many were when each open list began.
    let (mut objects, mut lists) = (0_usize, Vec::new());
    for (at, byte) in bytes.iter().enumerate() {
        let begins = at > 0 && *byte == opens && lists.len() <= own;
        match byte {
            _ if begins && is_beginning(&bytes[..at], indent) => return Some(at),
            b'{' => objects += 1,
            b'[' => lists.push(objects),
            b']' => objects = lists.pop().unwrap_or(objects),
            b'}' => {
                objects = objects.saturating_sub(1);
                while lists.last().is_some_and(|outer| *outer > objects) {
                    lists.pop();
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether an element begins after these bytes.
fn is_beginning(before: &[u8], indent: Option<usize>) -> bool {
    let blank = before.trim_ascii_end();
    let gap = &before[blank.len()..];
    let line = gap.iter().rposition(|byte| *byte == b'\n');
    match (indent, line) {
        (Some(indent), Some(line)) => gap.len() - line - 1 == indent,
        (Some(_), None) => false,
        (None, _) => blank.ends_with(b","),
    }
}

/// Objects inside objects further than this stay JSON text.
const DEEPEST: usize = 16;

/// Reads one object as a row: nested objects become columns (`contact.email`),
/// and every value keeps the very text that it has.
///
/// # Errors
/// `text` is no JSON object.
pub fn flatten(text: &str, names: &mut Cells, cells: &mut Cells) -> serde_json::Result<()> {
    add_members(text, "", 0, &mut |name, cell| {
        names.push_field(name);
        cells.push_field(cell);
    })
}

fn add_members(
    text: &str,
    stem: &str,
    depth: usize,
    add: &mut impl FnMut(&str, &str),
) -> serde_json::Result<()> {
    let members: Pairs<&RawValue> = serde_json::from_str(text)?;
    for (key, value) in members.0 {
        let name = format!("{stem}{key}");
        match value.get() {
            text if text.starts_with('{') && depth < DEEPEST && text != "{}" => {
                add_members(text, &format!("{name}."), depth + 1, add)?;
            }
            text => add(&name, &cell(text)?),
        }
    }
    Ok(())
}

/// A value as a cell: a string without its quotes, `null` as nothing, numbers
/// and booleans as they are written, a list of those joined by `, `, and
/// anything else as JSON text.
pub fn cell(text: &str) -> serde_json::Result<String> {
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text),
        Some(b'n') => Ok(String::new()),
        Some(b'[') => {
            let values: Vec<&RawValue> = serde_json::from_str(text)?;
            let values = || values.iter().map(|value| value.get());
            if values().any(|value| value.starts_with(['{', '['])) {
                return Ok(text.to_owned());
            }
            let values = values().filter(|value| *value != "null").map(cell);
            let values: Vec<String> = values.collect::<Result<_, _>>()?;
            Ok(values.join(", "))
        }
        _ => Ok(text.to_owned()),
    }
}
