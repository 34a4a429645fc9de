//! `leadctl send --to ROUTE`: reads leads, stores each where it is offered first, and
//! sends them along the route.

use std::time::Instant;

use super::dry_run;
use super::ending::Ends;
use super::rounds::Rounds;
use super::station::{Station, Trip, stations};
use super::taking_in::{self, Waiting};
use crate::cli;
use crate::commands::send::inbox::Inbox;
use crate::commands::{send, spooling};
use crate::config::{Destination, Route};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::ledger::{Ledger, Mode, Spool};
use crate::output::rejects::Rejects;
use crate::output::{Command, Exit, Layout};
use crate::pipeline::block_list;
use crate::pipeline::corrections::{self, Corrections};
use crate::pipeline::inputs::{self, Input, Inputs};
use crate::pipeline::ordered::OrderedOutput;
use crate::sandbox::Sandbox;
use crate::session::{Session, credentials, opening};
use crate::words::{placeholder, say};

/// `leadctl send --to ROUTE`.
pub fn run(session: &Session, args: &cli::Send, route: &Route) -> anyhow::Result<Exit> {
    refuse_options(args)?;
    let destinations = session.settings.along(route);
    let folder = args.inbox.as_deref();
    let inbox = folder.map(|folder| Inbox::look(session, &args.to, folder));
    let mut inbox = inbox.transpose()?;
    for destination in &destinations {
        opening::require_key(destination)?;
    }
    inputs::check_set(&args.reading.defaults, session, &destinations)?;
    if args.dry_run || args.sandbox {
        let files = inbox.map(|inbox| inbox.inputs());
        return Ok(match args.sandbox {
            true => rehearse(session, args, route, files)?,
            false => {
                let files = files.unwrap_or_else(|| inputs::named(&args.files, None));
                dry_run::run(session, args, (route, &destinations), files)?
            }
        });
    }
    let mut ledger = opening::accept_older(session, &args.times.age)
        .and_then(|()| opening::open(session, Mode::Create))
        .map_err(|failure| spooling::unread(failure, args))?;
    let spool = spooling::spool_stdin(&ledger, args)?;
    if let Some(inbox) = &mut inbox
        && !inbox.begin_alone(args)?
    {
        return Ok(Exit::Again);
    }
    let mut rows = OrderedOutput::new(session, layout(session, args));
    let ready = make_ready(session, args, &destinations, &mut ledger, &mut rows);
    let (legs, rejects) =
        ready.inspect_err(|_| spooling::tell_kept(session, spool.as_ref(), args))?;
    let sending = SendRun {
        session,
        args,
        route,
        legs,
        ledger: &ledger,
        inbox,
        files: None,
        spool,
        rejects,
        rows,
    };
    Ok(sending.deliver()?)
}

/// With `--quiet`, a lead is told by where it ended alone.
fn layout(session: &Session, args: &cli::Send) -> Option<Layout> {
    let files = send::layout(args) == Layout::Files;
    (!session.global.quiet).then_some(Layout::Offers { files })
}

/// What is meant for one destination.
fn refuse_options(args: &cli::Send) -> Result<(), Failure> {
    match args.record_only {
        true => {
            let send = Command::new(["send", "--to", "DEST", "--record-only"]);
            let command = send
                .and(["--note", &placeholder("TEXT"), &placeholder("FILE")])
                .to_string();
            Err(Failure::usage(say!("route-record-only", route = &args.to))
                .hint(say!("route-record-only-hint", command)))
        }
        false => Ok(()),
    }
}

/// Everything that must hold at each destination before a lead is sent to any.
fn make_ready<'s>(
    session: &Session,
    args: &cli::Send,
    destinations: &[&'s Destination],
    ledger: &mut Ledger,
    rows: &mut OrderedOutput<'_>,
) -> Result<(Vec<Station<'s>>, Option<Rejects>), Failure> {
    ledger.refuse_older()?;
    block_list::refresh(session, ledger)?;
    let rejects = corrections::create(args.rejects.as_deref(), args.lines.is_some())?;
    let stations = stations(
        session,
        destinations,
        ledger,
        args.accept_new_key,
        &args.times,
    )?;
    spooling::import_orphans(session, ledger, rows)?;
    Ok((stations, rejects))
}

/// `--sandbox`: against a fresh simulated partner for each destination, with a fresh
/// ledger; nothing of it stays.
fn rehearse(
    session: &Session,
    args: &cli::Send,
    route: &Route,
    files: Option<Vec<Input>>,
) -> Result<Exit, Failure> {
    let rejects = corrections::create(args.rejects.as_deref(), args.lines.is_some())?;
    let failed = |error: std::io::Error| {
        Failure::unfinished(say!("sandbox-not-started", why = io_words(&error)))
    };
    let real = session.settings.along(route);
    let named: Vec<Destination> = real.iter().copied().cloned().collect();
    let sandbox = Sandbox::start(&named, None).map_err(failed)?;
    let simulated: Vec<Destination> = real
        .iter()
        .map(|real| send::simulated(&sandbox, real))
        .collect();
    let folder = tempfile::Builder::new()
        .prefix("leadctl-sandbox-")
        .tempdir();
    let folder = folder.map_err(failed)?;
    let ledger = Ledger::open(&folder.path().join("ledger.db"), Mode::Create)?;
    block_list::refresh(session, &ledger)?;
    let station = |destination| Station {
        destination,
        // The simulated partner takes any secret.
        credentials: credentials::rehearsed(destination),
    };
    let sending = SendRun {
        session,
        args,
        route,
        legs: simulated.iter().map(station).collect(),
        spool: spooling::spool_stdin(&ledger, args)?,
        ledger: &ledger,
        inbox: None,
        files,
        rejects,
        rows: OrderedOutput::new(session, layout(session, args)),
    };
    sending.deliver()
}

/// What is sent along a route.
struct SendRun<'s> {
    session: &'s Session,
    args: &'s cli::Send,
    route: &'s Route,
    legs: Vec<Station<'s>>,
    ledger: &'s Ledger,
    inbox: Option<Inbox<'s>>,
    /// What is read, where it isn't what the arguments name.
    files: Option<Vec<Input>>,
    spool: Option<Spool>,
    rejects: Option<Rejects>,
    rows: OrderedOutput<'s>,
}

impl SendRun<'_> {
    fn deliver(mut self) -> Result<Exit, Failure> {
        let started = Instant::now();
        let Self {
            session,
            args,
            ledger,
            ..
        } = self;
        let is_kept = !args.sandbox;
        let spooled = self.spool.as_ref().map(|spool| spool.path());
        let files = match &mut self.inbox {
            Some(inbox) => Some(inbox.claim()),
            None => self.files.take(),
        };
        let files = files.unwrap_or_else(|| inputs::named(&args.files, spooled));
        let mut rows = self.rows;
        rows.along = Some(Default::default());
        let kept = is_kept.then_some(ledger);
        rows.corrections = (self.rejects.take()).map(|file| Corrections::new(file, kept, is_kept));
        let trip = Trip {
            session,
            route: self.route,
            stations: &self.legs,
            ledger,
            is_kept,
        };
        let mut rounds = Rounds {
            trip,
            command: "send",
            jobs: args.jobs,
            times: &args.times,
            end: Default::default(),
        };
        // What waits since earlier goes first, unless an option says how much may go.
        let is_free = args.limit.is_none() && args.max_new.is_none() && !args.strict;
        rounds.run(Waiting::default(), is_free, &mut rows)?;
        let inputs = |destination: &Destination| Inputs {
            lines: args.lines.clone(),
            ..Inputs::of(session, destination, files.clone(), &args.reading)
        };
        let mut taken = taking_in::rows_of(
            (session, args),
            (self.route, &self.legs, ledger),
            inputs,
            self.inbox.as_mut(),
            &mut rows,
        )?;
        if let Some(spool) = self.spool {
            let whole = !is_kept || !taken.unread.iter().any(|input| input == "-");
            spooling::put_away(session, spool, &args.to, whole)?;
        }
        rounds.end.exit = rounds.end.exit.min(taken.exit);
        let waiting = taken.guarded(args, session, &mut rows)?;
        rounds.run(waiting, false, &mut rows)?;
        let ends = Ends {
            trip,
            elapsed: started.elapsed(),
        };
        let exit = ends.tell(rows, rounds.end)?;
        taken.end(exit);
        Ok(exit.min(self.inbox.map_or(Exit::Done, Inbox::end)))
    }
}
