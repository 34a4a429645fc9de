//! Whoever is notified: an address that is called once, a program that is started
//! once. None of them is waited for longer than a few seconds, and an address, which
//! is a secret, is never shown.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::http::request::{self, Method, Request};
use crate::http::{CallError, Credentials, Limits, Reply, Transport};
use crate::io_words::io_words;
use crate::session::secrets::wait_for_end;
use crate::words::say;

/// A receiver may take this long to connect, to read and to answer, each.
const TIMEOUT: Duration = Duration::from_secs(4);
/// And this long in all.
const IN_ALL: Duration = Duration::from_secs(10);

/// Why somebody was not notified.
#[derive(Debug, thiserror::Error)]
pub enum Unheard {
    #[error("{}", say!("notify-no-address"))]
    NoAddress,
    #[error("{}", say!("notify-refused", status = *.0))]
    Refused(u16),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("{}", say!("notify-no-answer"))]
    Late,
    #[error("{}", say!("notify-command-not-run", command = .0, why = io_words(.1)))]
    NotRun(String, std::io::Error),
    #[error("{}", say!("notify-command-failed", command = .0))]
    Failed(String),
    #[error("{}", say!("notify-command-endless", command = .0))]
    Endless(String),
}

/// Calls an address: with a body it is posted. Neither is repeated, nor is a redirect
/// followed.
pub fn call(url: String, body: Option<String>) -> Result<(), Unheard> {
    // What can't be called would be shown with its path, which is the secret here.
    if request::parse(&url).is_err() {
        return Err(Unheard::NoAddress);
    }
    let is_json = body.is_some();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let kind = is_json.then(|| header("Content-Type", "application/json; charset=utf-8"));
    let request = Request {
        method: match is_json {
            true => Method::Post,
            false => Method::Get,
        },
        url,
        headers: [header("Accept", "*/*")].into_iter().chain(kind).collect(),
        body,
    };
    // In a thread of its own, which may stay behind: no limit holds for who looks a name up.
    let (answer, answered) = channel();
    let ask = move || {
        let limits = Limits::within(TIMEOUT);
        let transport = Transport::new(&limits, None, None);
        _ = answer.send(transport.call(&request, &Credentials::default()));
    };
    let started = thread::Builder::new().spawn(ask);
    started.map_err(|error| Unheard::NotRun("thread".to_owned(), error))?;
    match answered.recv_timeout(IN_ALL) {
        Err(_) => Err(Unheard::Late),
        Ok(Reply::Replied(answer)) if matches!(answer.status, 200..=299) => Ok(()),
        Ok(Reply::Replied(answer)) => Err(Unheard::Refused(answer.status)),
        Ok(Reply::Unmade(why) | Reply::Unsent(why) | Reply::Silent(why)) => Err(why.into()),
    }
}

/// The address that is told of a failure: one part more of the path, before the query.
pub fn failing(url: &str) -> String {
    let (place, query) = match url.split_once('?') {
        Some((place, query)) => (place, format!("?{query}")),
        None => (url, String::new()),
    };
    format!("{}/fail{query}", place.trim_end_matches('/'))
}

/// Starts a program and gives it the text on its standard input. What it says on stderr is
/// shown, and nothing else: stdout is for results.
pub fn hand_over(command: &[String], text: &str, patience: Duration) -> Result<(), Unheard> {
    let (program, arguments) = command.split_first().map_or(("", &[][..]), |(p, a)| (p, a));
    let name = || program.to_owned();
    let not_run = |error| Unheard::NotRun(name(), error);
    let until = Instant::now() + patience;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(not_run)?;
    if let Some(mut stdin) = child.stdin.take() {
        // It is short: a pipe takes it at once. Who doesn't read it may still succeed.
        _ = stdin.write_all(text.as_bytes());
    }
    let ended = wait_for_end(&mut child, until);
    match ended.map_err(not_run)? {
        Some(status) if status.success() => Ok(()),
        Some(_) => Err(Unheard::Failed(name())),
        None => {
            _ = child.kill();
            _ = child.wait();
            Err(Unheard::Endless(name()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_an_address_of_its_own() {
        let base = "https://hc.example.fr/ping/1";
        assert_eq!(failing(base), format!("{base}/fail"));
        assert_eq!(failing(&format!("{base}/")), format!("{base}/fail"));
        assert_eq!(
            failing(&format!("{base}?a=/b")),
            format!("{base}/fail?a=/b")
        );
    }

    #[test]
    fn what_is_no_address_is_not_shown() {
        for url in ["hooks.example.fr/s3cret", "http://hooks.example.fr/s3cret"] {
            let why = call(url.to_owned(), None).unwrap_err().to_string();
            assert!(!why.contains("s3cret"), "{why}");
        }
    }
}
