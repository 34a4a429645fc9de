//! `--inbox DIR`: which files are taken, in which order, and where they go.

use std::fs::{self, File};
use std::io::Write as _;
use std::thread;

use crate::common::desk::{Desk, HASTY, export, persons, taken, willing};
use crate::common::inbox::{Inbox, age};
use crate::common::{Gate, Partner};

#[test]
fn files_are_taken_oldest_first_and_keep_their_names() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("b.csv", 30, 1, 2);
    inbox.export("a.csv", 20, 3, 1);
    inbox.put(
        "c.json",
        10,
        "[{\"Nom\":\"X\",\"email\":\"lead4@example.fr\"}]",
    );
    inbox.export("done/a.csv", 90, 9, 1);
    let run = inbox.send(&[]).expect_code(0);
    let files = ["b.csv", "b.csv", "a.csv", "c.json"].map(|name| format!("inbox/{name}"));
    assert_eq!(run.column("file"), files);
    assert_eq!(run.column("state"), ["delivered"; 4]);
    assert!(
        run.stderr.contains("3 files are in inbox/done\n"),
        "{}",
        run.stderr
    );
    assert_eq!(
        inbox.files(),
        ["done/a-2.csv", "done/a.csv", "done/b.csv", "done/c.json"]
    );
    let wanted = [1, 2, 3, 4].map(|lead| format!("lead{lead}@example.fr"));
    assert_eq!(persons(&partner), wanted);
    // What was in it is in `history` under the name that it had.
    let history = desk.home.run(&["history", "--format", "json"]);
    assert!(history.column("file").contains(&"inbox/c.json".to_owned()));
}

#[test]
fn without_files_nothing_is_told_or_made() {
    let desk = Desk::at("http://127.0.0.1:9");
    let inbox = Inbox::of(&desk);
    fs::create_dir(inbox.path("done")).unwrap();
    inbox.put(".hidden.csv", 9, "Nom\n");
    inbox.put("desktop.ini", 9, "[x]\n");
    for more in [&[][..], &["--quiet"], &["--dry-run"], &["--sandbox"]] {
        let run = inbox.send(more).expect_code(0);
        assert_eq!((&*run.stdout, &*run.stderr), ("", ""), "{more:?}");
    }
    assert!(!desk.ledger().exists());
    assert!(!inbox.path("failed").exists());
}

#[test]
fn what_is_still_written_waits() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("a.csv", 9, 1, 1);
    let waiting = [
        "b.csv.part",
        "c.tmp",
        "d.csv.CRDOWNLOAD",
        "e.csv.filepart",
        "f.csv~",
    ];
    waiting.iter().for_each(|name| inbox.export(name, 9, 5, 1));
    // A spreadsheet has it open.
    inbox.export("g.xlsx", 9, 6, 1);
    inbox.put("~$g.xlsx", 9, "Martin");
    inbox.export("h.ods", 9, 7, 1);
    inbox.put(".~lock.h.ods#", 9, "Martin");
    inbox.export("folder/i.csv", 9, 8, 1);
    let run = inbox.send(&[]).expect_code(0);
    assert_eq!(run.column("file"), ["inbox/a.csv"]);
    for name in waiting.iter().chain(&["g.xlsx", "h.ods", "folder"]) {
        let told = format!("inbox/{name} is left where it is");
        assert!(run.stderr.contains(&told), "{told}: {}", run.stderr);
        assert!(inbox.path(name).exists(), "{name}");
    }
    assert!(!run.stderr.contains('$'), "{}", run.stderr);
    // Cron hears of a file only once it has waited for long.
    assert_eq!(inbox.send(&["--quiet"]).expect_code(0).stderr, "");
    age(&inbox.path("g.xlsx"), 90);
    let quiet = inbox.send(&["--quiet"]).expect_code(0).stderr;
    assert!(
        quiet.contains("inbox/g.xlsx is left") && quiet.lines().count() == 1,
        "{quiet}"
    );
    assert_eq!(partner.count(), 1);
}

#[test]
fn a_file_that_grows_waits_and_one_just_written_is_taken() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    let path = desk.home.write("inbox/growing.csv", export(1, 1));
    desk.home.write("inbox/new.csv", export(2, 1));
    let mut run = inbox.start(&[]);
    while !run.ended() {
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"Nom;lead3@example.fr\n").unwrap();
        thread::yield_now();
    }
    let run = run.finish().expect_code(0);
    assert_eq!(run.column("file"), ["inbox/new.csv"]);
    assert!(
        run.stderr
            .contains("growing.csv is left where it is: it is still"),
        "{}",
        run.stderr
    );
    assert_eq!(inbox.files(), ["done/new.csv", "growing.csv"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_open_for_writing_waits() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("leads.csv", 30, 1, 1);
    let writer = File::options()
        .append(true)
        .open(inbox.path("leads.csv"))
        .unwrap();
    let run = inbox.send(&[]).expect_code(0);
    assert!(
        run.stderr.contains("it is still being written"),
        "{}",
        run.stderr
    );
    assert_eq!(inbox.files(), ["leads.csv"]);
    drop(writer);
    // Who only reads it does no harm.
    let _reader = File::open(inbox.path("leads.csv")).unwrap();
    inbox.send(&[]).expect_code(0);
    assert_eq!(inbox.files(), ["done/leads.csv"]);
    assert_eq!(partner.count(), 1);
}

#[test]
fn what_can_not_be_read_stops_nobody_else_and_says_why() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.put("twice.csv", 30, "Nom;Nom\nA;B\n");
    inbox.put("other.csv", 29, "Référence;Prix\nX1;12\n");
    inbox.put("page.pdf", 28, "%PDF-1.7\n");
    inbox.put(
        "cut.json",
        27,
        "[{\"Nom\":\"X\",\"email\":\"lead1@example.fr\"}, {\"No",
    );
    inbox.put("nobody.csv", 26, "Nom;E-mail\n");
    inbox.put("invalid.csv", 25, "Nom;E-mail\nA;\n");
    inbox.export("good.csv", 24, 2, 1);
    let run = inbox.send(&[]);
    assert!(matches!(run.code, Some(1 | 2)), "{run:?}");
    let failed = ["other.csv", "page.pdf", "twice.csv"];
    let reasons = [
        "no column of this file is known",
        "no leads can be read",
        "which one is it?",
    ];
    for (name, reason) in failed.iter().zip(reasons) {
        assert!(inbox.path(&format!("failed/{name}")).exists(), "{name}");
        let why = desk.home.read(&format!("inbox/failed/{name}.txt"));
        assert!(why.contains(reason), "{why}");
        let check = format!("leadctl check --to desk inbox/failed/{name}\n");
        assert!(why.contains(&check), "{why}");
        assert!(why.contains("put it back into inbox"), "{why}");
    }
    // Who can't be sent is in the ledger, as with any export.
    for name in ["good.csv", "invalid.csv", "nobody.csv"] {
        assert!(
            inbox.path(&format!("done/{name}")).exists(),
            "{:?}",
            inbox.files()
        );
    }
    let who = ["lead1@example.fr", "lead2@example.fr"];
    assert_eq!(persons(&partner), who);
    // It was told once.
    assert_eq!(inbox.send(&["--quiet"]).expect_code(0).stderr, "");
    // Corrected and put back under its name.
    inbox.export("twice.csv", 3, 2, 2);
    let run = inbox.send(&[]).expect_code(0);
    assert_eq!(run.column("state"), ["skipped", "delivered"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    let secret = desk.export("secret.csv", 1, 1);
    std::os::unix::fs::symlink(desk.home.path().join(&secret), inbox.path("leads.csv")).unwrap();
    let run = inbox.send(&[]).expect_code(2);
    assert!(run.stderr.contains("it is a link"), "{}", run.stderr);
    assert_eq!(inbox.files(), ["failed/leads.csv", "failed/leads.csv.txt"]);
    assert_eq!(partner.count(), 0);
    assert!(desk.home.path().join(secret).exists());
}

#[test]
fn where_files_can_not_be_moved_nothing_is_sent() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("leads.csv", 9, 1, 1);
    inbox.put("done", 9, "a file");
    let run = inbox.send(&[]).expect_code(1);
    assert!(run.stderr.contains("nothing was sent"), "{}", run.stderr);
    assert!(inbox.path("leads.csv").exists());
    fs::remove_file(inbox.path("done")).unwrap();
    #[cfg(unix)]
    {
        let elsewhere = desk.home.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(elsewhere, inbox.path("done")).unwrap();
        inbox.send(&[]).expect_code(1);
        fs::remove_file(inbox.path("done")).unwrap();
    }
    assert_eq!(partner.count(), 0);
    inbox.send(&[]).expect_code(0);

    let nowhere = desk.send(&["--inbox", "nowhere"]).expect_code(2);
    assert!(
        nowhere
            .stderr
            .contains("--inbox nowhere: there is no such folder")
    );
    desk.send(&["--inbox", "inbox/done/leads.csv"])
        .expect_code(2);
    desk.send(&["--inbox", "inbox", "more.csv"]).expect_code(2);
    desk.send(&["--inbox", "inbox", "--lines", "2"])
        .expect_code(2);
}

#[test]
fn a_rehearsal_moves_nothing() {
    let desk = Desk::at("http://127.0.0.1:9");
    let inbox = Inbox::of(&desk);
    inbox.export("leads.csv", 9, 1, 2);
    inbox.export("reading/left.csv", 19, 3, 1);
    // A partner without an example proves nothing.
    for (more, state, code) in [("--dry-run", "ready", 0), ("--sandbox", "in_doubt", 4)] {
        let run = inbox.send(&[more]).expect_code(code);
        assert_eq!(run.column("state"), [state; 3]);
        assert_eq!(run.column("file")[0], "inbox/left.csv");
        assert_eq!(inbox.files(), ["leads.csv", "reading/left.csv"]);
    }
    assert!(!inbox.path("done").exists());
}

#[test]
fn what_an_option_holds_back_stays_in_the_inbox() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("leads.csv", 9, 1, 3);
    inbox.send(&["--max-new", "2"]).expect_code(5);
    assert_eq!(inbox.files(), ["leads.csv"]);
    inbox.put("invalid.csv", 8, "Nom;E-mail\nA;\n");
    inbox.send(&["--strict"]).expect_code(3);
    assert_eq!(inbox.files(), ["invalid.csv", "leads.csv"]);
    assert_eq!(partner.count(), 0);
    inbox.put("invalid.csv", 8, "Nom;E-mail\nA;lead4@example.fr\n");
    inbox.send(&["--strict", "--max-new", "4"]).expect_code(0);
    assert_eq!(inbox.files(), ["done/invalid.csv", "done/leads.csv"]);
    assert_eq!(partner.count(), 4);
}

#[test]
fn a_partner_that_is_down_leaves_the_leads_in_the_ledger() {
    let desk = Desk::at("http://127.0.0.1:9");
    let inbox = Inbox::of(&desk);
    inbox.export("a.csv", 9, 1, 2);
    inbox.export("b.csv", 8, 3, 1);
    let run = inbox.send(&[]).expect_code(5);
    assert_eq!(run.column("state"), ["failed", "unsent", "unsent"]);
    assert!(
        run.stderr
            .contains("leadctl resend --to desk --state unsent"),
        "{}",
        run.stderr
    );
    assert_eq!(inbox.files(), ["done/a.csv", "done/b.csv"]);
    let partner = willing();
    desk.configure(&partner.base(), HASTY, "");
    for state in ["unsent", "failed"] {
        desk.home
            .run(&["resend", "--to", "desk", "--state", state])
            .expect_code(0);
    }
    assert_eq!(partner.count(), 3);
}

#[test]
fn rows_to_correct_are_not_written_among_the_exports() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.put("leads.csv", 9, "Nom;E-mail\nA;\nB;lead1@example.fr\n");
    let run = inbox
        .send(&["--rejects", "inbox/rejects.csv"])
        .expect_code(2);
    assert!(
        run.stderr.contains("--rejects inbox/failed/rejects.csv"),
        "{}",
        run.stderr
    );
    assert_eq!(inbox.files(), ["leads.csv"]);
    inbox
        .send(&["--rejects", "inbox/failed/rejects.csv"])
        .expect_code(3);
    assert_eq!(inbox.files(), ["done/leads.csv", "failed/rejects.csv"]);
    // Corrected, and put into the inbox like any export.
    let rejects = desk.home.read("inbox/failed/rejects.csv");
    inbox.put(
        "corrected.csv",
        9,
        &rejects.replace("A;;", "A;lead2@example.fr;"),
    );
    inbox.send(&[]).expect_code(0);
    assert_eq!(persons(&partner), ["lead1@example.fr", "lead2@example.fr"]);
    assert_eq!(
        desk.states().len(),
        2,
        "the corrected row replaces its lead"
    );
}

/// A run whose first lead is held by the partner.
fn holding(gate: &Gate) -> Partner {
    let held = gate.clone();
    Partner::start(move |arrived| match arrived.number {
        0 => taken(arrived).held(&held),
        _ => taken(arrived),
    })
}

#[test]
fn of_two_runs_one_takes_a_file() {
    let gate = Gate::new();
    let partner = holding(&gate);
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("first.csv", 9, 1, 2);
    let first = inbox.start(&[]);
    gate.await_held(1);
    inbox.await_file("done/first.csv");
    // The second has nothing to do, and nothing to say.
    let second = inbox.send(&[]).expect_code(0);
    assert_eq!((&*second.stdout, &*second.stderr), ("", ""));
    inbox.export("second.csv", 5, 3, 1);
    let second = inbox.send(&[]).expect_code(5);
    assert!(
        second
            .stderr
            .contains("is sending to desk, so its files are left"),
        "{}",
        second.stderr
    );
    assert_eq!(inbox.files(), ["done/first.csv", "second.csv"]);
    let third = inbox.start(&["--wait-lock", "1h"]);
    third.await_stderr("waiting: another run");
    gate.release();
    first.finish().expect_code(0);
    third.finish().expect_code(0);
    assert_eq!(inbox.files(), ["done/first.csv", "done/second.csv"]);
    assert_eq!(partner.count(), 3);
}

#[test]
fn a_destination_that_another_command_has_leaves_the_files() {
    let gate = Gate::new();
    let partner = holding(&gate);
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("leads.csv", 5, 3, 1);
    let export = desk.export("by-hand.csv", 1, 1);
    let by_hand = desk.start(&[&export]);
    gate.await_held(1);
    inbox.send(&[]).expect_code(5);
    assert_eq!(inbox.files(), ["leads.csv"]);
    gate.release();
    by_hand.finish().expect_code(0);
    inbox.send(&[]).expect_code(0);
    assert_eq!(inbox.files(), ["done/leads.csv"]);
    assert_eq!(partner.count(), 2);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_again() {
    let gate = Gate::new();
    let partner = holding(&gate);
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    // More leads than can wait for a partner.
    inbox.export("leads.csv", 5, 1, 1500);
    let run = inbox.start(&["--jobs", "16"]);
    gate.await_held(1);
    let late = File::options()
        .append(true)
        .open(inbox.path("reading/leads.csv"));
    late.unwrap().write_all(b"Late;late@example.fr\n").unwrap();
    // Another one in its place, meanwhile.
    inbox.export("leads.csv", 3, 2000, 1);
    gate.release();
    let run = run.finish().expect_code(5);
    assert!(
        run.stderr.contains("was written to while it was read"),
        "{}",
        run.stderr
    );
    assert_eq!(inbox.files(), ["leads.csv", "reading/leads.csv"]);
    age(&inbox.path("reading/leads.csv"), 4);
    inbox.send(&["--jobs", "16"]).expect_code(0);
    assert_eq!(inbox.files(), ["done/leads-2.csv", "done/leads.csv"]);
    assert_eq!(partner.count(), 1502);
}
