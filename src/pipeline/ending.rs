//! How a run ends: the summary, what to do next, and the exit code.

use std::io;
use std::time::Duration;

use super::corrections::to_type;
use super::ordered::OrderedOutput;
use crate::config::{Destination, SafeToRepeat};
use crate::delivery::{Stop, StopKind};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::lead::State;
use crate::ledger::Ledger;
use crate::output::rejects::Written;
use crate::output::{Counts, Exit, Output, Summary, code, quoted};
use crate::session::Session;

/// Ends the results of a verb that has no summary.
///
/// # Errors
/// Results were lost.
pub fn finish(output: Output) -> Result<(), Failure> {
    output.finish().map_err(|error| unwritten(&error))
}

/// Not all of the results could be written.
pub fn unwritten(error: &io::Error) -> Failure {
    let why = io_words(error);
    Failure::unfinished(format!("the results could not be written: {why}"))
}

/// How a dry run ended: what is ready, and what became of the others.
pub fn tell_dry_run(session: &Session, ready: u64, counts: &Counts) {
    let others = match counts.total() {
        0 => String::new(),
        _ => format!("; of the others, {}", counts.in_words()),
    };
    session.warnings.note(&format!(
        "dry run: {ready} ready to be sent, nothing was sent{others}"
    ));
}

/// A run that ended.
pub struct Ending<'e> {
    pub session: &'e Session,
    pub destination: &'e Destination,
    pub counts: Counts,
    pub stops: Vec<Stop>,
    /// The gravest failure besides the leads' own.
    pub exit: Option<Exit>,
    pub elapsed: Duration,
    /// `None`: nothing is kept.
    pub ledger: Option<&'e Ledger>,
    /// Who has the destination, if not this run.
    pub held: Option<String>,
    pub rehearsed: bool,
    /// The command that does what was left undone, where that is not a resend.
    pub again: Option<String>,
    /// What to do where an option kept everything from being sent.
    pub guard: Option<String>,
}

impl Ending<'_> {
    /// Tells how the run ended; the exit code it ends with.
    ///
    /// # Errors
    /// Results, or rows to correct, could not be written.
    pub fn tell(self, mut rows: OrderedOutput<'_>) -> Result<Exit, Failure> {
        let session = self.session;
        session.progress.finish();
        rows.remarks.tell(&session.warnings);
        let (news, held_by_run) = (rows.news.clone(), rows.held_by_run);
        let quiet = session.global.quiet && self.is_nothing_new(&news);
        for stop in self.stops.iter().filter(|_| !quiet) {
            session.warnings.warn(&stop_in_words(stop));
        }
        let rejects = rows.corrections.take().map(|rows| rows.finish(session));
        let lost = rows.finish();
        // A file that failed is told after the summary: the leads come first.
        let (rejects, unwritten_rejects) = match rejects.transpose() {
            Ok(written) => (written.unwrap_or_default(), Ok(())),
            Err(failure) => (Vec::new(), Err(failure)),
        };
        if !quiet {
            self.summary(&rejects, held_by_run).print();
        }
        lost.map_err(|error| {
            unwritten(&error).hint("every outcome is in the ledger: leadctl history")
        })?;
        unwritten_rejects?;
        // With `--quiet` a run that tells nothing ends well.
        let counts = match session.global.quiet {
            true => &news,
            false => &self.counts,
        };
        let stops = self.stops.iter().filter(|_| !quiet);
        let stops = stops.filter_map(|stop| exit_of(&stop.kind));
        Ok(code(counts, stops.chain(self.exit).min()))
    }

    /// With `--quiet`, an old problem is mailed once: the same stop as in the
    /// run before stops the same leads.
    fn is_nothing_new(&self, news: &Counts) -> bool {
        let own = |stop: &Stop| matches!(stop.kind, StopKind::Ledger(_) | StopKind::Interrupted);
        news.total() == 0 && !self.stops.iter().any(own)
    }

    fn summary(&self, rejects: &[Written], held_by_run: u64) -> Summary {
        let path = |ledger: &Ledger| ledger.path().display().to_string();
        let advice = self.advice(rejects, held_by_run).into_iter();
        Summary {
            advice: advice
                .map(|text| self.session.spelling.spell(&text))
                .collect(),
            counts: self.counts.clone(),
            elapsed: self.elapsed,
            config: Some(self.session.settings.shown_config()),
            ledger: self.ledger.map(path),
            ledger_created: self.ledger.is_some_and(Ledger::created),
        }
    }

    /// What to do next, the most urgent first.
    fn advice(&self, rejects: &[Written], held_by_run: u64) -> Vec<String> {
        let waiting = self.waiting(held_by_run);
        let doubts_are_ours = waiting.is_none();
        let mut advice: Vec<String> = waiting.into_iter().collect();
        let to = quoted(&self.destination.name);
        if let Some(again) = &self.again {
            advice.extend(self.advice_to_repeat(&to, again));
        } else if self.rehearsed {
            // What else could be told would need a ledger.
            advice.push(format!(
                "this was a rehearsal on this machine: nothing was sent, nothing is kept. For real: leadctl send --to {to} FILE"
            ));
        } else {
            advice.extend(self.mend("lead", &to));
            advice.extend(self.advice_about_answers(&to, doubts_are_ours));
            advice.extend(self.advice_about_rows(&to, rejects));
        }
        advice
    }

    /// Leads that another run is sending are no doubts to settle: it will know.
    fn waiting(&self, held_by_run: u64) -> Option<String> {
        let (who, ledger) = (self.held.as_ref()?, self.ledger?);
        // Where that can't be known, the doubts are told as such.
        let doubts = ledger.has_doubts(&self.destination.name).unwrap_or(true);
        (held_by_run > 0 && !doubts).then(|| {
            format!(
                "leads are being sent at this moment, by {who}: nothing to do about them until it is done, then leadctl status"
            )
        })
    }

    /// Where the partner refuses every lead. Only it can prove a key.
    fn mend(&self, what: &str, to: &str) -> Option<String> {
        let is_wrong = |stop: &Stop| matches!(stop.kind, StopKind::Wrong(_));
        let wrong = self.stops.iter().any(is_wrong);
        let online = match self.destination.online {
            Some(_) => " --online",
            None => "",
        };
        wrong.then(|| {
            format!(
                "put right what the partner refuses for every {what}, prove it: leadctl check --to {to}{online}"
            )
        })
    }

    fn advice_about_answers(&self, to: &str, doubts_are_ours: bool) -> Vec<String> {
        let destination = self.destination;
        let mut advice = Vec::new();
        let doubts = doubts_are_ours && self.counts.standing(State::InDoubt) > 0;
        if doubts {
            advice.push(doubt_advice(destination));
        }
        let looked_for = doubts && destination.find.is_some();
        let pending = self.counts.of(State::Pending) > 0;
        if pending && destination.follow.is_some() && !looked_for {
            advice.push(format!(
                "the partner decides later; ask for its decisions: leadctl follow --to {to}"
            ));
        }
        match &self.guard {
            // A resend would get round what the user asked to be guarded.
            Some(guard) => advice.push(guard.clone()),
            None if self.counts.of(State::Unsent) > 0 => advice.push(format!(
                "send the leads that were stored: leadctl resend --to {to} --state unsent"
            )),
            None => {}
        }
        if self.counts.of(State::Failed) > 0 {
            advice.push(format!(
                "send the leads that failed again: leadctl resend --to {to} --state failed"
            ));
        }
        advice
    }

    fn advice_about_rows(&self, to: &str, rejects: &[Written]) -> Option<String> {
        let refused = self.counts.of(State::Invalid) + self.counts.of(State::Rejected);
        let them = match rejects.len() {
            0 => {
                return (refused > 0).then(|| {
                    format!(
                        "write the rows to correct to a file, correct them there, send that file: leadctl history --to {to} --state invalid --state rejected --rejects rejects.csv"
                    )
                });
            }
            1 => "the file, then send it",
            _ => "the files, then send them",
        };
        Some(format!(
            "correct the rows in {them}: leadctl send --to {to} {}",
            to_type(rejects)
        ))
    }

    /// Where the same command settles what it left open.
    fn advice_to_repeat(&self, to: &str, again: &str) -> Vec<String> {
        let mut advice: Vec<String> = self.mend("row", to).into_iter().collect();
        let open = [State::InDoubt, State::Failed, State::Unsent];
        if open.iter().any(|state| self.counts.standing(*state) > 0) {
            advice.push(format!(
                "run the same command again: what is done twice harms nobody, and doubts are settled: {again}"
            ));
        }
        if self.counts.of(State::Invalid) + self.counts.of(State::Rejected) > 0 {
            advice.push(
                "correct the invalid and rejected rows, then run the same command".to_owned(),
            );
        }
        advice
    }
}

pub fn exit_of(kind: &StopKind) -> Option<Exit> {
    match kind {
        StopKind::Wrong(_) => Some(Exit::Usage),
        StopKind::Ledger(_) => Some(Exit::Unfinished),
        StopKind::Interrupted => Some(Exit::Interrupted),
        StopKind::Doubts(_) => Some(Exit::InDoubt),
        _ => Some(Exit::Again),
    }
}

fn stop_in_words(stop: &Stop) -> String {
    let why = &stop.kind;
    if stop.only.is_empty() {
        return match stop.kind {
            StopKind::Interrupted => "stopped by you; the leads not sent yet are stored".to_owned(),
            _ => format!("the run stopped: {why}"),
        };
    }
    let only = stop.only.iter();
    let values: Vec<String> = only
        .map(|(field, value)| format!("{field} {value}"))
        .collect();
    format!("leads with {} were not sent: {why}", values.join(" and "))
}

const NEVER_UNASKED: &str = "leads in doubt are never sent again unasked.";

/// How a doubt is settled at this destination: by asking, where that is possible.
pub fn doubt_advice(destination: &Destination) -> String {
    let to = quoted(&destination.name);
    if destination.find.is_some() {
        return format!(
            "{NEVER_UNASKED} Look for them in the partner's list: leadctl follow --to {to}"
        );
    }
    if destination.safe_to_repeat != SafeToRepeat::Never {
        return format!(
            "{NEVER_UNASKED} Where sending again is safe, this does it: leadctl follow --to {to}"
        );
    }
    settle_advice(destination)
}

/// What is done about changes of contacts: nothing that sends leads makes them.
pub fn change_advice(destination: &Destination) -> String {
    format!(
        "changes of contacts are no leads: run their amend command with its file again: leadctl amend --to {} --ref COLUMN FILE",
        quoted(&destination.name)
    )
}

/// How a person settles a doubt.
pub fn settle_advice(destination: &Destination) -> String {
    let ask = match &destination.ask {
        Some(ask) => format!("Find out whether they arrived ({ask})"),
        None => "Ask the partner whether they arrived".to_owned(),
    };
    format!(
        "{NEVER_UNASKED} {ask}, then settle: leadctl resolve ID --delivered (or --not-received)   (leadctl history --to {} --state in_doubt)",
        quoted(&destination.name)
    )
}
