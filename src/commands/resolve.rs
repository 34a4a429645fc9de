//! `leadctl resolve`: a person settles leads in doubt.

use std::path::Path;

use super::opening;
use super::rows;
use super::session::Session;
use crate::cli;
use crate::failure::Failure;
use crate::io_words::io_words;
use crate::lead::State;
use crate::ledger::{Ledger, Mode, Ruling};
use crate::report::{Counts, Exit, Kind, Output, code};

pub fn run(session: &Session, args: &cli::Resolve) -> Result<Exit, Failure> {
    let rulings = match &args.from {
        Some(file) => read(file)?,
        None => {
            let ruling = match args.delivered {
                true => Ruling::Delivered,
                false => Ruling::NotReceived,
            };
            args.ids.iter().map(|id| (*id, ruling)).collect()
        }
    };
    let ledger = opening::open(session, Mode::Existing)?;
    check(&ledger, &rulings)?;
    let mut output = Output::new(session.format(), Kind::Ids, false, &session.progress);
    let mut stored = ledger.finder();
    for (id, ruling) in rulings {
        ledger
            .resolve(id, ruling, args.note.as_deref())
            .map_err(opening::failure)?;
        if let Some(lead) = stored.lead(id).map_err(opening::failure)? {
            output.row(&rows::standing(&lead));
        }
    }
    super::results::finish(output)?;
    // What was settled is settled; a lead not received waits for its send.
    Ok(code(&Counts::new(), None))
}

/// All or nothing: a wrong id is told before anything is settled.
fn check(ledger: &Ledger, rulings: &[(i64, Ruling)]) -> Result<(), Failure> {
    let mut stored = ledger.finder();
    for (id, _) in rulings {
        let lead = stored.lead(*id).map_err(opening::failure)?;
        let state = lead.map(|lead| lead.state);
        if state == Some(State::InDoubt) {
            continue;
        }
        let what = match state {
            None => format!("there is no lead {id} in the ledger"),
            Some(state) => format!("lead {id} is not in doubt: it is {state}"),
        };
        return Err(Failure::usage(what)
            .hint("leadctl history --state in_doubt lists the doubts; nothing was settled"));
    }
    Ok(())
}

/// Reads a CSV file with the columns id and received.
fn read(file: &Path) -> Result<Vec<(i64, Ruling)>, Failure> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::unfinished(format!("can't be read: {}", io_words(&error))).at(shown.clone())
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let header = text.lines().next().unwrap_or_default();
    let delimiter = match header.contains(';') {
        true => b';',
        false => b',',
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .map_err(|_| Failure::usage("is no CSV file").at(shown.clone()))?
        .iter()
        .map(str::to_lowercase)
        .collect();
    let column = |wanted: &[&str]| {
        names
            .iter()
            .position(|name| wanted.contains(&name.as_str()))
    };
    let (Some(id), Some(received)) = (column(&["id", "leadctl_id"]), column(&["received"])) else {
        return Err(Failure::usage(format!(
            "needs the columns id and received; it has {}",
            names.join(", ")
        ))
        .at(shown));
    };
    let mut rulings = Vec::new();
    for (row, line) in reader.records().zip(2..) {
        let place = format!("{shown}:{line}");
        let row = row.map_err(|_| Failure::usage("this row can't be read").at(place.clone()))?;
        let cell = |at: usize| row.get(at).unwrap_or_default();
        let lead = cell(id).parse().map_err(|_| {
            Failure::usage(format!("\"{}\" is no lead's id", cell(id))).at(place.clone())
        })?;
        rulings.push((lead, ruling(cell(received), place)?));
    }
    Ok(rulings)
}

fn ruling(word: &str, place: String) -> Result<Ruling, Failure> {
    match word.to_lowercase().as_str() {
        "yes" | "oui" | "true" | "vrai" | "1" | "y" | "o" => Ok(Ruling::Delivered),
        "no" | "non" | "false" | "faux" | "0" | "n" => Ok(Ruling::NotReceived),
        _ => Err(Failure::usage(format!("received is \"{word}\""))
            .at(place)
            .hint("write yes or no")),
    }
}
