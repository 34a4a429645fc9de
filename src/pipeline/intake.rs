//! The producer of a run: reads the inputs, judges each lead, has the ledger
//! take it in, and feeds what is new to the workers. It reads to the end also
//! when the run stopped, so that no lead is lost.

use super::input_rows::{InputRows, Wanted};
use super::preparer::{Prepared, Preparer};
use super::rejected_row::RejectedRows;
use super::remarks::Remarks;
use super::run::{Feed, Produced, Scene};
use crate::delivery::Job;
use crate::error::Failure;
use crate::lead::{Record, State};
use crate::ledger::{DedupOutcome, Hasher, Journal, StoredLead};
use crate::output::{Reason, Row};

/// Leads stored in one write at most; the first writes are small, so that the
/// first lead leaves at once.
const BATCH: usize = 256;
/// Bytes of rows after which a batch is stored, however few they are.
const HEAVY: usize = 1024 * 1024;

/// What is taken in, and what may be sent of it.
pub struct Producer<'r> {
    pub wanted: Wanted<'r>,
    pub journal: &'r Journal,
    pub hasher: &'r Hasher,
    /// Only so many new leads are sent.
    pub limit: Option<u64>,
    /// Why nothing is sent: the rest is stored all the same.
    pub hold: Option<String>,
    /// `--record-only`, with its note.
    pub elsewhere: Option<&'r str>,
    /// Rows travel along as they were read, to be written back.
    pub keep_records: bool,
}

impl<'r> Producer<'r> {
    /// Takes all in, and sends what is new unless another run has the destination.
    pub fn new(wanted: Wanted<'r>, scene: &Scene<'r>) -> Self {
        Self {
            wanted,
            journal: scene.journal,
            hasher: scene.hasher,
            limit: None,
            hold: scene.held.clone(),
            elsewhere: None,
            keep_records: false,
        }
    }

    /// Reads every input to its end.
    ///
    /// # Errors
    /// The ledger can't take a lead in.
    pub fn produce(&self, feed: &mut Feed) -> Result<Produced, Failure> {
        let Wanted { rules, inputs, .. } = self.wanted;
        let rejected = || {
            let destination = &rules.destination.name;
            RejectedRows::new(self.journal.ledger(), destination)
        };
        // A change that `amend` makes is no lead that comes back.
        let rejected = rules.command().is_none().then(rejected);
        let mut batcher = Batcher {
            producer: self,
            preparer: Preparer::new(rules, inputs).with_rejected(rejected),
            batch: Vec::new(),
            most: 1,
            bytes: 0,
            new: 0,
            produced: Produced::default(),
            feed,
        };
        for input in &inputs.files {
            let unread = match InputRows::open(self.wanted, input) {
                Ok(rows) => batcher.read(&input.shown_as, rows)?,
                Err(failure) => Some(failure),
            };
            if let Some(failure) = unread {
                batcher.leave(&input.shown_as, failure);
            }
        }
        batcher.store()?;
        Ok(batcher.produced)
    }
}

/// Has leads taken in, batch by batch.
struct Batcher<'p, 'r> {
    producer: &'p Producer<'r>,
    preparer: Preparer<'r>,
    /// Judged, with what was noticed about it, and not stored yet.
    batch: Vec<(Prepared<'r>, Remarks)>,
    /// So many are stored at once.
    most: usize,
    /// The bytes of their rows.
    bytes: usize,
    /// Leads that may be sent, so far.
    new: u64,
    produced: Produced,
    feed: &'p mut Feed,
}

impl Batcher<'_, '_> {
    /// Takes rows in until they end, or can't be read any further: why.
    fn read(&mut self, file: &str, rows: InputRows<'_>) -> Result<Option<Failure>, Failure> {
        self.feed.opened(file, rows.facts());
        for record in rows {
            match record {
                Ok(record) => self.take(record)?,
                Err(failure) => return Ok(Some(failure)),
            }
        }
        Ok(None)
    }

    /// Tells why an input can't be read; the others go on.
    fn leave(&mut self, file: &str, failure: Failure) {
        failure.print();
        self.produced.unread.push(file.to_owned());
        let exits = [self.produced.exit, Some(failure.exit)];
        self.produced.exit = exits.into_iter().flatten().min();
    }

    fn take(&mut self, record: Record) -> Result<(), Failure> {
        self.bytes += record.cells.as_slice().len();
        let set = &self.producer.wanted.inputs.set;
        let prepared = self.preparer.prepare(record, set)?;
        let remarks = std::mem::take(&mut self.preparer.remarks);
        self.batch.push((prepared, remarks));
        match self.batch.len() >= self.most || self.bytes >= HEAVY {
            true => self.store(),
            false => Ok(()),
        }
    }

    /// Has the ledger take in the batch, and feeds what comes of it.
    fn store(&mut self) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        self.most = (self.most * 2).min(BATCH);
        self.bytes = 0;
        let Producer {
            journal,
            hasher,
            elsewhere,
            ..
        } = self.producer;
        let leads = batch.iter();
        let leads = leads.map(|(lead, _)| lead.intake(hasher, *elsewhere));
        let outcomes = journal.intake(leads.collect());
        for ((prepared, remarks), outcome) in batch.into_iter().zip(outcomes?) {
            // What is not sent again is not worth a word.
            if !matches!(outcome, DedupOutcome::Skip { .. }) {
                self.produced.remarks.append(remarks);
            }
            self.place(prepared, outcome);
        }
        Ok(())
    }

    /// Gives a lead its place in the results: with the workers, or settled.
    fn place(&mut self, prepared: Prepared<'_>, outcome: DedupOutcome) {
        let mut row = prepared.row();
        let ready = prepared.ready;
        let record = prepared.lead.record;
        let record = self.producer.keep_records.then(|| Box::new(record));
        let notified = match outcome {
            DedupOutcome::Send { id, notified } => {
                row.id = Some(id);
                self.new += 1;
                match (self.held(), ready) {
                    (None, Ok(sendable)) => {
                        let hasher = self.producer.hasher;
                        self.feed.send(row, record, |place| Job {
                            told: notified,
                            stored: true,
                            ..sendable.into_job(hasher, place, id)
                        });
                        return;
                    }
                    (held, _) => row.message = held.unwrap_or_default(),
                }
                notified
            }
            DedupOutcome::Invalid { id, notified } => {
                row.id = Some(id);
                notified
            }
            DedupOutcome::Recorded { id } => {
                let note = self.producer.elsewhere.unwrap_or_default();
                row.id = Some(id);
                row.state = State::Delivered;
                row.message = format!("recorded as sent by other means: {note}");
                false
            }
            DedupOutcome::Skip { earlier, same_run } => {
                let notified = earlier.notified();
                row = skipped(row, *earlier, same_run);
                notified
            }
            DedupOutcome::Blocked { since } => {
                row = blocked(row, since);
                true
            }
        };
        self.feed.settled(row, record, notified);
    }

    /// Why the newest lead is not sent.
    fn held(&self) -> Option<String> {
        let Producer { hold, limit, .. } = self.producer;
        let beyond = limit.is_some_and(|limit| self.new > limit);
        let beyond = beyond.then(|| "beyond --limit: stored, not sent".to_owned());
        hold.clone().or(beyond)
    }
}

/// The row about somebody who is never to be sent again.
pub fn blocked(row: Row, since: i64) -> Row {
    Row {
        state: State::Skipped,
        message: format!(
            "blocked since {}: this person is never to be sent",
            day(since)
        ),
        ..row
    }
}

/// The row of a lead that is there already.
pub fn skipped(row: Row, earlier: StoredLead, same_run: bool) -> Row {
    let message = already(&row, &earlier, same_run);
    let in_flight = earlier.in_flight();
    Row {
        id: Some(earlier.id),
        state: State::Skipped,
        reason: Some(match same_run {
            // This run settles it.
            true => Reason::Settled,
            false if in_flight => Reason::HeldByRun,
            false => Reason::of(earlier.state),
        }),
        // The run that sends it tells what became of it.
        earlier: Some(earlier.state).filter(|_| !same_run && !in_flight),
        reference: earlier.reference,
        message,
        ..row
    }
}

fn already(row: &Row, earlier: &StoredLead, same_run: bool) -> String {
    if same_run {
        return match earlier.file == row.file {
            true => format!("the same lead as line {}", earlier.line),
            false => format!("the same lead as {} line {}", earlier.file, earlier.line),
        };
    }
    if earlier.in_flight() {
        return "another run is sending it at this moment".to_owned();
    }
    let mut said = format!("already {}", earlier.state.in_words());
    if let Some(at) = earlier.sent_at {
        said += &format!(" since {}", day(at));
    }
    if let Some(reference) = &earlier.reference {
        said += &format!(", reference {reference}");
    }
    if let (Some(message), State::InDoubt | State::Rejected) = (earlier.message(), earlier.state) {
        said += &format!(" ({message})");
    }
    said
}

/// A moment as the local day.
fn day(at: i64) -> String {
    crate::output::day(at, &jiff::tz::TimeZone::system())
}
