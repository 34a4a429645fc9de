//! `leadctl check`: proves the configuration and judges leads, offline unless
//! `--online` asks for a harmless read. Nothing is sent and nothing recorded.

mod export;
mod leads;
mod proof;
mod survey;

use serde_json::json;

use crate::cli;
use crate::error::Failure;
use crate::output::text::counted;
use crate::output::{Command, Exit, Format, Layout, Page};
use crate::pipeline::{ending, inputs};
use crate::session::Session;
use proof::{Proof, in_words};

/// Columns for a destination's name.
const NAME: usize = 20;

pub fn run(session: &Session, args: &cli::Check) -> anyhow::Result<Exit> {
    let to = args.to.as_deref();
    let to = to
        .map(|name| session.settings.destination(name))
        .transpose()?;
    let defaults = &args.reading.defaults;
    inputs::check_set(defaults, session, to)?;
    let chosen = match to {
        Some(destination) => vec![destination],
        None if args.files.is_empty() || args.online => session.settings.catalogue.concerned(),
        None => Vec::new(),
    };
    let mut proofs = proof::prove_all(session, &chosen)?;
    // Asked first: what is told of a destination must not be belied by its answer.
    for proof in proofs.iter_mut().filter(|_| args.online) {
        proof.ask(session, defaults, to.is_some());
    }
    let offline = match (to, proofs.first()) {
        _ if args.files.is_empty() => configuration(session, to.is_some(), &proofs),
        (Some(_), Some(proof)) => leads::run(session, args, proof),
        _ => survey::run(session, args, &proofs),
    }?;
    let heard = proofs.iter().flat_map(|proof| &proof.heard);
    heard.for_each(|note| session.warnings.note(note));
    let failures = proofs.iter().filter_map(|proof| proof.refused.as_ref());
    failures.clone().for_each(Failure::print);
    let exits = failures.map(|failure| failure.exit);
    Ok(exits.fold(offline, Exit::min))
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
    let examples: usize = proofs.iter().map(|proof| proof.proven).sum();
    let whole = proofs.iter().filter(|proof| proof.state() == "ok").count();
    let (warnings, settings) = (&session.warnings, &session.settings);
    warnings.note(&format!(
        "{whole} of {} ready to send, {}; nothing was sent · config {}",
        counted(proofs.len() as u64, "destination", "destinations"),
        counted(examples as u64, "example proven", "examples proven"),
        settings.shown_config()
    ));
    if settings.config.is_none() {
        warnings.note(&format!(
            "next: {} writes a partners.toml with what you must fill in",
            Command::new(["init", "DEST"])
        ));
    }
    let strict = named || !settings.catalogue.users.is_empty();
    Ok(match proofs.iter().any(|proof| proof.fails(strict)) {
        false => Exit::Done,
        true => Exit::Usage,
    })
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
