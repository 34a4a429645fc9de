//! Files of answers at random: killed in their midst, all of a file is said or none of it;
//! read again, they change nothing, whatever was said meanwhile.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use super::delivered;
use super::files::{persons, say_from};
use crate::common::Home;
use crate::common::desk::{Desk, column};
use crate::random_kills::dice::Dice;
use crate::random_kills::{clock, number};

const LEADS: usize = 400;

/// How many leads are returned.
fn returned(desk: &Desk) -> usize {
    let states = desk.states();
    states.iter().filter(|state| *state == "returned").count()
}

#[test]
fn all_of_a_file_is_said_or_none_of_it() {
    let seed = number("LEADCTL_SEED").unwrap_or_else(clock);
    let mut dice = Dice::new(seed);
    let desk = delivered(LEADS, "");
    let rows: String = (1..=LEADS).map(|id| format!("{id}\n")).collect();
    desk.home.write("back.csv", format!("id\n{rows}"));
    let say = ["resolve", "--from", "back.csv", "--returned"];
    let verbs = [&say[..], &["resolve", "--from", "undo.csv", "--undo"]];
    desk.home.write(
        "undo.csv",
        format!("id,outcome\n{}", rows.replace('\n', ",returned\n")),
    );
    for _ in 0..30 {
        let is_back = returned(&desk) == LEADS;
        let run = desk.home.start(verbs[usize::from(is_back)], "");
        thread::sleep(Duration::from_micros(dice.below(120_000)));
        run.kill();
        let count = returned(&desk);
        assert!(
            count == 0 || count == LEADS,
            "seed {seed}: {count} of {LEADS}"
        );
        let words = "SELECT cast(count(*) AS TEXT) FROM attempts WHERE trigger = 'resolve'";
        let words: usize = column(&desk.sql(), words)[0].parse().unwrap();
        assert!(words.is_multiple_of(LEADS), "seed {seed}: {words} words");
    }
    // What a kill cut off is said by the next run.
    if returned(&desk) == 0 {
        desk.home.run(verbs[0]).expect_code(0);
    }
    assert_eq!(returned(&desk), LEADS);
    desk.home.run(verbs[1]).expect_code(0);
    assert_eq!(returned(&desk), 0);
}

/// What each lead is, by its id.
fn states_by_id(home: &Home) -> BTreeMap<String, String> {
    let rows = home.run(&["history", "--json"]);
    rows.column("id")
        .into_iter()
        .zip(rows.column("state"))
        .collect()
}

/// One of these.
fn one<'t>(dice: &mut Dice, of: &[&'t str]) -> &'t str {
    of[usize::try_from(dice.below(of.len() as u64)).unwrap()]
}

/// Few addresses and numbers, so that many leads share one.
const ADDRESSES: [&str; 4] = ["", "lea@example.fr", "jean@example.fr", "ana@example.fr"];
const NUMBERS: [&str; 4] = ["", "0639980001", "0639980002", "0639980003"];

#[test]
fn a_file_that_is_read_again_changes_nothing() {
    let seed = number("LEADCTL_SEED").unwrap_or_else(clock);
    let mut dice = Dice::new(seed);
    for _ in 0..6 {
        let leads: String = ADDRESSES[1..]
            .iter()
            .flat_map(|address| NUMBERS[1..].iter().map(move |number| (address, number)))
            .filter(|_| dice.below(3) > 0)
            .map(|(address, number)| format!("{address};{number}\n"))
            .collect();
        let (_partner, home) = persons(&leads, "");
        let words = [
            "approved",
            "rejected",
            "returned",
            "not received",
            "delivered",
            "",
        ];
        let mut rows = String::new();
        for _ in 0..8 {
            let email = one(&mut dice, &ADDRESSES);
            let phone = one(&mut dice, &NUMBERS);
            let reference = one(&mut dice, &["", "", "1", "2", "3"]);
            let word = one(&mut dice, &words);
            let nobody = [email, phone, reference].concat().is_empty();
            if !nobody {
                rows.push_str(&format!("{email},{phone},{reference},{word}\n"));
            }
        }
        home.write("said.csv", format!("email,phone,reference,outcome\n{rows}"));
        let first = say_from(&home, &[]);
        if first.code == Some(2) {
            // Two rows contradict each other.
            assert!(
                states_by_id(&home)
                    .values()
                    .all(|state| state == "delivered")
            );
            continue;
        }
        let told = |field: &str| first.column(field).into_iter();
        let done = told("id").zip(told("message"));
        let done: Vec<String> = done
            .filter(|(_, message)| message.starts_with("decided by hand"))
            .map(|(id, _)| id)
            .collect();
        let after = states_by_id(&home);
        say_from(&home, &[]);
        assert_eq!(states_by_id(&home), after, "seed {seed}: {rows}");
        for id in after.keys() {
            let word = one(&mut dice, &["--approved", "--rejected", "--returned"]);
            home.run(&["resolve", id, word]);
        }
        let before = states_by_id(&home);
        say_from(&home, &[]);
        let again = states_by_id(&home);
        for id in done {
            assert_eq!(again[&id], before[&id], "seed {seed}: {rows}");
        }
    }
}
