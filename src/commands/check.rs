//! `leadctl check`: proves the configuration and judges leads, offline unless
//! `--online` asks for a harmless read. Nothing is sent and nothing recorded.

mod export;
mod proof;
mod survey;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use super::notify;
use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::lead::State;
use crate::output::{Command, Counts, Exit, Format, Layout, Output, Page, Row, progress};
use crate::pipeline::dry_run::judge;
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::remarks::Remarks;
use crate::pipeline::{InputRows, Listed, Prepared, Preparer, Rules, block_list, ending};
use crate::session::Session;
use crate::words::say;
use proof::{Lacking, Proof, in_words};

/// Columns for a destination's name.
const NAME: usize = 20;

pub fn run(session: &Session, args: &cli::Check) -> anyhow::Result<Exit> {
    let named = args.to.as_deref();
    let route = named.and_then(|name| session.settings.catalogue.route(name));
    let to = named.filter(|_| route.is_none());
    let to = to
        .map(|name| session.settings.destination(name))
        .transpose()?;
    let defaults = &args.reading.defaults;
    let listed = block_list::named(session)?;
    let chosen = match (to, route) {
        (Some(destination), _) => vec![destination],
        (None, Some(route)) => session.settings.along(route),
        (None, None) if args.files.is_empty() || args.online => {
            session.settings.catalogue.concerned()
        }
        (None, None) => Vec::new(),
    };
    let asked = if named.is_some() { &chosen[..] } else { &[] };
    inputs::check_set(defaults, session, asked)?;
    let mut proofs = proof::prove_all(session, &chosen)?;
    // Asked first: what is told of a destination must not be belied by its answer.
    for proof in proofs.iter_mut().filter(|_| args.online) {
        proof.ask(session, defaults, named.is_some());
    }
    let offline = match (to, proofs.first()) {
        _ if args.files.is_empty() => configuration(session, named.is_some(), &proofs),
        _ if route.is_some() => along_route(session, args, &proofs, listed),
        (Some(_), Some(proof)) => leads(session, args, proof, listed),
        _ => survey::run(session, args, &proofs),
    }?;
    let heard = proofs.iter().flat_map(|proof| &proof.heard);
    heard.for_each(|note| session.warnings.note(note));
    let failures = proofs.iter().filter_map(|proof| proof.refused.as_ref());
    failures.clone().for_each(Failure::print);
    let exits = failures.map(|failure| failure.exit);
    Ok(exits.fold(offline, Exit::min))
}

/// What each destination of a route would make of the leads, one after the other.
fn along_route(
    session: &Session,
    args: &cli::Check,
    proofs: &[Proof<'_>],
    listed: Option<Arc<Listed>>,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    for proof in proofs {
        let name = &proof.destination.name;
        session.warnings.note(&say!("check-at", name));
        exit = exit.min(leads(session, args, proof, listed.clone())?);
    }
    let dry_run = Command::new(["send", "--to", args.to.as_deref().unwrap_or_default()]);
    let dry_run = dry_run
        .and(["--dry-run"])
        .and(args.files.iter().map(|it| it.display().to_string()));
    let dry_run = dry_run.to_string();
    session.warnings.note(&say!("check-along-route", dry_run));
    Ok(exit)
}

/// Whatever is missing is a failure only where the user asked for that
/// destination, by name or in the configuration.
fn configuration(session: &Session, named: bool, proofs: &[Proof<'_>]) -> Result<Exit, Failure> {
    let mut output = session.output(Layout::Pages);
    let mut page = Page::new();
    for proof in proofs {
        match session.format() {
            Format::Table => tell(&mut page, proof),
            _ => output.fields(&record(proof)),
        }
    }
    output.text(page.as_str());
    ending::finish(output)?;
    notify::tell_missing(session);
    let examples: usize = proofs.iter().map(|proof| proof.proven).sum();
    let whole = proofs.iter().filter(|proof| proof.state() == "ok").count();
    let (warnings, settings) = (&session.warnings, &session.settings);
    warnings.note(&say!(
        "check-configuration",
        whole,
        all = proofs.len(),
        examples = say!("check-examples", count = examples),
        config = settings.shown_config()
    ));
    if settings.config.is_none() {
        let init = Command::new(["init", "DEST"]).to_string();
        warnings.note(&say!("check-next-init", init));
    }
    let strict = named || !settings.catalogue.users.is_empty();
    Ok(match proofs.iter().any(|proof| proof.fails(strict)) {
        false => Exit::Done,
        true => Exit::Usage,
    })
}

fn tell(page: &mut Page, proof: &Proof<'_>) {
    let examples = say!("check-examples", count = proof.proven);
    let told = format!("{}, {examples}", proof.state_in_words());
    page.entry(0, &proof.destination.name, NAME, &told);
    for found in proof.wrong.iter().chain(&proof.missing) {
        let place = found.place.iter().map(|place| format!("{place}: "));
        page.entry(2, "-", 2, &(place.collect::<String>() + &found.what));
        for line in found.hint.iter().flat_map(|hint| hint.lines()) {
            page.entry(4, "", 0, line);
        }
    }
    for note in proof.notes.iter().chain(&proof.past) {
        page.entry(2, "", 0, note);
    }
}

fn record(proof: &Proof<'_>) -> serde_json::Value {
    let wrong = proof.wrong.iter().map(in_words);
    let refused = proof.refused.as_ref().map(|failure| failure.what.clone());
    json!({
        "destination": proof.destination.name,
        "state": proof.state(),
        "examples": proof.proven,
        "wrong": wrong.chain(refused).collect::<Vec<_>>(),
        "missing": proof.missing.iter().map(in_words).collect::<Vec<_>>(),
        "notes": proof.notes.iter().chain(&proof.past).collect::<Vec<_>>(),
    })
}

/// The leads of files, judged by the same rules as `send` applies: a row for each
/// that can't be sent. `proof`: the destination's.
fn leads(
    session: &Session,
    args: &cli::Check,
    proof: &Proof<'_>,
    listed: Option<Arc<Listed>>,
) -> Result<Exit, Failure> {
    let destination = proof.destination;
    let mut exit = told_of_configuration(session, proof);
    let files = inputs::named(&args.files, None);
    let inputs = Inputs {
        listed,
        ..Inputs::of(session, destination, files, &args.reading)
    };
    let mut rules = Rules::new(destination, inputs);
    // That it is paused was told: this is what its leads will come to.
    rules.hold = None;
    let mut output = session.output(inputs::layout(&args.files));
    let (mut remarks, mut counts) = (Remarks::default(), Counts::new());
    let shown = progress::start();
    for input in &rules.inputs.files {
        let mut lacking = Lacking::new();
        let read = InputRows::open(&rules, input).and_then(|rows| {
            let what = rows.in_words();
            let told = say!("check-of", what = &input.shown_as, told = what);
            session.warnings.note(&told);
            let look = |prepared: Prepared<'_>| (prepared.row(), proof.lacking(&prepared));
            let preparer = || Preparer::new(&rules);
            judge(rows, preparer, look, &mut remarks, |(row, lacks)| {
                for target in lacks {
                    lacking.entry(target).or_default().extend(row.line);
                }
                counts.add(row.state, None);
                show(&mut output, session.format(), &row);
                progress::advance();
                Ok(())
            })
        });
        exit = exit.min(proof.tell_lacking(session, &input.shown_as, &lacking));
        if let Err(failure) = read {
            failure.print();
            exit = exit.min(failure.exit);
        }
    }
    drop(shown);
    ending::finish(output)?;
    remarks.tell(&session.warnings);
    conclude(session, args, destination, &counts, proof.refused.is_none());
    Ok(match counts.of(State::Invalid) {
        0 => exit,
        _ => exit.min(Exit::Refused),
    })
}

/// The destination's own faults, told beside its leads. What is only missing
/// so far fails the check where the user configured the destination.
fn told_of_configuration(session: &Session, proof: &Proof<'_>) -> Exit {
    let (warnings, name) = (&session.warnings, &proof.destination.name);
    let paused = proof
        .destination
        .paused
        .then(|| ending::paused(proof.destination));
    for told in proof.past.iter().chain(&paused) {
        warnings.warn(told);
    }
    for found in proof.wrong.iter().chain(&proof.missing) {
        warnings.warn(&say!("check-of", what = name, told = in_words(found)));
    }
    match proof.fails(session.settings.catalogue.users.contains(name)) {
        true => Exit::Usage,
        false => Exit::Done,
    }
}

fn show(output: &mut Output, format: Format, row: &Row) {
    let is_ready = row.state == State::Unsent;
    match format {
        Format::Table if !is_ready => output.row(row),
        Format::Table => {}
        Format::Json | Format::Csv => output.fields(&json!({
            "file": row.file,
            "line": row.line,
            "lead": row.lead,
            "destination": row.destination,
            "source": row.source,
            "state": if is_ready { "ready" } else { row.state.as_str() },
            "reason": row.reason,
            "message": row.message,
        })),
    }
}

/// How many are ready, and what to do; `is_open`: nothing that was asked keeps
/// the destination from taking leads.
fn conclude(
    session: &Session,
    args: &cli::Check,
    destination: &Destination,
    counts: &Counts,
    is_open: bool,
) {
    let (ready, invalid) = (counts.of(State::Unsent), counts.of(State::Invalid));
    let warnings = &session.warnings;
    if counts.total() == 0 {
        warnings.note(&say!("check-nothing"));
        return;
    }
    let count = counts.total();
    warnings.note(&match counts.of(State::Filtered) {
        0 => say!("check-judged", count, ready, invalid),
        filtered => say!("check-judged-filtered", count, ready, invalid, filtered),
    });
    let is_text = |file: &PathBuf| {
        file.extension()
            .is_some_and(|it| it == "csv" || it == "txt")
    };
    // A workbook keeps the zeros of numbers.
    let rejects = match args.files.iter().all(is_text) {
        true => "rejects.csv",
        false => "rejects.xlsx",
    };
    let files = args.files.iter().map(|file| file.display().to_string());
    let files = args.reading.flags().into_iter().chain(files);
    // By its route, where that was asked about.
    let to = args.to.as_ref().unwrap_or(&destination.name);
    let send = Command::new(["send", "--to", to]);
    match (ready, invalid) {
        (0, _) => {}
        _ if !is_open => {}
        (_, 0) => warnings.note(&say!("init-next", command = send.and(files).to_string())),
        _ => {
            let send = send.and(["--rejects", rejects]).and(files).to_string();
            warnings.note(&say!("check-next-correct", send));
        }
    }
}
