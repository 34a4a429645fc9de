//! `leadctl list`: the partner's own list, all pages, with our id beside each
//! lead that is ours.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{asking, identity};
use crate::cli::{self, When};
use crate::config::PartnerList;
use crate::delivery::{Caller, Control, Refused};
use crate::error::Failure;
use crate::outcome::{Entry, Walk};
use crate::output::{Command, Exit, Format, Layout, Listed, Output};
use crate::pipeline::run::{self, stop_when_interrupted};
use crate::pipeline::{ending, inputs};
use crate::session::{Session, credentials, opening};
use crate::words::say;

pub fn run(session: &Session, args: &cli::List) -> anyhow::Result<Exit> {
    let destination = session.settings.destination(&args.to)?;
    let list = destination.list.as_ref().ok_or_else(|| {
        let what = say!("list-none");
        asking::lacks(session, destination, &what, |one| one.list.is_some())
    })?;
    check_wanted(args, list)?;
    let since = args.since.as_ref().map(When::start).transpose()?;
    inputs::check_set(&args.defaults, session, &[destination])?;
    let command = Command::new(["list", "--to", &destination.name]);
    let address = asking::values(destination, &list.call, &args.defaults, &command)?;
    opening::require_base(destination)?;
    let credentials = credentials::of(session, destination, None)?;
    let ledger = opening::look(session)?;
    let control = Arc::new(Control::new(None));
    let note = say!("list-stopping");
    stop_when_interrupted(vec![Arc::clone(&control)], note, &session.warnings)?;
    let (ours, caller) = match &ledger {
        Some(ledger) => {
            identity::carry_over(session, ledger, destination)?;
            let journal = run::journal(ledger, destination, "list", false)?;
            let caller = run::caller(&journal, destination, credentials, control, 0.1);
            let sharing = asking::of_same_list(session, destination);
            (Some((ledger, sharing, journal)), caller)
        }
        None => (None, Caller::new(destination, credentials, control, None)),
    };
    let mut output = session.output(Layout::Listed);
    let (mut walk, mut count) = (Walk::all(), 0_u64);
    let read = asking::read_list(&caller, list, &address, &mut walk, |entries| {
        for entry in entries.iter().filter(|entry| is_wanted(args, since, entry)) {
            let id = match (&ours, &entry.id) {
                (Some((ledger, sharing, _)), Some(id)) => ledger.with_reference(sharing, id)?,
                _ => None,
            };
            count += 1;
            print(&mut output, session.format(), list, entry, id);
        }
        output.flush();
        Ok::<_, Failure>(!output.closed())
    });
    ending::finish(output)?;
    read?;
    let cut_short = walk.cut_short();
    if let Some(why) = &cut_short {
        let (name, why) = (&destination.name, why.to_string());
        session.warnings.warn(&say!("list-cut-short", name, why));
    }
    if !session.global.quiet {
        let pages = walk.pages().0;
        session
            .warnings
            .note(&say!("list-read", entries = count, pages));
    }
    let exit = cut_short.map_or(Exit::Done, |_| Exit::Unfinished);
    if let Some((_, _, journal)) = &ours {
        journal.end(exit.code(), &BTreeMap::new());
    }
    Ok(exit)
}

/// Prints an entry; `ours`: the ledger's id.
fn print(
    output: &mut Output,
    format: Format,
    list: &PartnerList,
    entry: &Entry,
    ours: Option<i64>,
) {
    if format == Format::Json {
        let mut raw = entry.raw.clone();
        match raw.as_object_mut() {
            Some(object) => drop(object.insert("ours".to_owned(), ours.into())),
            None => raw = serde_json::json!({ "value": raw, "ours": ours }),
        }
        output.json(&raw.to_string());
        return;
    }
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let besides = list.show.iter().filter_map(|at| at.first(&entry.raw));
    output.line(&Listed {
        reference: entry.id.clone(),
        created: entry.created,
        state: entry.state.clone(),
        ours,
        besides: besides.map(text).collect::<Vec<_>>().join(" · "),
    });
}

/// Is what is wanted of an entry known of this list's?
fn check_wanted(args: &cli::List, list: &PartnerList) -> Result<(), Failure> {
    let to = &args.to;
    let state = args.state.is_some() && list.state.is_none();
    let since = args.since.is_some() && list.created.is_none();
    let (option, word) = match (state, since) {
        (true, _) => ("--state", "state"),
        (_, true) => ("--since", "created"),
        _ => return Ok(()),
    };
    let hint = say!("list-say-where", to, word);
    Err(Failure::usage(say!("list-no-word", option, to, word)).hint(hint))
}

fn is_wanted(args: &cli::List, since: Option<i64>, entry: &Entry) -> bool {
    let in_state = |wanted: &String| {
        let state = entry.state.as_ref();
        state.is_some_and(|state| state.eq_ignore_ascii_case(wanted))
    };
    let is_since = |since| entry.created.is_some_and(|at| at >= since);
    args.state.as_ref().is_none_or(in_state) && since.is_none_or(is_since)
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let exit = match &refused {
            Refused::Stopped(stop) => ending::exit_of(&stop.kind),
            Refused::Unread(_) => Exit::Unfinished,
        };
        Failure::new(say!("partner-list-unread", why = refused.to_string()), exit)
    }
}
