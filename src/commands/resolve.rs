//! `leadctl resolve`: a person settles leads in doubt, or takes such a word back.

use std::path::Path;

use super::rows;
use crate::cli;
use crate::error::Failure;
use crate::input::Options;
use crate::lead::{Header, State};
use crate::ledger::{Ledger, Mode, PersonsWord};
use crate::output::{Command, Exit, Layout};
use crate::pipeline::ending;
use crate::pipeline::inputs::{self, Input};
use crate::session::{Session, opening};

/// A person's word on one lead.
struct Word {
    id: i64,
    ruling: PersonsWord,
    /// The line of the file that it stands in; 0 on the command line, where
    /// all are ruled alike.
    line: u64,
}

/// What was settled is settled, whatever was said: a lead not received waits for
/// its send.
pub fn run(session: &Session, args: &cli::Resolve) -> anyhow::Result<Exit> {
    let mut words = Vec::new();
    match &args.from {
        Some(file) => read(file, &mut words)?,
        None => {
            let ruling = match (args.undo, args.delivered) {
                (true, _) => PersonsWord::TakenBack,
                (false, true) => PersonsWord::Delivered,
                (false, false) => PersonsWord::NotReceived,
            };
            for &id in &args.ids {
                let line = 0;
                add(&mut words, Word { id, ruling, line })?;
            }
        }
    }
    let ledger = opening::open(session, Mode::Existing)?;
    ledger.refuse_older()?;
    words.iter().try_for_each(|word| check(&ledger, word))?;
    let catalogue = &session.settings.catalogue;
    let mut output = session.output(Layout::Ids);
    let settled = words.iter().try_for_each(|word| {
        let known = ledger.lead(word.id)?;
        let known = known.and_then(|lead| catalogue.get(&lead.destination));
        let again_after = known.and_then(|known| known.again_after);
        let note = args.note.as_deref();
        if ledger
            .resolve(word.id, word.ruling, note, again_after)?
            .is_none()
        {
            // It was settled, or taken up, since it was looked at.
            return check(&ledger, word);
        }
        let lead = ledger.lead(word.id)?;
        lead.iter()
            .for_each(|lead| output.row(&rows::standing(lead)));
        Ok::<_, Failure>(())
    });
    // What was settled before a failure is shown all the same.
    let shown = ending::finish(output);
    settled.and(shown)?;
    Ok(Exit::Done)
}

/// Each lead once. Two words that contradict each other are nobody's word.
fn add(words: &mut Vec<Word>, word: Word) -> Result<(), Failure> {
    let Some(earlier) = words.iter().find(|known| known.id == word.id) else {
        words.push(word);
        return Ok(());
    };
    if earlier.ruling == word.ruling {
        return Ok(());
    }
    let received = |word: &Word| match word.ruling {
        PersonsWord::Delivered => "yes",
        PersonsWord::NotReceived | PersonsWord::TakenBack => "no",
    };
    Err(Failure::usage(format!(
        "lead {} is there twice: received is {} in line {}, and {} in line {}",
        word.id,
        received(earlier),
        earlier.line,
        received(&word),
        word.line
    ))
    .hint("keep the line that is right; nothing was changed"))
}

/// All or nothing: a wrong id is told before anything is settled.
fn check(ledger: &Ledger, word: &Word) -> Result<(), Failure> {
    let id = word.id;
    let lead = rows::stored(ledger, id)?;
    if lead.in_flight() {
        return Err(Failure::unfinished(format!(
            "lead {id} is being sent or asked about at this moment"
        ))
        .hint("wait until that run is done; nothing was changed"));
    }
    if word.ruling == PersonsWord::TakenBack {
        let last = ledger.attempts(id)?.pop();
        let words = last.filter(|last| last.is_word() && last.state == Some(lead.state));
        return words.map(drop).ok_or_else(|| {
            let what = format!("lead {id} is {}, and not by a word of yours", lead.state);
            let history = Command::new(["history", &id.to_string()]);
            Failure::usage(what).hint(format!("{history} shows what happened; nothing was undone"))
        });
    }
    if lead.state == State::InDoubt {
        return Ok(());
    }
    let what = format!("lead {id} is not in doubt: it is {}", lead.state);
    let doubts = Command::new(["history", "--state", "in_doubt"]);
    Err(Failure::usage(what).hint(format!("{doubts} lists the doubts; nothing was changed")))
}

/// Reads a file with the columns id and received, in any form that an export
/// may have.
fn read(file: &Path, words: &mut Vec<Word>) -> Result<(), Failure> {
    let shown = file.display().to_string();
    let input = Input {
        path: file.to_path_buf(),
        shown_as: shown.clone(),
    };
    let reader = inputs::open(&input, &Options::default())?;
    match reader.header() {
        Some(header) => drop(columns(header, &shown)?),
        None if reader.facts().empty => return Err(Failure::usage("is empty").at(shown)),
        None => {}
    }
    for record in reader {
        let record = record.map_err(inputs::failure)?;
        let wrong = |what: String| {
            let failure = Failure::usage(what).at(format!("{shown}:{}", record.line));
            failure.hint("write a lead's id, and yes or no; nothing was changed")
        };
        if let Some(fault) = &record.fault {
            return Err(wrong(format!("this row can't be read: {fault}")));
        }
        let [id, received] = columns(&record.header, &shown)?;
        let cell = |at: usize| record.cells.get(at).unwrap_or_default().trim();
        let (id, received) = (cell(id), cell(received));
        let word = Word {
            id: id
                .parse()
                .map_err(|_| wrong(format!("\"{id}\" is no lead's id")))?,
            ruling: match received.to_lowercase().as_str() {
                "yes" | "oui" | "true" | "vrai" | "1" | "y" | "o" => PersonsWord::Delivered,
                "no" | "non" | "false" | "faux" | "0" | "n" => PersonsWord::NotReceived,
                _ => return Err(wrong(format!("received is \"{received}\""))),
            },
            line: record.line,
        };
        add(words, word).map_err(|failure| failure.at(shown.clone()))?;
    }
    Ok(())
}

/// Where the columns id and received are.
fn columns(header: &Header, shown: &str) -> Result<[usize; 2], Failure> {
    let names = header.names.iter();
    // A second mark of the byte order, as some programs write it.
    let names = names.map(|name| name.trim_matches('\u{feff}').trim().to_lowercase());
    let names: Vec<String> = names.collect();
    let column = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&&**name));
    match (column(&["id", "leadctl_id"]), column(&["received"])) {
        (Some(id), Some(received)) => Ok([id, received]),
        _ => Err(Failure::usage(format!(
            "needs the columns id and received; it has {}",
            names.join(", ")
        ))
        .at(shown)),
    }
}
