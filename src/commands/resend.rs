//! `leadctl resend`: stored leads again, through today's table. With
//! `--dry-run`: the very requests that would be sent, secrets hidden; nothing is
//! sent and no lead is changed.

use super::route::going_on;
use super::stored::{self, Fate, skipped};
use super::{identity, rows, spooling};
use crate::cli;
use crate::config::{Destination, Route};
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{DestinationStatus, Filter, Ledger, Mode, StoredLead, Trigger};
use crate::output::{Command, Exit, Layout, Message, progress};
use crate::pipeline::dry_run::{DryRun, RequestPage};
use crate::pipeline::ending::Next;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::remarks::Remarks;
use crate::pipeline::run::{Leg, Produced, Run};
use crate::pipeline::{Preparer, Rules, block_list, corrections};
use crate::session::{Session, credentials, opening};
use crate::words::{placeholder, say};

pub fn run(session: &Session, args: &cli::Resend) -> anyhow::Result<Exit> {
    let named = args.to.as_ref();
    let route = named.and_then(|to| session.settings.catalogue.route(to));
    if let (Some(to), None) = (named, route) {
        let exit = to_one(session, args, session.settings.destination(to)?, None)?;
        return go_on(session, args, exit);
    }
    let mut exit = Exit::Done;
    let concerned = match route {
        Some(route) => session.settings.along(route),
        None => concerned(session, args)?,
    };
    // What keeps one destination from being sent to is no reason to leave the others.
    for destination in concerned {
        exit = exit.min(
            to_one(session, args, destination, route).unwrap_or_else(|error| {
                let failure = Failure::of(error);
                failure.print();
                failure.exit
            }),
        );
        if exit == Exit::Interrupted {
            break;
        }
    }
    go_on(session, args, exit)
}

/// What is refused goes on along its route.
fn go_on(session: &Session, args: &cli::Resend, exit: Exit) -> anyhow::Result<Exit> {
    Ok(match exit {
        Exit::Interrupted | Exit::Unfinished => exit,
        _ if args.dry_run => exit,
        _ => exit.min(going_on::go_on(session, "resend", &args.times)?),
    })
}

/// The destinations of the leads that were asked for.
fn concerned<'s>(
    session: &'s Session,
    args: &cli::Resend,
) -> Result<Vec<&'s Destination>, Failure> {
    let Some(ledger) = rows::ledger(session)? else {
        return Ok(Vec::new());
    };
    let mut names = Vec::new();
    for id in &args.ids {
        names.push(rows::stored(&ledger, *id)?.destination);
    }
    let is_meant = |status: &DestinationStatus| args.state.iter().any(|it| status.leads(*it) > 0);
    let statuses = ledger.status()?.into_iter();
    names.extend(statuses.filter(is_meant).map(|status| status.destination));
    names.sort_unstable();
    names.dedup();
    if names.is_empty() && !session.global.quiet {
        session.warnings.note(&say!("resend-no-lead-in-state"));
    }
    let named = names.iter().map(|name| session.settings.destination(name));
    named.collect()
}

fn to_one(
    session: &Session,
    args: &cli::Resend,
    destination: &Destination,
    route: Option<&Route>,
) -> anyhow::Result<Exit> {
    opening::require_key(destination)?;
    opening::require_base(destination)?;
    opening::tell_moved(session, destination);
    if args.dry_run {
        return Ok(dry_run(session, args, destination, route)?);
    }
    let credentials = credentials::of(session, destination, args.times.deadline)?;
    let rejects = corrections::create(args.rejects.as_deref(), false)?;
    opening::accept_older(session, &args.times.age)?;
    let mut ledger = opening::open(session, Mode::Existing)?;
    ledger.refuse_older()?;
    block_list::refresh(session, &ledger)?;
    identity::settle(session, &mut ledger, destination, false)?;
    let mut rows = OrderedOutput::new(session, Some(Layout::Ids));
    spooling::import_orphans(session, &mut ledger, &mut rows)?;
    if route.is_none() {
        check_ids(&ledger, args, destination)?;
    }
    let rules = Rules::stored(session, destination);
    // The producer reads by a connection of its own, in its own thread.
    let kept = ledger.again();
    let run = Run {
        leg: Leg {
            session,
            destination,
            credentials,
            ledger: &ledger,
            is_kept: true,
            lock: None,
            command: "resend",
            jobs: args.jobs,
            times: &args.times,
        },
        rows,
        next: Next::Resend,
        rejects,
    };
    let exit = run.conduct(move |feed| {
        let held = feed.held.clone();
        let remarks = choose((args, route), &kept, &rules, held.as_ref(), |lead, fate| {
            stored::place(lead, fate, (Trigger::Resend, args.note.clone()), feed)
        })?;
        Ok(Produced {
            remarks,
            ..Produced::default()
        })
    })?;
    Ok(exit)
}

fn dry_run(
    session: &Session,
    args: &cli::Resend,
    destination: &Destination,
    route: Option<&Route>,
) -> Result<Exit, Failure> {
    let ledger = opening::open(session, Mode::Existing)?;
    block_list::refresh(session, &ledger)?;
    identity::foresee(session, &ledger, destination, false)?;
    if route.is_none() {
        check_ids(&ledger, args, destination)?;
    }
    let rules = Rules::stored(session, destination);
    let page = RequestPage::new(session, destination);
    let mut results = DryRun::begin(session);
    let mut remarks = choose((args, route), &ledger, &rules, None, |lead, fate| {
        match fate {
            Ok(sendable) => {
                results.ready(&page.of(&rows::standing(lead), Some(&sendable.request)));
            }
            Err((row, _)) => results.left(&row, &page),
        }
        Ok(())
    })?;
    remarks.tell(&session.warnings);
    results.end(Exit::Done)
}

/// Says of each lead that was asked for what is sent of it, by today's table.
/// `held`: why nothing is sent now.
fn choose(
    (args, route): (&cli::Resend, Option<&Route>),
    ledger: &Ledger,
    rules: &Rules<'_>,
    held: Option<&String>,
    mut then: impl FnMut(&StoredLead, Fate) -> Result<(), Failure>,
) -> Result<Remarks, Failure> {
    let mut preparer = Preparer::new(rules);
    let leads = ledger.leads(Filter {
        destination: Some(rules.destination.name.clone()),
        route: route.map(|route| route.name.clone()),
        states: args.state.clone(),
        ids: args.ids.clone(),
        ..Filter::default()
    });
    let leads = leads?;
    progress::expect(leads.at_most(), true);
    for lead in leads {
        let lead = lead?;
        let refusal = match held {
            Some(held) => Some(held.as_str().into()),
            None => refusal(args, ledger, rules.destination, &lead)?,
        };
        let fate = match refusal {
            // Who is blocked is told so, whatever else there is.
            Some(why) if ledger.objection(&lead)?.is_none() => {
                Err((skipped(&lead, why, held.is_some()), None))
            }
            _ => stored::fate(ledger, &mut preparer, &lead, args.force)?,
        };
        then(&lead, fate)?;
    }
    Ok(preparer.remarks)
}

/// Refuses leads that are not there, or not of the destination that was named.
fn check_ids(
    ledger: &Ledger,
    args: &cli::Resend,
    destination: &Destination,
) -> Result<(), Failure> {
    for id in &args.ids {
        let lead = rows::stored(ledger, *id)?;
        if args.to.is_some() && lead.destination != destination.name {
            let (other, to) = (&lead.destination, &destination.name);
            let failure = Failure::usage(say!("resend-of-another", lead = *id, other, to));
            let command = Command::new(["resend", "--to", other, &id.to_string()]);
            return Err(failure.hint(command.to_string()));
        }
    }
    Ok(())
}

/// Why a stored lead is not sent again.
fn refusal(
    args: &cli::Resend,
    ledger: &Ledger,
    destination: &Destination,
    stored: &StoredLead,
) -> Result<Option<Message>, Failure> {
    let resend = Command::new(["resend", "--to", &destination.name, &stored.id.to_string()]);
    let resend = resend.and(["--force", "--note", &placeholder("TEXT")]);
    let command = resend.to_string();
    let why = match stored.state {
        _ if stored.in_flight() => say!("resend-in-flight").into(),
        _ if stored.is_change => say!("resend-change").into(),
        state if state.is_resendable() => return Ok(None),
        State::InDoubt if args.force => {
            match ledger.duplicate_of(stored, destination.again_after)? {
                None => return Ok(None),
                Some((other, state)) => {
                    say!("resend-same-as", lead = other, state = state.in_words()).into()
                }
            }
        }
        State::InDoubt => Message::from(say!("resend-in-doubt", command))
            .in_short(say!("resend-in-doubt-short"))
            .with_command(&resend),
        State::Skipped => stored.message().unwrap_or_default().into(),
        _ if args.force => return Ok(None),
        state => {
            let state = state.in_words();
            Message::from(say!("resend-already", state = &state, command))
                .in_short(say!("resend-already-short", state))
                .with_command(&resend)
        }
    };
    Ok(Some(why))
}
