//! `leadctl send`: the main job. Reads leads, stores each, delivers what is
//! new, and prints one row a lead.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::desk::Desk;
use super::dispatch::{self, Line};
use super::inputs::{self, Input, Inputs};
use super::intake::{Found, Taking};
use super::prepare::Rules;
use super::rehearsal::Rehearsal;
use super::{Session, census, dry_run, ending, interrupts, opening, spooling};
use crate::cli;
use crate::delivery::Control;
use crate::failure::Failure;
use crate::ledger::{Ledger, Mode, RunSpec};
use crate::partner::Destination;
use crate::report::{Exit, Kind, Output};
use crate::secrets;
use crate::transport::Credential;

pub fn run(session: &Session, args: &cli::Send) -> Result<Exit, Failure> {
    let destination = session.settings.destination(&args.to)?;
    opening::require_key(destination)?;
    inputs::check_set(&args.reading, session, Some(destination))?;
    if args.sandbox {
        return rehearse(session, args, destination);
    }
    if args.dry_run {
        return dry_run::run(session, args, destination);
    }
    opening::require_base(destination)?;
    let credential = match args.record_only {
        true => None,
        false => secrets::credential(destination, session.settings.folder())?,
    };
    let mut ledger = opening::open(session, Mode::Create)?;
    opening::settle_identity(session, &mut ledger, destination, args.accept_new_key)?;
    spooling::import_orphans(session, &mut ledger)?;
    deliver(session, args, destination, credential.as_ref(), ledger)
}

/// `--sandbox`: the same run against a fresh simulated partner, with a fresh
/// ledger; nothing of it stays.
fn rehearse(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
) -> Result<Exit, Failure> {
    let rehearsal = Rehearsal::start(destination)?;
    let ledger = rehearsal.ledger()?;
    let credential = rehearsal.credential();
    deliver(
        session,
        args,
        rehearsal.destination(),
        credential.as_ref(),
        ledger,
    )
}

fn deliver(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
    credential: Option<&Credential>,
    ledger: Ledger,
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let spool = spooling::spool_stdin(&ledger, args)?;
    let files = inputs_of(&args.files, spool.as_ref().map(|spool| spool.path()));
    let inputs = Inputs::new(
        files,
        &args.reading,
        &session.settings.catalogue,
        &destination.country,
    );
    let rules = Rules::new(destination);
    let hasher = ledger.hasher();
    let census = census::take(session, args, &rules, &inputs, &ledger)?;
    let lock = opening::take(session, &ledger, destination, args.wait_lock)?;
    let hold = census.hold.clone().or_else(|| lock.as_ref().err().cloned());
    let probing = ledger.doubts(&destination.name).map_err(opening::failure)?
        >= destination.stop_after_doubts.max(1);
    let journal = ledger
        .journal(&RunSpec {
            destination: &destination.name,
            command: "send",
            again_after: destination.again_after,
        })
        .map_err(opening::failure)?;
    let control = Arc::new(Control::new(args.deadline, probing));
    let guard = interrupts::watch(&control)?;
    let taking = Taking {
        rules: &rules,
        inputs: &inputs,
        journal: &journal,
        hasher: &hasher,
        warnings: &session.warnings,
        lines: args.lines.as_ref(),
        limit: args.limit,
        hold,
        elsewhere: args.note.as_deref().filter(|_| args.record_only),
    };
    let line = Line {
        destination,
        credential,
        journal: &journal,
        control: &control,
        pace: opening::pace(&hasher, destination, credential, 0.0),
        jobs: jobs(args.jobs, destination),
    };
    let kind = match inputs.files.len() {
        1 => Kind::Lines,
        _ => Kind::Files,
    };
    let output = Output::new(
        session.format(),
        kind,
        session.global.quiet,
        &session.progress,
    );
    let mut desk = Desk::new(Some(output), &session.progress, session.global.quiet);
    session.progress.start(None);
    let mut found = Found::default();
    let fed = dispatch::run(&line, &mut desk, |feed| taking.produce(feed, &mut found));
    guard.release();
    drop(taking);
    drop(journal);
    if let (Ok(()), Some(spool)) = (&fed, spool) {
        spool.done().map_err(opening::failure)?;
    }
    fed?;
    let exit = [
        found.exit,
        census.exit,
        lock.as_ref().err().map(|_| Exit::Unfinished),
    ]
    .into_iter()
    .flatten()
    .min();
    ending::tell(
        session,
        ending::Ended {
            destination,
            desk,
            stops: control.stops(),
            exit,
            elapsed: started.elapsed(),
            ledger: (!args.sandbox).then_some(&ledger),
            rehearsed: args.sandbox,
            advice: None,
        },
    )
}

/// `--jobs`, else the destination's own, else 4.
pub fn jobs(asked: Option<u16>, destination: &Destination) -> usize {
    asked.map(usize::from).or(destination.jobs).unwrap_or(4)
}

/// The files named; standard input stands where its spool is.
pub fn inputs_of(files: &[std::path::PathBuf], spool: Option<&Path>) -> Vec<Input> {
    let stdin = || Input {
        path: spool.map_or_else(|| "-".into(), Path::to_path_buf),
        shown_as: "-".to_owned(),
    };
    if files.is_empty() {
        return vec![stdin()];
    }
    files
        .iter()
        .map(|path| match inputs::is_stdin(path) {
            true => stdin(),
            false => Input {
                path: path.clone(),
                shown_as: path.display().to_string(),
            },
        })
        .collect()
}
