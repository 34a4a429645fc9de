//! What is wrong with a whole file, so that no lead of it can be sent: told once,
//! before anything of it is recorded.

use std::sync::Arc;

use super::rules::Rules;
use crate::config::{Destination, Missing};
use crate::error::Failure;
use crate::lead::{Columns, Evidence, Header, Ours};
use crate::output::Command;
use crate::output::text::some_of;
use crate::words::{placeholder, say};

/// Makes sure that an input with these headers gives what the destination needs of
/// every lead. Rows that share a header (`shared`) must all be given it; objects have
/// columns of their own, so one that has it is enough, and the others tell it
/// themselves.
///
/// # Errors
/// Nothing gives some of it, or which column is meant is not clear.
pub fn refuse_unfilled(
    rules: &Rules<'_>,
    headers: &[Arc<Header>],
    shared: bool,
    evidence: Option<&Evidence>,
    file: &str,
) -> Result<(), Failure> {
    let (inputs, destination) = (&rules.inputs, rules.destination);
    let mut missing: Option<Vec<Missing<'_>>> = None;
    let mut seen = Vec::new();
    for header in headers {
        let columns = match rules.columns(header, file) {
            Err(failure) if shared => return Err(failure),
            // One object among others is only one lead.
            Err(_) => return Ok(()),
            Ok(columns) => columns.with_evidence(evidence, &inputs.habits),
        };
        let columns = columns.with_set(&inputs.set);
        // A change misses nothing, and what comes back for correction has what its
        // lead had.
        let is_change = rules.command().is_some();
        let of_header =
            match inputs.orphan || is_change || columns.index_of_ours(Ours::Id).is_some() {
                true => Vec::new(),
                false => destination.missing(|name| columns.index_of(name).is_some()),
            };
        if !of_header.is_empty() {
            seen.push(columns);
        }
        match &mut missing {
            None => missing = Some(of_header),
            Some(missing) if shared => {
                let new = of_header.into_iter().filter(|it| !missing.contains(it));
                let new: Vec<_> = new.collect();
                missing.extend(new);
            }
            Some(missing) => missing.retain(|known| of_header.contains(known)),
        }
    }
    match missing.filter(|missing| !missing.is_empty()) {
        Some(missing) => Err(failure(destination, &missing, &seen, file)),
        None => Ok(()),
    }
}

fn failure(
    destination: &Destination,
    missing: &[Missing<'_>],
    seen: &[Columns],
    file: &str,
) -> Failure {
    let to = &destination.name;
    let is_used = |columns: &Columns| {
        let mut names = columns.seen().into_iter();
        names.any(|(header, field)| {
            let splits = |field| columns.splits(field);
            let used = |field| destination.takes(field) || splits(field);
            destination.takes(header) || field.is_some_and(used)
        })
    };
    let needed: Vec<String> = missing.iter().map(Missing::in_words).collect();
    let needed = needed.join(", ");
    let what = match seen.iter().any(is_used) {
        false => say!("file-unknown-columns", to, needed),
        true => say!("file-unfilled", count = missing.len(), to, needed),
    };
    let headers = seen.first().map(Columns::seen).unwrap_or_default();
    let headers = some_of(headers.iter().map(|(header, _)| *header));
    let failure = Failure::usage(what).at(say!("file-with-columns", file, headers));
    failure.hint(what_to_do(destination, missing))
}

/// One value for all leads makes sense for an address or a choice, not for a person.
fn what_to_do(destination: &Destination, missing: &[Missing<'_>]) -> String {
    let to = &destination.name;
    let accepted = Command::new(["partners", to]);
    let mut lines = vec![say!("file-add-column"), accepted.to_string()];
    let shared = missing.iter().filter(|it| it.is_shared);
    let shared: Vec<&str> = shared.filter_map(|it| it.fields.first().copied()).collect();
    if !shared.is_empty() {
        let value = placeholder("VALUE");
        let defaults = shared.iter().map(|field| format!("{field}={value}"));
        let defaults = defaults.flat_map(|set| ["--default".to_owned(), set]);
        lines.extend([
            say!("file-default-once"),
            Command::as_typed().and(defaults).to_string(),
            say!("file-default-always", to),
        ]);
        lines.extend(shared.iter().map(|field| format!("{field} = \"{value}\"")));
    }
    lines.join("\n")
}
