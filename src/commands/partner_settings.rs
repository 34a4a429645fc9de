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
use crate::output::{Command, Exit, Format, Layout};
use crate::pipeline::ending;
use crate::session::Session;

const AGAIN: &str = "run the same command again: what is done twice harms nobody";

pub fn run(session: &Session, args: &cli::PartnerSettings) -> anyhow::Result<Exit> {
    let destination = session.settings.destination(&args.to)?;
    let settings = destination.settings.as_ref().ok_or_else(|| {
        let what = "declares no settings of its own";
        asking::lacks(session, destination, what, |one| one.settings.is_some())
    })?;
    let file = args.set.as_deref().map(read_file).transpose()?;
    let partner = Partner {
        session,
        asker: Asker::new(session, destination, &[], command(destination))?,
        destination,
        settings,
    };
    let there = partner.read()?;
    let Some((path, file)) = args.set.as_deref().zip(file) else {
        // As JSON in every format: on one line where a line is asked for.
        return Ok(partner.print(&[(there.to_string(), format!("{there:#}"))])?);
    };
    session
        .warnings
        .note(&partner.change(path, &there, &file, args.yes)?);
    Ok(Exit::Done)
}

/// This command, to look what stands there.
fn command(destination: &Destination) -> Command {
    Command::new(["partner-settings", "--to", &destination.name])
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
        match (heard.json, heard.verdict.meaning) {
            (Some(json @ Json::Object(_)), _) => Ok(json),
            (None, Meaning::Then(then)) if !then.is_success() => {
                Err(asking::failure(self.destination, &heard.verdict))
            }
            (None, Meaning::Unreachable) => Err(asking::failure(self.destination, &heard.verdict)),
            _ => Err(self.no_settings(&heard.verdict)),
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
    fn print(&self, lines: &[(String, String)]) -> Result<Exit, Failure> {
        let mut output = self.session.output(Layout::Pages);
        for (json, text) in lines {
            match self.session.format() {
                Format::Json => output.json(json),
                _ => output.text(text),
            }
        }
        ending::finish(output)
    }

    /// Shows what a file would change, and has it changed; what came of it.
    fn change(&self, path: &Path, there: &Json, file: &Json, yes: bool) -> Result<String, Failure> {
        let wrong = complaints(self.settings, there, file);
        if !wrong.is_empty() {
            let what = format!("{} is wrong, and nothing was changed", path.display());
            return Err(Failure::usage(what).at(wrong.join("\n")).hint(format!(
                "start from what stands there: {} > settings.json",
                command(self.destination)
            )));
        }
        let changes = differences(self.settings, there, file);
        if changes.is_empty() {
            return Ok("nothing to change: the settings are as this file says".to_owned());
        }
        let line = |change: &Difference| {
            // A value that was read can always be written.
            let json = serde_json::to_string(change).unwrap_or_default();
            (json, change.in_words())
        };
        self.print(&changes.iter().map(line).collect::<Vec<_>>())?;
        if !yes && !self.is_wanted(path)? {
            return Ok("nothing was changed".to_owned());
        }
        let heard = self.asker.ask(&self.settings.write, Some(file))?;
        self.prove(&heard.verdict, file)
    }

    fn is_wanted(&self, path: &Path) -> Result<bool, Failure> {
        if !stdin().is_terminal() {
            let failure = Failure::usage("nothing was changed: there is no terminal to ask you at");
            let sure = ["--set", &path.display().to_string(), "--yes"];
            return Err(failure.hint(format!("sure? {}", command(self.destination).and(sure))));
        }
        let name = &self.destination.name;
        let warnings = &self.session.warnings;
        warnings.note(&format!("Change this at {name}? [y/N]"));
        let mut answer = String::new();
        let heard = stdin().read_line(&mut answer).is_ok();
        let answer = answer.trim().to_lowercase();
        Ok(heard && matches!(answer.as_str(), "y" | "yes" | "o" | "oui"))
    }

    /// That they say so proves nothing, and what failed may have been done all
    /// the same: what stands there tells.
    fn prove(&self, verdict: &Verdict, file: &Json) -> Result<String, Failure> {
        let name = &self.destination.name;
        let done = matches!(verdict.meaning, Meaning::Then(then) if then.is_success());
        let failure = match done {
            true => Failure::unfinished(format!(
                "{name} answered {} to the change, but read again it is not so",
                verdict.status.unwrap_or_default()
            )),
            false => asking::failure(self.destination, verdict),
        };
        if let Meaning::Unreachable | Meaning::Then(Then::Stop) = verdict.meaning {
            return Err(failure);
        }
        let left = match self.read() {
            Ok(now) => differences(self.settings, &now, file),
            Err(_) if !done && verdict.meaning != Meaning::Then(Then::InDoubt) => {
                return Err(failure);
            }
            Err(why) => {
                let what = format!(
                    "{name} can't be asked whether it was changed ({})",
                    why.what
                );
                let look = format!(
                    "it may or may not be changed; look: {}",
                    command(self.destination)
                );
                return Err(Failure::new(what, Exit::InDoubt).hint(look));
            }
        };
        match left.is_empty() {
            true if done => Ok(format!("changed at {name}")),
            true => {
                self.session.warnings.warn(&failure.what);
                Ok(format!(
                    "changed at {name} all the same: read again, it is so"
                ))
            }
            false => {
                let left: Vec<String> = left.iter().map(Difference::in_words).collect();
                let place = format!("not changed:\n{}", left.join("\n"));
                Err(failure.at(place).hint(AGAIN))
            }
        }
    }
}
