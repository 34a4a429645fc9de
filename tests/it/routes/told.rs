//! What a person is told along a route, and what options do there.

use super::{Crossing, refused, taken};

const FIRST: &str = "first = [\"a\", \"b\"]";

fn crossing() -> Crossing {
    Crossing::new(FIRST, |to, who, arrived| match (to, super::number(who)) {
        ("a", 2) | (_, 3) => refused(),
        _ => taken(arrived),
    })
}

#[test]
fn a_table_says_where_each_lead_ended() {
    let crossing = crossing();
    crossing.home.write("leads.csv", super::export(&[1, 2, 3]));
    let run = crossing
        .run(&["send", "--to", "r", "leads.csv"])
        .expect_code(3);
    let ended = "where leads ended along r\n\
        3  Nom2  b: delivered (before: a rejected, hors zone)\n\
        4  Nom3  taken by nobody: a rejected, hors zone; b rejected, hors zone\n";
    assert!(run.stdout.ends_with(ended), "{}", run.stdout);
    assert!(
        run.stderr.contains("3 leads: 2 delivered, 1 rejected"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_quiet_run_tells_where_it_ended_and_once() {
    let crossing = crossing();
    let run = crossing.send(&[1, 2, 3], &["--quiet"]).expect_code(3);
    assert_eq!(run.column("destination"), ["b"]);
    assert!(run.stdout.contains("taken by nobody"), "{}", run.stdout);
    let again = crossing.send(&[1, 2, 3], &["--quiet"]).expect_code(0);
    assert_eq!((&*again.stdout, &*again.stderr), ("", ""));
}

#[test]
fn a_dry_run_shows_the_way_and_records_nothing() {
    let crossing = crossing();
    crossing.configure("first = [\"b\", \"a\"]", "", super::PICKY);
    let run = crossing.send(&[1, 2], &["--dry-run"]).expect_code(0);
    assert_eq!(run.column("destination"), ["b", "a", "b", "a"]);
    assert_eq!(
        run.column("state"),
        ["invalid", "ready", "invalid", "ready"]
    );
    assert_eq!(crossing.partner.count(), 0);
    assert!(!crossing.home.path().join("ledger.db").exists());
    // In its sandbox, each partner is simulated.
    let run = crossing.send(&[1], &["--sandbox"]);
    assert_eq!(run.column("destination"), ["b", "a"], "{}", run.stderr);
    assert_eq!(crossing.partner.count(), 0);
}

#[test]
fn a_dry_run_foresees_a_cap() {
    let crossing = crossing();
    crossing.configure(FIRST, "cap = [\"1/total\"]", "");
    let run = crossing.send(&[1, 4], &["--dry-run"]).expect_code(0);
    assert_eq!(run.column("destination"), ["a", "a", "b"], "{}", run.stdout);
    assert_eq!(run.column("state"), ["ready", "held", "ready"]);
}

#[test]
fn a_default_may_be_a_field_of_any_of_them() {
    let crossing = crossing();
    crossing.configure(FIRST, "", "[b.fields]\nlot = \"lot_number\"");
    let run = crossing
        .send(&[2], &["--default", "lot_number=7"])
        .expect_code(0);
    assert_eq!(run.column("destination"), ["a", "b"]);
    assert_eq!(crossing.partner.arrived()[1].json()["lot"], "7");
    crossing
        .send(&[2], &["--default", "lot_nmber=7"])
        .expect_code(2);
}

#[test]
fn guards_hold_along_a_route_too() {
    let crossing = crossing();
    let run = crossing.send(&[1, 4], &["--max-new", "1"]).expect_code(5);
    assert_eq!(run.column("state"), ["unsent", "unsent"]);
    assert!(run.stderr.contains("--max-new 1"), "{}", run.stderr);
    let run = crossing.send(&[1, 4], &["--limit", "1"]).expect_code(5);
    assert_eq!(crossing.got("a"), [1], "{}", run.stdout);
    let refused = crossing
        .send(&[1], &["--record-only", "--note", "x"])
        .expect_code(2);
    assert!(refused.stderr.contains("is a route"), "{}", refused.stderr);
}

#[test]
fn a_route_is_named_where_a_destination_may_be() {
    let crossing = crossing();
    let check = crossing.run(&["check", "--to", "r"]).expect_code(0);
    assert!(
        check.stderr.contains("2 of 2 destinations ready"),
        "{}",
        check.stderr
    );
    let list = crossing.run(&["list", "--to", "r"]).expect_code(2);
    assert!(
        list.stderr.contains("name one of these: a, b"),
        "{}",
        list.stderr
    );
}
