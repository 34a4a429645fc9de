//! `leadctl status`: what a morning starts with.

use std::collections::BTreeMap;

use super::{rows, spooling};
use crate::calendar;
use crate::cli;
use crate::error::Failure;
use crate::lead::State;
use crate::ledger::{DestinationStatus, Ledger, SharedReference};
use crate::output::{Advice, Command, Exit, Format, Layout, RouteStatus, StatusRow, status};
use crate::pipeline::ending::{self, LeftOpen};
use crate::pipeline::ordered::OrderedOutput;
use crate::session::{Session, opening};
use crate::words::say;

/// Refusals older than that are nobody's work any more.
const WEEK: i64 = 7 * 86_400_000;

pub fn run(session: &Session, _: &cli::Status) -> anyhow::Result<Exit> {
    let Some(mut ledger) = rows::ledger(session)? else {
        return Ok(Exit::Done);
    };
    if let Err(older) = ledger.refuse_older() {
        session.warnings.warn(&older.to_string());
    }
    let mut unseen = OrderedOutput::new(session, None);
    // On a disk that takes nothing, what can be read is told all the same.
    if let Err(failure) = spooling::import_orphans(session, &mut ledger, &mut unseen) {
        session.warnings.warn(&failure.what);
    }
    let now = calendar::now();
    let since = cli::beginnings(&now);
    let [today, month] = since.map(|since| ledger.count_since(since, State::was_sent));
    let (today, month) = (today?, month?);
    let week = now.timestamp().as_millisecond() - WEEK;
    let refused = ledger.count_since(week, State::is_refused)?;
    let mut rows = Vec::new();
    for status in ledger.status()? {
        let to = status.destination.clone();
        let of = |counts: &BTreeMap<String, u64>| counts.get(&to).copied().unwrap_or_default();
        let mut row = row(session, status);
        (row.sent_today, row.sent_this_month) = (of(&today), of(&month));
        row.last_run = ledger.last_run(&to)?.map(rows::run);
        row.next.extend(correct(&to, of(&refused)));
        rows.push(row);
    }
    let kept = ledger.kept_pipes()?;
    for path in &kept {
        let path = path.display().to_string();
        let command = Command::new(["send", "--to", "DEST", &path]).to_string();
        session.warnings.warn(&say!("status-kept-pipe", command));
    }
    let mut output = session.output(Layout::Status);
    match session.format() {
        Format::Table => {
            let routes = routes(session, &ledger)?;
            output.text(&status::page(&rows, &routes, !kept.is_empty(), &now));
        }
        _ => rows.iter().for_each(|row| output.fields(row)),
    }
    ending::finish(output)?;
    Ok(rows.iter().map(exit).fold(Exit::Done, Exit::min))
}

/// The routes along which leads were offered.
fn routes(session: &Session, ledger: &Ledger) -> Result<Vec<RouteStatus>, Failure> {
    let mut routes = Vec::new();
    for route in &session.settings.catalogue.routes {
        let (taken, nobody) = (
            ledger.taken_by_route(&route.name)?,
            ledger.taken_by_nobody(&route.name)?,
        );
        let count = |name: &str| {
            (
                name.to_owned(),
                taken.get(name).copied().unwrap_or_default(),
            )
        };
        let status = RouteStatus {
            route: route.name.clone(),
            taken: route.destinations().into_iter().map(count).collect(),
            nobody,
        };
        routes.extend((!taken.is_empty() || nobody > 0).then_some(status));
    }
    Ok(routes)
}

/// A doubt is told until it is settled, and so is what was not sent.
fn exit(row: &StatusRow) -> Exit {
    let is_open = |state| row.count(state) > 0;
    match is_open(State::InDoubt) {
        true => Exit::InDoubt,
        false if is_open(State::Failed) || is_open(State::Unsent) => Exit::Again,
        false => Exit::Done,
    }
}

fn row(session: &Session, status: DestinationStatus) -> StatusRow {
    let open = status.counts.iter().filter(|count| count.state.is_open());
    let oldest_open = open.map(|count| count.oldest).min();
    let states = State::ALL.map(|state| (state, status.count(state)));
    StatusRow {
        states: states.into(),
        oldest_open,
        last_success: status.last_success,
        next: next(session, &status),
        destination: status.destination,
        ..StatusRow::default()
    }
}

fn next(session: &Session, status: &DestinationStatus) -> Vec<Advice> {
    let to = status.destination.as_str();
    let mut next: Vec<Advice> = at_work(status).into_iter().collect();
    let Some(destination) = session.settings.catalogue.get(to) else {
        next.push(Advice::new(say!("status-no-destination", name = to), &[]));
        return next;
    };
    let open = [State::InDoubt, State::Unsent, State::Failed];
    let open = LeftOpen {
        doubts: status.leads(State::InDoubt) > status.being_sent,
        pending: status.count(State::Pending) > 0,
        unsent: status.leads(State::Unsent) > 0,
        failed: status.leads(State::Failed) > 0,
        held: status.count(State::Held) > 0,
        changes: open.into_iter().any(|state| status.changes(state) > 0),
        asked: false,
    };
    next.extend(open.advice(destination));
    next.extend(status.shared.as_ref().map(one_number));
    next
}

/// Rows that somebody corrects are leads again.
fn correct(to: &str, refused: u64) -> Option<Advice> {
    let history = Command::new(["history", "--to", to, "--state", "invalid,rejected"]);
    let what = say!("status-correct", count = refused);
    let commands = [
        history.and(["--since", "7d", "--rejects", "rejects.csv"]),
        Command::new(["send", "--to", to, "rejects.csv"]),
    ];
    (refused > 0).then(|| Advice::new(what, &commands))
}

/// One answer may have been given to several leads.
fn one_number(shared: &SharedReference) -> Advice {
    let (leads, reference) = (shared.leads, &shared.reference);
    let ask = match shared.others {
        0 => say!("status-one-reference", leads, reference),
        others => say!("status-more-references", leads, reference, others),
    };
    Advice::new(ask, &[])
}

/// Another run that has the destination.
fn at_work(status: &DestinationStatus) -> Option<Advice> {
    let who = opening::held_by(status.held.as_ref()?);
    let told = match status.being_sent {
        0 => say!("status-at-work", who),
        count => say!("status-sending", who, count),
    };
    Some(Advice::new(told, &[]))
}
