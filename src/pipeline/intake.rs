//! The producer of `send`: reads the inputs, judges each lead, stores it, and
//! feeds what is new to the couriers. It reads to the end also when the run
//! stopped, so that no lead is lost. A lead that the ledger settled long ago is
//! only looked up: an export that grows holds little else.

use std::rc::Rc;

use super::dispatch::Feed;
use super::placing::{Known, Waiting};
use super::taking::{Found, Taking};
use crate::error::Failure;
use crate::lead::{Lead, Record};
use crate::ledger::{
    Awaited, DedupOutcome, ExistingLead, Hash16, Intake, Judgement, LedgerError, LedgerReader,
};
use crate::pipeline::inputs::{self, Input};
use crate::pipeline::nameless::Nameless;
use crate::pipeline::preparer::{Named, Preparer};
use crate::pipeline::rejected_row::Recall;
use crate::pipeline::rules::Shape;
use crate::pipeline::sendable::Ready;

/// Leads stored in one write at most; the first writes are small, so that the
/// first lead leaves at once.
const BATCH: usize = 256;
/// Bytes of rows after which a batch is stored, however few they are.
const HEAVY: usize = 1024 * 1024;

/// A producer at work.
struct Producer<'p, 'r> {
    taking: &'p Taking<'r>,
    preparer: Preparer<'r>,
    named: Named,
    /// Read, and not judged yet.
    leads: Vec<(Lead, Rc<Shape<'r>>)>,
    /// So many are judged at once.
    batch: usize,
    /// The bytes of their rows.
    bytes: usize,
    /// The batch before, while the ledger takes it in.
    stored: Option<Stored>,
    /// The batch that was placed last held a lead that was there already.
    met_known: bool,
    reader: LedgerReader,
    /// Looking up did not fail yet.
    looks_up: bool,
    feed: &'p mut Feed,
    found: &'p mut Found,
}

/// Leads that were judged, and what the ledger says of those it is asked about.
struct Stored {
    leads: Vec<Waiting>,
    standings: Option<Awaited<Vec<DedupOutcome>>>,
}

/// Reads every input to its end.
pub fn produce(taking: &Taking<'_>, feed: &mut Feed, found: &mut Found) -> Result<(), Failure> {
    let destination = &taking.rules.destination.name;
    let recall = Recall::new(taking.journal.reader(), taking.hasher.clone(), destination);
    // A change that `amend` makes is no lead that comes back.
    let leads = taking
        .rules
        .amending
        .as_ref()
        .is_none_or(|amending| !amending.is_command());
    let mut producer = Producer {
        taking,
        preparer: Preparer::new(taking.rules, taking.inputs).recalling(leads.then_some(recall)),
        named: Named::default(),
        leads: Vec::new(),
        batch: 1,
        bytes: 0,
        stored: None,
        met_known: false,
        reader: taking.journal.reader(),
        looks_up: true,
        feed,
        found,
    };
    let produced = producer.read_all();
    // What the ledger took in before a failure is told all the same.
    let placed = producer.place_stored();
    let remarks = std::mem::take(&mut producer.found.remarks);
    producer.feed.remarks(remarks);
    produced.and(placed).map_err(Trouble::into_failure)
}

impl<'r> Producer<'_, 'r> {
    fn read_all(&mut self) -> Result<(), Trouble> {
        for input in &self.taking.inputs.files {
            match self.read(input) {
                Err(Trouble::OfInput(failure)) => {
                    let failure = failure.spelled(self.taking.warnings.spelling());
                    failure.print();
                    self.found.unread.push(input.shown_as.clone());
                    let exits = [self.found.exit, Some(failure.exit)];
                    self.found.exit = exits.into_iter().flatten().min();
                }
                read => read?,
            }
        }
        self.store()
    }

    fn read(&mut self, input: &Input) -> Result<(), Trouble> {
        let taking = self.taking;
        let set = &taking.inputs.set;
        let reader = inputs::open(input, &taking.inputs.options).map_err(Trouble::OfInput)?;
        inputs::tell_facts(reader.facts(), input, taking.warnings);
        self.feed.opened(&input.shown_as, reader.facts());
        let shared = reader.header().is_some();
        let mut nameless = Nameless::of(reader.header());
        let (mut any, mut chosen) = (false, false);
        let mut records = reader.peekable();
        while let Some(record) = records.next() {
            if taking.torn && records.peek().is_none() {
                break;
            }
            let record = record.map_err(|fatal| Trouble::OfInput(inputs::failure(fatal)))?;
            // One object among others is only one lead.
            let strict = !std::mem::replace(&mut any, true) || shared;
            if taking
                .lines
                .is_some_and(|lines| !lines.contains(record.line))
            {
                continue;
            }
            chosen = true;
            nameless.look(&record);
            let met = self.preparer.meet(&record, set, strict, &mut self.named);
            if let Some(columns) = met.map_err(Trouble::OfInput)? {
                taking.tell_columns(&columns, input);
            }
            self.bytes += record.cells.as_slice().len();
            let lead = self.preparer.lead(record, set);
            self.leads.push(lead.map_err(Trouble::OfInput)?);
            if self.leads.len() >= self.batch || self.bytes >= HEAVY {
                self.store()?;
            }
        }
        nameless.tell(&input.shown_as, taking.rules.destination, taking.warnings);
        if !any {
            taking
                .warnings
                .remark(&format!("{}: no leads in it", input.shown_as));
        } else if !chosen {
            inputs::tell_no_line(&input.shown_as, taking.warnings);
        }
        Ok(())
    }

    /// Judges what was read, gives it to the ledger, and feeds what came of the
    /// batch before.
    fn store(&mut self) -> Result<(), Trouble> {
        if self.leads.is_empty() {
            return Ok(());
        }
        self.batch = (self.batch * 2).min(BATCH);
        self.bytes = 0;
        let settled = self.settled();
        let read = std::mem::take(&mut self.leads);
        let (mut leads, mut intakes) = (Vec::with_capacity(read.len()), Vec::new());
        let mut settled = settled.into_iter();
        for (lead, shape) in read {
            leads.push(match settled.next().flatten() {
                Some(earlier) => self.known(lead, &shape, earlier),
                None => self.judge(lead, &shape, &mut intakes),
            });
        }
        let standings = match intakes.is_empty() {
            true => None,
            false => Some(
                self.taking
                    .journal
                    .intake(intakes)
                    .map_err(Trouble::of_ledger)?,
            ),
        };
        self.place_stored()?;
        self.stored = Some(Stored { leads, standings });
        Ok(())
    }

    /// Of each lead that was read: what the ledger settled long ago. It is only
    /// asked if the last batch that was placed held such a lead. It saves work
    /// and decides nothing: where it fails, all go the longer way.
    fn settled(&mut self) -> Vec<Option<ExistingLead>> {
        if !self.met_known || !self.looks_up {
            return Vec::new();
        }
        let (leads, hasher) = (self.leads.iter(), self.taking.hasher);
        let keys: Vec<_> = leads
            .map(|(lead, shape)| self.preparer.key(hasher, lead, shape))
            .collect();
        match self.look_up(&keys) {
            Ok(settled) => settled,
            Err(_) => {
                self.looks_up = false;
                Vec::new()
            }
        }
    }

    fn look_up(
        &mut self,
        keys: &[Option<Hash16>],
    ) -> Result<Vec<Option<ExistingLead>>, LedgerError> {
        if keys.iter().all(Option::is_none) {
            return Ok(Vec::new());
        }
        self.reader.settled(keys)
    }

    fn known(&self, lead: Lead, shape: &Shape<'_>, earlier: ExistingLead) -> Waiting {
        Waiting {
            row: self.preparer.row(&lead, shape, lead.label()),
            record: self.kept(lead),
            known: Known::Settled(earlier),
        }
    }

    fn judge(&mut self, lead: Lead, shape: &Shape<'r>, intakes: &mut Vec<Intake>) -> Waiting {
        let mut prepared = self.preparer.judge(&lead, shape);
        let judgement = match (&prepared.judged, self.taking.elsewhere) {
            (_, Some(note)) => Judgement::Elsewhere(note.to_owned()),
            (Ready::Invalid(why), None) => Judgement::Invalid(why.clone()),
            (Ready::Valid(_), None) => Judgement::Ready,
        };
        let hasher = self.taking.hasher;
        let intake = self
            .preparer
            .intake(hasher, &prepared, &lead, shape, judgement);
        if let Ready::Valid(sendable) = &mut prepared.judged {
            sendable.payload = intake.request;
        }
        intakes.push(intake);
        let remarks = std::mem::take(&mut self.preparer.remarks);
        Waiting::judged(prepared, self.kept(lead), remarks)
    }

    /// The row as read, where it may have to be written back.
    fn kept(&self, lead: Lead) -> Option<Box<Record>> {
        let keep = self.taking.keep_records;
        keep.then(|| Box::new(lead.record))
    }

    /// Feeds what the standings of the batch before say.
    fn place_stored(&mut self) -> Result<(), Trouble> {
        let Some(Stored { leads, standings }) = self.stored.take() else {
            return Ok(());
        };
        let standings = match standings {
            Some(awaited) => awaited.wait().map_err(Trouble::of_ledger)?,
            None => Vec::new(),
        };
        let mut standings = standings.into_iter();
        self.met_known = false;
        for lead in leads {
            let known = lead.place(self.taking, &mut standings, self.feed, self.found);
            self.met_known |= known;
        }
        Ok(())
    }
}

/// A trouble ends an input, or the run.
enum Trouble {
    OfInput(Failure),
    OfLedger(Failure),
}

impl Trouble {
    fn of_ledger(error: LedgerError) -> Self {
        Self::OfLedger(crate::session::opening::failure(error))
    }

    fn into_failure(self) -> Failure {
        match self {
            Self::OfInput(failure) | Self::OfLedger(failure) => failure,
        }
    }
}
