//! Where a rejects file stands: whole or not at all, for its owner alone, and
//! never in the place of something that leadctl didn't write.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::form::Form;
use crate::io_words::{io_words, is_open_elsewhere};
use crate::lead::Ours;
use crate::output::Command;
use crate::words::{placeholder, say};

/// What the name of a file that is being written begins and ends with.
const PARTIAL: (&str, &str) = (".leadctl-", ".partial");

/// Removes what killed runs left half written of this file, or beside it. Who still
/// writes holds a lock.
pub fn remove_litter(path: &Path) {
    let entries = fs::read_dir(folder(path)).into_iter().flatten().flatten();
    let is_partial = |name: &str| name.starts_with(PARTIAL.0) && name.ends_with(PARTIAL.1);
    let partial = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(is_partial)
    });
    let backup = ["partial", "partial-journal"].map(|end| path.with_added_extension(end));
    for path in partial.chain(backup) {
        let file = File::open(&path);
        if file.is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Workbooks that are not written.
const OTHER_WORKBOOKS: [&str; 5] = ["xls", "xlsm", "xlsb", "ods", "numbers"];

/// Tells a workbook of rows to correct, as who can read one knows it.
pub type Knows = fn(&Path) -> bool;

/// Looked at of an existing file, to know it for a rejects file.
const HEAD: u64 = 64 * 1024;

/// Why there is no rejects file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{}", say!("rejects-refused", path = path.as_path(), why))]
    Place {
        path: PathBuf,
        why: String,
        hint: String,
    },
    #[error("{}", say!("rejects-not-written", path = path.as_path(), why = io_words(source)))]
    Io { path: PathBuf, source: io::Error },
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Place { hint, .. } => hint.clone(),
            Self::Io { .. } => {
                let words = "history --state invalid --state rejected --rejects";
                let command = Command::new(words.split(' ')).and([placeholder("FILE")]);
                say!("rejects-not-written-hint", command = command.to_string())
            }
        }
    }
}

/// Knows what was written last, so that a file which somebody changed since is
/// not taken for one that nobody needs.
pub trait WrittenBefore {
    /// The mark of what was written there last.
    fn mark(&self, path: &Path) -> Option<Vec<u8>>;
    /// Keeps the mark of what is written there now.
    fn keep(&self, path: &Path, mark: &[u8]);
}

/// Refuses a place where no rejects file may be written.
pub fn check(path: &Path, knows: Knows) -> Result<(), Error> {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let about = fs::metadata(path).ok();
    let file = about.as_ref().filter(|about| about.is_file());
    let (why, hint) = match &about {
        _ if path.as_os_str() == "-" => (say!("rejects-dash"), say!("rejects-dash-hint")),
        _ if OTHER_WORKBOOKS.iter().any(|other| extension == *other) => (
            say!("rejects-other-workbook"),
            say!("rejects-other-workbook-hint"),
        ),
        Some(about) if about.is_dir() => (say!("rejects-folder"), say!("own-file-folder-hint")),
        _ if file.is_some_and(|file| file.len() > 0) && !is_ours(path, knows) => {
            (say!("rejects-not-ours"), say!("rejects-not-ours-hint"))
        }
        // Better known before the leads are sent than after.
        _ if replaceable(path).is_err_and(|error| is_open_elsewhere(&error)) => {
            (say!("rejects-open"), say!("rejects-open-hint"))
        }
        _ => return Ok(()),
    };
    let path = path.to_owned();
    Err(Error::Place { path, why, hint })
}

/// Nothing was read yet, so that nothing is lost.
pub fn refused(path: &Path, source: &io::Error) -> Error {
    let (why, hint) = match source.kind() {
        io::ErrorKind::NotFound => (say!("io-no-folder"), say!("io-no-folder-hint")),
        _ => (io_words(source), say!("rejects-elsewhere-hint")),
    };
    let path = path.to_owned();
    Error::Place { path, why, hint }
}

/// Asks for the right that renaming a file takes, and leaves it at that.
#[cfg(windows)]
fn replaceable(path: &Path) -> io::Result<()> {
    use std::os::windows::fs::OpenOptionsExt as _;
    const DELETE: u32 = 0x0001_0000;
    OpenOptions::new().access_mode(DELETE).open(path).map(drop)
}

/// Who has a file open keeps nobody from renaming it here.
#[cfg(not(windows))]
fn replaceable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether a file is one that we wrote: its columns tell, in any encoding.
fn is_ours(path: &Path, knows: Knows) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    head.retain(|byte| *byte != 0);
    let is_there = |name: &String| head.windows(name.len()).any(|it| it == name.as_bytes());
    let named = read.is_ok() && Ours::Id.names().iter().any(is_there);
    named || head.starts_with(b"PK") && knows(path)
}

/// The folder that a file stands in.
pub fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A free place for a further file: the stem with its number, or a later one. What
/// is there and no rejects file stays.
pub fn beside(path: &Path, number: usize, form: &Form, taken: &[PathBuf], knows: Knows) -> PathBuf {
    // Such as a device, which takes everything.
    if fs::metadata(path).is_ok_and(|about| !about.is_file()) {
        return path.to_owned();
    }
    let told = path.extension().unwrap_or_default().to_string_lossy();
    let suits = !told.is_empty() && Form::named(path).is_json() == form.is_json();
    let extension = if suits { &*told } else { form.extension() };
    let free = |path: &PathBuf| !taken.contains(path) && check(path, knows).is_ok();
    numbered(path, number, |number| format!("-{number}"), extension, free)
}

/// The first free name from `number` on: the stem, a word and the extension.
fn numbered(
    path: &Path,
    number: usize,
    word: impl Fn(usize) -> String,
    extension: &str,
    free: impl Fn(&PathBuf) -> bool,
) -> PathBuf {
    let named = |number| {
        let mut name = path.file_stem().unwrap_or_default().to_os_string();
        name.push(word(number));
        path.with_file_name(name).with_added_extension(extension)
    };
    (number..).map(named).find(free).unwrap_or_default()
}

/// Whether an input, as the user named it, is this file.
pub fn is_same(input: &str, path: &Path) -> bool {
    let there = dunce::canonicalize(path).ok();
    there.is_some() && there == dunce::canonicalize(input).ok()
}

/// What became of an earlier file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// There was none.
    None,
    /// It said the same, and was left alone.
    Same,
    /// It is kept here, until the next one is.
    Kept(PathBuf),
    /// Somebody changed it since it was written: it is kept here for good.
    Changed(PathBuf),
}

/// Writes the file under another name and gives it its own once it is whole.
/// `read`: what is in an earlier one was read, and is in the ledger.
pub fn replace(
    path: &Path,
    read: bool,
    memory: Option<&dyn WrittenBefore>,
    knows: Knows,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<Earlier> {
    let target = target(path)?;
    let there = fs::metadata(&target).ok();
    if there.as_ref().is_some_and(|about| !about.is_file()) {
        write(&mut OpenOptions::new().write(true).open(&target)?)?;
        return Ok(Earlier::None);
    }
    let fresh = fresh(&target, write)?;
    let new = mark(fresh.path())?;
    let earlier = match there.is_some_and(|about| about.len() > 0) {
        true => Some(mark(&target)?),
        false => None,
    };
    let own = || memory.and_then(|memory| memory.mark(&target)) == earlier;
    let became = match &earlier {
        None => Earlier::None,
        // Who has it open need not open it again.
        Some(earlier) if *earlier == new => Earlier::Same,
        Some(_) if read || own() => Earlier::Kept(old_name(&target, knows)),
        Some(_) => Earlier::Changed(own_name(&target)),
    };
    if let Earlier::Kept(name) | Earlier::Changed(name) = &became {
        fs::rename(&target, name)?;
    }
    if became != Earlier::Same {
        fresh.persist(&target).map_err(|error| error.error)?;
    }
    if let Some(memory) = memory {
        memory.keep(&target, &new);
    }
    Ok(became)
}

/// Where a file is to stand: a link stays a link, and a device is written to, not replaced.
pub fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) {
        true => dunce::canonicalize(path),
        false => std::path::absolute(path),
    }
}

/// The file under another name, whole and on disk.
pub fn fresh(
    target: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<tempfile::NamedTempFile> {
    // Its owner alone may read such a file.
    let fresh = tempfile::Builder::new()
        .prefix(PARTIAL.0)
        .suffix(PARTIAL.1)
        .to_owned();
    let mut fresh = fresh.tempfile_in(folder(target))?;
    // Its lock tells that somebody still writes it.
    let _ = fresh.as_file().lock();
    write(fresh.as_file_mut())?;
    fresh.as_file().sync_all()?;
    Ok(fresh)
}

/// Where an earlier file goes: `.old`, unless somebody else's has that name.
fn old_name(path: &Path, knows: Knows) -> PathBuf {
    let old = path.with_added_extension("old");
    match fs::symlink_metadata(&old).is_err() || is_ours(&old, knows) {
        true => old,
        false => own_name(path),
    }
}

/// A name that no file has.
fn own_name(path: &Path) -> PathBuf {
    let word = |number| match number {
        1 => "-corrected".to_owned(),
        number => format!("-corrected-{number}"),
    };
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let free = |name: &PathBuf| fs::symlink_metadata(name).is_err();
    numbered(path, 1, word, &extension, free)
}

/// What a file holds, in brief.
pub fn mark(path: &Path) -> io::Result<Vec<u8>> {
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hasher.finalize().as_bytes().to_vec())
}
