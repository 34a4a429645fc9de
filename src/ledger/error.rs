//! Why the ledger could not do what was asked: kinds with their values, and what
//! to do next. Knows no exit code.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;
use thiserror::Error;

use super::note::clock;
use crate::io_words::io_words;

/// A failure of the ledger. It can be cloned: a commit that fails fails
/// everybody whose work was in it.
#[derive(Debug, Clone, Error)]
pub enum LedgerError {
    #[error("nothing is recorded yet: there is no file {}", .0.display())]
    Missing(PathBuf),
    /// A link, somebody else's file, or a file that is no ledger.
    #[error("{} {why}", .path.display())]
    NotOurs { path: PathBuf, why: Foreign },
    /// Or empty.
    #[error("the record of what was sent, {}, is gone, and its key {} is still there", .ledger.display(), .key.display())]
    Gone { ledger: PathBuf, key: PathBuf },
    /// It lacks what was sent since a moment (milliseconds UTC); `None`: there is
    /// none any more.
    #[error("{}", older_words(.ledger, *.since))]
    Older { ledger: PathBuf, since: Option<i64> },
    #[error("the record of what was sent, {}, is in use: a run is at work", .0.display())]
    AtWork(PathBuf),
    #[error("the record of what was sent is damaged: {told} ({})", .ledger.display())]
    Damaged { ledger: PathBuf, told: String },
    #[error("the key to the record of what was sent, {}, {how}", .key.display())]
    NoKey { key: PathBuf, how: KeyFault },
    #[error("a newer leadctl wrote the record of what was sent, {} (version {version}, this leadctl knows {known})", .ledger.display())]
    Newer {
        ledger: PathBuf,
        version: i64,
        known: i64,
    },
    #[error("what is sent cannot be recorded on this kind of disk: it needs one that several programs can share ({})", .0.display())]
    NotShared(PathBuf),
    /// Another program deleted or replaced a file of the ledger during a run.
    #[error("could not write {}: another program deleted it", .0.display())]
    Deleted(PathBuf),
    #[error("{}", file_words(.doing, .path, .source))]
    File {
        /// As in "write", "create".
        doing: &'static str,
        path: PathBuf,
        source: Arc<io::Error>,
    },
    #[error("{} ({})", sql_words(.source), .ledger.display())]
    Sql {
        ledger: PathBuf,
        source: Arc<rusqlite::Error>,
    },
    #[error("the data is dropped, but traces stay in these files while another program uses them: {}, and those beside it", .0.display())]
    TracesLeft(PathBuf),
    #[error("{} is there already", .0.display())]
    BackupThere(PathBuf),
    #[error("{} is the record of what was sent itself, and no copy of it", .0.display())]
    Itself(PathBuf),
    #[error("the part of leadctl that records what is sent stopped")]
    Stopped,
    #[error("this system gave no random bytes for the key to the record of what was sent")]
    NoRandomBytes,
    #[error("attempt {attempt} of lead {lead} is not open: its outcome could not be recorded")]
    NotOpen { attempt: i64, lead: i64 },
}

/// Why a file is not one that leadctl may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Foreign {
    #[error("names no file")]
    Nameless,
    #[error("is a link, and what is sent is recorded in a file of its own")]
    Link,
    #[error("is not a file")]
    NoFile,
    #[error("is not a folder")]
    NoFolder,
    #[error("belongs to another user")]
    OtherUser,
    #[error("is not a record that leadctl wrote")]
    NoLedger,
    #[error("is a database, but not one of leadctl")]
    OtherDatabase,
}

/// What is wrong with a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyFault {
    #[error("is missing")]
    Missing,
    #[error("does not hold a key")]
    NoKey,
    #[error("belongs to another record")]
    Foreign,
}

/// Says what an I/O error kept us from.
pub trait Doing<T> {
    /// As in "write", "create".
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, LedgerError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T, LedgerError> {
        self.map_err(|source| LedgerError::File {
            doing,
            path: path.to_owned(),
            source: Arc::new(source),
        })
    }
}

impl LedgerError {
    pub(super) fn sql(ledger: &Path, source: rusqlite::Error) -> Self {
        Self::Sql {
            ledger: ledger.to_owned(),
            source: Arc::new(source),
        }
    }

    pub(super) fn not_ours(path: &Path, why: Foreign) -> Self {
        let path = path.to_owned();
        Self::NotOurs { path, why }
    }

    /// The disk, or the rights on it, gave way, and not the ledger's content.
    pub(super) fn is_of_the_disk(&self) -> bool {
        let Self::Sql { source, .. } = self else {
            return matches!(self, Self::NotShared(_));
        };
        matches!(
            source.sqlite_error_code(),
            Some(
                ErrorCode::CannotOpen
                    | ErrorCode::ReadOnly
                    | ErrorCode::PermissionDenied
                    | ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
            )
        )
    }

    /// There is no ledger at that place.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }

    /// What to do next, if anything can be done.
    pub fn what_next(&self) -> Option<String> {
        let words = match self {
            Self::Missing(_) => "the first `leadctl send` makes it; --ledger names another file",
            Self::NotOurs { why, .. } => match why {
                Foreign::Link | Foreign::NoFile | Foreign::NoFolder | Foreign::OtherUser => {
                    PUT_RIGHT
                }
                _ => "name another file with --ledger; this one was not touched",
            },
            Self::Gone { ledger, key } => return Some(begin_anew(ledger, key)),
            Self::Older { .. } => GO_ON,
            Self::AtWork(_) => "wait until it is done, or stop it, then run the same command again",
            Self::Damaged { ledger, .. } => return Some(restore(ledger)),
            Self::NoKey { .. } => PUT_BACK,
            Self::Newer { .. } => "update leadctl; nothing was changed",
            Self::NotShared(_) => "choose a local disk with --ledger",
            Self::Deleted(_) => {
                "look at the disk, then run the same command again: it tells what is in doubt, and sends the rest"
            }
            Self::File { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FREE_SPACE,
                io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => GIVE_RIGHTS,
                _ => return None,
            },
            Self::Sql { ledger, source } if is_damage(source) => return Some(restore(ledger)),
            Self::Sql { source, .. } => sql_hint(source)?,
            Self::TracesLeft(_) => "run the same purge again once no other leadctl is at work",
            Self::BackupThere(_) => "name a new file: a backup overwrites nothing",
            Self::Itself(_) => "name a backup of it",
            Self::Stopped => "run the same command again; nothing is sent twice",
            Self::NoRandomBytes | Self::NotOpen { .. } => return None,
        };
        Some(words.to_owned())
    }
}

const FREE_SPACE: &str =
    "nothing was sent that is not recorded; free some space and run the same command again";
const GIVE_RIGHTS: &str = "give this user the right to write to the file and its folder. Another file may be named with --ledger, but a new record knows none of the leads that were sent, and would send them again";
const PUT_RIGHT: &str = "if your leads were recorded there, put it right: a new record (--ledger names another file) knows none of them, and would send them again. If they were not, name another file with --ledger";
const PUT_BACK: &str = "without it leadctl cannot tell which leads were sent: put back the file that lay beside the record (a `leadctl backup` holds it as FILE.key)";

const GO_ON: &str = "put the newest one back (a backup: leadctl restore FILE). If this is the newest that there is, record what was sent since (leadctl send --record-only --note …), and go on with --accept-older-ledger, once";

fn begin_anew(ledger: &Path, key: &Path) -> String {
    let there = [key, ledger].into_iter().filter(|file| file.exists());
    let names = there.map(|file| format!("\n{0} to {0}.old", file.display()));
    let names: String = names.collect();
    let (ledger, key) = (ledger.display(), key.display());
    format!(
        "a new record would know none of the leads that were sent, and send them all again: move {ledger}-wal and {ledger}-shm away if they are there (they belong to the old file, and would spoil another one), then put back both files of your last `leadctl backup`, as {ledger} and {key}\nto begin anew on purpose, send with --accept-older-ledger, once what is left of the old one is renamed:{names}"
    )
}

fn older_words(ledger: &Path, since: Option<i64>) -> String {
    let ledger = ledger.display();
    match since {
        Some(since) => format!(
            "the record of what was sent, {ledger}, is older than what was sent from it: leads that were sent after {} may be missing, and would be sent again",
            clock(since)
        ),
        None => format!(
            "the record of what was sent, {ledger}, is gone: a new one would send all its leads again"
        ),
    }
}

fn restore(ledger: &Path) -> String {
    format!(
        "send nothing until it is repaired, or leads may go out twice: move {0}, {0}-wal, {0}-shm and {0}.key away (keep them), then put back both files of your last `leadctl backup`",
        ledger.display()
    )
}

fn file_words(doing: &str, path: &Path, source: &io::Error) -> String {
    let path = path.display();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!("no space left on the disk: could not {doing} {path}")
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            format!("not allowed to {doing} {path}")
        }
        _ => format!("could not {doing} {path}: {}", io_words(source)),
    }
}

/// Is it the ledger's content that is wrong, rather than the disk or the moment?
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as Sql;
    let code = error.sqlite_error_code();
    // Or a value that has no business there: an unknown state, a wrong type.
    matches!(
        code,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || matches!(
        error,
        Sql::FromSqlConversionFailure(..)
            | Sql::InvalidColumnType(..)
            | Sql::IntegralValueOutOfRange(..)
            | Sql::Utf8Error(..)
    )
}

fn sql_words(error: &rusqlite::Error) -> String {
    if is_damage(error) {
        return "the record of what was sent is damaged: it is not what leadctl wrote".to_owned();
    }
    let known = error.sqlite_error_code().and_then(sql_kind);
    known.map_or_else(
        || format!("the record of what was sent could not be used: {error}"),
        |(words, _)| words.to_owned(),
    )
}

fn sql_hint(error: &rusqlite::Error) -> Option<&'static str> {
    let known = error.sqlite_error_code().and_then(sql_kind);
    known.map(|(_, hint)| hint)
}

/// What SQLite failed with, and what to do about it.
fn sql_kind(code: ErrorCode) -> Option<(&'static str, &'static str)> {
    Some(match code {
        ErrorCode::DiskFull => (
            "no space left on the disk: what is sent could not be recorded",
            FREE_SPACE,
        ),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            ("the record of what was sent is read-only", GIVE_RIGHTS)
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => (
            "another program kept the record of what was sent locked for too long",
            "wait until the other leadctl is done, then run the same command again",
        ),
        ErrorCode::CannotOpen => (
            "the record of what was sent could not be opened",
            "look at the rights of the file and of its folder",
        ),
        ErrorCode::SystemIoFailure => (
            "the disk failed while the record of what was sent was read or written",
            "look at the disk (is it full, was it unplugged?), then run the same command again",
        ),
        _ => return None,
    })
}
