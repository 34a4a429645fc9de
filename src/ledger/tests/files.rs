//! The files themselves: whose they are, whole or torn, older or newer, and
//! their copy.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use rusqlite::Connection;

use super::super::open::tests::temporary;
use super::super::{DedupOutcome, Kind, Ledger, Mode, file, schema};
use super::{lead, run, sendable, sent, take_in};
use crate::lead::State;

fn refused(path: &Path) -> Kind {
    let error = Ledger::open(path, Mode::Create)
        .err()
        .expect("it must be refused");
    assert!(
        error.message.contains("ledger") && error.hint.is_some(),
        "{error:?}"
    );
    error.kind
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
    assert_eq!(error.kind, Kind::Missing);
    assert!(!folder.path().join("none").exists());
}

#[test]
fn links_other_files_and_a_lost_key_are_refused() {
    let (folder, ledger) = temporary();
    let path = ledger.path().to_owned();
    drop(ledger);
    let link = folder.path().join("link-to-ledger.db");
    symlink(&path, &link).unwrap();
    assert_eq!(refused(&link), Kind::NotOurs);

    let csv = folder.path().join("not-a-ledger.csv");
    fs::write(&csv, "Nom;E-mail\n").unwrap();
    assert_eq!(refused(&csv), Kind::NotOurs);
    assert_eq!(fs::read_to_string(&csv).unwrap(), "Nom;E-mail\n");
    let other = folder.path().join("not-a-ledger.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    assert_eq!(refused(&other), Kind::NotOurs);

    let key = path.with_extension("db.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert_eq!(refused(&path), Kind::NoKey);
    fs::write(&key, "ab".repeat(32)).unwrap();
    assert_eq!(refused(&path), Kind::NoKey);
    fs::remove_file(&key).unwrap();
    symlink(&path, &key).unwrap();
    assert_eq!(refused(&path), Kind::NotOurs);
    fs::remove_file(&key).unwrap();
    fs::write(&key, kept).unwrap();
    Ledger::open(&path, Mode::Existing).unwrap();
    symlink(&key, format!("{}-wal", path.display())).unwrap();
    assert_eq!(refused(&path), Kind::NotOurs);
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
    assert_eq!(refused(&path), Kind::Damaged);
    fs::write(&path, [&b"torn"[..], &whole[4..]].concat()).unwrap();
    assert_eq!(refused(&path), Kind::Damaged);

    let mut holed = whole.clone();
    holed[8192..].fill(0x5a);
    fs::write(&path, holed).unwrap();
    let kind = match Ledger::open(&path, Mode::Existing) {
        Err(error) => error.kind,
        Ok(ledger) => ledger.verify().unwrap_err().kind,
    };
    assert_eq!(kind, Kind::Damaged);
    fs::write(&path, whole).unwrap();
    Ledger::open(&path, Mode::Existing)
        .unwrap()
        .verify()
        .unwrap();
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
        assert_eq!(error.kind, Kind::Damaged, "{error}");
        let hint = error.hint.unwrap();
        for word in ["send them all again", "leadctl backup", "mv '"] {
            assert!(hint.contains(word), "{word}: {hint}");
        }
        fs::write(&path, "").unwrap();
        assert_eq!(anew(mode).unwrap_err().kind, Kind::Damaged);
        // What SQLite leaves of a new database whose log was deleted.
        fs::remove_file(&path).unwrap();
        rusqlite::Connection::open(&path)
            .and_then(|conn| conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())))
            .unwrap();
        assert!(fs::metadata(&path).unwrap().len() > 0);
        assert_eq!(anew(mode).unwrap_err().kind, Kind::Damaged);
    }
    fs::write(&path, whole).unwrap();
    anew(Mode::Existing).unwrap();
    // On purpose.
    fs::remove_file(&path).unwrap();
    fs::rename(&key, key.with_extension("old")).unwrap();
    anew(Mode::Create).unwrap();
}

#[test]
fn a_ledger_that_lost_its_log_is_not_gone_on_with() {
    let (_folder, ledger) = temporary();
    let path = ledger.path().to_owned();
    let empty = fs::read(&path).unwrap();
    let id = sent(&ledger, &run(&ledger), "ana", State::Delivered);
    drop(ledger);
    // A run that was killed leaves its pulse.
    let pulse = super::super::lock::locks(&path).unwrap().join("run.1");
    fs::write(&pulse, "").unwrap();
    let whole = fs::read(&path).unwrap();
    assert_eq!(
        Ledger::open(&path, Mode::Existing)
            .unwrap()
            .lead(id)
            .unwrap()
            .map(|lead| lead.state),
        Some(State::Delivered)
    );
    fs::write(&path, empty).unwrap();
    let error = Ledger::open(&path, Mode::Create).map(drop).unwrap_err();
    assert_eq!(error.kind, Kind::Damaged);
    assert!(error.hint.unwrap().contains("rm '"));
    fs::remove_file(&pulse).unwrap();
    Ledger::open(&path, Mode::Create).unwrap();
    fs::write(&path, whole).unwrap();
}

#[test]
fn a_creation_that_was_cut_short_is_taken_up_again() {
    for step in 0..3 {
        let (folder, ledger) = temporary();
        let path = folder.path().join("other.db");
        drop(ledger);
        let locks = super::super::lock::locks(&path).unwrap();
        fs::write(locks.join("being-created"), "").unwrap();
        let key = super::super::file::beside(&path, ".key");
        if step > 0 {
            super::super::Hasher::create(&key).unwrap();
        }
        if step > 1 {
            fs::write(&path, "").unwrap();
        }
        drop(Ledger::open(&path, Mode::Create).unwrap());
        // From now on it is missed.
        fs::remove_file(&path).unwrap();
        assert_eq!(refused(&path), Kind::Damaged);
    }
}

#[test]
fn a_newer_ledger_is_refused_and_untouched() {
    let (_folder, ledger) = temporary();
    let newer = schema::STEPS.len() as i64 + 1;
    ledger
        .conn
        .pragma_update(None, "user_version", newer)
        .unwrap();
    assert_eq!(refused(ledger.path()), Kind::Newer);
}

#[test]
fn an_older_ledger_is_brought_up_to_date_all_or_nothing() {
    let (_folder, mut ledger) = temporary();
    let id = sent(&ledger, &run(&ledger), "ana", State::Delivered);
    let step = "ALTER TABLE leads ADD COLUMN colour TEXT; UPDATE leads SET colour = 'red'";
    let broken = [schema::STEPS, &[step, "CREATE TABLE leads (x)"]].concat();
    assert!(schema::bring_up(&mut ledger.conn, &broken).is_err());
    assert_eq!(
        schema::inspect(&ledger.conn, schema::STEPS).unwrap(),
        schema::Found::Current
    );

    let steps = [schema::STEPS, &[step]].concat();
    assert_eq!(
        schema::inspect(&ledger.conn, &steps).unwrap(),
        schema::Found::Older
    );
    schema::bring_up(&mut ledger.conn, &steps).unwrap();
    assert_eq!(
        schema::inspect(&ledger.conn, &steps).unwrap(),
        schema::Found::Current
    );
    let colour: String = ledger
        .conn
        .query_row("SELECT colour FROM leads WHERE id = ?1", [id], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(colour, "red");
}

#[test]
fn the_first_leadctls_ledger_is_brought_up_to_date() {
    let (_folder, ledger) = temporary();
    let id = sent(&ledger, &run(&ledger), "ana", State::Delivered);
    without_flights(&ledger);
    ledger
        .conn
        .execute_batch(
            "ALTER TABLE leads DROP COLUMN sent; DROP TABLE replaced; PRAGMA user_version = 1",
        )
        .unwrap();
    let path = ledger.path().to_owned();
    drop(ledger);
    let ledger = Ledger::open(&path, Mode::Existing).unwrap();
    let lead = ledger.lead(id).unwrap().unwrap();
    assert_eq!((lead.state, lead.sent), (State::Delivered, None));
    assert!(lead.fields.is_some());
    let again = sent(&ledger, &run(&ledger), "bob", State::Rejected);
    let lead = ledger.lead(again).unwrap().unwrap();
    assert_eq!(lead.sent.as_deref(), Some(r#"{"name":"sent"}"#));
}

/// As it was before the keys were a table: version 4.
fn without_keys(ledger: &Ledger) {
    ledger
        .conn
        .execute_batch(
            "DROP TABLE twins; DROP INDEX runs_open; DROP TRIGGER lead_came; DROP TRIGGER lead_changed_key; DROP TRIGGER lead_gone;
             DROP TABLE keys; DROP TABLE recent_keys; DROP TABLE sealed_keys;
             CREATE INDEX leads_key ON leads (destination, key); PRAGMA user_version = 4;",
        )
        .unwrap();
}

#[test]
fn the_leads_of_an_older_ledger_are_known_by_their_keys() {
    let (_folder, ledger) = temporary();
    let first = sent(&ledger, &run(&ledger), "ana", State::Delivered);
    without_keys(&ledger);
    let path = ledger.path().to_owned();
    drop(ledger);
    let ledger = Ledger::open(&path, Mode::Existing).unwrap();
    let journal = run(&ledger);
    let standing = take_in(&journal, lead(&ledger, "ana"));
    assert!(matches!(standing, DedupOutcome::Skip(earlier) if earlier.id == first));
    let second = sendable(&journal, lead(&ledger, "bob"));
    let standing = take_in(&journal, lead(&ledger, "bob"));
    assert!(matches!(standing, DedupOutcome::Skip(earlier) if earlier.id == second));
}

/// As it was before flights were a table: version 3.
fn without_flights(ledger: &Ledger) {
    without_keys(ledger);
    ledger
        .conn
        .execute_batch(
            "DROP TABLE flights; ALTER TABLE leads ADD COLUMN flight INTEGER;
             CREATE INDEX leads_flight ON leads (flight) WHERE flight IS NOT NULL;
             PRAGMA user_version = 3;",
        )
        .unwrap();
}

#[test]
fn an_attempt_that_an_older_leadctl_left_open_is_declared() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    let id = sendable(&journal, lead(&ledger, "ana"));
    drop(journal);
    without_flights(&ledger);
    ledger
        .conn
        .execute_batch(
            "INSERT INTO attempts (id, lead, run, trigger, was, started_at, reason)
               VALUES (7, 1, 1, 'resend', 'failed', 1700000000000, 'they asked');
             UPDATE leads SET flight = 7, state = 'in_doubt', sent_at = 1700000000000, attempts = 2;",
        )
        .unwrap();
    let path = ledger.path().to_owned();
    drop(ledger);
    let ledger = Ledger::open(&path, Mode::Existing).unwrap();
    assert_eq!(ledger.attempts(id).unwrap().len(), 1);
    assert_eq!(ledger.attempts(id).unwrap()[0].ended_at, None);
    let stored = ledger.lead(id).unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.in_flight, stored.attempts),
        (State::InDoubt, true, 2)
    );
    let found = ledger.recover().unwrap();
    assert_eq!((found.len(), found[0].started_at), (1, 1_700_000_000_000));
    let story = ledger.attempts(id).unwrap();
    assert_eq!(story.len(), 1);
    assert_eq!(story[0].trigger, "resend");
    assert_eq!(story[0].reason.as_deref(), Some("they asked"));
    assert_eq!(story[0].state, Some(State::InDoubt));
}

#[test]
fn a_flight_whose_attempt_is_gone_does_not_keep_a_ledger_shut() {
    let (_folder, ledger) = temporary();
    let id = sent(&ledger, &run(&ledger), "ana", State::InDoubt);
    without_flights(&ledger);
    ledger
        .conn
        .execute_batch("UPDATE leads SET flight = 99")
        .unwrap();
    let path = ledger.path().to_owned();
    drop(ledger);
    let ledger = Ledger::open(&path, Mode::Existing).unwrap();
    assert!(ledger.recover().unwrap().is_empty());
    let stored = ledger.lead(id).unwrap().unwrap();
    assert_eq!(
        (stored.state, stored.in_flight, stored.attempts),
        (State::InDoubt, false, 1)
    );
}

#[test]
fn an_older_ledger_is_left_alone_while_it_is_at_work() {
    let (_folder, ledger) = temporary();
    let journal = run(&ledger);
    without_keys(&ledger);
    let path = ledger.path().to_owned();
    assert_eq!(refused(&path), Kind::Busy);
    drop(journal);
    Ledger::open(&path, Mode::Existing).unwrap();
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
    let second = ledger.again().unwrap();
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
    assert_eq!(ledger.backup(&copy).unwrap_err().kind, Kind::Refused);
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let restored = Ledger::open(&copy, Mode::Existing).unwrap();
    let journal = run(&restored);
    assert!(
        matches!(take_in(&journal, lead(&restored, "ana")), DedupOutcome::Skip(e) if e.id == id)
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
        .conn
        .execute_batch("ALTER TABLE leads RENAME TO gone")
        .unwrap();
    assert!(journal.begin(super::attempt(id)).is_err());
    ledger
        .conn
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
    assert!(error.message.contains("deleted"), "{error}");
    let more = (0..200).map(|number| lead(&ledger, &number.to_string()));
    let taken = journal.intake(more.collect()).unwrap().wait();
    assert_eq!(taken.unwrap_err(), error);
    // The writer left no transaction open.
    ledger
        .conn
        .execute_batch("BEGIN IMMEDIATE; ROLLBACK")
        .unwrap();
}
