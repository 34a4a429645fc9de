//! A ledger that is older than what was sent from it sends nothing, until the user
//! says that it is all there is.

use std::fs;
use std::path::PathBuf;

use crate::common::desk::{Desk, taken, willing};
use crate::common::{Gate, Outcome, Partner};

/// Two leads delivered, a backup between them.
fn with_backup() -> (Partner, Desk, PathBuf) {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let first = desk.export("first.csv", 1, 1);
    desk.send(&[&first]).expect_code(0);
    let copy = desk.home.path().join("copy.db");
    desk.home.run(&["backup", "copy.db"]).expect_code(0);
    let second = desk.export("second.csv", 2, 1);
    desk.send(&[&second]).expect_code(0);
    (partner, desk, copy)
}

/// A run that was killed while the second of its leads was on its way.
fn killed() -> (Partner, Desk) {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        1 => taken(arrived).held(&held),
        _ => taken(arrived),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("second.csv", 1, 3);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    run.kill();
    gate.release();
    (partner, desk)
}

#[track_caller]
fn refuses(run: &Outcome, partner: &Partner, arrived: usize) {
    assert_eq!(run.code, Some(2), "{}{}", run.stdout, run.stderr);
    assert!(
        run.stderr.contains("--accept-older-ledger"),
        "{}",
        run.stderr
    );
    assert_eq!(partner.count(), arrived);
}

/// Accepted once, and then it is the ledger.
#[track_caller]
fn goes_on(desk: &Desk, ledger: &str, file: &str) {
    let named = ["--ledger", ledger];
    let accepted = [&named[..], &["--accept-older-ledger", file]].concat();
    desk.send(&accepted);
    let run = desk.send(&[&named[..], &[file]].concat());
    assert_ne!(run.code, Some(2), "{}", run.stderr);
}

#[test]
fn a_backup_put_back_knows_its_age() {
    let (partner, desk, copy) = with_backup();
    let restored = desk.home.run(&["restore", "copy.db"]).expect_code(0);
    assert!(restored.stderr.contains("--accept-older-ledger"));
    assert!(restored.stderr.contains(".before-"), "{}", restored.stderr);
    desk.home.run(&["restore", "ledger.db"]).expect_code(1);
    refuses(&desk.send(&["second.csv"]), &partner, 2);
    refuses(
        &desk.home.run(&["resend", "--to", "desk", "1"]),
        &partner,
        2,
    );
    refuses(&desk.home.run(&["follow"]), &partner, 2);
    let history = desk
        .home
        .run(&["history", "--format", "json"])
        .expect_code(0);
    assert_eq!(history.rows().len(), 1);
    // What was sent since is recorded first, as the hint says: it sends nothing.
    let record = ["--record-only", "--note", "sent since", "second.csv"];
    desk.send(&record).expect_code(0);
    refuses(&desk.send(&["second.csv"]), &partner, 2);
    goes_on(&desk, "ledger.db", "second.csv");
    assert_eq!(partner.count(), 2);
    assert!(copy.exists());
}

#[test]
fn a_backup_copied_over_the_ledger_or_used_where_it_lies_knows_its_age() {
    let (partner, desk, copy) = with_backup();
    refuses(
        &desk.send(&["--ledger", "copy.db", "second.csv"]),
        &partner,
        2,
    );
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(desk.home.path().join(format!("ledger.db{beside}")));
    }
    fs::copy(&copy, desk.ledger()).unwrap();
    refuses(&desk.send(&["second.csv"]), &partner, 2);
    goes_on(&desk, "copy.db", "second.csv");
}

/// As a file-sync service does, without a word.
#[test]
fn an_older_version_of_the_file_knows_its_age() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    desk.export("second.csv", 1, 2);
    desk.send(&["--limit", "1", "second.csv"]);
    let older = fs::read(desk.ledger()).unwrap();
    desk.send(&["second.csv"]).expect_code(0);
    fs::write(desk.ledger(), older).unwrap();
    refuses(&desk.send(&["second.csv"]), &partner, 2);
    // Recording what was sent since takes no sign of its age away.
    let other = desk.export("other.csv", 7, 1);
    let record = ["--record-only", "--note", "sent since", &other];
    desk.send(&record).expect_code(0);
    refuses(&desk.send(&["second.csv"]), &partner, 2);
    goes_on(&desk, "ledger.db", "second.csv");
}

#[test]
fn a_log_that_was_removed_is_missed() {
    let (partner, desk) = killed();
    for beside in ["-wal", "-shm"] {
        fs::remove_file(desk.home.path().join(format!("ledger.db{beside}"))).unwrap();
    }
    refuses(&desk.send(&["second.csv"]), &partner, 2);
    goes_on(&desk, "ledger.db", "second.csv");
}

#[test]
fn a_copy_without_its_log_is_older_after_a_kill_and_whole_after_a_clean_end() {
    let (partner, desk) = killed();
    let copied = |name: &str| {
        let folder = desk.home.path();
        fs::copy(desk.ledger(), folder.join(name)).unwrap();
        fs::copy(
            folder.join("ledger.db.key"),
            folder.join(format!("{name}.key")),
        )
        .unwrap();
    };
    copied("torn.db");
    refuses(
        &desk.send(&["--ledger", "torn.db", "second.csv"]),
        &partner,
        2,
    );
    // Nor is it forgotten by looking at it, or by recording in it.
    let other = desk.export("other.csv", 7, 1);
    let record = [
        "--ledger",
        "torn.db",
        "--record-only",
        "--note",
        "x",
        &other,
    ];
    desk.send(&record).expect_code(0);
    desk.home.run(&["--ledger", "torn.db", "status"]);
    refuses(
        &desk.send(&["--ledger", "torn.db", "second.csv"]),
        &partner,
        2,
    );

    desk.send(&["second.csv"]).expect_code(4);
    assert_eq!(partner.count(), 3);
    copied("whole.db");
    let run = desk.send(&["--ledger", "whole.db", "second.csv"]);
    assert_eq!(run.column("state"), ["skipped"; 3], "{}", run.stderr);
    assert_eq!(partner.count(), 3);
}

#[test]
fn a_ledger_that_is_gone_with_its_key_is_missed() {
    let (partner, desk, _) = with_backup();
    for beside in ["", ".key", "-wal", "-shm"] {
        let _ = fs::remove_file(desk.home.path().join(format!("ledger.db{beside}")));
    }
    refuses(&desk.send(&["second.csv"]), &partner, 2);
    refuses(&desk.home.run(&["follow"]), &partner, 2);
    refuses(
        &desk.home.run(&["resend", "--to", "desk", "1"]),
        &partner,
        2,
    );
    goes_on(&desk, "ledger.db", "second.csv");
}

/// The whole folder, with what lies beside the ledger, is as good as the first.
#[test]
fn a_copy_of_the_whole_folder_is_not_older() {
    let (partner, desk) = killed();
    let there = desk.home.path().join("there");
    fs::create_dir_all(there.join("ledger.db.locks")).unwrap();
    for name in ["", ".key", "-wal", "-shm", ".locks/mark"] {
        let name = format!("ledger.db{name}");
        fs::copy(desk.home.path().join(&name), there.join(&name)).unwrap();
    }
    let run = desk.send(&["--ledger", "there/ledger.db", "second.csv"]);
    run.expect_code(4);
    assert_eq!(partner.count(), 3);
}

#[test]
fn nothing_is_restored_under_a_run_that_is_at_work() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| taken(arrived).held(&held));
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    desk.home.run(&["backup", "copy.db"]).expect_code(0);
    let refused = desk.home.run(&["restore", "copy.db"]).expect_code(1);
    assert!(refused.stderr.contains("in use"), "{}", refused.stderr);
    gate.release();
    run.finish().expect_code(0);
}
