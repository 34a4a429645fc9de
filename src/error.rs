//! Failures that stop a run, in words for people who are not programmers:
//! what happened, where, and what to do. The one place that prints them.

use std::fmt;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};

use crate::ledger::LedgerError;
use crate::output::own_file::OwnFileError;
use crate::output::progress::lifted;
use crate::output::text::{clean, harmless, width};
use crate::output::{Exit, rejects};
use crate::words::say;

const LABEL: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// Why a run could not begin or go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened, with the value: one sentence without a full stop.
    pub what: String,
    /// Where: a file and line, perhaps with an excerpt; may have several lines.
    pub place: Option<String>,
    /// What to do next; may have several lines.
    pub hint: Option<String>,
    pub exit: Exit,
}

impl Failure {
    /// A wrong command, configuration or credential: exit 2.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(what, Exit::Usage)
    }

    /// Something here gave way, such as a file, the ledger or a lock: exit 1.
    pub fn unfinished(what: impl Into<String>) -> Self {
        Self::new(what, Exit::Unfinished)
    }

    pub fn new(what: impl Into<String>, exit: Exit) -> Self {
        Self {
            what: what.into(),
            place: None,
            hint: None,
            exit,
        }
    }

    /// What a command ended with; where no kind says more, it could not finish.
    pub fn of(error: anyhow::Error) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(failure) => return failure,
            Err(error) => error,
        };
        match error.downcast::<LedgerError>() {
            Ok(error) => error.into(),
            Err(error) => Self::unfinished(format!("{error:#}")),
        }
    }

    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Prints it on stderr.
    pub fn print(&self) {
        // Nobody left to tell; the exit code still does.
        lifted(|| _ = anstream::stderr().write_all(self.in_words().as_bytes()));
    }

    fn in_words(&self) -> String {
        let label = say!("error-label");
        let mut page = format!("{LABEL}{label}{LABEL:#} {}\n", clean(&self.what));
        let place = self.place.iter().flat_map(|place| place.lines());
        for line in place {
            page.push_str(&format!("  {}\n", harmless(line)));
        }
        let hint = self.hint.iter().flat_map(|hint| hint.lines());
        let label = say!("hint-label");
        let indent = width(&label);
        for (index, line) in hint.enumerate() {
            let line = harmless(line);
            match index {
                0 => page.push_str(&format!("{HINT}{label}{HINT:#} {line}\n")),
                _ => page.push_str(&format!("{:indent$} {line}\n", "")),
            }
        }
        page
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let exit = match error {
            LedgerError::Older { .. } => Exit::Usage,
            _ => Exit::Unfinished,
        };
        let failure = Self::new(error.to_string(), exit);
        match error.what_next() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<rejects::Error> for Failure {
    fn from(error: rejects::Error) -> Self {
        let exit = match error {
            rejects::Error::Place { .. } => Exit::Usage,
            rejects::Error::Io { .. } => Exit::Unfinished,
        };
        Self::new(error.to_string(), exit).hint(error.hint())
    }
}

impl From<OwnFileError> for Failure {
    fn from(error: OwnFileError) -> Self {
        let exit = match error {
            OwnFileError::Io { .. } => Exit::Unfinished,
            _ => Exit::Usage,
        };
        Self::new(error.to_string(), exit).hint(error.hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_where_and_what_to_do() {
        let failure = Failure::usage("no destination is called \"shp\"\u{1b}[2J")
            .at("partners.toml:12\n  |   to = \"shp\"\n  |        ^^^^^")
            .hint("did you mean shop?\nleadctl partners");
        let plain = anstream::adapter::strip_str(&failure.in_words()).to_string();
        assert_eq!(
            plain,
            "error: no destination is called \"shp\" [2J\n\
             \x20 partners.toml:12\n\
             \x20   |   to = \"shp\"\n\
             \x20   |        ^^^^^\n\
             hint: did you mean shop?\n\
             \x20     leadctl partners\n"
        );
        assert_eq!(failure.exit.code(), 2);
    }
}
