//! What a partner says by other means than its API, by hand and from files.

mod files;
mod random;

use crate::common::desk::{Desk, HASTY, willing};
use crate::common::{Act, Outcome, Partner};

/// A lead of each state that a word may be said of: 1 in doubt, 2 delivered, 3 pending,
/// 4 rejected, 5 a duplicate.
fn one_of_each() -> (Partner, Desk) {
    let acts = [
        Act::Close,
        Act::json(201, r#"{"id":"R2"}"#),
        Act::json(202, r#"{"id":"R3"}"#),
        Act::json(422, "{}"),
        Act::json(409, r#"{"id":"R2"}"#),
    ];
    let partner = Partner::playing(acts.to_vec());
    let rules = r#"
        { when = { status = 202 }, then = "pending", reference = "/id" },
        { when = { status = 409 }, then = "duplicate", reference = "/id" },"#;
    let desk = Desk::with(&partner.base(), HASTY, rules);
    desk.export("leads.csv", 1, 5);
    desk.send(&["leads.csv"]).expect_code(4);
    assert_eq!(
        desk.states(),
        ["in_doubt", "delivered", "pending", "rejected", "duplicate"]
    );
    (partner, desk)
}

/// So many leads that were delivered.
fn delivered(count: usize, settings: &str) -> Desk {
    let partner = willing();
    let desk = Desk::with(&partner.base(), &format!("{HASTY}{settings}"), "");
    desk.export("leads.csv", 1, count);
    desk.send(&["leads.csv"]).expect_code(0);
    desk
}

fn say(desk: &Desk, words: &[&str]) -> Outcome {
    desk.home.run(&[&["resolve", "--json"], words].concat())
}

#[test]
fn each_word_is_said_of_what_it_can_be_said_of() {
    let possible = [
        ("--delivered", [0, 0, 0, 2, 0]),
        ("--not-received", [0, 2, 2, 2, 2]),
        ("--approved", [0, 0, 0, 0, 2]),
        ("--rejected", [0, 0, 0, 0, 2]),
        ("--returned", [0, 0, 0, 2, 2]),
    ];
    for (word, codes) in possible {
        let (partner, desk) = one_of_each();
        let before = desk.states();
        for ((id, code), was) in (1..).zip(codes).zip(&before) {
            let id: i32 = id;
            let run = say(&desk, &[&id.to_string(), word]).expect_code(code);
            let now = &desk.states()[usize::try_from(id).unwrap() - 1];
            if code == 2 {
                assert_eq!(now, was);
                assert!(run.stderr.contains("nothing was changed"), "{}", run.stderr);
            }
        }
        // Nothing of it is sent again, but what was not received.
        desk.send(&["leads.csv"]);
        let more = usize::from(word == "--not-received");
        assert_eq!(partner.count(), 5 + more, "{word}");
    }
}

#[test]
fn of_several_all_are_changed_or_none() {
    let (_partner, desk) = one_of_each();
    let before = desk.states();
    say(&desk, &["2", "3", "4", "--returned"]).expect_code(2);
    say(&desk, &["2", "3", "99", "--returned"]).expect_code(2);
    assert_eq!(desk.states(), before);
    let run = say(&desk, &["2", "3", "--returned", "--note", "faux numéro"]).expect_code(0);
    assert_eq!(run.column("state"), ["returned"; 2]);
    assert!(run.column("message")[0].contains("faux numéro"));
    // Once more is nothing new.
    say(&desk, &["2", "3", "--returned"]).expect_code(0);
    let said = "SELECT count(*) FROM attempts WHERE trigger = 'resolve'";
    desk.await_sql(said, 2);
}

#[test]
fn a_returned_lead_is_not_sent_again_unasked_and_is_nobodys_work() {
    let (partner, desk) = one_of_each();
    say(&desk, &["1", "2", "3", "--returned"]).expect_code(0);
    desk.send(&["leads.csv"]).expect_code(3);
    let history = ["history", "--state", "returned", "--json"];
    assert_eq!(desk.home.run(&history).column("id"), ["3", "2", "1"]);
    let status = desk.home.run(&["status", "--json"]).expect_code(0);
    assert_eq!(status.rows()[0]["states"]["returned"], 3);
    desk.home
        .run(&["resend", "--to", "desk", "2"])
        .expect_code(0);
    assert_eq!(partner.count(), 5);
    // They want it after all.
    desk.home
        .run(&["resend", "--to", "desk", "2", "--force", "--note", "asked"]);
    assert_eq!(partner.count(), 6);
}

#[test]
fn words_are_taken_back_one_after_the_other() {
    let (_partner, desk) = one_of_each();
    let all = "SELECT state || coalesce(message, '') || coalesce(decided_at, '') FROM leads";
    let rows = || crate::common::desk::column(&desk.sql(), all);
    let mut was = vec![rows()];
    for word in ["--rejected", "--approved", "--returned"] {
        say(&desk, &["3", word]).expect_code(0);
        was.push(rows());
    }
    while let Some(last) = was.pop() {
        assert_eq!(rows(), last);
        say(&desk, &["3", "--undo"]).expect_code(if was.is_empty() { 2 } else { 0 });
    }
    let history = desk.home.run(&["history", "3", "--json"]);
    let states = history.column("state");
    assert_eq!(
        states,
        [
            "pending", "rejected", "approved", "returned", "approved", "rejected", "pending"
        ]
    );
    assert!(history.column("started_at").is_sorted());
}

#[test]
fn what_comes_back_too_late_is_told_and_counts_on_ones_word() {
    let desk = delivered(3, "returns_within = \"7d\"\n");
    let old = "UPDATE leads SET sent_at = sent_at - 8 * 86400000 WHERE id <> 2";
    desk.sql().execute(old, []).unwrap();
    let run = say(&desk, &["1", "2", "--returned"]).expect_code(2);
    assert!(
        run.stderr.contains("could be returned until"),
        "{}",
        run.stderr
    );
    let command = run.stderr.lines().last().unwrap().trim();
    assert_eq!(command, "leadctl resolve 1 2 --returned --late");
    desk.home.write("back.csv", "id\n1\n2\n");
    let run = say(&desk, &["--from", "back.csv", "--returned"]).expect_code(3);
    assert_eq!(run.column("reason"), ["too_late", "null"]);
    let late = "leadctl resolve --json --from back.csv --returned --late\n";
    assert!(run.stderr.ends_with(late), "{}", run.stderr);
    assert_eq!(desk.states(), ["delivered", "returned", "delivered"]);
    say(&desk, &["1", "3", "--returned", "--late"]).expect_code(0);
    assert_eq!(desk.states(), ["returned"; 3]);
}
