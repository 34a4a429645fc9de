//! `resolve --from`, killed at random moments: all of a file is said, or none of it.

use std::thread;
use std::time::Duration;

use super::delivered;
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
