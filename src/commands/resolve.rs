//! `leadctl resolve`: what a partner said by other means of leads, in doubt or not; or
//! the last such word taken back.

mod answers;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use answers::{Answer, Answers};

use super::rows;
use crate::cli;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Ledger, Mode, PersonsWord, StoredLead, Terms, Word, WordRefusal};
use crate::output::text::some_of;
use crate::output::{Command, Exit, Layout, Reason, Row};
use crate::pipeline::{ending, run};
use crate::session::{Session, opening};
use crate::words::say;

/// What the command line says of all leads.
fn spoken(args: &cli::Resolve) -> Option<PersonsWord> {
    let all = [
        (args.delivered, PersonsWord::Delivered),
        (args.not_received, PersonsWord::NotReceived),
        (args.approved, PersonsWord::Approved),
        (args.rejected, PersonsWord::Rejected),
        (args.returned, PersonsWord::Returned),
        (args.undo, PersonsWord::TakenBack),
    ];
    let said = all.iter().find(|(is_said, _)| *is_said);
    said.map(|(_, word)| *word)
}

pub fn run(session: &Session, args: &cli::Resolve) -> anyhow::Result<Exit> {
    let said = spoken(args);
    Ok(match (&args.from, said) {
        (Some(file), _) => from_file(session, args, file, said)?,
        (None, Some(said)) => by_hand(session, args, said)?,
        // The command line is not read without a word.
        (None, None) => Exit::Usage,
    })
}

/// The words typed, all or none of them.
fn by_hand(session: &Session, args: &cli::Resolve, said: PersonsWord) -> Result<Exit, Failure> {
    let ledger = existing(session)?;
    let word = |&lead: &i64| Word {
        lead,
        said,
        reason: args.note.clone(),
    };
    let mut ids = args.ids.clone();
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(*id));
    let words: Vec<Word> = ids.iter().map(word).collect();
    let outcomes = ledger.resolve(&words, false, &terms(session, args))?;
    let mut output = session.output(Layout::Ids);
    for (outcome, word) in outcomes.into_iter().zip(&words) {
        outcome.map_err(|refusal| failure(&refusal, args))?;
        let lead = rows::stored(&ledger, word.lead)?;
        output.row(&rows::standing(&lead));
        tell_twice(session, &ledger, &lead)?;
    }
    ending::finish(output)
}

/// A word may make it so that two destinations of a route have one person.
fn tell_twice(session: &Session, ledger: &Ledger, lead: &StoredLead) -> Result<(), Failure> {
    let other = match lead.holds() {
        true => ledger.placed_elsewhere(lead)?,
        false => None,
    };
    if let Some(other) = other {
        session.warnings.warn(&say!(
            "resolve-placed-twice",
            lead = lead.id,
            state = lead.state.in_words(),
            destination = &lead.destination,
            other = other.id,
            other_state = other.state.in_words(),
            other_destination = &other.destination
        ));
    }
    Ok(())
}

fn existing(session: &Session) -> Result<Ledger, Failure> {
    let ledger = opening::open(session, Mode::Existing)?;
    ledger.refuse_older()?;
    Ok(ledger)
}

/// What the tables say, by their names.
fn terms(session: &Session, args: &cli::Resolve) -> BTreeMap<String, Terms> {
    let destinations = session.settings.catalogue.destinations.iter();
    let terms = destinations.map(|destination| {
        let terms = Terms {
            again_after: destination.again_after,
            returns_within: destination.returns_within.filter(|_| !args.late),
            pricing: run::pricing(destination),
        };
        (destination.name.clone(), terms)
    });
    terms.collect()
}

/// Why nothing was said of any of the leads that were typed.
fn failure(refusal: &WordRefusal, args: &cli::Resolve) -> Failure {
    let (what, id) = (refusal.to_string(), |lead: &i64| lead.to_string());
    let (hint, command) = match refusal {
        WordRefusal::InFlight(_) => {
            return Failure::unfinished(what).hint(say!("resolve-in-flight-hint"));
        }
        WordRefusal::NoLead(_) => (say!("resolve-lists-leads"), Command::new(["history"])),
        WordRefusal::TooLate { .. } => {
            let late = Command::new(["resolve"]).and(args.ids.iter().map(id));
            let late = late.and(["--returned", "--late"]);
            (say!("resolve-late-hint"), late)
        }
        WordRefusal::Impossible {
            lead,
            state: State::Returned,
            ..
        } => {
            let undo = Command::new(["resolve", &id(lead), "--undo"]);
            (say!("resolve-undo-hint"), undo)
        }
        WordRefusal::Impossible {
            said: PersonsWord::Delivered | PersonsWord::NotReceived,
            ..
        } => {
            let doubts = Command::new(["history", "--state", "in_doubt"]);
            (say!("resolve-lists-doubts"), doubts)
        }
        WordRefusal::NoWord { lead, .. }
        | WordRefusal::Impossible { lead, .. }
        | WordRefusal::Change(lead)
        | WordRefusal::SaidBefore(lead) => {
            let history = Command::new(["history", &id(lead)]);
            (say!("resolve-shows-history"), history)
        }
    };
    let unchanged = say!("nothing-changed");
    Failure::usage(what).hint(format!("{unchanged}\n{hint}\n{command}"))
}

/// What became of a row of a file.
enum Outcome {
    /// What it says is said now.
    Said,
    NothingNew,
    Refused(WordRefusal),
    /// No lead fits; those that one thing in the row names, and another contradicts.
    Unknown {
        contradicted: Vec<i64>,
    },
    Ambiguous(Vec<i64>),
}

/// The words in a file, row by row: what can't be said of one lead is told, and said of
/// the others.
fn from_file(
    session: &Session,
    args: &cli::Resolve,
    file: &Path,
    said: Option<PersonsWord>,
) -> Result<Exit, Failure> {
    let ledger = existing(session)?;
    let of_all = said.filter(|_| !args.undo);
    let reading = (of_all, args.hidden);
    let answers = Answers::read(session, file, args.to.as_deref(), reading, &ledger.hasher())?;
    let meant: Vec<Result<i64, Outcome>> = answers
        .rows
        .iter()
        .map(|answer| meant(&ledger, &answers, answer, args.undo))
        .collect::<Result<_, _>>()?;
    answers.refuse_contradictions(&meant)?;
    let lead_and_row = meant.iter().zip(&answers.rows);
    let words: Vec<Word> = lead_and_row
        .filter_map(|(lead, answer)| {
            let lead = *lead.as_ref().ok()?;
            let said = match args.undo {
                true => PersonsWord::TakenBack,
                false => answer.said,
            };
            let said_there = answer.reason.clone().filter(|_| !args.undo);
            let reason = said_there.or(args.note.clone());
            Some(Word { lead, said, reason })
        })
        .collect();
    let said = ledger.resolve(&words, true, &terms(session, args))?;
    let mut said = said.into_iter();
    let mut told = Told::new(session, &answers);
    for (meant, answer) in meant.into_iter().zip(&answers.rows) {
        let (lead, outcome) = match meant {
            Err(outcome) => (None, outcome),
            Ok(id) => {
                let outcome = match said.next() {
                    Some(Ok(true)) => Outcome::Said,
                    Some(Err(refusal)) => Outcome::Refused(refusal),
                    Some(Ok(false)) | None => Outcome::NothingNew,
                };
                (ledger.lead(id)?, outcome)
            }
        };
        told.row(answer, lead.as_ref(), &outcome);
        if let (Some(lead), Outcome::Said) = (&lead, &outcome) {
            tell_twice(session, &ledger, lead)?;
        }
    }
    told.finish()
}

/// The one lead that a row means: of those that its partner ever got, and knew not
/// before. What became of each since says nothing: a file that is read again must mean
/// nobody else.
fn meant(
    ledger: &Ledger,
    answers: &Answers<'_>,
    answer: &Answer,
    undo: bool,
) -> Result<Result<i64, Outcome>, Failure> {
    let (fitting, others) = ledger.leads_meant(&answers.names, &answer.whose)?;
    let was_sent = |lead: &&StoredLead| {
        lead.sent_at.or(lead.decided_at).is_some() && lead.state != State::Duplicate
    };
    let sent: Vec<&StoredLead> = fitting.iter().filter(was_sent).collect();
    let lead = match (sent.as_slice(), fitting.last()) {
        ([lead], _) => *lead,
        // The ledger says why not.
        ([], Some(last)) => last,
        ([], None) => {
            let contradicted = others.iter().map(|lead| lead.id).collect();
            return Ok(Err(Outcome::Unknown { contradicted }));
        }
        _ => {
            let ids = sent.iter().map(|lead| lead.id).collect();
            return Ok(Err(Outcome::Ambiguous(ids)));
        }
    };
    let (id, state) = (lead.id, lead.state);
    Ok(match undo && !answer.said.led_to(state) {
        true => Err(Outcome::Refused(WordRefusal::NoWord { lead: id, state })),
        false => Ok(id),
    })
}

/// The rows on stdout, and how many were which.
struct Told<'s> {
    session: &'s Session,
    answers: &'s Answers<'s>,
    output: crate::output::Output,
    /// Said now, nothing new, not done.
    counts: [u64; 3],
    /// What the first row says that was not done, and not for being late.
    left: Option<PersonsWord>,
    /// Some came back too late.
    late: bool,
}

impl<'s> Told<'s> {
    fn new(session: &'s Session, answers: &'s Answers<'_>) -> Self {
        Self {
            session,
            answers,
            output: session.output(Layout::Lines),
            counts: [0; 3],
            left: None,
            late: false,
        }
    }

    fn row(&mut self, answer: &Answer, lead: Option<&StoredLead>, outcome: &Outcome) {
        let known = lead.map(rows::standing);
        let row = Row {
            file: self.answers.file.clone(),
            line: Some(answer.line),
            ..known.unwrap_or_else(|| Row {
                lead: answer.label.clone(),
                destination: self
                    .answers
                    .names
                    .first()
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
                ..Row::new(State::Skipped)
            })
        };
        match outcome {
            Outcome::Said => {
                self.counts[0] += 1;
                self.output.row(&row);
            }
            Outcome::NothingNew => {
                self.counts[1] += 1;
                let message = say!("resolve-nothing-new", state = row.state.in_words());
                self.output.row(&Row {
                    message: message.into(),
                    ..row
                });
            }
            _ => {
                self.counts[2] += 1;
                match reason(outcome) {
                    Some(Reason::TooLate) => self.late = true,
                    _ => self.left = self.left.or(Some(answer.said)),
                }
                // Also where only that is told which needs a person.
                self.output.line(&Row {
                    earlier: lead.map(|lead| lead.state),
                    state: State::Skipped,
                    reason: reason(outcome),
                    message: words(outcome).into(),
                    ..row
                });
            }
        }
    }

    fn finish(self) -> Result<Exit, Failure> {
        let [said, nothing_new, not_done] = self.counts;
        let quiet = self.session.global.quiet && not_done == 0;
        ending::finish(self.output)?;
        let note = |text: &str| self.session.warnings.note(text);
        if !quiet {
            let rows = self.answers.rows.len();
            note(&say!("resolve-told", rows, said, nothing_new, not_done));
            if self.answers.silent > 0 {
                note(&say!("resolve-silent-rows", rows = self.answers.silent));
            }
        }
        if self.late {
            note(&say!("resolve-file-late-hint"));
            note(&Command::as_typed().and(["--late"]).to_string());
        }
        if let Some(left) = self.left {
            note(&say!("resolve-file-hint"));
            note(&Command::new(["resolve", "ID", left.flag()]).to_string());
        }
        Ok(match not_done {
            0 => Exit::Done,
            _ => Exit::Refused,
        })
    }
}

/// For scripts.
fn reason(outcome: &Outcome) -> Option<Reason> {
    match outcome {
        Outcome::Unknown { .. } | Outcome::Refused(WordRefusal::NoLead(_)) => Some(Reason::Unknown),
        Outcome::Ambiguous(_) => Some(Reason::Ambiguous),
        Outcome::Refused(WordRefusal::TooLate { .. }) => Some(Reason::TooLate),
        Outcome::Refused(_) => Some(Reason::Impossible),
        Outcome::Said | Outcome::NothingNew => None,
    }
}

/// Why a row was not done.
fn words(outcome: &Outcome) -> String {
    let list = |ids: &[i64]| {
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        some_of(ids.iter().map(String::as_str))
    };
    match outcome {
        Outcome::Unknown { contradicted } if contradicted.is_empty() => {
            say!("resolve-unknown")
        }
        Outcome::Unknown { contradicted } => {
            say!("resolve-contradicted", leads = list(contradicted))
        }
        Outcome::Ambiguous(ids) => say!("resolve-ambiguous", leads = list(ids)),
        Outcome::Refused(refusal) => refusal.to_string(),
        Outcome::Said | Outcome::NothingNew => String::new(),
    }
}
