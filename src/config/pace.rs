//! How often a destination may be called: rates, and the partner's own headers.

use super::measure::{self, Rate};
use super::reader::Mistakes;
use super::tree::Table;

/// Where an answer tells that no more requests are allowed for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateHeaders {
    /// The header with the requests that are left, in lower case.
    pub remaining: String,
    /// The header with the length of the window in milliseconds, in lower case.
    pub window_ms: String,
}

/// Reads one rate or several.
pub fn read_pace(table: &Table, mistakes: &mut Mistakes) -> Vec<Rate> {
    let Some(node) = table.get("pace") else {
        return Vec::new();
    };
    let texts = mistakes.as_texts(node, "pace").unwrap_or_default();
    texts
        .iter()
        .filter_map(|text| match measure::rate(text) {
            Ok(rate) => Some(rate),
            Err(message) => {
                mistakes.add(&node.place, message);
                None
            }
        })
        .collect()
}

/// Reads the names of the headers.
pub fn read_rate_headers(table: &Table, mistakes: &mut Mistakes) -> Option<RateHeaders> {
    let node = table.get("rate_headers")?;
    let words = mistakes.as_table(node, "rate_headers")?;
    mistakes.check_keys(words, &["remaining", "window_ms"], "`rate_headers`");
    let header = |name: Option<String>| name.map(|name| name.to_ascii_lowercase());
    let remaining = header(mistakes.text(words, "remaining"));
    let window_ms = header(mistakes.text(words, "window_ms"));
    if remaining.is_none() || window_ms.is_none() {
        mistakes.hint(
            &node.place,
            "`rate_headers` names two headers",
            "{ remaining = \"…\", window_ms = \"…\" }",
        );
    }
    Some(RateHeaders {
        remaining: remaining?,
        window_ms: window_ms?,
    })
}
