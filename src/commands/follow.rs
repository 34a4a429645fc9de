//! `leadctl follow`: asks the partners about pending leads and leads in doubt,
//! and settles what they say.

mod doubts;
mod round;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::route::going_on;
use super::{identity, rows};
use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::Ledger;
use crate::output::{Exit, Layout, code, progress};
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::run::stop_when_interrupted;
use crate::pipeline::{block_list, ending};
use crate::session::{Session, opening};
use crate::trace::Wait;
use crate::words::say;
use round::Round;

/// The first pause of `--wait`; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

pub fn run(session: &Session, args: &cli::Follow) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let named = args.to.as_deref();
    let named = named
        .map(|to| session.settings.destination(to))
        .transpose()?;
    opening::accept_older(session, &args.age)?;
    let Some(ledger) = rows::ledger(session)? else {
        return Ok(Exit::Done);
    };
    ledger.refuse_older()?;
    // One in doubt may be sent again, where that is safe.
    block_list::refresh(session, &ledger)?;
    let mut exit = Exit::Done;
    let mut rounds = Vec::new();
    for destination in concerned(session, &ledger, named)? {
        match Round::open(session, &ledger, destination, args.wait.is_some()) {
            Ok(round) => rounds.push(round),
            Err(failure) if named.is_some() => return Err(failure.into()),
            Err(failure) => {
                failure.print();
                exit = exit.min(failure.exit);
            }
        }
    }
    let controls = rounds.iter().map(|round| Arc::clone(round.control()));
    let note = say!("follow-stopping");
    stop_when_interrupted(controls.collect(), note, &session.warnings)?;
    let mut rows = OrderedOutput::new(session, Some(Layout::Ids));
    let shown = progress::start();
    let open = rounds.iter().map(Round::count).sum::<Result<u64, _>>();
    progress::expect(open?, true);
    for round in &mut rounds {
        progress::pace(round.pace());
        round.tell_approvals(&mut rows)?;
        round.ask_pending(&mut rows)?;
        doubts::settle(round, &mut rows)?;
        rows.mark_notified(&round.worker.journal);
    }
    if let Some(until) = args.wait.and_then(|wait| started.checked_add(wait)) {
        wait_for_decisions(&mut rounds, until, &mut rows)?;
    }
    for round in &mut rounds {
        round.show_undecided(&mut rows);
    }
    drop(shown);
    for round in &rounds {
        exit = exit.min(end(session, round, &mut rows));
    }
    let silent = session.global.quiet && rows.news.total() == 0;
    let advice = |round: &Round<'_>| round.open.advice(round.destination);
    let advice = (!silent).then(|| rounds.iter().flat_map(advice).collect());
    let counts = ending::summarize(session, rows, Some(&ledger), started.elapsed(), advice)?;
    let exit = code(&counts, exit);
    // What was refused now goes on along its route.
    let times = cli::Times::default();
    Ok(match exit {
        Exit::Interrupted | Exit::Unfinished => exit,
        _ => exit.min(going_on::go_on(session, "follow", &times)?),
    })
}

/// Records how it ended for one destination, as whoever runs it is told; what stopped it.
fn end(session: &Session, round: &Round<'_>, rows: &mut OrderedOutput<'_>) -> Exit {
    let (end, counts) = (round.end(), rows.take_counts(&round.destination.name));
    let told = match session.global.quiet {
        true => &counts.news,
        false => &counts.all,
    };
    let exit = code(told, end);
    let journal = &round.worker.journal;
    journal.end(exit.code(), &counts.all.states());
    end
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
            None if open > 0 => {
                let name = &status.destination;
                let told = say!("follow-destination-gone", leads = open, name);
                session.warnings.warn(&told);
            }
            _ => {}
        }
    }
    Ok(concerned)
}

/// `--wait`: asks again, with growing pauses, until all are decided.
fn wait_for_decisions(
    rounds: &mut [Round<'_>],
    until: Instant,
    rows: &mut OrderedOutput<'_>,
) -> Result<(), Failure> {
    let mut pause = FIRST_PAUSE;
    while let Some(round) = rounds.iter().find(|round| round.waits()) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        rows.flush();
        // Woken by Ctrl-C; the next look finds that nobody waits any more.
        _ = round.control().sleep(Wait::Decisions, pause.min(left));
        pause = (pause * 2).min(LONGEST_PAUSE);
        for round in rounds.iter_mut().filter(|round| round.waits()) {
            round.ask_again(rows)?;
        }
    }
    Ok(())
}
