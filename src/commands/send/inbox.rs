//! `--inbox DIR`: the files of a folder, sent as if they had been named. Each is first
//! moved to `reading/`, where nobody can put another in its place: the bytes that are
//! read are those that are moved on, to `done/` once all their leads are on disk, or to
//! `failed/` with a text that says why. What a killed run left in `reading/` is taken up
//! by the next one; its leads are in the ledger, or still in the file. Knows files; what
//! is in them is the run's.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::waiting::{self, DONE, FAILED, READING, Seen, Waiting};
use crate::cli;
use crate::config::Destination;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::ledger::{Ledger, RunLock};
use crate::output::text::{clean, harmless};
use crate::output::{Command, Exit, quoted};
use crate::pipeline::inputs::Input;
use crate::session::{Session, opening};
use crate::words::say;

/// A folder whose files are sent.
pub struct Inbox<'s> {
    session: &'s Session,
    to: &'s str,
    /// As the user named it.
    folder: PathBuf,
    /// While it is held, no other run takes files from here.
    lock: Option<File>,
    files: Vec<Waiting>,
    /// Files may be moved.
    begun: bool,
    done: u64,
    failed: u64,
    /// The gravest of what went wrong with files that were not read.
    exit: Exit,
}

impl<'s> Inbox<'s> {
    /// Looks what waits there, and moves nothing.
    ///
    /// # Errors
    /// There is no such folder, or it can't be read.
    pub fn look(session: &'s Session, to: &'s str, folder: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            Failure::usage(say!("inbox-unusable", folder, why = in_words(&error)))
                .hint(say!("inbox-unusable-hint"))
        };
        let lock = lock(folder).map_err(failed)?;
        let warnings = &session.warnings;
        let mut files = waiting::list(folder, warnings).map_err(failed)?;
        let reading = folder.join(READING);
        // Another run that is at work has these.
        if lock.is_some() && reading.is_dir() {
            files.extend(waiting::list(&reading, warnings).map_err(failed)?);
        }
        let files = waiting::settled(files, warnings);
        Ok(Self {
            session,
            to,
            folder: folder.to_owned(),
            lock,
            files,
            begun: false,
            done: 0,
            failed: 0,
            exit: Exit::Done,
        })
    }

    /// Nothing waits there.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Its files, as the run reads them.
    pub fn inputs(&self) -> Vec<Input> {
        let files = self.files.iter().filter(|file| !file.is_link);
        let input = |file: &Waiting| Input {
            path: file.path.clone(),
            shown_as: self.shown(&file.name),
        };
        files.map(input).collect()
    }

    fn shown(&self, name: &OsStr) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Whether this stands among the files to be sent.
    fn holds(&self, path: &Path) -> bool {
        let parent = path.parent().unwrap_or_else(|| Path::new(""));
        let parent = Path::new(".").join(parent);
        dunce::canonicalize(parent).ok() == dunce::canonicalize(&self.folder).ok()
    }

    /// Makes sure that files can be moved, and that no other run takes these or sends to
    /// the destination: then they are left for the next run, and nothing is stored.
    ///
    /// # Errors
    /// Files can't be moved here; nothing was touched.
    pub fn begin(
        &mut self,
        ledger: &Ledger,
        destination: &Destination,
        args: &cli::Send,
    ) -> Result<Option<RunLock>, Failure> {
        self.refuse_rejects(args)?;
        let wait = args.times.wait_lock;
        match opening::wait_for(self.session, ledger, destination, wait)? {
            Ok(taken) => Ok(self.begin_alone(args)?.then_some(taken)),
            Err(who) => {
                self.session.warnings.warn(&say!(
                    "inbox-left-as-destination-is-taken",
                    folder = &*self.folder,
                    who,
                    destination = &destination.name
                ));
                Ok(None)
            }
        }
    }

    /// The same where no other run may take these files; `false`: one does.
    ///
    /// # Errors
    /// Files can't be moved here; nothing was touched.
    pub fn begin_alone(&mut self, args: &cli::Send) -> Result<bool, Failure> {
        self.refuse_rejects(args)?;
        if self.lock.is_none() {
            self.lock = lock(&self.folder).unwrap_or_default();
        }
        if self.lock.is_none() {
            let told = say!("inbox-left-to-another-run", folder = &*self.folder);
            self.session.warnings.warn(&told);
            return Ok(false);
        }
        self.prove()?;
        self.begun = true;
        Ok(true)
    }

    fn refuse_rejects(&self, args: &cli::Send) -> Result<(), Failure> {
        let Some(path) = args.rejects.as_deref().filter(|path| self.holds(path)) else {
            return Ok(());
        };
        let apart = self.folder.join(FAILED);
        let apart = apart.join(path.file_name().unwrap_or_default());
        let apart = quoted(&apart.display().to_string());
        let what = say!("inbox-no-place-for-rejects", path);
        Err(Failure::usage(what).hint(format!("--rejects {apart}")))
    }

    /// That a file can be moved to each of the folders, which are made where they are
    /// missing.
    fn prove(&self) -> Result<(), Failure> {
        for name in [READING, DONE, FAILED] {
            let folder = self.folder.join(name);
            let proven = own_folder(&folder).and_then(|()| prove_rename(&self.folder, &folder));
            proven.map_err(|error| {
                Failure::unfinished(say!("inbox-cant-move", why = in_words(&error)))
                    .at(folder.display().to_string())
                    .hint(say!("inbox-cant-move-hint"))
            })?;
        }
        Ok(())
    }

    /// Takes the files: from here on nobody can replace them. One that was changed since
    /// it was looked at stays for the next run.
    pub fn claim(&mut self) -> Vec<Input> {
        let (mut claimed, mut links) = (Vec::new(), Vec::new());
        for mut file in std::mem::take(&mut self.files) {
            if file.is_link {
                links.push(file);
                continue;
            }
            // What a killed run left is there already.
            let is_there = file.path.starts_with(self.folder.join(READING));
            let taken = match is_there {
                true => Ok(file.path.clone()),
                false => self.put(&file.path, READING, &file.name),
            };
            match taken {
                Ok(path) => {
                    file.path = path;
                    claimed.push(file);
                }
                // Somebody else moved it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => self.tell_unmoved(&file, &error),
            }
        }
        let written = waiting::written(claimed.iter().map(|file| &*file.path));
        let is_whole = |file: &Waiting| {
            Seen::of(&file.path) == Some(file.seen) && !written.contains(&file.path)
        };
        let (whole, changed): (Vec<_>, Vec<_>) = claimed.into_iter().partition(is_whole);
        changed.iter().for_each(|file| self.give_back(file));
        self.files = whole;
        for link in links {
            let failure = Failure::usage(say!("inbox-link"))
                .at(self.shown(&link.name))
                .hint(say!("inbox-link-hint"));
            failure.print();
            self.exit = self.exit.min(failure.exit);
            self.move_on(link, Some(&failure));
        }
        self.inputs()
    }

    /// All leads of an input are on disk, or those that could be read before `failure`:
    /// it is moved on.
    pub fn ended(&mut self, input: &Input, failure: Option<&Failure>) -> Exit {
        let at = self.files.iter().position(|file| file.path == input.path);
        let Some(file) = at.map(|at| self.files.remove(at)) else {
            return Exit::Done;
        };
        if Seen::of(&file.path) != Some(file.seen) {
            let told = say!("inbox-written-to-while-read", file = &input.shown_as);
            self.session.warnings.warn(&told);
            self.give_back(&file);
            return Exit::Again;
        }
        self.move_on(file, failure);
        self.exit
    }

    fn move_on(&mut self, file: Waiting, failure: Option<&Failure>) {
        let moved = match failure {
            None => self.put(&file.path, DONE, &file.name).map(drop),
            Some(failure) => self.fail(&file, failure),
        };
        match moved {
            Ok(()) if failure.is_some() => self.failed += 1,
            Ok(()) => self.done += 1,
            Err(error) => {
                self.tell_unmoved(&file, &error);
                self.give_back(&file);
            }
        }
    }

    /// The text first: a file never lies there without it.
    fn fail(&self, file: &Waiting, failure: &Failure) -> io::Result<()> {
        let place = free(&self.folder.join(FAILED), &file.name);
        fs::write(place.with_added_extension("txt"), self.why(&place, failure))?;
        fs::rename(&file.path, &place)
    }

    /// What a person reads beside a file that failed.
    fn why(&self, place: &Path, failure: &Failure) -> String {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let check = Command::new(["check", "--to", self.to, &place.display().to_string()]);
        let (file, why) = (clean(&name), clean(&failure.what));
        let mut lines = vec![say!("inbox-failed-file", file, why)];
        if let Some(place) = &failure.place {
            lines.push(say!("inbox-failed-where", place = harmless_lines(place)));
        }
        if let Some(hint) = &failure.hint {
            lines.push(say!("inbox-failed-to-do", hint = harmless_lines(hint)));
        }
        lines.push(String::new());
        let (folder, command) = (&*self.folder, check.to_string());
        lines.push(say!("inbox-failed-then", folder, command));
        lines.join("\n") + "\n"
    }

    /// Moves a file into one of our folders, under its name or the next free one.
    fn put(&self, from: &Path, folder: &str, name: &OsStr) -> io::Result<PathBuf> {
        let to = free(&self.folder.join(folder), name);
        fs::rename(from, &to)?;
        Ok(to)
    }

    /// Back to where it was, unless its name was given away: then the next run finds it
    /// where it is.
    fn give_back(&self, file: &Waiting) {
        let before = self.folder.join(&file.name);
        if fs::symlink_metadata(&before).is_err() {
            let _ = fs::rename(&file.path, before);
        }
    }

    fn tell_unmoved(&mut self, file: &Waiting, error: &io::Error) {
        self.exit = self.exit.min(Exit::Unfinished);
        let (file, why) = (self.shown(&file.name), in_words(error));
        self.session
            .warnings
            .warn(&say!("inbox-file-not-moved", file, why));
    }

    /// Tells where the files are now; the exit code that they add.
    pub fn end(self) -> Exit {
        let at = |name: &str| self.folder.join(name).display().to_string();
        let done = || say!("inbox-files-done", count = self.done, folder = at(DONE));
        let failed = || {
            say!(
                "inbox-files-failed",
                count = self.failed,
                folder = at(FAILED)
            )
        };
        let told = match (self.done > 0, self.failed > 0) {
            (false, false) => None,
            (true, false) => (!self.session.global.quiet).then(done),
            (false, true) => Some(failed()),
            (true, true) => Some(say!("inbox-files-both", done = done(), failed = failed())),
        };
        if let Some(told) = told {
            self.session.warnings.note(&told);
        }
        self.exit
    }
}

/// Files that were not read are put back.
impl Drop for Inbox<'_> {
    fn drop(&mut self) {
        if !self.begun {
            return;
        }
        let reading = self.folder.join(READING);
        let claimed = self
            .files
            .iter()
            .filter(|file| file.path.starts_with(&reading));
        claimed.for_each(|file| self.give_back(file));
        // Unless it still holds one.
        let _ = fs::remove_dir(reading);
    }
}

/// Locks the folder itself; where a system can't, a file in it, which stays there.
/// `None`: another run has it.
fn lock(folder: &Path) -> io::Result<Option<File>> {
    if !fs::metadata(folder)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let try_lock = |file: File| match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    };
    let itself = File::open(folder).and_then(try_lock);
    itself.or_else(|_| File::create(folder.join(".leadctl.lock")).and_then(try_lock))
}

/// A folder of ours: a link would take files where nobody looks for them.
fn own_folder(folder: &Path) -> io::Result<()> {
    match fs::symlink_metadata(folder) {
        Ok(about) if about.is_dir() => Ok(()),
        Ok(_) => Err(io::ErrorKind::NotADirectory.into()),
        Err(_) => fs::create_dir(folder),
    }
}

/// How the names of the files begin that only prove something.
const PROBE: &str = ".leadctl-";

/// Moves an empty file as the others will be moved. Those that a killed run left are
/// taken away.
fn prove_rename(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)?.chain(fs::read_dir(to)?) {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PROBE) {
            fs::remove_file(entry.path())?;
        }
    }
    let probe = tempfile::Builder::new().prefix(PROBE).tempfile_in(from)?;
    let probe = probe.into_temp_path();
    let there = to.join(probe.file_name().unwrap_or_default());
    fs::rename(&probe, &there)?;
    fs::remove_file(there)
}

/// The first free place for a name: the name itself, or with a number.
fn free(folder: &Path, name: &OsStr) -> PathBuf {
    let name = Path::new(name);
    let numbered = |number: u64| {
        let mut path = folder
            .join(name.file_stem().unwrap_or_default())
            .into_os_string();
        path.push(format!("-{number}"));
        let path = PathBuf::from(path);
        match name.extension() {
            Some(extension) => path.with_added_extension(extension),
            None => path,
        }
    };
    let places = std::iter::once(folder.join(name)).chain((2..).map(numbered));
    let mut free = places.filter(|place| fs::symlink_metadata(place).is_err());
    free.next().unwrap_or_default()
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => say!("inbox-no-folder"),
        io::ErrorKind::NotADirectory => say!("inbox-is-no-folder"),
        io::ErrorKind::CrossesDevices => say!("inbox-on-another-disk"),
        _ => io_words(error),
    }
}

fn harmless_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(harmless).collect();
    lines.join("\n")
}
