//! `leadctl check --online`: one harmless read proves the address and the key
//! before the first lead. Where the partner's settings tell which fields a
//! contact must have, the leads that lack them are told too.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::proof;
use crate::cli;
use crate::commands::asking::{self, Asker};
use crate::commands::settings_file::mandatory;
use crate::config::Destination;
use crate::config::Then;
use crate::error::Failure;
use crate::outcome::Meaning;
use crate::output::Exit;
use crate::pipeline::inputs::{self, Inputs};
use crate::pipeline::{Preparer, Rules};
use crate::session::Session;

/// Lines told of one missing field at most.
const LINES: usize = 5;

/// A destination that was asked, or could not be.
#[derive(Debug)]
pub struct Asked<'d> {
    destination: &'d Destination,
    heard: Result<Proven, Failure>,
}

/// What asking the partner proved.
#[derive(Debug, Default)]
struct Proven {
    /// For the user, one sentence each.
    notes: Vec<String>,
    /// Targets that a contact must have at this partner.
    mandatory: Vec<String>,
}

/// Asks the destination that is named, else every one that can be asked.
pub fn ask<'d>(
    session: &'d Session,
    args: &cli::Check,
    to: Option<&'d Destination>,
) -> Vec<Asked<'d>> {
    let chosen = match to {
        _ if !args.online => Vec::new(),
        Some(destination) => vec![destination],
        None => session.settings.catalogue.concerned(),
    };
    let asked = chosen.into_iter().map(|destination| Asked {
        destination,
        heard: match to.is_none().then(|| hindrance(session, destination, args)) {
            Some(Some(why)) => Ok(Proven {
                notes: vec![format!("{}: not asked: {why}", destination.name)],
                ..Proven::default()
            }),
            _ => prove(session, destination, &args.reading.defaults),
        },
    });
    asked.collect()
}

/// Tells what was proven and what was not.
pub fn tell(session: &Session, args: &cli::Check, asked: &[Asked<'_>]) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
    for Asked { destination, heard } in asked {
        match heard {
            Ok(proven) => {
                for note in &proven.notes {
                    session.warnings.note(note);
                }
                let (lacks, lacking) = lacking(session, args, destination, proven)?;
                for lack in &lacks {
                    session.warnings.warn(lack);
                }
                exit = exit.min(lacking);
            }
            Err(failure) => {
                failure.print();
                exit = exit.min(failure.exit);
            }
        }
    }
    Ok(exit)
}

/// Why the destination was not proven, of those that were asked.
pub fn failure_of<'a>(asked: &'a [Asked<'_>], destination: &Destination) -> Option<&'a Failure> {
    let mut asked = asked.iter();
    let of = asked.find(|asked| asked.destination.name == destination.name)?;
    of.heard.as_ref().err()
}

/// What keeps a destination that nobody named from being asked: no failure,
/// for it may be one of many and not in use yet.
fn hindrance(session: &Session, destination: &Destination, args: &cli::Check) -> Option<String> {
    let proof = proof::prove(destination, session.settings.folder());
    if !proof.missing.is_empty() {
        let missing = proof.missing.iter().map(|found| found.what.as_str());
        return Some(missing.collect::<Vec<_>>().join("; "));
    }
    let settings = destination.settings.iter();
    let settings = settings.filter(|settings| settings.mandatory.is_some());
    let mut calls = destination
        .online
        .iter()
        .chain(settings.map(|settings| &settings.read));
    let defaults = &args.reading.defaults;
    let missing = calls.find_map(|call| asking::values(destination, call, defaults).err())?;
    let failure = missing.failure(destination);
    let hint = failure
        .hint
        .map_or_else(String::new, |hint| format!("; {hint}"));
    Some(format!("{}{hint}", failure.what))
}

/// Asks the partner. `set`: what fills the address's placeholders where no
/// default does. An error is what would stop every lead.
fn prove(
    session: &Session,
    destination: &Destination,
    set: &[(String, String)],
) -> Result<Proven, Failure> {
    let name = &destination.name;
    let mut proven = Proven::default();
    if destination.online.is_none() && destination.settings.is_none() {
        proven.notes.push(format!(
            "{name}: nothing can be asked without sending a lead, so address and key are not proven"
        ));
        return Ok(proven);
    }
    let asker = Asker::new(session, destination, set)?;
    if let Some(operation) = &destination.online {
        let verdict = asker.ask(operation, None)?.verdict;
        match verdict.meaning {
            Meaning::Then(then) if then.is_success() => {
                let base = destination.base.as_deref().unwrap_or_default();
                proven.notes.push(format!(
                    "{name}: {base} answered, address and credentials are right"
                ));
            }
            Meaning::Then(Then::Rejected) => {
                proven.notes.push(format!("{name}: {}", verdict.message));
            }
            _ => return Err(asking::failure(destination, &verdict)),
        }
    }
    proven.ask_mandatory(&asker, destination)?;
    Ok(proven)
}

impl Proven {
    /// The fields that a contact must have there, by the partner's settings.
    fn ask_mandatory(
        &mut self,
        asker: &Asker<'_>,
        destination: &Destination,
    ) -> Result<(), Failure> {
        let Some(settings) = &destination.settings else {
            return Ok(());
        };
        if settings.mandatory.is_none() {
            return Ok(());
        }
        let heard = asker.ask(&settings.read, None)?;
        let Some(there) = heard.json else {
            return Err(asking::failure(destination, &heard.verdict));
        };
        self.mandatory = mandatory(settings, &there);
        let name = &destination.name;
        if !self.mandatory.is_empty() {
            let fields = self.mandatory.join(", ");
            self.notes
                .push(format!("{name}: a contact must have {fields} there"));
        }
        let sent = |target: &str| destination.fields.iter().any(|f| f.target == target);
        let unsent: Vec<&str> = self.mandatory.iter().map(String::as_str).collect();
        let unsent: Vec<&str> = unsent.into_iter().filter(|target| !sent(target)).collect();
        if !unsent.is_empty() {
            self.notes.push(format!(
                "{name}: no field is sent as {}: add it to [{name}.fields], or every lead is refused",
                unsent.join(", ")
            ));
        }
        Ok(())
    }
}

/// What the leads of the files lack of the mandatory fields, and whether any
/// does. Rows that are invalid anyhow are not counted.
fn lacking(
    session: &Session,
    args: &cli::Check,
    destination: &Destination,
    proven: &Proven,
) -> Result<(Vec<String>, Exit), Failure> {
    if proven.mandatory.is_empty() || args.files.iter().any(|file| inputs::is_stdin(file)) {
        return Ok((Vec::new(), Exit::Done));
    }
    let inputs = Inputs::of(
        session,
        destination,
        inputs::named(&args.files, None),
        &args.reading,
    );
    let rules = Rules::new(destination);
    let mut told = Vec::new();
    for input in &inputs.files {
        let mut missing: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        let mut preparer = Preparer::new(&rules, &inputs);
        for record in inputs::open(input, &inputs.options)? {
            let record = record.map_err(inputs::failure)?;
            let prepared = preparer.prepare(record, &inputs.set)?;
            let Ok(sendable) = &prepared.ready else {
                continue;
            };
            let body = sendable.request.body.as_deref().unwrap_or_default();
            let body: Json = serde_json::from_str(body).unwrap_or_default();
            for target in &proven.mandatory {
                let mut steps = target.split('.');
                if steps.try_fold(&body, |at, key| at.get(key)).is_none() {
                    missing
                        .entry(target)
                        .or_default()
                        .push(prepared.lead.record.line);
                }
            }
        }
        told.extend(missing.iter().map(|(target, lines)| {
            let file = &input.shown_as;
            format!("{file}: {}", lack(destination, target, lines))
        }));
    }
    let exit = match told.is_empty() {
        true => Exit::Done,
        false => Exit::Refused,
    };
    Ok((told, exit))
}

fn lack(destination: &Destination, target: &str, lines: &[u64]) -> String {
    let first: Vec<String> = lines.iter().take(LINES).map(u64::to_string).collect();
    let more = match lines.len() > LINES {
        true => "…",
        false => "",
    };
    let rows = match lines.len() {
        1 => "1 lead lacks".to_owned(),
        count => format!("{count} leads lack"),
    };
    let column = destination
        .fields
        .iter()
        .find(|field| field.target == target)
        .and_then(|field| field.rule.from.first());
    let column = column.map_or_else(String::new, |column| format!(" (column {column})"));
    format!(
        "{rows} {target}{column}, which {} makes mandatory: line {}{more}",
        destination.name,
        first.join(", ")
    )
}
