//! `leadctl check FILE…`: tells of each export what it is and whom it would
//! satisfy.

use super::export::{self, Export};
use super::fit::Candidate;
use super::flags::flags;
use super::page;
use crate::cli;
use crate::error::Failure;
use crate::output::{Command, Exit, Format, Layout, Output, Page};
use crate::pipeline::inputs::{self, Inputs};
use crate::session::Session;

pub fn run(session: &Session, args: &cli::Check) -> Result<Exit, Failure> {
    let catalogue = &session.settings.catalogue;
    let of_country = |country: &str| Inputs::new(Vec::new(), &args.reading, catalogue, country);
    let candidates: Vec<Candidate<'_>> = catalogue
        .concerned()
        .into_iter()
        .map(|destination| Candidate::new(destination, of_country(&destination.country)))
        .collect();
    let general = Inputs {
        files: inputs::named(&args.files, None),
        ..of_country("FR")
    };
    let mut output = Output::new(session.format(), Layout::Pages, false, &session.progress);
    let mut exit = Exit::Done;
    session.progress.start(None);
    for input in &general.files {
        match export::read(session, input, &general, &candidates) {
            Ok(export) => {
                exit = exit.min(export.exit());
                show(session, &export, &mut output);
                advise(session, &export, &args.reading);
            }
            Err(failure) => {
                output.flush();
                session.progress.lifted(|| failure.print());
                exit = exit.min(failure.exit);
            }
        }
    }
    session.progress.finish();
    crate::pipeline::ending::finish(output)?;
    Ok(exit)
}

fn show(session: &Session, export: &Export, output: &mut Output) {
    match session.format() {
        Format::Json => output.json(&export.to_json().to_string()),
        Format::Csv => {
            for column in &export.columns {
                output.record(vec![
                    ("file", export.file.as_str().into()),
                    ("header", column.header.as_str().into()),
                    ("field", column.field.clone().into()),
                    ("taken_by", column.taken_by.clone().into()),
                    ("sample", column.sample.clone().into()),
                ]);
            }
        }
        Format::Table => {
            let mut page = Page::new();
            page::write(&mut page, export);
            output.text(page.as_str());
            output.flush();
        }
    }
}

fn advise(session: &Session, export: &Export, reading: &cli::Reading) {
    let file = &export.file;
    if export.rows == 0 {
        session.warnings.warn(&format!("{file}: no leads in it"));
        return;
    }
    let file = flags(reading).into_iter().chain([file.clone()]);
    let best = export.fits_best_first().into_iter().next();
    let advice = match best.filter(|fit| fit.ready > 0) {
        Some(fit) if fit.ready < export.rows => format!(
            "next: {} shows each row that is not ready",
            Command::new(["check", "--to", &fit.name]).and(file)
        ),
        Some(fit) => format!(
            "next: {}",
            Command::new(["send", "--to", &fit.name, "--dry-run"]).and(file)
        ),
        None => format!(
            "next: {} shows the columns that a destination accepts",
            Command::new(["partners", "DEST"])
        ),
    };
    session.warnings.note(&advice);
}
