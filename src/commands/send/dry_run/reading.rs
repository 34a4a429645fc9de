//! The input of a dry run, a handful of rows at a time.

use super::relay::Rows;
use crate::cli::Lines;
use crate::error::Failure;
use crate::input::Reader;
use crate::output::Warnings;
use crate::pipeline::inputs::{self, Input, Inputs};
use crate::pipeline::nameless::Nameless;
use crate::pipeline::preparer::{Named, Preparer, Rules};

/// An input that is being read.
pub struct Reading<'r> {
    pub reader: Reader,
    pub input: &'r Input,
    pub rules: &'r Rules<'r>,
    pub inputs: &'r Inputs,
    pub warnings: &'r Warnings,
    pub lines: Option<&'r Lines>,
    pub named: Named,
    pub nameless: Nameless,
    pub any: bool,
    /// A line was one of those that are wanted.
    pub chosen: bool,
}

impl Reading<'_> {
    /// Fills a handful; `false`: there is no more.
    pub fn read(&mut self, preparer: &mut Preparer<'_>, rows: &mut Rows) -> Result<bool, Failure> {
        let (set, shown_as) = (&self.inputs.set, &self.input.shown_as);
        // The rows of JSON have headers of their own.
        let shared = self.reader.header().is_some();
        while !rows.is_full() {
            if !self.reader.read(rows.next()).map_err(inputs::failure)? {
                let destination = self.rules.destination;
                self.nameless.tell(shown_as, destination, self.warnings);
                if !self.any {
                    let warning = format!("{shown_as}: no leads in it");
                    self.warnings.warn(&warning);
                } else if !self.chosen {
                    inputs::tell_no_line(shown_as, self.warnings);
                }
                return Ok(false);
            }
            let record = rows.next();
            let strict = !std::mem::replace(&mut self.any, true) || shared;
            if self.lines.is_some_and(|lines| !lines.contains(record.line)) {
                continue;
            }
            self.chosen = true;
            self.nameless.look(record);
            if let Some(columns) = preparer.meet(record, set, strict, &mut self.named)? {
                let destination = self.rules.destination;
                inputs::tell_columns(&columns, destination, shown_as, self.warnings);
            }
            rows.keep();
        }
        Ok(true)
    }
}
