//! What `follow` could not settle: rows that are asked about again, how many
//! leads wait for what, and the words for those that only a person can settle.

use crate::config::Destination;
use crate::delivery::Done;
use crate::lead::State;
use crate::output::{Command, Row};
use crate::pipeline::ordered::OrderedOutput;

/// What is not settled yet.
#[derive(Default)]
pub struct Kept {
    /// `--wait`: rows that may still be decided are kept, to be asked again.
    pub keeps: bool,
    pub undecided: Vec<Undecided>,
    /// Leads that still wait for the partner.
    pub pending: u64,
    /// Leads about which the partner gave no answer that can be used.
    pub unanswered: u64,
    /// Leads that a person must settle, and changes of contacts in doubt.
    pub doubts: u64,
    pub changes: u64,
}

/// A row that may still change in this run.
pub struct Undecided {
    pub row: Row,
    answered: bool,
    told: bool,
}

impl Kept {
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
        self.undecided.push(undecided);
        if !(again && self.keeps) {
            self.show_last(desk);
        }
    }

    fn show_last(&mut self, desk: &mut OrderedOutput<'_>) {
        let Some(Undecided {
            row,
            answered,
            told,
        }) = self.undecided.pop()
        else {
            return;
        };
        self.unanswered += u64::from(!answered);
        self.pending += u64::from(row.state == State::Pending);
        self.doubts += u64::from(row.state == State::InDoubt);
        desk.settled(row, told);
        desk.flush();
    }

    /// Prints the rows that were kept.
    pub fn show_undecided(&mut self, desk: &mut OrderedOutput<'_>) {
        self.undecided.reverse();
        while !self.undecided.is_empty() {
            self.show_last(desk);
        }
    }
}

/// What is known, whom to ask, and the very command that settles it.
pub fn for_a_person(destination: &Destination, id: i64, known: &str) -> String {
    let ask = destination.ask.as_deref().unwrap_or("the partner");
    let ask = match ask.split(' ').next() {
        // Some tables say what to do, others whom to ask.
        Some("look" | "search" | "ask" | "check") => ask.to_owned(),
        _ => format!("ask {ask}"),
    };
    let known = known.trim_end_matches('.');
    let known = if known.is_empty() { "in doubt" } else { known };
    let settle = Command::new(["resolve", &id.to_string(), "--delivered"]);
    format!("{known}; {ask}, then: {settle} (or --not-received)")
}
