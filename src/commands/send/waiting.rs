//! The files that wait in an inbox: which they are, and which of them nobody is
//! writing any more. Moves nothing, and reads none.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::output::Warnings;
use crate::words::say;

/// A file is taken once it has not changed for so long.
const LOOK: Duration = Duration::from_secs(2);
/// A file that has not changed for so long and still can't be taken is told to cron too.
const LONG: Duration = Duration::from_secs(60 * 60);

/// How the names of files end that a program is still writing.
const UNFINISHED: [&str; 10] = [
    "part",
    "partial",
    "filepart",
    "tmp",
    "temp",
    "crdownload",
    "download",
    "opdownload",
    "uploading",
    "aria2",
];
/// What file managers leave in a folder; like hidden files, nobody's leads.
const LITTER: [&str; 2] = ["desktop.ini", "thumbs.db"];

/// Where files go: while they are read, once their leads are on disk, or if they can't
/// be read.
pub const READING: &str = "reading";
pub const DONE: &str = "done";
pub const FAILED: &str = "failed";

/// A file that waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its name in the inbox.
    pub name: OsString,
    /// Where it is.
    pub path: PathBuf,
    pub seen: Seen,
    /// It only leads to a file, which nobody may have meant to show.
    pub is_link: bool,
}

/// What tells that a file was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    size: u64,
    modified: SystemTime,
}

impl Seen {
    /// `None`: it isn't there.
    pub fn of(path: &Path) -> Option<Self> {
        Self::in_short(&fs::symlink_metadata(path).ok()?)
    }

    fn in_short(about: &Metadata) -> Option<Self> {
        Some(Self {
            size: about.len(),
            modified: about.modified().ok()?,
        })
    }
}

/// The files of a folder that may hold leads. What else is in it is told once: it
/// waits for a person.
///
/// # Errors
/// The folder can't be read.
pub fn list(folder: &Path, warnings: &Warnings) -> io::Result<Vec<Waiting>> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let names: HashSet<OsString> = entries.iter().map(fs::DirEntry::file_name).collect();
    let mut files = Vec::new();
    for entry in entries {
        let (name, path) = (entry.file_name(), entry.path());
        // Gone since it was listed: somebody else's.
        let Ok(about) = fs::symlink_metadata(&path) else {
            continue;
        };
        if is_nobodys(&name, &about) {
            continue;
        }
        let seen = Seen::in_short(&about);
        match (why_left(&name, &path, &names), seen) {
            (None, Some(seen)) => files.push(Waiting {
                name,
                path,
                seen,
                is_link: about.is_symlink(),
            }),
            (why, seen) => tell_left(&path, &why.unwrap_or_default(), seen, warnings),
        }
    }
    Ok(files)
}

/// Hidden files, what spreadsheets keep beside one that is open, and our own folders.
fn is_nobodys(name: &OsStr, about: &Metadata) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with('.')
        || name.starts_with("~$")
        || LITTER.contains(&&*name)
        || about.is_dir() && [READING, DONE, FAILED].contains(&&*name)
}

/// Why something isn't taken for an export yet, or ever.
fn why_left(name: &OsStr, path: &Path, names: &HashSet<OsString>) -> Option<String> {
    let name = name.to_string_lossy();
    let ending = Path::new(&*name).extension().map(OsStr::to_ascii_lowercase);
    let unfinished = |ending: &OsString| UNFINISHED.iter().any(|known| ending == known);
    let beside = [format!("~${name}"), format!(".~lock.{name}#")];
    if path.is_dir() {
        Some(say!("inbox-left-folder"))
    } else if ending.as_ref().is_some_and(unfinished) || name.ends_with('~') {
        Some(say!("inbox-left-unfinished"))
    } else if beside.iter().any(|owner| names.contains(OsStr::new(owner))) {
        Some(say!("inbox-left-open"))
    } else if !path.is_file() && !path.is_symlink() {
        Some(say!("inbox-left-not-plain"))
    } else {
        None
    }
}

/// A file that can't be taken now. For a moment that is nothing to mail about.
fn tell_left(path: &Path, why: &str, seen: Option<Seen>, warnings: &Warnings) {
    let age = seen.and_then(|seen| seen.modified.elapsed().ok());
    let told = say!("inbox-left", path, why);
    match age.is_some_and(|age| age > LONG) && path.is_file() {
        true => warnings.warn(&told),
        false => warnings.remark(&told),
    }
}

/// Those of the files that nobody is writing any more, the oldest first.
pub fn settled(mut files: Vec<Waiting>, warnings: &Warnings) -> Vec<Waiting> {
    let to_go = |file: &Waiting| match file.seen.modified.elapsed() {
        Ok(age) => LOOK.saturating_sub(age),
        // Another machine's clock wrote it.
        Err(_) => LOOK,
    };
    thread::sleep(files.iter().map(to_go).max().unwrap_or_default());
    let written = written(files.iter().map(|file| &*file.path));
    files.retain(|file| {
        let same = Seen::of(&file.path) == Some(file.seen);
        let is_open = written.contains(&file.path);
        if !same || is_open {
            let why = say!("inbox-left-being-written");
            tell_left(&file.path, &why, Some(file.seen), warnings);
        }
        same && !is_open
    });
    files.sort_by(|one, other| {
        let time = one.seen.modified.cmp(&other.seen.modified);
        time.then_with(|| one.name.cmp(&other.name))
    });
    files
}

/// Those of the files that a program has open for writing, or has locked. What can be
/// known of that: on Linux, of programs of this user (of all, for root); on Windows, of
/// all; elsewhere only of those that lock what they write.
pub fn written<'p>(paths: impl Iterator<Item = &'p Path>) -> HashSet<PathBuf> {
    let paths: Vec<&Path> = paths.collect();
    let mut found = platform::open_for_writing(&paths);
    let is_locked = |path: &Path| {
        let file = File::open(path);
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    };
    let locked = paths.iter().filter(|path| is_locked(path));
    found.extend(locked.map(|path| path.to_path_buf()));
    found
}

#[cfg(target_os = "linux")]
mod platform {
    use std::collections::HashSet;
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::{Path, PathBuf};

    /// What each process has open stands in `/proc/PID/fd`.
    pub fn open_for_writing(paths: &[&Path]) -> HashSet<PathBuf> {
        let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        let processes = entries(Path::new("/proc"));
        let handles = processes.flat_map(|process| entries(&process.path().join("fd")));
        let mut found = HashSet::new();
        for handle in handles {
            let link = fs::read_link(handle.path()).unwrap_or_default();
            // Only a file of that name is looked at: another one may hang with its disk.
            let mut named = paths.iter().filter(|it| it.file_name() == link.file_name());
            // The mode of the link itself says what the file was opened for.
            let writes = || handle.metadata().is_ok_and(|it| it.mode() & 0o200 != 0);
            let is_it = |path: &&&Path| {
                let same = fs::metadata(handle.path())
                    .ok()
                    .zip(fs::metadata(path).ok());
                same.is_some_and(|(one, two)| (one.dev(), one.ino()) == (two.dev(), two.ino()))
            };
            if let Some(path) = named.find(is_it)
                && writes()
            {
                found.insert(path.to_path_buf());
            }
        }
        found
    }
}

#[cfg(windows)]
mod platform {
    use std::collections::HashSet;
    use std::fs::File;
    use std::os::windows::fs::OpenOptionsExt as _;
    use std::path::{Path, PathBuf};

    /// Others may read while it is open, and nobody may write.
    const SHARE_READ: u32 = 1;
    const SHARING_VIOLATION: i32 = 32;

    /// A file that another program writes can't be opened so that nobody may write.
    pub fn open_for_writing(paths: &[&Path]) -> HashSet<PathBuf> {
        let is_open = |path: &&&Path| {
            let file = File::options().read(true).share_mode(SHARE_READ).open(path);
            file.is_err_and(|error| error.raw_os_error() == Some(SHARING_VIOLATION))
        };
        let open = paths.iter().filter(is_open);
        open.map(|path| path.to_path_buf()).collect()
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
mod platform {
    use std::collections::HashSet;
    use std::path::{Path, PathBuf};

    pub fn open_for_writing(_: &[&Path]) -> HashSet<PathBuf> {
        HashSet::new()
    }
}
