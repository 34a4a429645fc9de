//! `leadctl resolve`: a person settles leads in doubt.

use std::collections::HashMap;
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

/// A person's word on one lead.
struct Word {
    id: i64,
    ruling: Ruling,
    /// The line of the file that it stands in; 0 on the command line, where
    /// all are ruled alike.
    line: usize,
}

pub fn run(session: &Session, args: &cli::Resolve) -> Result<Exit, Failure> {
    let words = match &args.from {
        Some(file) => read(file)?,
        None => {
            let ruling = match args.delivered {
                true => Ruling::Delivered,
                false => Ruling::NotReceived,
            };
            let word = |&id| Word {
                id,
                ruling,
                line: 0,
            };
            args.ids.iter().map(word).collect()
        }
    };
    let words = once(words, args.from.as_deref())?;
    let ledger = opening::open(session, Mode::Existing)?;
    check(&ledger, &words)?;
    let mut output = Output::new(session.format(), Kind::Ids, false, &session.progress);
    let settled = settle(&ledger, &words, args.note.as_deref(), &mut output);
    // What was settled before a failure is shown all the same.
    let shown = super::results::finish(output);
    settled.and(shown)?;
    // What was settled is settled; a lead not received waits for its send.
    Ok(code(&Counts::new(), None))
}

/// Each lead once. Two words that contradict each other are nobody's word.
fn once(words: Vec<Word>, file: Option<&Path>) -> Result<Vec<Word>, Failure> {
    let mut said: HashMap<i64, (Ruling, usize)> = HashMap::new();
    let mut kept = Vec::with_capacity(words.len());
    for word in words {
        match said.get(&word.id) {
            None => {
                said.insert(word.id, (word.ruling, word.line));
                kept.push(word);
            }
            Some((ruling, _)) if *ruling == word.ruling => {}
            Some((_, line)) => return Err(contradiction(&word, *line, file)),
        }
    }
    Ok(kept)
}

fn contradiction(word: &Word, earlier: usize, file: Option<&Path>) -> Failure {
    let (before, now) = match word.ruling {
        Ruling::Delivered => ("no", "yes"),
        Ruling::NotReceived => ("yes", "no"),
    };
    let failure = Failure::usage(format!(
        "lead {} is there twice: received is {before} in line {earlier}, and {now} in line {}",
        word.id, word.line
    ))
    .hint("keep the line that is right; nothing was settled");
    match file {
        Some(file) => failure.at(file.display().to_string()),
        None => failure,
    }
}

fn settle(
    ledger: &Ledger,
    words: &[Word],
    note: Option<&str>,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut stored = ledger.finder();
    for word in words {
        ledger
            .resolve(word.id, word.ruling, note)
            .map_err(opening::failure)?;
        if let Some(lead) = stored.lead(word.id).map_err(opening::failure)? {
            output.row(&rows::standing(&lead));
        }
    }
    Ok(())
}

/// All or nothing: a wrong id is told before anything is settled.
fn check(ledger: &Ledger, words: &[Word]) -> Result<(), Failure> {
    let mut stored = ledger.finder();
    for Word { id, .. } in words {
        let lead = stored.lead(*id).map_err(opening::failure)?;
        let what = match lead {
            Some(lead) if lead.in_flight => {
                return Err(Failure::unfinished(format!(
                    "lead {id} is being sent or asked about at this moment"
                ))
                .hint("wait until that run is done; nothing was settled"));
            }
            Some(lead) if lead.state == State::InDoubt => continue,
            Some(lead) => format!("lead {id} is not in doubt: it is {}", lead.state),
            None => format!("there is no lead {id} in the ledger"),
        };
        return Err(Failure::usage(what)
            .hint("leadctl history --state in_doubt lists the doubts; nothing was settled"));
    }
    Ok(())
}

/// Reads a CSV file with the columns id and received.
fn read(file: &Path) -> Result<Vec<Word>, Failure> {
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
    let mut words = Vec::new();
    let mut lines = Lines::of(text);
    for row in reader.records() {
        let line = lines.line_at(match &row {
            Ok(row) => row.position(),
            Err(error) => error.position(),
        });
        let place = format!("{shown}:{line}");
        let row = row.map_err(|_| Failure::usage("this row can't be read").at(place.clone()))?;
        let cell = |at: usize| row.get(at).unwrap_or_default();
        let id = cell(id).parse().map_err(|_| {
            Failure::usage(format!("\"{}\" is no lead's id", cell(id))).at(place.clone())
        })?;
        words.push(Word {
            id,
            ruling: ruling(cell(received), place)?,
            line,
        });
    }
    Ok(words)
}

/// Counts the lines of a text as a person does, blank ones too: the reader of
/// its rows leaves those out.
struct Lines<'t> {
    /// What is not counted yet.
    rest: &'t str,
    passed: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self {
            rest: text,
            passed: 0,
            line: 1,
        }
    }

    /// The line of a row that the reader found here; rows come in their order.
    fn line_at(&mut self, found: Option<&csv::Position>) -> usize {
        let at = found.and_then(|found| usize::try_from(found.byte()).ok());
        let ahead = at.unwrap_or_default().saturating_sub(self.passed);
        // The ends of the lines before are still to come.
        let ends = self.rest.get(ahead..).unwrap_or_default();
        let ends = ends.len() - ends.trim_start_matches(['\r', '\n']).len();
        if let Some((before, rest)) = self.rest.split_at_checked(ahead + ends) {
            self.line += before.matches('\n').count();
            self.passed += before.len();
            self.rest = rest;
        }
        self.line
    }
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
