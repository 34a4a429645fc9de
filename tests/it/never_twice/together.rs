//! The same lead twice, and two runs at once: one request.

use crate::common::desk::{Desk, export, persons, taken, willing};
use crate::common::{Gate, Partner};

fn held_first(gate: &Gate) -> Partner {
    let held = gate.clone();
    Partner::start(move |arrived| match arrived.number {
        0 => taken(arrived).held(&held),
        _ => taken(arrived),
    })
}

#[test]
fn a_second_run_leaves_and_its_leads_are_stored() {
    let gate = Gate::new();
    let partner = held_first(&gate);
    let desk = Desk::at(&partner.base());
    let one = desk.export("one.csv", 1, 2);
    let two = desk.export("two.csv", 2, 3);
    let run = desk.start(&[&one]);
    gate.await_held(1);
    let second = desk.send(&[&two]).expect_code(5);
    assert!(
        second.stderr.contains(&format!("pid {}", run.id())),
        "{}",
        second.stderr
    );
    assert!(second.stderr.contains("since 20"), "{}", second.stderr);
    assert_eq!(second.column("state")[1..], ["unsent", "unsent"]);
    assert_eq!(partner.count(), 1);
    // Standard input is no different.
    let third = desk.pipe(&["-"], &export(9, 1)).finish().expect_code(5);
    assert_eq!(third.column("state"), ["unsent"]);
    gate.release();
    run.finish().expect_code(0);
    let last = desk.send(&[&one, &two]);
    assert_eq!(persons(&partner).len(), 4, "{}", last.stdout);
    assert_eq!(
        desk.states(),
        ["delivered", "delivered", "delivered", "delivered", "unsent"]
    );
}

/// Its answer settles it, and nobody else's word.
#[test]
fn a_lead_that_another_run_sends_is_no_doubt_to_settle() {
    let gate = Gate::new();
    let partner = held_first(&gate);
    let desk = Desk::at(&partner.base());
    let file = desk.export("one.csv", 1, 2);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    let pid = format!("pid {}", run.id());
    let second = desk.send(&[&file]).expect_code(5);
    let status = desk
        .home
        .run(&["status", "--format", "json"])
        .expect_code(4);
    for told in [&second.stderr, &status.stdout] {
        assert!(told.contains(&pid) && told.contains("being sent"), "{told}");
        assert!(!told.contains("leadctl resolve"), "{told}");
    }
    assert_eq!(status.rows()[0]["in_doubt"], 1);
    // A person who leaves the ledger meanwhile stops nobody.
    desk.home
        .run(&["purge", "--person", "lead2@example.fr"])
        .expect_code(0);
    gate.release();
    let run = run.finish().expect_code(0);
    assert_eq!(run.column("state"), ["delivered", "skipped"]);
    assert_eq!(partner.count(), 1);
}

#[test]
fn a_second_run_waits_if_told_to() {
    let gate = Gate::new();
    let partner = held_first(&gate);
    let desk = Desk::at(&partner.base());
    let one = desk.export("one.csv", 1, 2);
    let two = desk.export("two.csv", 2, 2);
    let run = desk.start(&[&one]);
    gate.await_held(1);
    let second = desk.start(&["--wait-lock", "2m", &two]);
    gate.release();
    run.finish().expect_code(0);
    let second = second.finish().expect_code(0);
    assert_eq!(second.column("state"), ["skipped", "delivered"]);
    assert_eq!(
        persons(&partner),
        ["lead1@example.fr", "lead2@example.fr", "lead3@example.fr"]
    );
}

#[test]
fn a_dead_holder_never_blocks() {
    let gate = Gate::new();
    let partner = held_first(&gate);
    let desk = Desk::at(&partner.base());
    let one = desk.export("one.csv", 1, 1);
    let two = desk.export("two.csv", 2, 1);
    let run = desk.start(&[&one]);
    gate.await_held(1);
    run.kill();
    // Nobody waits here, and the dead one's doubt is declared.
    let second = desk.send(&[&two]).expect_code(0);
    assert!(
        second.stderr.contains("in doubt (id 1)"),
        "{}",
        second.stderr
    );
    assert_eq!(desk.states(), ["in_doubt", "delivered"]);
    gate.release();
}

#[test]
fn a_live_runs_leads_in_flight_are_not_declared() {
    let gate = Gate::new();
    let partner = held_first(&gate);
    let desk = Desk::at(&partner.base());
    let one = desk.export("one.csv", 1, 1);
    let run = desk.start(&[&one]);
    gate.await_held(1);
    let second = desk.send(&[&one]).expect_code(5);
    assert!(
        !second.stderr.contains("stopped while"),
        "{}",
        second.stderr
    );
    gate.release();
    run.finish().expect_code(0);
    assert_eq!(
        (partner.count(), desk.states()),
        (1, vec!["delivered".to_owned()])
    );
}

#[test]
fn the_same_lead_twice_in_a_file_and_in_two_files() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let rows = "Nom;E-mail\nA;a@example.fr\nA;A@Example.fr \nB;b@example.fr\nA;a@example.fr\n";
    let one = desk.home.write("one.csv", rows);
    let two = desk.home.write(
        "two.csv",
        "E-mail,Nom\nb@example.fr,B\na@example.fr,Autre\nc@example.fr,C\n",
    );
    let (one, two) = (one.to_str().unwrap(), two.to_str().unwrap());
    let run = desk.send(&["--jobs", "4", one, two]).expect_code(0);
    assert_eq!(partner.count(), 3, "{}", run.stdout);
    let states = [
        "delivered",
        "skipped",
        "delivered",
        "skipped",
        "skipped",
        "skipped",
        "delivered",
    ];
    assert_eq!(run.column("state"), states);
    let again = desk.send(&[two, one]).expect_code(0);
    assert_eq!(again.column("state"), ["skipped"; 7]);
    assert_eq!(partner.count(), 3);
}

#[test]
fn the_same_export_in_many_processes_at_once() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 20);
    let runs: Vec<_> = (0..4)
        .map(|_| desk.start(&["--wait-lock", "2m", "--jobs", "3", &file]))
        .collect();
    for run in runs {
        run.finish().expect_code(0);
    }
    let mut once = persons(&partner);
    once.sort();
    once.dedup();
    assert_eq!((once.len(), partner.count()), (20, 20));
    assert_eq!(desk.states(), ["delivered"; 20]);
}

#[test]
fn without_a_key_field_the_whole_request_is_the_key() {
    let partner = willing();
    let desk = Desk::with(
        &partner.base(),
        "jobs = 1\nkey = [\"email\", \"phone\"]\n",
        "",
    );
    let rows = "Nom;E-mail\nA;a@example.fr\nAutre;a@example.fr\nA;a@example.fr\n";
    let file = desk.home.write("leads.csv", rows);
    let run = desk.send(&[file.to_str().unwrap()]).expect_code(0);
    assert_eq!(run.column("state"), ["delivered", "delivered", "skipped"]);
    assert_eq!(partner.count(), 2);
}
