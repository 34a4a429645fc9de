//! A ledger that is not whole, not ours or not of this age is refused, with what
//! to do; everything that belongs to one is its owner's alone.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::common::desk::{Desk, taken, willing};
use crate::common::{Gate, Outcome, Partner};

/// A ledger with one lead delivered, and a second export.
pub fn used() -> (Partner, Desk, String) {
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

/// Damage in the midst of it, wherever it is: nobody is sent twice.
#[test]
fn a_garbled_page_is_never_taken_for_an_unknown_lead() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "jobs = 4\n", "");
    let file = desk.export("leads.csv", 1, 300);
    desk.send(&[&file]).expect_code(0);
    desk.sql()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let whole = fs::read(desk.ledger()).unwrap();
    let pages = whole.len() / 4096;
    assert!(pages > 30, "{pages}");
    let mut refused = 0;
    for page in (1..pages).step_by(pages / 12) {
        let mut garbled = whole.clone();
        garbled[page * 4096..(page + 1) * 4096].fill(0xa5);
        fs::write(desk.ledger(), &garbled).unwrap();
        let run = desk.send(&[&file]);
        assert_eq!(partner.count(), 300, "page {page}: {}", run.stderr);
        match run.code {
            Some(1) => {
                assert!(
                    run.stderr.contains("damaged"),
                    "page {page}: {}",
                    run.stderr
                );
                refused += 1;
            }
            // The page was not needed.
            code => assert_eq!(code, Some(0), "page {page}: {}", run.stderr),
        }
        for beside in ["ledger.db-wal", "ledger.db-shm"] {
            let _ = fs::remove_file(desk.home.path().join(beside));
        }
    }
    assert!(refused > 0);
}

/// What could not be recorded is not sent.
#[test]
fn a_ledger_that_cannot_take_an_outcome_sends_nothing() {
    let (partner, desk, next) = used();
    desk.sql()
        .execute_batch("ALTER TABLE attempts RENAME COLUMN request TO cargo")
        .unwrap();
    let run = desk.send(&[&next]).expect_code(1);
    assert!(
        run.stderr
            .contains("the record of what was sent could not be"),
        "{}",
        run.stderr
    );
    assert_eq!(partner.count(), 1, "{}", run.stderr);
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
    assert!(run.stderr.contains("not one of leadctl"), "{}", run.stderr);
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

/// The folders beside the ledger are refused like the ledger.
#[test]
fn another_owners_folder_is_refused() {
    for folder in ["ledger.db.locks", "ledger.db.spool"] {
        let (partner, desk, next) = used();
        let path = desk.home.path().join(folder);
        let moved = desk.home.path().join("moved");
        fs::create_dir_all(&path).unwrap();
        fs::rename(&path, &moved).unwrap();
        symlink(&moved, &path).unwrap();
        refused(&partner, desk.send(&[&next]), "is a link");
        fs::remove_file(&path).unwrap();
        fs::write(&path, "").unwrap();
        refused(&partner, desk.send(&[&next]), "is not a folder");
        fs::remove_file(&path).unwrap();
        fs::rename(&moved, &path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        let chown = |owner| std::os::unix::fs::chown(&path, Some(owner), None);
        let Ok(()) = chown(12_345) else {
            eprintln!("not tested: only root can give a folder away");
            return;
        };
        refused(&partner, desk.send(&[&next]), "belongs to another user");
        chown(0).unwrap();
        desk.send(&[&next]).expect_code(0);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "others have no part in it");
    }
}

#[test]
fn without_its_key_file_the_ledger_knows_nobody() {
    let (partner, desk, next) = used();
    let key = desk.home.path().join("ledger.db.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    refused(
        &partner,
        desk.send(&[&next]),
        "the key to the record of what was sent",
    );
    fs::write(&key, "not a key").unwrap();
    refused(&partner, desk.send(&[&next]), "key");
    fs::write(&key, "00".repeat(32)).unwrap();
    refused(&partner, desk.send(&[&next]), "another record");
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

/// Everything beside the ledger holds personal data too.
#[test]
fn every_file_of_a_run_is_private() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| taken(arrived).held(&held));
    let desk = Desk::at(&partner.base());
    let run = desk.pipe(&["-"], &crate::common::desk::export(1, 3));
    gate.await_held(1);
    let mut seen = Vec::new();
    let mut folders = vec![desk.home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name == "partners.toml" {
                continue;
            }
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            let private = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode, private, "{name}");
            if path.is_dir() {
                folders.push(path);
            }
            seen.push(name);
        }
    }
    for name in [
        "ledger.db",
        "ledger.db-wal",
        "ledger.db-shm",
        "ledger.db.key",
        "ledger.db.spool",
    ] {
        assert!(seen.iter().any(|found| found == name), "{name}: {seen:?}");
    }
    gate.release();
    run.finish().expect_code(0);
}

#[test]
fn what_is_no_backup_is_not_put_back() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(0);
    desk.home.write("empty.db", "");
    for file in [&*file, "empty.db"] {
        let told = desk.home.run(&["restore", file]).expect_code(1).stderr;
        assert!(told.contains("is no backup that leadctl made"), "{told}");
        assert!(told.contains("nothing was changed"), "{told}");
    }
    assert_eq!(desk.states(), ["delivered"]);
}
