//! A file that is made anew each time it is asked for: whole or not at all, for its owner
//! alone, and only in the place of what leadctl itself wrote there.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::rejects::{WrittenBefore, place};
use crate::io_words::io_words;
use crate::words::say;

/// Why a file is not there.
#[derive(Debug, thiserror::Error)]
pub enum OwnFileError {
    #[error("{}", say!("own-file-folder", path = .0.as_path()))]
    Folder(PathBuf),
    /// An export that was named by a slip would be lost, and so would somebody's remarks.
    #[error("{}", say!("own-file-not-ours", path = .0.as_path()))]
    NotOurs(PathBuf),
    #[error("{}", say!("own-file-not-written", path = .0.as_path(), why = say!("io-no-folder")))]
    NoFolder(PathBuf),
    #[error("{}", say!("own-file-not-written", path = path.as_path(), why = io_words(source)))]
    Io { path: PathBuf, source: io::Error },
}

impl OwnFileError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Folder(_) => say!("own-file-folder-hint"),
            Self::NoFolder(_) => say!("io-no-folder-hint"),
            Self::NotOurs(_) => say!("own-file-not-ours-hint"),
            Self::Io { .. } => say!("own-file-not-written-hint"),
        }
    }
}

/// Writes it. `memory` tells what was written there last.
///
/// # Errors
/// What is there is somebody else's, or the disk failed.
pub fn write(path: &Path, memory: &dyn WrittenBefore, bytes: &[u8]) -> Result<(), OwnFileError> {
    let io = |source: io::Error| match source.kind() {
        // A file that isn't there is made.
        io::ErrorKind::NotFound => OwnFileError::NoFolder(path.to_owned()),
        _ => OwnFileError::Io {
            path: path.to_owned(),
            source,
        },
    };
    let target = place::target(path).map_err(io)?;
    let new = blake3::hash(bytes).as_bytes().to_vec();
    match fs::metadata(&target) {
        Ok(about) if about.is_dir() => return Err(OwnFileError::Folder(path.to_owned())),
        Ok(about) if about.len() > 0 => {
            let there = place::mark(&target).map_err(io)?;
            // Written just before a kill, it is the same though nobody remembers.
            if there != new && memory.mark(&target) != Some(there) {
                return Err(OwnFileError::NotOurs(path.to_owned()));
            }
        }
        _ => {}
    }
    let fresh = place::fresh(&target, |out| out.write_all(bytes)).map_err(io)?;
    fresh.persist(&target).map_err(|error| io(error.error))?;
    memory.keep(&target, &new);
    Ok(())
}
