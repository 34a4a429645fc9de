//! The options that hold leads back: what is not sent is stored, and sent once
//! by a later run.

use crate::common::desk::{Desk, HASTY, persons, willing};
use crate::common::{Act, Partner};

#[test]
fn limit_sends_the_first_new_ones() {
    let partner = willing();
    let desk = Desk::with(&partner.base(), "jobs = 4\n", "");
    let file = desk.export("leads.csv", 1, 10);
    for (run, left) in [(1, 6), (2, 2), (3, 0)] {
        let code = if left > 0 { 5 } else { 0 };
        let told = desk.send(&["--limit", "4", &file]).expect_code(code);
        let unsent = told
            .column("state")
            .iter()
            .filter(|state| *state == "unsent")
            .count();
        assert_eq!(unsent, left, "{}", told.stdout);
        assert_eq!(partner.count(), (4 * run).min(10));
    }
    assert_eq!(desk.states(), ["delivered"; 10]);
}

#[test]
fn max_sends_nothing_if_there_are_more() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 5);
    let run = desk.send(&["--max-new", "4", &file]).expect_code(5);
    assert!(run.stderr.contains("5 leads are new"), "{}", run.stderr);
    assert_eq!(
        (partner.count(), desk.states()),
        (0, vec!["unsent".to_owned(); 5])
    );
    desk.send(&["--max-new", "5", &file]).expect_code(0);
    // Nothing is new any more, however many there are.
    let more = desk.export("more.csv", 1, 6);
    desk.send(&["--max-new", "1", &more]).expect_code(0);
    assert_eq!(partner.count(), 6);
}

#[test]
fn strict_sends_nothing_if_one_is_invalid() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let rows = "Nom;E-mail\nA;a@example.fr\nB;\nC;c@example.fr\n";
    let file = desk.home.write("leads.csv", rows);
    let file = file.to_str().unwrap();
    let run = desk.send(&["--strict", file]).expect_code(3);
    assert!(run.stderr.contains("line 3"), "{}", run.stderr);
    assert_eq!(
        (partner.count(), desk.states()),
        (
            0,
            ["unsent", "invalid", "unsent"].map(str::to_owned).to_vec()
        )
    );
    desk.send(&[file]).expect_code(3);
    assert_eq!(persons(&partner), ["a@example.fr", "c@example.fr"]);
}

#[test]
fn strict_and_max_count_standard_input_too() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let rows = crate::common::desk::export(1, 3);
    desk.pipe(&["--max-new", "2", "-"], &rows)
        .finish()
        .expect_code(5);
    assert_eq!((partner.count(), desk.states().len()), (0, 3));
    desk.pipe(&["--max-new", "3", "--strict", "-"], &rows)
        .finish()
        .expect_code(0);
    assert_eq!(partner.count(), 3);
}

#[test]
fn lines_are_the_only_ones_read() {
    let partner = willing();
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 9);
    let run = desk.send(&["--lines", "2,5-6", &file]).expect_code(0);
    assert_eq!(run.column("line"), ["2", "5", "6"]);
    assert_eq!(
        persons(&partner),
        ["lead1@example.fr", "lead4@example.fr", "lead5@example.fr"]
    );
    desk.send(&[&file]).expect_code(0);
    assert_eq!(partner.count(), 9);
}

#[test]
fn record_only_sends_nothing_now_or_later() {
    let partner = Partner::always(Act::json(201, "{\"id\":1}"));
    let desk = Desk::with(&partner.base(), HASTY, "");
    let file = desk.export("leads.csv", 1, 3);
    let note = ["--record-only", "--note", "sent by hand in October", &file];
    let run = desk.send(&note).expect_code(0);
    assert_eq!(run.column("state"), ["delivered"; 3]);
    assert!(run.column("message")[0].contains("sent by hand in October"));
    let run = desk.send(&[&file]).expect_code(0);
    assert_eq!(run.column("state"), ["skipped"; 3]);
    assert_eq!(partner.count(), 0);
    // It settles no doubt and overrides no outcome.
    desk.send(&note).expect_code(0);
    assert_eq!(desk.states(), ["delivered"; 3]);
}

#[test]
fn record_only_never_settles_a_doubt() {
    let partner = Partner::always(Act::Close);
    let desk = Desk::at(&partner.base());
    let file = desk.export("leads.csv", 1, 1);
    desk.send(&[&file]).expect_code(4);
    desk.send(&["--record-only", "--note", "so they say", &file])
        .expect_code(4);
    assert_eq!(desk.states(), ["in_doubt"]);
}
