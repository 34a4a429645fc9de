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
        second.stderr.contains(&format!("process {}", run.id())),
        "{}",
        second.stderr
    );
    assert!(second.stderr.contains(", since "), "{}", second.stderr);
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

/// What was sent is what the ledger says: a second run reads the same people with
/// other names, from a file and from a pipe, and a third one a correction.
#[test]
fn what_a_run_holds_nobody_else_changes() {
    let gate = Gate::new();
    let partner = held_first(&gate);
    let desk = Desk::at(&partner.base());
    let one = desk.export("one.csv", 1, 3);
    let other = "Nom;E-mail\nAutre;lead2@example.fr\nAutre;lead3@example.fr\n";
    desk.home.write("other.csv", other);
    let run = desk.start(&[&one]);
    gate.await_held(1);
    let pid = format!("process {}", run.id());
    for second in [desk.send(&["other.csv"]), desk.pipe(&["-"], other).finish()] {
        assert_eq!(second.column("state"), ["skipped"; 2]);
        assert_eq!(second.column("reason"), ["held_by_run"; 2]);
        assert!(second.stdout.contains(&pid), "{}", second.stdout);
        second.expect_code(5);
    }
    gate.release();
    run.finish().expect_code(0);
    let names = |query: &str| crate::common::desk::column(&desk.sql(), query);
    let sent: Vec<String> = partner
        .arrived()
        .iter()
        .map(|one| String::from_utf8_lossy(&one.body).into_owned())
        .collect();
    assert_eq!(names("SELECT sent FROM leads ORDER BY id"), sent);
    assert!(sent.iter().all(|body| body.contains("Nom")), "{sent:?}");
    assert_eq!(names("SELECT DISTINCT file FROM leads"), ["one.csv"]);
    // Once it is done, the ledger knows them as delivered.
    let again = desk.send(&["other.csv"]).expect_code(0);
    assert_eq!(again.column("reason"), ["settled"; 2]);
}

/// A stored lead that is to be sent again, and is read anew by another run first,
/// is not sent as it was.
#[test]
fn a_resend_sends_what_the_ledger_holds() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        0 | 1 => crate::common::Act::status(404),
        2 => taken(arrived).held(&held),
        _ => taken(arrived),
    });
    let desk = Desk::at(&partner.base());
    let one = desk.export("one.csv", 1, 2);
    desk.send(&["--lines", "2", &one]).expect_code(2);
    desk.send(&["--lines", "3", &one]).expect_code(2);
    let run = desk.home.start(
        &[
            "resend", "--to", "desk", "--state", "failed", "--format", "json",
        ],
        b"",
    );
    gate.await_held(1);
    let other = "Nom;E-mail\nAutre;lead2@example.fr\n";
    desk.home.write("other.csv", other);
    desk.send(&["other.csv"]).expect_code(5);
    gate.release();
    let run = run.finish().expect_code(5);
    assert_eq!(run.column("state"), ["delivered", "unsent"]);
    assert_eq!(partner.count(), 3);
    let last = desk
        .home
        .run(&["resend", "--to", "desk", "--state", "unsent"]);
    last.expect_code(0);
    let sent = partner.arrived()[3].json()["name"].clone();
    assert_eq!(sent, "Autre");
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
    let pid = format!("process {}", run.id());
    let second = desk.send(&[&file]).expect_code(5);
    let status = desk
        .home
        .run(&["status", "--format", "json"])
        .expect_code(4);
    for told in [&second.stderr, &status.stdout] {
        assert!(told.contains(&pid) && told.contains("being sent"), "{told}");
        assert!(!told.contains("leadctl resolve"), "{told}");
    }
    assert_eq!(status.rows()[0]["states"]["in_doubt"], 1);
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
    let second = desk.send(&[&two]).expect_code(4);
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
