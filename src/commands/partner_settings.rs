//! `leadctl partner-settings`: prints a partner's own settings, or changes them
//! after showing what would change.

use std::io::{IsTerminal as _, stdin};
use std::path::Path;

use serde_json::Value as Json;

use super::asking::{self, Asker};
use super::settings_file::{Difference, complaints, differences};
use crate::cli;
use crate::config::Destination;
use crate::config::PartnerSettings;
use crate::config::Then;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::lead::text::clean;
use crate::outcome::{Meaning, Verdict};
use crate::output::{Exit, Format, Kind, Output, quoted};
use crate::pipeline::ending;
use crate::session::Session;

pub fn run(session: &Session, args: &cli::PartnerSettings) -> Result<Exit, Failure> {
    let destination = session.settings.destination(&args.to)?;
    let settings = settings_of(session, destination)?;
    let file = args.set.as_deref().map(read_file).transpose()?;
    let asker = Asker::new(session, destination, &[])?;
    let there = read(&asker, destination, settings)?;
    match (file, args.set.as_deref()) {
        (Some(file), Some(path)) => {
            let change = Change {
                session,
                args,
                asker: &asker,
                destination,
                settings,
                there,
                file,
            };
            change.make(path)
        }
        _ => print(session, &there),
    }
}

fn settings_of<'d>(
    session: &Session,
    destination: &'d Destination,
) -> Result<&'d PartnerSettings, Failure> {
    destination.settings.as_ref().ok_or_else(|| {
        let all = session.settings.catalogue.destinations.iter();
        let having: Vec<&str> = all
            .filter(|destination| destination.settings.is_some())
            .map(|destination| destination.name.as_str())
            .collect();
        let failure = Failure::usage(format!(
            "{} declares no settings of its own",
            destination.name
        ));
        match having.is_empty() {
            true => failure.hint(format!(
                "declare them under [{}.settings]",
                destination.name
            )),
            false => failure.hint(format!("these do: {}", having.join(", "))),
        }
    })
}

fn read(
    asker: &Asker<'_>,
    destination: &Destination,
    settings: &PartnerSettings,
) -> Result<Json, Failure> {
    let heard = asker.ask(&settings.read, None)?;
    match heard.json {
        Some(json @ Json::Object(_)) => Ok(json),
        Some(_) => Err(Failure::unfinished(format!(
            "{} answered with something else than settings",
            destination.name
        ))),
        None => Err(match heard.verdict.meaning {
            Meaning::Then(then) if then.is_success() => no_settings(destination, &heard.verdict),
            _ => asking::failure(destination, &heard.verdict),
        }),
    }
}

/// A page, as a wrong address or a login gives it.
fn no_settings(destination: &Destination, verdict: &Verdict) -> Failure {
    let name = &destination.name;
    let came = match &verdict.excerpt {
        Some(text) => format!("what came begins with \"{}\"", clean(text, 60)),
        None => "the answer is empty".to_owned(),
    };
    let status = verdict.status.unwrap_or_default();
    // A query may hold what nobody else is to read.
    let base = destination.base.as_deref().unwrap_or_default();
    Failure::unfinished(format!(
        "{name} answered {status}, but not with its settings: {came}"
    ))
    .hint(format!(
        "is its address right? [{name}] has base = \"{}\"",
        base.split('?').next().unwrap_or_default()
    ))
}

/// As JSON in every format: on one line where a line is asked for.
fn print(session: &Session, there: &Json) -> Result<Exit, Failure> {
    let mut output = Output::new(session.format(), Kind::Pages, false, &session.progress);
    match session.format() {
        Format::Json => output.json(&there.to_string()),
        _ => output.text(&serde_json::to_string_pretty(there).unwrap_or_default()),
    }
    ending::finish(output)?;
    Ok(Exit::Done)
}

fn read_file(path: &Path) -> Result<Json, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::usage(format!(
            "{} can't be read: {}",
            path.display(),
            io_words(&error)
        ))
    })?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::usage("this file is no JSON: a comma, a quote or a bracket is wrong near here")
            .at(format!("{}:{}", path.display(), error.line()))
            .hint("nothing was changed")
    })
}

const AGAIN: &str = "run the same command again: what is done twice harms nobody";

fn not_changed(left: &[Difference]) -> String {
    let left: Vec<String> = left.iter().map(Difference::in_words).collect();
    format!("not changed:\n{}", left.join("\n"))
}

/// A change of the settings, not made yet.
struct Change<'c> {
    session: &'c Session,
    args: &'c cli::PartnerSettings,
    asker: &'c Asker<'c>,
    destination: &'c Destination,
    settings: &'c PartnerSettings,
    there: Json,
    file: Json,
}

impl Change<'_> {
    fn make(&self, path: &Path) -> Result<Exit, Failure> {
        let wrong = complaints(self.settings, &self.there, &self.file);
        if !wrong.is_empty() {
            return Err(Failure::usage(format!(
                "{} can't be sent: nothing was changed",
                path.display()
            ))
            .at(wrong.join("\n"))
            .hint(format!(
                "start from what stands there: leadctl partner-settings --to {} > settings.json",
                quoted(&self.args.to)
            )));
        }
        let changes = differences(self.settings, &self.there, &self.file);
        if changes.is_empty() {
            let note = "nothing to change: the settings are as this file says";
            self.session.warnings.note(note);
            return Ok(Exit::Done);
        }
        self.show(&changes)?;
        if !self.is_wanted(path)? {
            self.session.warnings.note("nothing was changed");
            return Ok(Exit::Done);
        }
        let heard = self.asker.ask(&self.settings.write, Some(&self.file))?;
        match heard.verdict.meaning {
            Meaning::Then(then) if then.is_success() => self.prove(&heard.verdict),
            _ => self.look_again(&heard.verdict),
        }
    }

    fn show(&self, changes: &[Difference]) -> Result<(), Failure> {
        let session = self.session;
        let mut output = Output::new(session.format(), Kind::Pages, false, &session.progress);
        for change in changes {
            match session.format() {
                Format::Json => output.json(
                    &serde_json::json!({ "at": change.at, "from": change.from, "to": change.to })
                        .to_string(),
                ),
                _ => output.text(&change.in_words()),
            }
        }
        ending::finish(output)
    }

    fn is_wanted(&self, path: &Path) -> Result<bool, Failure> {
        if self.args.yes {
            return Ok(true);
        }
        if !stdin().is_terminal() {
            return Err(
                Failure::usage("nothing was changed: there is no terminal to ask you at").hint(
                    format!(
                        "sure? leadctl partner-settings --to {} --set {} --yes",
                        quoted(&self.args.to),
                        quoted(&path.display().to_string())
                    ),
                ),
            );
        }
        self.session
            .warnings
            .note(&format!("Change this at {}? [y/N]", self.destination.name));
        let mut answer = String::new();
        let heard = stdin().read_line(&mut answer).is_ok();
        let answer = answer.trim().to_lowercase();
        Ok(heard && matches!(answer.as_str(), "y" | "yes" | "o" | "oui"))
    }

    /// That they say so proves nothing: what stands there does.
    fn prove(&self, verdict: &Verdict) -> Result<Exit, Failure> {
        let name = &self.destination.name;
        let answered = verdict
            .status
            .map_or(String::new(), |status| format!(" {status}"));
        match read(self.asker, self.destination, self.settings) {
            Ok(now) => {
                let left = differences(self.settings, &now, &self.file);
                if left.is_empty() {
                    self.session.warnings.note(&format!("changed at {name}"));
                    return Ok(Exit::Done);
                }
                let failure = Failure::unfinished(format!(
                    "{name} answered{answered} to the change, but read again it is not so"
                ));
                Err(failure.at(not_changed(&left)).hint(AGAIN))
            }
            Err(why) => Err(Failure::new(
                format!(
                    "{name} answered{answered} to the change, but it could not be read again ({})",
                    why.what
                ),
                Exit::InDoubt,
            )
            .hint(self.look())),
        }
    }

    fn look(&self) -> String {
        format!(
            "it may or may not be changed; look: leadctl partner-settings --to {}",
            quoted(&self.args.to)
        )
    }

    /// What failed may have been done in part, or whole: what stands there
    /// tells.
    fn look_again(&self, verdict: &Verdict) -> Result<Exit, Failure> {
        let failure = asking::failure(self.destination, verdict);
        let now = match verdict.meaning {
            Meaning::Unreachable | Meaning::Then(Then::Stop) => None,
            _ => read(self.asker, self.destination, self.settings).ok(),
        };
        let left = now.map(|now| differences(self.settings, &now, &self.file));
        match (left, verdict.meaning) {
            (Some(left), _) if left.is_empty() => {
                let name = &self.destination.name;
                self.session.warnings.warn(&failure.what);
                self.session.warnings.note(&format!(
                    "changed at {name} all the same: read again, it is so"
                ));
                Ok(Exit::Done)
            }
            (Some(left), _) => Err(failure.at(not_changed(&left)).hint(AGAIN)),
            (None, Meaning::Then(Then::InDoubt)) => {
                Err(Failure::new(failure.what, Exit::InDoubt).hint(self.look()))
            }
            (None, _) => Err(failure),
        }
    }
}
