//! What is wrong for every lead stops the run, with the rest stored; what is
//! wrong for some stops those.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::common::desk::{Desk, HASTY, column, persons, taken, then_willing};
use crate::common::{Act, Arrived, Gate, Partner};

#[test]
fn a_key_revoked_on_the_way() {
    let partner = then_willing(vec![
        Act::json(201, "{\"id\":1}"),
        Act::json(201, "{\"id\":2}"),
        Act::json(401, r#"{"message":"Clé invalide"}"#),
    ]);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 6);
    let run = desk.send(&[&file]).expect_code(2);
    let states = [
        "delivered",
        "delivered",
        "failed",
        "unsent",
        "unsent",
        "unsent",
    ];
    assert_eq!(run.column("state"), states);
    assert_eq!(desk.states(), states);
    assert!(run.stderr.contains("Clé invalide"), "{}", run.stderr);
    assert_eq!(partner.count(), 3);
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(
        run.column("state")[..3],
        ["skipped", "skipped", "delivered"]
    );
    assert_eq!(partner.count(), 7);
}

#[test]
fn an_unknown_programme_from_the_row_stops_its_own_leads() {
    let partner = Partner::start(|arrived: &Arrived| match arrived.target.as_str() {
        "/12/leads" => taken(arrived),
        _ => Act::json(404, r#"{"message":"Ressource introuvable."}"#),
    });
    let desk = Desk::at(&partner.base());
    let config = desk.home.read("partners.toml");
    desk.home
        .config(&config.replace("path = \"/leads\"", "path = \"/{program}/leads\""));
    let rows = "Nom;E-mail;Programme\n\
        A;a@example.fr;12\nB;b@example.fr;99\nC;c@example.fr;12\nD;d@example.fr;99\nE;e@example.fr;12\n";
    let file = desk.home.write("leads.csv", rows);
    let file = file.to_str().unwrap();
    let run = desk.send(&[file]).expect_code(2);
    assert_eq!(
        run.column("state"),
        ["delivered", "failed", "delivered", "unsent", "delivered"]
    );
    assert!(run.stderr.contains("program 99"), "{}", run.stderr);
    assert_eq!(partner.count(), 4);
    // Fixed by --default? No: the row names it. The rest is not sent again.
    desk.send(&[file]).expect_code(2);
    assert_eq!(partner.count(), 5);
}

#[test]
fn an_unknown_programme_from_the_configuration_stops_every_lead() {
    let partner = Partner::always(Act::status(404));
    let desk = Desk::with(
        &partner.base(),
        &format!("{HASTY}defaults = {{ program = \"99\" }}\n"),
        "",
    );
    let config = desk.home.read("partners.toml");
    desk.home
        .config(&config.replace("path = \"/leads\"", "path = \"/{program}/leads\""));
    let file = desk.export("leads.csv", 1, 3);
    desk.send(&[&file]).expect_code(2);
    assert_eq!(desk.states(), ["failed", "unsent", "unsent"]);
    assert_eq!(partner.count(), 1);
}

/// Three in a row, of three kinds.
#[test]
fn three_doubts_in_a_row_stop_the_run_and_the_next_tries_one() {
    let well = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&well);
    let partner = Partner::start(move |arrived| match arrived.number % 3 {
        _ if seen.load(Ordering::SeqCst) => taken(arrived),
        0 => Act::Close,
        1 => Act::status(500),
        _ => Act::json(200, "{}"),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 10);
    let run = desk.send(&[&file]).expect_code(4);
    assert_eq!(
        run.column("state")[..4],
        ["in_doubt", "in_doubt", "in_doubt", "unsent"]
    );
    assert!(run.stderr.contains("3 leads in a row"), "{}", run.stderr);
    assert_eq!(partner.count(), 3);
    // Still ill: one lead tries, whatever the workers.
    let run = desk.send(&["--jobs", "8", &file]).expect_code(4);
    assert_eq!(partner.count(), 4, "{}", run.stdout);
    let count = |state: &str| desk.states().iter().filter(|found| *found == state).count();
    assert_eq!((count("in_doubt"), count("unsent")), (4, 6));
    // Well again: one tries, all the others follow.
    well.store(true, Ordering::SeqCst);
    desk.send(&["--jobs", "8", &file]).expect_code(4);
    assert_eq!((count("in_doubt"), count("delivered")), (4, 6));
    assert_eq!(partner.count(), 10);
}

#[test]
fn the_lead_that_tries_the_way_goes_alone() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        0..3 => Act::status(500),
        3 => taken(arrived).held(&held),
        _ => taken(arrived),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 12);
    desk.send(&[&file]).expect_code(4);
    let run = desk.start(&["--jobs", "8", &file]);
    gate.await_held(1);
    assert_eq!(partner.count(), 4);
    gate.release();
    run.finish().expect_code(4);
    assert_eq!(partner.count(), 12);
}

#[test]
fn a_success_and_a_refusal_between_doubts_start_the_count_anew() {
    let partner = Partner::start(|arrived| match arrived.number % 3 {
        2 if arrived.number % 2 == 0 => taken(arrived),
        2 => Act::status(422),
        _ => Act::status(500),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 12);
    desk.send(&[&file]).expect_code(4);
    assert_eq!(partner.count(), 12);
}

/// A pause between two doubts is no success.
#[test]
fn being_asked_to_wait_between_doubts_does_not_start_the_count_anew() {
    let partner = Partner::start(|arrived| match arrived.number % 2 {
        0 => Act::status(429).with_header("retry-after", "0"),
        _ => Act::status(500),
    });
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 10);
    desk.send(&[&file]).expect_code(4);
    assert_eq!(partner.count(), 6);
    assert_eq!(
        desk.states()[..4],
        ["in_doubt", "in_doubt", "in_doubt", "unsent"]
    );
}

#[test]
fn the_number_of_doubts_is_the_destinations_to_say() {
    let partner = Partner::always(Act::status(500));
    let desk = Desk::with(
        &partner.base(),
        &format!("{HASTY}stop_after_doubts = 1\n"),
        "",
    );
    let file = desk.export("leads.csv", 1, 4);
    desk.send(&[&file]).expect_code(4);
    assert_eq!(partner.count(), 1);
}

#[test]
fn a_quota_for_the_day_is_5_not_2() {
    let partner = then_willing(vec![
        Act::json(201, "{\"id\":1}"),
        Act::json(429, r#"{"policy":"DAILY","message":"quota"}"#),
    ]);
    let rules = r#"{ when = { status = 429, "/policy" = "DAILY" }, then = "stop_for_now", say = "the day's quota is used up" },"#;
    let desk = Desk::with(&partner.base(), HASTY, rules);
    let file = desk.export("leads.csv", 1, 4);
    let run = desk.send(&[&file]).expect_code(5);
    assert_eq!(
        run.column("state"),
        ["delivered", "failed", "unsent", "unsent"]
    );
    assert_eq!(partner.count(), 2);
    desk.send(&[&file]).expect_code(0);
    assert_eq!(
        persons(&partner)[2..],
        ["lead2@example.fr", "lead3@example.fr", "lead4@example.fr"]
    );
}

#[test]
fn not_processed_is_tried_again_and_then_failed() {
    let rules = r#"{ when = { status = 503, "/queued" = false }, then = "not_processed" },"#;
    let partner = then_willing(vec![Act::json(503, r#"{"queued":false}"#)]);
    let desk = Desk::with(&partner.base(), HASTY, rules);
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(0);
    assert_eq!(partner.count(), 2);
    let triggers = column(&desk.sql(), "SELECT trigger FROM attempts ORDER BY id");
    assert_eq!(triggers, ["send", "retry"]);

    let partner = Partner::always(Act::json(503, r#"{"queued":false}"#));
    let desk = Desk::with(&partner.base(), HASTY, rules);
    let file = desk.export("leads.csv", 1, 2);
    desk.send(&[&file]).expect_code(5);
    assert_eq!(desk.states(), ["failed", "failed"]);
    assert_eq!(partner.count(), 4);
}

/// What is refused to everybody in the same way is not the leads' fault: the rest
/// waits, and those refused are sent again once it is put right.
#[test]
fn refusals_of_one_kind_in_a_row_stop_the_run() {
    let partner = Partner::start(move |arrived| match arrived.number {
        number if number < 4 => {
            let email = arrived.json()["email"].clone();
            let words = format!("{email}: property {number}x does not exist");
            Act::json(400, &serde_json::json!({ "message": words }).to_string())
        }
        _ => taken(arrived),
    });
    let settings = format!("{HASTY}stop_after_refusals = 4\n");
    let desk = Desk::with(&partner.base(), &settings, "");
    let file = desk.export("leads.csv", 1, 6);
    let run = desk.send(&[&file]).expect_code(3);
    assert_eq!(run.column("state")[3..], ["rejected", "unsent", "unsent"]);
    assert!(
        run.stderr.contains("refused in the same way"),
        "{}",
        run.stderr
    );
    let resend = "leadctl resend --to desk --state rejected";
    assert!(run.stderr.contains(resend), "{}", run.stderr);
    assert_eq!(partner.count(), 4);
    let again = desk.send(&[&file]).expect_code(3);
    assert_eq!(again.column("reason")[..4], ["rejected"; 4]);
    let message = &again.column("message")[0];
    assert!(message.contains("leadctl resend --to desk 1"), "{message}");
    desk.home
        .run(&["resend", "--to", "desk", "--state", "rejected"])
        .expect_code(0);
    assert_eq!(desk.states(), ["delivered"; 6]);
}

#[test]
fn other_answers_between_refusals_end_the_row() {
    let partner = Partner::start(move |arrived| match arrived.number % 3 {
        0 | 1 => Act::json(400, r#"{"message":"no"}"#),
        _ => taken(arrived),
    });
    let settings = format!("{HASTY}stop_after_refusals = 3\n");
    let desk = Desk::with(&partner.base(), &settings, "");
    let file = desk.export("leads.csv", 1, 9);
    desk.send(&[&file]).expect_code(3);
    assert_eq!(partner.count(), 9);
}
