//! Files that hold personal data: ours alone (0600), never a link, never
//! somebody else's. Knows paths and owners; knows nothing of their content.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{Kind, LedgerError};

/// `ledger.db` + `.key` → `ledger.db.key`, in the same folder.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The folder that holds `path`.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes the folder, for its owner alone, unless it is there.
pub fn private_folder(path: &Path) -> Result<(), LedgerError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| LedgerError::io("create the folder", path, &error))
}

/// Is the file there? Refuses a link, what is no plain file and another
/// owner's file; takes away the rights that others have on ours.
pub fn check(path: &Path) -> Result<bool, LedgerError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(LedgerError::io("look at", path, &error)),
    };
    let refuse = |what: &str| {
        LedgerError::new(Kind::NotOurs, format!("{} {what}", path.display()))
            .hint("if this is the ledger that your leads were sent with, put it right: a ledger in another place (--ledger) knows none of them, and would send them again. If it is not, name another file with --ledger")
    };
    if found.file_type().is_symlink() {
        return Err(refuse("is a link, and a ledger must be a file of its own"));
    }
    if !found.is_file() {
        return Err(refuse("is not a file"));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(refuse("belongs to another user"));
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o600))
            .map_err(|error| LedgerError::io("make private", path, &error))?;
    }
    Ok(true)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .mode(0o600)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32);
    options
}

/// A new file, 0600; an error if the name is taken.
pub fn create_new(path: &Path) -> io::Result<File> {
    private().create_new(true).open(path)
}

/// A file, 0600, made if it is missing; a link is refused.
pub fn create(path: &Path) -> io::Result<File> {
    private().create(true).truncate(false).open(path)
}

/// Makes a name that was just created or renamed survive a power cut.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Writes a whole private file that is either there complete or not at all,
/// also after a power cut. The name must be free.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let partial = beside(path, ".partial");
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create_new(&partial)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    sync_folder(folder_of(path))
}
