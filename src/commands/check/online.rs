//! `leadctl check --online`: one harmless read proves the address and the key
//! before the first lead. Where the partner's settings tell which fields a
//! contact must have, the leads that lack them are told too.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::cli;
use crate::commands::asking::{self, Asker};
use crate::commands::leads::inputs::{self, Inputs};
use crate::commands::leads::prepare::{Preparer, Rules};
use crate::commands::leads::sendable::Ready;
use crate::commands::session::Session;
use crate::commands::settings_file::mandatory;
use crate::failure::Failure;
use crate::outcome::Meaning;
use crate::partner::Destination;
use crate::partner::answer::Then;
use crate::report::Exit;

/// Lines told of one missing field at most.
const LINES: usize = 5;

/// Asks, and tells what was proven.
pub fn run(
    session: &Session,
    args: &cli::Check,
    destination: &Destination,
) -> Result<Exit, Failure> {
    let proven = prove(session, destination, &args.reading.set)?;
    for note in &proven.notes {
        session.warnings.note(note);
    }
    let (lacks, exit) = lacking(session, args, destination, &proven)?;
    for lack in &lacks {
        session.warnings.warn(lack);
    }
    Ok(exit)
}

/// What asking the partner proved.
#[derive(Debug)]
struct Proven {
    /// For the user, one sentence each.
    notes: Vec<String>,
    /// Targets that a contact must have at this partner.
    mandatory: Vec<String>,
}

/// Asks the partner. `set`: what fills the address's placeholders where no
/// default does. An error is what would stop every lead.
fn prove(
    session: &Session,
    destination: &Destination,
    set: &[(String, String)],
) -> Result<Proven, Failure> {
    let name = &destination.name;
    let mut proven = Proven {
        notes: Vec::new(),
        mandatory: Vec::new(),
    };
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
            let (prepared, lead, _) = preparer.prepare(record, &inputs.set)?;
            let Ready::Valid(sendable) = &prepared.judged else {
                continue;
            };
            let body = sendable.request.body.as_deref().unwrap_or_default();
            let body: Json = serde_json::from_str(body).unwrap_or_default();
            for target in &proven.mandatory {
                let mut steps = target.split('.');
                if steps.try_fold(&body, |at, key| at.get(key)).is_none() {
                    missing.entry(target).or_default().push(lead.record.line);
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
