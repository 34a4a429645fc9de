//! What can't be recorded is not sent; a ledger that is not whole, not ours or
//! not of this age is refused, with what to do.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use crate::common::{Gate, Outcome, Partner};
use crate::desk::{Desk, persons, taken, willing};

/// A ledger with one lead delivered, and a second export.
fn used() -> (Partner, Desk, String) {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("first.csv", 1, 1);
    desk.send(&[&file]).expect_code(0);
    // Folded back, so that the file itself holds everything.
    desk.sql()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let next = desk.export("next.csv", 1, 3);
    (partner, desk, next)
}

#[track_caller]
fn refused(partner: &Partner, run: Outcome, words: &str) {
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(run.stderr.contains("hint:"), "{}", run.stderr);
    assert_eq!(
        (run.stdout.as_str(), partner.count()),
        ("", 1),
        "{}",
        run.stderr
    );
    run.expect_code(1);
}

#[test]
fn a_torn_ledger_is_refused() {
    let (partner, desk, next) = used();
    let whole = fs::read(desk.ledger()).unwrap();
    for (left, words) in [
        (whole.len() / 2, "its end is missing"),
        (60, "damaged"),
        (whole.len() - 1, "its end is missing"),
    ] {
        fs::write(desk.ledger(), &whole[..left]).unwrap();
        refused(&partner, desk.send(&[&next]), words);
    }
    fs::write(desk.ledger(), &whole).unwrap();
    desk.send(&[&next]).expect_code(0);
    assert_eq!(partner.count(), 3);
}

#[test]
fn a_corrupt_ledger_is_refused() {
    let (partner, desk, next) = used();
    let whole = fs::read(desk.ledger()).unwrap();
    let mut garbled = whole.clone();
    garbled[..16].copy_from_slice(b"no ledger at all");
    fs::write(desk.ledger(), &garbled).unwrap();
    refused(&partner, desk.send(&[&next]), "damaged");

    let mut garbled = whole.clone();
    garbled[100..].fill(0xa5);
    fs::write(desk.ledger(), &garbled).unwrap();
    refused(&partner, desk.send(&[&next]), "damaged");
}

#[test]
fn a_newer_ledger_is_refused() {
    let (partner, desk, next) = used();
    desk.sql()
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    refused(&partner, desk.send(&[&next]), "a newer leadctl");
}

#[test]
fn somebody_elses_database_is_refused() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    desk.sql().execute_batch("CREATE TABLE theirs (a)").unwrap();
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.send(&[&file]).expect_code(1);
    assert!(run.stderr.contains("not a ledger"), "{}", run.stderr);
    assert_eq!(partner.count(), 0);
}

#[test]
fn a_link_is_refused_and_so_is_one_beside_it() {
    let (partner, desk, next) = used();
    let moved = desk.home.path().join("moved.db");
    fs::rename(desk.ledger(), &moved).unwrap();
    symlink(&moved, desk.ledger()).unwrap();
    refused(&partner, desk.send(&[&next]), "is a link");
    fs::remove_file(desk.ledger()).unwrap();
    fs::rename(&moved, desk.ledger()).unwrap();
    for beside in ["-wal", "-shm", "-journal", ".key"] {
        let path = desk.home.path().join(format!("ledger.db{beside}"));
        let kept = desk.home.path().join("kept");
        let there = path.exists();
        if there {
            fs::rename(&path, &kept).unwrap();
        } else {
            fs::write(&kept, "").unwrap();
        }
        symlink(&kept, &path).unwrap();
        refused(&partner, desk.send(&[&next]), "is a link");
        fs::remove_file(&path).unwrap();
        if there {
            fs::rename(&kept, &path).unwrap();
        }
    }
    desk.send(&[&next]).expect_code(0);
}

#[test]
fn another_owners_file_is_refused() {
    let (partner, desk, next) = used();
    let Ok(()) = std::os::unix::fs::chown(desk.ledger(), Some(12_345), None) else {
        eprintln!("not tested: only root can give a file away");
        return;
    };
    refused(&partner, desk.send(&[&next]), "belongs to another user");
}

#[test]
fn without_its_key_file_the_ledger_knows_nobody() {
    let (partner, desk, next) = used();
    let key = desk.home.path().join("ledger.db.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    refused(&partner, desk.send(&[&next]), "key file");
    fs::write(&key, "not a key").unwrap();
    refused(&partner, desk.send(&[&next]), "key");
    fs::write(&key, "00".repeat(32)).unwrap();
    refused(&partner, desk.send(&[&next]), "another ledger");
    fs::write(&key, kept).unwrap();
    desk.send(&[&next]).expect_code(0);
}

#[test]
fn what_others_could_read_is_made_private() {
    let (_partner, desk, next) = used();
    fs::set_permissions(desk.ledger(), fs::Permissions::from_mode(0o644)).unwrap();
    desk.send(&[&next]).expect_code(0);
    for name in ["ledger.db", "ledger.db.key"] {
        let found = fs::metadata(desk.home.path().join(name)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

/// A file system on which nothing can be written: root ignores mere rights.
#[test]
fn a_read_only_ledger_sends_nothing() {
    let (partner, desk, next) = used();
    let Some(_mounted) = Mounted::read_only(&desk) else {
        eprintln!("not tested: no file system can be mounted here");
        return;
    };
    let run = desk
        .send(&["--ledger", "small/ledger.db", &next])
        .expect_code(1);
    assert!(run.stderr.contains("look at the rights"), "{}", run.stderr);
    assert_eq!(partner.count(), 1);
}

/// A disk fills while leads are being sent: what is on its way is recorded or
/// declared, nothing more is sent.
#[test]
fn a_full_disk_stops_before_anything_unrecorded_is_sent() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        5 => taken(arrived).held(&held),
        _ => taken(arrived),
    });
    let desk = Desk::at(&partner.base());
    let Some(mounted) = Mounted::of(&desk, "size=64m") else {
        eprintln!("not tested: no file system can be mounted here");
        return;
    };
    let file = desk.export("leads.csv", 1, 400);
    let run = desk.start(&["--ledger", "small/ledger.db", &file]);
    gate.await_held(1);
    mounted.fill();
    gate.release();
    let run = run.finish().expect_code(1);
    assert!(run.stderr.contains("no space left"), "{}", run.stderr);
    let sent = partner.count();
    assert!(sent < 400, "{sent}");

    mounted.free();
    let after = desk.send(&["--ledger", "small/ledger.db", &file]);
    let mut once = persons(&partner);
    once.sort();
    once.dedup();
    assert_eq!(once.len(), partner.count(), "nobody twice");
    let conn = rusqlite::Connection::open(desk.home.path().join("small/ledger.db")).unwrap();
    let count = |state: &str| {
        let query = "SELECT count(*) FROM leads WHERE state = ?1";
        conn.query_row(query, [state], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    assert_eq!(
        count("delivered") + count("in_doubt"),
        400,
        "{}",
        after.stderr
    );
    assert!(count("in_doubt") <= 1);
    assert_eq!(partner.count(), 400);
}

/// The same by a limit on files' size, which needs no rights: the write fails
/// with SIGXFSZ ignored.
#[test]
fn a_file_that_may_not_grow_stops_the_run() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 3000);
    let program = desk.home.command::<&str>(&[]);
    let mut shell = Command::new("sh");
    shell
        .current_dir(desk.home.path())
        .args(["-c", "trap '' XFSZ; ulimit -f 600; exec \"$@\"", "sh"])
        .arg(program.get_program())
        .args(["send", "--to", "desk", "--format", "json", &file])
        .stdin(Stdio::null());
    let limited = shell.output().unwrap();
    let told = String::from_utf8_lossy(&limited.stderr).into_owned();
    assert_eq!(limited.status.code(), Some(1), "{told}");
    assert!(partner.count() < 3000);
    desk.send(&["--jobs", "4", &file]);
    let mut once = persons(&partner);
    once.sort();
    once.dedup();
    assert_eq!(once.len(), partner.count(), "nobody twice");
    let states = desk.states();
    let doubts = states.iter().filter(|state| *state == "in_doubt").count();
    let delivered = states.iter().filter(|state| *state == "delivered").count();
    assert_eq!((delivered + doubts, partner.count()), (3000, 3000));
    assert!(doubts <= 1, "{doubts}");
}

/// A small file system of its own at `small/`, gone with it.
struct Mounted {
    at: std::path::PathBuf,
}

impl Mounted {
    fn of(desk: &Desk, options: &str) -> Option<Self> {
        let at = desk.home.path().join("small");
        fs::create_dir(&at).unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(&at)
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success())
            .then_some(Self { at })
    }

    /// Holds the used ledger, and can't be written to.
    fn read_only(desk: &Desk) -> Option<Self> {
        let mounted = Self::of(desk, "size=8m")?;
        for name in ["ledger.db", "ledger.db.key"] {
            fs::copy(desk.home.path().join(name), mounted.at.join(name)).unwrap();
        }
        let done = Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(&mounted.at)
            .status();
        assert!(done.unwrap().success());
        Some(mounted)
    }

    fn fill(&self) {
        let full = fs::write(self.at.join("filling"), vec![0; 65 << 20]);
        assert!(full.is_err());
    }

    fn free(&self) {
        fs::remove_file(self.at.join("filling")).unwrap();
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}
