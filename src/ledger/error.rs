//! Why the ledger could not do what was asked: kinds with their values, and what
//! to do next. Knows no exit code.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;
use thiserror::Error;

use super::note::clock;
use crate::io_words::io_words;
use crate::words::say;

/// A failure of the ledger. It can be cloned: a commit that fails fails
/// everybody whose work was in it.
#[derive(Debug, Clone, Error)]
pub enum LedgerError {
    #[error("{}", say!("ledger-missing", ledger = .0.as_path()))]
    Missing(PathBuf),
    /// A link, somebody else's file, or a file that is no ledger.
    #[error("{}", say!("ledger-not-ours", path = path.as_path(), why = why.to_string()))]
    NotOurs { path: PathBuf, why: Foreign },
    /// Or empty.
    #[error("{}", say!("ledger-gone", ledger = ledger.as_path(), key = key.as_path()))]
    Gone { ledger: PathBuf, key: PathBuf },
    /// It lacks what was sent since a moment (milliseconds UTC); `None`: there is
    /// none any more.
    #[error("{}", older_words(ledger, *since))]
    Older { ledger: PathBuf, since: Option<i64> },
    #[error("{}", say!("ledger-at-work", ledger = .0.as_path()))]
    AtWork(PathBuf),
    #[error("{}", say!("ledger-damaged", told, ledger = ledger.as_path()))]
    Damaged { ledger: PathBuf, told: String },
    #[error("{}", say!("ledger-no-key", key = key.as_path(), how = how.to_string()))]
    NoKey { key: PathBuf, how: KeyFault },
    #[error("{}", say!("ledger-newer", ledger = ledger.as_path(), version = *version, known = *known))]
    Newer {
        ledger: PathBuf,
        version: i64,
        known: i64,
    },
    #[error("{}", say!("ledger-not-shared", ledger = .0.as_path()))]
    NotShared(PathBuf),
    /// Another program deleted or replaced a file of the ledger during a run.
    #[error("{}", say!("ledger-deleted", path = .0.as_path()))]
    Deleted(PathBuf),
    #[error("{}", file_words(*act, path, source))]
    File {
        act: Act,
        path: PathBuf,
        source: Arc<io::Error>,
    },
    #[error("{}", say!("ledger-sql", what = sql_words(source), ledger = ledger.as_path()))]
    Sql {
        ledger: PathBuf,
        source: Arc<rusqlite::Error>,
    },
    #[error("{}", say!("ledger-traces-left", path = .0.as_path()))]
    TracesLeft(PathBuf),
    #[error("{}", say!("ledger-backup-there", path = .0.as_path()))]
    BackupThere(PathBuf),
    #[error("{}", say!("ledger-no-backup", path = .0.as_path()))]
    NoBackup(PathBuf),
    #[error("{}", say!("ledger-itself", path = .0.as_path()))]
    Itself(PathBuf),
    #[error("{}", say!("ledger-stopped"))]
    Stopped,
    #[error("{}", say!("ledger-no-random-bytes"))]
    NoRandomBytes,
    #[error("{}", say!("ledger-not-open", attempt = *attempt, lead = *lead))]
    NotOpen { attempt: i64, lead: i64 },
}

/// Why a file is not one that leadctl may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Foreign {
    #[error("{}", say!("ledger-nameless"))]
    Nameless,
    #[error("{}", say!("ledger-link"))]
    Link,
    #[error("{}", say!("ledger-no-file"))]
    NoFile,
    #[error("{}", say!("ledger-no-folder"))]
    NoFolder,
    #[error("{}", say!("ledger-other-user"))]
    OtherUser,
    #[error("{}", say!("ledger-no-ledger"))]
    NoLedger,
    #[error("{}", say!("ledger-other-database"))]
    OtherDatabase,
}

/// What is wrong with a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyFault {
    #[error("{}", say!("ledger-key-missing"))]
    Missing,
    #[error("{}", say!("ledger-key-none"))]
    NoKey,
    #[error("{}", say!("ledger-key-foreign"))]
    Foreign,
}

/// What can fail of a file.
#[derive(Debug, Clone, Copy, Error)]
pub enum Act {
    #[error("{}", say!("ledger-act-copy"))]
    Copy,
    #[error("{}", say!("ledger-act-create"))]
    Create,
    #[error("{}", say!("ledger-act-create-folder"))]
    CreateFolder,
    #[error("{}", say!("ledger-act-create-folder-in"))]
    CreateFolderIn,
    #[error("{}", say!("ledger-act-lock"))]
    Lock,
    #[error("{}", say!("ledger-act-look-at"))]
    LookAt,
    #[error("{}", say!("ledger-act-make-private"))]
    MakePrivate,
    #[error("{}", say!("ledger-act-open"))]
    Open,
    #[error("{}", say!("ledger-act-read"))]
    Read,
    #[error("{}", say!("ledger-act-remove"))]
    Remove,
    #[error("{}", say!("ledger-act-start-writing"))]
    StartWriting,
    #[error("{}", say!("ledger-act-write"))]
    Write,
}

/// Says what an I/O error kept us from.
pub trait Doing<T> {
    fn doing(self, act: Act, path: &Path) -> Result<T, LedgerError>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, act: Act, path: &Path) -> Result<T, LedgerError> {
        self.map_err(|source| LedgerError::File {
            act,
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
        Some(match self {
            Self::Missing(_) => say!("ledger-missing-hint"),
            Self::NotOurs { why, .. } => match why {
                Foreign::Link | Foreign::NoFile | Foreign::NoFolder | Foreign::OtherUser => {
                    say!("ledger-put-right-hint")
                }
                _ => say!("ledger-not-ours-hint"),
            },
            Self::Gone { ledger, key } => begin_anew(ledger, key),
            Self::Older { .. } => say!("ledger-older-hint"),
            Self::AtWork(_) => say!("ledger-at-work-hint"),
            Self::Damaged { ledger, .. } => restore(ledger),
            Self::NoKey { .. } => say!("ledger-no-key-hint"),
            Self::Newer { .. } => say!("ledger-newer-hint"),
            Self::NotShared(_) => say!("ledger-not-shared-hint"),
            Self::Deleted(_) => say!("ledger-deleted-hint"),
            Self::File { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => free_space(),
                io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                    give_rights()
                }
                _ => return None,
            },
            Self::Sql { ledger, source } if is_damage(source) => restore(ledger),
            Self::Sql { source, .. } => sql_hint(source)?,
            Self::TracesLeft(_) => say!("ledger-traces-left-hint"),
            Self::BackupThere(_) => say!("ledger-backup-there-hint"),
            Self::NoBackup(_) => say!("ledger-no-backup-hint"),
            Self::Itself(_) => say!("ledger-itself-hint"),
            Self::Stopped => say!("ledger-stopped-hint"),
            Self::NoRandomBytes | Self::NotOpen { .. } => return None,
        })
    }
}

fn free_space() -> String {
    say!("ledger-file-no-space-hint")
}

fn give_rights() -> String {
    say!("ledger-file-not-allowed-hint")
}

fn begin_anew(ledger: &Path, key: &Path) -> String {
    let there = [key, ledger].into_iter().filter(|file| file.exists());
    let renames = there.map(|file| say!("ledger-gone-rename", file));
    let lines = [say!("ledger-gone-hint", ledger, key)].into_iter();
    lines.chain(renames).collect::<Vec<_>>().join("\n")
}

fn older_words(ledger: &Path, since: Option<i64>) -> String {
    match since {
        Some(since) => say!("ledger-older", ledger, since = clock(since)),
        None => say!("ledger-older-gone", ledger),
    }
}

fn restore(ledger: &Path) -> String {
    say!("ledger-damaged-hint", ledger)
}

fn file_words(act: Act, path: &Path, source: &io::Error) -> String {
    let is_made = matches!(act, Act::Create | Act::CreateFolder);
    let act = act.to_string();
    match source.kind() {
        // What is made need not be there, but its folder must.
        io::ErrorKind::NotFound if is_made => {
            say!("ledger-file-failed", act, path, why = say!("io-no-folder"))
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            say!("ledger-file-no-space", act, path)
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            say!("ledger-file-not-allowed", act, path)
        }
        _ => say!("ledger-file-failed", act, path, why = io_words(source)),
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
        return say!("ledger-sql-damage");
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => say!("ledger-sql-disk-full"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => say!("ledger-sql-read-only"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => say!("ledger-sql-busy"),
        Some(ErrorCode::CannotOpen) => say!("ledger-sql-cannot-open"),
        Some(ErrorCode::SystemIoFailure) => say!("ledger-sql-disk-failed"),
        _ => say!("ledger-sql-other", why = error.to_string()),
    }
}

fn sql_hint(error: &rusqlite::Error) -> Option<String> {
    Some(match error.sqlite_error_code()? {
        ErrorCode::DiskFull => free_space(),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => give_rights(),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => say!("ledger-sql-busy-hint"),
        ErrorCode::CannotOpen => say!("ledger-sql-cannot-open-hint"),
        ErrorCode::SystemIoFailure => say!("ledger-sql-disk-failed-hint"),
        _ => return None,
    })
}
