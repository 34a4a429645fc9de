//! The file itself: whole or not at all, for its owner alone, and never in the
//! place of something that leadctl didn't write.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::shape::Shape;
use crate::error::Failure;
use crate::input::{Facts, Format};
use crate::lead::OURS;
use crate::output::quoted;

/// Looked at of an existing file, to know it for a rejects file.
const HEAD: u64 = 64 * 1024;

/// Knows what was written last, so that a file which somebody changed since is
/// not taken for one that nobody needs.
pub trait Memory {
    /// The mark of what was written there last.
    fn mark(&self, path: &Path) -> Option<Vec<u8>>;
    /// Keeps the mark of what is written there now.
    fn keep(&self, path: &Path, mark: &[u8]);
}

/// Refuses a place where no rejects file may be written.
pub fn check(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let refuse = |what: &str, hint: &str| {
        Err(Failure::usage(format!("--rejects {shown}: {what}")).hint(hint.to_owned()))
    };
    if path.as_os_str() == "-" {
        return refuse(
            "the rows are written to a file, and `-` is none",
            "name one, such as --rejects rejects.csv",
        );
    }
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

/// Refuses a name that says JSON for rows that are written as CSV, as they came:
/// nothing could read such a file again.
pub fn check_form(path: &Path, input: &str, facts: &Facts) -> Result<(), Failure> {
    let table = matches!(facts.format, Format::Csv | Format::Xlsx);
    if facts.empty || !table || !Shape::named(path).is_json() {
        return Ok(());
    }
    let csv = path.with_extension("csv");
    Err(Failure::usage(format!(
        "--rejects {}: the rows of {input} ({}) are written back as CSV",
        path.display(),
        facts.format.in_words()
    ))
    .hint(format!("--rejects {}", quoted(&csv.display().to_string()))))
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

/// A free place for a further file: the stem with its number, or a later one. What
/// is there and no rejects file stays.
pub fn beside(path: &Path, number: usize, extension: &str, taken: &[&Path]) -> PathBuf {
    // Such as a device, which takes everything.
    if fs::metadata(path).is_ok_and(|about| !about.is_file()) {
        return path.to_owned();
    }
    let told = path.extension().and_then(|told| told.to_str());
    let suits = told.is_some_and(|told| {
        let json = |word: &str| matches!(Format::of_word(word), Some(Format::Json | Format::Jsonl));
        json(told) == json(extension)
    });
    let extension = told.filter(|_| suits).unwrap_or(extension);
    let numbered = |number: usize| named_after(path, &format!("-{number}"), extension);
    let free = |path: &PathBuf| !taken.contains(&path.as_path()) && check(path).is_ok();
    (number..).map(numbered).find(free).unwrap_or_default()
}

fn named_after(path: &Path, word: &str, extension: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(word);
    if !extension.is_empty() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Whether an input, as the user named it, is this file.
pub fn is_same(input: &str, path: &Path) -> bool {
    let place = |path: &Path| fs::canonicalize(path).ok();
    let there = place(path);
    there.is_some() && there == place(Path::new(input))
}

/// What became of an earlier file.
#[derive(Debug, PartialEq, Eq)]
pub enum Replaced {
    /// There was none.
    Nothing,
    /// It said the same, and was left alone.
    Same,
    /// It is kept here, until the next one is.
    Old(PathBuf),
    /// Somebody changed it since it was written: it is kept here for good.
    Changed(PathBuf),
}

/// Writes the file under another name and gives it its own once it is whole.
/// `read`: what is in an earlier one was read, and is in the ledger.
pub fn replace(
    path: &Path,
    read: bool,
    memory: Option<&dyn Memory>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Replaced> {
    // A link stays a link; a device (/dev/null) is written to, not replaced.
    let link = fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
    let target = match link {
        true => fs::canonicalize(path)?,
        false => std::path::absolute(path)?,
    };
    let there = fs::metadata(&target).ok();
    if there.as_ref().is_some_and(|about| !about.is_file()) {
        write(&mut OpenOptions::new().write(true).open(&target)?)?;
        return Ok(Replaced::Nothing);
    }
    let fresh = sibling(&target, "part");
    let written = write_new(&fresh, write).and_then(|()| mark(&fresh));
    let placed = written.and_then(|new| {
        let earlier = match there.is_some_and(|about| about.len() > 0) {
            true => Some(mark(&target)?),
            false => None,
        };
        let own = || memory.and_then(|memory| memory.mark(&target)) == earlier;
        let replaced = match &earlier {
            Some(earlier) if *earlier == new => Replaced::Same,
            Some(_) if read || own() => Replaced::Old(keep(&target, old_name(&target))?),
            Some(_) => Replaced::Changed(keep(&target, own_name(&target))?),
            None => Replaced::Nothing,
        };
        match earlier.is_some_and(|earlier| earlier == new) {
            // Who has it open need not open it again.
            true => fs::remove_file(&fresh)?,
            false => fs::rename(&fresh, &target)?,
        }
        if let Some(memory) = memory {
            memory.keep(&target, &new);
        }
        Ok(replaced)
    });
    if placed.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    placed
}

fn keep(path: &Path, name: PathBuf) -> io::Result<PathBuf> {
    fs::rename(path, &name)?;
    Ok(name)
}

/// Where an earlier file goes: `.old`, unless somebody else's has that name.
fn old_name(path: &Path) -> PathBuf {
    let mut old = path.to_owned().into_os_string();
    old.push(".old");
    let old = PathBuf::from(old);
    match fs::symlink_metadata(&old).is_err() || is_ours(&old) {
        true => old,
        false => own_name(path),
    }
}

/// A name that no file has.
fn own_name(path: &Path) -> PathBuf {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let word = |number: u32| match number {
        1 => "-corrected".to_owned(),
        number => format!("-corrected-{number}"),
    };
    let numbered = |number| named_after(path, &word(number), &extension);
    let free = |name: &PathBuf| fs::symlink_metadata(name).is_err();
    (1..).map(numbered).find(free).unwrap_or_default()
}

/// What a file holds, in brief.
fn mark(path: &Path) -> io::Result<Vec<u8>> {
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hasher.finalize().as_bytes().to_vec())
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
