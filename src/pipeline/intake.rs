//! The producer of a run: reads the inputs, judges each lead, has the ledger
//! take it in, and feeds what is new to the workers. It reads to the end also
//! when the run stopped, so that no lead is lost.

use super::input_rows::InputRows;
use super::inputs::Input;
use super::preparer::{Prepared, Preparer};
use super::remarks::Remarks;
use super::rules::Rules;
use super::run::{Feed, Produced};
use super::withdrawals::Withdrawals;
use crate::delivery::Job;
use crate::error::Failure;
use crate::lead::{FilterReason, Record, State};
use crate::ledger::{
    Answer, DedupOutcome, Hasher, Holder, Intake, Journal, Objection, Offer, Rival, StoredLead,
};
use crate::output::text::counted;
use crate::output::{Command, Exit, Message, Reason, Row, Warnings};
use crate::session::opening::held_by;

/// Leads stored in one write at most; the first writes are small, so that the
/// first lead leaves at once.
const BATCH: usize = 256;
/// Bytes of rows after which a batch is stored, however few they are.
const HEAVY: usize = 1024 * 1024;

/// A judged lead, what was noticed about it, and by which route it comes.
type Judged<'r> = (Prepared<'r>, Remarks, Option<Offer>);
type Batch<'r> = Vec<Judged<'r>>;

/// Returns what it adds to the run's exit code.
pub type OnDisk<'r> = Box<dyn FnMut(&Input, Option<&Failure>) -> Exit + 'r>;

/// What is done with the rows that are read.
pub trait TakesRows {
    /// # Errors
    /// The ledger fails.
    fn take(&mut self, record: Record, feed: &mut Feed) -> Result<(), Failure>;

    /// All that was taken is on disk, and has its place in the results.
    ///
    /// # Errors
    /// The ledger fails.
    fn finish(&mut self, feed: &mut Feed) -> Result<(), Failure>;
}

/// Reads every input to its end. `on_disk` is told of each once all its leads are on
/// disk, or those that could be read before it failed.
///
/// # Errors
/// The ledger can't take a lead in.
pub fn read_all<'r>(
    rules: &'r Rules<'r>,
    rows: &mut dyn TakesRows,
    mut on_disk: Option<OnDisk<'r>>,
    feed: &mut Feed,
) -> Result<Produced, Failure> {
    let mut produced = Produced::default();
    for input in &rules.inputs.files {
        let failure = read(rules, rows, input, feed)?.err();
        if let Some(failure) = &failure {
            // The others go on.
            failure.print();
            produced.unread.push(input.shown_as.clone());
            produced.exit = produced.exit.min(failure.exit);
        }
        if let Some(on_disk) = &mut on_disk {
            rows.finish(feed)?;
            produced.exit = produced.exit.min(on_disk(input, failure.as_ref()));
        }
    }
    rows.finish(feed)?;
    Ok(produced)
}

/// Takes rows in until they end, or can't be read any further: why.
fn read<'r>(
    rules: &'r Rules<'r>,
    rows: &mut dyn TakesRows,
    input: &'r Input,
    feed: &mut Feed,
) -> Result<Result<(), Failure>, Failure> {
    let records = match InputRows::open(rules, input) {
        Ok(records) => records,
        Err(failure) => return Ok(Err(failure)),
    };
    feed.opened(&input.shown_as, records.facts());
    for record in records {
        match record {
            Ok(record) => rows.take(record, feed)?,
            Err(failure) => return Ok(Err(failure)),
        }
    }
    Ok(Ok(()))
}

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
        let leads = counted(self.filtered, "new lead is", "new leads are");
        let table = Command::new(["partners", to, "--toml"]);
        warnings.warn(&format!(
            "{leads} not for {to}, and no other one came: if that is not meant, look at `only`, \
             `max_age` and `exclusive` in its table: {table}"
        ));
        Exit::Refused
    }
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
            withdrawals.keep(&self.journal, &self.rules.inputs.warnings)?;
        }
        let prepared = self.preparer.prepare(record)?;
        Ok((prepared, std::mem::take(&mut self.preparer.remarks)))
    }

    /// Offers a stored lead here, which goes on from where it stands.
    ///
    /// # Errors
    /// The ledger fails.
    pub fn offer(&mut self, from: &StoredLead, feed: &mut Feed) -> Result<(), Failure> {
        let Some(prepared) = self.preparer.prepare_stored(from)? else {
            return Ok(());
        };
        let offer = from.route.as_ref().map(|route| Offer {
            route: route.clone(),
            origin: Some(from.first_offer()),
            from: Some(from.id),
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
        let mut row = Row {
            route: offer.map(|offer| offer.route),
            ..prepared.row()
        };
        let ready = prepared.ready;
        let record = prepared.lead.record;
        let record = self.keep_records.then(|| Box::new(record));
        let notified = match outcome {
            DedupOutcome::Send { id, notified } => {
                row.id = Some(id);
                if let Some(waiting) = &mut self.waiting {
                    waiting.push(id);
                    return;
                }
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
                notified
            }
            DedupOutcome::Invalid { id, notified } => {
                row.id = Some(id);
                notified
            }
            DedupOutcome::Kept { id, notified } => {
                row.id = Some(id);
                notified
            }
            DedupOutcome::Recorded { id } => {
                let note = self.elsewhere.unwrap_or_default();
                row.id = Some(id);
                row.state = State::Delivered;
                row.reason = None;
                row.message = format!("recorded as sent by other means: {note}").into();
                false
            }
            DedupOutcome::Skip {
                earlier,
                same_run,
                held,
            } => {
                let notified = earlier.notified();
                row = skipped(row, *earlier, same_run, held);
                notified
            }
            DedupOutcome::KeptOut {
                id,
                notified,
                rival,
            } => {
                row = Row {
                    id,
                    ..kept_out(row, &rival)
                };
                notified
            }
            DedupOutcome::Objected { id, objection } => {
                row = Row {
                    id,
                    ..objected(row, objection)
                };
                true
            }
        };
        self.fresh.count(&row, notified);
        feed.settled(row, record, notified);
    }

    /// Why the newest lead is not sent.
    fn held(&self) -> Option<String> {
        let beyond = self.limit.is_some_and(|limit| self.new > limit);
        let beyond = beyond.then(|| "beyond --limit: stored, not sent".to_owned());
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

/// The row about somebody whom another destination of the group has.
pub fn kept_out(row: Row, rival: &Rival) -> Row {
    Row {
        state: State::Filtered,
        reason: Some(Reason::Filtered(FilterReason::Exclusive)),
        message: rival.words().into(),
        ..row
    }
}

/// The row about somebody who is never to be sent again.
pub fn objected(row: Row, objection: Objection) -> Row {
    Row {
        state: State::Filtered,
        reason: Some(Reason::Filtered(FilterReason::Blocked)),
        message: objection.words().into(),
        ..row
    }
}

/// The row of a lead that is there already.
pub fn skipped(row: Row, earlier: StoredLead, same_run: bool, held: Option<Holder>) -> Row {
    let message = match &held {
        Some(who) => format!("{} sends it as it read it", held_by(who)).into(),
        None => already(&row, &earlier, same_run),
    };
    let in_flight = earlier.in_flight() || held.is_some();
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
        // By a route it may be elsewhere.
        destination: earlier.destination,
        ..row
    }
}

fn already(row: &Row, earlier: &StoredLead, same_run: bool) -> Message {
    if same_run {
        return match earlier.file == row.file {
            true if row.line == Some(earlier.line) => {
                "held by an earlier run: it goes first".into()
            }
            true => format!("the same lead as line {}", earlier.line).into(),
            false => format!("the same lead as {} line {}", earlier.file, earlier.line).into(),
        };
    }
    if earlier.in_flight() {
        return "another run is sending it at this moment".into();
    }
    let state = earlier.state.in_words();
    let stands = match earlier.sent_at {
        Some(at) => format!("already {state} since {}", day(at)),
        None => format!("already {state}"),
    };
    let whole = match &earlier.reference {
        Some(reference) => format!("{stands}, reference {reference}"),
        None => stands.clone(),
    };
    // The table has the reference beside this.
    let (whole, short) = match (earlier.message(), earlier.state) {
        (Some(why), State::InDoubt | State::Rejected) => {
            (format!("{whole} ({why})"), format!("{stands} ({why})"))
        }
        _ => (whole, stands),
    };
    if earlier.state != State::Rejected {
        return Message::from(whole).in_short(short);
    }
    let id = earlier.id.to_string();
    let resend = Command::new(["resend", "--to", &earlier.destination, &id]);
    let whole = Message::from(format!("{whole}; to send it all the same: {resend}"));
    whole.in_short(short).with_command(&resend)
}

/// A moment as the local day.
fn day(at: i64) -> String {
    crate::outcome::moment::near_day(at, &jiff::tz::TimeZone::system())
}
