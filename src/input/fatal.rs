//! Why an input can't be read at all, in words for the user. A row that can't
//! be used is no failure: it is a record with a fault.

use std::error::Error;
use std::fmt;
use std::io;

use crate::io_words::io_words;
use crate::scratch;

/// An input that can't be read (further).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fatal {
    /// The file as the user named it, or `-`.
    pub file: String,
    /// 1-based line, where there is one to show.
    pub line: Option<u64>,
    /// What happened, in words.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    pub kind: FatalKind,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FatalKind {
    /// The input or an option is not what it should be: the user corrects it.
    Usage,
    /// Reading failed.
    Io,
}

impl Fatal {
    pub fn usage(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            message: message.into(),
            hint: None,
            kind: FatalKind::Usage,
        }
    }

    /// Its bytes are not what its form asks for: nothing in it can be read.
    pub fn unreadable(file: &str, message: impl Into<String>) -> Self {
        Self {
            kind: FatalKind::Io,
            ..Self::usage(file, message)
        }
    }

    /// A failed read: `error` in the system's words.
    pub fn io(file: &str, error: &io::Error) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            message: format!("this file can't be read: {}", io_words(error)),
            hint: None,
            kind: FatalKind::Io,
        }
    }

    /// What doesn't fit in memory could not be kept on the disk for temporary
    /// files.
    pub fn scratch(file: &str, error: &io::Error) -> Self {
        let folder = scratch::folder();
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such folder".to_owned(),
            io::ErrorKind::PermissionDenied => "you are not allowed to write there".to_owned(),
            _ => io_words(error),
        };
        let message = format!(
            "this file is read by way of {}, which failed: {why}",
            folder.display()
        );
        Self::unreadable(file, message)
            .hint("free some space there, or name another folder: TMPDIR=/some/folder")
    }

    pub fn at(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fatal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl Error for Fatal {}
