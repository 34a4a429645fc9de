//! The refresh token of a destination, which the partner may change while it is used:
//! written where it is kept, or told.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::http::token::Keeper;
use crate::io_words::io_words;
use crate::output::Warnings;
use crate::session::secrets::first_line;
use crate::words::say;

/// Where it is kept, and who is told.
pub struct RefreshToken {
    /// Where leadctl can write it.
    pub file: Option<PathBuf>,
    /// The same in words.
    pub place: String,
    pub destination: String,
    pub warnings: Warnings,
}

impl Keeper for RefreshToken {
    fn read(&self) -> Option<String> {
        let text = fs::read_to_string(self.file.as_ref()?).ok()?;
        Some(first_line(&text)).filter(|line| !line.is_empty())
    }

    fn keep(&self, new: &str) {
        let Self {
            destination, place, ..
        } = self;
        let told = match &self.file {
            None => {
                let toml = format!("refresh = {{ file = \"{destination}.token\" }}");
                say!("refresh-token-lost", destination, place, toml)
            }
            Some(file) => match replace_first_line(file, new) {
                Ok(()) => return,
                Err(error) => {
                    let why = io_words(&error);
                    say!("refresh-token-unwritten", destination, place, why)
                }
            },
        };
        self.warnings.warn(&told);
    }
}

/// The file is never half written, and nobody else's to read.
fn replace_first_line(file: &Path, line: &str) -> io::Result<()> {
    // A link stays one.
    let file = dunce::canonicalize(file)?;
    let text = fs::read_to_string(&file)?;
    let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(format!("{line}\n{rest}").as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(&file)?;
    // A folder can't be opened everywhere.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
