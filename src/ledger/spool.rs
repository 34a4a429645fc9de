//! What a pipe gave, kept on disk until its leads are in the ledger: a kill or
//! a power cut loses none of it. Knows bytes; the note is opaque to it.
//!
//! Of each there are NAME.note, locked while its process lives; NAME.data; and
//! NAME.complete once all was read.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::error::{Act, Doing};
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
        file::own_folder(&folder)?;
        // Nobody looks for orphans between the file and its lock.
        let _gate = locks::gate(self.path())?;
        let mut name = now();
        let (path, mut file) = loop {
            let path = folder.join(format!("{name}.note"));
            match file::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => name += 1,
                file => break (path.clone(), file.doing(Act::Create, &path)?),
            }
        };
        locks::try_lock(&file, &path)?;
        let data = path.with_extension("data");
        // The data last: where they are, the note is whole.
        file.write_all(note.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| file::create_new(&data))
            .and_then(|_| file::sync_folder(&folder))
            .doing(Act::Write, &path)?;
        Ok(Spool { data, _note: file })
    }

    /// The spools that their process left behind, the oldest first.
    pub fn orphans(&self) -> Result<Vec<Orphan>, LedgerError> {
        let notes = self.spooled(&["note"])?;
        if notes.is_empty() {
            return Ok(Vec::new());
        }
        let _gate = locks::gate(self.path())?;
        let orphans = notes.iter().map(|note| orphan(note));
        let orphans: Vec<Option<Orphan>> = orphans.collect::<Result<_, _>>()?;
        let mut orphans: Vec<Orphan> = orphans.into_iter().flatten().collect();
        orphans.sort_by_key(|orphan| orphan.since);
        Ok(orphans)
    }

    /// The files with rows that pipes gave and that are not, or not all, in the
    /// ledger: kept aside, kept for the next start, or being read at this moment.
    pub fn kept_pipes(&self) -> Result<Vec<PathBuf>, LedgerError> {
        self.spooled(&["data", "kept"])
    }

    fn spooled(&self, kinds: &[&str]) -> Result<Vec<PathBuf>, LedgerError> {
        let mut paths = file::list(&self.spools())?;
        paths.retain(|path| {
            let kind = path.extension().and_then(|kind| kind.to_str());
            kind.is_some_and(|kind| kinds.contains(&kind))
        });
        paths.sort();
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
    let mut file = file::create(path).doing(Act::Read, path)?;
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
    file.read_to_string(&mut note).doing(Act::Read, path)?;
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
        let data = &self.spool.data;
        let (head, tail) = ends_of(data).doing(Act::Read, data)?;
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
        file::rename(&self.data, &kept)?;
        self.done()?;
        Ok(kept)
    }

    /// Copies all of `from`; when it returns the bytes are on disk, and marked
    /// as complete.
    pub fn copy_from(&mut self, from: &mut dyn Read) -> io::Result<()> {
        let mut data = File::options().append(true).open(&self.data)?;
        io::copy(from, &mut data)?;
        data.sync_all()?;
        file::create_new(&self.data.with_extension("complete"))?;
        file::sync_folder(file::folder_of(&self.data))
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
        file::sync_folder(folder).doing(Act::Write, folder)
    }
}
