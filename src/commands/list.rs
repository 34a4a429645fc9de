//! `leadctl list`: the partner's own list, all pages, with our id beside each
//! lead that is ours.

use std::collections::HashSet;
use std::sync::Arc;

use super::{dates, identity, questions};
use crate::cli::{self, Reading};
use crate::config::Destination;
use crate::config::PartnerList;
use crate::delivery::{Caller, Control, Refused};
use crate::error::Failure;
use crate::http::request;
use crate::lead::{Cells, Headers, Record};
use crate::ledger::{References, RunSpec};
use crate::mapping::{Plan, placeholders};
use crate::outcome::{Entry, Page, Walk};
use crate::output::text::counted;
use crate::output::{Exit, Format, Kind, Listed, Output, quoted};
use crate::pipeline::ending;
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::run::stop_when_interrupted;
use crate::session::Session;
use crate::session::opening;
use crate::session::secrets;

pub fn run(session: &Session, args: &cli::List) -> Result<Exit, Failure> {
    let destination = session.settings.destination(&args.to)?;
    let Some(list) = &destination.list else {
        return Err(no_list(session, destination));
    };
    let wanted = Wanted::new(args, destination, list)?;
    let values = address(session, args, destination, list)?;
    opening::require_base(destination)?;
    let credential = secrets::credential(destination, session.settings.folder())?;
    let ledger = opening::look(session)?;
    if let Some(ledger) = &ledger {
        identity::carry_over(session, ledger, destination)?;
    }
    let journal = ledger.as_ref().map(|ledger| {
        ledger.journal(&RunSpec {
            destination: &destination.name,
            command: "list",
            again_after: None,
        })
    });
    let ours = ledger
        .as_ref()
        .map(|ledger| ledger.references(&questions::of_same_list(session, destination)));
    let mut ours = ours.transpose().map_err(opening::failure)?;
    let control = Arc::new(Control::new(None));
    let note = "stopping after this page (once more leaves at once)";
    stop_when_interrupted(vec![Arc::clone(&control)], note, &session.warnings)?;
    let pace = ledger
        .as_ref()
        .and_then(|ledger| opening::pace(&ledger.hasher(), destination, credential.as_ref(), 0.1));
    let journal = journal.transpose().map_err(opening::failure)?;
    let asker = Caller::new(
        destination,
        credential.as_ref(),
        &control,
        journal.zip(pace),
    );
    let output = Output::new(session.format(), Kind::Listed, false, &session.progress);
    show(
        session,
        &asker,
        list,
        &values,
        &wanted,
        ours.as_mut(),
        output,
    )
}

/// Reads page after page and prints what is wanted of each.
fn show(
    session: &Session,
    asker: &Caller<'_>,
    list: &PartnerList,
    values: &[(String, String)],
    wanted: &Wanted<'_>,
    mut ours: Option<&mut References<'_>>,
    mut output: Output,
) -> Result<Exit, Failure> {
    let given = questions::given(asker.destination, values);
    let filled: Vec<(&str, String)> = values
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    let mut walk = Walk::all();
    let mut seen = HashSet::new();
    let mut shown: u64 = 0;
    let mut trouble = None;
    while let Some(number) = walk.next() {
        let request = request::page(asker.destination, list, &filled, number);
        let page = asker.page(&list.call, &request, &given).map_err(refusal);
        let page =
            page.and_then(|answer| Page::read(list, &answer.body).map_err(Failure::unfinished));
        let page = match page {
            Ok(page) => page,
            Err(failure) => {
                trouble = Some(failure);
                break;
            }
        };
        let known = seen.len();
        for entry in &page.entries {
            // Pages shift while they are read: what comes again is dropped.
            let fresh = entry.id.as_ref().is_none_or(|id| seen.insert(id.clone()));
            if fresh && wanted.takes(entry) {
                print(
                    &mut output,
                    session.format(),
                    list,
                    entry,
                    ours.as_deref_mut(),
                )?;
                shown += 1;
            }
        }
        output.flush();
        walk.took(number, &page, seen.len() > known);
        if output.closed() {
            break;
        }
    }
    let pages = walk.pages().0;
    ending::finish(output)?;
    match trouble {
        Some(failure) => Err(failure),
        None => {
            if !session.global.quiet {
                session.warnings.note(&format!(
                    "{}, {} read",
                    counted(shown, "entry", "entries"),
                    counted(pages, "page", "pages")
                ));
            }
            Ok(Exit::Done)
        }
    }
}

fn print(
    output: &mut Output,
    format: Format,
    list: &PartnerList,
    entry: &Entry,
    ours: Option<&mut References<'_>>,
) -> Result<(), Failure> {
    let ours = match (ours, &entry.id) {
        (Some(references), Some(id)) => references.find(id).map_err(opening::failure)?,
        _ => None,
    };
    if format == Format::Json {
        let mut raw = entry.raw.clone();
        match raw.as_object_mut() {
            Some(object) => drop(object.insert("ours".to_owned(), ours.into())),
            None => raw = serde_json::json!({ "value": raw, "ours": ours }),
        }
        output.json(&raw.to_string());
        return Ok(());
    }
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let besides = list.show.iter().filter_map(|at| at.first(&entry.raw));
    output.listed(&Listed {
        reference: entry.id.clone(),
        created: entry.created,
        state: entry.state.clone(),
        ours,
        besides: besides.map(text).collect::<Vec<_>>().join(" · "),
    });
    Ok(())
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
        let lacks = |option: &str, word: &str| {
            Failure::usage(format!(
                "{option}: the entries of {name}'s list have no {word}"
            ))
            .hint(format!(
                "[{name}.list] says where it stands: {word} = \"/…\""
            ))
        };
        if args.state.is_some() && list.state.is_none() {
            return Err(lacks("--state", "state"));
        }
        if args.since.is_some() && list.created.is_none() {
            return Err(lacks("--since", "created"));
        }
        Ok(Self {
            state: args.state.as_deref(),
            since: args.since.as_deref().map(dates::start).transpose()?,
        })
    }

    fn takes(&self, entry: &Entry) -> bool {
        let state = |wanted: &str| {
            entry
                .state
                .as_ref()
                .is_some_and(|state| state.eq_ignore_ascii_case(wanted))
        };
        self.state.is_none_or(state)
            && self
                .since
                .is_none_or(|since| entry.created.is_some_and(|at| at >= since))
    }
}

/// The placeholders of the list, from `--default`, the table's own rules and its
/// defaults.
fn address(
    session: &Session,
    args: &cli::List,
    destination: &Destination,
    list: &PartnerList,
) -> Result<Vec<(String, String)>, Failure> {
    let reading = Reading {
        defaults: args.defaults.clone(),
        ..Reading::default()
    };
    inputs::check_set(&reading, session, Some(destination))?;
    let catalogue = &session.settings.catalogue;
    let inputs = Inputs::new(Vec::new(), &reading, catalogue, &destination.country);
    // A lead of nobody: only what is set and what is there by default fills it.
    let record = Record {
        file: "--default".into(),
        line: 0,
        header: Headers::new().of(&Cells::new()),
        cells: Cells::new(),
        fault: None,
    };
    let columns = inputs
        .columns(&record.header, &[], "--default")?
        .with_set(&args.defaults);
    let rules = placeholders(destination, &list.call);
    let plan = Plan::new(destination, &list.call, &rules, &columns);
    let lead = crate::lead::prepare(record, &Arc::new(columns), &inputs.preparation);
    let filled = plan.address(&lead).map_err(|complaints| {
        let missing: Vec<&str> = complaints.iter().map(|one| one.column.as_str()).collect();
        let all: String = missing
            .iter()
            .map(|name| format!(" --default {name}=…"))
            .collect();
        Failure::usage(format!(
            "which list of {}? {} must be known: {}",
            destination.name,
            missing.join(" and "),
            complaints
                .first()
                .map_or(String::new(), |one| one.problem.to_string())
        ))
        .hint(format!(
            "leadctl list --to {}{all}",
            quoted(&destination.name)
        ))
    })?;
    let filled = filled
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into_owned()));
    Ok(filled.collect())
}

fn no_list(session: &Session, destination: &Destination) -> Failure {
    let all = session.settings.catalogue.destinations.iter();
    let having: Vec<&str> = all
        .filter(|one| one.list.is_some())
        .map(|one| one.name.as_str())
        .collect();
    let failure = Failure::usage(format!("{} has no list that can be read", destination.name));
    match having.is_empty() {
        true => failure.hint("what was sent there: leadctl history"),
        false => failure.hint(format!(
            "these have one: {}; what was sent: leadctl history --to {}",
            having.join(", "),
            quoted(&destination.name)
        )),
    }
}

fn refusal(refused: Refused) -> Failure {
    let exit = match &refused {
        Refused::Stopped(stop) => crate::pipeline::ending::exit_of(&stop.kind),
        Refused::Unread(_) => None,
    };
    Failure::new(
        format!("the list could not be read: {refused}"),
        exit.unwrap_or(Exit::Unfinished),
    )
}
