//! The new leads of a run, and that none of them is for its destination.

use crate::lead::{FilterReason, State};
use crate::output::{Command, Exit, Reason, Row, Warnings};
use crate::words::say;

/// New leads of a run: those that are not for their destination, and the others.
#[derive(Default)]
pub struct FreshLeads {
    filtered: u64,
    others: u64,
}

impl FreshLeads {
    /// Counts a lead by its row. `known`: it was filtered before. What stands there
    /// already is no new lead, nor is a try, nor somebody who wants no call.
    pub fn count(&mut self, row: &Row, known: bool) {
        let is_expected = matches!(
            row.reason,
            Some(Reason::Filtered(FilterReason::Test | FilterReason::Blocked))
        );
        match row.state {
            State::Skipped => {}
            State::Filtered if is_expected || known => {}
            State::Filtered => self.filtered += 1,
            _ => self.others += 1,
        }
    }

    /// A slip in a table would be a silent week: where every new lead is filtered, it
    /// is told, and the run ends so.
    pub fn tell_all_filtered(&self, to: &str, warnings: &Warnings) -> Exit {
        if self.filtered == 0 || self.others > 0 {
            return Exit::Done;
        }
        let (count, table) = (self.filtered, Command::new(["partners", to, "--toml"]));
        let table = table.to_string();
        warnings.warn(&say!("fresh-all-filtered", count, to, table));
        Exit::Refused
    }
}
