//! `leadctl check --online`: one harmless read proves the address and the key
//! before the first lead. Where the partner's settings tell which fields a
//! contact must have, the leads that lack them are told too.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::proof;
use crate::cli;
use crate::commands::asking::{self, Asker};
use crate::commands::settings_file::mandatory;
use crate::config::{Destination, Then};
use crate::error::Failure;
use crate::outcome::Meaning;
use crate::output::{Command, Exit};
use crate::pipeline::Prepared;
use crate::session::Session;

/// Lines told of one missing field at most.
const LINES: usize = 5;

/// A destination that was asked, or could not be.
#[derive(Debug)]
pub struct Asked<'d> {
    destination: &'d Destination,
    /// For the user, one sentence each.
    notes: Vec<String>,
    /// Targets that a contact must have at this partner.
    pub mandatory: Vec<String>,
    /// Why the destination was not proven: it would stop every lead.
    pub failure: Option<Failure>,
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
    let asked = chosen.into_iter().map(|destination| {
        let mut asked = Asked {
            destination,
            notes: Vec::new(),
            mandatory: Vec::new(),
            failure: None,
        };
        match to.is_none().then(|| hindrance(session, destination, args)) {
            Some(Some(why)) => asked.note(&format!("not asked: {why}")),
            _ => asked.failure = asked.prove(session, &args.reading.defaults).err(),
        }
        asked
    });
    asked.collect()
}

/// Tells what was proven and what was not.
pub fn tell(session: &Session, asked: &[Asked<'_>]) -> Exit {
    for one in asked {
        for note in &one.notes {
            session.warnings.note(note);
        }
    }
    let failures = asked.iter().filter_map(|one| one.failure.as_ref());
    failures.clone().for_each(Failure::print);
    failures.map(|one| one.exit).min().unwrap_or(Exit::Done)
}

/// What asking a destination came to, if it was asked.
pub fn of<'a, 'd>(asked: &'a [Asked<'d>], destination: &Destination) -> Option<&'a Asked<'d>> {
    let mut asked = asked.iter();
    asked.find(|asked| asked.destination.name == destination.name)
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
    let command = command(destination);
    let missing =
        calls.find_map(|call| asking::values(destination, call, defaults, &command).err())?;
    Some(proof::in_words(&missing))
}

fn command(destination: &Destination) -> Command {
    Command::new(["check", "--to", &destination.name, "--online"])
}

impl Asked<'_> {
    fn note(&mut self, what: &str) {
        self.notes
            .push(format!("{}: {what}", self.destination.name));
    }

    /// Asks the partner. `defaults`: what fills the address's placeholders where
    /// the table has none.
    fn prove(&mut self, session: &Session, defaults: &[(String, String)]) -> Result<(), Failure> {
        let destination = self.destination;
        if destination.online.is_none() && destination.settings.is_none() {
            self.note(
                "nothing can be asked without sending a lead, so address and key are not proven",
            );
            return Ok(());
        }
        let asker = Asker::new(session, destination, defaults, command(destination))?;
        if let Some(call) = &destination.online {
            let verdict = asker.ask(call, None)?.verdict;
            let base = destination.base.as_deref().unwrap_or_default();
            match verdict.meaning {
                Meaning::Then(then) if then.is_success() => self.note(&format!(
                    "{base} answered, address and credentials are right"
                )),
                Meaning::Then(Then::Rejected) => self.note(&verdict.message),
                _ => return Err(asking::failure(destination, &verdict)),
            }
        }
        self.ask_mandatory(&asker)
    }

    /// The fields that a contact must have there, by the partner's settings.
    fn ask_mandatory(&mut self, asker: &Asker<'_>) -> Result<(), Failure> {
        let (destination, name) = (self.destination, &self.destination.name);
        let settings = destination.settings.iter();
        let Some(settings) = settings.into_iter().find(|it| it.mandatory.is_some()) else {
            return Ok(());
        };
        let heard = asker.ask(&settings.read, None)?;
        let Some(there) = heard.json else {
            return Err(asking::failure(destination, &heard.verdict));
        };
        self.mandatory = mandatory(settings, &there);
        if !self.mandatory.is_empty() {
            let fields = self.mandatory.join(", ");
            self.note(&format!("a contact must have {fields} there"));
        }
        let sent = |target: &str| destination.fields.iter().any(|f| f.target == target);
        let mut unsent: Vec<&str> = self.mandatory.iter().map(String::as_str).collect();
        unsent.retain(|target| !sent(target));
        let unsent = unsent.join(", ");
        if !unsent.is_empty() {
            self.note(&format!(
                "no field is sent as {unsent}: add it to [{name}.fields], or every lead is refused"
            ));
        }
        Ok(())
    }

    /// What a lead lacks of the mandatory fields; nothing is asked of one that
    /// is invalid anyhow.
    pub fn lacking(&self, prepared: &Prepared<'_>) -> Vec<&str> {
        let Ok(sendable) = &prepared.ready else {
            return Vec::new();
        };
        let mut targets: Vec<&str> = self.mandatory.iter().map(String::as_str).collect();
        if !targets.is_empty() {
            let body = sendable.request.body.as_deref().unwrap_or_default();
            let body: Json = serde_json::from_str(body).unwrap_or_default();
            targets.retain(|target| {
                let mut steps = target.split('.');
                steps.try_fold(&body, |at, key| at.get(key)).is_none()
            });
        }
        targets
    }
}

/// The lines of leads that lack something mandatory, by its target.
pub type Lacking<'a> = BTreeMap<&'a str, Vec<u64>>;

/// Tells which leads of a file lack what; whether any does.
pub fn tell_lacking(
    session: &Session,
    destination: &Destination,
    file: &str,
    lacking: &Lacking<'_>,
) -> Exit {
    for (target, lines) in lacking {
        let first: Vec<String> = lines.iter().take(LINES).map(u64::to_string).collect();
        let more = if lines.len() > LINES { "…" } else { "" };
        let rows = match lines.len() {
            1 => "1 lead lacks".to_owned(),
            count => format!("{count} leads lack"),
        };
        let mut fields = destination.fields.iter();
        let field = fields.find(|field| field.target == *target);
        let column = field.and_then(|field| field.rule.from.first());
        let column = column.map_or_else(String::new, |column| format!(" (column {column})"));
        session.warnings.warn(&format!(
            "{file}: {rows} {target}{column}, which {} makes mandatory: line {}{more}",
            destination.name,
            first.join(", ")
        ));
    }
    match lacking.is_empty() {
        true => Exit::Done,
        false => Exit::Refused,
    }
}
