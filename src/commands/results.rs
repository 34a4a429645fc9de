//! The end of what a verb printed.

use std::io;

use crate::failure::Failure;
use crate::io_words::io_words;
use crate::report::Output;

/// Ends the results of a verb that has no summary.
pub fn finish(output: Output) -> Result<(), Failure> {
    output.finish().map_err(|error| unwritten(&error))
}

/// Not all of the results could be written.
pub fn unwritten(error: &io::Error) -> Failure {
    let why = io_words(error);
    Failure::unfinished(format!("the results could not be written: {why}"))
}
