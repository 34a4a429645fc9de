//! How a run ends: the summary, what to do next, and the exit code.

use std::time::Duration;

use super::corrections::to_type;
use super::ordered::Desk;
use crate::config::Destination;
use crate::config::SafeToRepeat;
use crate::delivery::{Stop, StopKind};
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::Ledger;
use crate::output::rejects::Written;
use crate::output::{Counts, Exit, Summary, code, quoted};
use crate::pipeline::results;
use crate::session::Session;

/// A run that ended.
pub struct Ended<'e, 's> {
    pub destination: &'e Destination,
    pub desk: Desk<'s>,
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

/// Tells how the run ended; the exit code it ends with.
pub fn tell(session: &Session, mut ended: Ended<'_, '_>) -> Result<Exit, Failure> {
    session.progress.finish();
    ended.desk.remarks.tell(&session.warnings);
    let quiet = session.global.quiet && nothing_new(&ended);
    for stop in ended.stops.iter().filter(|_| !quiet) {
        session.warnings.warn(&stop_in_words(stop));
    }
    let rejects = ended
        .desk
        .rejects
        .take()
        .map(|rejects| rejects.finish(session));
    // A file that failed is told after the summary: the leads come first.
    let (rejects, unwritten) = match rejects.transpose() {
        Ok(written) => (written.unwrap_or_default(), None),
        Err(failure) => (Vec::new(), Some(failure)),
    };
    let counts = ended.desk.counts.clone();
    let waiting = waiting(&ended);
    // With `--quiet` a run that tells nothing ends well.
    let for_exit = match session.global.quiet {
        true => ended.desk.news_counts.clone(),
        false => counts.clone(),
    };
    let lost = ended.desk.finish();
    if !quiet {
        let ledger = ended
            .ledger
            .map(|ledger| ledger.path().display().to_string());
        let advice = match &ended.again {
            Some(again) => advice_to_repeat(ended.destination, &counts, &ended.stops, again),
            None => advice(
                ended.destination,
                &counts,
                waiting.is_none(),
                &ended.stops,
                ended.rehearsed,
                &rejects,
                ended.guard.as_deref(),
            ),
        };
        let advice = match waiting {
            Some(wait) => [vec![wait], advice].concat(),
            None => advice,
        };
        Summary {
            advice: advice
                .iter()
                .map(|text| session.spelling.spell(text))
                .collect(),
            counts: counts.clone(),
            elapsed: ended.elapsed,
            config: Some(session.settings.shown_config()),
            ledger,
            ledger_created: ended.ledger.is_some_and(Ledger::created),
        }
        .print();
    }
    lost.map_err(|error| {
        results::unwritten(&error).hint("every outcome is in the ledger: leadctl history")
    })?;
    if let Some(failure) = unwritten {
        return Err(failure);
    }
    let stop = ended
        .stops
        .iter()
        .filter(|_| !quiet)
        .filter_map(|stop| exit_of(&stop.kind))
        .min();
    Ok(code(
        &for_exit,
        [ended.exit, stop].into_iter().flatten().min(),
    ))
}

/// Leads that another run is sending are no doubts to settle: it will know.
fn waiting(ended: &Ended<'_, '_>) -> Option<String> {
    let (Some(who), Some(ledger)) = (&ended.held, ended.ledger) else {
        return None;
    };
    let to = &ended.destination.name;
    // Where that can't be known, the doubts are told as such.
    if ended.desk.held_by_run == 0 || ledger.has_doubts(to).unwrap_or(true) {
        return None;
    }
    Some(format!(
        "leads are being sent at this moment, by {who}: nothing to do about them until it is done, then leadctl status"
    ))
}

/// With `--quiet`, an old problem is mailed once: the same stop as in the run
/// before stops the same leads.
fn nothing_new(ended: &Ended<'_, '_>) -> bool {
    let own = |stop: &Stop| matches!(stop.kind, StopKind::Ledger(_) | StopKind::Interrupted);
    ended.desk.news == 0 && !ended.stops.iter().any(own)
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
    let values: Vec<String> = stop
        .only
        .iter()
        .map(|(field, value)| format!("{field} {value}"))
        .collect();
    format!("leads with {} were not sent: {why}", values.join(" and "))
}

/// What to do next, the most urgent first.
fn advice(
    destination: &Destination,
    counts: &Counts,
    settles: bool,
    stops: &[Stop],
    rehearsed: bool,
    rejects: &[Written],
    guard: Option<&str>,
) -> Vec<String> {
    let to = quoted(&destination.name);
    let mut advice = Vec::new();
    if rehearsed {
        advice.push(format!(
            "this was a rehearsal on this machine: nothing was sent, nothing is kept. For real: leadctl send --to {to} FILE"
        ));
        // What follows would need a ledger.
        return advice;
    }
    if stops
        .iter()
        .any(|stop| matches!(stop.kind, StopKind::Wrong(_)))
    {
        advice.push(format!(
            "put right what the partner refuses for every lead, prove it: leadctl check --to {to}{}",
            online(destination)
        ));
    }
    let doubts = settles && counts.standing(State::InDoubt) > 0;
    if doubts {
        advice.push(doubt_advice(destination));
    }
    let looked_for = doubts && destination.find.is_some();
    if counts.of(State::Pending) > 0 && destination.follow.is_some() && !looked_for {
        advice.push(format!(
            "the partner decides later; ask for its decisions: leadctl follow --to {to}"
        ));
    }
    match guard {
        // A resend would get round what the user asked to be guarded.
        Some(guard) => advice.push(guard.to_owned()),
        None if counts.of(State::Unsent) > 0 => advice.push(format!(
            "send the leads that were stored: leadctl resend --to {to} --state unsent"
        )),
        None => {}
    }
    if counts.of(State::Failed) > 0 {
        advice.push(format!(
            "send the leads that failed again: leadctl resend --to {to} --state failed"
        ));
    }
    if !rejects.is_empty() {
        let them = match rejects.len() {
            1 => "the file, then send it",
            _ => "the files, then send them",
        };
        advice.push(format!(
            "correct the rows in {them}: leadctl send --to {to} {}",
            to_type(rejects)
        ));
    } else if counts.of(State::Invalid) + counts.of(State::Rejected) > 0 {
        advice.push(format!(
            "write the rows to correct to a file, correct them there, send that file: leadctl history --to {to} --state invalid --state rejected --rejects rejects.csv"
        ));
    }
    advice
}

/// Only the partner can prove a key.
fn online(destination: &Destination) -> &'static str {
    match destination.online {
        Some(_) => " --online",
        None => "",
    }
}

/// What to do next where the same command settles what it left open.
fn advice_to_repeat(
    destination: &Destination,
    counts: &Counts,
    stops: &[Stop],
    again: &str,
) -> Vec<String> {
    let mut advice = Vec::new();
    if stops
        .iter()
        .any(|stop| matches!(stop.kind, StopKind::Wrong(_)))
    {
        advice.push(format!(
            "put right what the partner refuses for every row, prove it: leadctl check --to {}{}",
            quoted(&destination.name),
            online(destination)
        ));
    }
    let open = [State::InDoubt, State::Failed, State::Unsent];
    if open.into_iter().any(|state| counts.standing(state) > 0) {
        advice.push(format!(
            "run the same command again: what is done twice harms nobody, and doubts are settled: {again}"
        ));
    }
    if counts.of(State::Invalid) + counts.of(State::Rejected) > 0 {
        advice.push("correct the invalid and rejected rows, then run the same command".to_owned());
    }
    advice
}

/// How a doubt is settled at this destination: by asking, where that is possible.
pub fn doubt_advice(destination: &Destination) -> String {
    let to = quoted(&destination.name);
    if destination.find.is_some() {
        return format!(
            "leads in doubt are never sent again unasked. Look for them in the partner's list: leadctl follow --to {to}"
        );
    }
    if destination.safe_to_repeat != SafeToRepeat::Never {
        return format!(
            "leads in doubt are never sent again unasked. Where sending again is safe, this does it: leadctl follow --to {to}"
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
    let to = quoted(&destination.name);
    let settle = "leadctl resolve ID --delivered (or --not-received)";
    match &destination.ask {
        Some(ask) => format!(
            "leads in doubt are never sent again unasked. Find out whether they arrived ({ask}), then settle: {settle}   (leadctl history --to {to} --state in_doubt)"
        ),
        None => format!(
            "leads in doubt are never sent again unasked. Ask the partner whether they arrived, then settle: {settle}   (leadctl history --to {to} --state in_doubt)"
        ),
    }
}
