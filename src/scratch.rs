//! Files without a name, for what may not fit in memory: nobody else can read
//! them, and they are gone with their process.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The folder for what only a run needs: `$TMPDIR`, else the system's.
pub fn folder() -> PathBuf {
    env::temp_dir()
}

/// A fresh file on the disk of this folder, to be written and read.
///
/// # Errors
/// The folder can't be written.
pub fn file_in(folder: &Path) -> io::Result<File> {
    let name = getrandom::u64().map_err(|_| io::Error::other("no randomness"))?;
    let path = folder.join(format!(".leadctl-{name:016x}"));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _, Write as _};

    use super::*;

    #[test]
    fn a_file_has_no_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = file_in(folder.path()).expect("a file");
        file.write_all(b"kept").expect("a write");
        let names = fs::read_dir(folder.path()).expect("a folder").count();
        file.rewind().expect("a file");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("a read");
        assert_eq!((names, text.as_str()), (0, "kept"));
    }
}
