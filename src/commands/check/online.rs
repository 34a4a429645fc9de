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
        let proof = proof::prove(destination, session.settings.folder());
        let missing = proof.missing.into_iter().next();
        let proven = match missing.filter(|_| to.is_none()) {
            Some(missing) => Err(missing),
            None => asked.prove(session, &args.reading.defaults),
        };
        match proven {
            Ok(refused) => asked.failure = refused,
            // No failure: it may be one of many and not in use yet.
            Err(why) if to.is_none() => {
                asked.note(&format!("not asked: {}", proof::in_words(&why)));
            }
            Err(why) => asked.failure = Some(why),
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

impl Asked<'_> {
    fn note(&mut self, what: &str) {
        self.notes
            .push(format!("{}: {what}", self.destination.name));
    }

    /// Asks the partner, who may refuse. `defaults`: what fills the address's
    /// placeholders where the table has none.
    ///
    /// # Errors
    /// It can't be asked.
    fn prove(
        &mut self,
        session: &Session,
        defaults: &[(String, String)],
    ) -> Result<Option<Failure>, Failure> {
        let (destination, name) = (self.destination, &self.destination.name);
        let settings = destination.settings.as_ref();
        if destination.online.is_none() && settings.is_none() {
            self.note(
                "nothing can be asked without sending a lead, so address and key are not proven",
            );
            return Ok(None);
        }
        let command = Command::new(["check", "--to", name, "--online"]);
        let asker = Asker::new(session, destination, defaults, command)?;
        if let Some(call) = &destination.online {
            let verdict = asker.ask(call, None)?.verdict;
            let base = destination.base.as_deref().unwrap_or_default();
            match verdict.meaning {
                Meaning::Then(then) if then.is_success() => self.note(&format!(
                    "{base} answered, address and credentials are right"
                )),
                Meaning::Then(Then::Rejected) => self.note(&verdict.message),
                _ => return Ok(Some(asking::failure(destination, &verdict))),
            }
        }
        if let Some(settings) = settings.filter(|it| it.mandatory.is_some()) {
            let heard = asker.ask(&settings.read, None)?;
            let Some(there) = heard.json else {
                return Ok(Some(asking::failure(destination, &heard.verdict)));
            };
            self.mandatory = mandatory(settings, &there);
            self.note_mandatory();
        }
        Ok(None)
    }

    /// The fields that a contact must have there, by the partner's settings.
    fn note_mandatory(&mut self) {
        let (destination, name) = (self.destination, &self.destination.name);
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
