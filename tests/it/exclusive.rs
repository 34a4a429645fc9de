//! A person goes to one destination of a group: `exclusive`.

use std::collections::HashSet;

use crate::common::desk::{Desk, export, persons, taken, then_willing, willing};
use crate::common::{Act, Gate, Home, Outcome, Partner, Running};

/// Two destinations of one group, and one of none.
struct Group {
    home: Home,
    north: Partner,
    south: Partner,
}

impl Group {
    fn of(north: Partner, south: Partner) -> Self {
        let home = Home::new();
        let table = |name: &str, base: String, group: &str| {
            format!(
                "[{name}]\nbase = \"{base}\"\nkey = [\"email\", \"phone\"]\n{group}\ntries = 2\nbackoff = \"1ms\"\n\
                 [{name}.fields]\nname = \"last_name\"\nemail = \"email\"\nphone = \"phone\"\n\
                 [{name}.send]\npath = \"/leads\"\n\
                 rules = [{{ when = {{ status = 201, \"/id\" = \"present\" }}, then = \"delivered\", reference = \"/id\" }}]\n"
            )
        };
        let group = "exclusive = \"solar\"";
        home.config(&format!(
            "[leadctl]\nledger = \"ledger.db\"\n{}{}{}",
            table("north", north.base(), group),
            table("south", south.base(), group),
            table("crm", south.base(), ""),
        ));
        Self { home, north, south }
    }

    fn start(&self, to: &str, file: &str) -> Running {
        self.home.start(&["send", "--to", to, "--json", file], b"")
    }

    fn send(&self, to: &str, file: &str) -> Outcome {
        self.start(to, file).finish()
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.home.run(arguments)
    }
}

#[test]
fn a_person_who_is_at_one_partner_is_kept_from_the_others() {
    let group = Group::of(willing(), willing());
    let head = "Nom;E-mail;Téléphone\n";
    let rows = [
        "A;lead1@example.fr;06 39 98 00 01",
        "B;lead2@example.fr;06 39 98 00 02",
    ];
    group
        .home
        .write("a.csv", format!("{head}{}\n{}\n", rows[0], rows[1]));
    group.send("north", "a.csv").expect_code(0);
    // The same address, the same number however it is written, and somebody else.
    let others = "C;LEAD1@example.fr;\nD;other@example.fr;+33 6 39 98 00 02\nE;lead5@example.fr;06 39 98 00 05\n";
    group.home.write("b.csv", format!("{head}{others}"));
    let dry = ["send", "--to", "south", "--json", "--dry-run", "b.csv"];
    let dry = group.run(&dry).expect_code(0);
    assert_eq!(dry.column("reason"), ["exclusive", "exclusive", "null"]);
    let run = group.send("south", "b.csv").expect_code(0);
    let states = ["filtered", "filtered", "delivered"];
    assert_eq!(run.column("state"), states);
    assert_eq!(run.column("reason")[0], "exclusive");
    let told = &run.column("message")[1];
    assert_eq!(
        told,
        "north has this person already, and no other of its group is to: lead 2 is delivered there"
    );
    assert_eq!(persons(&group.south), ["lead5@example.fr"]);
    // Nor by asking for it, and it is known by now.
    let resend = ["resend", "--state", "filtered", "--json"];
    let resent = group.run(&resend).expect_code(0);
    assert_eq!(resent.column("state"), ["filtered"; 2]);
    group.send("south", "b.csv").expect_code(0);
    // Who is of no group takes whom it is sent.
    group.send("crm", "b.csv").expect_code(0);
    assert_eq!(group.south.count(), 4);
    // A partner that gave a person back holds nobody.
    let back = ["resolve", "1", "--returned", "--note", "wrong number"];
    group.run(&back).expect_code(0);
    let run = group.send("south", "b.csv").expect_code(0);
    assert_eq!(run.column("state"), ["delivered", "filtered", "skipped"]);
    // Where every new lead is kept out, the run says so.
    group.home.write("c.csv", format!("{head}{}\n", rows[1]));
    group.send("south", "c.csv").expect_code(3);
}

#[test]
fn a_doubt_is_a_taken_place_until_it_is_ended() {
    let group = Group::of(then_willing(vec![Act::Reset]), willing());
    group.home.write("a.csv", export(1, 1));
    group.send("north", "a.csv").expect_code(4);
    let run = group.send("south", "a.csv").expect_code(3);
    assert_eq!(run.column("state"), ["filtered"]);
    let told = &run.column("message")[0];
    assert!(told.starts_with("north may have this person"), "{told}");
    assert_eq!(group.south.count(), 0);
    let no = ["resolve", "1", "--not-received"];
    group.run(&no).expect_code(0);
    let run = group.send("south", "a.csv").expect_code(0);
    assert_eq!(run.column("state"), ["delivered"]);
    // What failed at the first is kept from it now.
    let again = ["resend", "--to", "north", "--state", "failed", "--json"];
    let again = group.run(&again).expect_code(0);
    assert_eq!(again.column("state"), ["filtered"]);
    assert_eq!((group.north.count(), group.south.count()), (1, 1));
}

#[test]
fn what_is_in_flight_at_one_partner_is_waited_for_at_the_next() {
    for (status, state) in [(422, "delivered"), (201, "filtered")] {
        let gate = Gate::new();
        let held = gate.clone();
        let north = Partner::start(move |arrived| match status {
            201 => taken(arrived).held(&held),
            status => Act::json(status, "{}").held(&held),
        });
        let group = Group::of(north, willing());
        group.home.write("a.csv", export(1, 1));
        let first = group.start("north", "a.csv");
        group.north.await_count(1);
        let second = group.start("south", "a.csv");
        let taken_in = "SELECT count(*) FROM leads WHERE state = 'unsent'";
        let desk = Desk { home: group.home };
        desk.await_sql(taken_in, 1);
        assert_eq!(group.south.count(), 0);
        gate.release();
        first.finish();
        let run = second.finish().expect_code(0);
        assert_eq!(run.column("state"), [state], "{status}");
        assert_eq!(group.south.count(), usize::from(status == 422));
    }
}

#[test]
fn a_killed_run_leaves_a_doubt_that_keeps_the_person() {
    let gate = Gate::new();
    let held = gate.clone();
    let north = Partner::start(move |arrived| taken(arrived).held(&held));
    let group = Group::of(north, willing());
    group.home.write("a.csv", export(1, 1));
    let first = group.start("north", "a.csv");
    group.north.await_count(1);
    first.kill();
    let run = group.send("south", "a.csv");
    assert_eq!(run.column("state"), ["filtered"], "{}", run.stderr);
    assert_eq!(group.south.count(), 0);
    gate.release();
}

#[test]
fn two_runs_at_once_share_no_person() {
    let group = Group::of(willing(), willing());
    group.home.write("a.csv", export(1, 60));
    let runs = ["north", "south"].map(|to| group.start(to, "a.csv"));
    for run in runs {
        let run = run.finish();
        let states: HashSet<String> = run.column("state").into_iter().collect();
        let known = ["delivered", "filtered"].map(str::to_owned).into();
        assert!(states.is_subset(&known), "{}", run.stdout);
    }
    let mut arrived = persons(&group.north);
    arrived.extend(persons(&group.south));
    assert_eq!(arrived.len(), 60);
    assert_eq!(arrived.into_iter().collect::<HashSet<_>>().len(), 60);
}

#[test]
fn a_group_of_one_is_a_slip() {
    let desk = Desk::with("http://127.0.0.1:9", "exclusive = \"solar\"\n", "");
    let told = desk.send(&["a.csv"]).expect_code(2).stderr;
    let words = "no other destination is of the group \"solar\"";
    assert!(
        told.contains("partners.toml:") && told.contains(words),
        "{told}"
    );
}
