//! The files themselves: whose they are, whole or torn, older or newer, and
//! their copy.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rusqlite::Connection;

use super::super::{Answer, DedupOutcome, Ledger, LedgerError, Mode, file};
use super::{lead, run, sendable, sent, take_in, temporary};
use crate::lead::State;

fn refused(path: &Path) -> LedgerError {
    let error = Ledger::open(path, Mode::Create)
        .err()
        .expect("it must be refused");
    let name = path.file_name().unwrap_or_default().to_str().unwrap_or("?");
    assert!(error.to_string().contains(name), "{error}");
    assert!(error.what_next().is_some(), "{error}");
    error
}

fn is_damaged(error: &LedgerError) -> bool {
    matches!(error, LedgerError::Damaged { .. } | LedgerError::Sql { .. })
        && error.to_string().contains("damaged")
}

fn is_gone(error: &LedgerError) -> bool {
    matches!(error, LedgerError::Gone { .. })
}

fn is_foreign(path: &Path) -> bool {
    matches!(refused(path), LedgerError::NotOurs { .. })
}

fn lacks_key(path: &Path) -> bool {
    matches!(refused(path), LedgerError::NoKey { .. })
}

#[test]
fn a_ledger_is_made_once_and_for_its_owner_alone() {
    let (_folder, ledger) = temporary();
    assert!(ledger.created());
    let again = Ledger::open(ledger.path(), Mode::Existing).unwrap();
    assert!(again.created(), "nothing was stored by the first");
    drop(again);
    sendable(&run(&ledger), lead(&ledger, "ana"));
    let path = ledger.path();
    for suffix in ["", ".key", "-wal", "-shm"] {
        let found = fs::metadata(format!("{}{suffix}", path.display())).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{suffix}");
    }
    let folder = fs::metadata(path.parent().unwrap()).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    assert!(!Ledger::open(path, Mode::Existing).unwrap().created());
    assert_eq!(
        fs::metadata(path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn what_is_not_there_is_not_made_to_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none/ledger.db");
    let error = Ledger::open(&path, Mode::Existing).err().unwrap();
    assert!(error.is_missing());
    assert!(!folder.path().join("none").exists());
}

#[test]
fn links_other_files_and_a_lost_key_are_refused() {
    let (folder, ledger) = temporary();
    let path = ledger.path().to_owned();
    drop(ledger);
    let link = folder.path().join("link-to-ledger.db");
    symlink(&path, &link).unwrap();
    assert!(is_foreign(&link));

    let csv = folder.path().join("not-a-ledger.csv");
    fs::write(&csv, "Nom;E-mail\n").unwrap();
    assert!(is_foreign(&csv));
    assert_eq!(fs::read_to_string(&csv).unwrap(), "Nom;E-mail\n");
    let other = folder.path().join("not-a-ledger.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    assert!(is_foreign(&other));

    let key = path.with_extension("db.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert!(lacks_key(&path));
    fs::write(&key, "ab".repeat(32)).unwrap();
    assert!(lacks_key(&path));
    fs::remove_file(&key).unwrap();
    symlink(&path, &key).unwrap();
    assert!(is_foreign(&path));
    fs::remove_file(&key).unwrap();
    fs::write(&key, kept).unwrap();
    Ledger::open(&path, Mode::Existing).unwrap();
    symlink(&key, format!("{}-wal", path.display())).unwrap();
    assert!(is_foreign(&path));
}

#[test]
fn damage_is_refused_with_what_to_do() {
    let (_folder, ledger) = temporary();
    let path = ledger.path().to_owned();
    let journal = run(&ledger);
    let many = (0..200).map(|n| lead(&ledger, &format!("p{n}"))).collect();
    journal.intake(many).unwrap().wait().unwrap();
    drop(journal);
    drop(ledger);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(is_damaged(&refused(&path)));
    fs::write(&path, [&b"torn"[..], &whole[4..]].concat()).unwrap();
    assert!(is_damaged(&refused(&path)));

    let mut holed = whole.clone();
    holed[8192..].fill(0x5a);
    fs::write(&path, holed).unwrap();
    let error = match Ledger::open(&path, Mode::Existing) {
        Err(error) => error,
        Ok(ledger) => ledger.backup(&path.with_extension("copy")).unwrap_err(),
    };
    assert!(is_damaged(&error), "{error}");
    fs::write(&path, whole).unwrap();
    let ledger = Ledger::open(&path, Mode::Existing).unwrap();
    ledger.backup(&path.with_extension("copy")).unwrap();
}

#[test]
fn a_ledger_that_is_gone_beside_its_key_is_not_begun_anew() {
    let (_folder, ledger) = temporary();
    let path = ledger.path().to_owned();
    sent(&ledger, &run(&ledger), "ana", State::Delivered);
    drop(ledger);
    let whole = fs::read(&path).unwrap();
    let key = super::super::file::beside(&path, ".key");
    let anew = |mode| Ledger::open(&path, mode).map(drop);
    for mode in [Mode::Create, Mode::Existing] {
        fs::remove_file(&path).unwrap();
        let error = anew(mode).unwrap_err();
        assert!(is_gone(&error), "{error}");
        let hint = error.what_next().unwrap();
        for word in ["send them all again", "leadctl backup", ".key.old"] {
            assert!(hint.contains(word), "{word}: {hint}");
        }
        fs::write(&path, "").unwrap();
        assert!(is_gone(&anew(mode).unwrap_err()));
        // What SQLite leaves of a new database whose log was deleted.
        fs::remove_file(&path).unwrap();
        rusqlite::Connection::open(&path)
            .and_then(|conn| conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())))
            .unwrap();
        assert!(fs::metadata(&path).unwrap().len() > 0);
        assert!(is_gone(&anew(mode).unwrap_err()));
    }
    fs::write(&path, whole).unwrap();
    anew(Mode::Existing).unwrap();
    // On purpose.
    fs::remove_file(&path).unwrap();
    fs::rename(&key, key.with_extension("old")).unwrap();
    let error = anew(Mode::Create).unwrap_err();
    assert!(matches!(error, LedgerError::Older { since: None, .. }));
    Ledger::accept_older(&path).unwrap();
    anew(Mode::Create).unwrap();
}

#[test]
fn a_creation_that_was_cut_short_is_taken_up_again() {
    for step in 0..3 {
        let (folder, ledger) = temporary();
        let path = folder.path().join("other.db");
        drop(ledger);
        fs::write(file::beside(&path, ".new"), "half a ledger").unwrap();
        let key = file::beside(&path, ".key");
        if step > 0 {
            super::super::Hasher::random().unwrap().write(&key).unwrap();
        }
        if step > 1 {
            fs::write(&path, "").unwrap();
        }
        drop(Ledger::open(&path, Mode::Create).unwrap());
        // From now on it is missed.
        fs::remove_file(&path).unwrap();
        assert!(is_gone(&refused(&path)));
    }
}

#[test]
fn a_newer_ledger_is_refused_and_untouched() {
    let (_folder, ledger) = temporary();
    ledger
        .conn()
        .unwrap()
        .pragma_update(None, "user_version", 2)
        .unwrap();
    let error = refused(ledger.path());
    assert!(matches!(error, LedgerError::Newer { version: 2, .. }));
}

/// SQLite keeps a lock on the file of an open ledger: without it another
/// program might delete the log as the last one that uses it.
#[cfg(target_os = "linux")]
#[test]
fn a_second_reader_leaves_the_locks_on_the_file() {
    use std::os::unix::fs::MetadataExt as _;
    let (_folder, ledger) = temporary();
    let _journal = run(&ledger);
    // By file: /proc/locks leaves out some while other tests lock and unlock.
    let ours = format!(":{} ", fs::metadata(ledger.path()).unwrap().ino());
    let is_locked = || {
        fs::read_dir("/proc/self/fdinfo")
            .unwrap()
            .filter_map(|file| fs::read_to_string(file.ok()?.path()).ok())
            .any(|file| {
                file.lines()
                    .any(|line| line.contains("POSIX") && line.contains(&ours))
            })
    };
    assert!(is_locked());
    let second = ledger.again();
    assert_eq!(
        second
            .leads(super::super::Filter::default())
            .unwrap()
            .count(),
        0
    );
    drop(second);
    assert!(is_locked());
}

#[test]
fn a_backup_takes_the_key_along_and_restores_the_protection() {
    let (folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sent(&ledger, &journal, "ana", State::Delivered);
    let copy = folder.path().join("copy.db");
    ledger.backup(&copy).unwrap();
    let again = ledger.backup(&copy).unwrap_err();
    assert!(matches!(again, LedgerError::BackupThere(_)), "{again}");
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let restored = Ledger::open(&copy, Mode::Existing).unwrap();
    assert!(restored.older_since().unwrap().is_some());
    Ledger::accept_older(&copy).unwrap();
    let journal = run(&restored);
    assert!(
        matches!(take_in(&journal, lead(&restored, "ana")), DedupOutcome::Skip { earlier, .. } if earlier.id == id)
    );
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|name| name.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("partial"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn a_ledger_that_cannot_be_written_gives_no_attempt() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sendable(&journal, lead(&ledger, "ana"));
    // The tables go away under the writer: as good as any failing disk.
    ledger
        .conn()
        .unwrap()
        .execute_batch("ALTER TABLE leads RENAME TO gone")
        .unwrap();
    assert!(journal.begin(super::attempt(id)).is_err());
    ledger
        .conn()
        .unwrap()
        .execute_batch("ALTER TABLE gone RENAME TO leads")
        .unwrap();
    assert_eq!(super::state(&ledger, id), State::Unsent);
    super::granted(&journal, super::attempt(id));
}

#[test]
fn what_cannot_be_made_durable_is_not_taken_in_and_blocks_nobody() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sendable(&journal, lead(&ledger, "ana"));
    fs::remove_file(file::beside(ledger.path(), "-wal")).unwrap();
    let error = journal.begin(super::attempt(id)).unwrap_err();
    assert!(matches!(error, LedgerError::Deleted(_)), "{error}");
    let more = (0..200).map(|number| lead(&ledger, &number.to_string()));
    let taken = journal.intake(more.collect()).and_then(Answer::wait);
    assert!(matches!(taken, Err(LedgerError::Deleted(_))));
    // The writer left no transaction open.
    ledger
        .conn()
        .unwrap()
        .execute_batch("BEGIN IMMEDIATE; ROLLBACK")
        .unwrap();
}
