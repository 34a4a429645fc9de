//! Why the ledger could not do what was asked, in words for its user.
//! Knows SQLite's and the disk's errors; knows no exit code.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use rusqlite::ErrorCode;

use crate::io_words::io_words;

/// What a caller may want to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// There is no ledger at that place, and the caller did not want one made.
    Missing,
    /// A link, somebody else's file, or a file that is no ledger.
    NotOurs,
    /// Its bytes are torn or corrupt.
    Damaged,
    /// The key file beside it is missing, unreadable or another ledger's.
    NoKey,
    /// A newer leadctl wrote it.
    Newer,
    ReadOnly,
    /// No space left on the disk.
    Full,
    /// The disk failed in another way.
    Io,
    /// Another process kept it locked for too long.
    Busy,
    /// The lead, or the destination, is not in a state that allows this.
    Refused,
}

/// A failure of the ledger: what happened, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerError {
    pub(super) kind: Kind,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LedgerError {}

impl LedgerError {
    /// There is no ledger at that place.
    pub fn is_missing(&self) -> bool {
        self.kind == Kind::Missing
    }

    /// What to do next, if anything can be done.
    pub fn what_next(&self) -> Option<String> {
        self.hint.clone()
    }

    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message)
    }

    /// A file operation that failed: `doing` reads as "write" or "create".
    pub(super) fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::new(
                Kind::Full,
                format!("no space left on the disk: could not {doing} {path}"),
            )
            .hint(FREE_SPACE),
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::new(Kind::ReadOnly, format!("not allowed to {doing} {path}"))
                    .hint(format!("give this user the right to do so. {ELSEWHERE}"))
            }
            _ => Self::new(
                Kind::Io,
                format!("could not {doing} {path}: {}", io_words(error)),
            ),
        }
    }

    /// Names the ledger's file, for an error that was born without it.
    pub(super) fn at(mut self, path: &Path) -> Self {
        let path = path.display().to_string();
        if !self.message.contains(&path) {
            self.message = format!("{} ({path})", self.message);
        }
        if let Some(hint) = &mut self.hint {
            *hint = hint.replace("LEDGER", &path);
        }
        self
    }

    /// The ledger is not there any more, and its key is.
    pub(super) fn gone(path: &Path, key: &Path, how: &str) -> Self {
        let (ledger, key) = (path.display(), key.display());
        Self::new(
            Kind::Damaged,
            format!("the ledger {ledger} {how}, and its key {key} is still there"),
        )
        .hint(format!(
            "a new ledger would know none of the leads that were sent, and send them all again: move {ledger}-wal and {ledger}-shm away if they are there (they belong to the old file, and would spoil another one), then put back both files of your last `leadctl backup`, as {ledger} and {key}\nto begin anew on purpose, move what is left of the old one away: mv '{key}' '{key}.old'{}",
            match path.exists() {
                true => format!(" && mv '{ledger}' '{ledger}.old'"),
                false => String::new(),
            }
        ))
    }

    /// The ledger knows nothing of a run whose `pulses` are there.
    pub(super) fn outdated(path: &Path, pulses: &[PathBuf]) -> Self {
        let ledger = path.display();
        let pulses: Vec<String> = pulses
            .iter()
            .map(|pulse| format!("'{}'", pulse.display()))
            .collect();
        Self::new(
            Kind::Damaged,
            format!("the ledger {ledger} lacks what its last runs recorded: its log, {ledger}-wal, was deleted, or an older copy was put in its place"),
        )
        .hint(format!(
            "leads that were sent since are unknown to it, and would be sent again: put back what was taken away. If that is gone for good, move {ledger}-wal and {ledger}-shm away, put back both files of your last `leadctl backup`, and go on with: rm {}\nthen record what was sent since, before anything else: leadctl send --record-only --note …",
            pulses.join(" ")
        ))
    }

    pub(super) fn damaged(detail: &str) -> Self {
        Self::new(Kind::Damaged, format!("the ledger is damaged: {detail}")).hint(RESTORE)
    }
}

const FREE_SPACE: &str =
    "nothing was sent that is not recorded; free some space and run the same command again";
const ELSEWHERE: &str = "Another place may be named with --ledger, but a ledger there knows none of the leads that this one sent, and would send them again";
const RESTORE: &str = "send nothing until it is repaired, or leads may go out twice: move LEDGER, LEDGER-wal, LEDGER-shm and LEDGER.key away (keep them), then put back both files of your last `leadctl backup`";

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as Sql;
        match error {
            // A value that has no business there: an unknown state, a wrong type.
            Sql::FromSqlConversionFailure(..)
            | Sql::InvalidColumnType(..)
            | Sql::IntegralValueOutOfRange(..)
            | Sql::Utf8Error(..) => {
                return Self::damaged("it holds a value that leadctl never writes");
            }
            _ => {}
        }
        match error.sqlite_error_code().unwrap_or(ErrorCode::Unknown) {
            ErrorCode::DiskFull => Self::new(
                Kind::Full,
                "no space left on the disk: the ledger could not be written",
            )
            .hint(FREE_SPACE),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                Self::damaged("its content is not what leadctl wrote")
            }
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                Self::new(Kind::ReadOnly, "the ledger is read-only").hint(format!(
                    "give this user the right to write to the file and its folder. {ELSEWHERE}"
                ))
            }
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::new(
                Kind::Busy,
                "another program kept the ledger locked for too long",
            )
            .hint("wait until the other leadctl is done, then run the same command again"),
            ErrorCode::CannotOpen => Self::new(Kind::Io, "the ledger could not be opened")
                .hint("look at the rights of the file and of its folder"),
            ErrorCode::SystemIoFailure => Self::new(
                Kind::Io,
                "the disk failed while the ledger was read or written",
            )
            .hint(
                "look at the disk (is it full, was it unplugged?), then run the same command again",
            ),
            _ => Self::new(Kind::Io, format!("the ledger could not be used: {error}")),
        }
    }
}
