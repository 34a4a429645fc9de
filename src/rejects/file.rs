//! The file itself: whole or not at all, for its owner alone, and never in the
//! place of something that leadctl didn't write.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::lead::OURS;

/// Looked at of an existing file, to know it for a rejects file.
const HEAD: u64 = 64 * 1024;

/// Refuses a place where no rejects file may be written.
pub fn check(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let refuse = |what: &str, hint: &str| {
        Err(Failure::usage(format!("--rejects {shown}: {what}")).hint(hint.to_owned()))
    };
    let extension = path.extension().and_then(|extension| extension.to_str());
    if extension.is_some_and(|word| word.to_ascii_lowercase().starts_with("xls")) {
        return refuse(
            "rows are written as CSV or JSON, not as a workbook",
            "name a .csv file: a spreadsheet opens it",
        );
    }
    let Ok(about) = fs::metadata(path) else {
        return Ok(());
    };
    if about.is_dir() {
        return refuse("it is a folder", "name a file in it");
    }
    if about.is_file() && about.len() > 0 && !is_ours(path) {
        return refuse(
            "this file is there already, and it is no rejects file",
            "name another file: this one would be lost",
        );
    }
    Ok(())
}

/// Whether a file is one that we wrote: its columns tell, in any encoding.
fn is_ours(path: &Path) -> bool {
    let mut head = Vec::new();
    let Ok(file) = File::open(path) else {
        return false;
    };
    if file.take(HEAD).read_to_end(&mut head).is_err() {
        return false;
    }
    head.retain(|byte| *byte != 0);
    memchr::memmem::find(&head, OURS[0].as_bytes()).is_some()
}

/// A name in the same folder that nobody else uses.
pub fn sibling(path: &Path, word: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.{word}", std::process::id()))
}

/// Writes the file under another name and gives it its own once it is whole.
/// Gives where an earlier file of that name is now.
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Option<PathBuf>> {
    // A link stays a link; a device (/dev/null) is written to, not replaced.
    let link = fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
    let target = match link {
        true => fs::canonicalize(path)?,
        false => path.to_owned(),
    };
    let there = fs::metadata(&target).ok();
    if there.as_ref().is_some_and(|about| !about.is_file()) {
        write(&mut OpenOptions::new().write(true).open(&target)?)?;
        return Ok(None);
    }
    let fresh = sibling(&target, "part");
    let written = write_new(&fresh, write);
    if let Err(error) = written {
        let _ = fs::remove_file(&fresh);
        return Err(error);
    }
    // Corrections that were not sent yet may stand in the earlier one.
    let mut kept = None;
    if there.is_some_and(|about| about.len() > 0) {
        let mut old = target.clone().into_os_string();
        old.push(".old");
        fs::rename(&target, &old)?;
        kept = Some(PathBuf::from(old));
    }
    fs::rename(&fresh, &target)?;
    Ok(kept)
}

fn write_new(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    write(&mut file)?;
    file.sync_all()
}
