//! The producer of `send`: reads the inputs, judges each lead, stores it, and
//! feeds what is new to the couriers. It reads to the end also when the run
//! stopped, so that no lead is lost.

use super::dispatch::Feed;
use super::inputs::{self, Input, Inputs};
use super::prepare::{Named, Prepared, Preparer, Rules};
use super::sendable::Ready;
use crate::cli::Lines;
use crate::delivery::Job;
use crate::failure::Failure;
use crate::lead::{Columns, Lead, State};
use crate::ledger::{Awaited, Earlier, Hasher, Intake, Journal, LedgerError, Standing, Verdict};
use crate::report::{Exit, Row, Warnings};

/// Leads stored in one write at most; the first writes are small, so that the
/// first lead leaves at once.
const BATCH: usize = 256;

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
}

struct Batch {
    prepared: Vec<Prepared>,
    intakes: Vec<Intake>,
    size: usize,
    /// The batch before, while the ledger takes it in.
    stored: Option<(Vec<Prepared>, Awaited<Vec<Standing>>)>,
}

impl Taking<'_> {
    /// Reads every input to its end.
    pub fn produce(&self, feed: &mut Feed, found: &mut Found) -> Result<(), Failure> {
        let mut preparer = Preparer::new(self.rules, self.inputs, Some(self.hasher.clone()));
        let mut named = Named::default();
        let mut batch = Batch {
            prepared: Vec::new(),
            intakes: Vec::new(),
            size: 1,
            stored: None,
        };
        for input in &self.inputs.files {
            let read = self.read(input, &mut preparer, &mut named, &mut batch, feed, found);
            feed.remarks(std::mem::take(&mut preparer.remarks));
            match read {
                Ok(()) => {}
                Err(Trouble::OfInput(failure)) => {
                    failure.print();
                    found.unread.push(input.shown_as.clone());
                    found.exit = found.exit.min(Some(failure.exit)).or(Some(failure.exit));
                }
                Err(Trouble::OfLedger(failure)) => {
                    // What the ledger took in before is told all the same.
                    let _ = self.place_stored(&mut batch, feed, found);
                    return Err(failure);
                }
            }
        }
        let stored = self.store(&mut batch, feed, found);
        let placed = self.place_stored(&mut batch, feed, found);
        stored.and(placed).map_err(Trouble::into_failure)
    }

    fn read(
        &self,
        input: &Input,
        preparer: &mut Preparer<'_>,
        named: &mut Named,
        batch: &mut Batch,
        feed: &mut Feed,
        found: &mut Found,
    ) -> Result<(), Trouble> {
        let reader = inputs::open(input, &self.inputs.options).map_err(Trouble::OfInput)?;
        inputs::tell_facts(reader.facts(), input, self.warnings);
        feed.opened(reader.facts());
        let shared = reader.header().is_some();
        let mut any = false;
        let mut records = reader.peekable();
        while let Some(record) = records.next() {
            if self.torn && records.peek().is_none() {
                break;
            }
            let record = record.map_err(|fatal| Trouble::OfInput(inputs::failure(fatal)))?;
            // One object among others is only one lead.
            let strict = !std::mem::replace(&mut any, true) || shared;
            if self.lines.is_some_and(|lines| !lines.contains(record.line)) {
                continue;
            }
            let columns = preparer
                .meet(&record, &self.inputs.set, strict, named)
                .map_err(Trouble::OfInput)?;
            if let Some(columns) = columns {
                self.tell_columns(&columns, input);
            }
            let (prepared, lead) = preparer
                .prepare(record, &self.inputs.set)
                .map_err(Trouble::OfInput)?;
            self.put(preparer, prepared, lead, batch);
            if batch.intakes.len() >= batch.size {
                self.store(batch, feed, found)?;
            }
        }
        if !any {
            self.warnings
                .remark(&format!("{}: no leads in it", input.shown_as));
        }
        Ok(())
    }

    fn tell_columns(&self, columns: &Columns, input: &Input) {
        let (destination, file) = (self.rules.destination, &input.shown_as);
        match &self.rules.amending {
            Some(amending) if amending.is_command() => {
                amending.tell_columns(columns, destination, file, self.warnings);
            }
            _ => inputs::tell_columns(columns, destination, file, self.warnings),
        }
    }

    fn put(&self, preparer: &Preparer<'_>, mut prepared: Prepared, lead: Lead, batch: &mut Batch) {
        let verdict = match (&prepared.judged, self.elsewhere) {
            (_, Some(note)) => Verdict::Elsewhere(note.to_owned()),
            (Ready::Invalid(why), None) => Verdict::Invalid(why.clone()),
            (Ready::Valid(_), None) => Verdict::Ready,
        };
        if let Some(intake) = preparer.intake(&prepared, &lead, &self.inputs.set, verdict) {
            if let Ready::Valid(sendable) = &mut prepared.judged {
                sendable.payload = intake.request;
            }
            prepared.record = self.keep_records.then(|| Box::new(lead.record));
            batch.intakes.push(intake);
            batch.prepared.push(prepared);
        }
    }

    /// Gives a batch to the ledger, and feeds what came of the one before.
    fn store(&self, batch: &mut Batch, feed: &mut Feed, found: &mut Found) -> Result<(), Trouble> {
        let intakes = std::mem::take(&mut batch.intakes);
        let prepared = std::mem::take(&mut batch.prepared);
        batch.size = (batch.size * 2).min(BATCH);
        if intakes.is_empty() {
            return Ok(());
        }
        let awaited = self.journal.intake(intakes).map_err(Trouble::of_ledger)?;
        self.place_stored(batch, feed, found)?;
        batch.stored = Some((prepared, awaited));
        Ok(())
    }

    /// Feeds what the standings of the batch before say.
    fn place_stored(
        &self,
        batch: &mut Batch,
        feed: &mut Feed,
        found: &mut Found,
    ) -> Result<(), Trouble> {
        let Some((prepared, awaited)) = batch.stored.take() else {
            return Ok(());
        };
        let standings = awaited.wait().map_err(Trouble::of_ledger)?;
        for (prepared, standing) in prepared.into_iter().zip(standings) {
            self.place(prepared, standing, feed, found);
        }
        Ok(())
    }

    fn place(&self, prepared: Prepared, standing: Standing, feed: &mut Feed, found: &mut Found) {
        let Prepared {
            mut row,
            judged,
            record,
            ..
        } = prepared;
        feed.carrying(record);
        match standing {
            Standing::Send { id, told } => {
                row.id = Some(id);
                found.new += 1;
                self.place_new(row, judged, told, feed, found.new);
            }
            Standing::Invalid { id, told } => {
                row.id = Some(id);
                row.state = State::Invalid;
                if let Ready::Invalid(why) = judged {
                    row.message = why;
                }
                feed.settled(row, told);
            }
            Standing::Recorded { id } => {
                row.id = Some(id);
                row.state = State::Delivered;
                row.message = format!(
                    "recorded as sent by other means: {}",
                    self.elsewhere.unwrap_or_default()
                );
                feed.settled(row, false);
            }
            Standing::Skip(earlier) => {
                let told = earlier.told;
                feed.settled(skipped(row, earlier), told);
            }
            Standing::Blocked { since } => feed.settled(blocked(row, since), true),
        }
    }

    fn place_new(&self, mut row: Row, judged: Ready, told: bool, feed: &mut Feed, new: u64) {
        let beyond = self.limit.is_some_and(|limit| new > limit);
        let held = match (&self.hold, beyond) {
            (Some(why), _) => Some(why.clone()),
            (None, true) => Some("beyond --limit: stored, not sent".to_owned()),
            (None, false) => None,
        };
        match (held, judged) {
            (None, Ready::Valid(sendable)) => {
                let id = row.id.unwrap_or_default();
                feed.send(row, |place| Job {
                    told,
                    stored: true,
                    ..sendable.into_job(self.hasher, place, id)
                });
            }
            (held, _) => {
                row.message = held.unwrap_or_default();
                feed.settled(row, told);
            }
        }
    }
}

/// A row about somebody who is never to be sent again.
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

/// A row whose lead is there already.
pub fn skipped(row: Row, earlier: Earlier) -> Row {
    let message = already(&row, &earlier);
    Row {
        id: Some(earlier.id),
        state: State::Skipped,
        earlier: Some(earlier.state).filter(|_| !earlier.same_run),
        reference: earlier.reference,
        message,
        ..row
    }
}

pub fn already(row: &Row, earlier: &Earlier) -> String {
    if earlier.same_run {
        return match earlier.file == row.file {
            true => format!("the same lead as line {}", earlier.line),
            false => format!("the same lead as {} line {}", earlier.file, earlier.line),
        };
    }
    let mut said = String::with_capacity(64);
    said.push_str("already ");
    said.push_str(&earlier.state.as_str().replace('_', " "));
    if let Some(at) = earlier.sent_at {
        said.push_str(" since ");
        said.push_str(&day(at));
    }
    if let Some(reference) = &earlier.reference {
        said.push_str(", reference ");
        said.push_str(reference);
    }
    if let (Some(message), State::InDoubt | State::Rejected) = (&earlier.message, earlier.state) {
        said.push_str(" (");
        said.push_str(message);
        said.push(')');
    }
    said
}

/// A trouble ends an input, or the run.
enum Trouble {
    OfInput(Failure),
    OfLedger(Failure),
}

impl Trouble {
    fn of_ledger(error: LedgerError) -> Self {
        Self::OfLedger(super::opening::failure(error))
    }

    fn into_failure(self) -> Failure {
        match self {
            Self::OfInput(failure) | Self::OfLedger(failure) => failure,
        }
    }
}

/// A moment as the local day.
fn day(at: i64) -> String {
    crate::report::day(at, &jiff::tz::TimeZone::system())
}
