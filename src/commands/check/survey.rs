//! `leadctl check FILE…`: tells of each export what it is and whom it would
//! satisfy. Its page is the first thing that a new user reads of an export.

use super::export::{Export, Fit};
use super::proof::Proof;
use crate::cli;
use crate::error::Failure;
use crate::output::text::{some_of, width};
use crate::output::{Command, Exit, Format, Layout, Output, Page, progress};
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::remarks::{Remark, RemarkKind};
use crate::pipeline::{Rules, ending};
use crate::session::Session;
use crate::words::say;

/// Complaints told of one destination, and kinds of damage.
const COMPLAINTS: usize = 4;
const DAMAGE: usize = 10;
/// Columns for the name of what is told.
const LABEL: usize = 16;

pub fn run(session: &Session, args: &cli::Check, proofs: &[Proof<'_>]) -> Result<Exit, Failure> {
    let reading = &args.reading;
    let concerned = session.settings.catalogue.concerned().into_iter();
    let candidates = concerned.map(|destination| {
        let inputs = Inputs::of(session, destination, Vec::new(), reading);
        Rules::new(destination, inputs)
    });
    let candidates: Vec<Rules<'_>> = candidates.collect();
    let general = Inputs::new(session, inputs::named(&args.files, None), reading, "FR");
    let mut output = session.output(Layout::Pages);
    let mut worst = Exit::Done;
    let shown = progress::start();
    for input in &general.files {
        let fits = candidates.iter().map(|rules| {
            let is_its = |proof: &&Proof<'_>| proof.destination.name == rules.destination.name;
            Fit::new(rules, proofs.iter().find(is_its))
        });
        match Export::read(input, &general, fits.collect()) {
            Ok(export) => {
                worst = worst.min(exit(&export));
                for fit in &export.fits {
                    let lacks =
                        |proof: &Proof<'_>| proof.tell_lacking(session, &export.file, &fit.lacking);
                    worst = worst.min(fit.proof.map_or(Exit::Done, lacks));
                }
                show(session, &export, reading, &mut output);
                advise(session, &export, reading);
            }
            Err(failure) => {
                output.flush();
                failure.print();
                worst = worst.min(failure.exit);
            }
        }
    }
    drop(shown);
    ending::finish(output)?;
    Ok(worst)
}

/// A file that nobody could be sent, or rows that nobody can use.
fn exit(export: &Export<'_>) -> Exit {
    let is_unusable = |remark: &Remark| remark.kind == RemarkKind::Unusable;
    let refused = |fit: &Fit<'_>| fit.unusable.is_some();
    let none_ready = export.fits.iter().all(|fit| fit.ready == 0);
    match export.rows {
        0 => Exit::Done,
        _ if export.fits.iter().all(refused) => Exit::Usage,
        _ if none_ready || export.damage.iter().any(is_unusable) => Exit::Refused,
        _ => Exit::Done,
    }
}

fn show(session: &Session, export: &Export<'_>, reading: &cli::Reading, output: &mut Output) {
    match session.format() {
        Format::Json => output.fields(export),
        Format::Csv => export.columns.iter().for_each(|it| output.fields(it)),
        Format::Table => {
            let sources = session.settings.catalogue.sources.iter();
            let mut sources = sources.filter(|it| Some(&it.name) == export.source.as_ref());
            let about = sources.next().and_then(|source| source.about.as_deref());
            let mut page = Page::new();
            write(&mut page, export, about, reading);
            output.text(page.as_str());
            output.flush();
        }
    }
}

fn advise(session: &Session, export: &Export<'_>, reading: &cli::Reading) {
    let file = &export.file;
    if export.rows == 0 {
        session.warnings.warn(&say!("rows-none", file));
        return;
    }
    let file = words(export, reading);
    let best = export.fits.first().filter(|fit| fit.ready > 0);
    session.warnings.note(&match best {
        Some(fit) if fit.ready < export.rows => {
            let check = Command::new(["check", "--to", fit.destination]).and(file);
            say!("check-next-rows", check = check.to_string())
        }
        Some(fit) => {
            let send = Command::new(["send", "--to", fit.destination, "--dry-run"]).and(file);
            say!("init-next", command = send.to_string())
        }
        None => {
            let partners = Command::new(["partners", "DEST"]).to_string();
            say!("check-next-columns", partners)
        }
    });
}

/// The words that name this input in a command.
fn words(export: &Export<'_>, reading: &cli::Reading) -> Vec<String> {
    let file = [export.file.clone()];
    reading.flags().into_iter().chain(file).collect()
}

/// `about`: what the source of the export is.
fn write(page: &mut Page, export: &Export<'_>, about: Option<&str>, reading: &cli::Reading) {
    let again = words(export, reading);
    page.title(&match export.file.as_str() {
        "-" => say!("check-standard-input"),
        file => file.to_owned(),
    });
    let rows = say!("check-rows", count = export.rows);
    let mut paragraph = |text: String| page.entry(2, "", 0, &text);
    paragraph(format!("{} · {rows}", export.facts.in_words()));
    if let Some(name) = &export.source {
        let about = about.unwrap_or(name);
        paragraph(say!("check-recognised", about, name));
    }
    if !export.other_sheets.is_empty() {
        let others = export.other_sheets.join(", ");
        paragraph(say!("check-other-sheets", others));
    }
    if export.rows > 0 {
        before_sending(page, export);
    }
    columns(page, export);
    if let Some(first) = &export.first {
        let line = first.line;
        page.title(&say!("check-first-lead", line));
        for (field, value) in &first.fields {
            page.entry(2, field, LABEL, value.as_str().unwrap_or_default());
        }
    }
    if export.rows > 0 {
        page.title(&say!("check-destinations"));
        let names = export.fits.iter().map(|fit| width(fit.destination) + 2);
        let label = names.max().unwrap_or(0).clamp(LABEL, 2 * LABEL);
        for fit in &export.fits {
            destination(page, fit, label, &again);
        }
    }
}

/// What would hurt, of the first destination too.
fn before_sending(page: &mut Page, export: &Export<'_>) {
    page.title(&say!("check-before-sending"));
    let mut told: Vec<String> = Vec::new();
    if export.facts.encoding.assumed {
        let encoding = export.facts.encoding.name();
        told.push(say!("check-encoding", encoding));
    }
    told.extend(export.facts.titles_in_words());
    told.extend(export.confused.clone());
    let damage = export.damage.iter().map(Remark::in_words);
    told.extend(damage.take(DAMAGE));
    if export.damage.len() > DAMAGE {
        told.push(say!("check-more-damage"));
    }
    let unused = export.columns.iter().filter(|seen| !seen.used);
    let unused: Vec<&str> = unused.map(|seen| seen.header.as_str()).collect();
    if !unused.is_empty() {
        let count = unused.len();
        told.push(say!("check-unused", count, columns = some_of(unused)));
    }
    let best = export.fits.first().filter(|fit| !fit.unfilled.is_empty());
    told.extend(best.map(|fit| {
        let unfilled = fit.unfilled.iter().map(String::as_str);
        say!(
            "check-unfilled",
            count = fit.unfilled.len(),
            name = fit.destination,
            fields = some_of(unfilled)
        )
    }));
    if told.is_empty() {
        told.push(say!("check-nothing-wrong"));
    }
    told.iter().for_each(|text| page.entry(2, "", 0, text));
}

fn columns(page: &mut Page, export: &Export<'_>) {
    if export.columns.is_empty() {
        return;
    }
    page.title(&say!("check-columns"));
    let rows = export.columns.iter().map(|seen| {
        let field = match (&seen.field, seen.taken_by.is_empty()) {
            (Some(field), _) => field.clone(),
            (None, false) => say!("check-column-for", names = seen.taken_by.join(", ")),
            (None, true) => say!("check-column-unused"),
        };
        let sample = seen.sample.clone();
        let sample = sample.unwrap_or_else(|| say!("check-column-empty"));
        vec![seen.header.clone(), field, sample]
    });
    page.grid(2, &rows.collect::<Vec<_>>());
}

/// `again`: the words that name this input in a command.
fn destination(page: &mut Page, fit: &Fit<'_>, label: usize, again: &[String]) {
    let verdict = match (&fit.unusable, fit.ready) {
        (Some(_), _) => say!("check-file-refused"),
        (None, 0) => say!("check-no-row-ready"),
        (None, ready) if ready == fit.rows => say!("check-all-rows-ready", ready),
        (None, ready) => say!("check-rows-ready", ready, rows = fit.rows),
    };
    page.entry(2, fit.destination, label, &verdict);
    let mut more = |text: &str| page.entry(2, "", label, text);
    if let Some(why) = &fit.unusable {
        more(why);
        return;
    }
    if !fit.missing.is_empty() {
        more(&say!("check-missing", fields = fit.missing.join(", ")));
    }
    for found in fit.complaints.iter().take(COMPLAINTS) {
        more(&found.in_words());
    }
    if fit.complaints.len() > COMPLAINTS {
        let check = Command::new(["check", "--to", fit.destination]).and(again.to_vec());
        more(&say!("check-more"));
        page.command(2 + label, &check);
    }
}
