//! `leadctl check FILE…`: tells of each export what it is and whom it would
//! satisfy.

use super::fit::Candidate;
use super::flags::flags;
use super::survey::{self, Survey};
use super::{survey_page, survey_record};
use crate::cli;
use crate::error::Failure;
use crate::output::{Exit, Format, Kind, Output, Page, quoted};
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
    let mut output = Output::new(session.format(), Kind::Pages, false, &session.progress);
    let mut exit = Exit::Done;
    session.progress.start(None);
    for input in &general.files {
        match survey::read(session, input, &general, &candidates) {
            Ok(survey) => {
                exit = exit.min(survey.exit());
                show(session, &survey, &mut output);
                advise(session, &survey, &args.reading);
            }
            Err(failure) => {
                output.flush();
                let failure = failure.spelled(&session.spelling);
                session.progress.lifted(|| failure.print());
                exit = exit.min(failure.exit);
            }
        }
    }
    session.progress.finish();
    crate::pipeline::ending::finish(output)?;
    Ok(exit)
}

fn show(session: &Session, survey: &Survey, output: &mut Output) {
    match session.format() {
        Format::Json => output.record(survey_record::whole(survey)),
        Format::Csv => survey_record::columns(survey)
            .into_iter()
            .for_each(|record| output.record(record)),
        Format::Table => {
            let mut page = Page::new().spelled(session.spelling.clone());
            survey_page::write(&mut page, survey);
            output.text(page.as_str());
            output.flush();
        }
    }
}

fn advise(session: &Session, survey: &Survey, reading: &cli::Reading) {
    let file = &survey.file;
    if survey.rows == 0 {
        session.warnings.warn(&format!("{file}: no leads in it"));
        return;
    }
    let file = format!("{} {}", flags(reading), quoted(file));
    let best = survey.fits_best_first().into_iter().next();
    let advice = match best.filter(|fit| fit.ready > 0) {
        Some(fit) if fit.ready < survey.rows => format!(
            "next: leadctl check --to {}{file} shows each row that is not ready",
            quoted(&fit.name)
        ),
        Some(fit) => format!(
            "next: leadctl send --to {} --dry-run{file}",
            quoted(&fit.name)
        ),
        None => {
            "next: leadctl partners DEST shows the columns that a destination accepts".to_owned()
        }
    };
    session.warnings.note(&advice);
}
