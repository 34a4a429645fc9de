//! What a run would do with each lead of its inputs. Nothing is sent and nothing
//! recorded: it serves `--dry-run`, and the guards `--strict` and `--max-new`.

use std::collections::HashSet;

use crate::error::Failure;
use crate::http::request::Request;
use crate::lead::{Record, State};
use crate::ledger::{DedupOutcome, Hash16, Hasher, Intake, Ledger};
use crate::output::text::counted;
use crate::output::{Counts, Row};
use crate::pipeline::intake::{blocked, skipped};
use crate::pipeline::judging::{Read, judge};
use crate::pipeline::remarks::Remarks;
use crate::pipeline::{Prepared, Preparer, RejectedRows, Wanted};

/// Looks ahead of a run.
pub struct Foresight<'r> {
    wanted: Wanted<'r>,
    ledger: Option<&'r Ledger>,
    hasher: Hasher,
    /// Keys of the leads met so far.
    seen: HashSet<u64>,
    /// Leads that would be sent.
    pub new: u64,
    /// The others, and the first invalid one.
    pub counts: Counts,
    invalid: Option<Row>,
    pub remarks: Remarks,
}

/// A lead that was looked at.
pub struct Foreseen<T> {
    /// As it would be told; unsent where it would be sent.
    pub row: Row,
    pub record: Record,
    /// What was made of its request, where it would be sent.
    pub sent: Option<T>,
}

impl<'r> Foresight<'r> {
    /// `ledger`: `None` where there is none yet.
    ///
    /// # Errors
    /// No random number can be had.
    pub fn new(wanted: Wanted<'r>, ledger: Option<&'r Ledger>) -> Result<Self, Failure> {
        Ok(Self {
            wanted,
            ledger,
            hasher: match ledger {
                Some(ledger) => ledger.hasher(),
                None => Hasher::random()?,
            },
            seen: HashSet::new(),
            new: 0,
            counts: Counts::new(),
            invalid: None,
            remarks: Remarks::default(),
        })
    }

    /// Looks at the rows of an input; `show` is given each lead in its turn, with
    /// what `look` made of its request.
    ///
    /// # Errors
    /// The input can't be read any further, or the ledger can't be asked.
    pub fn read<T: Send>(
        &mut self,
        rows: impl Iterator<Item = Read> + Send,
        look: impl Fn(&Row, &Request) -> T + Sync,
        mut show: impl FnMut(Foreseen<T>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Wanted { rules, inputs, .. } = self.wanted;
        let (destination, hasher) = (rules.destination, &self.hasher);
        let path = self.ledger.map(Ledger::path);
        let preparer = || {
            let rejected =
                |path| RejectedRows::new(Ledger::of_open(path, hasher), &destination.name);
            Preparer::new(rules, inputs).with_rejected(path.map(rejected))
        };
        let ledger = self.ledger;
        let preview = |ledger: &Ledger, intake: &Intake| {
            let names = std::iter::once(&destination.name).chain(&destination.formerly);
            ledger.intake_preview(names, destination.again_after, intake)
        };
        let judged = |lead: Prepared<'r>| {
            let row = lead.row();
            let intake = path.is_some().then(|| lead.intake(hasher, None));
            let sent = lead.ready.as_ref().ok();
            let sent = sent.map(|sendable| look(&row, &sendable.request));
            (row, short(lead.key(hasher)), intake, lead.lead.record, sent)
        };
        let (seen, counts, new) = (&mut self.seen, &mut self.counts, &mut self.new);
        let invalid = &mut self.invalid;
        judge(rows, preparer, judged, &mut self.remarks, |judged| {
            let (mut row, key, intake, record, mut sent) = judged;
            let known = match ledger.zip(intake.as_ref()) {
                Some((ledger, intake)) => preview(ledger, intake)?,
                None => None,
            };
            match known {
                Some(DedupOutcome::Skip { earlier, same_run }) => {
                    row = skipped(row, *earlier, same_run);
                }
                Some(DedupOutcome::Blocked { since }) => row = blocked(row, since),
                _ if sent.is_some() && !seen.insert(key) => {
                    row.state = State::Skipped;
                    row.message = "the same lead stands further up in the input".to_owned();
                }
                _ => {}
            }
            sent = sent.filter(|_| row.state == State::Unsent);
            match &sent {
                Some(_) => *new += 1,
                None => counts.add(row.state, row.earlier),
            }
            if row.state == State::Invalid {
                invalid.get_or_insert_with(|| row.clone());
            }
            show(Foreseen { row, record, sent })
        })
    }

    /// The options that would keep a run from sending anything.
    pub fn guards(&self, strict: bool, max_new: Option<u64>) -> Vec<Guard> {
        let invalid = self.invalid.as_ref().filter(|_| strict).map(|first| Guard {
            option: "--strict".to_owned(),
            why: format!(
                "{} invalid, the first one is {} line {} ({})",
                self.counts.of(State::Invalid),
                first.file,
                first.line.unwrap_or_default(),
                first.message
            ),
            advice: "correct the invalid rows, then send the file again (or without --strict)",
        });
        let max = max_new.filter(|max| self.new > *max).map(|max| Guard {
            option: format!("--max-new {max}"),
            why: counted(self.new, "lead is new", "leads are new"),
            advice: "look at the new leads (--dry-run), then send them with a higher --max-new",
        });
        invalid.into_iter().chain(max).collect()
    }
}

/// Half a key: enough to tell the leads of one input apart in little memory.
fn short(key: Hash16) -> u64 {
    key.iter()
        .take(8)
        .fold(0, |half, byte| half << 8 | u64::from(*byte))
}

/// An option that keeps a run from sending anything.
pub struct Guard {
    pub option: String,
    pub why: String,
    /// What to do then.
    pub advice: &'static str,
}
