//! `leadctl send`: the main job. Reads leads, stores each, delivers what is
//! new, and prints one row a lead.

mod census;
mod dry_run;
mod rehearsal;

use super::{identity, spooling};
use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::http::Credential;
use crate::ledger::{Ledger, Mode, Spool};
use crate::output::rejects::Rejects;
use crate::output::{Exit, Kind};
use crate::pipeline::corrections;
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::intake::produce;
use crate::pipeline::preparer::Rules;
use crate::pipeline::run::Run;
use crate::pipeline::taking::{Found, Taking};
use crate::session::Session;
use crate::session::opening;
use crate::session::secrets;
use rehearsal::Rehearsal;

pub fn run(session: &Session, args: &cli::Send) -> Result<Exit, Failure> {
    let destination = session.settings.destination(&args.to);
    let destination = destination.map_err(|failure| spooling::unread(failure, args))?;
    if args.sandbox {
        return rehearse(session, args, destination);
    }
    if args.dry_run {
        opening::require_key(destination)?;
        inputs::check_set(&args.reading, session, Some(destination))?;
        return dry_run::run(session, args, destination);
    }
    let mut ledger =
        opening::open(session, Mode::Create).map_err(|failure| spooling::unread(failure, args))?;
    // First of all: what a pipe gives is gone if this run fails.
    let spool = spooling::spool_stdin(&ledger, args)?;
    let ready = make_ready(session, args, destination, &mut ledger);
    let (credential, rejects) =
        ready.inspect_err(|_| spooling::tell_kept(session, spool.as_ref(), args))?;
    deliver(
        session,
        args,
        destination,
        credential.as_ref(),
        ledger,
        spool,
        rejects,
    )
}

/// Everything that must hold before a lead is sent.
fn make_ready(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
    ledger: &mut Ledger,
) -> Result<(Option<Credential>, Option<Rejects>), Failure> {
    opening::require_key(destination)?;
    opening::require_base(destination)?;
    inputs::check_set(&args.reading, session, Some(destination))?;
    let rejects = corrections::of_send(args)?;
    let credential = match args.record_only {
        true => None,
        false => secrets::credential(destination, session.settings.folder())?,
    };
    identity::settle(session, ledger, destination, args.accept_new_key)?;
    spooling::import_orphans(session, ledger)?;
    Ok((credential, rejects))
}

/// `--sandbox`: the same run against a fresh simulated partner, with a fresh
/// ledger; nothing of it stays.
fn rehearse(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
) -> Result<Exit, Failure> {
    opening::require_key(destination)?;
    inputs::check_set(&args.reading, session, Some(destination))?;
    let rejects = corrections::of_send(args)?;
    let rehearsal = Rehearsal::start(destination)?;
    let ledger = rehearsal.ledger()?;
    let spool = spooling::spool_stdin(&ledger, args)?;
    let credential = rehearsal.credential();
    deliver(
        session,
        args,
        rehearsal.destination(),
        credential.as_ref(),
        ledger,
        spool,
        rejects,
    )
}

fn deliver(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
    credential: Option<&Credential>,
    mut ledger: Ledger,
    spool: Option<Spool>,
    rejects: Option<Rejects>,
) -> Result<Exit, Failure> {
    let files = inputs::named(&args.files, spool.as_ref().map(|spool| spool.path()));
    let inputs = Inputs::of(session, destination, files, &args.reading);
    let rules = Rules::new(destination);
    let checked = inputs::check_headers(&inputs, &rules.accepted);
    let checked = checked.and_then(|()| corrections::check_form(args.rejects.as_deref(), &inputs));
    if let Err(failure) = checked {
        if !args.sandbox {
            spooling::tell_kept(session, spool.as_ref(), args);
        }
        session
            .warnings
            .warn("nothing was sent, of no file: one of them must be put right first");
        return Err(failure);
    }
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
        again: None,
        guard: census.advice.clone(),
        rejects,
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
            torn: false,
            keep_records,
        };
        let mut found = Found::default();
        produce(&taking, feed, &mut found)?;
        if let Some(spool) = spool {
            let whole = !found.unread.iter().any(|input| input == "-");
            spooling::put_away(session, spool, whole)?;
        }
        Ok(found.exit)
    })
}
