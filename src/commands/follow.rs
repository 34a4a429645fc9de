//! `leadctl follow`: asks the partners about pending leads and leads in doubt,
//! and settles what they say.

mod doubts;
mod kept;
mod poll;
mod round;
mod search;
mod site;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::identity;
use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::Ledger;
use crate::output::text::counted;
use crate::output::{Command, Counts, Exit, Layout, Summary, code};
use crate::pipeline::ending;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::run::stop_when_interrupted;
use crate::session::Session;
use crate::session::opening;
use round::Round;

/// The first pause of `--wait`; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

pub fn run(session: &Session, args: &cli::Follow) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let named = args
        .to
        .as_deref()
        .map(|to| session.settings.destination(to));
    let named = named.transpose()?;
    let Some(ledger) = opening::look(session)? else {
        session
            .warnings
            .note("there is no ledger yet: nothing was sent, so there is nothing to ask");
        return Ok(Exit::Done);
    };
    let mut exit = None;
    let mut rounds = Vec::new();
    for destination in concerned(session, &ledger, named)? {
        match Round::begin(session, &ledger, destination, args.wait.is_some()) {
            Ok(round) => rounds.push(round),
            Err(failure) if named.is_some() => return Err(failure.into()),
            Err(failure) => {
                failure.print();
                exit = exit.min(Some(failure.exit)).or(Some(failure.exit));
            }
        }
    }
    let controls = rounds.iter().map(|round| Arc::clone(&round.site.control));
    let note = "stopping: what is being asked is finished first (once more leaves at once)";
    stop_when_interrupted(controls.collect(), note, &session.warnings)?;
    let mut desk = OrderedOutput::of(session, Layout::Ids);
    session.progress.start(None);
    for round in &mut rounds {
        round.ask_all(&ledger, &mut desk)?;
    }
    let until = args.wait.and_then(|wait| started.checked_add(wait));
    wait_for_decisions(session, &ledger, &mut rounds, until, &mut desk)?;
    for round in &mut rounds {
        round.kept.show_undecided(&mut desk);
    }
    Ok(tell(
        session,
        &ledger,
        rounds,
        desk,
        exit,
        started.elapsed(),
    )?)
}

/// The destination named, else all that have something open.
fn concerned<'s>(
    session: &'s Session,
    ledger: &Ledger,
    named: Option<&'s Destination>,
) -> Result<Vec<&'s Destination>, Failure> {
    let catalogue = &session.settings.catalogue;
    if let Some(destination) = named {
        identity::carry_over(session, ledger, destination)?;
        return Ok(vec![destination]);
    }
    for destination in &catalogue.destinations {
        identity::carry_over(session, ledger, destination)?;
    }
    let mut concerned = Vec::new();
    for status in ledger.status()? {
        let open = status.count(State::Pending) + status.count(State::InDoubt);
        let approved = status.count(State::Approved);
        match catalogue.get(&status.destination) {
            Some(destination) if open + approved > 0 => concerned.push(destination),
            None if open > 0 => session.warnings.warn(&format!(
                "{} of \"{name}\" still open, but no destination has this name now: \
                 if its table was renamed, write formerly = [\"{name}\"] in the new one",
                counted(open, "lead", "leads"),
                name = status.destination
            )),
            _ => {}
        }
    }
    Ok(concerned)
}

/// `--wait`: asks again, with growing pauses, until all are decided.
fn wait_for_decisions(
    session: &Session,
    ledger: &Ledger,
    rounds: &mut [Round<'_>],
    until: Option<Instant>,
    desk: &mut OrderedOutput<'_>,
) -> Result<(), Failure> {
    let Some(until) = until else { return Ok(()) };
    let mut pause = FIRST_PAUSE;
    while let Some(round) = rounds.iter().find(|round| round.waits()) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        desk.flush();
        session.progress.say("waiting for decisions");
        // Woken by Ctrl-C; the next look finds that nobody waits any more.
        _ = round.site.control.sleep(pause.min(left));
        session.progress.say("");
        pause = (pause * 2).min(LONGEST_PAUSE);
        for round in rounds.iter_mut().filter(|round| round.waits()) {
            round.ask_again(ledger, desk)?;
        }
    }
    Ok(())
}

fn tell(
    session: &Session,
    ledger: &Ledger,
    rounds: Vec<Round<'_>>,
    desk: OrderedOutput<'_>,
    exit: Option<Exit>,
    elapsed: Duration,
) -> Result<Exit, Failure> {
    session.progress.finish();
    let quiet = session.global.quiet;
    let (counts, news) = (desk.counts.clone(), desk.news.clone());
    let for_exit = match quiet {
        true => news.clone(),
        false => counts.clone(),
    };
    let lost = desk.finish();
    let mut exits = vec![exit];
    let mut advice = Vec::new();
    for round in rounds {
        exits.push(round.exit());
        advice.extend(round.advice());
        round.site.tell_stops();
    }
    if !quiet || news.total() > 0 {
        let summary = Summary {
            counts: counts.clone(),
            elapsed,
            advice,
            config: Some(session.settings.shown_config()),
            ledger: Some(ledger.path().display().to_string()),
            ledger_created: false,
        };
        summary.print();
    }
    lost.map_err(|error| {
        ending::unwritten(&error).hint(format!(
            "every outcome is in the ledger: {}",
            Command::new(["history"])
        ))
    })?;
    Ok(exit_of(&for_exit, exits))
}

fn exit_of(counts: &Counts, exits: Vec<Option<Exit>>) -> Exit {
    code(counts, exits.into_iter().flatten().min())
}
