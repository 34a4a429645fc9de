//! `history --runs`: when each run was, what it did, how it ended.

use serde_json::json;

use super::after_a_night;
use crate::common::desk::{Desk, taken};
use crate::common::{Gate, Partner};

#[test]
fn each_run_tells_what_it_did_and_how_it_ended() {
    let (_partner, desk) = after_a_night();
    desk.send(&["leads.csv"]).expect_code(4);
    let runs = desk
        .home
        .run(&["history", "--runs", "--json"])
        .expect_code(0);
    let rows = runs.rows();
    assert_eq!(runs.column("run"), ["2", "1"]);
    let names: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    let designed = [
        "run",
        "command",
        "destination",
        "started_at",
        "ended_at",
        "states",
        "exit",
        "killed",
    ];
    assert_eq!(names, designed);
    let first = json!({"delivered": 1, "pending": 1, "rejected": 1, "invalid": 1, "in_doubt": 1});
    assert_eq!(rows[1]["states"], first);
    assert_eq!(
        (&rows[1]["command"], &rows[1]["exit"]),
        (&json!("send"), &json!(4))
    );
    assert_eq!(rows[0]["states"]["skipped"], 4);
    let table = desk.home.run(&["history", "--runs", "--limit", "1"]);
    let table = table.expect_code(0);
    assert!(table.stdout.contains("4 skipped"), "{}", table.stdout);
    assert!(table.stderr.contains("… 1 more"), "{}", table.stderr);
    let none = ["history", "--runs", "--json", "--until", "yesterday"];
    assert_eq!(desk.home.run(&none).expect_code(0).stdout, "");
}

#[test]
fn a_run_at_work_and_one_that_was_killed_are_told_as_such() {
    let gate = Gate::new();
    let held = gate.clone();
    let partner = Partner::start(move |arrived| taken(arrived).held(&held));
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 2);
    let run = desk.start(&[&file]);
    gate.await_held(1);
    let shown = |told: &str, killed: bool| {
        let runs = desk
            .home
            .run(&["history", "--runs", "--json"])
            .expect_code(0);
        let row = &runs.rows()[0];
        assert_eq!(row["killed"], killed, "{row}");
        assert_eq!(
            (&row["ended_at"], &row["exit"]),
            (&json!(null), &json!(null))
        );
        let table = desk.home.run(&["history", "--runs"]).expect_code(0).stdout;
        assert!(table.contains(told), "{table}");
    };
    shown("at work now", false);
    run.kill();
    gate.release();
    shown("killed", true);
    // So it stays, once somebody found it.
    let status = desk.home.run(&["status", "--json"]).expect_code(4);
    assert_eq!(status.rows()[0]["last_run"]["killed"], true);
    shown("killed", true);
}
