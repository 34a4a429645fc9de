//! The file that `init` writes: a new one, or the one that is there with more at
//! its end. What would not load is not written.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::cli;
use crate::config::Catalogue;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::Command;
use crate::session::settings;
use crate::words::{language, say};

/// For editors.
const SCHEMA: &str = "#:schema ./partners.schema.json";

/// cron knows no language of its own: who starts in one keeps it in every run.
fn spoken() -> String {
    match language().as_str() {
        "en" => String::new(),
        language => format!(
            "[leadctl]\nlang = \"{language}\"    # {}\n\n",
            say!("init-file-language")
        ),
    }
}

/// A user's configuration, and what stands in it.
pub struct File {
    path: PathBuf,
    /// `None`: it is not there yet.
    text: Option<String>,
}

impl File {
    /// The one that the next command reads.
    ///
    /// # Errors
    /// It is there and can't be read, or is not to be trusted.
    pub fn of(global: &cli::Global) -> Result<Self, Failure> {
        let chosen = settings::chosen_config(global.config.as_deref())?;
        let path = chosen.unwrap_or_else(|| PathBuf::from("partners.toml"));
        let text = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let path = path.as_path();
                let what = say!("init-file-unreadable", path, why = io_words(&error));
                return Err(Failure::unfinished(what));
            }
        };
        Ok(Self { path, text })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says, laid over what ships.
    ///
    /// # Errors
    /// It has mistakes.
    pub fn catalogue(&self) -> Result<Catalogue, Failure> {
        let text = self.text.as_deref().unwrap_or_default();
        self.load(text).map_err(|first| {
            let check = Command::new(["check"]).to_string();
            let hint = say!("init-file-put-right", check);
            Failure::usage(say!("init-file-mistake", first)).hint(hint)
        })
    }

    fn load(&self, text: &str) -> Result<Catalogue, String> {
        let name = self.path.display().to_string();
        Catalogue::load(Some((&name, text))).map_err(|mistakes| {
            mistakes
                .first()
                .map_or_else(String::new, ToString::to_string)
        })
    }

    /// A table that is there is left as it is.
    pub fn has_already(&self, name: &str) -> Failure {
        let (path, check) = (self.path(), Command::new(["check"]).to_string());
        let other = format!("leadctl --config other.toml init {name}");
        let hint = say!("init-file-other", check) + "\n" + &other;
        Failure::usage(say!("init-file-has", name, path)).hint(hint)
    }

    /// Writes tables at its end.
    ///
    /// # Errors
    /// They would not load, or it can't be written.
    pub fn add(&self, tables: &str) -> Result<(), Failure> {
        let before = match &self.text {
            Some(text) if text.ends_with('\n') || text.is_empty() => "\n".to_owned(),
            Some(_) => "\n\n".to_owned(),
            None => format!("{SCHEMA}\n{}\n\n{}", say!("init-file-opening"), spoken()),
        };
        let added = format!("{before}{tables}");
        let whole = format!("{}{added}", self.text.as_deref().unwrap_or_default());
        self.load(&whole)
            .map_err(|first| Failure::usage(say!("init-file-unsound", first)))?;
        let mut options = OpenOptions::new();
        let options = match self.text {
            Some(_) => options.append(true),
            None => options.write(true).create_new(true),
        };
        let file = options.open(&self.path);
        let written = file.and_then(|mut file| file.write_all(added.as_bytes()));
        let path = self.path();
        written.map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure::usage(say!("init-file-no-folder", path))
                .hint(say!("init-file-make-folder")),
            _ => {
                let why = io_words(&error);
                Failure::unfinished(say!("init-file-unwritable", path, why))
            }
        })
    }
}
