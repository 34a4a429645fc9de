//! `leadctl check --to DEST FILE…`: the leads of files, judged by the same
//! rules as `send` applies. A row for each lead that can't be sent.

use serde_json::json;

use super::flags::flags;
use super::online::{self, Asked, Lacking};
use super::proof;
use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::lead::State;
use crate::output::text::counted;
use crate::output::{Command, Counts, Exit, Format, Output, Row};
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::judging::judge;
use crate::pipeline::remarks::Remarks;
use crate::pipeline::{InputRows, Prepared, Preparer, Rules, Wanted, ending};
use crate::session::Session;

/// `asked`: what asking the partner came to, if it was asked.
pub fn run(
    session: &Session,
    args: &cli::Check,
    destination: &Destination,
    asked: Option<&Asked<'_>>,
) -> Result<Exit, Failure> {
    let mut exit = told_of_configuration(session, destination)?;
    let files = inputs::named(&args.files, None);
    let inputs = Inputs::of(session, destination, files, &args.reading);
    let rules = Rules::new(destination);
    let wanted = Wanted::all(&rules, &inputs, &session.warnings);
    let mut output = session.output(inputs.layout());
    let (mut remarks, mut counts) = (Remarks::default(), Counts::new());
    session.progress.start(None);
    for input in &inputs.files {
        let mut lacking = Lacking::new();
        let read = InputRows::open(wanted, input).and_then(|rows| {
            let look = |prepared: Prepared<'_>| {
                let lacks = asked.map(|asked| asked.lacking(&prepared));
                (prepared.row(), lacks.unwrap_or_default())
            };
            let preparer = || Preparer::new(&rules, &inputs);
            judge(rows, preparer, look, &mut remarks, |(row, lacks)| {
                for target in lacks {
                    let lines: &mut Vec<u64> = lacking.entry(target).or_default();
                    lines.extend(row.line);
                }
                counts.add(row.state, None);
                show(&mut output, session.format(), &row);
                session.progress.advance(1);
                Ok(())
            })
        });
        exit = exit.min(online::tell_lacking(
            session,
            destination,
            &input.shown_as,
            &lacking,
        ));
        if let Err(failure) = read {
            session.progress.lifted(|| failure.print());
            exit = exit.min(failure.exit);
        }
    }
    session.progress.finish();
    ending::finish(output)?;
    remarks.tell(&session.warnings);
    let is_open = asked.is_none_or(|asked| asked.failure.is_none());
    conclude(session, args, destination, &counts, is_open);
    Ok(match counts.of(State::Invalid) {
        0 => exit,
        _ => exit.min(Exit::Refused),
    })
}

/// The destination's own faults, told beside its leads. What is only missing
/// so far fails the check where the user configured the destination.
fn told_of_configuration(session: &Session, destination: &Destination) -> Result<Exit, Failure> {
    let configured = session.settings.catalogue.users.contains(&destination.name);
    let mut exit = Exit::Done;
    for proof in proof::prove_all(session, &[destination])? {
        for told in &proof.past {
            session.warnings.warn(told);
        }
        for found in proof.wrong.iter().chain(&proof.missing) {
            let told = proof::in_words(found);
            session
                .warnings
                .warn(&format!("{}: {told}", destination.name));
        }
        if !proof.wrong.is_empty() || configured && !proof.missing.is_empty() {
            exit = Exit::Usage;
        }
    }
    Ok(exit)
}

fn show(output: &mut Output, format: Format, row: &Row) {
    let is_invalid = row.state == State::Invalid;
    match format {
        Format::Table if is_invalid => output.row(row),
        Format::Table => {}
        Format::Json | Format::Csv => output.fields(&json!({
            "file": row.file,
            "line": row.line,
            "lead": row.lead,
            "destination": row.destination,
            "source": row.source,
            "state": if is_invalid { "invalid" } else { "ready" },
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
    warnings.note(&format!(
        "{}: {ready} ready, {invalid} invalid; nothing was sent or recorded",
        counted(ready + invalid, "lead", "leads")
    ));
    let files = args.files.iter().map(|file| file.display().to_string());
    let files = flags(&args.reading).into_iter().chain(files);
    let send = Command::new(["send", "--to", &destination.name]);
    match (ready, invalid) {
        (0, _) => {}
        _ if !is_open => {}
        (_, 0) => warnings.note(&format!("next: {}", send.and(files))),
        _ => warnings.note(&format!(
            "next: correct these rows, or send the others: {}",
            send.and(["--rejects", "rejects.csv"]).and(files)
        )),
    }
}
