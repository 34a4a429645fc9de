//! `leadctl send`: the main job. Reads leads, stores each, delivers what is
//! new, and prints one row a lead.

mod dry_run;
pub(super) mod inbox;
mod waiting;

use self::inbox::Inbox;
use super::{identity, spooling, stored};
use crate::cli;
use crate::config::{Destination, Hours};
use crate::error::Failure;
use crate::http::Credentials;
use crate::io_words::io_words;
use crate::ledger::{Ledger, Mode, RunLock, Spool};
use crate::output::rejects::Rejects;
use crate::output::{Exit, Layout};
use crate::pipeline::ending::Next;
use crate::pipeline::inputs::{self, Input, Inputs};
use crate::pipeline::intake::Producer;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::reading::OnDisk;
use crate::pipeline::run::{Leg, Run};
use crate::pipeline::{Rules, block_list, corrections};
use crate::sandbox::Sandbox;
use crate::session::{Session, credentials, opening};
use crate::words::say;

pub fn run(session: &Session, args: &cli::Send) -> anyhow::Result<Exit> {
    let destination = session.settings.destination(&args.to);
    let destination = destination.map_err(|failure| spooling::unread(failure, args))?;
    let folder = args.inbox.as_deref();
    let inbox = folder.map(|folder| Inbox::look(session, &args.to, folder));
    let mut inbox = inbox.transpose()?;
    if inbox.as_ref().is_some_and(Inbox::is_empty) && nothing_waits(session, destination)? {
        return Ok(Exit::Done);
    }
    if args.sandbox || args.dry_run {
        opening::require_key(destination)?;
        inputs::check_set(&args.reading.defaults, session, &[destination])?;
        let files = inbox.map(|inbox| inbox.inputs());
        return Ok(match args.sandbox {
            true => rehearse(session, args, destination, files)?,
            false => {
                let files = files.unwrap_or_else(|| inputs::named(&args.files, None));
                dry_run::run(session, args, destination, files)?
            }
        });
    }
    let mut ledger = opening::accept_older(session, &args.times.age)
        .and_then(|()| opening::open(session, Mode::Create))
        .map_err(|failure| spooling::unread(failure, args))?;
    // First of all: what a pipe gives is gone if this run fails.
    let spool = spooling::spool_stdin(&ledger, args)?;
    let lock = match &mut inbox {
        Some(inbox) => match inbox.begin(&ledger, destination, args)? {
            None => return Ok(Exit::Again),
            lock => lock,
        },
        None => None,
    };
    let mut rows = OrderedOutput::new(session, Some(layout(args)));
    let ready = make_ready(session, args, destination, &mut ledger, &mut rows);
    let Ready {
        credentials,
        rejects,
        guarded,
    } = ready.inspect_err(|_| spooling::tell_kept(session, spool.as_ref(), args))?;
    let sending = SendRun {
        session,
        args,
        destination,
        credentials,
        ledger,
        lock,
        inbox,
        files: None,
        spool,
        rejects,
        rows,
        guarded,
    };
    Ok(sending.deliver()?)
}

/// An inbox without files is nothing to speak of, unless an earlier run was cut short
/// or held leads that may be sent now.
fn nothing_waits(session: &Session, destination: &Destination) -> Result<bool, Failure> {
    let Some(ledger) = opening::look(session)? else {
        return Ok(true);
    };
    opening::tell_cut_short(session, &ledger)?;
    Ok(ledger.count_held(&destination.name)? == 0
        || stored::hold_now(&ledger, destination)?.is_some())
}

/// How the rows are shown. Which files an inbox held, nobody else knows.
pub(super) fn layout(args: &cli::Send) -> Layout {
    match args.inbox {
        Some(_) => Layout::Files,
        None => inputs::layout(&args.files),
    }
}

/// What a run sends with.
struct Ready {
    credentials: Credentials,
    rejects: Option<Rejects>,
    /// How to send leads of an earlier pipe that was guarded.
    guarded: Option<String>,
}

/// Everything that must hold before a lead is sent.
fn make_ready(
    session: &Session,
    args: &cli::Send,
    destination: &Destination,
    ledger: &mut Ledger,
    rows: &mut OrderedOutput<'_>,
) -> Result<Ready, Failure> {
    opening::require_key(destination)?;
    opening::require_base(destination)?;
    opening::tell_moved(session, destination);
    if args.record_only {
        ledger.only_records();
    }
    ledger.refuse_older()?;
    block_list::refresh(session, ledger)?;
    inputs::check_set(&args.reading.defaults, session, &[destination])?;
    let rejects = corrections::create(args.rejects.as_deref(), args.lines.is_some())?;
    let credentials = match args.record_only {
        true => Credentials::default(),
        false => credentials::of(session, destination, args.times.deadline)?,
    };
    identity::settle(session, ledger, destination, args.accept_new_key)?;
    let guarded = spooling::import_orphans(session, ledger, rows)?;
    Ok(Ready {
        credentials,
        rejects,
        guarded,
    })
}

/// `--sandbox`: the same run against a fresh simulated partner, with a fresh
/// ledger; nothing of it stays.
fn rehearse(
    session: &Session,
    args: &cli::Send,
    real: &Destination,
    files: Option<Vec<Input>>,
) -> Result<Exit, Failure> {
    let rejects = corrections::create(args.rejects.as_deref(), args.lines.is_some())?;
    let failed = |error: std::io::Error| {
        Failure::unfinished(say!("sandbox-not-started", why = io_words(&error)))
    };
    let sandbox = Sandbox::start(std::slice::from_ref(real), None).map_err(failed)?;
    let mut folder = tempfile::Builder::new();
    let folder = folder.prefix("leadctl-sandbox-").tempdir();
    let folder = folder.map_err(failed)?;
    let ledger = Ledger::open(&folder.path().join("ledger.db"), Mode::Create)?;
    block_list::refresh(session, &ledger)?;
    let destination = simulated(&sandbox, real);
    let sending = SendRun {
        session,
        args,
        destination: &destination,
        // The simulated partner takes any secret.
        credentials: credentials::rehearsed(&destination),
        spool: spooling::spool_stdin(&ledger, args)?,
        ledger,
        lock: None,
        inbox: None,
        files,
        rejects,
        rows: OrderedOutput::new(session, Some(layout(args))),
        guarded: None,
    };
    sending.deliver()
}

/// A destination as a simulated partner is called.
pub(super) fn simulated(sandbox: &Sandbox, real: &Destination) -> Destination {
    Destination {
        base: Some(sandbox.base_of(&real.name)),
        pace: Vec::new(),
        ca: None,
        auth: sandbox.auth_of(real),
        paused: false,
        hours: Hours::default(),
        ..real.clone()
    }
}

/// What is sent, and where to.
struct SendRun<'s> {
    session: &'s Session,
    args: &'s cli::Send,
    destination: &'s Destination,
    credentials: Credentials,
    ledger: Ledger,
    /// The destination, where it was taken already.
    lock: Option<RunLock>,
    inbox: Option<Inbox<'s>>,
    /// What is read, where it isn't what the arguments name.
    files: Option<Vec<Input>>,
    spool: Option<Spool>,
    rejects: Option<Rejects>,
    rows: OrderedOutput<'s>,
    /// How to send leads of an earlier pipe that was guarded.
    guarded: Option<String>,
}

impl SendRun<'_> {
    fn deliver(mut self) -> Result<Exit, Failure> {
        let Self { session, args, .. } = self;
        let spooled = self.spool.as_ref().map(|spool| spool.path());
        let files = match &mut self.inbox {
            Some(inbox) => Some(inbox.claim()),
            None => self.files.take(),
        };
        let files = files.unwrap_or_else(|| inputs::named(&args.files, spooled));
        let inputs = Inputs {
            lines: args.lines.clone(),
            ..Inputs::of(session, self.destination, files, &args.reading)
        };
        let rules = Rules::new(self.destination, inputs);
        corrections::look_ahead(&rules, args.rejects.as_deref(), args.inbox.is_some())
            .inspect_err(|_| self.tell_refused())?;
        let guard = dry_run::guard(&rules, &self.ledger, args)?;
        let (keep_records, spool) = (self.rejects.is_some(), self.spool);
        // What an option keeps from being sent stays where it is.
        let inbox = self.inbox.as_mut().filter(|_| guard.is_none());
        let run = Run {
            leg: Leg {
                session,
                destination: self.destination,
                credentials: self.credentials,
                ledger: &self.ledger,
                is_kept: !args.sandbox,
                lock: self.lock,
                command: "send",
                jobs: args.jobs,
                times: &args.times,
            },
            rows: self.rows,
            next: match &guard {
                _ if args.sandbox => Next::Rehearsed,
                Some(guard) => Next::Guarded(guard.advice.clone()),
                None => self.guarded.take().map_or(Next::Resend, Next::Guarded),
            },
            rejects: self.rejects,
        };
        let exit = run.conduct(|feed| {
            let mut producer = Producer::new(&rules, feed);
            if guard.is_none() && !args.record_only {
                let held = stored::send_held(session, rules.destination, args.limit, feed)?;
                producer.follow(held);
            }
            if let Some(guard) = guard {
                producer.hold = Some(say!("guard-not-sent", option = guard.option));
            }
            producer.limit = args.limit;
            producer.elsewhere = args.elsewhere();
            producer.keep_records = keep_records;
            producer.on_disk =
                inbox.map(|inbox| -> OnDisk<'_> { Box::new(|file, why| inbox.ended(file, why)) });
            let produced = producer.produce(feed)?;
            if let Some(spool) = spool {
                // Of a rehearsal nothing is kept.
                let whole = args.sandbox || !produced.unread.iter().any(|input| input == "-");
                spooling::put_away(session, spool, &args.to, whole)?;
            }
            Ok(produced)
        })?;
        Ok(exit.min(self.inbox.map_or(Exit::Done, Inbox::end)))
    }

    /// A file can't be used, which shows before anything is sent.
    fn tell_refused(&self) {
        if !self.args.sandbox {
            spooling::tell_kept(self.session, self.spool.as_ref(), self.args);
        }
        self.session.warnings.warn(&say!("send-no-file-sent"));
    }
}
