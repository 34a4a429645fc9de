//! The ordered output of a run: puts rows back into input order, prints each as
//! soon as all before it are settled, and counts what it prints.

use std::collections::{BTreeMap, VecDeque};

use super::corrections::Corrections;
use crate::delivery::Done;
use crate::input::Facts;
use crate::lead::{Record, State};
use crate::ledger::{Journal, Ledger};
use crate::output::{Counts, Format, Layout, Output, Reason, Row, progress};
use crate::session::Session;

/// The results of a run, in input order.
pub struct OrderedOutput<'s> {
    /// `None`: rows are counted, not shown.
    output: Option<Output>,
    format: Format,
    quiet: bool,
    pub counts: Counts,
    /// The same by destination, for the record of its run.
    by_destination: BTreeMap<String, OwnCounts>,
    /// The leads that count for the exit code with `--quiet`: the news alone.
    pub news: Counts,
    /// Rows of leads that another run is sending.
    pub held_by_run: u64,
    waiting: VecDeque<Waiting>,
    /// The place of the first row that waits.
    first: u64,
    /// Leads whose states were printed, for the ledger.
    pub printed: Vec<i64>,
    /// By a route: what is told of a lead once it has ended.
    pub along: Option<Along>,
    /// Where refused rows are written back (`--rejects`).
    pub corrections: Option<Corrections<'s>>,
    /// Where the answers are: a lead that comes twice may be read before the
    /// first one's is there.
    pub answers: Option<Ledger>,
}

/// One destination's leads: all, and those that are news.
#[derive(Default)]
pub struct OwnCounts {
    pub all: Counts,
    pub news: Counts,
}

/// The leads of a route whose rows left.
#[derive(Default)]
pub struct Along {
    /// Those whose end is to be looked up.
    pub ids: Vec<i64>,
    /// Those that were skipped, for they stand.
    pub settled: Counts,
}

/// A row in its place.
pub struct Waiting {
    pub row: Row,
    /// What was read, where it may have to be written back.
    pub record: Option<Box<Record>>,
    /// An earlier run told it already.
    pub told: bool,
    pub settled: bool,
}

impl Along {
    fn note(&mut self, row: &Row) {
        let stands = row.earlier.filter(|earlier| !earlier.needs_a_person());
        match stands.filter(|earlier| *earlier != State::Filtered && *earlier != State::Held) {
            Some(_) => self.settled.add(row.state, row.earlier),
            None => self.ids.extend(row.id),
        }
    }
}

impl<'s> OrderedOutput<'s> {
    /// The rows of a verb, shown as the user wants them; without a layout they are
    /// counted, and none is shown.
    pub fn new(session: &'s Session, layout: Option<Layout>) -> Self {
        let quiet = session.global.quiet || layout.is_none();
        let output = layout.map(|layout| Output::new(session.format(), layout, quiet));
        Self {
            output,
            format: session.format(),
            quiet,
            counts: Counts::new(),
            by_destination: BTreeMap::new(),
            news: Counts::new(),
            held_by_run: 0,
            waiting: VecDeque::new(),
            first: 0,
            printed: Vec::new(),
            along: None,
            corrections: None,
            answers: None,
        }
    }

    /// A row that needs no sending, and of which nothing is written back.
    pub fn settled(&mut self, row: Row, told: bool) {
        self.push(Waiting {
            row,
            record: None,
            told,
            settled: true,
        });
    }

    /// A row takes its place. Returns how many rows left.
    pub fn push(&mut self, waiting: Waiting) -> u64 {
        if waiting.settled {
            progress::advance();
        }
        self.waiting.push_back(waiting);
        self.print_ready()
    }

    /// The place that the next row will take.
    pub fn next_place(&self) -> u64 {
        self.first + self.waiting.len() as u64
    }

    /// Completes the row at `place`. Returns how many rows left.
    pub fn done(&mut self, place: u64, done: Done) -> u64 {
        let at = usize::try_from(place.saturating_sub(self.first)).unwrap_or(usize::MAX);
        if let Some(waiting) = self.waiting.get_mut(at) {
            let row = &mut waiting.row;
            // Why it was held or filtered, it is no more.
            let still = row.reason.filter(|_| done.state == row.state);
            row.reason = done.reason.map(Reason::from).or(still);
            row.state = done.state;
            row.reference = done.reference.or(row.reference.take());
            row.message = done.message.into();
            row.status = done.status;
            row.attempts = done.attempts;
            waiting.settled = true;
            waiting.told = done.told;
            progress::advance();
        }
        self.print_ready()
    }

    /// What became of one destination's leads since this was asked last.
    pub fn take_counts(&mut self, destination: &str) -> OwnCounts {
        self.by_destination.remove(destination).unwrap_or_default()
    }

    /// An input is read from here on.
    pub fn opened(&mut self, input: &str, facts: &Facts) {
        if let Some(corrections) = &mut self.corrections {
            corrections.opened(input, facts);
        }
    }

    fn print_ready(&mut self) -> u64 {
        let before = self.first;
        while let Some(mut waiting) = self.waiting.pop_front_if(|waiting| waiting.settled) {
            self.first += 1;
            self.fill_reference(&mut waiting.row);
            self.print(&waiting);
        }
        self.first - before
    }

    /// A lead of this very run that came twice has the first one's reference.
    fn fill_reference(&self, row: &mut Row) {
        if row.state == State::Skipped && row.earlier.is_none() && row.reference.is_none() {
            let first = self.answers.as_ref().zip(row.id);
            let first = first.and_then(|(ledger, id)| ledger.lead(id).ok()?);
            row.reference = first.and_then(|first| first.reference);
        }
    }

    fn print(&mut self, waiting: &Waiting) {
        let row = &waiting.row;
        self.counts.add(row.state, row.earlier);
        let own = self.by_destination.entry(row.destination.clone());
        let own = own.or_default();
        own.all.add(row.state, row.earlier);
        let standing = row.earlier.unwrap_or(row.state);
        let is_news = standing.needs_a_person() && !waiting.told;
        if is_news {
            self.news.add(standing, None);
            own.news.add(standing, None);
        }
        if let Some(along) = &mut self.along {
            along.note(row);
        }
        self.held_by_run += u64::from(row.reason == Some(Reason::HeldByRun));
        // A lead that waits on, as it did before, is counted.
        let waits_on = row.state == State::Held && waiting.told;
        match self.quiet {
            false if waits_on => {}
            false => self.show(row),
            // A skipped lead is told in the state that it keeps.
            true if is_news => self.show(&Row {
                state: standing,
                ..row.clone()
            }),
            true => {}
        }
        if let Some(corrections) = &mut self.corrections {
            corrections.settled(row, waiting.record.as_deref());
        }
        let is_shown = self.output.is_some();
        if let (Some(id), true) = (row.id, standing.needs_a_person() && is_shown) {
            self.printed.push(id);
        }
    }

    fn show(&mut self, row: &Row) {
        if let Some(output) = &mut self.output {
            output.row(row);
        }
    }

    /// What was printed is not told again by a quiet run. A failure is no reason
    /// to stop: at worst something is told twice.
    pub fn mark_notified(&mut self, journal: &Journal) {
        let ids = std::mem::take(&mut self.printed);
        if !ids.is_empty() {
            let _ = journal.mark_notified(ids);
        }
    }

    /// Shows what is kept back; called when nothing more comes at once.
    pub fn flush(&mut self) {
        if let Some(output) = &mut self.output {
            output.flush();
        }
    }

    /// Text for people, after the rows.
    pub fn say(&mut self, page: &str) {
        if let (Some(output), Format::Table) = (&mut self.output, self.format) {
            output.text(page);
        }
    }

    /// Ends the results.
    ///
    /// # Errors
    /// Why rows were lost.
    pub fn finish(self) -> std::io::Result<()> {
        self.output.map_or(Ok(()), Output::finish)
    }
}
