//! `--dry-run`: the very requests that would be sent, secrets hidden. Nothing
//! is sent and nothing recorded.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::cli;
use crate::commands::identity;
use crate::config::Destination;
use crate::error::Failure;
use crate::lead::{Record, State};
use crate::ledger::{DedupOutcome, Hasher, Intake, Ledger};
use crate::output::text::counted;
use crate::output::{Counts, Exit, Output, Row, code};
use crate::pipeline::corrections::{self, Corrections};
use crate::pipeline::ending;
use crate::pipeline::inputs::{self, Input, Inputs};
use crate::pipeline::intake::{blocked, skipped};
use crate::pipeline::page::Page;
use crate::pipeline::remarks::Remarks;
use crate::pipeline::{InputRows, Preparer, RejectedRows, Rules, Wanted};
use crate::session::{Session, opening, secrets};

/// Rows judged together at most, and bytes of them.
const CHUNK: usize = 256;
const HEAVY: usize = 256 * 1024;
/// Workers at most: past a few, reading is what takes the time.
const WORKERS: usize = 6;

/// A dry run in progress.
struct DryRun<'r> {
    session: &'r Session,
    args: &'r cli::Send,
    rules: &'r Rules<'r>,
    inputs: &'r Inputs,
    ledger: Option<&'r Ledger>,
    hasher: Hasher,
    page: &'r Page,
    output: Output,
    counts: Counts,
    remarks: Remarks,
    corrections: Option<Corrections<'r>>,
    /// Keys of the leads met so far.
    seen: HashSet<u64>,
    new: u64,
}

/// A lead, judged.
struct Judged {
    row: Row,
    /// What was read, where it may have to be written back.
    record: Option<Record>,
    key: u64,
    /// What the ledger is asked with, if there is one.
    intake: Option<Intake>,
    /// Its page; `None` if it can't be sent.
    page: Option<String>,
}

/// A chunk of leads, and what was noticed about them.
type Chunk = Result<(Vec<Judged>, Remarks), Failure>;

pub fn run(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
) -> Result<Exit, Failure> {
    let files = inputs::named(&args.files, None);
    let inputs = Inputs::of(session, destination, files, &args.reading);
    corrections::check_form(args.rejects.as_deref(), &inputs)?;
    let rules = Rules::new(destination);
    let page = Page {
        format: session.format(),
        hidden: secrets::hidden(destination),
    };
    let ledger = opening::look(session)?;
    let hasher = match &ledger {
        Some(ledger) => {
            identity::foresee(session, ledger, destination, args.accept_new_key)?;
            ledger.hasher()
        }
        None => Hasher::random().map_err(opening::failure)?,
    };
    let rejects = corrections::of_send(args)?;
    let dry = DryRun {
        session,
        args,
        rules: &rules,
        inputs: &inputs,
        ledger: ledger.as_ref(),
        hasher,
        output: page.output(session),
        page: &page,
        counts: Counts::new(),
        remarks: Remarks::default(),
        corrections: rejects.map(|file| Corrections::without_ids(file, ledger.as_ref())),
        seen: HashSet::new(),
        new: 0,
    };
    dry.run()
}

impl DryRun<'_> {
    fn run(mut self) -> Result<Exit, Failure> {
        let mut failed: Option<Exit> = None;
        for input in &self.inputs.files {
            if let Err(failure) = self.read(input) {
                let failure = failure.spelled(&self.session.spelling);
                failure.print();
                failed = [failed, Some(failure.exit)].into_iter().flatten().min();
            }
        }
        self.end(failed)
    }

    fn read(&mut self, input: &Input) -> Result<(), Failure> {
        let (rules, page, hasher) = (self.rules, self.page, self.hasher.clone());
        let (set, keep_records) = (&self.inputs.set, self.corrections.is_some());
        let wanted = Wanted {
            rules,
            inputs: self.inputs,
            warnings: &self.session.warnings,
            lines: self.args.lines.as_ref(),
            torn: false,
        };
        let rows = InputRows::open(wanted, input)?;
        if let Some(corrections) = &mut self.corrections {
            corrections.opened(&input.shown_as, rows.facts());
        }
        let path = self.ledger.map(Ledger::path);
        let worker = || {
            let name = &rules.destination.name;
            let rejected = path.map(|path| RejectedRows::of(path, hasher.clone(), name));
            let mut preparer = Preparer::new(rules, wanted.inputs).with_rejected(rejected);
            let hasher = hasher.clone();
            move |records: Vec<Record>| -> Chunk {
                let mut leads = Vec::with_capacity(records.len());
                for record in records {
                    let lead = preparer.prepare(record, set)?;
                    let mut row = lead.row();
                    if lead.ready.is_err() {
                        row.state = State::Invalid;
                        row.message = lead.why_invalid();
                    }
                    let request = lead.ready.as_ref().ok();
                    leads.push(Judged {
                        key: lead.key(&hasher).0.short(),
                        intake: path.map(|_| lead.intake(&hasher, None)),
                        page: request.map(|sendable| page.of(&row, Some(&sendable.request))),
                        record: keep_records.then_some(lead.lead.record),
                        row,
                    });
                }
                Ok((leads, std::mem::take(&mut preparer.remarks)))
            }
        };
        in_order(rows, worker, |chunk| self.show(chunk))
    }

    fn show(&mut self, (leads, remarks): (Vec<Judged>, Remarks)) -> Result<(), Failure> {
        self.remarks.append(remarks);
        let destination = self.rules.destination;
        let standings = self.ledger.map(|ledger| {
            let formerly = &destination.formerly;
            ledger.intake_preview(&destination.name, formerly, destination.again_after)
        });
        for lead in leads {
            let known = match (&standings, &lead.intake) {
                (Some(standings), Some(intake)) => standings.of(intake),
                _ => Ok(None),
            };
            let row = match (known.map_err(opening::failure)?, lead.page) {
                (Some(DedupOutcome::Skip(earlier)), _) => skipped(lead.row, earlier),
                (Some(DedupOutcome::Blocked { since }), _) => blocked(lead.row, since),
                (_, None) => lead.row,
                (_, Some(page)) if self.seen.insert(lead.key) => {
                    self.new += 1;
                    if self.args.limit.is_none_or(|limit| self.new <= limit) {
                        self.page.print(&mut self.output, &page);
                    }
                    continue;
                }
                (_, Some(_)) => Row {
                    state: State::Skipped,
                    message: "the same lead stands further up in the input".to_owned(),
                    ..lead.row
                },
            };
            self.counts.add(row.state, row.earlier);
            if let Some(corrections) = &mut self.corrections {
                corrections.settled(&row, lead.record.as_ref());
            }
            self.page.print(&mut self.output, &self.page.of(&row, None));
        }
        Ok(())
    }

    /// What would keep the real run from sending anything.
    fn tell_holds(&self) {
        let warnings = &self.session.warnings;
        let invalid = self.counts.of(State::Invalid);
        if self.args.strict && invalid > 0 {
            warnings.warn(&format!(
                "a real run would send nothing (--strict): {invalid} invalid"
            ));
        }
        if let Some(max) = self.args.max_new.filter(|max| self.new > *max) {
            let new = counted(self.new, "lead is new", "leads are new");
            warnings.warn(&format!(
                "a real run would send nothing (--max-new {max}): {new}"
            ));
        }
    }

    fn end(mut self, failed: Option<Exit>) -> Result<Exit, Failure> {
        self.remarks.tell(&self.session.warnings);
        self.tell_holds();
        let ready = self.new.min(self.args.limit.unwrap_or(u64::MAX));
        ending::tell_dry_run(self.session, ready, &self.counts);
        if let Some(corrections) = self.corrections {
            corrections.finish(self.session)?;
        }
        ending::finish(self.output)?;
        Ok(code(&self.counts, failed))
    }
}

/// Judges rows on all cores, and shows what comes of them in their order: each
/// chunk brings along where its result is awaited. The first failure ends it.
fn in_order<J: FnMut(Vec<Record>) -> Chunk>(
    rows: InputRows<'_>,
    judge: impl Fn() -> J + Sync,
    mut show: impl FnMut((Vec<Judged>, Remarks)) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let workers = workers.min(WORKERS);
    let (jobs, waiting) = sync_channel::<(Vec<Record>, SyncSender<Chunk>)>(workers);
    let (turns, awaited) = sync_channel::<Receiver<Chunk>>(2 * workers);
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut judge = judge();
                let next = || {
                    let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    waiting.recv()
                };
                while let Ok((records, judged)) = next() {
                    let _ = judged.send(judge(records));
                }
            });
        }
        let reader = scope.spawn(move || {
            read(rows, |chunk| {
                let (judged, turn) = sync_channel(1);
                jobs.send((chunk, judged)).is_ok() && turns.send(turn).is_ok()
            })
        });
        let failed = || Failure::unfinished("leadctl failed while it judged the input");
        let mut shown = Ok(());
        while let (Ok(()), Ok(turn)) = (&shown, awaited.recv()) {
            let chunk = turn.recv().unwrap_or_else(|_| Err(failed()));
            shown = chunk.and_then(&mut show);
        }
        // The reader stops where nobody waits for its rows any more.
        drop(awaited);
        let read = reader.join().unwrap_or_else(|_| Err(failed()));
        shown.and(read)
    })
}

/// Hands on the rows chunk by chunk, until they or `hand` end.
fn read(rows: InputRows<'_>, hand: impl Fn(Vec<Record>) -> bool) -> Result<(), Failure> {
    let (mut chunk, mut bytes) = (Vec::with_capacity(CHUNK), 0);
    let mut outcome = Ok(());
    for row in rows {
        match row {
            Ok(record) => {
                bytes += record.cells.as_slice().len();
                chunk.push(record);
            }
            Err(failure) => {
                outcome = Err(failure);
                break;
            }
        }
        if chunk.len() == CHUNK || bytes > HEAVY {
            bytes = 0;
            let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK));
            if !hand(full) {
                return Ok(());
            }
        }
    }
    hand(chunk);
    outcome
}
