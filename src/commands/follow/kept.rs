//! The rows of `follow`: printed, or kept where `--wait` may still change them.

use crate::delivery::Done;
use crate::lead::State;
use crate::output::Row;
use crate::pipeline::ordered::OrderedOutput;

/// A lead that may still be decided in this run.
struct Undecided {
    row: Row,
    answered: bool,
    told: bool,
}

/// What is not settled yet.
pub struct Kept {
    /// `--wait`: undecided rows are kept, to be asked again.
    keep: bool,
    undecided: Vec<Undecided>,
    /// Leads that still wait for the partner.
    pub pending: u64,
    /// Leads about which the partner gave no answer that can be used.
    pub unanswered: u64,
    /// Leads that a person must settle.
    pub doubts: u64,
    /// Changes of contacts in doubt.
    pub changes: u64,
}

impl Kept {
    /// `keep`: rows that may still change are kept.
    pub fn new(keep: bool) -> Self {
        Self {
            keep,
            undecided: Vec::new(),
            pending: 0,
            unanswered: 0,
            doubts: 0,
            changes: 0,
        }
    }

    pub fn has_undecided(&self) -> bool {
        !self.undecided.is_empty()
    }

    /// The rows that were kept, to be asked about again.
    pub fn take_undecided(&mut self) -> impl Iterator<Item = Row> + use<> {
        let undecided = std::mem::take(&mut self.undecided);
        undecided.into_iter().map(|undecided| undecided.row)
    }

    /// Prints the rows that were kept.
    pub fn show_undecided(&mut self, desk: &mut OrderedOutput<'_>) {
        for undecided in std::mem::take(&mut self.undecided) {
            self.show(undecided, desk);
        }
    }

    /// Prints a lead's row, or keeps it where it is worth asking again.
    pub fn place(&mut self, row: Row, done: Done, desk: &mut OrderedOutput<'_>) {
        // What is refused now is refused in a minute too.
        let refused = done.attempts == 0 || done.status.is_some_and(|status| status / 100 == 4);
        let again = done.state == State::Pending && (done.answered || !refused);
        let undecided = Undecided {
            answered: done.answered || done.state != row.state,
            told: done.told,
            row: Row {
                state: done.state,
                reference: done.reference.or(row.reference),
                message: done.message,
                status: done.status,
                attempts: row.attempts + done.attempts,
                ..row
            },
        };
        match again && self.keep {
            true => self.undecided.push(undecided),
            false => self.show(undecided, desk),
        }
    }

    fn show(&mut self, undecided: Undecided, desk: &mut OrderedOutput<'_>) {
        let Undecided {
            row,
            answered,
            told,
        } = undecided;
        self.unanswered += u64::from(!answered);
        self.pending += u64::from(row.state == State::Pending);
        self.doubts += u64::from(row.state == State::InDoubt);
        desk.settled(row, told);
        desk.flush();
    }
}
