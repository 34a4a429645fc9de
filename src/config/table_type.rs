//! The types of tables, by the names that serde knows them by.

use crate::words::say;

/// The type of the rule for a value.
pub const A_FIELD: &str = "a field";
/// Types that may be written without their table: what stands there is this
/// word's.
pub const SHORT: [(&str, &str); 6] = [
    ("a place", "at"),
    ("a pause", "at"),
    ("a price", "amount"),
    ("a test", "(value)"),
    ("a secret", "env"),
    ("a statement", "from"),
];

/// A type of ours as people call it, by the name that serde knows it by; one that is
/// named as the file writes it is called that.
pub fn in_words(name: &str) -> String {
    match name {
        A_FIELD => say!("mistake-in-field"),
        "a place" => say!("mistake-in-place"),
        "a pause" => say!("mistake-in-pause"),
        "a price" => say!("mistake-in-price"),
        "a test" => say!("mistake-in-test"),
        "a secret" => say!("mistake-in-secret"),
        "a secret's place" => say!("mistake-in-secret-place"),
        "a statement" => say!("mistake-in-statement"),
        "a rule" => say!("mistake-in-rule"),
        "an example" => say!("mistake-in-example"),
        "a destination" => say!("mistake-in-destination"),
        "a call" => say!("mistake-in-call"),
        "a check" => say!("mistake-in-check"),
        "a route" => say!("mistake-in-route"),
        "a source" => say!("mistake-in-source"),
        "a list of what stands for what" => say!("mistake-in-replacements"),
        word => word.to_owned(),
    }
}
