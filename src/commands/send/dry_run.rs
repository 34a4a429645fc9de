//! What a run would do with each lead of its inputs. Nothing is sent and nothing
//! recorded: it serves `--dry-run`, and the guards `--strict` and `--max-new`.

use std::collections::HashSet;

use crate::cli;
use crate::commands::{identity, stored};
use crate::config::Destination;
use crate::error::Failure;
use crate::http::request::Request;
use crate::lead::{Hold, Record, State};
use crate::ledger::{DedupOutcome, Hash16, Hasher, Ledger, Objection};
use crate::output::{Command, Exit, Reason, Row, Warnings};
use crate::pipeline::answered::answered;
use crate::pipeline::block_list;
use crate::pipeline::corrections::{self, Corrections};
use crate::pipeline::dry_run::{DryRun, Read, RequestPage, judge};
use crate::pipeline::fresh::FreshLeads;
use crate::pipeline::inputs::{Input, Inputs};
use crate::pipeline::remarks::Remarks;
use crate::pipeline::withdrawals::Withdrawals;
use crate::pipeline::{InputRows, Prepared, Preparer, Rules};
use crate::session::{Session, opening};
use crate::words::say;

/// `--dry-run`
pub fn run(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
    files: Vec<Input>,
) -> Result<Exit, Failure> {
    let inputs = Inputs {
        lines: args.lines.clone(),
        listed: block_list::named(session)?,
        ..Inputs::of(session, destination, files, &args.reading)
    };
    let rules = Rules::new(destination, inputs);
    corrections::look_ahead(&rules, args.rejects.as_deref(), args.inbox.is_some())?;
    let ledger = opening::look(session)?;
    if let Some(ledger) = &ledger {
        identity::foresee(session, ledger, destination, args.accept_new_key)?;
        tell_held(session, ledger, destination)?;
    }
    let rejects = corrections::create(args.rejects.as_deref(), args.lines.is_some())?;
    let mut rejects = rejects.map(|file| Corrections::new(file, ledger.as_ref(), false));
    let mut foresight = Foresight::new(&rules, ledger.as_ref())?;
    let page = RequestPage::new(session, destination);
    let mut results = DryRun::begin(session);
    let (mut failed, limit) = (Exit::Done, args.limit.unwrap_or(u64::MAX));
    for input in &rules.inputs.files {
        let read = InputRows::open(&rules, input).and_then(|rows| {
            if let Some(rejects) = &mut rejects {
                rejects.opened(&input.shown_as, rows.facts());
            }
            let look = |row: &_, request: &_| page.of(row, Some(request));
            foresight.read(rows, look, |lead| match lead.sent {
                Some((number, text)) if number <= limit => results.ready(&text),
                Some(_) => {}
                None => {
                    if let Some(rejects) = &mut rejects {
                        rejects.settled(&lead.row, Some(&lead.record));
                    }
                    results.left(&lead.row, &page);
                }
            })
        });
        if let Err(failure) = read {
            failure.print();
            failed = failed.min(failure.exit);
        }
    }
    foresight.remarks.tell(&session.warnings);
    for guard in foresight.guards(args) {
        let Guard { option, why, .. } = &guard;
        session
            .warnings
            .warn(&say!("guard-would-send-nothing", option, why));
    }
    if let Some(rejects) = rejects {
        rejects.finish(session)?;
    }
    results.end(failed.min(foresight.needs_a_person(&session.warnings)?))
}

/// That leads of earlier runs would go first, and how they are looked at.
fn tell_held(session: &Session, ledger: &Ledger, to: &Destination) -> Result<(), Failure> {
    let held = ledger.count_held(&to.name)?;
    if held > 0 && stored::hold_now(ledger, to)?.is_none() {
        let resend = Command::new(["resend", "--to", &to.name, "--state", "held", "--dry-run"]);
        let command = resend.to_string();
        session
            .warnings
            .note(&say!("send-held-first", leads = held, command));
    }
    Ok(())
}

/// What keeps all from being sent: `--strict` and `--max-new` read the input once
/// more than usual.
pub fn guard(
    rules: &Rules<'_>,
    ledger: &Ledger,
    args: &cli::Send,
) -> Result<Option<Guard>, Failure> {
    if !args.strict && args.max_new.is_none() {
        return Ok(None);
    }
    let mut foresight = Foresight::new(rules, Some(ledger))?;
    for input in &rules.inputs.files {
        // What can't be read is told by the run itself.
        if let Ok(rows) = InputRows::open(rules, input) {
            let rows = rows.map_while(|row| row.ok().map(Ok));
            foresight.read(rows, |_, _| (), |_| ())?;
        }
    }
    let guard = foresight.guards(args).into_iter().next();
    if let Some(Guard { option, why, .. }) = &guard {
        let warnings = &rules.inputs.warnings;
        warnings.warn(&say!("guard-nothing-sent", option, why));
    }
    Ok(guard)
}

/// An option that keeps a run from sending anything.
pub struct Guard {
    pub option: String,
    why: String,
    /// What to do then.
    pub advice: String,
}

/// Looks ahead of a run.
struct Foresight<'r> {
    rules: &'r Rules<'r>,
    ledger: Option<&'r Ledger>,
    hasher: Hasher,
    /// Who says no further down.
    withdrawals: Withdrawals,
    tally: Tally,
    remarks: Remarks,
}

/// What the leads that were looked at come to.
#[derive(Default)]
struct Tally {
    /// Keys of the leads met so far.
    seen: SeenKeys,
    /// Leads that would be sent.
    new: u64,
    /// Leads that are invalid, and the first of them.
    invalid: u64,
    first_invalid: Option<Row>,
    fresh: FreshLeads,
    /// So many are sent by the cap, and what becomes of the others.
    room: Option<(u64, Hold)>,
}

impl Tally {
    /// Counts a lead. `known`: it was filtered before. One that comes twice is skipped,
    /// and one beyond the cap is held.
    fn count(&mut self, row: &mut Row, key: u64, known: bool) {
        let is_ready = matches!(row.state, State::Unsent | State::Held);
        if is_ready && !self.seen.insert(key) {
            row.state = State::Skipped;
            row.reason = None;
            row.message = say!("send-same-lead-above").into();
        }
        let beyond = self.room.filter(|(room, _)| self.new >= *room);
        if let (State::Unsent, Some((_, hold))) = (row.state, beyond) {
            row.state = State::Held;
            row.reason = Some(Reason::Held(hold.reason));
            row.message = hold.in_words().into();
        }
        self.fresh.count(row, known);
        match row.state {
            State::Unsent => self.new += 1,
            State::Invalid => {
                self.invalid += 1;
                self.first_invalid.get_or_insert_with(|| row.clone());
            }
            _ => {}
        }
    }
}

/// The row as it would be told by what is there, and whether it was filtered before.
fn foreseen(row: Row, earlier: Option<DedupOutcome>, no: Option<Objection>) -> (Row, bool) {
    let objected = no.map(|objection| DedupOutcome::Objected {
        id: None,
        objection,
    });
    match objected.or(earlier) {
        Some(outcome) => answered(row, outcome, ""),
        None => (row, false),
    }
}

/// A lead that was looked at.
struct Foreseen<T> {
    /// As it would be told; unsent where it would be sent.
    row: Row,
    record: Record,
    /// Where it would be sent: the how manieth, and what was made of its request.
    sent: Option<(u64, T)>,
}

impl<'r> Foresight<'r> {
    /// `ledger`: `None` where there is none yet.
    fn new(rules: &'r Rules<'r>, ledger: Option<&'r Ledger>) -> Result<Self, Failure> {
        let hasher = match ledger {
            Some(ledger) => ledger.hasher(),
            None => Hasher::random()?,
        };
        Ok(Self {
            rules,
            ledger,
            withdrawals: Withdrawals::read([rules], &hasher)?,
            hasher,
            tally: Tally {
                room: stored::room(rules.destination, ledger)?,
                ..Tally::default()
            },
            remarks: Remarks::default(),
        })
    }

    /// Looks at the rows of an input; `show` is given each lead in its turn, with
    /// what `look` made of its request.
    fn read<T: Send>(
        &mut self,
        rows: impl Iterator<Item = Read> + Send,
        look: impl Fn(&Row, &Request) -> T + Sync,
        mut show: impl FnMut(Foreseen<T>),
    ) -> Result<(), Failure> {
        let (rules, ledger, hasher) = (self.rules, self.ledger, &self.hasher);
        let destination = rules.destination;
        let path = ledger.map(Ledger::path);
        let preparer = || {
            let ledger = path.map(|path| Ledger::of_open(path, hasher));
            Preparer::new(rules).with_rejected(ledger)
        };
        let judged = |lead: Prepared<'r>| {
            let row = lead.row();
            let is_asked = path.is_some() || rules.asks_consent();
            let intake = is_asked.then(|| lead.intake(hasher, None));
            let sent = lead.ready.as_ref().ok();
            let sent = sent.map(|sendable| look(&row, &sendable.request));
            (row, short(lead.key(hasher)), intake, lead.lead.record, sent)
        };
        let withdrawals = &self.withdrawals;
        let tally = &mut self.tally;
        judge(rows, preparer, judged, &mut self.remarks, |judged| {
            let (row, key, intake, record, sent) = judged;
            let names = std::iter::once(&destination.name).chain(&destination.formerly);
            let earlier = match ledger.zip(intake.as_ref()) {
                Some((ledger, intake)) => ledger.intake_preview(
                    names,
                    destination.again_after,
                    &destination.rivals,
                    intake,
                )?,
                None => None,
            };
            let no = sent.as_ref().and(intake.as_ref());
            let no = no.and_then(|lead| withdrawals.objection(lead));
            let (mut row, known) = foreseen(row, earlier, no);
            tally.count(&mut row, key, known);
            let sent = sent.filter(|_| row.state == State::Unsent);
            let sent = sent.map(|sent| (tally.new, sent));
            show(Foreseen { row, record, sent });
            Ok(())
        })
    }

    /// Tells what of the inputs a person must look at: that none is for the destination,
    /// and who may have said no.
    fn needs_a_person(&self, warnings: &Warnings) -> Result<Exit, Failure> {
        let fresh = &self.tally.fresh;
        let exit = fresh.tell_all_filtered(&self.rules.destination.name, warnings);
        Ok(match self.ledger {
            Some(ledger) => exit.min(self.withdrawals.tell_unclear(ledger, warnings)?),
            None => exit,
        })
    }

    /// The options that would keep a run from sending anything.
    fn guards(&self, args: &cli::Send) -> Vec<Guard> {
        let invalid = self.tally.first_invalid.as_ref().filter(|_| args.strict);
        let invalid = invalid.map(|first| Guard {
            option: "--strict".to_owned(),
            why: say!(
                "guard-first-invalid",
                count = self.tally.invalid,
                file = &first.file,
                line = first.line.unwrap_or_default(),
                why = &*first.message
            ),
            advice: say!("guard-advice-strict"),
        });
        let max = args.max_new.filter(|max| self.tally.new > *max);
        let max = max.map(|max| Guard {
            option: format!("--max-new {max}"),
            why: say!("guard-new-leads", count = self.tally.new),
            advice: say!("guard-advice-max-new"),
        });
        invalid.into_iter().chain(max).collect()
    }
}

/// The keys of an input so far, in many small sets: one big one would hold twice as
/// much while it grows.
struct SeenKeys([HashSet<u64>; 256]);

impl Default for SeenKeys {
    fn default() -> Self {
        Self(std::array::from_fn(|_| HashSet::new()))
    }
}

impl SeenKeys {
    /// Is it the first one?
    fn insert(&mut self, key: u64) -> bool {
        let [first, ..] = key.to_be_bytes();
        self.0[usize::from(first)].insert(key)
    }
}

/// Half a key: enough to tell the leads of one input apart in little memory.
fn short(key: Hash16) -> u64 {
    key.iter()
        .take(8)
        .fold(0, |half, byte| half << 8 | u64::from(*byte))
}
