//! `leadctl partner-settings`: prints a partner's own settings, or changes them
//! after showing what would change. What is wrong with a file of settings, and
//! what it would change, is found without asking anybody.

use std::io::{IsTerminal as _, stdin};
use std::path::Path;

use serde_json::Value as Json;

use super::asking::{self, Asker};
use crate::cli;
use crate::config::{Destination, Must, PartnerSettings, Pointer, Then};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::lead::text::clean;
use crate::outcome::{Meaning, Verdict};
use crate::output::{Command, Exit, Format, Layout};
use crate::pipeline::ending;
use crate::session::Session;
use crate::words::say;

pub fn run(session: &Session, args: &cli::PartnerSettings) -> anyhow::Result<Exit> {
    let destination = session.settings.destination(&args.to)?;
    let settings = destination.settings.as_ref().ok_or_else(|| {
        let what = say!("settings-none");
        asking::lacks(session, destination, &what, |one| one.settings.is_some())
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
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::usage(say!("init-file-unreadable", path, why = io_words(&error)))
    })?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        Failure::usage(say!("settings-file-no-json"))
            .at(format!("{shown}:{}", error.line()))
            .hint(say!("nothing-changed"))
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
        match heard.json {
            Some(json @ Json::Object(_)) => Ok(json),
            None if !is_success(&heard.verdict) => {
                Err(asking::failure(self.destination, &heard.verdict))
            }
            _ => Err(self.no_settings(&heard.verdict)),
        }
    }

    /// A page, as a wrong address or a login gives it.
    fn no_settings(&self, verdict: &Verdict) -> Failure {
        let name = &self.destination.name;
        let came = match &verdict.excerpt {
            Some(text) => say!("settings-answer-begins", text = clean(text, 60)),
            None => say!("settings-answer-empty"),
        };
        let status = verdict.status.unwrap_or_default();
        // A query may hold what nobody else is to read.
        let base = self.destination.base.as_deref().unwrap_or_default();
        let base = base.split('?').next().unwrap_or_default();
        let what = say!("settings-answer-other", name, status, came);
        let hint = say!("settings-address", name, base);
        Failure::unfinished(what).hint(hint)
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
            let failure = Failure::usage(say!("settings-file-wrong", path));
            let look = command(self.destination).to_string();
            let hint = say!("settings-start-from", look);
            return Err(failure.at(wrong.join("\n")).hint(hint));
        }
        let changes = differences(self.settings, there, file);
        if changes.is_empty() {
            return Ok(say!("settings-same"));
        }
        // A value that was read can always be written.
        let json = |change| serde_json::to_string(change).unwrap_or_default();
        let lines = changes
            .iter()
            .map(|change| (json(change), change.in_words()));
        self.print(&lines.collect::<Vec<_>>())?;
        if !yes && !self.is_wanted(path)? {
            return Ok(say!("nothing-changed"));
        }
        let heard = self.asker.ask(&self.settings.write, Some(file))?;
        self.prove(&heard.verdict, file)
    }

    fn is_wanted(&self, path: &Path) -> Result<bool, Failure> {
        if !stdin().is_terminal() {
            let failure = Failure::usage(say!("settings-no-terminal"));
            let sure = ["--set", &path.display().to_string(), "--yes"];
            let sure = command(self.destination).and(sure).to_string();
            return Err(failure.hint(say!("settings-sure", sure)));
        }
        let name = &self.destination.name;
        self.session.warnings.note(&say!("settings-question", name));
        let mut answer = String::new();
        let heard = stdin().read_line(&mut answer).is_ok();
        let answer = answer.trim().to_lowercase();
        Ok(heard && matches!(answer.as_str(), "y" | "yes" | "o" | "oui"))
    }

    /// That they say so proves nothing, and what failed may have been done all
    /// the same: what stands there tells.
    fn prove(&self, verdict: &Verdict, file: &Json) -> Result<String, Failure> {
        let name = &self.destination.name;
        let done = is_success(verdict);
        let failure = match done {
            true => {
                let status = verdict.status.unwrap_or_default();
                Failure::unfinished(say!("settings-not-kept", name, status))
            }
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
                let what = say!("settings-unknown", name, why = why.what);
                let look = command(self.destination).to_string();
                let failure = Failure::new(what, Exit::InDoubt);
                return Err(failure.hint(say!("settings-look", look)));
            }
        };
        if !left.is_empty() {
            let left: Vec<String> = left.iter().map(Difference::in_words).collect();
            let place = format!("{}\n{}", say!("settings-left"), left.join("\n"));
            return Err(failure.at(place).hint(say!("settings-again")));
        }
        if done {
            return Ok(say!("settings-changed", name));
        }
        self.session.warnings.warn(&failure.what);
        Ok(say!("settings-changed-after-all", name))
    }
}

fn is_success(verdict: &Verdict) -> bool {
    matches!(verdict.meaning, Meaning::Then(then) if then.is_success())
}

/// Everything for which a file can't be sent; `there` is what stands now.
fn complaints(settings: &PartnerSettings, there: &Json, file: &Json) -> Vec<String> {
    if !file.is_object() {
        return vec![say!("settings-no-object")];
    }
    let mut told = Vec::new();
    for must in &settings.must {
        match must {
            Must::Be { at, json_type } => match at.first(file) {
                None => told.push(say!("settings-is-missing", place = shown(at))),
                Some(value) if !json_type.is_of(value) => {
                    let kind = json_type.in_words();
                    told.push(say!("settings-must-be", place = shown(at), kind));
                }
                Some(_) => {}
            },
            Must::Ascend {
                ascending,
                above,
                below,
            } => ascend(ascending, (*above, *below), file, &mut told),
            Must::Whole { each, by } => {
                let standing = each.find(there);
                let mut seen = Vec::new();
                for entry in each.find(file) {
                    let name = called(settings, entry, by);
                    told.extend(whole(&name, entry, by, &standing, &seen));
                    seen.push(entry.get(by));
                }
            }
        }
    }
    told
}

fn ascend(
    places: &[Pointer],
    (above, below): (Option<f64>, Option<f64>),
    file: &Json,
    told: &mut Vec<String>,
) {
    let mut least = above.map(|bound| (bound, bound.to_string()));
    for place in places {
        let name = shown(place);
        let Some(number) = place.first(file).and_then(Json::as_f64) else {
            told.push(say!("settings-no-number", name));
            continue;
        };
        if let Some((_, other)) = least.filter(|(bound, _)| number <= *bound) {
            let number = number.to_string();
            told.push(say!("settings-too-small", name = &name, number, other));
        }
        if let Some(below) = below.filter(|below| number >= *below) {
            let (number, below) = (number.to_string(), below.to_string());
            told.push(say!("settings-too-big", name = &name, number, below));
        }
        least = Some((number, name));
    }
}

/// What is wrong with an entry: a member that is not sent would not stay as it
/// is. `name`: what it is called.
fn whole(
    name: &str,
    entry: &Json,
    by: &str,
    standing: &[&Json],
    seen: &[Option<&Json>],
) -> Vec<String> {
    let Some(id) = entry.get(by) else {
        return vec![say!("settings-entry-without", name, by)];
    };
    let mut wrong = Vec::new();
    if seen.contains(&Some(id)) {
        wrong.push(say!("settings-entry-twice", name));
    }
    let same = standing.iter().find(|one| one.get(by) == Some(id));
    let Some(same) = same.and_then(|same| same.as_object()) else {
        wrong.push(say!("settings-entry-unknown", name));
        return wrong;
    };
    wrong.extend(
        same.iter()
            .filter_map(|(member, value)| match entry.get(member) {
                None => Some(say!("settings-member-missing", name, member)),
                Some(new) if value.is_boolean() && !new.is_boolean() => {
                    Some(say!("settings-member-flag", name, member))
                }
                Some(_) => None,
            }),
    );
    wrong
}

/// One value that would change.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
struct Difference {
    /// Where, in words: members and the names of entries.
    at: String,
    from: Option<Json>,
    to: Option<Json>,
}

/// What a file would change of what stands there.
fn differences(settings: &PartnerSettings, there: &Json, file: &Json) -> Vec<Difference> {
    let mut found = Vec::new();
    for (name, new) in file.as_object().into_iter().flatten() {
        compare(settings, name, (there.get(name), Some(new)), &mut found);
    }
    found
}

fn compare(
    settings: &PartnerSettings,
    at: &str,
    change: (Option<&Json>, Option<&Json>),
    found: &mut Vec<Difference>,
) {
    match change {
        (from, to) if from == to => {}
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            let gone = old.keys().filter(|name| !new.contains_key(*name));
            for name in new.keys().chain(gone) {
                let inner = format!("{at} / {name}");
                compare(settings, &inner, (old.get(name), new.get(name)), found);
            }
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) if by(settings, new).is_some() => {
            let by = by(settings, new).unwrap_or_default();
            for entry in new {
                let same = old.iter().find(|old| old.get(by) == entry.get(by));
                let inner = format!("{at} / {}", called(settings, entry, by));
                compare(settings, &inner, (same, Some(entry)), found);
            }
        }
        (from, to) => found.push(Difference {
            at: at.to_owned(),
            from: from.cloned(),
            to: to.cloned(),
        }),
    }
}

/// The member by which the entries of a list are the same.
fn by<'s>(settings: &'s PartnerSettings, list: &[Json]) -> Option<&'s str> {
    settings.must.iter().find_map(|must| match must {
        Must::Whole { by, .. } if list.iter().all(|entry| entry.get(by).is_some()) => Some(&**by),
        _ => None,
    })
}

/// An entry by its number, and its name where it has one.
fn called(settings: &PartnerSettings, entry: &Json, by: &str) -> String {
    let id = entry.get(by).map_or_else(|| "unknown".to_owned(), text);
    let name = settings.mandatory.as_ref();
    let name = name.and_then(|words| entry.get(&words.field)).map(text);
    match name {
        Some(name) => format!("{name} ({by} {id})"),
        None => format!("{by} {id}"),
    }
}

fn text(value: &Json) -> String {
    let text = value.as_str().map(str::to_owned);
    text.unwrap_or_else(|| value.to_string())
}

fn shown(place: &Pointer) -> String {
    let place = place.to_string();
    place.trim_start_matches('/').replace('/', " / ")
}

impl Difference {
    /// On one line.
    fn in_words(&self) -> String {
        let (from, to) = (&self.from, &self.to);
        let from = from
            .as_ref()
            .map_or_else(|| say!("settings-not-there"), Json::to_string);
        let to = to
            .as_ref()
            .map_or_else(|| say!("settings-not-sent"), Json::to_string);
        say!("settings-difference", at = &self.at, from, to)
    }
}

/// The targets that a contact must have, as these settings say.
pub fn mandatory(settings: &PartnerSettings, there: &Json) -> Vec<String> {
    let Some(words) = &settings.mandatory else {
        return Vec::new();
    };
    let mut entries = words.entries.find(there);
    entries.retain(|entry| entry.get(&words.flag) == Some(&Json::Bool(true)));
    let names = entries.iter().filter_map(|entry| entry.get(&words.field));
    let mut names: Vec<String> = names.map(text).collect();
    names.retain(|name| !words.exempt.contains(name));
    names.iter().map(|name| words.target(name)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Catalogue;

    fn settings() -> PartnerSettings {
        let text = r#"
[invented]
base = "https://api.example.fr"
key = ["email"]
fields = { name = "last_name" }
send = { path = "/people" }
[invented.settings]
path = "/settings"
must = [
  { at = "/filling/enable", type = "boolean" },
  { at = "/fields", type = "list" },
  { ascending = ["/filling/first", "/filling/second"], above = 0, below = 100 },
  { each = "/fields/*", by = "id" },
]
mandatory = { entries = "/fields/*", field = "name", flag = "mandatory" }
"#;
        let catalogue = Catalogue::load(Some(("test.toml", text))).unwrap();
        catalogue.get("invented").unwrap().settings.clone().unwrap()
    }

    fn there() -> Json {
        json!({
            "filling": {"enable": true, "first": 33, "second": 66},
            "fields": [
                {"id": 7, "name": "civility", "mandatory": false, "label": null},
                {"id": 9, "name": "lastname", "mandatory": true, "label": null},
            ],
            "extra": false,
        })
    }

    #[test]
    fn what_stands_there_may_be_sent_and_changes_nothing() {
        assert!(complaints(&settings(), &there(), &there()).is_empty());
        assert!(differences(&settings(), &there(), &there()).is_empty());
        assert_eq!(mandatory(&settings(), &there()), ["lastname"]);
    }

    #[test]
    fn every_fault_is_told() {
        let file = json!({
            "filling": {"enable": "yes", "first": 70, "second": 66},
            "fields": [
                {"id": 7, "name": "civility", "label": null},
                {"id": 9, "name": "lastname", "mandatory": 1, "label": null},
                {"id": 9, "name": "lastname", "mandatory": true, "label": null},
                {"id": 12, "name": "x"},
                {"name": "y"},
            ],
        });
        assert_eq!(
            complaints(&settings(), &there(), &file),
            [
                "filling / enable must be true or false",
                "filling / second is 66, but must be more than filling / first",
                "civility (id 7): `mandatory` is missing; an entry is sent whole, or not at all",
                "lastname (id 9): `mandatory` must be true or false",
                "lastname (id 9) stands twice",
                "x (id 12) is no entry that the partner has",
                "y (id unknown) has no `id`",
            ]
        );
        for (first, second) in [(0, 66), (33, 100), (33, 33)] {
            let mut file = there();
            file["filling"]["first"] = json!(first);
            file["filling"]["second"] = json!(second);
            assert_eq!(complaints(&settings(), &there(), &file).len(), 1);
        }
        assert!(!complaints(&settings(), &there(), &json!([])).is_empty());
        assert!(!complaints(&settings(), &there(), &json!({"fields": []})).is_empty());
    }

    #[test]
    fn differences_name_their_entries() {
        let file = json!({
            "filling": {"enable": false, "first": 33},
            "fields": [{"id": 9, "name": "lastname", "mandatory": false, "label": null}],
        });
        let told: Vec<String> = differences(&settings(), &there(), &file)
            .iter()
            .map(Difference::in_words)
            .collect();
        assert_eq!(
            told,
            [
                "filling / enable: true → false",
                "filling / second: 66 → not sent",
                "fields / lastname (id 9) / mandatory: true → false",
            ]
        );
    }
}
