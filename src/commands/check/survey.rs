//! `leadctl check FILE…`: tells of each export what it is and whom it would
//! satisfy. Its page is the first thing that a new user reads of an export.

use super::export::{Export, Fit};
use super::proof::Proof;
use crate::cli;
use crate::error::Failure;
use crate::output::text::{counted, some_of, width};
use crate::output::{Command, Exit, Format, Layout, Output, Page, progress};
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::remarks::{Remark, RemarkKind};
use crate::pipeline::{Rules, ending};
use crate::session::Session;

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
        session.warnings.warn(&format!("{file}: no leads in it"));
        return;
    }
    let file = words(export, reading);
    let best = export.fits.first().filter(|fit| fit.ready > 0);
    session.warnings.note(&match best {
        Some(fit) if fit.ready < export.rows => format!(
            "next: {} shows each row that is not ready",
            Command::new(["check", "--to", fit.destination]).and(file)
        ),
        Some(fit) => format!(
            "next: {}",
            Command::new(["send", "--to", fit.destination, "--dry-run"]).and(file)
        ),
        None => format!(
            "next: {} shows the columns that a destination accepts",
            Command::new(["partners", "DEST"])
        ),
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
    page.title(match export.file.as_str() {
        "-" => "standard input",
        file => file,
    });
    let rows = counted(export.rows, "row", "rows");
    let mut paragraph = |text: String| page.entry(2, "", 0, &text);
    paragraph(format!("{} · {rows}", export.facts.in_words()));
    if let Some(name) = &export.source {
        let about = about.unwrap_or(name);
        paragraph(format!("recognised: {about} (source {name})"));
    }
    if !export.other_sheets.is_empty() {
        let others = export.other_sheets.join(", ");
        paragraph(format!("other sheets, not read: {others} (--sheet NAME)"));
    }
    if export.rows > 0 {
        before_sending(page, export);
    }
    columns(page, export);
    if let Some(first) = &export.first {
        let line = first.line;
        page.title(&format!("The first lead (line {line}), as understood"));
        for (field, value) in &first.fields {
            page.entry(2, field, LABEL, value.as_str().unwrap_or_default());
        }
    }
    if export.rows > 0 {
        page.title("Destinations");
        let names = export.fits.iter().map(|fit| width(fit.destination) + 2);
        let label = names.max().unwrap_or(0).clamp(LABEL, 2 * LABEL);
        for fit in &export.fits {
            destination(page, fit, label, &again);
        }
    }
}

/// What would hurt, of the first destination too.
fn before_sending(page: &mut Page, export: &Export<'_>) {
    page.title("Before you send");
    let mut told: Vec<String> = Vec::new();
    if export.facts.encoding.assumed {
        let encoding = export.facts.encoding.name();
        told.push(format!(
            "the encoding is taken for {encoding}: --encoding overrules"
        ));
    }
    told.extend(export.facts.titles_in_words());
    told.extend(export.confused.clone());
    let damage = export.damage.iter().map(Remark::in_words);
    told.extend(damage.take(DAMAGE));
    if export.damage.len() > DAMAGE {
        told.push("and there is damage in other columns".to_owned());
    }
    let unused = export.columns.iter().filter(|seen| !seen.used);
    let unused: Vec<&str> = unused.map(|seen| seen.header.as_str()).collect();
    if !unused.is_empty() {
        told.push(format!("nobody is sent these columns: {}", some_of(unused)));
    }
    let best = export.fits.first().filter(|fit| !fit.unfilled.is_empty());
    told.extend(best.map(|fit| {
        let unfilled = fit.unfilled.iter().map(String::as_str);
        format!(
            "no column fills these of {}: {}",
            fit.destination,
            some_of(unfilled)
        )
    }));
    if told.is_empty() {
        told.push("nothing to put right".to_owned());
    }
    told.iter().for_each(|text| page.entry(2, "", 0, text));
}

fn columns(page: &mut Page, export: &Export<'_>) {
    if export.columns.is_empty() {
        return;
    }
    page.title("Columns");
    let rows = export.columns.iter().map(|seen| {
        let field = match (&seen.field, seen.taken_by.is_empty()) {
            (Some(field), _) => field.clone(),
            (None, false) => format!("for {}", seen.taken_by.join(", ")),
            (None, true) => "not used".to_owned(),
        };
        let sample = seen.sample.as_deref().unwrap_or("(empty)");
        vec![seen.header.clone(), field, sample.to_owned()]
    });
    page.grid(2, &rows.collect::<Vec<_>>());
}

/// `again`: the words that name this input in a command.
fn destination(page: &mut Page, fit: &Fit<'_>, label: usize, again: &[String]) {
    let verdict = match (&fit.unusable, fit.ready) {
        (Some(_), _) => "this file would be refused".to_owned(),
        (None, 0) => "no row is ready".to_owned(),
        (None, 1) if fit.rows == 1 => "the row is ready".to_owned(),
        (None, ready) if ready == fit.rows => format!("all {ready} rows are ready"),
        (None, ready) => format!("{ready} of {} rows ready", fit.rows),
    };
    page.entry(2, fit.destination, label, &verdict);
    let mut more = |text: &str| page.entry(2, "", label, text);
    if let Some(why) = &fit.unusable {
        more(why);
        return;
    }
    if !fit.missing.is_empty() {
        more(&format!("nothing gives {}", fit.missing.join(", ")));
    }
    for found in fit.complaints.iter().take(COMPLAINTS) {
        more(&found.in_words());
    }
    if fit.complaints.len() > COMPLAINTS {
        let check = Command::new(["check", "--to", fit.destination]).and(again.to_vec());
        more("and more:");
        page.command(2 + label, &check);
    }
}
