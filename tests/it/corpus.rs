//! Files as people have them, each with the leads that must come out:
//! `tests/corpus/README.md` says how one is added.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Home, Outcome};
use serde_json::{Map, Value as Json};

const EXPECTED: &str = ".expected.json";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// The files of the corpus' folders.
fn files() -> Vec<PathBuf> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("a file").path()).collect()
    };
    let folders = inside(&folder()).into_iter().filter(|path| path.is_dir());
    let mut files: Vec<PathBuf> = folders.flat_map(|folder| inside(&folder)).collect();
    files.sort();
    files
}

#[test]
fn every_file_gives_its_leads() {
    let (expected, inputs): (Vec<PathBuf>, Vec<PathBuf>) = files()
        .into_iter()
        .partition(|path| path.to_string_lossy().ends_with(EXPECTED));
    let mut wrong = Vec::new();
    for input in &inputs {
        if let Err(why) = try_out(input) {
            let name = input.strip_prefix(folder()).expect("of the corpus");
            wrong.push(format!("{}: {why}", name.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert_eq!(expected.len(), inputs.len(), "each has its own");
    assert!(!inputs.is_empty());
}

fn try_out(input: &Path) -> Result<(), String> {
    let beside = format!("{}{EXPECTED}", input.display());
    let expected = fs::read(beside).map_err(|error| format!("{EXPECTED}: {error}"))?;
    let expected: Json = serde_json::from_slice(&expected).map_err(|error| error.to_string())?;
    let words = |key: &str| -> Vec<String> {
        let words = expected[key].as_array().into_iter().flatten();
        words
            .map(|word| word.as_str().expect("a word").to_owned())
            .collect()
    };
    let home = Home::new();
    home.config(&fs::read_to_string(folder().join("partners.toml")).expect("a destination"));
    let name = input.file_name().expect("a name").to_string_lossy();
    home.write(&name, fs::read(input).expect("a file"));

    let mut arguments = vec!["send", "--to", "corpus", "--dry-run", "--format", "json"];
    let more = words("args");
    arguments.extend(more.iter().map(String::as_str));
    arguments.push(&name);
    let outcome = home.run(&arguments);
    let told = |what: String| Err(format!("{what}\n{}\n{}", outcome.stdout, outcome.stderr));
    let code = expected["code"].as_i64().unwrap_or(0) as i32;
    if outcome.code != Some(code) {
        return told(format!("ends {:?} instead of {code}", outcome.code));
    }
    let wanted = expected["leads"].as_array().expect("leads");
    let found = leads(&outcome, wanted);
    if found != *wanted {
        return told(format!("gives {found:#?}\ninstead of {wanted:#?}"));
    }
    if let Some(missing) = words("says")
        .iter()
        .find(|word| !outcome.stderr.contains(*word))
    {
        return told(format!("doesn't say {missing}"));
    }
    if let Some(said) = words("silent")
        .iter()
        .find(|word| outcome.stderr.contains(*word))
    {
        return told(format!("says {said}"));
    }
    let wanted = words("check");
    if wanted.is_empty() {
        return Ok(());
    }
    let mut arguments = vec!["check"];
    arguments.extend(more.iter().map(String::as_str));
    arguments.push(&name);
    let shown = home.run(&arguments).stdout;
    match wanted.iter().find(|word| !shown.contains(*word)) {
        Some(missing) => Err(format!("check doesn't show {missing}\n{shown}")),
        None => Ok(()),
    }
}

/// The rows of a dry run in the form of `wanted`: of a message, the wanted words
/// where they are in it.
fn leads(outcome: &Outcome, wanted: &[Json]) -> Vec<Json> {
    let rows = outcome.rows().into_iter().enumerate();
    rows.map(|(index, row)| {
        let mut lead = Map::new();
        lead.insert("line".into(), row["line"].clone());
        let state = row["state"].as_str().expect("a state");
        if let Some(body) = row["request"]["body"].as_object() {
            lead.extend(body.clone());
        }
        if state != "ready" {
            let message = row["message"].as_str().expect("a message");
            let words = wanted.get(index).and_then(|lead| lead[state].as_str());
            let words = words
                .filter(|words| message.contains(words))
                .unwrap_or(message);
            lead.insert(state.to_owned(), words.into());
        }
        lead.into()
    })
    .collect()
}
