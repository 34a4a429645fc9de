//! `leadctl init`: writes a `partners.toml` that holds just what the user must
//! fill in. Never writes over a file.

mod starting_file;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::cli;
use crate::config::{Catalogue, Destination};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Command, Exit, Progress, Warnings};
use crate::session::settings::Settings;

/// Works from the catalogue alone: a user's file that is broken, or named and
/// not there yet, is no hindrance.
pub fn run(global: &cli::Global, args: &cli::Init) -> anyhow::Result<Exit> {
    let settings = Settings::shipped()?;
    let catalogue = &settings.catalogue;
    let chosen: Vec<&Destination> = match args.destinations.is_empty() {
        true => catalogue.destinations.iter().collect(),
        false => named(&settings, &args.destinations)?,
    };
    let path = target(global);
    write(&path, &starting_file::text(&chosen, &catalogue.columns))?;
    tell(global, &path, &chosen);
    Ok(Exit::Done)
}

/// Each destination once, in the order in which they were named.
fn named<'s>(settings: &'s Settings, names: &[String]) -> Result<Vec<&'s Destination>, Failure> {
    let mut chosen: Vec<&Destination> = Vec::new();
    for name in names {
        let destination = settings.destination(name)?;
        if chosen.iter().all(|known| known.name != destination.name) {
            chosen.push(destination);
        }
    }
    Ok(chosen)
}

/// Where the next command looks first.
fn target(global: &cli::Global) -> PathBuf {
    let named = global.config.clone();
    let named = named.or_else(|| std::env::var_os("LEADCTL_CONFIG").map(PathBuf::from));
    named
        .filter(|path| !path.as_os_str().is_empty())
        .unwrap_or_else(|| PathBuf::from("partners.toml"))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let shown = path.display();
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::usage(format!(
            "{shown} is there already, and is left as it is"
        ))
        .hint(format!(
            "edit it ({} says what it still lacks), or write another one:\nleadctl --config other.toml init",
            Command::new(["check"])
        )),
        ErrorKind::NotFound => {
            Failure::usage(format!("{shown} can't be written: its folder doesn't exist"))
                .hint("make the folder first, or name another place with --config FILE")
        }
        _ => Failure::unfinished(format!("{shown} can't be written: {}", io_words(&error))),
    })
}

fn tell(global: &cli::Global, path: &Path, chosen: &[&Destination]) {
    let told = Warnings::new(&Progress::new(false), global.quiet);
    let shown = path.display();
    let names: Vec<&str> = chosen.iter().map(|d| d.name.as_str()).collect();
    told.note(&format!("wrote {shown} for {}", names.join(", ")));
    told.note(&format!(
        "next: fill it in, then: {}",
        Command::new(["check"])
    ));
}

impl Settings {
    /// The catalogue alone.
    fn shipped() -> Result<Self, Failure> {
        let catalogue = Catalogue::load(None)
            .map_err(|_| Failure::unfinished("the built-in catalogue can't be read"))?;
        Ok(Self {
            catalogue,
            config: None,
            ledger: PathBuf::new(),
        })
    }
}
