//! `leadctl list`: the partner's own list, all pages, with our id beside each
//! lead that is ours.

use std::sync::Arc;

use serde_json::Value as Json;

use super::asking::{self, Values};
use super::{dates, identity};
use crate::cli::{self, Reading};
use crate::config::{Destination, PartnerList};
use crate::delivery::{Caller, Control, Refused};
use crate::error::Failure;
use crate::ledger::{Ledger, RunSpec};
use crate::outcome::{Entry, Walk};
use crate::output::text::counted;
use crate::output::{Command, Exit, Format, Layout, Listed, Output};
use crate::pipeline::run::stop_when_interrupted;
use crate::pipeline::{ending, inputs};
use crate::session::{Session, opening, secrets};

pub fn run(session: &Session, args: &cli::List) -> anyhow::Result<Exit> {
    let destination = session.settings.destination(&args.to)?;
    let Some(list) = &destination.list else {
        return Err(no_list(session, destination).into());
    };
    let wanted = Wanted::new(args, destination, list)?;
    let address = address(session, args, destination, list)?;
    opening::require_base(destination)?;
    let credential = secrets::credential(destination, session.settings.folder())?;
    let ledger = opening::look(session)?;
    let (mut ours, mut pace) = (None, None);
    if let Some(ledger) = &ledger {
        identity::carry_over(session, ledger, destination)?;
        ours = Some((ledger, asking::of_same_list(session, destination)));
        let bucket = opening::pace(&ledger.hasher(), destination, credential.as_ref(), 0.1);
        let journal = ledger.journal(&RunSpec {
            destination: &destination.name,
            command: "list",
            again_after: None,
        })?;
        pace = bucket.map(|bucket| (journal, bucket));
    }
    let control = Arc::new(Control::new(None));
    let note = "stopping after this page (once more leaves at once)";
    stop_when_interrupted(vec![Arc::clone(&control)], note, &session.warnings)?;
    let mut printed = Printed {
        format: session.format(),
        output: Output::new(session.format(), Layout::Listed, false, &session.progress),
        list,
        ours,
        entries: 0,
    };
    let caller = Caller::new(destination, credential.as_ref(), &control, pace);
    let mut walk = Walk::all();
    let read = asking::read_list(&caller, list, &address, &mut walk, |entries| {
        for entry in entries.iter().filter(|entry| wanted.takes(entry)) {
            printed.print(entry)?;
        }
        printed.output.flush();
        Ok::<_, Failure>(!printed.output.closed())
    });
    ending::finish(printed.output)?;
    read?;
    if !session.global.quiet {
        session.warnings.note(&format!(
            "{}, {} read",
            counted(printed.entries, "entry", "entries"),
            counted(walk.pages().0, "page", "pages")
        ));
    }
    Ok(Exit::Done)
}

/// The entries as they are shown.
struct Printed<'l> {
    format: Format,
    output: Output,
    list: &'l PartnerList,
    /// The ledger, and the destinations whose leads may be in the list.
    ours: Option<(&'l Ledger, Vec<&'l str>)>,
    entries: u64,
}

impl Printed<'_> {
    fn print(&mut self, entry: &Entry) -> Result<(), Failure> {
        let ours = match (&self.ours, &entry.id) {
            (Some((ledger, sharing)), Some(id)) => ledger.with_reference(sharing, id)?,
            _ => None,
        };
        self.entries += 1;
        if self.format == Format::Json {
            let mut raw = entry.raw.clone();
            match raw.as_object_mut() {
                Some(object) => drop(object.insert("ours".to_owned(), ours.into())),
                None => raw = serde_json::json!({ "value": raw, "ours": ours }),
            }
            self.output.json(&raw.to_string());
            return Ok(());
        }
        let text = |value: &Json| match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let besides = self.list.show.iter().filter_map(|at| at.first(&entry.raw));
        self.output.line(&Listed {
            reference: entry.id.clone(),
            created: entry.created,
            state: entry.state.clone(),
            ours,
            besides: besides.map(text).collect::<Vec<_>>().join(" · "),
        });
        Ok(())
    }
}

/// Which entries are shown.
struct Wanted<'a> {
    state: Option<&'a str>,
    /// Milliseconds UTC.
    since: Option<i64>,
}

impl<'a> Wanted<'a> {
    fn new(
        args: &'a cli::List,
        destination: &Destination,
        list: &PartnerList,
    ) -> Result<Self, Failure> {
        let name = &destination.name;
        for (option, asked, word, known) in [
            (
                "--state",
                args.state.is_some(),
                "state",
                list.state.is_some(),
            ),
            (
                "--since",
                args.since.is_some(),
                "created",
                list.created.is_some(),
            ),
        ] {
            if asked && !known {
                let what = format!("{option}: the entries of {name}'s list have no {word}");
                let hint = format!("[{name}.list] says where it stands: {word} = \"/…\"");
                return Err(Failure::usage(what).hint(hint));
            }
        }
        Ok(Self {
            state: args.state.as_deref(),
            since: args.since.as_deref().map(dates::start).transpose()?,
        })
    }

    fn takes(&self, entry: &Entry) -> bool {
        let in_state = |wanted: &str| {
            let state = entry.state.as_ref();
            state.is_some_and(|state| state.eq_ignore_ascii_case(wanted))
        };
        let since = |since| entry.created.is_some_and(|at| at >= since);
        self.state.is_none_or(in_state) && self.since.is_none_or(since)
    }
}

/// Which list: the placeholders of its address.
fn address(
    session: &Session,
    args: &cli::List,
    destination: &Destination,
    list: &PartnerList,
) -> Result<Values, Failure> {
    let reading = Reading {
        defaults: args.defaults.clone(),
        ..Reading::default()
    };
    inputs::check_set(&reading, session, Some(destination))?;
    asking::values(destination, &list.call, &args.defaults).map_err(|missing| {
        Failure::usage(format!(
            "which list of {}? {} must be known: {}",
            destination.name,
            missing.fields.join(" and "),
            missing.problem
        ))
        .hint(
            Command::new(["list", "--to", &destination.name])
                .and(missing.flags())
                .to_string(),
        )
    })
}

fn no_list(session: &Session, destination: &Destination) -> Failure {
    let failure = Failure::usage(format!("{} has no list that can be read", destination.name));
    let having = asking::having(session, |one| one.list.is_some());
    match having.is_empty() {
        true => failure.hint(format!(
            "what was sent there: {}",
            Command::new(["history"])
        )),
        false => failure.hint(format!(
            "these have one: {having}; what was sent: {}",
            Command::new(["history", "--to", &destination.name])
        )),
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let exit = match &refused {
            Refused::Stopped(stop) => ending::exit_of(&stop.kind),
            Refused::Unread(_) => None,
        };
        let message = format!("the list could not be read: {refused}");
        Failure::new(message, exit.unwrap_or(Exit::Unfinished))
    }
}
