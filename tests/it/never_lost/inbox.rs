//! kill -9 at each step of a file's way through an inbox, and at random moments: its
//! leads are in the ledger, or the file is where the next run finds it.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use crate::common::desk::{Desk, HASTY, persons, taken, willing};
use crate::common::inbox::Inbox;
use crate::common::{Gate, Partner};
use crate::random_kills::{clock, dice::Dice, number};

/// A partner that holds every request until the gate opens.
fn holding(gate: &Gate) -> Partner {
    let held = gate.clone();
    Partner::start(move |arrived| taken(arrived).held(&held))
}

/// Everybody, each once.
fn each_once(partner: &Partner, count: usize) {
    let mut persons = persons(partner);
    persons.sort();
    let mut wanted: Vec<String> = (1..=count)
        .map(|lead| format!("lead{lead}@example.fr"))
        .collect();
    wanted.sort();
    assert_eq!(persons, wanted);
}

#[test]
fn a_file_that_was_taken_and_not_read() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("first.csv", 9, 1, 1);
    inbox.send(&[]).expect_code(0);
    inbox.export("leads.csv", 5, 2, 2);
    let other = desk.sql();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = inbox.start(&[]);
    inbox.await_file("reading/leads.csv");
    run.kill();
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(inbox.files(), ["done/first.csv", "reading/leads.csv"]);
    // And once more, before it could be read.
    std::fs::remove_dir(inbox.path("failed")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let run = inbox.start(&[]);
    inbox.await_file("failed");
    run.kill();
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(inbox.files(), ["done/first.csv", "reading/leads.csv"]);

    let second = inbox.send(&[]).expect_code(0);
    assert_eq!(second.column("file"), ["inbox/leads.csv"; 2]);
    assert_eq!(inbox.files(), ["done/first.csv", "done/leads.csv"]);
    assert!(!inbox.path("reading").exists());
    each_once(&partner, 3);
}

#[test]
fn a_file_that_was_read_in_part() {
    let gate = Gate::new();
    let partner = holding(&gate);
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    // More leads than can wait for a partner.
    inbox.export("leads.csv", 5, 1, 1500);
    let run = inbox.start(&[]);
    gate.await_held(1);
    desk.await_sql("SELECT count(*) > 500 FROM leads", 1);
    run.kill();
    gate.release();
    assert_eq!(inbox.files(), ["reading/leads.csv"]);
    assert!(desk.states().len() < 1500);

    let second = inbox.send(&["--jobs", "16"]).expect_code(4);
    assert_eq!(second.rows().len(), 1500);
    assert_eq!(inbox.files(), ["done/leads.csv"]);
    let states = desk.states();
    assert_eq!(
        states.iter().filter(|state| *state != "delivered").count(),
        1
    );
    each_once(&partner, 1500);
}

#[test]
fn a_file_whose_leads_are_on_disk_and_that_was_not_moved() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("reading/leads.csv", 5, 1, 2);
    desk.send(&["inbox/reading/leads.csv"]).expect_code(0);

    let second = inbox.send(&[]).expect_code(0);
    assert_eq!(second.column("state"), ["skipped", "skipped"]);
    assert_eq!(inbox.files(), ["done/leads.csv"]);
    each_once(&partner, 2);
}

#[test]
fn a_file_that_was_moved_while_its_leads_are_sent() {
    let gate = Gate::new();
    let partner = holding(&gate);
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("leads.csv", 5, 1, 3);
    let run = inbox.start(&[]);
    gate.await_held(1);
    inbox.await_file("done/leads.csv");
    run.kill();
    gate.release();

    // The next run has no file, and tells what became of the last one's.
    let told = inbox.send(&["--quiet"]).expect_code(4).stderr;
    assert!(told.contains("1 lead is in doubt (id 1)"), "{told}");
    assert!(
        told.contains("2 leads of a run that was cut short"),
        "{told}"
    );
    assert_eq!(inbox.send(&["--quiet"]).expect_code(0).stderr, "");
    let resend = ["resend", "--to", "desk", "--state", "unsent"];
    desk.home.run(&resend).expect_code(0);
    assert_eq!(desk.states(), ["in_doubt", "delivered", "delivered"]);
    each_once(&partner, 3);
}

#[test]
fn a_file_that_failed_and_was_not_moved() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.put("reading/bad.csv", 5, "Nom;Nom\nA;B\n");
    inbox.put("failed/bad.csv.txt", 5, "half a rea");
    inbox.send(&[]).expect_code(2);
    assert_eq!(inbox.files(), ["failed/bad.csv", "failed/bad.csv.txt"]);
    let why = desk.home.read("inbox/failed/bad.csv.txt");
    assert!(why.contains("all mean last_name"), "{why}");
}

#[test]
fn a_name_that_was_given_again_after_a_kill() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let inbox = Inbox::of(&desk);
    inbox.export("reading/leads.csv", 9, 1, 1);
    inbox.export("leads.csv", 5, 2, 1);
    inbox.send(&[]).expect_code(0);
    assert_eq!(inbox.files(), ["done/leads-2.csv", "done/leads.csv"]);
    each_once(&partner, 2);
}

/// `LEADCTL_KILLS` / 4 times (50); `LEADCTL_SEED` repeats a run's dice.
#[test]
fn kill_nine_at_random_moments() {
    const FILE: usize = 6;
    let seed = number("LEADCTL_SEED").unwrap_or_else(clock);
    let kills = number("LEADCTL_KILLS").unwrap_or(200) / 4;
    let mut dice = Dice::new(seed);
    let partner = willing();
    let desk = Desk::with(
        &partner.base(),
        &format!("{HASTY}stop_after_doubts = 1000000\n"),
        "",
    );
    let inbox = Inbox::of(&desk);
    let (mut files, mut killed) = (0, 0);
    while killed < kills {
        for _ in 0..=dice.below(2) {
            inbox.export(&format!("{files}.csv"), 1, files * FILE, FILE);
            files += 1;
        }
        if dice.one_in(4) {
            inbox.put(&format!("bad{files}.csv"), 1, "Nom;Nom\nA;B\n");
        }
        let mut run = inbox.start(&["--jobs", "4"]);
        thread::sleep(Duration::from_micros(dice.below(80_000)));
        killed += usize::from(!run.ended());
        run.kill();
    }
    let last = inbox.send(&[]);
    assert!(
        matches!(last.code, Some(0 | 2 | 4)),
        "seed {seed} {}",
        last.stderr
    );
    for state in ["unsent", "failed"] {
        desk.home.run(&["resend", "--to", "desk", "--state", state]);
    }
    let mut arrived: HashMap<String, usize> = HashMap::new();
    persons(&partner)
        .into_iter()
        .for_each(|person| *arrived.entry(person).or_default() += 1);
    let twice = arrived.values().filter(|count| **count > 1).count();
    let open = desk.states();
    let lost = (0..files * FILE)
        .filter(|lead| !arrived.contains_key(&format!("lead{lead}@example.fr")))
        .count();
    let doubts = open.iter().filter(|state| *state == "in_doubt").count();
    let open = open
        .iter()
        .filter(|state| !["delivered", "in_doubt"].contains(&&***state));
    assert_eq!((twice, open.count()), (0, 0), "seed {seed}");
    // Who never arrived is declared; a kill leaves one lead a worker at most.
    assert!(
        lost <= doubts && doubts <= 4 * killed,
        "seed {seed}: {lost} of {doubts}"
    );
    assert_eq!(desk.states().len(), files * FILE, "seed {seed}");
    let left = inbox.files();
    let strange = left.iter().filter(|name| match name.split_once('/') {
        Some(("done", name)) => !name.ends_with(".csv") || name.starts_with("bad"),
        Some(("failed", name)) => !name.starts_with("bad"),
        _ => true,
    });
    assert_eq!(strange.count(), 0, "seed {seed}: {left:?}");
    let done = left.iter().filter(|name| name.starts_with("done/"));
    assert_eq!(done.count(), files, "seed {seed}: {left:?}");
}
