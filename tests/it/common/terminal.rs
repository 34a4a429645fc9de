//! The binary on a terminal.

use std::ffi::OsStr;
use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::spawn_command;

use super::{Home, Outcome, PATIENCE};

impl Home {
    /// Runs to the end with standard output on a terminal of so many columns,
    /// without colours.
    pub fn run_on_terminal<A: AsRef<OsStr>>(&self, columns: usize, arguments: &[A]) -> Outcome {
        let own = self.command(arguments);
        let told = tempfile::NamedTempFile::new().expect("a file");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "err=$1; shift; exec \"$@\" 2>\"$err\"", "sh"])
            .arg(told.path())
            .arg(own.get_program())
            .args(own.get_args())
            .current_dir(self.path())
            .env_clear()
            .envs(
                own.get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("COLUMNS", columns.to_string())
            .env("NO_COLOR", "1");
        let patience = PATIENCE.as_millis().try_into().expect("a number");
        let mut session = spawn_command(shell, Some(patience)).expect("a terminal");
        let shown = session.exp_eof().expect("an end");
        let code = match session.process().wait() {
            Ok(WaitStatus::Exited(_, code)) => Some(code),
            _ => None,
        };
        Outcome {
            code,
            stdout: utf8(&shown).replace("\r\n", "\n"),
            stderr: std::fs::read_to_string(told.path()).expect("UTF-8 on stderr"),
        }
    }
}

/// rexpect makes a letter of each byte.
pub fn utf8(letters: &str) -> String {
    let bytes = letters
        .chars()
        .map(|letter| u8::try_from(letter).expect("a byte"));
    String::from_utf8(bytes.collect()).expect("UTF-8")
}
