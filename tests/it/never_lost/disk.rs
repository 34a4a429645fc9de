//! What can't be recorded is not sent: disks that are read-only or full.

use std::fs;
use std::process::{Command, Stdio};

use crate::common::desk::{Desk, persons, taken, willing};
use crate::common::{Gate, Partner};
use crate::never_lost::ledger_files::used;

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
    looked_at(&desk, "delivered");
}

/// What is there can be read, and taken away.
#[track_caller]
fn looked_at(desk: &Desk, state: &str) {
    let ledger = ["--ledger", "small/ledger.db"];
    let run = |verb: &[&str]| desk.home.run(&[&ledger, verb].concat());
    let history = run(&["history", "--format", "json"]).expect_code(0);
    assert_eq!(history.column("state"), [state], "{}", history.stderr);
    let status = run(&["status", "--format", "json"]);
    assert_eq!(status.column("destination"), ["desk"], "{}", status.stderr);
    let copy = format!("copy-{state}.db");
    run(&["backup", &copy]).expect_code(0);
    let copied = desk
        .home
        .run(&["--ledger", &copy, "history", "--format", "json"]);
    assert_eq!(copied.column("state"), [state]);
}

/// A run was killed, and then its disk takes no more.
#[test]
fn a_ledger_whose_log_cannot_be_folded_back_is_read() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| taken(arrived).held(&held));
    let desk = Desk::at(&partner.base());
    let Some(mounted) = Mounted::of(&desk, "size=8m") else {
        eprintln!("not tested: no file system can be mounted here");
        return;
    };
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.start(&["--ledger", "small/ledger.db", &file]);
    gate.await_held(1);
    run.kill();
    gate.release();
    mounted.fill();
    looked_at(&desk, "in_doubt");
    mounted.make_read_only();
    fs::remove_file(desk.home.path().join("copy-in_doubt.db")).unwrap();
    fs::remove_file(desk.home.path().join("copy-in_doubt.db.key")).unwrap();
    looked_at(&desk, "in_doubt");
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
    let limited = limited(&desk, "trap '' XFSZ; ulimit -f 600", &file);
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

/// A run that may open few files stops before it sends anything, or does without
/// what it can do without.
#[test]
fn few_open_files_lose_nothing() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    desk.send(&[&desk.export("leads.csv", 1, 600)])
        .expect_code(0);
    let mut codes = Vec::new();
    for limit in 6..32 {
        let file = desk.export("leads.csv", 1, 600 + limit);
        let run = limited(&desk, &format!("ulimit -n {limit}"), &file);
        codes.push(run.status.code());
        let told = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(matches!(run.status.code(), Some(0 | 1 | 5)), "{told}");
        assert!(!told.contains("os error"), "{told}");
        let states = desk.states();
        let delivered = states.iter().filter(|state| *state == "delivered");
        assert_eq!(
            delivered.count(),
            partner.count(),
            "what arrived is recorded"
        );
        if run.status.code() == Some(0) {
            assert_eq!(partner.count(), 600 + limit, "{told}");
        }
    }
    assert!(codes.contains(&Some(0)) && codes.contains(&Some(1)));
    desk.send(&[&desk.export("leads.csv", 1, 632)])
        .expect_code(0);
    let mut once = persons(&partner);
    once.sort();
    once.dedup();
    assert_eq!((once.len(), partner.count()), (632, 632));
}

/// Sends a file under limits that a shell sets.
fn limited(desk: &Desk, limits: &str, file: &str) -> std::process::Output {
    let program = desk.home.command::<&str>(&[]);
    let mut shell = Command::new("sh");
    shell
        .current_dir(desk.home.path())
        .args(["-c", &format!("{limits}; exec \"$@\""), "sh"])
        .arg(program.get_program())
        .args(["send", "--to", "desk", "--format", "json", file])
        .stdin(Stdio::null());
    shell.output().unwrap()
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
        mounted.make_read_only();
        Some(mounted)
    }

    fn make_read_only(&self) {
        let done = Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(&self.at)
            .status();
        assert!(done.unwrap().success());
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
