//! `leadctl send`: the main job. Reads leads, stores each, delivers what is
//! new, and prints one row a lead.

use std::path::Path;

use super::conduct::Run;
use super::inputs::{self, Input, Inputs};
use super::intake::{Found, Taking};
use super::prepare::Rules;
use super::rehearsal::Rehearsal;
use super::{Session, census, dry_run, opening, rejects, spooling};
use crate::cli;
use crate::failure::Failure;
use crate::ledger::{Ledger, Mode};
use crate::partner::Destination;
use crate::report::{Exit, Kind};
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
    mut ledger: Ledger,
) -> Result<Exit, Failure> {
    // A place that can't be written shows before anything is read or sent.
    let rejects = rejects::create(args.rejects.as_deref())?;
    let spool = spooling::spool_stdin(&ledger, args)?;
    let files = inputs_of(&args.files, spool.as_ref().map(|spool| spool.path()));
    let inputs = Inputs::new(
        files,
        &args.reading,
        &session.settings.catalogue,
        &destination.country,
    );
    let rules = Rules::new(destination);
    let census = census::take(session, args, &rules, &inputs, &ledger)?;
    let run = Run {
        session,
        destination,
        credential,
        ledger: &mut ledger,
        command: "send",
        kind: match inputs.files.len() {
            1 => Kind::Lines,
            _ => Kind::Files,
        },
        jobs: args.jobs,
        deadline: args.deadline,
        wait_lock: args.wait_lock,
        rehearsed: args.sandbox,
        rejects,
        exit: census.exit,
    };
    let keep_records = run.rejects.is_some();
    run.conduct(|scene, feed| {
        let taking = Taking {
            rules: &rules,
            inputs: &inputs,
            journal: scene.journal,
            hasher: scene.hasher,
            warnings: &session.warnings,
            lines: args.lines.as_ref(),
            limit: args.limit,
            hold: census.hold.clone().or_else(|| scene.held.clone()),
            elsewhere: args.note.as_deref().filter(|_| args.record_only),
            keep_records,
        };
        let mut found = Found::default();
        taking.produce(feed, &mut found)?;
        // Every lead is in the ledger now.
        if let Some(spool) = spool {
            spool.done().map_err(opening::failure)?;
        }
        Ok(found.exit)
    })
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
