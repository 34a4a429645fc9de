//! Runs the binary in a temporary folder with a clean environment.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use serde_json::Value as Json;
use tempfile::TempDir;

use super::PATIENCE;

/// A folder that is the user's home and working directory.
pub struct Home {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run left.
#[derive(Debug)]
pub struct Outcome {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A run under way.
pub struct Running {
    child: Child,
    stdout: Pipe,
    stderr: Pipe,
}

/// What came out so far, and its end.
struct Pipe {
    seen: Arc<(Mutex<Vec<u8>>, Condvar)>,
    ended: Receiver<()>,
}

impl Home {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            variables: Vec::new(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file in the folder; returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a folder");
        }
        fs::write(&path, content).expect("a file");
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect("a file")
    }

    /// Writes `partners.toml`, where every run in this folder finds it.
    pub fn config(&self, text: &str) -> PathBuf {
        self.write("partners.toml", text)
    }

    /// Sets a variable (a secret, say) for every run from now on.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The binary, not started yet: for what the helpers below don't cover.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leadctl"));
        let home = self.path();
        command.args(arguments).current_dir(home).env_clear();
        // Without its system folder no program starts on Windows.
        for kept in ["SystemRoot", "PATH"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
            .env("HOME", home)
            .env("USERPROFILE", home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("XDG_RUNTIME_DIR", home)
            .env("TMPDIR", home)
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs to the end, with nothing on standard input.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Outcome {
        self.start(arguments, b"").finish()
    }

    /// Runs to the end with this on standard input.
    pub fn run_with<A: AsRef<OsStr>>(&self, arguments: &[A], input: impl AsRef<[u8]>) -> Outcome {
        self.start(arguments, input).finish()
    }

    /// Starts a run that is to be stopped, killed or watched on the way.
    pub fn start<A: AsRef<OsStr>>(&self, arguments: &[A], input: impl AsRef<[u8]>) -> Running {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary");
        if let Some(mut stdin) = child.stdin.take() {
            let input = input.as_ref().to_vec();
            // A run may end before it has read everything.
            thread::spawn(move || stdin.write_all(&input));
        }
        Running {
            stdout: collect(child.stdout.take()),
            stderr: collect(child.stderr.take()),
            child,
        }
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has it ended by itself?
    pub fn ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Returns once this stands on stderr.
    pub fn await_stderr(&self, words: &str) {
        let (seen, changed) = &*self.stderr.seen;
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, late) = changed
            .wait_timeout_while(seen, PATIENCE, |seen| {
                !String::from_utf8_lossy(seen).contains(words)
            })
            .unwrap_or_else(PoisonError::into_inner);
        let found = String::from_utf8_lossy(&seen).into_owned();
        drop(seen);
        assert!(!late.timed_out(), "never told {words}: {found}");
    }

    /// `kill -9`, and what was written until then.
    pub fn kill(mut self) -> Outcome {
        self.child.kill().expect("a running child");
        self.finish()
    }

    /// Waits for the end. A run that hangs is killed and fails the test.
    pub fn finish(mut self) -> Outcome {
        let (Some(stdout), Some(stderr)) = (self.stdout.whole(), self.stderr.whole()) else {
            let _ = self.child.kill();
            let _ = self.child.wait();
            panic!("the run hangs");
        };
        let status = self.child.wait().expect("a child");
        Outcome {
            code: status.code(),
            stdout: String::from_utf8(stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(stderr).expect("UTF-8 on stderr"),
        }
    }
}

impl Pipe {
    /// All of it, unless it never ends.
    fn whole(&self) -> Option<Vec<u8>> {
        self.ended.recv_timeout(PATIENCE).ok()?;
        let mut seen = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(std::mem::take(&mut seen))
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> Pipe {
    let (end, ended) = channel();
    let seen: Arc<(Mutex<Vec<u8>>, Condvar)> = Arc::default();
    let filled = Arc::clone(&seen);
    thread::spawn(move || {
        let mut block = [0; 8192];
        let mut pipe = pipe;
        while let Some(count) = pipe.as_mut().and_then(|pipe| pipe.read(&mut block).ok())
            && count > 0
        {
            let (seen, changed) = &*filled;
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.extend_from_slice(&block[..count]);
            changed.notify_all();
        }
        let _ = end.send(());
    });
    Pipe { seen, ended }
}

impl Outcome {
    /// The rows of `--format json`, one object a line.
    pub fn rows(&self) -> Vec<Json> {
        self.stdout
            .lines()
            .map(|line| match serde_json::from_str(line) {
                Ok(row) => row,
                Err(error) => panic!("{error} in this line: {line}\n{}", self.stderr),
            })
            .collect()
    }

    /// One field of every row, as text (`null` for null).
    pub fn column(&self, field: &str) -> Vec<String> {
        self.rows()
            .iter()
            .map(|row| match &row[field] {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            })
            .collect()
    }

    /// Fails with all that was written, unless the exit code is this one.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "\nstdout: {}\nstderr: {}",
            self.stdout,
            self.stderr
        );
        self
    }
}
