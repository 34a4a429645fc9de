//! Text as JSON writes it. Knows nothing of what is written.

use std::fmt::Write as _;

use super::octets::{holds, holds_below};

/// Appends a JSON string, with its quotes.
pub fn json_text(json: &mut String, value: &str) {
    json.reserve(value.len() + 2);
    json.push('"');
    let mut rest = value;
    while let Some(at) = escaped(rest.as_bytes()) {
        json.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            other => {
                // A text takes whatever is written to it.
                let _ = write!(json, "\\u{other:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    json.push_str(rest);
    json.push('"');
}

/// Where the first byte stands that a JSON string may not hold as it is.
fn escaped(bytes: &[u8]) -> Option<usize> {
    let sound = |octet: &[u8; 8]| {
        let octet = u64::from_le_bytes(*octet);
        !(holds_below(octet, b' ') | holds(octet, b'"') | holds(octet, b'\\'))
    };
    let (octets, _) = bytes.as_chunks::<8>();
    // The last eight bytes stand for what is left behind the others.
    if bytes.last_chunk().is_some_and(sound) && octets.iter().all(sound) {
        return None;
    }
    bytes.iter().position(|byte| is_escaped(*byte))
}

fn is_escaped(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn what_is_written_is_read_again(value in any::<String>(), ascii in "[ -~\t\n\u{1}]{0,40}") {
            for value in [value, ascii] {
                let mut json = String::new();
                json_text(&mut json, &value);
                prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), value);
            }
        }
    }
}
