//! Where the configuration and the ledger are, and what the configuration says.

use std::path::{Path, PathBuf};

use crate::cli::Global;
use crate::config::{Catalogue, Destination};
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Command, quoted};

/// What a run starts from.
#[derive(Debug)]
pub struct Settings {
    pub catalogue: Catalogue,
    /// The user's file, where there is one.
    pub config: Option<PathBuf>,
    pub ledger: PathBuf,
}

impl Settings {
    pub fn load(global: &Global) -> Result<Self, Failure> {
        let config = find_config(global);
        let text = config.as_deref().map(read).transpose()?;
        let shown = config.as_deref().map(|path| path.display().to_string());
        let user = shown.as_deref().zip(text.as_deref());
        let catalogue = Catalogue::load(user).map_err(|mistakes| told(&mistakes))?;
        let ledger = find_ledger(global, &catalogue, config.as_deref())?;
        Ok(Self {
            catalogue,
            config,
            ledger,
        })
    }

    /// The destination of that name, or a failure that proposes the near one.
    pub fn destination(&self, name: &str) -> Result<&Destination, Failure> {
        self.catalogue.get(name).ok_or_else(|| {
            let failure = Failure::usage(format!("there is no destination \"{name}\""));
            match self.catalogue.near(name) {
                Some(near) => failure.hint(format!("did you mean {near}?")),
                None => failure.hint(format!(
                    "the destinations are: {}   ({})",
                    self.names().join(", "),
                    Command::new(["partners"])
                )),
            }
        })
    }

    fn names(&self) -> Vec<&str> {
        let destinations = self.catalogue.destinations.iter();
        destinations.map(|d| d.name.as_str()).collect()
    }

    /// The folder to which the configuration's relative paths refer.
    pub fn folder(&self) -> &Path {
        let parent = self.config.as_deref().and_then(Path::parent);
        match parent {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// The configuration's path for messages.
    pub fn shown_config(&self) -> String {
        match &self.config {
            Some(path) => path.display().to_string(),
            None => "built in".to_owned(),
        }
    }
}

fn find_config(global: &Global) -> Option<PathBuf> {
    let named = global.config.clone();
    let named = named.or_else(|| path_in_env("LEADCTL_CONFIG"));
    let here = || Some(PathBuf::from("partners.toml")).filter(|path| path.is_file());
    let users = || {
        let path = dirs::config_dir()?.join("leadctl").join("partners.toml");
        path.is_file().then_some(path)
    };
    named.or_else(here).or_else(users)
}

fn path_in_env(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

fn read(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::usage(format!(
            "the configuration {} can't be read: {}",
            path.display(),
            io_words(&error)
        ))
        .hint(match error.kind() {
            std::io::ErrorKind::NotFound => format!(
                "check the name (--config or $LEADCTL_CONFIG), or let leadctl write one to start from:\nleadctl --config {} init",
                quoted(&path.display().to_string())
            ),
            _ => "name a TOML file with --config or $LEADCTL_CONFIG".to_owned(),
        })
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::usage(format!("the configuration {} is not UTF-8", path.display()))
            .hint("save it as UTF-8")
    })?;
    Ok(text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text))
}

/// All mistakes at once; the first one leads.
fn told(mistakes: &[crate::config::Mistake]) -> Failure {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let what = match mistakes.len() {
        1 => "the configuration has a mistake".to_owned(),
        count => format!("the configuration has {count} mistakes"),
    };
    Failure::usage(what).at(lines.join("\n"))
}

fn find_ledger(
    global: &Global,
    catalogue: &Catalogue,
    config: Option<&Path>,
) -> Result<PathBuf, Failure> {
    let named = global.ledger.clone();
    if let Some(path) = named.or_else(|| path_in_env("LEADCTL_LEDGER")) {
        return Ok(path);
    }
    if let Some(ledger) = &catalogue.ledger {
        let folder = config.and_then(Path::parent).unwrap_or(Path::new(""));
        return Ok(folder.join(expanded(ledger)));
    }
    let data = dirs::data_local_dir().ok_or_else(|| {
        Failure::usage("no folder is known for the ledger").hint("name one with --ledger FILE")
    })?;
    Ok(data.join("leadctl").join("ledger.db"))
}

/// `~/` is the user's home, as in a shell.
fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
