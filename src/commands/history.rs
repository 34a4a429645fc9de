//! `leadctl history`: what happened to each lead; with an ID, each attempt; the runs.

mod columns;
mod evidence;

use self::columns::OwnColumns;
use super::person::{self, Person};
use super::rows;
use crate::calendar;
use crate::cli::{self, When};
use crate::config::Destination;
use crate::error::Failure;
use crate::http::Credentials;
use crate::http::request::Request;
use crate::lead::State;
use crate::ledger::{Filter, Ledger, PastAttempt, StoredLead};
use crate::output::{Advice, AttemptRow, Command, Exit, Format, Layout, LeadPage, Output, told};
use crate::pipeline::corrections::{self, Corrections};
use crate::pipeline::{dry_run, ending};
use crate::session::{Session, credentials};
use crate::words::say;

/// Rows on a terminal, where nobody says how many.
const SCREEN: usize = 50;

pub fn run(session: &Session, args: &cli::History) -> anyhow::Result<Exit> {
    let Some(ledger) = rows::ledger(session)? else {
        return Ok(Exit::Done);
    };
    let is_route = |name: &String| session.settings.catalogue.route(name).is_some();
    if let Some(name) = args.to.as_ref().filter(|name| !is_route(name))
        && !ledger.destinations()?.contains(name)
    {
        session.settings.destination(name)?;
    }
    if let (Some(person), Some(path)) = (&args.person, &args.output) {
        return Ok(evidence::write(session, &ledger, person, path)?);
    }
    Ok(match args.id {
        Some(id) => one(session, &ledger, id)?,
        None if args.runs => runs(session, &ledger, args)?,
        None => many(session, &ledger, args)?,
    })
}

fn many(session: &Session, ledger: &Ledger, args: &cli::History) -> Result<Exit, Failure> {
    let filter = Filter {
        states: args.state.clone(),
        // What is corrected keeps the order of its file.
        newest_first: args.rejects.is_none(),
        ..filter(session, args)?
    };
    let person = args.person.as_deref();
    let person = person
        .map(|text| Person::in_part(text, ledger))
        .transpose()?;
    // Of those purged nothing is told.
    let is_theirs = |lead: &StoredLead| {
        let person = person.as_ref();
        person.is_none_or(|person| lead.fields.is_some() && person.is(lead))
    };
    let rejects = corrections::create(args.rejects.as_deref(), false)?;
    let mut rejects = rejects.map(|file| Corrections::new(file, Some(ledger), true));
    let mut output = session.output(Layout::History);
    let most = most(&output, args);
    let mut own = own_columns(session, ledger, args, &filter, is_theirs)?;
    let (mut shown, mut more) = (0, 0);
    let mut leads = ledger.leads(filter)?;
    while let Some(lead) = leads.next() {
        let lead = lead?;
        if !is_theirs(&lead) {
            continue;
        }
        if shown == most {
            more += 1;
            if person.is_none() {
                more += usize::try_from(leads.at_most()).unwrap_or(usize::MAX);
                break;
            }
            continue;
        }
        shown += 1;
        let row = rows::timed(&lead);
        match &mut own {
            Some(own) => own.print(&mut output, &row, &lead)?,
            None => output.row(&row),
        }
        if let Some(rejects) = &mut rejects {
            rejects.settled(&row, None);
        }
    }
    finish(session, output, more)?;
    if let (Some(text), 0) = (&args.person, shown) {
        person::tell_doubt(text, &session.warnings);
    }
    if let Some(rejects) = rejects
        && rejects.finish(session)?.is_empty()
        && shown > 0
    {
        session.warnings.note(&say!("history-nothing-to-correct"));
    }
    if shown + more == 0 {
        session.warnings.note(&say!("history-no-lead"));
    }
    Ok(Exit::Done)
}

/// `--columns all`
fn own_columns(
    session: &Session,
    ledger: &Ledger,
    args: &cli::History,
    filter: &Filter,
    is_meant: impl Fn(&StoredLead) -> bool,
) -> Result<Option<OwnColumns>, Failure> {
    if args.columns.is_none() {
        return Ok(None);
    }
    if session.format() == Format::Table {
        let what = say!("history-columns-table");
        let history = Command::as_typed().and(["--format", "csv"]);
        return Err(Failure::usage(what).hint(history.to_string()));
    }
    let leads = ledger.leads(filter.clone())?;
    OwnColumns::of(session.format(), leads, is_meant).map(Some)
}

fn runs(session: &Session, ledger: &Ledger, args: &cli::History) -> Result<Exit, Failure> {
    let runs = ledger.runs(&filter(session, args)?)?;
    let mut output = session.output(Layout::Runs);
    let most = most(&output, args).min(runs.len());
    let more = runs.len() - most;
    for run in runs.into_iter().take(most) {
        output.line(&rows::run(run));
    }
    finish(session, output, more)?;
    if most + more == 0 {
        session.warnings.note(&say!("history-no-run"));
    }
    Ok(Exit::Done)
}

fn filter(session: &Session, args: &cli::History) -> Result<Filter, Failure> {
    let is_route = |name: &String| session.settings.catalogue.route(name).is_some();
    let (route, destination) = match &args.to {
        Some(name) if is_route(name) => (Some(name.clone()), None),
        to => (None, to.clone()),
    };
    Ok(Filter {
        destination,
        route,
        since: args.since.as_ref().map(When::start).transpose()?,
        until: args.until.as_ref().map(When::end).transpose()?,
        ..Filter::default()
    })
}

/// How many rows are shown.
fn most(output: &Output, args: &cli::History) -> usize {
    let screen = output.is_on_screen() && args.rejects.is_none();
    args.limit
        .unwrap_or(if screen { SCREEN } else { usize::MAX })
}

fn finish(session: &Session, output: Output, more: usize) -> Result<(), Failure> {
    ending::finish(output)?;
    if more > 0 {
        session.warnings.note(&say!("history-more", count = more));
    }
    Ok(())
}

/// A lead with each attempt, what was sent, and whom to ask.
fn one(session: &Session, ledger: &Ledger, id: i64) -> Result<Exit, Failure> {
    let lead = rows::stored(ledger, id)?;
    let destination = session.settings.catalogue.get(&lead.destination);
    let hidden = destination.map(credentials::hidden);
    let hidden = hidden.unwrap_or_default();
    let attempts = ledger.attempts(id)?.into_iter().zip(1..);
    let attempts = attempts.map(|(attempt, number)| attempt_row(attempt, number, &lead, &hidden));
    let label = lead.label.clone();
    let label = label.unwrap_or_else(|| say!("history-purged"));
    let page = LeadPage {
        title: say!("history-title", id, lead = label),
        facts: facts(&lead, destination, &ledger.offers(&lead)?),
        attempts: attempts.collect(),
        next: (lead.state == State::InDoubt && !lead.in_flight())
            .then(|| settle(id))
            .into_iter()
            .collect(),
    };
    let mut output = session.output(Layout::Attempts);
    match session.format() {
        Format::Table => output.text(&page.text(&calendar::now())),
        _ => page
            .attempts
            .iter()
            .for_each(|attempt| output.fields(attempt)),
    }
    ending::finish(output)?;
    Ok(Exit::Done)
}

/// Where a lead went along its route.
fn way(lead: &StoredLead, offers: &[StoredLead]) -> String {
    let Some(route) = &lead.route else {
        return String::new();
    };
    let offers = offers.iter().map(|offer| {
        let (to, state) = (&offer.destination, offer.state.in_words());
        match offer.id == lead.id {
            true => format!("{to} {state}"),
            false => say!("history-offer", to, state, id = offer.id),
        }
    });
    let offers: Vec<String> = offers.collect();
    say!("history-way", route, offers = offers.join(" → "))
}

fn facts(
    lead: &StoredLead,
    destination: Option<&Destination>,
    offers: &[StoredLead],
) -> Vec<(String, String)> {
    let now = calendar::now();
    let when = |at: Option<i64>| at.map_or_else(String::new, |at| told(at, &now));
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let state = lead.state.in_words();
    let state = match lead.message() {
        Some(message) if !message.is_empty() => say!("history-state", state, message),
        _ => state,
    };
    let about = destination.and_then(|it| Some(it.about.as_ref()?.to_string()));
    let host = destination.and_then(|it| Some(it.base.as_deref()?.split_once("://")?.1.to_owned()));
    let partner = [Some(lead.destination.clone()), about, host];
    let partner: Vec<String> = partner.into_iter().flatten().collect();
    let ask = destination.and_then(|it| Some(it.ask.as_ref()?.to_string()));
    let place = match lead.file.is_empty() {
        true => String::new(),
        false => say!("rows-place", file = &lead.file, line = lead.line),
    };
    vec![
        (say!("history-label-state"), state),
        (say!("history-label-route"), way(lead, offers)),
        (say!("history-label-email"), text(&lead.email_text)),
        (say!("history-label-phone"), text(&lead.phone_text)),
        (say!("history-label-from"), place),
        (say!("history-label-source"), text(&lead.source)),
        (say!("history-label-read"), when(Some(lead.read_at))),
        (say!("history-label-sent"), when(lead.sent_at)),
        (say!("history-label-decided"), when(lead.decided_at)),
        (say!("history-label-expires"), when(lead.expires_at)),
        (say!("history-label-partner"), partner.join(" · ")),
        (say!("history-label-reference"), text(&lead.reference)),
        (say!("history-label-ask"), ask.unwrap_or_default()),
    ]
}

/// What a person who asked the partner types then.
fn settle(id: i64) -> Advice {
    let resolve = |word: &str| Command::new(["resolve", &id.to_string(), word]);
    Advice::new(
        say!("history-settle"),
        &[resolve("--delivered"), resolve("--not-received")],
    )
}

fn attempt_row(
    attempt: PastAttempt,
    number: u32,
    lead: &StoredLead,
    hidden: &Credentials,
) -> AttemptRow {
    let message = attempt.message().unwrap_or_default();
    let request = attempt.request.as_deref();
    let request = request.and_then(|json| serde_json::from_str::<Request>(json).ok());
    let request = request.map(|request| hidden.shown(&request));
    AttemptRow {
        id: lead.id,
        attempt: number,
        destination: lead.destination.clone(),
        started_at: Some(attempt.started_at),
        ended_at: attempt.ended_at,
        trigger: attempt.trigger.as_str().to_owned(),
        reason: attempt.reason,
        transport: attempt.transport,
        status: attempt.status,
        state: attempt.state,
        message,
        excerpt: attempt.excerpt,
        sent: request.as_ref().map(dry_run::in_lines).unwrap_or_default(),
        request: request.and_then(|request| serde_json::value::to_raw_value(&request).ok()),
    }
}
