//! Text as JSON writes it. Knows nothing of what is written.

use std::fmt::Write as _;

/// Appends a JSON string, with its quotes.
pub fn json_text(json: &mut String, value: &str) {
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

/// Where the first byte stands that a JSON string may not hold as it is. Looks
/// at eight bytes at once: nearly no text holds one.
fn escaped(bytes: &[u8]) -> Option<usize> {
    let (words, _) = bytes.as_chunks::<8>();
    let sound = words.iter().take_while(|word| !holds_escaped(**word));
    let from = sound.count() * 8;
    let found = bytes[from..].iter().position(|byte| is_escaped(*byte))?;
    Some(from + found)
}

fn is_escaped(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// Whether one of eight bytes is to be escaped. Taking `b` from each byte of a
/// number sets the high bit of those that are smaller, and had none before.
fn holds_escaped(word: [u8; 8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let word = u64::from_le_bytes(word);
    let below = |word: u64, bound: u8| word.wrapping_sub(EACH * u64::from(bound)) & !word & HIGH;
    let is = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    below(word, b' ') | is(b'"') | is(b'\\') != 0
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

        #[test]
        fn eight_bytes_are_as_good_as_one_by_one(word in any::<[u8; 8]>()) {
            prop_assert_eq!(holds_escaped(word), word.iter().any(|byte| is_escaped(*byte)));
        }
    }
}
