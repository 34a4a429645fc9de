//! How a pending lead is asked about: the words of `[NAME.follow]`. A question
//! is always a GET, so the word `method` is not there.

use super::operation::{Call, Method};
use super::reader::Mistakes;
use super::tree::Table;

/// The placeholder that is filled with the partner's reference.
pub const REFERENCE: &str = "reference";

pub(super) const WORDS: &[&str] = &["path", "query", "rules", "message", "words"];

/// Reads the table, if there is one.
pub fn read(table: &Table, name: &str, mistakes: &mut Mistakes) -> Option<Call> {
    question(table, "follow", WORDS, name, mistakes).map(|(operation, _)| operation)
}

/// An operation that asks, and its table for the words of its own.
pub(super) fn question<'t>(
    table: &'t Table,
    verb: &str,
    words: &[&str],
    name: &str,
    mistakes: &mut Mistakes,
) -> Option<(Call, &'t Table)> {
    let node = table.get(verb)?;
    let own = mistakes.as_table(node, verb)?;
    mistakes.check_keys(own, words, &format!("[{name}.{verb}]"));
    let operation = Call::read(own, &node.place, verb, Method::Get, mistakes);
    Some((operation.asking(), own))
}
