//! kill -9 at each step of a lead's way. Before its attempt is on disk a lead
//! is `unsent`; from then until its outcome is on disk it is in doubt.

use crate::common::desk::{Desk, HASTY, persons, taken, willing};
use crate::common::{Act, Door, Gate, Outcome, Partner, unaccepting};

/// The second run declares the doubt, sends what is certainly unsent and
/// leaves the rest alone.
#[track_caller]
fn declared(second: Outcome, states: &[&str]) {
    assert!(
        second.stderr.contains("1 lead is in doubt (id 1)"),
        "{}",
        second.stderr
    );
    assert_eq!(second.column("state"), states);
    second.expect_code(4);
}

#[test]
fn before_the_attempt_is_recorded_nothing_is_in_doubt() {
    let partner = willing();
    // The second lead waits for the pace, for an hour.
    let desk = Desk::with(&partner.base(), &format!("{HASTY}pace = \"1/h\"\n"), "");
    let file = desk.export("leads.csv", 1, 3);
    let run = desk.start(&[&file]);
    desk.await_state("delivered", 1);
    desk.await_state("unsent", 2);
    run.kill();
    assert_eq!(partner.count(), 1);
    assert_eq!(desk.states(), ["delivered", "unsent", "unsent"]);

    desk.configure(&partner.base(), HASTY, "");
    let second = desk.send(&[&file]).expect_code(0);
    assert!(!second.stderr.contains("in doubt"), "{}", second.stderr);
    assert_eq!(
        second.column("state"),
        ["skipped", "delivered", "delivered"]
    );
    assert_eq!(
        persons(&partner),
        ["lead1@example.fr", "lead2@example.fr", "lead3@example.fr"]
    );
}

#[test]
fn after_the_attempt_is_recorded_and_before_a_byte_left() {
    let (_full, address, _queued) = unaccepting();
    let desk = Desk::at(&format!("http://{address}"));
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    desk.await_sql("SELECT count(*) FROM attempts WHERE ended_at IS NULL", 1);
    run.kill();

    let partner = willing();
    desk.configure(&partner.base(), HASTY, "");
    declared(desk.send(&[&file]), &["skipped", "delivered"]);
    assert_eq!(persons(&partner), ["lead2@example.fr"]);
}

#[test]
fn in_the_midst_of_the_request() {
    let partner = Partner::with_door(
        |connection| {
            if connection == 0 {
                Door::StopAfterHead
            } else {
                Door::Open
            }
        },
        taken,
    );
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    partner.await_heads(1);
    run.kill();
    assert_eq!(partner.count(), 0);
    declared(desk.send(&[&file]), &["skipped", "delivered"]);
    assert_eq!(persons(&partner), ["lead2@example.fr"]);
}

#[test]
fn after_the_partner_committed() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        0 => taken(arrived).held(&held),
        _ => taken(arrived),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    run.kill();
    gate.release();
    declared(desk.send(&[&file]), &["skipped", "delivered"]);
    // A third run, and the export of tomorrow with it in: still nothing twice.
    desk.send(&[&file]).expect_code(4);
    let more = desk.export("tomorrow.csv", 1, 3);
    desk.send(&[&more]).expect_code(4);
    assert_eq!(
        persons(&partner),
        ["lead1@example.fr", "lead2@example.fr", "lead3@example.fr"]
    );
}

#[test]
fn after_the_answer_and_before_its_outcome_is_recorded() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        0 => taken(arrived).held(&held),
        _ => taken(arrived),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    let other = desk.sql();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    gate.release();
    // The answer has left the partner once it waits for the next request.
    partner.await_answered(1);
    run.kill();
    other.execute_batch("ROLLBACK").unwrap();
    declared(desk.send(&[&file]), &["skipped", "delivered"]);
    assert_eq!(persons(&partner), ["lead1@example.fr", "lead2@example.fr"]);
}

#[test]
fn while_a_lead_waits_to_be_tried_again_it_is_not_in_doubt() {
    let partner = Partner::playing(vec![
        Act::status(429).with_header("retry-after", "600"),
        Act::json(201, "{\"id\":1}"),
    ]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    desk.await_state("failed", 1);
    run.kill();
    assert_eq!(partner.count(), 1);
    let second = desk.send(&[&file]).expect_code(0);
    assert_eq!(second.column("state"), ["delivered", "delivered"]);
    assert_eq!(partner.count(), 3);
}

#[test]
fn many_workers_leave_one_doubt_each_at_most() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        1..5 => taken(arrived).held(&held),
        _ => taken(arrived),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 30);
    let run = desk.start(&["--jobs", "4", &file]);
    gate.await_held(4);
    run.kill();
    gate.release();
    let second = desk.send(&["--jobs", "4", &file]).expect_code(4);
    assert!(
        second.stderr.contains("4 leads are in doubt"),
        "{}",
        second.stderr
    );
    let states = desk.states();
    assert_eq!(
        states.iter().filter(|state| *state == "in_doubt").count(),
        4
    );
    assert_eq!(
        states.iter().filter(|state| *state == "delivered").count(),
        26
    );
    let mut once = persons(&partner);
    once.sort();
    once.dedup();
    assert_eq!((once.len(), partner.count()), (30, 30));
}
