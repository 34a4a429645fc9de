//! Reads a secret where the configuration says it is kept, at the last moment,
//! and makes the header that carries it. Never prints one.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::process::{self, Child, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;

use crate::config::Destination;
use crate::config::{Auth, Secret};
use crate::error::Failure;
use crate::http::Credential;
use crate::io_words::io_words;
use crate::output::{Command, quoted};
use crate::session::{Session, settings};

/// Whoever is asked for a secret may take this long, or as long as the run.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// A secret is a line. What is longer than this is something else, and may have
/// no end.
const MOST: u64 = 64 * 1024;

/// The header that tells the partner who calls; `None` where it asks for none.
/// `deadline`: how long the run may take. Says where others can read the secret.
pub fn credential(
    session: &Session,
    destination: &Destination,
    deadline: Option<Duration>,
) -> Result<Option<Credential>, Failure> {
    let beside = session.settings.folder();
    let patience = deadline.map_or(PATIENCE, |deadline| deadline.min(PATIENCE));
    let found = find(destination, beside, patience)?;
    if let Some(exposed) = exposed(destination, beside) {
        session.warnings.remark(&exposed);
    }
    Ok(found)
}

/// The same, said to nobody. `beside` is the configuration's folder: relative
/// secret files lie there.
pub fn find(
    destination: &Destination,
    beside: &Path,
    patience: Duration,
) -> Result<Option<Credential>, Failure> {
    let Some(auth) = &destination.auth else {
        return Ok(None);
    };
    let secret = read(auth, &destination.name, beside, patience)?;
    Ok(Some(carrying(auth, &secret)))
}

/// That others can read the file that holds the secret, and what to do.
pub fn exposed(destination: &Destination, beside: &Path) -> Option<String> {
    let Secret::File(file) = destination.auth.as_ref()?.secret() else {
        return None;
    };
    let path = beside.join(file);
    let others = settings::others_with(&path, settings::READ)?;
    let shown = path.display().to_string();
    Some(format!(
        "{others} may read {shown}, which holds the secret of {}: keep it for yourself - chmod 600 {}",
        destination.name,
        quoted(&shown)
    ))
}

/// The header of this kind that carries `secret`.
pub fn carrying(auth: &Auth, secret: &str) -> Credential {
    let value = match auth {
        Auth::Header { .. } => secret.to_owned(),
        Auth::Bearer(_) => format!("Bearer {secret}"),
        Auth::Basic { user, .. } => {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{secret}"));
            format!("Basic {pair}")
        }
    };
    Credential {
        name: auth.header().to_owned(),
        value,
    }
}

/// The same header with the secret hidden, for `--dry-run`.
pub fn hidden(destination: &Destination) -> Option<(String, String)> {
    let auth = destination.auth.as_ref()?;
    let value = match auth {
        Auth::Basic { .. } => "Basic ***".to_owned(),
        _ => carrying(auth, "***").value,
    };
    Some((auth.header().to_owned(), value))
}

fn read(
    auth: &Auth,
    destination: &str,
    beside: &Path,
    patience: Duration,
) -> Result<String, Failure> {
    let secret = auth.secret();
    let found = match secret {
        Secret::Env(name) => from_env(name, destination)?,
        Secret::File(file) => from_file(&beside.join(file), destination, patience)?,
        Secret::Command(command) => from_command(command, destination, patience)?,
    };
    // Some editors begin a file with a mark that nobody sees.
    let found = found.strip_prefix('\u{feff}').unwrap_or(&found);
    let found = found.lines().next().unwrap_or_default().trim().to_owned();
    if found.is_empty() {
        return Err(
            Failure::usage(format!("the secret of {destination} is empty")).hint(format!(
                "it belongs in {}, on the first line",
                place(secret)
            )),
        );
    }
    // Never repeated: only its kind of fault is told. A password goes as base64.
    let encoded = matches!(auth, Auth::Basic { .. });
    let is_carried = |c: char| !c.is_control() && (encoded || c.is_ascii());
    if !found.chars().all(is_carried) {
        return Err(Failure::usage(format!(
            "the secret of {destination} holds a character that no header can carry"
        ))
        .hint(format!("it is kept in {}: copy it again", place(secret))));
    }
    Ok(found)
}

fn from_env(name: &str, destination: &str) -> Result<String, Failure> {
    match std::env::var(name) {
        Ok(value) => Ok(value),
        Err(std::env::VarError::NotPresent) => Err(Failure::usage(format!(
            "{destination} needs a secret: the environment variable {name} is not set"
        ))
        .hint(format!(
            "export {name}=…   (or try without any: {})",
            Command::new(["send", "--to", destination, "--sandbox", "FILE"])
        ))),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::usage(format!(
            "the environment variable {name} holds no readable text"
        ))),
    }
}

fn from_file(path: &Path, destination: &str, patience: Duration) -> Result<String, Failure> {
    let file = path.to_owned();
    let read = bounded(move || File::open(file), patience);
    let read = read.and_then(|bytes| String::from_utf8(bytes).map_err(|_| Unread::NoText));
    read.map_err(|why| {
        Failure::usage(format!(
            "{destination} keeps its secret in {}, which {why}",
            path.display()
        ))
    })
}

fn from_command(
    command: &[String],
    destination: &str,
    patience: Duration,
) -> Result<String, Failure> {
    let (program, arguments) = command.split_first().map_or(("", &[][..]), |(p, a)| (p, a));
    let failed = |why: &str| {
        Failure::usage(format!(
            "{destination} asks `{program}` for its secret, {why}"
        ))
    };
    let until = Instant::now() + patience;
    let mut child = process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| failed(&format!("which can't be started: {}", io_words(&error))))?;
    let printed = match child.stdout.take() {
        Some(stdout) => bounded(move || Ok(stdout), patience),
        None => Ok(Vec::new()),
    };
    let ended = printed.and_then(|bytes| Ok((end(&mut child, until)?, bytes)));
    let (succeeded, bytes) = ended.map_err(|why| {
        let _ = child.kill();
        let _ = child.wait();
        failed(&format!("which {why}"))
            .hint("run it by hand: does it wait for somebody to type a password?")
    })?;
    match (succeeded, String::from_utf8(bytes)) {
        (true, Ok(text)) => Ok(text),
        (true, Err(_)) => Err(failed("which gives no readable text")),
        (false, _) => Err(failed("and it failed")),
    }
}

/// Waits for the end of a program; whether it succeeded.
fn end(child: &mut Child, until: Instant) -> Result<bool, Unread> {
    const POLL: Duration = Duration::from_millis(5);
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status.success()),
            None if Instant::now() >= until => return Err(Unread::Late),
            None => thread::sleep(POLL),
        }
    }
}

/// Why a secret's source gave none; follows "which".
#[derive(Debug, thiserror::Error)]
enum Unread {
    #[error("can't be read: {}", io_words(.0))]
    Io(#[from] io::Error),
    #[error("gives no readable text")]
    NoText,
    #[error("gives more than 64 kB: a secret is one line")]
    Long,
    #[error("did not end in time (10 s at most, and no longer than --deadline)")]
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
        Secret::Env(name) => format!("the environment variable {name}"),
        Secret::File(file) => format!("the file {file}"),
        Secret::Command(command) => {
            format!(
                "what `{}` prints",
                command.first().map_or("", String::as_str)
            )
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
