//! An input as a file that can be read as often as is needed: what comes only
//! once (a pipe) is kept in a file without a name first. Knows no format.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::error::ErrorKind;

/// A place in an input's bytes. Several places of one file are read
/// independently of each other.
#[derive(Debug)]
pub struct InputFile {
    file: Arc<File>,
    at: u64,
    /// What comes after this is left out.
    end: u64,
}

impl InputFile {
    /// # Errors
    /// It isn't there, isn't readable or is a folder.
    pub fn open(path: &Path) -> Result<Self, ErrorKind> {
        let metadata = path.metadata()?;
        if metadata.is_dir() {
            return Err(ErrorKind::Io(io::ErrorKind::IsADirectory.into()));
        }
        let file = File::open(path)?;
        match metadata.is_file() {
            true => Ok(Self::of(file)),
            false => Self::keep(file),
        }
    }

    /// Reads a stream to its end.
    ///
    /// # Errors
    /// What reading or keeping it gave.
    pub fn keep(mut stream: impl Read) -> Result<Self, ErrorKind> {
        let mut file = tempfile::tempfile().map_err(ErrorKind::Scratch)?;
        let mut keeping = Keeping {
            file: &mut file,
            failed: false,
        };
        let copied = io::copy(&mut stream, &mut keeping);
        match (copied, keeping.failed) {
            (Ok(_), _) => Ok(Self::of(file)),
            (Err(error), true) => Err(ErrorKind::Scratch(error)),
            (Err(error), false) => Err(ErrorKind::Io(error)),
        }
    }

    /// A file that is wholly written.
    pub fn of(file: File) -> Self {
        Self {
            file: Arc::new(file),
            at: 0,
            end: u64::MAX,
        }
    }

    /// The same bytes, from the first one.
    pub fn again(&self) -> Self {
        Self {
            file: Arc::clone(&self.file),
            at: 0,
            end: self.end,
        }
    }

    /// The same text without what only fills its end: NULs, and the mark with which
    /// DOS ends a file. `unit`: bytes of a character. Gives the NULs' number, too.
    ///
    /// # Errors
    /// What reading gave.
    pub fn without_padding(&self, unit: usize) -> io::Result<(Self, u64)> {
        let mut text = self.again();
        let mut piece = [0; 4096];
        let length = text.seek(SeekFrom::End(0))?;
        if length % unit as u64 > 0 {
            return Ok((self.again(), 0));
        }
        text.end = length;
        let mut nuls = 0;
        while text.end > 0 {
            let count = text.end.min(piece.len() as u64) as usize;
            text.at = text.end - count as u64;
            text.read_exact(&mut piece[..count])?;
            let units = piece[..count].rchunks_exact(unit);
            let is_nul = |unit: &&[u8]| unit.iter().all(|byte| *byte == 0);
            let is_end =
                |unit: &&[u8]| unit.iter().map(|byte| u32::from(*byte)).sum::<u32>() == 0x1A;
            let padding: Vec<_> = units.take_while(|it| is_nul(it) || is_end(it)).collect();
            nuls += padding.iter().filter(|it| is_nul(it)).count() as u64;
            text.end -= (padding.len() * unit) as u64;
            if padding.len() * unit < count {
                break;
            }
        }
        text.at = 0;
        Ok((text, nuls))
    }
}

/// Tells a disk that is full from a pipe that breaks.
struct Keeping<'f> {
    file: &'f mut File,
    failed: bool,
}

impl io::Write for Keeping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        self.failed |= written.is_err();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for InputFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let rest = self.end.saturating_sub(self.at);
        let count = usize::try_from(rest).map_or(into.len(), |rest| rest.min(into.len()));
        let into = &mut into[..count];
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&*self.file, into, self.at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(&*self.file, into, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for InputFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().checked_add_signed(by),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
