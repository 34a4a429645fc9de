//! `leadctl check`: proves the configuration and judges leads, offline unless
//! `--online` asks for a harmless read. Nothing is sent and nothing recorded.

mod export;
mod exports;
mod fit;
mod flags;
mod leads;
mod online;
mod page;
mod proof;
mod tally;

use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::output::text::counted;
use crate::output::{Command, Exit, Format, Layout, Output, Page};
use crate::session::Session;
use online::Asked;
use proof::{Finding, Proof};

/// Columns for a destination's name.
const NAME: usize = 20;

pub fn run(session: &Session, args: &cli::Check) -> anyhow::Result<Exit> {
    let to = args.to.as_deref();
    let to = to
        .map(|name| session.settings.destination(name))
        .transpose()?;
    crate::pipeline::inputs::check_set(&args.reading, session, to)?;
    // Asked first: what is told of a destination must not be belied by its answer.
    let asked = online::ask(session, args, to);
    let offline = match (to, args.files.is_empty()) {
        (Some(destination), false) => {
            let proven = online::failure_of(&asked, destination).is_none();
            leads::run(session, args, destination, proven)
        }
        (None, false) => exports::run(session, args),
        (to, true) => configuration(session, to, &asked),
    }?;
    Ok(online::tell(session, args, &asked)?.min(offline))
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
        proof.refused = online::failure_of(asked, proof.destination);
    }
    show(session, &proofs)?;
    let failed = |proof: &Proof<'_>| !proof.wrong.is_empty() || strict && !proof.missing.is_empty();
    conclude(session, &proofs);
    Ok(match proofs.iter().any(failed) {
        false => Exit::Done,
        true => Exit::Usage,
    })
}

fn conclude(session: &Session, proofs: &[Proof<'_>]) {
    let examples: usize = proofs.iter().map(|proof| proof.proven).sum();
    let whole = proofs.iter().filter(|proof| proof.is_whole()).count();
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

fn show(session: &Session, proofs: &[Proof<'_>]) -> Result<(), Failure> {
    let mut output = Output::new(session.format(), Layout::Pages, false, &session.progress);
    if session.format() == Format::Table {
        let mut page = Page::new();
        proofs.iter().for_each(|proof| tell(&mut page, proof));
        output.text(page.as_str());
    } else {
        for proof in proofs {
            record(&mut output, proof);
        }
    }
    crate::pipeline::ending::finish(output)
}

fn tell(page: &mut Page, proof: &Proof<'_>) {
    let state = state(proof);
    let examples = counted(proof.proven as u64, "example proven", "examples proven");
    let told = format!("{state}, {examples}");
    page.entry(0, &proof.destination.name, NAME, &told);
    for found in proof.wrong.iter().chain(&proof.missing) {
        let place = found
            .place
            .as_ref()
            .map_or_else(String::new, |place| format!("{place}: "));
        page.entry(2, "-", 2, &format!("{place}{}", found.what));
        for line in found.hint.lines() {
            page.entry(4, "", 0, line);
        }
    }
    for note in proof.notes.iter().chain(&proof.past) {
        page.entry(2, "", 0, note);
    }
}

fn state(proof: &Proof<'_>) -> &'static str {
    match (proof.wrong.is_empty(), proof.missing.is_empty()) {
        (false, _) => "wrong",
        (true, false) => "incomplete",
        (true, true) => match proof.refused.map(|failure| failure.exit) {
            None => "ok",
            Some(Exit::Usage | Exit::Refused) => "refused",
            Some(_) => "unproven",
        },
    }
}

fn record(output: &mut Output, proof: &Proof<'_>) {
    let words =
        |found: &[Finding]| -> Vec<String> { found.iter().map(Finding::in_words).collect() };
    let mut wrong = words(&proof.wrong);
    wrong.extend(proof.refused.map(|failure| failure.what.clone()));
    output.record(vec![
        ("destination", proof.destination.name.as_str().into()),
        ("state", state(proof).into()),
        ("examples", proof.proven.into()),
        ("wrong", wrong.into()),
        ("missing", words(&proof.missing).into()),
        ("notes", [&proof.notes[..], &proof.past].concat().into()),
    ]);
}
