//! A paused destination holds its leads; the next send sends them first.

use crate::common::desk::{Desk, HASTY, export, persons, taken, then_willing, willing};
use crate::common::inbox::Inbox;
use crate::common::{Act, Gate, Partner};

const PAUSED: &str = "tries = 2\nbackoff = \"1ms\"\njobs = 1\npaused = true\n";

fn mails(numbers: &[usize]) -> Vec<String> {
    let mail = |number: &usize| format!("lead{number}@example.fr");
    numbers.iter().map(mail).collect()
}

/// A desk that was paused while leads 1 to `count` were read.
fn with_held(partner: &Partner, count: usize) -> Desk {
    let desk = Desk::with(&partner.base(), PAUSED, "");
    let file = desk.export("held.csv", 1, count);
    desk.send(&[&file]).expect_code(0);
    desk.configure(&partner.base(), HASTY, "");
    desk
}

#[test]
fn a_paused_destination_holds_all_and_sends_it_first_later() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), PAUSED, "");
    desk.home.write(
        "first.csv",
        "Nom;E-mail\nA;lead1@example.fr\nB;\nC;lead2@example.fr\nC;lead2@example.fr\n",
    );
    let run = desk.send(&["first.csv", "--rejects", "rejects.csv"]);
    let run = run.expect_code(3);
    assert_eq!(
        run.column("state"),
        ["held", "invalid", "held", "skipped"],
        "{}",
        run.stdout
    );
    assert_eq!(run.column("reason")[0], "paused");
    assert!(run.stderr.contains("desk is paused"), "{}", run.stderr);
    assert_eq!(desk.home.read("rejects.csv").lines().count(), 2);
    let quiet = desk.send(&["first.csv", "--quiet"]).expect_code(0);
    assert_eq!((&*quiet.stdout, &*quiet.stderr), ("", ""));
    for verb in [&["status"][..], &["check", "--to", "desk"], &["partners"]] {
        let told = desk.home.run(verb);
        let told = told.stdout + &told.stderr;
        assert!(told.contains("desk is paused"), "{verb:?}: {told}");
    }
    let file = desk.home.write("one.csv", export(1, 1));
    let file = file.display().to_string();
    let dry = desk.send(&["--dry-run", &file]).expect_code(0);
    assert_eq!(dry.column("state"), ["held"]);
    let checked = ["check", "--to", "desk", &file];
    let checked = desk.home.run(&checked);
    assert!(checked.stderr.contains("1 ready"), "{}", checked.stderr);
    // Its simulated partner proves nothing: it was sent.
    desk.send(&["--sandbox", &file]).expect_code(4);
    assert_eq!(partner.count(), 0);

    // The latest row of a lead is what is sent of it.
    desk.home
        .write("newer.csv", "Nom;E-mail\nNewer;lead2@example.fr\n");
    desk.send(&["newer.csv"]).expect_code(0);
    desk.configure(&partner.base(), HASTY, "");
    let next = desk.export("next.csv", 2, 2);
    let dry = desk.send(&["--dry-run", &next]).expect_code(0);
    assert!(dry.stderr.contains("2 leads that were held first"));
    let run = desk.send(&[&next]).expect_code(0);
    assert_eq!(
        run.column("state"),
        ["delivered", "delivered", "skipped", "delivered"]
    );
    assert_eq!(run.column("reason"), ["null", "null", "settled", "null"]);
    assert_eq!(run.column("file")[..2], ["first.csv", "newer.csv"]);
    assert_eq!(persons(&partner), mails(&[1, 2, 3]));
    assert_eq!(partner.arrived()[1].json()["name"], "Newer");
}

#[test]
fn a_kill_while_held_leads_are_sent_leaves_the_others_held() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| match arrived.number {
        1 => taken(arrived).held(&held),
        _ => taken(arrived),
    });
    let desk = with_held(&partner, 4);
    let file = desk.export("next.csv", 3, 3);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    // Another run meanwhile changes nothing of them.
    let second = desk.send(&[&file]).expect_code(5);
    assert_eq!(second.column("reason")[..2], ["held_by_run"; 2]);
    run.kill();
    gate.release();
    assert_eq!(
        desk.states()[..4],
        ["delivered", "in_doubt", "held", "held"]
    );
    let run = desk.send(&[&file]).expect_code(4);
    assert_eq!(
        run.column("state"),
        ["delivered", "delivered", "skipped", "skipped", "delivered"]
    );
    assert_eq!(persons(&partner), mails(&[1, 2, 3, 4, 5]));
}

#[test]
fn what_stops_a_run_leaves_them_held() {
    let partner = then_willing(vec![Act::status(401)]);
    let desk = with_held(&partner, 4);
    let none = desk.home.write("none.csv", "Nom;E-mail\n");
    let none = none.display().to_string();
    let run = desk.send(&[&none]).expect_code(2);
    assert_eq!(run.column("state"), ["failed", "held", "held", "held"]);
    let file = desk.export("next.csv", 4, 3);
    // A guard: nothing is sent, of the held ones neither.
    let run = desk.send(&[&file, "--max-new", "1"]).expect_code(5);
    assert_eq!(partner.count(), 1);
    assert_eq!(run.column("state"), ["unsent"; 3], "{}", run.stdout);
    // Lead 4 was read anew, and is one of them.
    assert_eq!(
        desk.states(),
        ["failed", "held", "held", "unsent", "unsent", "unsent"]
    );
    let run = desk.send(&[&none, "--limit", "1"]).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"]);
    // Sent by other means: held no more.
    desk.home
        .write("three.csv", "Nom;E-mail\nX;lead3@example.fr\n");
    desk.send(&["three.csv", "--record-only", "--note", "by mail"])
        .expect_code(0);
    assert_eq!(persons(&partner), mails(&[1, 2]));
    assert_eq!(desk.states()[1..3], ["delivered", "delivered"]);
}

#[test]
fn held_leads_go_through_todays_table_and_todays_blocks() {
    let partner = willing();
    let desk = with_held(&partner, 3);
    desk.home.run(&["block", "lead1@example.fr"]).expect_code(0);
    desk.home
        .run(&["purge", "--person", "lead2@example.fr"])
        .expect_code(0);
    let stricter = format!("{HASTY}need_one = [[\"phone\"]]\n");
    desk.configure(&partner.base(), &stricter, "");
    let none = desk.home.write("none.csv", "Nom;E-mail\n");
    let none = none.display().to_string();
    let run = desk.send(&[&none]).expect_code(3);
    assert_eq!(run.column("state"), ["filtered", "invalid"]);
    assert_eq!(run.column("reason"), ["blocked", "null"]);
    assert_eq!(desk.states(), ["filtered", "invalid"]);
    desk.home
        .run(&["unblock", "lead1@example.fr"])
        .expect_code(0);
    desk.configure(&partner.base(), HASTY, "");
    let resend = ["resend", "--to", "desk", "--format", "json", "--state"];
    for (state, id) in [("filtered", "1"), ("invalid", "3")] {
        let run = desk.home.run(&[&resend[..], &[state]].concat());
        let run = run.expect_code(0);
        assert_eq!(run.column("id"), [id]);
        assert_eq!(run.column("state"), ["delivered"]);
        assert_eq!(run.column("reason"), ["null"]);
    }
    assert_eq!(persons(&partner), mails(&[1, 3]));
}

#[test]
fn resend_to_a_paused_destination_holds_what_it_would_send() {
    let partner = then_willing(vec![Act::status(422), Act::status(503), Act::Close]);
    let desk = Desk::with(
        &partner.base(),
        &format!("{HASTY}tries = 1\n").replace("tries = 2\n", ""),
        "{ when = { status = 503 }, then = \"not_processed\" },",
    );
    let file = desk.export("leads.csv", 1, 4);
    desk.send(&[&file]);
    assert_eq!(
        desk.states(),
        ["rejected", "failed", "in_doubt", "delivered"]
    );
    desk.configure(&partner.base(), PAUSED, "");
    let run = desk.home.run(&[
        "resend", "--to", "desk", "--format", "json", "--force", "--note", "x", "1", "2", "3", "4",
    ]);
    let run = run.expect_code(4);
    assert_eq!(
        run.column("state"),
        ["skipped", "held", "skipped", "skipped"]
    );
    assert_eq!(partner.count(), 4);
    assert_eq!(desk.states(), ["rejected", "held", "in_doubt", "delivered"]);
    let amend = ["amend", "--to", "desk", "--ref", "id", "leads.csv"];
    desk.home.run(&amend).expect_code(2);
    desk.configure(&partner.base(), HASTY, "");
    let resend = ["resend", "--to", "desk", "--state", "held"];
    desk.home.run(&resend).expect_code(0);
    assert_eq!(desk.states()[1], "delivered");
}

#[test]
fn an_empty_inbox_sends_what_was_held() {
    let partner = willing();
    let desk = with_held(&partner, 2);
    let inbox = Inbox::of(&desk);
    desk.configure(&partner.base(), PAUSED, "");
    assert_eq!(inbox.send(&[]).expect_code(0).stdout, "");
    desk.configure(&partner.base(), HASTY, "");
    let run = inbox.send(&[]).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"; 2]);
    assert_eq!(inbox.send(&[]).expect_code(0).stdout, "");
    assert_eq!(persons(&partner), mails(&[1, 2]));
}
