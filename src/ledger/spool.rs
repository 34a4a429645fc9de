//! What a pipe gave, kept on disk until its leads are in the ledger: a kill or
//! a power cut loses none of it. Knows bytes; the note is opaque to it.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::clock::now;
use super::{Ledger, LedgerError, file, lock};

/// A spool file that this process owns. Dropped without [`Spool::done`], it
/// stays and the next start finds it.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    file: File,
}

/// A spool whose process is gone. Nobody else gets it while this is held.
#[derive(Debug)]
pub struct Orphan {
    /// As [`Ledger::spool`] was given it.
    pub note: String,
    /// Milliseconds UTC.
    pub since: i64,
    /// The whole input is in it; otherwise the end may be missing, and its last
    /// line torn.
    pub complete: bool,
    /// The bytes, and the way to be done with them.
    pub spool: Spool,
}

impl Ledger {
    /// Opens a new spool file. The note says what to do with it later.
    pub fn spool(&self, note: &str) -> Result<Spool, LedgerError> {
        let folder = self.spools();
        file::private_folder(&folder)?;
        // Nobody looks for orphans between the file and its lock.
        let _gate = lock::gate(self.path())?;
        let mut name = now();
        let (path, file) = loop {
            let path = folder.join(format!("{name}.data"));
            match file::create_new(&path) {
                Ok(file) => break (path, file),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => name += 1,
                Err(error) => return Err(LedgerError::io("create", &path, &error)),
            }
        };
        lock::try_lock(&file, &path)?;
        let note_file = path.with_extension("note");
        file::write_whole(&note_file, note.as_bytes())
            .map_err(|error| LedgerError::io("write", &note_file, &error))?;
        Ok(Spool { path, file })
    }

    /// The spools that their process left behind, the oldest first.
    pub fn orphans(&self) -> Result<Vec<Orphan>, LedgerError> {
        let mut paths = self.spooled()?;
        paths.retain(|path| is_of(path, "data"));
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let _gate = lock::gate(self.path())?;
        let mut orphans = Vec::new();
        for path in paths {
            orphans.extend(orphan(path)?);
        }
        orphans.sort_by_key(|orphan| orphan.since);
        Ok(orphans)
    }

    /// The files with rows that pipes gave and that are not, or not all, in the
    /// ledger: kept aside, kept for the next start, or being read at this moment.
    pub fn kept_pipes(&self) -> Result<Vec<PathBuf>, LedgerError> {
        let mut paths = self.spooled()?;
        paths.retain(|path| is_of(path, "data") || is_of(path, "kept"));
        paths.sort();
        Ok(paths)
    }

    fn spooled(&self) -> Result<Vec<PathBuf>, LedgerError> {
        let folder = self.spools();
        let failed = |error: io::Error| LedgerError::io("read", &folder, &error);
        let names = match fs::read_dir(&folder) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        names
            .map(|name| name.map(|name| name.path()).map_err(failed))
            .collect()
    }

    fn spools(&self) -> PathBuf {
        file::beside(self.path(), ".spool")
    }
}

fn is_of(path: &Path, kind: &str) -> bool {
    path.extension().is_some_and(|extension| extension == kind)
}

/// The spool, unless it is done with or its owner lives.
fn orphan(path: PathBuf) -> Result<Option<Orphan>, LedgerError> {
    if !file::check(&path)? {
        return Ok(None);
    }
    let failed = |error: io::Error| LedgerError::io("read", &path, &error);
    let file = File::options()
        .read(true)
        .append(true)
        .open(&path)
        .map_err(failed)?;
    if !lock::try_lock(&file, &path)? {
        return Ok(None);
    }
    let note = match fs::read_to_string(path.with_extension("note")) {
        Ok(note) => note,
        // Killed before the note: nothing had been read yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let spool = Spool { path, file };
            spool.done()?;
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    };
    let since = path
        .file_stem()
        .and_then(|name| name.to_str())
        .and_then(|name| name.parse().ok())
        .unwrap_or(0);
    Ok(Some(Orphan {
        note,
        since,
        complete: path.with_extension("complete").exists(),
        spool: Spool { path, file },
    }))
}

impl Orphan {
    /// Does it end in the midst of a row? The elements of a JSON text are
    /// either whole or told as damaged by who reads them.
    pub fn torn(&self) -> Result<bool, LedgerError> {
        if self.complete {
            return Ok(false);
        }
        let failed = |error: io::Error| LedgerError::io("read", &self.spool.path, &error);
        let mut file = File::open(&self.spool.path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut head = Vec::new();
        (&file).take(64).read_to_end(&mut head).map_err(failed)?;
        let first = head.iter().find(|byte| byte.is_ascii_graphic());
        if first.is_none_or(|byte| matches!(byte, b'[' | b'{')) {
            return Ok(false);
        }
        let mut tail = Vec::new();
        file.seek(io::SeekFrom::Start(size.saturating_sub(2)))
            .and_then(|_| file.read_to_end(&mut tail))
            .map_err(failed)?;
        // In UTF-16 a zero follows or precedes it.
        Ok(!tail.ends_with(b"\n") && tail != b"\n\0")
    }
}

impl Spool {
    /// Takes it out of what a start looks for, without losing it. Returns
    /// where it is then.
    pub fn keep_aside(self) -> Result<PathBuf, LedgerError> {
        let kept = self.path.with_extension("kept");
        fs::rename(&self.path, &kept)
            .map_err(|error| LedgerError::io("rename", &self.path, &error))?;
        self.done()?;
        Ok(kept)
    }

    /// Copies all of `from`; when it returns the bytes are on disk, and marked
    /// as complete. Returns their number.
    pub fn copy_from(&mut self, from: &mut dyn Read) -> io::Result<u64> {
        let mut block = vec![0; 128 * 1024];
        let mut copied = 0;
        loop {
            let read = match from.read(&mut block) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.file.write_all(&block[..read])?;
            copied += read as u64;
        }
        self.file.sync_all()?;
        file::write_whole(&self.path.with_extension("complete"), b"")?;
        Ok(copied)
    }

    /// The file to read the bytes from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its leads are in the ledger: removes it.
    pub fn done(self) -> Result<(), LedgerError> {
        // The note last: bytes without a note would be taken for empty, and bytes
        // without their end for a pipe that was cut.
        for path in [
            self.path.clone(),
            self.path.with_extension("complete"),
            self.path.with_extension("note"),
        ] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(LedgerError::io("remove", &path, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
