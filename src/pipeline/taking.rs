//! What a run takes in of its inputs, what may be sent of it, and what it came
//! to.

use crate::cli::Lines;
use crate::lead::Columns;
use crate::ledger::{Hasher, Journal};
use crate::output::{Exit, Warnings};
use crate::pipeline::inputs::{self, Input, Inputs};
use crate::pipeline::preparer::Rules;
use crate::pipeline::remarks::Remarks;

/// What is taken in, and what may be sent of it.
pub struct Taking<'r> {
    pub rules: &'r Rules<'r>,
    pub inputs: &'r Inputs,
    pub journal: &'r Journal,
    pub hasher: &'r Hasher,
    pub warnings: &'r Warnings,
    pub lines: Option<&'r Lines>,
    /// Only so many new leads are sent.
    pub limit: Option<u64>,
    /// Why nothing is sent: the rest is stored all the same.
    pub hold: Option<String>,
    /// `--record-only`, with its note.
    pub elsewhere: Option<&'r str>,
    /// The input was cut short in the midst of its last row, which is nobody's.
    pub torn: bool,
    /// Rows travel to the desk as they were read.
    pub keep_records: bool,
}

/// What a producer found besides leads.
#[derive(Debug, Default)]
pub struct Found {
    /// The gravest failure of an input; the others went on.
    pub exit: Option<Exit>,
    /// Inputs that could not be read, or not to their end.
    pub unread: Vec<String>,
    pub new: u64,
    /// What was noticed about the leads that were not there already.
    pub remarks: Remarks,
}

impl Taking<'_> {
    /// Tells of the columns that are not sent.
    pub fn tell_columns(&self, columns: &Columns, input: &Input) {
        let (destination, file) = (self.rules.destination, &input.shown_as);
        match &self.rules.amending {
            Some(amending) if amending.is_command() => {
                amending.tell_columns(columns, destination, file, self.warnings);
            }
            _ => inputs::tell_columns(columns, destination, file, self.warnings),
        }
    }
}
