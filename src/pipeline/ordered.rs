//! Puts the rows of a run back into input order and prints each as soon as all
//! before it are settled. Counts what it prints.

use std::collections::VecDeque;

use super::corrections::Sink;
use crate::delivery::Done;
use crate::input::Facts;
use crate::lead::{Record, State};
use crate::output::{Counts, Output, Progress, Reason, Row};
use crate::pipeline::remarks::Remarks;

/// A row and whether an earlier run told it already.
#[derive(Debug)]
pub struct Told {
    pub row: Row,
    pub told: bool,
    /// What was read, where it may have to be written back.
    pub record: Option<Box<Record>>,
}

impl Told {
    /// A row of the ledger: nothing of it is to be written back.
    pub fn new(row: Row, told: bool) -> Self {
        Self {
            row,
            told,
            record: None,
        }
    }
}

/// The results of a run, in input order.
pub struct Desk<'s> {
    /// `None`: rows are counted, not shown.
    output: Option<Output>,
    progress: &'s Progress,
    quiet: bool,
    pub counts: Counts,
    /// The leads that count for the exit code: with `--quiet` the news alone.
    pub news_counts: Counts,
    /// Rows of leads that another run is sending.
    pub held_by_run: u64,
    /// Rows in order; `None` is one that is not settled yet.
    waiting: VecDeque<Waiting>,
    /// The place of the first row that waits.
    first: u64,
    /// Rows that need a person and that no earlier run told.
    pub news: u64,
    /// Leads whose states were printed, for the ledger.
    pub printed: Vec<i64>,
    pub remarks: Remarks,
    /// Where refused rows are written back (`--rejects`).
    pub rejects: Option<Sink<'s>>,
    /// References of the rows that left last, by lead: a lead that comes twice
    /// may be read before the first one's answer is there.
    references: VecDeque<(i64, String)>,
}

/// As many as can be between two such rows.
const REMEMBERED: usize = 5000;

struct Waiting {
    row: Row,
    settled: bool,
    told: bool,
    record: Option<Box<Record>>,
}

impl<'s> Desk<'s> {
    pub fn new(output: Option<Output>, progress: &'s Progress, quiet: bool) -> Self {
        Self {
            output,
            progress,
            quiet,
            counts: Counts::new(),
            news_counts: Counts::new(),
            held_by_run: 0,
            waiting: VecDeque::new(),
            first: 0,
            news: 0,
            printed: Vec::new(),
            remarks: Remarks::default(),
            rejects: None,
            references: VecDeque::new(),
        }
    }

    /// A row that needs no sending takes its place.
    pub fn settled(&mut self, row: Told) -> u64 {
        self.push(Waiting {
            row: row.row,
            settled: true,
            told: row.told,
            record: row.record,
        })
    }

    /// A row that is being sent takes its place; [`Self::done`] completes it.
    pub fn expected(&mut self, row: Row, record: Option<Box<Record>>) -> u64 {
        self.push(Waiting {
            row,
            settled: false,
            told: false,
            record,
        })
    }

    fn push(&mut self, waiting: Waiting) -> u64 {
        self.waiting.push_back(waiting);
        self.print_ready()
    }

    /// The place that the next row will take.
    pub fn next_place(&self) -> u64 {
        self.first + self.waiting.len() as u64
    }

    /// Completes the row at `place`. Returns how many rows left the desk.
    pub fn done(&mut self, place: u64, done: Done) -> u64 {
        let at = usize::try_from(place.saturating_sub(self.first)).unwrap_or(usize::MAX);
        if let Some(waiting) = self.waiting.get_mut(at) {
            let row = &mut waiting.row;
            row.state = done.state;
            row.reference = done.reference.or(row.reference.take());
            row.message = done.message;
            row.status = done.status;
            row.attempts = done.attempts;
            waiting.settled = true;
            waiting.told = done.told;
        }
        self.print_ready()
    }

    /// An input is read from here on.
    pub fn opened(&mut self, input: &str, facts: &Facts) {
        if let Some(rejects) = &mut self.rejects {
            rejects.opened(input, facts);
        }
    }

    fn print_ready(&mut self) -> u64 {
        let mut left = 0;
        while self.waiting.front().is_some_and(|waiting| waiting.settled) {
            let Some(mut waiting) = self.waiting.pop_front() else {
                break;
            };
            self.first += 1;
            left += 1;
            self.recall(&mut waiting.row);
            self.print(&waiting);
        }
        left
    }

    /// A lead of this very run that came twice has the first one's reference.
    fn recall(&mut self, row: &mut Row) {
        let Some(id) = row.id else { return };
        match (&row.reference, row.state) {
            (Some(_), State::Skipped) => {}
            (Some(reference), _) => {
                self.references.push_back((id, reference.clone()));
                if self.references.len() > REMEMBERED {
                    self.references.pop_front();
                }
            }
            (None, State::Skipped) if row.earlier.is_none() => {
                let known = self.references.iter().rev().find(|(known, _)| *known == id);
                row.reference = known.map(|(_, reference)| reference.clone());
            }
            (None, _) => {}
        }
    }

    fn print(&mut self, waiting: &Waiting) {
        let row = &waiting.row;
        self.counts.add(row.state, row.earlier);
        self.held_by_run += u64::from(row.reason == Some(Reason::HeldByRun));
        self.progress.advance(1);
        let standing = row.earlier.unwrap_or(row.state);
        if standing.needs_a_person() && !waiting.told {
            self.news += 1;
            self.news_counts.add(standing, None);
        }
        if self.quiet {
            self.print_news(row, waiting.told);
        } else {
            self.show(row);
        }
        if let Some(rejects) = &mut self.rejects {
            rejects.settled(row, waiting.record.as_deref());
        }
        if let (Some(id), true) = (row.id, standing.needs_a_person()) {
            self.printed.push(id);
        }
    }

    /// With `--quiet`: what needs a person and was not told before. A skipped
    /// lead is told in the state that it keeps.
    fn print_news(&mut self, row: &Row, told: bool) {
        let standing = row.earlier.unwrap_or(row.state);
        if told || !standing.needs_a_person() {
            return;
        }
        match row.state {
            State::Skipped => self.show(&Row {
                state: standing,
                ..row.clone()
            }),
            _ => self.show(row),
        }
    }

    fn show(&mut self, row: &Row) {
        if let Some(output) = &mut self.output {
            output.row(row);
        }
    }

    /// Shows what is kept back; called when nothing more comes at once.
    pub fn flush(&mut self) {
        if let Some(output) = &mut self.output {
            output.flush();
        }
    }

    /// Ends the results; an error is why rows were lost.
    pub fn finish(self) -> std::io::Result<()> {
        self.output.map_or(Ok(()), Output::finish)
    }
}
