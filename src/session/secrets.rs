//! Reads a secret where the configuration says it is kept, at the last moment. Never
//! prints one.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::{self, Child, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::config::Secret;
use crate::error::Failure;
use crate::io_words::io_words;
use crate::output::{Command, variable};
use crate::words::{placeholder, say};

/// Whoever is asked for a secret may take this long, or as long as the run.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// A secret is a line. What is longer than this is something else, and may have
/// no end.
const MOST: u64 = 64 * 1024;

/// Some editors begin a file with a mark that nobody sees.
pub fn first_line(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().next().unwrap_or_default().trim().to_owned()
}

/// Reads one of `name`'s, a destination's or another table's; `word`: which. `beside`:
/// the configuration's folder, where relative files lie.
///
/// # Errors
/// It is not there, or is none.
pub fn read(
    secret: &Secret,
    word: &str,
    name: &str,
    beside: &Path,
    patience: Duration,
) -> Result<String, Failure> {
    let found = match secret {
        Secret::Env(variable) => from_env(variable, name)?,
        Secret::File(file) => from_file(&beside.join(file), name, patience)?,
        Secret::Command(command) => from_command(command, name, patience)?,
    };
    let found = first_line(&found);
    if found.is_empty() {
        return Err(Failure::usage(say!("secret-empty", name))
            .hint(say!("secret-empty-hint", place = place(secret))));
    }
    // Never repeated: only its kind of fault is told. Others are written encoded.
    let as_it_is = matches!(word, "header" | "bearer");
    let is_carried = |c: char| !c.is_control() && (!as_it_is || c.is_ascii());
    if !found.chars().all(is_carried) {
        return Err(Failure::usage(say!("secret-garbled", name))
            .hint(say!("secret-garbled-hint", place = place(secret))));
    }
    Ok(found)
}

fn from_env(name: &str, destination: &str) -> Result<String, Failure> {
    match std::env::var(name) {
        Ok(value) => Ok(value),
        Err(std::env::VarError::NotPresent) => {
            let set = variable(name, "…");
            let command = Command::new(["send", "--to", destination, "--sandbox"]);
            let command = command.and([placeholder("FILE")]);
            Err(
                Failure::usage(say!("secret-unset", destination, variable = name)).hint(say!(
                    "secret-unset-hint",
                    set,
                    command = command.to_string()
                )),
            )
        }
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::usage(say!(
            "secret-no-text-in-variable",
            variable = name
        ))),
    }
}

fn from_file(path: &Path, destination: &str, patience: Duration) -> Result<String, Failure> {
    let file = path.to_owned();
    let read = bounded(move || File::open(file), patience);
    let read = read.and_then(|bytes| String::from_utf8(bytes).map_err(|_| Unread::NoText));
    read.map_err(|why| {
        let why = why.to_string();
        Failure::usage(say!("secret-of-file", destination, file = path, why))
    })
}

fn from_command(
    command: &[String],
    destination: &str,
    patience: Duration,
) -> Result<String, Failure> {
    let (program, arguments) = command.split_first().map_or(("", &[][..]), |(p, a)| (p, a));
    let failed = |why: String| Failure::usage(say!("secret-of-program", destination, program, why));
    let until = Instant::now() + patience;
    let mut child = process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| failed(say!("secret-unstarted", why = io_words(&error))))?;
    let printed = match child.stdout.take() {
        Some(stdout) => bounded(move || Ok(stdout), patience),
        None => Ok(Vec::new()),
    };
    let ended = printed.and_then(|bytes| Ok((end(&mut child, until)?, bytes)));
    let (succeeded, bytes) = ended.map_err(|why| {
        let _ = child.kill();
        let _ = child.wait();
        failed(why.to_string()).hint(say!("secret-of-program-hint"))
    })?;
    match (succeeded, String::from_utf8(bytes)) {
        (true, Ok(text)) => Ok(text),
        (true, Err(_)) => Err(failed(say!("secret-no-text"))),
        (false, _) => {
            let what = say!("secret-program-failed", destination, program);
            Err(Failure::usage(what))
        }
    }
}

/// Waits for the end of a program; whether it succeeded.
fn end(child: &mut Child, until: Instant) -> Result<bool, Unread> {
    let ended = wait_for_end(child, until)?;
    Ok(ended.ok_or(Unread::Late)?.success())
}

/// How a program ended; `None`: it didn't, until then.
pub fn wait_for_end(child: &mut Child, until: Instant) -> io::Result<Option<ExitStatus>> {
    const POLL: Duration = Duration::from_millis(5);
    loop {
        match child.try_wait()? {
            None if Instant::now() < until => thread::sleep(POLL),
            ended => return Ok(ended),
        }
    }
}

/// Why a secret's source gave none; follows its name.
#[derive(Debug, thiserror::Error)]
enum Unread {
    #[error("{}", say!("secret-unread", why = io_words(.0)))]
    Io(#[from] io::Error),
    #[error("{}", say!("secret-no-text"))]
    NoText,
    #[error("{}", say!("secret-too-long"))]
    Long,
    #[error("{}", say!("secret-too-late"))]
    Late,
}

/// All that a source gives, unless it gives too much, or not in time: a named
/// pipe may never open, and a program may never end. It is read in a thread of
/// its own, which then stays behind.
fn bounded<R: Read>(
    open: impl FnOnce() -> io::Result<R> + Send + 'static,
    patience: Duration,
) -> Result<Vec<u8>, Unread> {
    let (give, given) = channel();
    let read = move || {
        let mut bytes = Vec::new();
        let read = open().and_then(|source| source.take(MOST + 1).read_to_end(&mut bytes));
        let _ = give.send(read.map(|_| bytes));
    };
    thread::Builder::new().spawn(read)?;
    match given.recv_timeout(patience) {
        Ok(Ok(bytes)) if bytes.len() as u64 > MOST => Err(Unread::Long),
        Ok(read) => Ok(read?),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(Unread::Late),
    }
}

/// Where a secret is kept, in words.
pub fn place(secret: &Secret) -> String {
    match secret {
        Secret::Env(variable) => say!("secret-place-variable", variable),
        Secret::File(file) => say!("secret-place-file", file),
        Secret::Command(command) => {
            let program = command.first().map_or("", String::as_str);
            say!("secret-place-program", program)
        }
    }
}

/// Is the secret where it is said to be? `None` when only asking would tell.
pub fn is_there(secret: &Secret, beside: &Path) -> Option<bool> {
    match secret {
        Secret::Env(name) => Some(std::env::var_os(name).is_some_and(|value| !is_blank(&value))),
        Secret::File(file) => Some(beside.join(file).is_file()),
        Secret::Command(_) => None,
    }
}

fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|text| text.trim().is_empty())
}
