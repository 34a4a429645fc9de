//! What a pipe gave, kept on disk until its leads are in the ledger: a kill or
//! a power cut loses none of it. Knows bytes; the note is opaque to it.
//!
//! Of each there are NAME.note, locked while its process lives; NAME.data; and
//! NAME.complete once all was read.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{Ledger, LedgerError, file, locks, now};

/// A spool file that this process owns. Dropped without [`Spool::done`], it
/// stays and the next start finds it.
#[derive(Debug)]
pub struct Spool {
    data: PathBuf,
    /// Its lock is what keeps others away.
    _note: File,
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
        let _gate = locks::gate(self.path())?;
        let mut name = now();
        let (path, mut file) = loop {
            let path = folder.join(format!("{name}.note"));
            match file::create_new(&path) {
                Ok(file) => break (path, file),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => name += 1,
                Err(error) => return Err(LedgerError::file("create", &path, error)),
            }
        };
        locks::try_lock(&file, &path)?;
        let data = path.with_extension("data");
        // The data last: where they are, the note is whole.
        file.write_all(note.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| file::create_new(&data))
            .and_then(|_| file::sync_folder(&folder))
            .map_err(|error| LedgerError::file("write", &path, error))?;
        Ok(Spool { data, _note: file })
    }

    /// The spools that their process left behind, the oldest first.
    pub fn orphans(&self) -> Result<Vec<Orphan>, LedgerError> {
        let notes = self.spooled(&["note"])?;
        if notes.is_empty() {
            return Ok(Vec::new());
        }
        let _gate = locks::gate(self.path())?;
        let mut orphans = Vec::new();
        for note in notes {
            orphans.extend(orphan(&note)?);
        }
        orphans.sort_by_key(|orphan| orphan.since);
        Ok(orphans)
    }

    /// The files with rows that pipes gave and that are not, or not all, in the
    /// ledger: kept aside, kept for the next start, or being read at this moment.
    pub fn kept_pipes(&self) -> Result<Vec<PathBuf>, LedgerError> {
        let mut paths = self.spooled(&["data", "kept"])?;
        paths.sort();
        Ok(paths)
    }

    fn spooled(&self, kinds: &[&str]) -> Result<Vec<PathBuf>, LedgerError> {
        let folder = self.spools();
        let failed = |error| LedgerError::file("read", &folder, error);
        let names = match fs::read_dir(&folder) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let is_meant = |path: &PathBuf| {
            let kind = path.extension().and_then(|kind| kind.to_str());
            kind.is_some_and(|kind| kinds.contains(&kind))
        };
        let mut paths = Vec::new();
        for name in names {
            paths.push(name.map_err(failed)?.path());
        }
        paths.retain(is_meant);
        Ok(paths)
    }

    fn spools(&self) -> PathBuf {
        file::beside(self.path(), ".spool")
    }
}

/// The spool, unless it is done with or its owner lives.
fn orphan(path: &Path) -> Result<Option<Orphan>, LedgerError> {
    if !file::check(path)? {
        return Ok(None);
    }
    let failed = |error| LedgerError::file("read", path, error);
    let mut file = File::options()
        .read(true)
        .write(true)
        .open(path)
        .map_err(failed)?;
    if !locks::try_lock(&file, path)? {
        return Ok(None);
    }
    let data = path.with_extension("data");
    if !file::check(&data)? {
        // Killed before it was made, or behind its end: nothing is in it.
        Spool { data, _note: file }.done()?;
        return Ok(None);
    }
    let mut note = String::new();
    file.read_to_string(&mut note).map_err(failed)?;
    let name = path.file_stem().and_then(|name| name.to_str());
    Ok(Some(Orphan {
        note,
        since: name.and_then(|name| name.parse().ok()).unwrap_or(0),
        complete: path.with_extension("complete").exists(),
        spool: Spool { data, _note: file },
    }))
}

impl Orphan {
    /// Does it end in the midst of a row? The elements of a JSON text are
    /// either whole or told as damaged by who reads them.
    pub fn torn(&self) -> Result<bool, LedgerError> {
        if self.complete {
            return Ok(false);
        }
        let ends = ends_of(&self.spool.data);
        let (head, tail) =
            ends.map_err(|error| LedgerError::file("read", &self.spool.data, error))?;
        let first = head.iter().find(|byte| byte.is_ascii_graphic());
        if first.is_none_or(|byte| matches!(byte, b'[' | b'{')) {
            return Ok(false);
        }
        // In UTF-16 a zero follows or precedes it.
        Ok(!tail.ends_with(b"\n") && tail != b"\n\0")
    }
}

/// The first 64 bytes of a file, and the last two.
fn ends_of(path: &Path) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    (&file).take(64).read_to_end(&mut head)?;
    file.seek(io::SeekFrom::Start(size.saturating_sub(2)))?;
    file.read_to_end(&mut tail)?;
    Ok((head, tail))
}

impl Spool {
    /// Takes it out of what a start looks for, without losing it. Returns
    /// where it is then.
    pub fn keep_aside(self) -> Result<PathBuf, LedgerError> {
        let kept = self.data.with_extension("kept");
        fs::rename(&self.data, &kept)
            .and_then(|()| file::sync_folder(file::folder_of(&kept)))
            .map_err(|error| LedgerError::file("rename", &self.data, error))?;
        self.done()?;
        Ok(kept)
    }

    /// Copies all of `from`; when it returns the bytes are on disk, and marked
    /// as complete. Returns their number.
    pub fn copy_from(&mut self, from: &mut dyn Read) -> io::Result<u64> {
        let mut data = File::options().append(true).open(&self.data)?;
        let copied = io::copy(from, &mut data)?;
        data.sync_all()?;
        file::write_whole(&self.data.with_extension("complete"), b"")?;
        Ok(copied)
    }

    /// The file to read the bytes from.
    pub fn path(&self) -> &Path {
        &self.data
    }

    /// Its leads are in the ledger: removes it.
    pub fn done(self) -> Result<(), LedgerError> {
        // The note last: it leads to the others.
        for kind in ["data", "complete", "note"] {
            file::remove(&self.data.with_extension(kind))?;
        }
        // Otherwise a power cut would bring them back, to be taken in once more.
        let folder = file::folder_of(&self.data);
        file::sync_folder(folder).map_err(|error| LedgerError::file("write", folder, error))
    }
}
