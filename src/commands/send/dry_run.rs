//! `--dry-run`: the very requests that would be sent, secrets hidden. Nothing
//! is sent and nothing recorded.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
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
use crate::pipeline::{InputRows, Prepared, Preparer, RejectedRows, Rules, Wanted};
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

/// A row, or why there are no more.
type Read = Result<Record, Failure>;

/// Some leads, what was noticed about them, and what came after them.
type Chunk = (Vec<Judged>, Remarks, Result<(), Failure>);

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
        None => Hasher::random()?,
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
                failure.print();
                failed = [failed, Some(failure.exit)].into_iter().flatten().min();
            }
        }
        self.end(failed)
    }

    fn read(&mut self, input: &Input) -> Result<(), Failure> {
        let (rules, page, hasher) = (self.rules, self.page, self.hasher.clone());
        let set = &self.inputs.set;
        let keeps = (self.ledger.is_some(), self.corrections.is_some());
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
            move |rows: Vec<Read>| -> Chunk {
                let (mut leads, mut outcome) = (Vec::with_capacity(rows.len()), Ok(()));
                for row in rows {
                    match row.and_then(|record| preparer.prepare(record, set)) {
                        Ok(lead) => leads.push(judged(lead, page, &hasher, keeps)),
                        Err(failure) => {
                            outcome = Err(failure);
                            break;
                        }
                    }
                }
                (leads, std::mem::take(&mut preparer.remarks), outcome)
            }
        };
        in_order(rows, worker, |chunk| self.show(chunk))
    }

    fn show(&mut self, (leads, remarks, outcome): Chunk) -> Result<(), Failure> {
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
            let row = match (known?, lead.page) {
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
        outcome
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

/// What is shown and asked of a lead. `keeps`: what the ledger is asked with,
/// and the row as it was read.
fn judged(lead: Prepared<'_>, page: &Page, hasher: &Hasher, keeps: (bool, bool)) -> Judged {
    let mut row = lead.row();
    if lead.ready.is_err() {
        row.state = State::Invalid;
        row.message = lead.why_invalid();
    }
    let request = lead.ready.as_ref().ok();
    Judged {
        key: lead.key(hasher).0.short(),
        intake: keeps.0.then(|| lead.intake(hasher, None)),
        page: request.map(|sendable| page.of(&row, Some(&sendable.request))),
        record: keeps.1.then_some(lead.lead.record),
        row,
    }
}

/// Judges rows on all cores, and shows what comes of them in their order: each
/// chunk brings along where its result is awaited. The first failure ends it.
fn in_order<J: FnMut(Vec<Read>) -> Chunk>(
    mut rows: InputRows<'_>,
    judge: impl Fn() -> J + Sync,
    mut show: impl FnMut(Chunk) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let workers = workers.min(WORKERS);
    let (jobs, waiting) = sync_channel::<(Vec<Read>, SyncSender<Chunk>)>(workers);
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
                while let Ok((rows, judged)) = next() {
                    let _ = judged.send(judge(rows));
                }
            });
        }
        scope.spawn(move || {
            loop {
                let chunk = read_chunk(&mut rows);
                let (judged, turn) = sync_channel(1);
                // Nobody waits for more where one could not be judged or shown.
                if chunk.is_empty() || jobs.send((chunk, judged)).is_err() {
                    break;
                }
                if turns.send(turn).is_err() {
                    break;
                }
            }
        });
        for turn in awaited {
            let failed = |_| Failure::unfinished("leadctl failed while it judged the input");
            show(turn.recv().map_err(failed)?)?;
        }
        Ok(())
    })
}

fn read_chunk(rows: &mut InputRows<'_>) -> Vec<Read> {
    let mut bytes = 0;
    let next = std::iter::from_fn(|| {
        let row = (bytes < HEAVY).then(|| rows.next())??;
        bytes += row.as_ref().map_or(0, |row| row.cells.as_slice().len());
        Some(row)
    });
    next.take(CHUNK).collect()
}
