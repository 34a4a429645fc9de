//! How a pending lead is asked about: the words of `[NAME.follow]`. A question
//! is always a GET, so the word `method` is not there.

use super::destination::Destination;
use super::operation::Method;
use super::operation::Operation;
use super::reader::Mistakes;
use super::tree::Table;

/// The placeholder that is filled with the partner's reference.
pub const REFERENCE: &str = "reference";

pub(super) const WORDS: &[&str] = &["path", "query", "rules", "message", "words"];

/// Reads the table, if there is one.
pub fn read(table: &Table, name: &str, mistakes: &mut Mistakes) -> Option<Operation> {
    question(table, "follow", WORDS, name, mistakes).map(|(operation, _)| operation)
}

/// An operation that asks, and its table for the words of its own.
pub(super) fn question<'t>(
    table: &'t Table,
    verb: &str,
    words: &[&str],
    name: &str,
    mistakes: &mut Mistakes,
) -> Option<(Operation, &'t Table)> {
    let node = table.get(verb)?;
    let own = mistakes.as_table(node, verb)?;
    mistakes.check_keys(own, words, &format!("[{name}.{verb}]"));
    let operation = Operation::read(own, &node.place, verb, Method::Get, mistakes);
    Some((operation, own))
}

/// Only what was recorded at sending can fill the path later.
pub fn check(destination: &Destination, mistakes: &mut Mistakes) {
    let Some(follow) = &destination.follow else {
        return;
    };
    let name = &destination.name;
    if !follow.placeholders().any(|known| known == REFERENCE) {
        mistakes.hint(
            &follow.place,
            format!("[{name}.follow] does not say which lead it asks about"),
            "put {reference} in its path: the partner's number for the lead",
        );
    }
    let sent: Vec<&str> = destination.send.placeholders().collect();
    for unknown in follow.placeholders() {
        if unknown != REFERENCE && !sent.contains(&unknown) {
            mistakes.hint(
                &follow.place,
                format!("the path of [{name}.follow] has {{{unknown}}}, which [{name}.send] does not have"),
                "a lead is asked about where it was sent: use the placeholders of `send`, and {reference}",
            );
        }
    }
    if follow.rules.is_empty() {
        mistakes.hint(
            &follow.place,
            format!("[{name}.follow] has no rules: no answer would settle a lead"),
            "say what an answer means: rules = [{ when = { \"/status\" = \"approved\" }, then = \"approved\" }, …]",
        );
    }
}
