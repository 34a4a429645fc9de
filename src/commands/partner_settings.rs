//! `leadctl partner-settings`: prints a partner's own settings, or changes them
//! after showing what would change.

use std::io::{IsTerminal as _, stdin};
use std::path::Path;

use serde_json::Value as Json;

use super::asking::{self, Asker};
use super::settings_file::{Difference, complaints, differences};
use crate::cli;
use crate::config::{Destination, PartnerSettings, Then};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::lead::text::clean;
use crate::outcome::{Meaning, Verdict};
use crate::output::{Command, Exit, Format, Layout, Output};
use crate::pipeline::ending;
use crate::session::Session;

const AGAIN: &str = "run the same command again: what is done twice harms nobody";

pub fn run(session: &Session, args: &cli::PartnerSettings) -> anyhow::Result<Exit> {
    let destination = session.settings.destination(&args.to)?;
    let settings = destination
        .settings
        .as_ref()
        .ok_or_else(|| no_settings_here(session, destination))?;
    let file = match &args.set {
        Some(path) => Some((path.as_path(), read_file(path)?)),
        None => None,
    };
    let partner = Partner {
        session,
        asker: Asker::new(session, destination, &[])?,
        destination,
        settings,
    };
    let there = partner.read()?;
    match file {
        Some((path, file)) => Ok(partner.change(path, &there, &file, args.yes)?),
        None => {
            // As JSON in every format: on one line where a line is asked for.
            partner.print([(there.to_string(), format!("{there:#}"))].into_iter())?;
            Ok(Exit::Done)
        }
    }
}

fn no_settings_here(session: &Session, destination: &Destination) -> Failure {
    let name = &destination.name;
    let failure = Failure::usage(format!("{name} declares no settings of its own"));
    let having = asking::having(session, |one| one.settings.is_some());
    failure.hint(match having.is_empty() {
        true => format!("declare them under [{name}.settings]"),
        false => format!("these do: {having}"),
    })
}

fn read_file(path: &Path) -> Result<Json, Failure> {
    let shown = path.display();
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("{shown} can't be read: {}", io_words(&error))))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::usage("this file is no JSON: a comma, a quote or a bracket is wrong near here")
            .at(format!("{shown}:{}", error.line()))
            .hint("nothing was changed")
    })
}

/// A partner that has settings.
struct Partner<'p> {
    session: &'p Session,
    asker: Asker<'p>,
    destination: &'p Destination,
    settings: &'p PartnerSettings,
}

impl Partner<'_> {
    fn read(&self) -> Result<Json, Failure> {
        let heard = self.asker.ask(&self.settings.read, None)?;
        let name = &self.destination.name;
        match (heard.json, heard.verdict.meaning) {
            (Some(json @ Json::Object(_)), _) => Ok(json),
            (Some(_), _) => Err(Failure::unfinished(format!(
                "{name} answered with something else than settings"
            ))),
            (None, Meaning::Then(then)) if then.is_success() => {
                Err(self.no_settings(&heard.verdict))
            }
            (None, _) => Err(asking::failure(self.destination, &heard.verdict)),
        }
    }

    /// A page, as a wrong address or a login gives it.
    fn no_settings(&self, verdict: &Verdict) -> Failure {
        let name = &self.destination.name;
        let came = match &verdict.excerpt {
            Some(text) => format!("what came begins with \"{}\"", clean(text, 60)),
            None => "the answer is empty".to_owned(),
        };
        let status = verdict.status.unwrap_or_default();
        // A query may hold what nobody else is to read.
        let base = self.destination.base.as_deref().unwrap_or_default();
        let base = base.split('?').next().unwrap_or_default();
        Failure::unfinished(format!(
            "{name} answered {status}, but not with its settings: {came}"
        ))
        .hint(format!(
            "is its address right? [{name}] has base = \"{base}\""
        ))
    }

    /// Prints each as a line of JSON, or as text.
    fn print(&self, lines: impl Iterator<Item = (String, String)>) -> Result<(), Failure> {
        let format = self.session.format();
        let mut output = Output::new(format, Layout::Pages, false, &self.session.progress);
        for (json, text) in lines {
            match format {
                Format::Json => output.json(&json),
                _ => output.text(&text),
            }
        }
        ending::finish(output)
    }

    fn note(&self, note: &str) -> Exit {
        self.session.warnings.note(note);
        Exit::Done
    }

    /// This command, to look what stands there.
    fn command(&self) -> Command {
        Command::new(["partner-settings", "--to", &self.destination.name])
    }

    fn change(&self, path: &Path, there: &Json, file: &Json, yes: bool) -> Result<Exit, Failure> {
        let wrong = complaints(self.settings, there, file);
        if !wrong.is_empty() {
            let what = format!("{} can't be sent: nothing was changed", path.display());
            return Err(Failure::usage(what).at(wrong.join("\n")).hint(format!(
                "start from what stands there: {} > settings.json",
                self.command()
            )));
        }
        let changes = differences(self.settings, there, file);
        if changes.is_empty() {
            return Ok(self.note("nothing to change: the settings are as this file says"));
        }
        self.print(changes.iter().map(|change| {
            let Difference { at, from, to } = change;
            let json = serde_json::json!({ "at": at, "from": from, "to": to });
            (json.to_string(), change.in_words())
        }))?;
        if !yes && !self.is_wanted(path)? {
            return Ok(self.note("nothing was changed"));
        }
        let heard = self.asker.ask(&self.settings.write, Some(file))?;
        match heard.verdict.meaning {
            Meaning::Then(then) if then.is_success() => self.prove(&heard.verdict, file),
            _ => self.look_again(&heard.verdict, file),
        }
    }

    fn is_wanted(&self, path: &Path) -> Result<bool, Failure> {
        if !stdin().is_terminal() {
            let failure = Failure::usage("nothing was changed: there is no terminal to ask you at");
            return Err(failure.hint(format!(
                "sure? {}",
                self.command()
                    .and(["--set", &path.display().to_string(), "--yes"])
            )));
        }
        self.note(&format!("Change this at {}? [y/N]", self.destination.name));
        let mut answer = String::new();
        let heard = stdin().read_line(&mut answer).is_ok();
        let answer = answer.trim().to_lowercase();
        Ok(heard && matches!(answer.as_str(), "y" | "yes" | "o" | "oui"))
    }

    /// That they say so proves nothing: what stands there does.
    fn prove(&self, verdict: &Verdict, file: &Json) -> Result<Exit, Failure> {
        let name = &self.destination.name;
        let status = verdict.status.map(|status| format!(" {status}"));
        let answered = format!(
            "{name} answered{} to the change",
            status.unwrap_or_default()
        );
        let now = self.read().map_err(|why| {
            let what = format!("{answered}, but it could not be read again ({})", why.what);
            Failure::new(what, Exit::InDoubt).hint(self.look())
        })?;
        let left = differences(self.settings, &now, file);
        match left.is_empty() {
            true => Ok(self.note(&format!("changed at {name}"))),
            false => Err(not_changed(
                Failure::unfinished(format!("{answered}, but read again it is not so")),
                &left,
            )),
        }
    }

    /// What failed may have been done in part, or whole: what stands there
    /// tells.
    fn look_again(&self, verdict: &Verdict, file: &Json) -> Result<Exit, Failure> {
        let failure = asking::failure(self.destination, verdict);
        let now = match verdict.meaning {
            Meaning::Unreachable | Meaning::Then(Then::Stop) => None,
            _ => self.read().ok(),
        };
        let left = now.map(|now| differences(self.settings, &now, file));
        match (left, verdict.meaning) {
            (Some(left), _) if left.is_empty() => {
                let name = &self.destination.name;
                self.session.warnings.warn(&failure.what);
                Ok(self.note(&format!(
                    "changed at {name} all the same: read again, it is so"
                )))
            }
            (Some(left), _) => Err(not_changed(failure, &left)),
            (None, Meaning::Then(Then::InDoubt)) => {
                Err(Failure::new(failure.what, Exit::InDoubt).hint(self.look()))
            }
            (None, _) => Err(failure),
        }
    }

    fn look(&self) -> String {
        format!("it may or may not be changed; look: {}", self.command())
    }
}

fn not_changed(failure: Failure, left: &[Difference]) -> Failure {
    let left: Vec<String> = left.iter().map(Difference::in_words).collect();
    let place = format!("not changed:\n{}", left.join("\n"));
    failure.at(place).hint(AGAIN)
}
