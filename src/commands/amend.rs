//! `leadctl amend`: changes contacts that are there. What a row fills is
//! changed, what it leaves blank stays.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Instant;

use super::amending::Amending;
use super::desk::Desk;
use super::dispatch::{self, Line};
use super::inputs::{self, Inputs};
use super::intake::{Found, Taking};
use super::prepare::Rules;
use super::send::inputs_of;
use super::{Session, ending, interrupts, opening};
use crate::cli;
use crate::delivery::{Control, Stop, StopKind};
use crate::failure::Failure;
use crate::lead::State;
use crate::ledger::{Mode, RunSpec};
use crate::partner::Destination;
use crate::report::{Counts, Exit, Kind, Output};
use crate::secrets;

/// Two rows about one contact must not cross, and each change reads before it
/// writes: one at a time.
const JOBS: usize = 1;

pub fn run(session: &Session, args: &cli::Amend) -> Result<Exit, Failure> {
    let started = Instant::now();
    let destination = session.settings.destination(&args.to)?;
    let amending = Amending::of_rows(destination, &args.reference, &args.clear)?;
    opening::require_base(destination)?;
    inputs::check_set(&args.reading, session, Some(destination))?;
    if args.files.is_empty() && std::io::stdin().is_terminal() {
        return Err(
            Failure::usage("no changes: name a file, or pipe one in").hint(format!(
                "leadctl amend --to {} --ref {} changes.csv",
                args.to, args.reference
            )),
        );
    }
    let credential = secrets::credential(destination, session.settings.folder())?;
    let ledger = opening::open(session, Mode::Create)?;
    let inputs = Inputs::new(
        inputs_of(&args.files, None),
        &args.reading,
        &session.settings.catalogue,
        &destination.country,
    );
    let rules = Rules::changes(amending, destination);
    let hasher = ledger.hasher();
    let lock = opening::take(session, &ledger, destination, args.wait_lock)?;
    let journal = ledger
        .journal(&RunSpec {
            destination: &destination.name,
            command: "amend",
            again_after: None,
        })
        .map_err(opening::failure)?;
    let control = Arc::new(Control::new(args.deadline, false));
    let guard = interrupts::watch(&control)?;
    let taking = Taking {
        rules: &rules,
        inputs: &inputs,
        journal: &journal,
        hasher: &hasher,
        warnings: &session.warnings,
        lines: None,
        limit: None,
        hold: lock.as_ref().err().cloned(),
        elsewhere: None,
    };
    let line = Line {
        destination,
        credential: credential.as_ref(),
        journal: &journal,
        control: &control,
        pace: opening::pace(&hasher, destination, credential.as_ref(), 0.0),
        jobs: JOBS,
    };
    let kind = match inputs.files.len() {
        1 => Kind::Lines,
        _ => Kind::Files,
    };
    let quiet = session.global.quiet;
    let output = Output::new(session.format(), kind, quiet, &session.progress);
    let mut desk = Desk::new(Some(output), &session.progress, quiet);
    session.progress.start(None);
    let mut found = Found::default();
    let fed = dispatch::run(&line, &mut desk, |feed| taking.produce(feed, &mut found));
    guard.release();
    fed?;
    let held = lock.as_ref().err().map(|_| Exit::Unfinished);
    let stops = control.stops();
    let advice = advice(args, destination, &desk.counts, &stops);
    ending::tell(
        session,
        ending::Ended {
            destination,
            desk,
            stops,
            exit: [found.exit, held].into_iter().flatten().min(),
            elapsed: started.elapsed(),
            ledger: Some(&ledger),
            rehearsed: false,
            advice: Some(advice),
        },
    )
}

fn advice(
    args: &cli::Amend,
    destination: &Destination,
    counts: &Counts,
    stops: &[Stop],
) -> Vec<String> {
    let mut advice = Vec::new();
    if stops.iter().any(|stop| stop.kind == StopKind::Wrong) {
        advice.push(format!(
            "put right what the partner refuses for every contact, prove it: leadctl check --to {}",
            destination.name
        ));
    }
    let open = [State::InDoubt, State::Failed, State::Unsent];
    if open.into_iter().any(|state| counts.standing(state) > 0) {
        advice.push(format!(
            "run the same command again: a change made twice harms nobody, and settles those in doubt: leadctl amend --to {} --ref {} FILE",
            destination.name, args.reference
        ));
    }
    if counts.of(State::Invalid) + counts.of(State::Rejected) > 0 {
        advice.push("correct the invalid and rejected rows, then run the same command".to_owned());
    }
    advice
}
