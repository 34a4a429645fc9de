//! `leadctl send`: the main job. Reads leads, stores each, delivers what is
//! new, and prints one row a lead.

mod dry_run;
mod foresight;

use super::{identity, spooling};
use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::http::Credential;
use crate::io_words::io_words;
use crate::ledger::{Ledger, Mode, Spool};
use crate::output::Exit;
use crate::output::rejects::Rejects;
use crate::pipeline::corrections;
use crate::pipeline::ending::Next;
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::intake::Producer;
use crate::pipeline::run::Run;
use crate::pipeline::{InputRows, Rules, Wanted};
use crate::sandbox::Sandbox;
use crate::session::{Session, opening, secrets};
use foresight::{Foresight, Guard};

pub fn run(session: &Session, args: &cli::Send) -> anyhow::Result<Exit> {
    let destination = session.settings.destination(&args.to);
    let destination = destination.map_err(|failure| spooling::unread(failure, args))?;
    if args.sandbox {
        return Ok(rehearse(session, args, destination)?);
    }
    if args.dry_run {
        opening::require_key(destination)?;
        inputs::check_set(&args.reading.defaults, session, Some(destination))?;
        return Ok(dry_run::run(session, args, destination)?);
    }
    let mut ledger =
        opening::open(session, Mode::Create).map_err(|failure| spooling::unread(failure, args))?;
    // First of all: what a pipe gives is gone if this run fails.
    let spool = spooling::spool_stdin(&ledger, args)?;
    let ready = make_ready(session, args, destination, &mut ledger);
    let (credential, rejects) =
        ready.inspect_err(|_| spooling::tell_kept(session, spool.as_ref(), args))?;
    let sending = SendRun {
        session,
        args,
        destination,
        credential: credential.as_ref(),
    };
    Ok(sending.deliver(ledger, spool, rejects)?)
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
    inputs::check_set(&args.reading.defaults, session, Some(destination))?;
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
fn rehearse(session: &Session, args: &cli::Send, real: &Destination) -> Result<Exit, Failure> {
    opening::require_key(real)?;
    inputs::check_set(&args.reading.defaults, session, Some(real))?;
    let rejects = corrections::of_send(args)?;
    let failed = |error: std::io::Error| {
        Failure::unfinished(format!("the sandbox can't start: {}", io_words(&error)))
    };
    let sandbox = Sandbox::start(std::slice::from_ref(real), None).map_err(failed)?;
    let mut folder = tempfile::Builder::new();
    let folder = folder.prefix("leadctl-sandbox-").tempdir();
    let folder = folder.map_err(failed)?;
    let ledger = Ledger::open(&folder.path().join("ledger.db"), Mode::Create)?;
    let spool = spooling::spool_stdin(&ledger, args)?;
    let destination = Destination {
        base: Some(sandbox.base_of(&real.name)),
        pace: Vec::new(),
        ..real.clone()
    };
    // The simulated partner takes any secret.
    let auth = destination.auth.as_ref();
    let credential = auth.map(|auth| secrets::carrying(auth, "sandbox"));
    let sending = SendRun {
        session,
        args,
        destination: &destination,
        credential: credential.as_ref(),
    };
    sending.deliver(ledger, spool, rejects)
}

/// What is sent, and where to.
struct SendRun<'s> {
    session: &'s Session,
    args: &'s cli::Send,
    destination: &'s Destination,
    credential: Option<&'s Credential>,
}

impl SendRun<'_> {
    fn deliver(
        &self,
        mut ledger: Ledger,
        spool: Option<Spool>,
        rejects: Option<Rejects>,
    ) -> Result<Exit, Failure> {
        let Self { session, args, .. } = self;
        let files = inputs::named(&args.files, spool.as_ref().map(|spool| spool.path()));
        let inputs = Inputs::of(session, self.destination, files, &args.reading);
        let rules = Rules::new(self.destination);
        let checked = inputs.check_headers(&rules.accepted);
        checked
            .and_then(|()| corrections::check_form(args.rejects.as_deref(), &inputs))
            .inspect_err(|_| self.tell_refused(spool.as_ref()))?;
        let wanted = Wanted {
            lines: args.lines.as_ref(),
            ..Wanted::all(&rules, &inputs, &session.warnings)
        };
        let guard = guard(wanted, &ledger, args)?;
        let keep_records = rejects.is_some();
        let run = Run {
            session,
            destination: self.destination,
            credential: self.credential,
            ledger: &mut ledger,
            command: "send",
            kind: inputs.layout(),
            jobs: args.jobs,
            times: &args.times,
            next: match &guard {
                _ if args.sandbox => Next::Rehearsed,
                Some(guard) => Next::Guarded(guard.advice.to_owned()),
                None => Next::Resend,
            },
            rejects,
        };
        run.conduct(|scene, feed| {
            let producer = Producer {
                limit: args.limit,
                hold: guard
                    .map(|guard| format!("not sent ({})", guard.option))
                    .or_else(|| scene.held.clone()),
                elsewhere: args.elsewhere(),
                keep_records,
                ..Producer::new(wanted, scene)
            };
            let produced = producer.produce(feed)?;
            if let Some(spool) = spool {
                let whole = !produced.unread.iter().any(|input| input == "-");
                spooling::put_away(session, spool, whole)?;
            }
            Ok(produced)
        })
    }

    /// A file can't be used, which shows before anything is sent.
    fn tell_refused(&self, spool: Option<&Spool>) {
        if !self.args.sandbox {
            spooling::tell_kept(self.session, spool, self.args);
        }
        let warnings = &self.session.warnings;
        warnings.warn("nothing was sent, of no file: one of them must be put right first");
    }
}

/// What keeps all from being sent: `--strict` and `--max-new` read the input once
/// more than usual.
fn guard(wanted: Wanted<'_>, ledger: &Ledger, args: &cli::Send) -> Result<Option<Guard>, Failure> {
    if !args.strict && args.max_new.is_none() {
        return Ok(None);
    }
    let mut foresight = Foresight::new(wanted, Some(ledger))?;
    for input in &wanted.inputs.files {
        // What can't be read is told by the run itself.
        if let Ok(rows) = InputRows::open(wanted, input) {
            let rows = rows.map_while(|row| row.ok().map(Ok));
            foresight.read(rows, |_, _| (), |_| Ok(()))?;
        }
    }
    let guard = foresight
        .guards(args.strict, args.max_new)
        .into_iter()
        .next();
    if let Some(Guard { option, why, .. }) = &guard {
        wanted
            .warnings
            .warn(&format!("nothing is sent ({option}): {why}"));
    }
    Ok(guard)
}
