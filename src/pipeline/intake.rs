//! The producer of a run: judges each lead that is read, has the ledger take it in, and
//! feeds what is new to the workers.

use super::answered::answered;
use super::fresh::FreshLeads;
use super::preparer::{Prepared, Preparer};
use super::reading::{OnDisk, TakesRows, read_all};
use super::remarks::Remarks;
use super::rules::Rules;
use super::run::{Feed, Produced};
use super::withdrawals::Withdrawals;
use crate::delivery::Job;
use crate::error::Failure;
use crate::lead::{Record, State};
use crate::ledger::{Answer, DedupOutcome, Hasher, Intake, Journal, Offer, StoredLead};
use crate::output::{Exit, Row};
use crate::words::say;

/// Leads stored in one write at most; the first writes are small, so that the
/// first lead leaves at once.
const BATCH: usize = 256;
/// Bytes of rows after which a batch is stored, however few they are.
const HEAVY: usize = 1024 * 1024;

/// A judged lead, what was noticed about it, and by which route it comes.
type Judged<'r> = (Prepared<'r>, Remarks, Option<Offer>);
type Batch<'r> = Vec<Judged<'r>>;

/// Has leads taken in, batch by batch, and says what may be sent of them.
pub struct Producer<'r> {
    /// Only so many new leads are sent.
    pub limit: Option<u64>,
    /// Why nothing is sent: the rest is stored all the same.
    pub hold: Option<String>,
    /// `--record-only`, with its note.
    pub elsewhere: Option<&'r str>,
    /// Rows travel along as they were read, to be written back.
    pub keep_records: bool,
    /// By a route: what can be sent is stored, and waits here for its turn.
    pub waiting: Option<Vec<i64>>,
    pub on_disk: Option<OnDisk<'r>>,
    rules: &'r Rules<'r>,
    journal: Journal,
    hasher: Hasher,
    preparer: Preparer<'r>,
    /// What the run ends with for what the inputs say of consents.
    pub exit: Exit,
    /// Judged, with what was noticed about it, and not stored yet.
    batch: Batch<'r>,
    /// The batch that is being stored while the next one is judged.
    asked: Option<(Batch<'r>, Answer<Vec<DedupOutcome>>)>,
    /// So many are stored at once.
    most: usize,
    /// The bytes of their rows.
    bytes: usize,
    /// What the inputs say of consents taken back is on disk, before their first lead.
    foreseen: bool,
    /// Leads that may be sent, so far: those that were held before count, too.
    new: u64,
    pub fresh: FreshLeads,
    /// What was noticed about the leads that were not there already.
    pub remarks: Remarks,
}

impl<'r> Producer<'r> {
    /// Takes all in, and sends what is new unless another run has the destination.
    pub fn new(rules: &'r Rules<'r>, feed: &Feed) -> Self {
        let ledger = feed.journal.ledger();
        Self {
            limit: None,
            hold: feed.held.clone(),
            elsewhere: None,
            keep_records: false,
            waiting: None,
            on_disk: None,
            exit: Exit::Done,
            rules,
            journal: feed.journal.clone(),
            hasher: ledger.hasher(),
            // A change that `amend` makes is no lead that comes back.
            preparer: Preparer::new(rules)
                .with_rejected(rules.command().is_none().then_some(ledger)),
            batch: Vec::new(),
            asked: None,
            most: 1,
            bytes: 0,
            foreseen: false,
            new: 0,
            fresh: FreshLeads::default(),
            remarks: Remarks::default(),
        }
    }

    /// Leads that were held before went first: how many, and what was noticed.
    pub fn follow(&mut self, (sent, remarks): (u64, Remarks)) {
        self.new = sent;
        self.remarks = remarks;
    }

    /// Stores what can be sent by this run's journal, and lets it wait for its turn.
    pub fn storing(mut self, journal: &Journal) -> Self {
        self.journal = journal.clone();
        self.waiting = Some(Vec::new());
        self
    }

    /// Reads every input to its end.
    ///
    /// # Errors
    /// The ledger can't take a lead in.
    pub fn produce(mut self, feed: &mut Feed) -> Result<Produced, Failure> {
        let on_disk = self.on_disk.take();
        let produced = read_all(self.rules, &mut self, on_disk, feed)?;
        let (to, warnings) = (&self.rules.destination.name, &self.rules.inputs.warnings);
        Ok(Produced {
            remarks: self.remarks,
            exit: produced
                .exit
                .min(self.exit)
                .min(self.fresh.tell_all_filtered(to, warnings)),
            ..produced
        })
    }

    /// Judges a row by the rules of its destination; what was noticed about it.
    ///
    /// # Errors
    /// The ledger can't be asked for the lead that the row corrects.
    pub fn judge(&mut self, record: Record) -> Result<(Prepared<'r>, Remarks), Failure> {
        if !std::mem::replace(&mut self.foreseen, true) {
            let withdrawals = Withdrawals::read([self.rules], &self.hasher)?;
            self.exit = withdrawals.keep(&self.journal, &self.rules.inputs.warnings)?;
        }
        let prepared = self.preparer.prepare(record)?;
        Ok((prepared, std::mem::take(&mut self.preparer.remarks)))
    }

    /// Offers a stored lead here, which goes on from where it stands, in this state.
    ///
    /// # Errors
    /// The ledger fails.
    pub fn offer(
        &mut self,
        (from, state): (&StoredLead, State),
        feed: &mut Feed,
    ) -> Result<(), Failure> {
        let Some(prepared) = self.preparer.prepare_stored(from)? else {
            return Ok(());
        };
        let offer = from.route.as_ref().map(|route| Offer {
            route: route.clone(),
            origin: Some(from.first_offer()),
            from: Some((from.id, state)),
            is_paid: true,
        });
        let remarks = std::mem::take(&mut self.preparer.remarks);
        self.enter(prepared, remarks, offer, feed)
    }

    /// A judged lead enters the batch.
    ///
    /// # Errors
    /// The ledger fails.
    pub fn enter(
        &mut self,
        prepared: Prepared<'r>,
        remarks: Remarks,
        offer: Option<Offer>,
        feed: &mut Feed,
    ) -> Result<(), Failure> {
        self.bytes += prepared.lead.record.cells.as_slice().len();
        self.batch.push((prepared, remarks, offer));
        match self.batch.len() >= self.most || self.bytes >= HEAVY {
            true => self.store(feed),
            false => Ok(()),
        }
    }

    /// Has the ledger take in the batch, and feeds what came of the one before.
    fn store(&mut self, feed: &mut Feed) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        self.most = (self.most * 2).min(BATCH);
        self.bytes = 0;
        let leads = batch.iter();
        let leads = leads.map(|(lead, _, offer)| Intake {
            offer: offer.clone(),
            ..lead.intake(&self.hasher, self.elsewhere)
        });
        let answer = self.journal.intake(leads.collect())?;
        self.place_stored(feed)?;
        self.asked = Some((batch, answer));
        Ok(())
    }

    /// Feeds what came of the batch that was asked for last.
    fn place_stored(&mut self, feed: &mut Feed) -> Result<(), Failure> {
        let Some((batch, answer)) = self.asked.take() else {
            return Ok(());
        };
        for ((prepared, remarks, offer), outcome) in batch.into_iter().zip(answer.wait()?) {
            // What is not sent again is not worth a word.
            if !matches!(outcome, DedupOutcome::Skip { .. }) {
                self.remarks.append(remarks);
            }
            let prepared = match outcome {
                DedupOutcome::Send { id, .. } if self.rules.varies => {
                    let key = prepared.key(&self.hasher);
                    prepared.taken_in(&feed.journal.ledger(), (id, &key), false)?
                }
                _ => prepared,
            };
            self.place(prepared, offer, outcome, feed);
        }
        Ok(())
    }

    /// Gives a lead its place in the results: with the workers, or settled.
    fn place(
        &mut self,
        prepared: Prepared<'_>,
        offer: Option<Offer>,
        outcome: DedupOutcome,
        feed: &mut Feed,
    ) {
        let row = Row {
            route: offer.map(|offer| offer.route),
            ..prepared.row()
        };
        let ready = prepared.ready;
        let record = prepared.lead.record;
        let record = self.keep_records.then(|| Box::new(record));
        let sent = match outcome {
            DedupOutcome::Send { id, .. } => Some(id),
            _ => None,
        };
        if let (Some(id), Some(waiting)) = (sent, &mut self.waiting) {
            waiting.push(id);
            return;
        }
        let (mut row, notified) = answered(row, outcome, self.elsewhere.unwrap_or_default());
        if let Some(id) = sent {
            self.new += 1;
            match (self.held(), ready) {
                (None, Ok(sendable)) => {
                    self.fresh.count(&row, notified);
                    feed.send(row, record, |place| Job {
                        told: notified,
                        stored: !self.rules.varies,
                        taken_in_by: Some(self.journal.number()),
                        ..sendable.into_job(&self.hasher, place, id)
                    });
                    return;
                }
                (Some(held), _) => row.message = held.into(),
                (None, Err(_)) => {}
            }
        }
        self.fresh.count(&row, notified);
        feed.settled(row, record, notified);
    }

    /// Why the newest lead is not sent.
    fn held(&self) -> Option<String> {
        let beyond = self.limit.is_some_and(|limit| self.new > limit);
        let beyond = beyond.then(|| say!("beyond-limit"));
        self.hold.clone().or(beyond)
    }
}

impl TakesRows for Producer<'_> {
    fn take(&mut self, record: Record, feed: &mut Feed) -> Result<(), Failure> {
        let (prepared, remarks) = self.judge(record)?;
        self.enter(prepared, remarks, None, feed)
    }

    fn finish(&mut self, feed: &mut Feed) -> Result<(), Failure> {
        self.store(feed)?;
        self.place_stored(feed)
    }
}
