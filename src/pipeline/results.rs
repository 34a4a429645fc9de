//! The end of what a verb printed.

use std::io;

use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Counts, Output};
use crate::session::Session;

/// Ends the results of a verb that has no summary.
pub fn finish(output: Output) -> Result<(), Failure> {
    output.finish().map_err(|error| unwritten(&error))
}

/// Not all of the results could be written.
pub fn unwritten(error: &io::Error) -> Failure {
    let why = io_words(error);
    Failure::unfinished(format!("the results could not be written: {why}"))
}

/// How a dry run ended: what is ready, and what became of the others.
pub fn tell_dry_run(session: &Session, ready: u64, counts: &Counts) {
    let others = match counts.total() {
        0 => String::new(),
        _ => format!("; of the others, {}", counts.in_words()),
    };
    session.warnings.note(&format!(
        "dry run: {ready} ready to be sent, nothing was sent{others}"
    ));
}
