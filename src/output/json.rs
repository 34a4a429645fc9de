//! A line as one JSON object, written straight into a buffer.

use super::kind::Kind;
use super::line::{Line, Value};
use super::time;

/// Appends `line` as one object and a line feed, in one pass.
pub fn write(buffer: &mut Vec<u8>, line: &dyn Line, kind: Kind) {
    let mut separator = b'{';
    line.fields(kind, &mut |name, value| {
        buffer.push(separator);
        separator = b',';
        // Our own names hold nothing to escape.
        buffer.push(b'"');
        buffer.extend_from_slice(name.as_bytes());
        buffer.extend_from_slice(b"\":");
        put(buffer, value);
    });
    buffer.extend_from_slice(b"}\n");
}

fn put(buffer: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Text(text) => string(buffer, text),
        // Writing to memory can't fail, here and below.
        Value::Number(number) => _ = serde_json::to_writer(buffer, &number),
        Value::Time(ms) => match time::rfc3339(ms) {
            Some(instant) => string(buffer, &instant),
            None => buffer.extend_from_slice(b"null"),
        },
        Value::List(texts) => {
            buffer.push(b'[');
            for (index, text) in texts.iter().enumerate() {
                if index > 0 {
                    buffer.push(b',');
                }
                string(buffer, text);
            }
            buffer.push(b']');
        }
        Value::Nothing => buffer.extend_from_slice(b"null"),
    }
}

fn string(buffer: &mut Vec<u8>, text: &str) {
    _ = serde_json::to_writer(buffer, text);
}
