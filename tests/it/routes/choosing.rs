//! Which destination a lead is offered to: the first that takes it, each, or by shares.

use super::{Crossing, refused, taken};
use crate::common::Act;

const FIRST: &str = "first = [\"a\", \"b\", \"c\"]";

#[test]
fn the_first_that_takes_it_has_it_and_no_other_is_asked() {
    let crossing = Crossing::new(FIRST, |to, who, arrived| match (to, super::number(who)) {
        ("a", 2 | 3) | ("b", 3) => refused(),
        _ => taken(arrived),
    });
    let run = crossing.send(&[1, 2, 3], &[]).expect_code(0);
    assert_eq!(crossing.got("a"), [1, 2, 3]);
    assert_eq!(crossing.got("b"), [2, 3]);
    assert_eq!(crossing.got("c"), [3]);
    assert_eq!(run.column("destination"), ["a", "a", "a", "b", "b", "c"]);
    assert_eq!(
        run.column("state"),
        [
            "delivered",
            "rejected",
            "rejected",
            "delivered",
            "rejected",
            "delivered"
        ]
    );
    assert_eq!(run.column("route"), ["r"; 6]);

    // The same export again is nothing new, also where a row changed that b or c took.
    let again = crossing.send(&[1, 2, 3], &[]).expect_code(0);
    assert_eq!(again.column("state"), ["skipped"; 3]);
    assert_eq!(again.column("destination"), ["a", "b", "c"]);
    crossing
        .home
        .write("changed.csv", "Nom;E-mail\nAutre;lead3@example.fr\n");
    let changed = ["send", "--to", "r", "--json", "changed.csv"];
    assert_eq!(
        crossing.run(&changed).expect_code(0).column("state"),
        ["skipped"]
    );
    // To a alone, it is the one that c has all the same.
    let alone = ["send", "--to", "a", "--json", "changed.csv"];
    assert_eq!(
        crossing.run(&alone).expect_code(0).column("destination"),
        ["c"]
    );
    assert_eq!(crossing.partner.count(), 6);
}

#[test]
fn a_lead_that_nobody_took_is_told_as_such() {
    let crossing = Crossing::new(FIRST, |_, _, _| refused());
    let run = crossing.send(&[1], &[]).expect_code(3);
    assert_eq!(run.column("destination"), ["a", "b", "c"]);
    assert!(
        run.stderr.contains("1 lead was taken by nobody"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("history --to r"), "{}", run.stderr);
    let history = ["history", "--to", "r", "--state", "rejected", "--json"];
    assert_eq!(crossing.run(&history).expect_code(0).rows().len(), 3);
    let page = crossing.run(&["history", "3"]).expect_code(0).stdout;
    assert!(
        page.contains("r: a rejected (lead 1) → b rejected (lead 2) → c rejected"),
        "{page}"
    );

    let status = crossing.run(&["status"]).stdout;
    let told = "route r\n  where         0 a, 0 b, 0 c\n  nowhere       1\n";
    assert!(status.contains(told), "{status}");

    // A corrected row goes along the route once more.
    crossing
        .home
        .write("corrected.csv", "Nom;E-mail\nBon;lead1@example.fr\n");
    let again = ["send", "--to", "r", "--json", "corrected.csv"];
    crossing.run(&again).expect_code(3);
    assert_eq!(crossing.got("c"), [1, 1]);
}

#[test]
fn a_row_that_breaks_the_rules_of_one_is_offered_to_the_next() {
    let route = "first = [\"b\", \"a\"]";
    let crossing = Crossing::new(route, |_, _, arrived| taken(arrived));
    crossing.configure(route, "", super::PICKY);
    let run = crossing.send(&[1], &[]).expect_code(0);
    assert_eq!(run.column("state"), ["invalid", "delivered"]);
    assert!(crossing.got("b").is_empty());
    assert_eq!(crossing.got("a"), [1]);
}

#[test]
fn each_gets_it_where_all_are_meant() {
    let all = "all = [\"a\", \"b\"]";
    let crossing = Crossing::new(all, |to, _, arrived| match to {
        "a" => Act::Reset,
        _ => taken(arrived),
    });
    let run = crossing.send(&[1, 2], &[]).expect_code(4);
    assert_eq!(
        run.column("state"),
        ["in_doubt", "in_doubt", "delivered", "delivered"]
    );
    assert_eq!(crossing.got("b"), [1, 2]);
    crossing.send(&[1, 2], &[]).expect_code(4);
    assert_eq!(crossing.partner.count(), 4);
}

#[test]
fn a_lead_costs_once_however_many_are_sent_it() {
    for (route, refusing) in [("all = [\"a\", \"b\"]", "none"), (FIRST, "a")] {
        let crossing = Crossing::new(route, move |to, _, arrived| match to == refusing {
            true => refused(),
            false => taken(arrived),
        });
        let text = crossing.home.read("partners.toml");
        let fair = "{ amount = \"45.00\", when = { source = \"fair\" } }";
        let price = format!("jobs = 1\nprice = [{{ amount = \"35.00\" }}, {fair}]\n");
        let text = text.replace("jobs = 1\n", &price);
        crossing
            .home
            .config(&format!("{text}\n[sources.fair]\ncost = \"12.00\"\n"));
        crossing.send(&[1, 2], &["--source", "fair"]).expect_code(0);
        let report = crossing.run(&["report", "--by", "route", "--json"]);
        assert_eq!(report.rows()[0]["cost"], "24.00", "{route}");
        // Where it comes from, its price knows, too.
        let amount = if refusing == "a" { "90.00" } else { "180.00" };
        assert_eq!(report.rows()[0]["amount"], amount, "{route}");
    }
}

#[test]
fn what_is_for_none_of_them_is_told() {
    let all = "all = [\"a\", \"b\"]";
    let crossing = Crossing::new(all, |_, _, arrived| taken(arrived));
    let only = |mail: &str| format!("only = [{{ email = \"{mail}@example.fr\" }}]");
    crossing.configure(all, &only("lead1"), &only("lead2"));
    let run = crossing.send(&[1, 2], &[]).expect_code(0);
    assert_eq!(
        run.column("state"),
        ["filtered", "filtered", "delivered", "delivered"]
    );
    let run = crossing.send(&[1, 2, 3], &[]).expect_code(3);
    assert_eq!(run.rows().len(), 6);
    // Of one after the other, too.
    let first = "first = [\"a\", \"b\"]";
    let crossing = Crossing::new(first, |_, _, arrived| taken(arrived));
    crossing.configure(first, &only("lead1"), &only("lead2"));
    let run = crossing.send(&[4], &[]).expect_code(3);
    assert_eq!(run.column("reason"), ["only", "only"]);
    assert!(run.stderr.contains("taken by nobody"), "{}", run.stderr);
}

#[test]
fn shares_hold_over_what_was_taken_across_runs() {
    let split = "split = { a = 3, b = 1 }";
    let crossing = Crossing::new(split, |to, who, arrived| match (to, super::number(who)) {
        ("a", 1..=4) => refused(),
        _ => taken(arrived),
    });
    let leads: Vec<usize> = (1..=40).collect();
    crossing.send(&leads, &[]).expect_code(0);
    // Of 30 leads that were a's, it refused some, which b took.
    assert_eq!(crossing.got("a").len(), 30);
    let taken = |to| {
        let offers = crossing.offers().into_iter();
        offers
            .filter(|it| it.starts_with(to) && it.ends_with("delivered"))
            .count()
    };
    let (a, b) = (taken("a"), taken("b"));
    assert_eq!(a + b, 40);
    assert!(a < 30, "{a}");
    // The next run makes that good, and each lead is once in the world.
    let more: Vec<usize> = (1..=80).collect();
    crossing.send(&more, &[]).expect_code(0);
    assert_eq!((taken("a"), taken("b")), (60, 20));
}

#[test]
fn one_that_stands_there_twice_is_offered_to_one() {
    let split = "split = { a = 1, b = 1 }";
    let crossing = Crossing::new(split, |_, _, arrived| taken(arrived));
    crossing.send(&[1, 1, 2, 2, 1], &[]).expect_code(0);
    assert_eq!((crossing.got("a"), crossing.got("b")), (vec![1], vec![2]));
}
