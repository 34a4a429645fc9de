//! Files that hold personal data: ours alone (0600), never a link, never
//! somebody else's. Knows paths and owners; knows nothing of their content.
//! Where a system has no owners or modes (Windows), only links are refused.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::LedgerError;
use super::error::{Act, Doing, Foreign};

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

/// Makes the folder, for its owner alone, unless it is there. It survives a
/// power cut, and so do the folders above it that were missing.
pub fn private_folder(path: &Path) -> Result<(), LedgerError> {
    let missing = path.ancestors().take_while(|folder| !folder.is_dir());
    let missing: Vec<&Path> = missing.filter(|it| !it.as_os_str().is_empty()).collect();
    let mut builder = DirBuilder::new();
    platform::only_for_owner(&mut builder);
    let made = missing.iter().rev().try_for_each(|folder| {
        match builder.create(folder) {
            Err(error) if !folder.is_dir() => return Err(error),
            _ => {}
        }
        sync_folder(folder_of(folder))
    });
    made.doing(Act::CreateFolder, path)
}

/// A folder beside the ledger, made if it is missing: refused like the ledger.
pub fn own_folder(path: &Path) -> Result<(), LedgerError> {
    match check_folder(path)? {
        true => Ok(()),
        false => private_folder(path),
    }
}

/// The files of a folder beside the ledger; none where it is not there.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, LedgerError> {
    if !check_folder(folder)? {
        return Ok(Vec::new());
    }
    let names = fs::read_dir(folder).doing(Act::Read, folder)?;
    let paths = names.map(|name| Ok(name?.path()));
    paths.collect::<io::Result<_>>().doing(Act::Read, folder)
}

/// Is the file there? Refuses a link, what is no plain file and another
/// owner's file; takes away the rights that others have on ours.
pub fn check(path: &Path) -> Result<bool, LedgerError> {
    let Some(found) = ours(path, Metadata::is_file, Foreign::NoFile)? else {
        return Ok(false);
    };
    platform::make_private(path, &found).doing(Act::MakePrivate, path)?;
    Ok(true)
}

/// The same of a folder. What is in it is private by itself, so that a disk that
/// takes no other rights for the folder is no reason to stop.
pub fn check_folder(path: &Path) -> Result<bool, LedgerError> {
    let found = ours(path, Metadata::is_dir, Foreign::NoFolder)?;
    if let Some(found) = &found {
        let _ = platform::make_private(path, found);
    }
    Ok(found.is_some())
}

/// What is there, if anything is.
///
/// # Errors
/// It is a link, of another kind (then `why`), or another owner's.
fn ours(
    path: &Path,
    is_of_kind: fn(&Metadata) -> bool,
    why: Foreign,
) -> Result<Option<Metadata>, LedgerError> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found.doing(Act::LookAt, path)?,
    };
    let why = match () {
        () if found.file_type().is_symlink() => Foreign::Link,
        () if !is_of_kind(&found) => why,
        () if !platform::is_ours(&found) => Foreign::OtherUser,
        () => return Ok(Some(found)),
    };
    Err(LedgerError::not_ours(path, why))
}

/// A new file, 0600; an error if the name is taken.
pub fn create_new(path: &Path) -> io::Result<File> {
    private().create_new(true).open(path)
}

/// A file, 0600, made if it is missing; a link is refused.
pub fn create(path: &Path) -> io::Result<File> {
    private().create(true).truncate(false).open(path)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    platform::private(&mut options);
    options
}

/// Removes the file, if it is there.
pub fn remove(path: &Path) -> Result<(), LedgerError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.doing(Act::Remove, path),
    }
}

/// Writes a whole private file that is either there complete or not at all,
/// also after a power cut. The name must be free.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<(), LedgerError> {
    let partial = beside(path, ".partial");
    remove(&partial)?;
    create_new(&partial)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        .doing(Act::Write, path)?;
    rename(&partial, path)
}

/// Gives a file its name for good.
pub fn rename(from: &Path, to: &Path) -> Result<(), LedgerError> {
    fs::rename(from, to)
        .and_then(|()| sync_folder(folder_of(to)))
        .doing(Act::Write, to)
}

pub use platform::{identity, sync_folder};

#[cfg(unix)]
mod platform {
    use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
    use std::path::Path;

    pub fn only_for_owner(builder: &mut DirBuilder) {
        builder.mode(0o700);
    }

    pub fn private(options: &mut OpenOptions) {
        let no_link = rustix::fs::OFlags::NOFOLLOW.bits();
        options.mode(0o600).custom_flags(no_link.cast_signed());
    }

    pub fn is_ours(found: &Metadata) -> bool {
        found.uid() == rustix::process::geteuid().as_raw()
    }

    pub fn make_private(path: &Path, found: &Metadata) -> io::Result<()> {
        let private = if found.is_dir() { 0o700 } else { 0o600 };
        match found.mode() & 0o077 {
            0 => Ok(()),
            _ => fs::set_permissions(path, Permissions::from_mode(private)),
        }
    }

    /// Which file this name stands for: another one, or none, was put there by
    /// another program.
    pub fn identity(path: &Path) -> Option<(u64, u64)> {
        let found = fs::symlink_metadata(path).ok()?;
        Some((found.dev(), found.ino()))
    }

    /// Makes a name that was just created or renamed survive a power cut.
    pub fn sync_folder(folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

#[cfg(not(unix))]
mod platform {
    use std::fs::{DirBuilder, Metadata, OpenOptions};
    use std::io;
    use std::path::Path;

    pub fn only_for_owner(_: &mut DirBuilder) {}

    pub fn private(_: &mut OpenOptions) {}

    pub fn is_ours(_: &Metadata) -> bool {
        true
    }

    pub fn make_private(_: &Path, _: &Metadata) -> io::Result<()> {
        Ok(())
    }

    /// An open file can't be deleted here.
    pub fn identity(path: &Path) -> Option<(u64, u64)> {
        path.exists().then_some((0, 0))
    }

    pub fn sync_folder(_: &Path) -> io::Result<()> {
        Ok(())
    }
}
