//! Reads the inputs of a run to their end, also when the run stopped: so no lead is lost.

use super::input_rows::InputRows;
use super::inputs::Input;
use super::rules::Rules;
use super::run::{Feed, Produced};
use crate::error::Failure;
use crate::lead::Record;
use crate::output::Exit;

/// Returns what it adds to the run's exit code.
pub type OnDisk<'r> = Box<dyn FnMut(&Input, Option<&Failure>) -> Exit + 'r>;

/// What is done with the rows that are read.
pub trait TakesRows {
    /// # Errors
    /// The ledger fails.
    fn take(&mut self, record: Record, feed: &mut Feed) -> Result<(), Failure>;

    /// All that was taken is on disk, and has its place in the results.
    ///
    /// # Errors
    /// The ledger fails.
    fn finish(&mut self, feed: &mut Feed) -> Result<(), Failure>;
}

/// Reads every input to its end. `on_disk` is told of each once all its leads are on
/// disk, or those that could be read before it failed.
///
/// # Errors
/// The ledger can't take a lead in.
pub fn read_all<'r>(
    rules: &'r Rules<'r>,
    rows: &mut dyn TakesRows,
    mut on_disk: Option<OnDisk<'r>>,
    feed: &mut Feed,
) -> Result<Produced, Failure> {
    let mut produced = Produced::default();
    for input in &rules.inputs.files {
        let failure = read(rules, rows, input, feed)?.err();
        if let Some(failure) = &failure {
            // The others go on.
            failure.print();
            produced.unread.push(input.shown_as.clone());
            produced.exit = produced.exit.min(failure.exit);
        }
        if let Some(on_disk) = &mut on_disk {
            rows.finish(feed)?;
            produced.exit = produced.exit.min(on_disk(input, failure.as_ref()));
        }
    }
    rows.finish(feed)?;
    Ok(produced)
}

/// Takes rows in until they end, or can't be read any further: why.
fn read<'r>(
    rules: &'r Rules<'r>,
    rows: &mut dyn TakesRows,
    input: &'r Input,
    feed: &mut Feed,
) -> Result<Result<(), Failure>, Failure> {
    let records = match InputRows::open(rules, input) {
        Ok(records) => records,
        Err(failure) => return Ok(Err(failure)),
    };
    feed.opened(&input.shown_as, records.facts());
    for record in records {
        match record {
            Ok(record) => rows.take(record, feed)?,
            Err(failure) => return Ok(Err(failure)),
        }
    }
    Ok(Ok(()))
}
