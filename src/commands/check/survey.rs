//! `leadctl check FILE…`: tells of each export what it is and whom it would
//! satisfy. Its page is the first thing that a new user reads of an export.

use super::export::{Export, Fit};
use super::proof::Proof;
use crate::cli;
use crate::error::Failure;
use crate::output::text::{counted, width};
use crate::output::{Command, Exit, Format, Layout, Output, Page};
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
    session.progress.start(None);
    for input in &general.files {
        let fits = candidates.iter().map(|rules| {
            let is_its = |proof: &&Proof<'_>| proof.destination.name == rules.destination.name;
            Fit::new(rules, proofs.iter().find(is_its))
        });
        match Export::read(session, input, &general, fits.collect()) {
            Ok(export) => {
                worst = worst.min(exit(&export));
                for fit in &export.fits {
                    let lacks =
                        |proof: &Proof<'_>| proof.tell_lacking(session, &export.file, &fit.lacking);
                    worst = worst.min(fit.proof.map_or(Exit::Done, lacks));
                }
                show(session, &export, &mut output);
                advise(session, &export, reading);
            }
            Err(failure) => {
                output.flush();
                session.progress.lifted(|| failure.print());
                worst = worst.min(failure.exit);
            }
        }
    }
    session.progress.finish();
    ending::finish(output)?;
    Ok(worst)
}

/// A file that `send` would refuse whole, or rows that nobody can use.
fn exit(export: &Export<'_>) -> Exit {
    let is_unusable = |remark: &Remark| remark.kind == RemarkKind::Unusable;
    match &export.confused {
        Some(_) => Exit::Usage,
        None if export.damage.iter().any(is_unusable) => Exit::Refused,
        None => Exit::Done,
    }
}

fn show(session: &Session, export: &Export<'_>, output: &mut Output) {
    match session.format() {
        Format::Json => output.fields(export),
        Format::Csv => export.columns.iter().for_each(|it| output.fields(it)),
        Format::Table => {
            let sources = session.settings.catalogue.sources.iter();
            let mut sources = sources.filter(|it| Some(&it.name) == export.source.as_ref());
            let about = sources.next().and_then(|source| source.about.as_deref());
            let mut page = Page::new();
            write(&mut page, export, about);
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
    let file = reading.flags().into_iter().chain([file.clone()]);
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

/// `about`: what the source of the export is.
fn write(page: &mut Page, export: &Export<'_>, about: Option<&str>) {
    page.title(match export.file.as_str() {
        "-" => "standard input",
        file => file,
    });
    let mut paragraph = |text: String| page.entry(2, "", 0, &text);
    paragraph(what_it_is(export));
    if let Some(name) = &export.source {
        let about = about.unwrap_or(name);
        paragraph(format!("recognised: {about} (source {name})"));
    }
    if !export.other_sheets.is_empty() {
        let others = export.other_sheets.join(", ");
        paragraph(format!("other sheets, not read: {others} (--sheet NAME)"));
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
        if export.confused.is_none() {
            damage(page, export);
        }
        page.title("Destinations");
        let names = export.fits.iter().map(|fit| width(fit.destination) + 2);
        let label = names.max().unwrap_or(0).clamp(LABEL, 2 * LABEL);
        for fit in &export.fits {
            destination(page, fit, label);
        }
    }
}

fn what_it_is(export: &Export<'_>) -> String {
    let mut parts = vec![export.format.to_owned()];
    parts.push(match &export.sheet {
        Some(sheet) => format!("sheet \"{sheet}\""),
        None => export.encoding_in_words.clone(),
    });
    parts.extend(export.delimiter.map(|delimiter| match delimiter {
        '\t' => "tabs between cells".to_owned(),
        other => format!("{other} between cells"),
    }));
    parts.push(counted(export.rows, "row", "rows"));
    parts.join(" · ")
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
    if let Some(confused) = &export.confused {
        page.entry(2, "!", 2, confused);
    }
}

fn damage(page: &mut Page, export: &Export<'_>) {
    page.title("Damage");
    for remark in export.damage.iter().take(DAMAGE) {
        page.entry(2, "", 0, &remark.in_words());
    }
    match export.damage.len() {
        0 => page.entry(2, "", 0, "none found"),
        1..=DAMAGE => {}
        _ => page.entry(2, "", 0, "and in other columns"),
    }
}

fn destination(page: &mut Page, fit: &Fit<'_>, label: usize) {
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
        let check = Command::new(["check", "--to", fit.destination]);
        more(&format!("and more: {check}"));
    }
}
