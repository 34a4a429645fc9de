//! `leadctl check`: proves the configuration and judges leads, offline unless
//! `--online` asks for a harmless read. Nothing is sent and nothing recorded.

mod export;
mod flags;
mod leads;
mod online;
mod proof;
mod survey;

use serde_json::json;

use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::output::text::counted;
use crate::output::{Command, Exit, Format, Layout, Page};
use crate::pipeline::{ending, inputs};
use crate::session::Session;
use online::Asked;
use proof::{Proof, in_words};

/// Columns for a destination's name.
const NAME: usize = 20;

pub fn run(session: &Session, args: &cli::Check) -> anyhow::Result<Exit> {
    let to = args.to.as_deref();
    let to = to
        .map(|name| session.settings.destination(name))
        .transpose()?;
    inputs::check_set(&args.reading.defaults, session, to)?;
    // Asked first: what is told of a destination must not be belied by its answer.
    let asked = online::ask(session, args, to);
    let offline = match to {
        _ if args.files.is_empty() => configuration(session, to, &asked),
        Some(destination) => leads::run(session, args, destination, asked.first()),
        None => survey::run(session, args, &asked),
    }?;
    Ok(online::tell(session, &asked).min(offline))
}

/// Whatever is missing is a failure only where the user asked for that
/// destination, by name or in the configuration.
fn configuration(
    session: &Session,
    to: Option<&Destination>,
    asked: &[Asked<'_>],
) -> Result<Exit, Failure> {
    let strict = to.is_some() || !session.settings.catalogue.users.is_empty();
    let chosen = match to {
        Some(destination) => vec![destination],
        None => session.settings.catalogue.concerned(),
    };
    let mut proofs = proof::prove_all(session, &chosen)?;
    for proof in &mut proofs {
        proof.refused = online::of(asked, proof.destination).and_then(|it| it.failure.as_ref());
    }
    show(session, &proofs)?;
    conclude(session, &proofs);
    let failed = |proof: &Proof<'_>| !proof.wrong.is_empty() || strict && !proof.missing.is_empty();
    Ok(match proofs.iter().any(failed) {
        false => Exit::Done,
        true => Exit::Usage,
    })
}

fn conclude(session: &Session, proofs: &[Proof<'_>]) {
    let examples: usize = proofs.iter().map(|proof| proof.proven).sum();
    let whole = proofs.iter().filter(|proof| proof.state() == "ok").count();
    let warnings = &session.warnings;
    warnings.note(&format!(
        "{whole} of {} ready to send, {}; nothing was sent · config {}",
        counted(proofs.len() as u64, "destination", "destinations"),
        counted(examples as u64, "example proven", "examples proven"),
        session.settings.shown_config()
    ));
    if session.settings.config.is_none() {
        warnings.note(&format!(
            "next: {} writes a partners.toml with what you must fill in",
            Command::new(["init", "DEST"])
        ));
    }
}

fn show(session: &Session, proofs: &[Proof<'_>]) -> Result<Exit, Failure> {
    let mut output = session.output(Layout::Pages);
    let mut page = Page::new();
    for proof in proofs {
        match session.format() {
            Format::Table => tell(&mut page, proof),
            _ => output.fields(&record(proof)),
        }
    }
    output.text(page.as_str());
    ending::finish(output)
}

fn tell(page: &mut Page, proof: &Proof<'_>) {
    let examples = counted(proof.proven as u64, "example proven", "examples proven");
    let told = format!("{}, {examples}", proof.state());
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
    let refused = proof.refused.map(|failure| failure.what.clone());
    json!({
        "destination": proof.destination.name,
        "state": proof.state(),
        "examples": proof.proven,
        "wrong": wrong.chain(refused).collect::<Vec<_>>(),
        "missing": proof.missing.iter().map(in_words).collect::<Vec<_>>(),
        "notes": proof.notes.iter().chain(&proof.past).collect::<Vec<_>>(),
    })
}
