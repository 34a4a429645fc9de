//! Reads a secret where the configuration says it is kept, at the last moment,
//! and makes the header that carries it. Never prints one.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{self, Stdio};

use base64::Engine as _;

use crate::config::Destination;
use crate::config::{Auth, Secret};
use crate::error::Failure;
use crate::http::Credential;
use crate::io_words::io_words;
use crate::output::Command;

/// The header that tells the partner who calls; `None` where it asks for none.
/// `beside` is the configuration's folder: relative secret files lie there.
pub fn credential(destination: &Destination, beside: &Path) -> Result<Option<Credential>, Failure> {
    let Some(auth) = &destination.auth else {
        return Ok(None);
    };
    let secret = read(auth, &destination.name, beside)?;
    Ok(Some(carrying(auth, &secret)))
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

fn read(auth: &Auth, destination: &str, beside: &Path) -> Result<String, Failure> {
    let secret = auth.secret();
    let found = match secret {
        Secret::Env(name) => from_env(name, destination)?,
        Secret::File(file) => from_file(&beside.join(file), destination)?,
        Secret::Command(command) => from_command(command, destination)?,
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

fn from_file(path: &Path, destination: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "{destination} keeps its secret in {}, which can't be read: {}",
            path.display(),
            io_words(&error)
        ))
    })
}

fn from_command(command: &[String], destination: &str) -> Result<String, Failure> {
    let (program, arguments) = command.split_first().map_or(("", &[][..]), |(p, a)| (p, a));
    let output = process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| {
            Failure::usage(format!(
                "{destination} asks `{program}` for its secret, which can't be started: {}",
                io_words(&error)
            ))
        })?;
    match (output.status.success(), String::from_utf8(output.stdout)) {
        (true, Ok(text)) => Ok(text),
        (true, Err(_)) => Err(Failure::usage(format!(
            "`{program}` printed no readable secret"
        ))),
        (false, _) => Err(Failure::usage(format!(
            "{destination} asks `{program}` for its secret, and it failed"
        ))),
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
