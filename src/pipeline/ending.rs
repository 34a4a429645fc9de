//! How a run ends: the summary, what to do next, and the exit code.

use std::io;
use std::time::Duration;

use super::ordered::OrderedOutput;
use crate::config::{Destination, SafeToRepeat};
use crate::delivery::{Stop, StopKind};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::lead::State;
use crate::lead::text::all_of;
use crate::ledger::Ledger;
use crate::output::rejects::Written;
use crate::output::{Advice, Command, Counts, Exit, Output, Summary, code};
use crate::session::Session;
use crate::words::{placeholder, say};

/// Ends the results of a verb that has no summary.
///
/// # Errors
/// Results were lost.
pub fn finish(output: Output) -> Result<Exit, Failure> {
    output.finish().map_err(|error| unwritten(&error))?;
    Ok(Exit::Done)
}

/// Not all of the results could be written.
fn unwritten(error: &io::Error) -> Failure {
    let why = io_words(error);
    Failure::unfinished(say!("ending-unwritten", why))
}

/// What is to be done about leads that were left unsent.
pub enum Next {
    /// They are resent.
    Resend,
    /// The same command, which this is, makes good what it left open.
    Repeat(String),
    /// This, since an option kept everything from being sent.
    Guarded(String),
    /// Nothing: it was a rehearsal, and nothing of it is kept.
    Rehearsed,
}

/// A run that ended.
pub struct RunEnd<'e> {
    pub session: &'e Session,
    pub destination: &'e Destination,
    pub stops: Vec<Stop>,
    /// The gravest failure besides the leads' own.
    pub exit: Exit,
    pub elapsed: Duration,
    /// `None`: nothing is kept.
    pub ledger: Option<&'e Ledger>,
    /// Who has the destination, if not this run.
    pub held: Option<String>,
    pub next: Next,
}

impl RunEnd<'_> {
    /// Tells how the run ended; the exit code it ends with.
    ///
    /// # Errors
    /// Results, or rows to correct, could not be written.
    pub fn tell(self, mut rows: OrderedOutput<'_>) -> Result<Exit, Failure> {
        let session = self.session;
        let quiet = session.global.quiet && self.is_nothing_new(&rows.news);
        for stop in self.stops.iter().filter(|_| !quiet) {
            let what = stop_in_words(stop);
            session.warnings.warn(&match self.send_refused_again(stop) {
                Some(again) => say!("ending-then", what, command = again.to_string()),
                None => what,
            });
        }
        let rejects = rows.corrections.take().map(|rows| rows.finish(session));
        // A file that failed is told after the summary: the leads come first.
        let (rejects, unwritten_rejects) = match rejects.transpose() {
            Ok(written) => (written.unwrap_or_default(), Ok(())),
            Err(failure) => (Vec::new(), Err(failure)),
        };
        let advice = match quiet {
            true => None,
            false => Some(self.advice(&rows.counts, rows.held_by_run, &rejects)),
        };
        let counts = summarize(session, rows, self.ledger, self.elapsed, advice)?;
        unwritten_rejects?;
        let stops = self.stops.iter().filter(|_| !quiet);
        let stops = stops.map(|stop| exit_of(&stop.kind));
        Ok(code(&counts, stops.fold(self.exit, Exit::min)))
    }

    /// With `--quiet`, an old problem is mailed once: the same stop as in the
    /// run before stops the same leads.
    fn is_nothing_new(&self, news: &Counts) -> bool {
        let own = |stop: &Stop| matches!(stop.kind, StopKind::Ledger(_) | StopKind::Interrupted);
        news.total() == 0 && !self.stops.iter().any(own)
    }

    /// After a stop by refusals: how those refused are sent once it is put right.
    fn send_refused_again(&self, stop: &Stop) -> Option<Command> {
        let is_refusal = matches!(stop.kind, StopKind::Refusals { .. });
        let of_leads = is_refusal && !matches!(self.next, Next::Repeat(_));
        let to = &self.destination.name;
        of_leads.then(|| Command::new(["resend", "--to", to, "--state", "rejected"]))
    }

    /// What to do next, the most urgent first.
    fn advice(&self, counts: &Counts, held_by_run: u64, rejects: &[Written]) -> Vec<Advice> {
        let destination = self.destination;
        let to = destination.name.as_str();
        // Leads that another run is sending are no doubts to settle: it will
        // know. Where that can't be known, the doubts are told as such.
        let is_doubt = |ledger: &Ledger| ledger.has_doubts(to).unwrap_or(true);
        let held = self.held.as_ref().filter(|_| held_by_run > 0);
        let held = held.filter(|_| !self.ledger.is_none_or(is_doubt));
        let is_held = held.is_some();
        let held = held.map(|who| {
            let status = Command::new(["status"]).to_string();
            Advice::new(say!("next-held-by-run", who, status), &[])
        });
        if let Next::Rehearsed = self.next {
            // What else could be told would need a ledger.
            let send = Command::new(["send", "--to", to, &placeholder("FILE")]);
            let rehearsed = Advice::new(say!("next-rehearsed"), &[send]);
            return held.into_iter().chain([rehearsed]).collect();
        }
        let is_wrong = |stop: &Stop| matches!(stop.kind, StopKind::Wrong(_));
        let wrong = self.stops.iter().any(is_wrong).then(|| {
            // Only the partner can prove a key.
            let online = destination.online.as_ref().map(|_| "--online");
            let check = Command::new(["check", "--to", to]).and(online);
            Advice::new(say!("next-put-right"), &[check])
        });
        let refused = self
            .stops
            .iter()
            .find_map(|stop| self.send_refused_again(stop));
        let refused = refused.map(|resend| Advice::new(say!("next-resend-refused"), &[resend]));
        let open = match &self.next {
            Next::Repeat(again) => advice_to_repeat(counts, again),
            _ => self.advice_on_leads(counts, is_held, rejects),
        };
        let first = held.into_iter().chain(wrong).chain(refused);
        first.chain(open).collect()
    }

    fn advice_on_leads(&self, counts: &Counts, is_held: bool, rejects: &[Written]) -> Vec<Advice> {
        let to = self.destination.name.as_str();
        let guard = match &self.next {
            Next::Guarded(guard) => Some(Advice::new(guard, &[])),
            _ => None,
        };
        let open = LeftOpen {
            doubts: counts.standing(State::InDoubt) > 0 && !is_held,
            pending: counts.of(State::Pending) > 0,
            // A resend would get round what the user asked to be guarded.
            unsent: counts.of(State::Unsent) > 0 && guard.is_none(),
            failed: counts.of(State::Failed) > 0,
            held: counts.of(State::Held) > 0,
            ..LeftOpen::default()
        };
        let refused = counts.of(State::Invalid) + counts.of(State::Rejected) > 0;
        let history = Command::new(["history", "--to", to, "--state", "invalid"]).and([
            "--state",
            "rejected",
            "--rejects",
            "rejects.csv",
        ]);
        let files = rejects.iter().map(|it| it.path.display().to_string());
        let send = Command::new(["send", "--to", to]).and(files);
        let correct = match rejects {
            [] => refused.then(|| Advice::new(say!("next-write-rejects"), &[history])),
            files => {
                let what = say!("next-correct", files = files.len());
                Some(Advice::new(what, &[send]))
            }
        };
        let open = open.advice(self.destination).into_iter();
        let before = counts.standing(State::Rejected) > counts.of(State::Rejected);
        let before = before.then(|| {
            let resend = Command::new(["resend", "--to", to, "--state", "rejected"]);
            Advice::new(say!("next-resend-rejected"), &[resend])
        });
        open.chain(guard).chain(correct).chain(before).collect()
    }
}

/// Which leads of a destination are open.
#[derive(Default)]
pub struct LeftOpen {
    pub doubts: bool,
    pub pending: bool,
    pub unsent: bool,
    pub failed: bool,
    /// Leads that the next send sends first, unless the destination is paused still.
    pub held: bool,
    /// Changes of contacts, in any of these states.
    pub changes: bool,
    /// The partner was asked about them just now.
    pub asked: bool,
}

impl LeftOpen {
    /// What to do about them, the most urgent first.
    pub fn advice(&self, destination: &Destination) -> Vec<Advice> {
        let to = destination.name.as_str();
        let follow = Command::new(["follow", "--to", to]);
        // Who looks for the doubts asks about the pending ones too.
        let will_ask = self.doubts && destination.find.is_some() && !self.asked;
        let pending = self.pending && destination.follow.is_some() && !will_ask;
        let resend = |what: String, state: State| {
            let command = Command::new(["resend", "--to", to, "--state", state.as_str()]);
            Advice::new(what, &[command])
        };
        let advice = [
            self.doubts.then(|| match self.asked {
                true => settle_advice(destination),
                false => doubt_advice(destination),
            }),
            pending.then(|| match self.asked {
                true => Advice::new(say!("next-ask-again"), &[follow]),
                false => Advice::new(say!("next-follow"), &[follow]),
            }),
            self.unsent
                .then(|| resend(say!("next-send-stored"), State::Unsent)),
            self.failed
                .then(|| resend(say!("next-send-failed"), State::Failed)),
            self.held.then(|| held_advice(destination)),
            self.changes.then(|| change_advice(destination)),
        ];
        advice.into_iter().flatten().collect()
    }
}

/// Ends the rows of a run, and sums it up with what to do next; `None`: nothing
/// is to be told. What counts for the exit code: with `--quiet` only the news, so
/// that a run that tells nothing ends well.
///
/// # Errors
/// Rows could not be written.
pub fn summarize(
    session: &Session,
    rows: OrderedOutput<'_>,
    ledger: Option<&Ledger>,
    elapsed: Duration,
    advice: Option<Vec<Advice>>,
) -> Result<Counts, Failure> {
    let (counts, news) = (rows.counts.clone(), rows.news.clone());
    let lost = rows.finish();
    if let Some(advice) = advice {
        let summary = Summary {
            advice,
            counts: counts.clone(),
            elapsed,
            config: session.settings.shown_config(),
            ledger: ledger.map(|ledger| ledger.path().display().to_string()),
            ledger_created: ledger.is_some_and(Ledger::created),
        };
        summary.print();
    }
    lost.map_err(|error| {
        let command = Command::new(["history"]).to_string();
        unwritten(&error).hint(say!("ending-unwritten-hint", command))
    })?;
    Ok(match session.global.quiet {
        true => news,
        false => counts,
    })
}

/// Where the same command settles what it left open.
fn advice_to_repeat(counts: &Counts, again: &str) -> Vec<Advice> {
    let open = [State::InDoubt, State::Failed, State::Unsent];
    let open = open.iter().any(|state| counts.standing(*state) > 0);
    let refused = counts.of(State::Invalid) + counts.of(State::Rejected) > 0;
    let advice = [
        open.then(|| Advice {
            what: say!("next-repeat"),
            commands: vec![again.to_owned()],
        }),
        refused.then(|| Advice::new(say!("next-correct-and-repeat"), &[])),
    ];
    advice.into_iter().flatten().collect()
}

/// What a run ends with that was stopped by this.
pub fn exit_of(kind: &StopKind) -> Exit {
    match kind {
        StopKind::Wrong(_) => Exit::Usage,
        StopKind::Ledger(_) => Exit::Unfinished,
        StopKind::Interrupted => Exit::Interrupted,
        StopKind::Doubts(_) => Exit::InDoubt,
        StopKind::Refusals { .. } => Exit::Refused,
        _ => Exit::Again,
    }
}

/// Why a run ended early, or left some leads out.
pub fn stop_in_words(stop: &Stop) -> String {
    let why = stop.kind.to_string();
    if stop.only.is_empty() {
        return match stop.kind {
            StopKind::Interrupted => say!("ending-interrupted"),
            _ => say!("ending-stopped", why),
        };
    }
    let only = stop.only.iter();
    let values: Vec<String> = only
        .map(|(field, value)| format!("{field} {value}"))
        .collect();
    say!("ending-left-out", values = all_of(&values), why)
}

/// How a doubt is settled at this destination: by asking, where that is possible.
fn doubt_advice(destination: &Destination) -> Advice {
    let follow = Command::new(["follow", "--to", &destination.name]);
    if destination.find.is_some() {
        return Advice::new(say!("next-find-doubts"), &[follow]);
    }
    if destination.safe_to_repeat != SafeToRepeat::Never {
        return Advice::new(say!("next-repeat-doubts"), &[follow]);
    }
    settle_advice(destination)
}

/// That nothing is sent to a destination now, and until when.
pub fn paused(destination: &Destination) -> String {
    say!("ending-paused", to = &destination.name)
}

fn held_advice(destination: &Destination) -> Advice {
    if destination.paused {
        return Advice::new(paused(destination), &[]);
    }
    let resend = Command::new(["resend", "--to", &destination.name, "--state"]);
    if destination.takes_all() {
        return Advice::new(say!("next-held"), &[resend.and(["held"])]);
    }
    Advice::new(
        say!("next-held-nightly"),
        &[resend.and(["held,unsent,failed"])],
    )
}

/// What is done about changes of contacts: nothing that sends leads makes them.
fn change_advice(destination: &Destination) -> Advice {
    let amend = Command::new(["amend", "--to", &destination.name]);
    Advice::new(
        say!("next-changes"),
        &[amend.and(["--ref", &placeholder("COLUMN"), &placeholder("FILE")])],
    )
}

/// How a person settles a doubt.
fn settle_advice(destination: &Destination) -> Advice {
    let what = match &destination.ask {
        Some(ask) => say!("next-resolve-doubts-by", ask = ask.to_string()),
        None => say!("next-resolve-doubts"),
    };
    let to = destination.name.as_str();
    Advice::new(
        what,
        &[
            Command::new(["history", "--to", to, "--state", "in_doubt"]),
            Command::new(["resolve", "ID", "--delivered"]),
        ],
    )
}
