//! `leadctl resend`: stored leads again, through today's table. With
//! `--dry-run`: the very requests that would be sent, secrets hidden; nothing is
//! sent and no lead is changed.

use std::time::Duration;

use super::{identity, rows, spooling};
use crate::cli;
use crate::config::Destination;
use crate::delivery::Job;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{Filter, Judgement, Ledger, Mode, StoredLead, Trigger};
use crate::output::{Command, Exit, Layout, Reason, Row};
use crate::pipeline::dry_run::{DryRun, RequestPage};
use crate::pipeline::ending::Next;
use crate::pipeline::intake::blocked;
use crate::pipeline::ordered::OrderedOutput;
use crate::pipeline::remarks::Remarks;
use crate::pipeline::run::{Feed, Produced, Run};
use crate::pipeline::{Preparer, Rules, Sendable, corrections};
use crate::session::{Session, credentials, opening};

pub fn run(session: &Session, args: &cli::Resend) -> anyhow::Result<Exit> {
    let destination = session.settings.destination(&args.to)?;
    opening::require_key(destination)?;
    opening::require_base(destination)?;
    opening::tell_moved(session, destination);
    if args.dry_run {
        return Ok(dry_run(session, args, destination)?);
    }
    let credentials = credentials::of(session, destination, args.times.deadline)?;
    let rejects = corrections::create(args.rejects.as_deref(), false)?;
    opening::accept_older(session, &args.times.age)?;
    let mut ledger = opening::open(session, Mode::Existing)?;
    ledger.refuse_older()?;
    identity::settle(session, &mut ledger, destination, false)?;
    let mut rows = OrderedOutput::new(session, Some(Layout::Ids));
    spooling::import_orphans(session, &mut ledger, &mut rows)?;
    check_ids(&ledger, args)?;
    let rules = Rules::stored(session, destination);
    // The producer reads by a connection of its own, in its own thread.
    let stored = ledger.again();
    let run = Run {
        session,
        destination,
        credentials,
        ledger: &mut ledger,
        lock: None,
        command: "resend",
        rows,
        jobs: args.jobs,
        times: &args.times,
        next: Next::Resend,
        rejects,
    };
    let exit = run.conduct(move |feed| {
        let held = feed.held.clone();
        let remarks = choose(args, &stored, &rules, held.as_ref(), |lead, fate| {
            place(args, lead, fate, feed)
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
) -> Result<Exit, Failure> {
    let ledger = opening::open(session, Mode::Existing)?;
    identity::foresee(session, &ledger, destination, false)?;
    check_ids(&ledger, args)?;
    let rules = Rules::stored(session, destination);
    let page = RequestPage::new(session, destination);
    let mut results = DryRun::begin(session);
    let mut remarks = choose(args, &ledger, &rules, None, |lead, fate| {
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
    args: &cli::Resend,
    ledger: &Ledger,
    rules: &Rules<'_>,
    held: Option<&String>,
    mut then: impl FnMut(&StoredLead, Fate) -> Result<(), Failure>,
) -> Result<Remarks, Failure> {
    let mut preparer = Preparer::new(rules);
    let leads = ledger.leads(Filter {
        destination: Some(args.to.clone()),
        states: args.state.into_iter().collect(),
        ids: args.ids.clone(),
        ..Filter::default()
    });
    for lead in leads? {
        let lead = lead?;
        let refusal = match held {
            Some(held) => Some(held.clone()),
            None => refusal(args, ledger, rules.destination.again_after, &lead)?,
        };
        let since = ledger.blocked_since(&lead)?;
        let fate = match (since, refusal) {
            (Some(since), _) => Err((blocked(rows::standing(&lead), since), None)),
            (None, Some(why)) => Err((skipped(&lead, why, held.is_some()), None)),
            (None, None) => fate(args, ledger, &mut preparer, &lead)?,
        };
        then(&lead, fate)?;
    }
    Ok(preparer.remarks)
}

/// What is sent, or the row of a lead that is not; and how it is judged by today's
/// rules, where these keep it from being sent.
type Fate = Result<Box<Sendable>, (Row, Option<Judgement>)>;

fn place(
    args: &cli::Resend,
    lead: &StoredLead,
    fate: Fate,
    feed: &mut Feed,
) -> Result<(), Failure> {
    let hasher = feed.journal.ledger().hasher();
    match fate {
        Ok(sendable) => feed.send(rows::standing(lead), None, |place| Job {
            trigger: Trigger::Resend,
            // Only the state that was judged may be claimed.
            expect: lead.state.alone(),
            taken_in_by: Some(lead.run),
            reason: args.note.clone(),
            before: lead.state,
            told: lead.notified(),
            ..sendable.into_job(&hasher, place, lead.id)
        }),
        Err((row, None)) => feed.settled(row, None, lead.notified()),
        Err((row, Some(judgement))) => {
            // What the ledger can't change, the row tells.
            feed.journal.judge_anew(lead.id, judgement)?;
            feed.settled(row, None, false);
        }
    }
    Ok(())
}

/// Refuses leads that are not there, or not this destination's.
fn check_ids(ledger: &Ledger, args: &cli::Resend) -> Result<(), Failure> {
    for id in &args.ids {
        let lead = rows::stored(ledger, *id)?;
        if lead.destination != args.to {
            let (other, to) = (&lead.destination, &args.to);
            let failure = Failure::usage(format!("lead {id} belongs to {other}, not to {to}"));
            let command = Command::new(["resend", "--to", other, &id.to_string()]);
            return Err(failure.hint(command.to_string()));
        }
    }
    Ok(())
}

/// What is sent of a stored lead, or its row: invalid by today's rules.
fn fate(
    args: &cli::Resend,
    ledger: &Ledger,
    preparer: &mut Preparer<'_>,
    stored: &StoredLead,
) -> Result<Fate, Failure> {
    let Some(prepared) = preparer.prepare_stored(stored)? else {
        let why = "its data was purged: there is nothing to send".to_owned();
        return Ok(Err((skipped(stored, why, false), None)));
    };
    let judgement = prepared.judgement(&ledger.hasher());
    let Row {
        state,
        reason,
        message,
        ..
    } = prepared.row();
    let row = Row {
        state,
        reason,
        message,
        ..rows::standing(stored)
    };
    let prepared = prepared.taken_in(ledger, (stored.id, &stored.key), args.force)?;
    Ok(prepared.ready.map_err(|_| (row, Some(judgement))))
}

/// The row of a lead that stays as it is.
fn skipped(stored: &StoredLead, why: String, held: bool) -> Row {
    let in_flight = stored.in_flight();
    Row {
        state: State::Skipped,
        // The run that sends it tells what became of it.
        earlier: (!in_flight).then_some(stored.state),
        reason: Some(match held || in_flight {
            true => Reason::HeldByRun,
            false => Reason::of(stored.state),
        }),
        message: why,
        ..rows::standing(stored)
    }
}

/// Why a stored lead is not sent again.
fn refusal(
    args: &cli::Resend,
    ledger: &Ledger,
    again_after: Option<Duration>,
    stored: &StoredLead,
) -> Result<Option<String>, Failure> {
    let why = match stored.state {
        _ if stored.in_flight() => "it is being sent or asked about at this moment".to_owned(),
        _ if stored.is_change => {
            "a change of a contact, no lead: run its amend command again".to_owned()
        }
        state if state.is_resendable() => return Ok(None),
        State::InDoubt if args.force => match ledger.duplicate_of(stored, again_after)? {
            None => return Ok(None),
            Some((other, state)) => format!(
                "the same lead as {other}, which is {state}: it is not sent beside that one"
            ),
        },
        State::InDoubt => format!(
            "in doubt: the partner may have it. Sure that it has not? {}",
            forced(args, stored)
        ),
        State::Skipped => stored.message().unwrap_or_default(),
        _ if args.force => return Ok(None),
        state => format!(
            "already {state}: it is not sent again. Sure that they lost it? {}",
            forced(args, stored)
        ),
    };
    Ok(Some(why))
}

fn forced(args: &cli::Resend, stored: &StoredLead) -> Command {
    let resend = Command::new(["resend", "--to", &args.to, &stored.id.to_string()]);
    resend.and(["--force", "--note", "TEXT"])
}
