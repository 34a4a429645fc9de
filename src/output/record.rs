//! Facts as a record for scripts: a JSON object, or a CSV row under the names
//! of the first one.

use serde_json::Value as Json;

/// Named values, in the order in which they are written. Every record of a run
/// has the same names.
pub type Record = Vec<(&'static str, Json)>;

/// Appends a record as one object and a line feed.
pub fn write_json(buffer: &mut Vec<u8>, record: Record) {
    let object: serde_json::Map<String, Json> = record
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    // Writing to memory can't fail.
    _ = serde_json::to_writer(&mut *buffer, &Json::Object(object));
    buffer.push(b'\n');
}

/// A value as a CSV cell: lists are joined, null is empty.
pub fn cell(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}
